package main_test

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness"
	launchcheck "github.com/launchready/readiness/cmd/launchcheck"
	"github.com/launchready/readiness/internal/dnstest"
)

// zone is a domain of which the name server alone is there.
func zone(t *testing.T) *dnstest.Server {
	t.Helper()
	return dnstest.Start(t, `
acme.example. A 198.51.100.1
acme.example. MX 10 mail.acme.example.
acme.example. TXT "v=spf1 mx -all"
www.acme.example. CNAME acme.example.
admin.acme.example. A 198.51.100.2
mail.acme.example. A 198.51.100.3
google._domainkey.acme.example. TXT "v=DKIM1; p=AAAA"
`, nil)
}

func TestDomainWithoutAFile(t *testing.T) {
	t.Parallel()
	s := zone(t)
	status, stdout, stderr := start(nil, "acme.example", "-resolver", s.Addr, "-only", "dns,mail", "-fail-on", "never", "-connect-to", ":53:"+s.Addr)
	want := "assumed: hosts @ www; private admin; sends and receives mail, DKIM selectors google\nlaunchcheck -init acme.example writes this to site.json, to be edited\nacme.example  "
	if status != 0 || !strings.HasPrefix(stdout, want) || stderr != "" {
		t.Errorf("status %d, stdout\n%s\nstderr %q", status, stdout, stderr)
	}
	// What was assumed is no part of the JSON.
	status, stdout, stderr = start(nil, "-resolver", s.Addr, "-only=mail", "-format", "json", "acme.example", "-fail-on=medium")
	var report struct {
		Version                               int
		Domain                                string
		Took                                  *int           `json:"took_ms"`
		Counts                                map[string]int `json:"counts"`
		Findings, Unknown, Handover, Accepted []map[string]any
		Map                                   []map[string]any
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || status != 1 || !strings.HasPrefix(stderr, "assumed: ") {
		t.Fatalf("%v, status %d, %q", err, status, stderr)
	}
	if report.Version != 1 || report.Domain != "acme.example" || report.Took == nil || len(report.Findings) == 0 || report.Unknown == nil || report.Map == nil || report.Handover == nil || report.Accepted == nil {
		t.Errorf("got %s", stdout)
	}
	for _, key := range []string{"code", "severity", "subject", "title", "detail", "evidence", "fix", "ref"} {
		if _, ok := report.Findings[0][key]; !ok {
			t.Errorf("a finding has no %s", key)
		}
	}
}

func TestInit(t *testing.T) {
	t.Parallel()
	s := zone(t)
	path := filepath.Join(t.TempDir(), "site.json")
	status, stdout, stderr := start(nil, "-init", "-config", path, "-resolver", s.Addr, "acme.example")
	if status != 0 || !strings.HasPrefix(stdout, "wrote "+path) {
		t.Fatalf("status %d, %q, %q", status, stdout, stderr)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	cfg, err := readiness.Load(f)
	if err != nil || cfg.Canonical != "@" || !strings.Contains(stderr, "\"canonical\" is assumed") {
		t.Errorf("%v, canonical %q, %q", err, cfg.Canonical, stderr)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), `"env": []`) || !strings.Contains(string(text), `"rollback": ""`) {
		t.Errorf("%v, there is nothing to fill in: %s", err, text)
	}
	if err != nil || cfg.Domain != "acme.example" || len(cfg.Hosts) != 2 || len(cfg.Private) != 1 || len(cfg.Mail) != 1 {
		t.Errorf("%v, wrote %+v", err, cfg)
	}
	status, _, stderr = start(nil, "-init", "-config", path, "-resolver", s.Addr, "acme.example")
	if status != 2 || !strings.Contains(stderr, "exists already") {
		t.Errorf("a second time: status %d, %q", status, stderr)
	}
	status, stdout, stderr = start(nil, "-config", path, "-resolver", s.Addr, "-only", "mail", "-fail-on", "never", "-format", "markdown")
	if status != 0 || !strings.HasPrefix(stdout, "# Launch check of acme.example\n") {
		t.Errorf("with it: status %d, %q, %q", status, stdout, stderr)
	}
}

// TestBlindIsNeverGreen holds the exit status where no name server answers.
func TestBlindIsNeverGreen(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	resolver := silent.LocalAddr().String()
	config := file(t, "site.json", `{"domain":"acme.example"}`)
	tests := []struct {
		name   string
		args   []string
		status int
	}{
		{"file", []string{"-config", config}, 3},
		{"no file", []string{"acme.example"}, 3},
		{"mail alone", []string{"-config", config, "-only", "mail"}, 3},
		{"medium", []string{"-config", config, "-fail-on", "medium"}, 3},
		{"never", []string{"-config", config, "-fail-on", "never"}, 0},
		{"environment alone", []string{"-config", file(t, "env.json", `{"domain":"acme.example","env":[{"name":"A","optional":true}]}`), "-only", "env"}, 0},
		{"init", []string{"-init", "acme.example", "-config", filepath.Join(t.TempDir(), "new.json")}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			status, stdout, stderr := start(nil, append(tt.args, "-resolver", resolver, "-timeout", "300ms")...)
			if status != tt.status || time.Since(began) > 10*time.Second {
				t.Errorf("status %d after %v\n%s%s", status, time.Since(began), stdout, stderr)
			}
		})
	}
}

func TestEveryWrongOptionAtOnce(t *testing.T) {
	t.Parallel()
	config := file(t, "site.json", `{"domian":"acme.example","hosts":["a b"]}`)
	status, stdout, stderr := start(nil, "-config", config, "-format", "xml", "-fail-on", "low", "-only", "smtp", "-resolver", "dns example", "-connect-to", "x",
		"-cacert", file(t, "ca.pem", "no certificate"), "-env-file", file(t, ".env", "nonsense"), "-timeout", "1h", "a_b", "c")
	if status != 2 || stdout != "" {
		t.Errorf("status %d, %q", status, stdout)
	}
	for _, want := range []string{
		`"c": one DOMAIN`, "-format: ", "-fail-on: ", "-only: ", "-resolver: ", "-connect-to: ", "-timeout: ", "DOMAIN: ", "PEM form", "must be NAME=VALUE", `did you mean "domain"?`,
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not in\n%s", want, stderr)
		}
	}
	for _, args := range [][]string{{"-init"}, {"-timeout", "0s"}, {"-timeout", "soon"}, {"-config", "absent.json"}, {"https://acme.example/"}, {"acme.example", "-env-file", config}} {
		if status, _, stderr := start(nil, args...); status != 2 || stderr == "" {
			t.Errorf("%q: status %d, %q", args, status, stderr)
		}
	}
}

func TestProgressIsALineThatGoesAway(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	show, clear := launchcheck.Progress(&b)
	show(12, 7600*time.Millisecond)
	clear()
	if got, want := b.String(), "\r\x1b[K12 lookups, 8 s left\r\x1b[K"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
