package redact_test

import (
	"encoding/base64"
	"testing"
)

// A variable does not always hold exactly what goes over the wire.
func TestWhatIsSentOfAValue(t *testing.T) {
	t.Parallel()
	basic := base64.StdEncoding.EncodeToString([]byte("anna:s3cr3t-value"))
	for value, texts := range map[string]map[string]string{
		"s3cr3t-value\n":           {"got s3cr3t-value": "got «NAME»", "got s3cr3t-value\nand": "got «NAME»and"},
		"  s3cr3t-value\t":         {"got s3cr3t-value": "got «NAME»"},
		"Bearer s3cr3t-value":      {"unknown credential s3cr3t-value": "unknown credential «NAME»", "got Bearer s3cr3t-value": "got «NAME»"},
		"bearer  s3cr3t-value\r\n": {"got s3cr3t-value.": "got «NAME»."},
		"Token s3cr3t-value":       {`{"got":"s3cr3t-value"}`: `{"got":"«NAME»"}`},
		"Basic " + basic:           {"got " + basic: "got «NAME»", "anna may not enter with s3cr3t-value": "anna may not enter with «NAME»"},
		"Basic":                    {"a basic Basic": "a basic «NAME»"},
		"Basic of":                 {"a Basic sort of thing": "a Basic sort of thing"},
	} {
		for text, want := range texts {
			if got := hide("NAME", value, text); got != want {
				t.Errorf("%q: %q became %q, want %q", value, text, got, want)
			}
		}
	}
	known := knows("NAME", " s3cr3t-value\n")
	if known.NameOf("s3cr3t-value") != "NAME" || known.NameOf(" s3cr3t-value\n") != "NAME" {
		t.Error("a value without its blanks has no name")
	}
}
