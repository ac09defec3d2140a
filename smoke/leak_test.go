package smoke_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/launchready/readiness/smoke"
)

// The secrets of these tests are put together when they run, so that none
// stands in a file.
var (
	secretToken = "gh" + "p_" + "9fK2mQx7RtB4vNcW8" + "zLhJ3sYdPa6UeG1TrX5"
	secretURL   = "postgres://app:" + "BlueWhale7" + "@db.acme.com/app"
)

func TestScan(t *testing.T) {
	t.Parallel()
	leaks, err := smoke.Scan(strings.NewReader("deploying\n\nDATABASE_URL=" + secretURL + "\ntoken " + secretToken + " is set\nTOKEN=" + secretToken + " # readiness:allow\n"))
	if err != nil || len(leaks) != 2 {
		t.Fatal(leaks, err)
	}
	if l := leaks[0]; l.Rule != "connection-password" || l.File != "" || l.Line != 3 || l.Masked != "…" {
		t.Errorf("%+v", l)
	}
	if l := leaks[1]; l.Rule != "github-token" || l.Line != 4 || l.Masked != "ghp_…" {
		t.Errorf("%+v", l)
	}
	if got := leaks[1].String(); got != "line 4: github-token: ghp_…" { // no file of fingerprints is for it
		t.Error(got)
	}
	text, err := json.Marshal(leaks[1])
	if err != nil || !strings.HasPrefix(string(text), `{"rule":"github-token","file":"","line":4,"masked":"ghp_…","fingerprint":"github-token::`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestScanOfBytesZero(t *testing.T) {
	t.Parallel()
	wide := string(inUTF16(secretToken))
	for name, text := range map[string]string{
		"before": "\x00\n" + secretToken, "between": "a\x00b\n" + secretToken + "\x00", "UTF-16": "\xff\xfe\n\x00" + wide, "in parts": "deploying it\n" + wide + "done\n",
	} {
		if leaks, err := smoke.Scan(strings.NewReader(text)); err != nil || places(leaks) != ":2 github-token" {
			t.Errorf("%s: %v, %v", name, leaks, err)
		}
	}
}

func TestScanOfAReaderThatFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	leaks, err := smoke.Scan(io.MultiReader(strings.NewReader(secretToken+"\n"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "smoke: scan: line 2: ") || len(leaks) != 1 {
		t.Error(leaks, err)
	}
}

func TestLeakString(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"a/b c.env":   "a/b c.env:7: r: … (fingerprint f)",
		"a\n\x1b[31m": `"a\n\x1b[31m":7: r: … (fingerprint f)`,
		"\xff":        `"\xff":7: r: … (fingerprint f)`,
	} {
		if got := (smoke.Leak{Rule: "r", File: file, Line: 7, Masked: "…", Fingerprint: "f"}).String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
