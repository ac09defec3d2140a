package secretscan_test

import (
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/secretscan"
)

func TestMask(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		secret   string
		password bool
		want     string
	}{
		{"", false, "…"},
		{"short", false, "…"},
		{strings.Repeat("a", 19), false, "…"},
		{"abcdefghijklmnopqrst", false, "abcd…"},
		{"abcdefghijklmnopqrst", true, "…"},
		{"ab\x1bdefghijklmnopqrst", false, "…"},
		{"äbcdefghijklmnopqrst", false, "…"},
	} {
		if got := secretscan.Mask(tt.secret, tt.password); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.secret, got, tt.want)
		}
	}
}

func TestFingerprints(t *testing.T) {
	t.Parallel()
	one := secretscan.Fingerprint("github-token", "a/b.env", "secret")
	if !strings.HasPrefix(one, "github-token:a/b.env:") || len(one) != len("github-token:a/b.env:")+6 {
		t.Error(one)
	}
	for _, other := range []string{
		secretscan.Fingerprint("github-token", "a/b.env", "secret2"), secretscan.Fingerprint("github-token", "a/c.env", "secret"), secretscan.Fingerprint("npm-token", "a/b.env", "secret"),
	} {
		if other == one || other[len(other)-6:] == one[len(one)-6:] {
			t.Errorf("%s and %s", one, other)
		}
	}
	// A finding has the same one on any line, and it may be written down
	// whatever the path is.
	a, b := scan(t, github(1)), scan(t, "\n\n\t"+github(1))
	if a[0].Fingerprint != b[0].Fingerprint || a[0].Line == b[0].Line {
		t.Errorf("%+v and %+v", a, b)
	}
	for _, name := range []string{"", "a b", "a\nb", "a#b", "a:b", "ä", "\xff", "a%20b", " ", "\u2028", "\u00a0", "\x1b[31m"} {
		print := secretscan.Fingerprint("github-token", name, "secret")
		ignored, err := secretscan.ParseIgnored([]byte("# why\n" + print + " # too\r\n"))
		if err != nil || !ignored.Has(print) {
			t.Errorf("%q: %q, %v", name, print, err)
		}
	}
	if secretscan.Fingerprint("r", "a b", "s")[:9] == secretscan.Fingerprint("r", "a%20b", "s")[:9] {
		t.Error("two paths have one name")
	}
}
