package readiness_test

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
)

// crowdedZone has several records of every kind that a finding may show.
const crowdedZone = `
example.              SOA a.nic.example. host.nic.example. 1 1 1 1 1
example.              NS a.nic.example.
example.              NS b.nic.example.
a.nic.example.        A 192.0.2.1
b.nic.example.        A 192.0.2.2
$ORIGIN acme.example.
@ SOA ns1 host 7 7200 3600 1209600 300
@ NS ns1
@ NS ns2
@ NS ns3.gone.test.
ns1 A 192.0.2.53
ns2 A 198.51.100.53
@ A 203.0.113.10
@ A 203.0.113.11
@ A 10.0.0.1
@ A 10.0.0.2
@ A 10.0.0.3
www CNAME one
one CNAME two
two CNAME three
three A 127.0.0.1
three A 127.0.0.2
three A 203.0.113.3
@ MX 10 mx3
@ MX 10 mx1
@ MX 10 mx2
@ MX 20 mx2
@ MX 10 aspmx.l.google.com.
@ MX 10 acme-example.mail.protection.outlook.com.
mx1 A 10.0.0.25
mx1 A 10.0.0.26
mx1 A 10.0.0.27
mx2 CNAME mx9
mx9 A 203.0.113.29
@ TXT "v=spf1 include:one.test ~all"
@ TXT "v=spf1 include:two.test -all"
@ TXT "v=spf1 ip4:203.0.113.0/24 ?all"
@ TXT "site-verification=1"
_dmarc TXT "v=DMARC1; p=none"
_dmarc TXT "v=DMARC1; p=reject"
_dmarc TXT "v=DMARC1; p=quarantine"
s1._domainkey TXT "v=DKIM1; p="
s1._domainkey TXT "v=DKIM1; p=AAAA"
_mta-sts TXT "v=STSv1; id=1;"
_mta-sts TXT "v=STSv1; id=2;"
_smtp._tls TXT "v=TLSRPTv1; rua=x"
_smtp._tls TXT "v=TLSRPTv1; rua=y"
aspmx.l.google.com. A 142.250.102.26
aspmx.l.google.com. A 142.250.102.27
acme-example.mail.protection.outlook.com. A 52.101.68.1
`

// TestReportsAreStable deals every record set out in another order for each
// question, as resolvers do: the same domain must give the same report.
func TestReportsAreStable(t *testing.T) {
	t.Parallel()
	addr := dnstest.Start(t, crowdedZone, map[string]dnstest.Fault{"*": dnstest.Shuffled}).Addr
	c, err := readiness.New(readiness.Config{
		Domain: "acme.example", Hosts: []string{"@", "www"}, Only: []string{"dns", "mail"}, Timeout: 30 * time.Second,
		Mail:      []readiness.Mail{{Sends: true, Receives: true, DKIMSelectors: []string{"s1"}, Senders: []string{"google", "sendgrid"}}},
		Resolvers: []string{addr}, ConnectTo: []string{":53:" + addr, "::127.0.0.1:1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var first string
	for range 12 {
		r := c.Check(t.Context())
		data, err := json.MarshalIndent([]any{r.Findings, r.Unknown, r.Map}, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(data)
			if len(r.Findings) < 12 {
				t.Errorf("only %d findings: %s", len(r.Findings), r)
			}
		}
		if string(data) != first {
			was, is := strings.Split(first, "\n"), strings.Split(string(data), "\n")
			for i := range min(len(was), len(is)) {
				if was[i] != is[i] {
					t.Fatalf("line %d was\n%s\nand is\n%s", i, was[i], is[i])
				}
			}
			t.Fatalf("%d lines, and %d before", len(is), len(was))
		}
	}
}

// TestNotProxiedIsNoGuess asks a host outside Cloudflare's ranges that is
// declared as proxied: only what answers, or refuses, is a fact.
func TestNotProxiedIsNoGuess(t *testing.T) {
	t.Parallel()
	serve := func(f http.HandlerFunc) string {
		s := httptest.NewUnstartedServer(f)
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the certificate of nobody's
		s.StartTLS()
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
	plain := serve(http.NotFound)
	proxy := serve(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Server", "cloudflare") })
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	const nobody = "127.0.0.1:1"
	tests := []struct {
		name, https, http string
		found, unknown    bool
	}{
		{name: "refused", https: nobody, http: nobody, found: true},
		{name: "an answer of another, its certificate aside", https: plain, http: nobody, found: true},
		{name: "the proxy's answer, its certificate aside", https: proxy, http: nobody},
		{name: "no answer in time", https: silent.Addr().String(), http: silent.Addr().String(), unknown: true},
		{name: "no answer, and refused", https: silent.Addr().String(), http: nobody, found: true},
	}
	addr := dnstest.Start(t, "acme.example. A 203.0.113.10\nwww.acme.example. A 104.21.32.11\n", nil).Addr
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := readiness.New(readiness.Config{
				Domain: "acme.example", Proxied: []string{"@", "www"}, Only: []string{"dns"}, Timeout: 2 * time.Second, Resolvers: []string{addr},
				ConnectTo: []string{":53:" + addr, ":443:" + tt.https, ":80:" + tt.http},
			})
			if err != nil {
				t.Fatal(err)
			}
			r := c.Check(t.Context())
			is := func(f readiness.Finding) bool {
				return f.Code == "cloudflare.not-proxied" && f.Subject == "acme.example"
			}
			if slices.ContainsFunc(r.Findings, is) != tt.found || slices.ContainsFunc(r.Unknown, is) != tt.unknown {
				t.Errorf("found %+v, unknown %+v", r.Findings, r.Unknown)
			}
		})
	}
}

// TestQuestionsAndRequestsShareTheirPlaces holds all places with requests that
// are not answered: no question may be put then.
func TestQuestionsAndRequestsShareTheirPlaces(t *testing.T) {
	t.Parallel()
	srv := dnstest.Start(t, "acme.example. A 203.0.113.1\n", nil)
	arrived := make(chan struct{}, 16)
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(web.Close)
	c, err := readiness.New(readiness.Config{Domain: "acme.example", Resolvers: []string{srv.Addr}, ConnectTo: []string{"::" + web.Listener.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	var urls []string
	for i := range cap(arrived) {
		urls = append(urls, "http://h"+strconv.Itoa(i)+".acme.example/")
	}
	known := readiness.AskWhileFetching(t.Context(), c, urls, arrived, "acme.example")
	if known || srv.Asked("acme.example") > 0 {
		t.Error("a question was put while 16 requests were in flight")
	}
}

// TestInFlight fetches more pages at a time than there are places, each of a
// host whose address has yet to be asked for. No request may wait in a place
// for a question that needs one.
func TestInFlight(t *testing.T) {
	t.Parallel()
	const hosts, most = 40, 16
	addr := dnstest.Start(t, "*.acme.example. A 127.0.0.1\n", nil).Addr
	var now, peak atomic.Int32
	var met sync.Once
	full := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := peak.Load(); n > old && !peak.CompareAndSwap(old, n); old = peak.Load() {
		}
		if n == most {
			met.Do(func() { close(full) })
		}
		select { // until as many are here as may be
		case <-full:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(web.Close)
	c, err := readiness.New(readiness.Config{Domain: "acme.example", AllowPrivate: true, Resolvers: []string{addr}})
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	var urls []string
	for i := range hosts {
		urls = append(urls, "http://h"+strconv.Itoa(i)+".acme.example:"+port+"/")
	}
	if answered := readiness.FetchAll(t.Context(), c, urls); answered != hosts || peak.Load() != most {
		t.Errorf("%d of %d answered, %d at a time", answered, hosts, peak.Load())
	}
}
