package readiness_test

import (
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
)

func TestDiscover(t *testing.T) {
	t.Parallel()
	s := dnstest.Start(t, `
acme.example. A 198.51.100.1
acme.example. MX 10 mail.acme.example.
acme.example. TXT "v=spf1 mx -all"
www.acme.example. CNAME acme.example.
api.acme.example. AAAA 2001:db8::1
staging.acme.example. A 198.51.100.2
mail.acme.example. A 198.51.100.3
google._domainkey.acme.example. TXT "v=DKIM1; p=AAAA"
s1._domainkey.acme.example. TXT "hello"
parked.example. A 198.51.100.1
parked.example. MX 0 .
parked.example. TXT "v=spf1 -all"
`, nil)
	cfg := readiness.Config{Domain: "acme.example", Resolvers: []string{s.Addr}}
	got, err := readiness.Discover(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Hosts, []string{"@", "www", "api"}) || !slices.Equal(got.Private, []string{"staging"}) {
		t.Errorf("hosts %q, private %q", got.Hosts, got.Private)
	}
	if m := got.Mail[0]; !m.Sends || !m.Receives || !slices.Equal(m.DKIMSelectors, []string{"google"}) {
		t.Errorf("mail %+v", m)
	}
	if _, err := readiness.New(got); err != nil {
		t.Errorf("New refuses it: %v", err)
	}
	cfg.Domain, cfg.Hosts = "parked.example", []string{"shop"}
	got, err = readiness.Discover(t.Context(), cfg)
	if err != nil || !slices.Equal(got.Hosts, cfg.Hosts) || got.Mail[0].Sends || got.Mail[0].Receives {
		t.Errorf("%v, got %+v", err, got)
	}
	for _, cfg := range []readiness.Config{{}, {Domain: "a b"}} {
		if _, err := readiness.Discover(t.Context(), cfg); !errors.Is(err, readiness.ErrConfig) {
			t.Errorf("%+v: %v", cfg.Domain, err)
		}
	}
}

func TestDiscoverThatCannotLook(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	cfg := readiness.Config{Domain: "acme.example", Resolvers: []string{silent.LocalAddr().String()}, Timeout: 200 * time.Millisecond}
	if _, err := readiness.Discover(t.Context(), cfg); err == nil || errors.Is(err, readiness.ErrConfig) {
		t.Errorf("got %v", err)
	}
}
