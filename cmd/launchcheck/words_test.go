package main_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/dnstest"
)

// TestNothingToCheckIsNoSuccess holds that a declaration without anything that
// was asked for is an error of the command line.
func TestNothingToCheckIsNoSuccess(t *testing.T) {
	t.Parallel()
	empty, domain := file(t, "site.json", "{}"), file(t, "site.json", `{"domain":"acme.example"}`)
	vars := file(t, ".env", "A=1\n")
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"empty", []string{"-config", empty}, "neither domain nor env"},
		{"environment alone", []string{"-config", domain, "-only", "env"}, "none under env"},
		{"never", []string{"-config", empty, "-fail-on", "never"}, "nothing to check"},
		{"a file of variables and mail", []string{"-config", empty, "-env-file", vars, "-only", "mail"}, "-only mail needs a domain"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := start(nil, tt.args...)
			if status != 2 || stdout != "" || !strings.Contains(stderr, tt.want) || strings.Contains(stderr, "no variable is declared") {
				t.Errorf("status %d, %q, %q", status, stdout, stderr)
			}
		})
	}
}

// TestEnvironmentAloneAssumesNothing holds that where nothing is looked at,
// nothing is said to be assumed, and no question is put.
func TestEnvironmentAloneAssumesNothing(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for _, format := range []string{"text", "json"} {
		status, stdout, stderr := start(nil, "-only", "env", "-format", format, "-resolver", silent.LocalAddr().String(), "acme.example")
		if status != 2 || stdout != "" || strings.Contains(stderr, "assumed") {
			t.Errorf("status %d, %q, %q", status, stdout, stderr)
		}
	}
	if err := silent.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, _, err := silent.ReadFrom(make([]byte, 512)); err == nil {
		t.Errorf("a question of %d bytes was put", n)
	}
}

func TestWordsOfOptions(t *testing.T) {
	t.Parallel()
	_, _, stderr := start(nil, "-timeout", "10", "acme.example")
	if !strings.Contains(stderr, "write 10s") {
		t.Errorf("got %q", stderr)
	}
	_, _, stderr = start(nil, "-cacert", file(t, "ca.pem", "no"), "acme.example")
	if !strings.Contains(stderr, "-cacert: ") {
		t.Errorf("got %q", stderr)
	}
	_, help, _ := start(nil, "-h")
	for _, want := range []string{"dns_only", "origins", "redirects", "cloudflare_ranges", "mail_provider", "last_good_release", "approves_changes", "canonical   ", "proxied   "} {
		if !strings.Contains(help, want) {
			t.Errorf("-h does not say %q", want)
		}
	}
}

// TestBlindSaysWhatToTry holds that a run without answers names whom it asked,
// and shows one cause once.
func TestBlindSaysWhatToTry(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	resolver := silent.LocalAddr().String()
	config := file(t, "site.json", `{"domain":"acme.example","hosts":["@","www","app","api"]}`)
	status, stdout, _ := start(nil, "-config", config, "-resolver", resolver, "-timeout", "300ms", "-only", "dns")
	if status != 3 || !strings.Contains(stdout, "asked: "+resolver) || !strings.Contains(stdout, "-resolver 9.9.9.9:53") || strings.Count(stdout, "UNKNOWN") > 4 || strings.Contains(stdout, "no earlier release") {
		t.Errorf("status %d\n%s", status, stdout)
	}
	status, _, stderr := start(nil, "-init", "acme.example", "-config", filepath.Join(t.TempDir(), "new.json"), "-resolver", resolver, "-timeout", "300ms")
	if status != 3 || !strings.HasPrefix(stderr, "launchcheck: could not look at acme.example") || !strings.Contains(stderr, "-resolver 9.9.9.9:53") {
		t.Errorf("status %d, %q", status, stderr)
	}
}

// TestInitSaysWhatLooksBroken holds that what -init assumes and does not find
// is told: www, and mail servers where there are records for senders.
func TestInitSaysWhatLooksBroken(t *testing.T) {
	t.Parallel()
	s := dnstest.Start(t, "acme.example. A 198.51.100.1\nacme.example. TXT \"v=spf1 a -all\"\n", nil)
	path := filepath.Join(t.TempDir(), "site.json")
	status, _, stderr := start(nil, "-init", "-config", path, "-resolver", s.Addr, "-connect-to", ":53:"+s.Addr, "acme.example")
	text, err := os.ReadFile(path)
	if status != 0 || err != nil || !strings.Contains(string(text), `"www"`) || !strings.Contains(string(text), `"receives": true`) {
		t.Errorf("status %d, %v, wrote %s", status, err, text)
	}
	for _, want := range []string{"www.acme.example: ", "(dns.no-such-name)", "(mx.missing)"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not in %q", want, stderr)
		}
	}
}
