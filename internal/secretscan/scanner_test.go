package secretscan_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/launchready/readiness/internal/secretscan"
)

const (
	hexDigits = "0123456789abcdef"
	letters   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	base62    = letters + "0123456789"
	base64url = base62 + "-_"
	base32    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// draw makes the secrets of these tests, so that none stands in a file. The
// same seed gives the same one.
func draw(alphabet string, n int, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 20))
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func scan(t testing.TB, text string) []secretscan.Finding {
	t.Helper()
	var s secretscan.Scanner
	found, err := s.Scan("app.env", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// rules lists the findings as "line rule".
func rules(found []secretscan.Finding) string {
	var list []string
	for _, f := range found {
		list = append(list, fmt.Sprintf("%d %s", f.Line, f.Rule))
	}
	return strings.Join(list, ", ")
}

func github(seed uint64) string { return "ghp" + "_" + draw(base62, 36, seed) }

func TestLines(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"empty", "", ""},
		{"first", github(1), "1 github-token"},
		{"last without a line break", "a\nb\n" + github(1), "3 github-token"},
		{"carriage returns", "a\r\nb\r\n" + github(1) + "\r\n", "3 github-token"},
		{"two on a line", github(1) + " " + github(2), "1 github-token, 1 github-token"},
		{"escaped line breaks before", `a\n` + github(1) + `\n`, "1 github-token"},
		{"escaped for a URL", "?a=%3D" + github(1) + "%26", "1 github-token"},
		{"escaped for JSON", `?a\u0026` + github(1) + `\u0026`, "1 github-token"},
		{"in color", "\x1b[1;32m" + github(1) + "\x1b[0m", "1 github-token"},
		{"in a word that ends with m", "[1;32m" + github(1), ""},
		{"a name of the same place", `token = "` + github(1) + `"`, "1 github-token"},
		{"allowed", github(1) + " // readiness:allow\n" + github(2), "2 github-token"},
		{"allowed before", "/* readiness:allow */ x = " + github(1), ""},
		{"allowed on the line before", "readiness:allow\n" + github(1), "2 github-token"},
		{"allowed too far away", github(1) + strings.Repeat(" ", 5000) + "readiness:allow", "1 github-token"},
		{"not UTF-8", "\xff\xfe" + github(1) + "\xff", "1 github-token"},
		{"after a byte 0", "\x00" + github(1), "1 github-token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := rules(scan(t, tt.text)); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestEveryPlaceOfAChunk moves a secret over the end of a chunk, byte by byte.
func TestEveryPlaceOfAChunk(t *testing.T) {
	t.Parallel()
	for shift := range 80 {
		text := strings.Repeat("x\n", 10_000) + strings.Repeat(".", shift) + github(1) + "\n" + strings.Repeat("y\n", 10_000)
		found, err := secretscan.ScanIn(40, "app.env", iotest.OneByteReader(strings.NewReader(text)))
		if err != nil || rules(found) != "10001 github-token" {
			t.Fatalf("shift %d: %q, %v", shift, rules(found), err)
		}
	}
}

// TestOneEndlessLine reads more than would fit where the line was kept, and
// finds what stands in it. It is alone, to count what it allocates.
func TestOneEndlessLine(t *testing.T) {
	size := 64 << 20
	if testing.Short() {
		size = 8 << 20
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var s secretscan.Scanner
	found, err := s.Scan("app.min.js", io.MultiReader(io.LimitReader(filler{}, int64(size)), strings.NewReader(";"+github(1)+";"), io.LimitReader(filler{}, 1<<20)))
	runtime.ReadMemStats(&after)
	if err != nil || rules(found) != "1 github-token" {
		t.Errorf("%q, %v", rules(found), err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > uint64(size)/2 {
		t.Errorf("%d bytes were allocated for a text of %d", got, size)
	}
}

// filler is JavaScript without a line break and without an end.
type filler struct{}

func (filler) Read(p []byte) (int, error) {
	const code = `var a=function(b){return b.length||c("path",b)};`
	n := 0
	for n < len(p) {
		n += copy(p[n:], code)
	}
	return n, nil
}

func TestReaderThatFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var s secretscan.Scanner
	found, err := s.Scan("app.log", io.MultiReader(strings.NewReader("a\n"+github(1)+"\n"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "line 3: ") || rules(found) != "2 github-token" {
		t.Errorf("%q, %v", rules(found), err)
	}
	// The scanner is as good as new.
	if found, err := s.Scan("app.log", strings.NewReader(github(2))); err != nil || rules(found) != "1 github-token" {
		t.Errorf("%q, %v", rules(found), err)
	}
}

func TestTooMany(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	for i := range 3 * secretscan.MaxFindings {
		text.WriteString(github(uint64(i)) + "\n")
	}
	var s secretscan.Scanner
	found, err := s.Scan("app.log", &text)
	if !errors.Is(err, secretscan.ErrTooMany) || len(found) != secretscan.MaxFindings {
		t.Errorf("%d findings, %v", len(found), err)
	}
}

func TestBinary(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, head string
		want       bool
	}{
		{"empty", "", false},
		{"text", "package main\n", false},
		{"image", "\x89PNG\r\n\x1a\n\x00\x00", true},
		{"UTF-16", "\xff\xfea\x00\n\x00", false},
		{"UTF-16 without a mark", "\x00p\x00a\x00s\x00s", false},
		{"a mark alone", "\xff\xfe\x00\x00\x01\x02", true},
		{"sound", strings.Repeat("\x00\xf3\x00\x12", 100), true},
		{"byte 0 further on", strings.Repeat("a", secretscan.HeadSize) + "\x00", false},
	} {
		if got := secretscan.Binary([]byte(tt.head)); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
