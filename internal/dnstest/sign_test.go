package dnstest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/launchready/readiness/internal/dnstest"
)

const zone = `
example.            SOA a.nic.example. host.nic.example. 1 7200 3600 1209600 300
example.            NS a.nic.example.
acme.example.       SOA ns1.acme.example. host.acme.example. 7 7200 3600 1209600 300
acme.example.       NS ns1.acme.example.
app.acme.example.   A 203.0.113.10
old.acme.example.   A 203.0.113.11
bad.acme.example.   A 203.0.113.12
*.acme.example.     A 203.0.113.13
plain.example.      SOA ns1.plain.example. host.plain.example. 7 7200 3600 1209600 300
plain.example.      NS ns1.plain.example.
`

func ask(t *testing.T, addr, name string, typ uint16, signed bool) *dns.Msg {
	t.Helper()
	q := new(dns.Msg).SetQuestion(name, typ)
	q.SetEdns0(1232, signed)
	m, err := dns.Exchange(q, addr)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// verify checks the signature over the first record set of a section.
func verify(t *testing.T, addr string, section []dns.RR) (good, inTime bool) {
	t.Helper()
	for _, rr := range section {
		sig, ok := rr.(*dns.RRSIG)
		if !ok {
			continue
		}
		var set []dns.RR
		for _, rr := range section {
			if rr.Header().Rrtype == sig.TypeCovered && rr.Header().Name == sig.Hdr.Name {
				set = append(set, rr)
			}
		}
		key := ask(t, addr, sig.SignerName, dns.TypeDNSKEY, false).Answer[0].(*dns.DNSKEY)
		return sig.Verify(key, set) == nil, sig.ValidityPeriod(time.Now())
	}
	t.Errorf("no signature in %v", section)
	return false, false
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	s := dnstest.StartSigned(t, zone, nil, dnstest.Signing{
		Unsigned: []string{"plain.example"},
		Broken:   map[string]dnstest.Flaw{"old.acme.example": dnstest.Expired, "bad.acme.example": dnstest.Forged},
	})
	tests := []struct {
		name         string
		t            uint16
		good, inTime bool
	}{
		{"example.", dns.TypeDNSKEY, true, true},
		{"acme.example.", dns.TypeDS, true, true},
		{"app.acme.example.", dns.TypeA, true, true},
		{"any.acme.example.", dns.TypeA, true, true},
		{"old.acme.example.", dns.TypeA, true, false},
		{"bad.acme.example.", dns.TypeA, false, true},
		{"bad.acme.example.", dns.TypeMX, true, true},
		{"nowhere.example.", dns.TypeA, true, true},
		{"plain.example.", dns.TypeDS, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+dns.TypeToString[tt.t], func(t *testing.T) {
			t.Parallel()
			m := ask(t, s.Addr, tt.name, tt.t, true)
			section := m.Answer
			if len(section) == 0 {
				section = m.Ns
			}
			if good, inTime := verify(t, s.Addr, section); good != tt.good || inTime != tt.inTime {
				t.Errorf("good %v, in time %v", good, inTime)
			}
			for _, rr := range ask(t, s.Addr, tt.name, tt.t, false).Answer {
				if rr.Header().Rrtype == dns.TypeRRSIG {
					t.Error("a signature that nobody asked for")
				}
			}
		})
	}
	if m := ask(t, s.Addr, "plain.example.", dns.TypeNS, true); len(m.Answer) != 1 {
		t.Errorf("not signed: %v", m.Answer)
	}
	ds := ask(t, s.Addr, "acme.example.", dns.TypeDS, false).Answer
	if len(ds) != 1 || ds[0].String() != s.DS("Acme.Example") || s.DS("plain.example") != "" {
		t.Errorf("DS %v, want %s", ds, s.DS("acme.example"))
	}
}

func TestDenials(t *testing.T) {
	t.Parallel()
	s := dnstest.StartSigned(t, zone, nil, dnstest.Signing{Unsigned: []string{"plain.example"}})
	for _, tt := range []struct {
		name string
		t    uint16
		want string // the NSEC records: owner, next, types
	}{
		{"nowhere.example.", dns.TypeA, "acme.example. plain.example. NS DS RRSIG NSEC; example. acme.example. NS SOA RRSIG NSEC DNSKEY"},
		{"acme.example.", dns.TypeMX, "acme.example. *.acme.example. NS SOA RRSIG NSEC DNSKEY"},
		{"any.acme.example.", dns.TypeA, "*.acme.example. app.acme.example. A RRSIG NSEC"},
		{"plain.example.", dns.TypeDS, "plain.example. example. NS RRSIG NSEC"},
		{"app.acme.example.", dns.TypeMX, "app.acme.example. bad.acme.example. A RRSIG NSEC"},
	} {
		var got []string
		for _, rr := range ask(t, s.Addr, tt.name, tt.t, true).Ns {
			if n, ok := rr.(*dns.NSEC); ok {
				words := strings.Fields(n.String())
				got = append(got, strings.Join(append(words[:1], words[4:]...), " "))
			}
		}
		if strings.Join(got, "; ") != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, strings.Join(got, "; "), tt.want)
		}
	}
}
