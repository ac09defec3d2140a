package secretscan_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/launchready/readiness/internal/secretscan"
)

// FuzzScan holds the scan of a stream in small pieces against the one of the
// whole text, and what is shown against what may be.
func FuzzScan(f *testing.F) {
	for _, form := range forms() {
		f.Add("a\n"+form.make(1)+"\n", uint16(3))
	}
	for _, v := range valued() {
		f.Add(strings.Replace(v.format, "%s", draw(v.alphabet, v.n, 3), 1), uint16(0))
	}
	for _, text := range []string{
		"", "\n", "postgres://a:" + "BlueWhale7@db.acme.com", "a:BlueWhale7" + "@tcp(db.acme.com)", "host=db.acme.com pass" + "word=BlueWhale7",
		dashes + "BEGIN EC PRIVATE KEY" + dashes + "\nMHcCAQEEI" + draw(base62, 60, 1), "token=token=token=" + draw(base62, 30, 1), "readiness:allow " + github(1),
		string(encode(binary.LittleEndian, "\uFEFFa\n"+github(1))), "log\n" + string(encode(binary.LittleEndian, github(1)+"\r\n")) + "log", "A=" + github(1) + "\x00B=1\x00",
		"basic Basic " + draw(base62, 40, 1), "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyIn0." + draw(base62, 43, 1),
	} {
		f.Add(text, uint16(1))
	}
	f.Fuzz(func(t *testing.T, text string, chunk uint16) {
		// Enough before it that the buffer has to move.
		text = strings.Repeat("-\n", int(chunk%3)*8000) + text
		whole, err := secretscan.ScanIn(1<<20, "a", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		pieces, err := secretscan.ScanIn(int(chunk)+1, "a", iotest.HalfReader(strings.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(whole, pieces) {
			t.Errorf("whole:  %v\npieces: %v", whole, pieces)
		}
		last := 0
		for _, x := range whole {
			shown, ok := strings.CutSuffix(x.Masked, "…")
			if !ok || len(shown) > 4 || !strings.Contains(strings.ReplaceAll(text, "\x00", ""), shown) {
				t.Errorf("shown: %q", x.Masked)
			}
			if x.Rule == "connection-password" && shown != "" {
				t.Errorf("of a password: %q", x.Masked)
			}
			if x.Line < last || x.Line > strings.Count(text, "\n")+1 {
				t.Errorf("line %d after line %d", x.Line, last)
			}
			last = x.Line
			if i, err := secretscan.ParseIgnored([]byte(x.Fingerprint)); err != nil || !i.Has(x.Fingerprint) {
				t.Errorf("%s: %v", x.Fingerprint, err)
			}
		}
	})
}

// FuzzMask: whatever a secret is, at most four of its characters are shown,
// and only of a long one.
func FuzzMask(f *testing.F) {
	f.Add("", "a", false)
	f.Add(github(1), "a b#c", true)
	f.Add("\xff\xfe", "\n", false)
	f.Fuzz(func(t *testing.T, secret, name string, password bool) {
		shown, ok := strings.CutSuffix(secretscan.Mask(secret, password), "…")
		if !ok || len(shown) > 4 || !strings.HasPrefix(secret, shown) || shown != "" && (password || len(secret) < 20) {
			t.Errorf("%q of %q", shown, secret)
		}
		print := secretscan.Fingerprint("rule", name, secret)
		if !utf8.ValidString(print) || strings.ContainsAny(print, " \n\r\t#") {
			t.Errorf("%q", print)
		}
	})
}

// FuzzParseIgnored: what is accepted consists of fingerprints and comments,
// and every fingerprint in it counts.
func FuzzParseIgnored(f *testing.F) {
	for _, s := range []string{"", "# a\n", "github-token:a:1f2e3d # b\r\n", "a-b::000000", "x", "\uFEFF", "a:b", "a:b c:000000", "\xff:a:000000"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		i, err := secretscan.ParseIgnored(text)
		for line := range bytes.Lines(bytes.TrimPrefix(text, []byte("\uFEFF"))) {
			entry, _, _ := strings.Cut(string(line), "#")
			if entry = strings.TrimSpace(entry); entry != "" && i.Has(entry) != (err == nil) {
				t.Errorf("%q: %v, %v", entry, i.Has(entry), err)
			}
		}
	})
}

// FuzzAutomaton holds the automaton against a search for every keyword.
func FuzzAutomaton(f *testing.F) {
	f.Add("he she his hers", "ushers and SHE")
	f.Add("a ab abc bc c", "abcab")
	f.Add("aa aaa", "aaaaa")
	f.Add(strings.Join(secretscan.Keywords(), " "), "GHP_ghp_postgres://secret_access_key")
	f.Fuzz(func(t *testing.T, list, text string) {
		text = text[:min(len(text), 200)]
		var words []string
		for w := range strings.FieldsSeq(list) {
			if w = strings.ToLower(w); len(w) < 40 && len(words) < 100 && !slices.Contains(words, w) && ascii(w) {
				words = append(words, w)
			}
		}
		var want [][2]int
		small := []byte(text)
		for i, c := range small {
			if 'A' <= c && c <= 'Z' {
				small[i] = c - 'A' + 'a'
			}
		}
		for end := 1; end <= len(small); end++ {
			for n := end; n > 0; n-- {
				if slices.Contains(words, string(small[end-n:end])) {
					want = append(want, [2]int{end, n})
				}
			}
		}
		if got := secretscan.Ends(words, []byte(text)); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
