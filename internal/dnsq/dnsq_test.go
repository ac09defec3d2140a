package dnsq_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/dnstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const zone = `
acme.example.        60 IN A 192.0.2.1
acme.example.        IN AAAA 2001:db8::1
acme.example.        IN MX 10 Mail.acme.example.
acme.example.        IN TXT "v=spf1 include:a" ".example ~all"
acme.example.        IN TXT "quoted \" and \\ and \001"
acme.example.        IN CAA 0 ISSUE "letsencrypt.org"
_25._tcp.acme.example. IN TLSA 3 1 1 00FF
acme.example.        IN NS ns1.acme.example.
acme.example.        IN SOA ns1.acme.example. host.acme.example. 7 1 1 1 1
www.acme.example.    IN CNAME Edge.acme.example.
edge.acme.example.   IN CNAME acme.example.
dangling.acme.example. IN CNAME gone.acme.example.
mail.acme.example.   IN A 192.0.2.25
silent.acme.example. IN A 192.0.2.9
fail.acme.example.   IN A 192.0.2.9
refused.acme.example. IN A 192.0.2.9
cut.acme.example.    IN A 192.0.2.9
id.acme.example.     IN A 192.0.2.9
other.acme.example.  IN A 192.0.2.9
once.acme.example.   IN A 192.0.2.9
bogus.acme.example.  IN A 192.0.2.9
`

var faults = map[string]dnstest.Fault{
	"silent.acme.example": dnstest.Silent, "fail.acme.example": dnstest.ServFail, "refused.acme.example": dnstest.Refused,
	"cut.acme.example": dnstest.Truncated, "id.acme.example": dnstest.OtherID, "other.acme.example": dnstest.OtherName,
	"once.acme.example": dnstest.FailOnce, "bogus.acme.example": dnstest.Bogus,
}

func TestEachStatusIsToldApart(t *testing.T) {
	t.Parallel()
	srv := dnstest.Start(t, zone, faults)
	r := dnsq.New(dnsq.Config{Servers: []string{srv.Addr}, Timeout: 200 * time.Millisecond})
	tests := []struct {
		name string
		t    dnsq.Type
		o    dnsq.Options
		want dnsq.Status
	}{
		{"acme.example", dnsq.A, dnsq.Options{}, dnsq.Data},
		{"ACME.example.", dnsq.AAAA, dnsq.Options{}, dnsq.Data},
		{"mail.acme.example", dnsq.MX, dnsq.Options{}, dnsq.NoData},
		{"www.acme.example", dnsq.A, dnsq.Options{}, dnsq.Data},
		{"www.acme.example", dnsq.CAA, dnsq.Options{}, dnsq.Data},
		{"nowhere.acme.example", dnsq.A, dnsq.Options{}, dnsq.NXDomain},
		{"dangling.acme.example", dnsq.A, dnsq.Options{}, dnsq.NXDomain},
		{"silent.acme.example", dnsq.A, dnsq.Options{}, dnsq.Timeout},
		{"fail.acme.example", dnsq.A, dnsq.Options{}, dnsq.ServFail},
		{"refused.acme.example", dnsq.A, dnsq.Options{}, dnsq.Refused},
		{"cut.acme.example", dnsq.A, dnsq.Options{}, dnsq.Data},
		{"id.acme.example", dnsq.A, dnsq.Options{}, dnsq.Timeout},
		{"other.acme.example", dnsq.A, dnsq.Options{}, dnsq.Failed},
		{"once.acme.example", dnsq.A, dnsq.Options{}, dnsq.Data},
		{"bogus.acme.example", dnsq.A, dnsq.Options{}, dnsq.ServFail},
		{"bogus.acme.example", dnsq.A, dnsq.Options{CheckingDisabled: true}, dnsq.Data},
		{"no..name", dnsq.A, dnsq.Options{}, dnsq.Failed},
		{strings.Repeat("a", 64) + ".example", dnsq.A, dnsq.Options{}, dnsq.Failed},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.want.String(), func(t *testing.T) {
			t.Parallel()
			a := r.Ask(t.Context(), tt.name, tt.t, tt.o)
			if a.Status != tt.want {
				t.Errorf("%v, want %v", a.Status, tt.want)
			}
			if a.Status.Known() != (a.Server != "") && a.Status != dnsq.ServFail && a.Status != dnsq.Refused && a.Status != dnsq.Failed {
				t.Errorf("%v with the server %q", a.Status, a.Server)
			}
		})
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	srv := dnstest.Start(t, zone, nil)
	r := dnsq.New(dnsq.Config{Servers: []string{srv.Addr}})
	ask := func(name string, typ dnsq.Type) dnsq.Answer { return r.Ask(t.Context(), name, typ, dnsq.Options{}) }
	if a := ask("acme.example", dnsq.A); a.Of()[0].Addr.String() != "192.0.2.1" || a.Of()[0].TTL != 60 || !a.Authoritative {
		t.Errorf("A: %+v", a)
	}
	if a := ask("acme.example", dnsq.AAAA); a.Of()[0].Addr.String() != "2001:db8::1" {
		t.Errorf("AAAA: %+v", a)
	}
	if a := ask("acme.example", dnsq.MX); a.Of()[0].Target != "mail.acme.example" || a.Of()[0].Pref != 10 {
		t.Errorf("MX: %+v", a)
	}
	if a := ask("acme.example", dnsq.TXT); !slices.Equal(a.Texts(), []string{"quoted \" and \\ and \x01", "v=spf1 include:a.example ~all"}) || len(a.Of()[1].Text) != 2 {
		t.Errorf("TXT: %q", a.Texts())
	}
	if a := ask("acme.example", dnsq.CAA); a.Of()[0].Tag != "issue" || a.Of()[0].Value != "letsencrypt.org" {
		t.Errorf("CAA: %+v", a)
	}
	if a := ask("_25._tcp.acme.example", dnsq.TLSA); a.Of()[0].Usage != 3 || a.Of()[0].Selector != 1 || a.Of()[0].Matching != 1 || string(a.Of()[0].Data) != "\x00\xff" {
		t.Errorf("TLSA: %+v", a)
	}
	if a := ask("acme.example", dnsq.SOA); a.Of()[0].Serial != 7 || a.Of()[0].Target != "ns1.acme.example" {
		t.Errorf("SOA: %+v", a)
	}
	if a := ask("www.acme.example", dnsq.A); !slices.Equal(a.Chain(), []string{"edge.acme.example", "acme.example"}) {
		t.Errorf("chain: %q", a.Chain())
	}
	if a := ask("dangling.acme.example", dnsq.A); a.Status != dnsq.NXDomain || !slices.Equal(a.Chain(), []string{"gone.acme.example"}) {
		t.Errorf("dangling: %v %q", a.Status, a.Chain())
	}
}

// TestRecordsComeInOrder deals the records out in another order each time.
func TestRecordsComeInOrder(t *testing.T) {
	t.Parallel()
	srv := dnstest.Start(t, zone+`
z.acme.example. IN CNAME m.acme.example.
m.acme.example. IN CNAME a.acme.example.
a.acme.example. IN CNAME many.acme.example.
many.acme.example. IN A 192.0.2.3
many.acme.example. IN A 192.0.2.1
many.acme.example. IN A 192.0.2.20
many.acme.example. IN MX 5 b.acme.example.
many.acme.example. IN MX 10 a.acme.example.
many.acme.example. IN MX 5 a.acme.example.
`, map[string]dnstest.Fault{"*": dnstest.Shuffled})
	for range 20 {
		r := dnsq.New(dnsq.Config{Servers: []string{srv.Addr}})
		var got []string
		for _, rr := range r.Ask(t.Context(), "z.acme.example", dnsq.A, dnsq.Options{}).Records {
			got = append(got, rr.Name+" "+rr.Target+rr.Addr.String())
		}
		for _, rr := range r.Ask(t.Context(), "many.acme.example", dnsq.MX, dnsq.Options{}).Records {
			got = append(got, fmt.Sprint(rr.Pref, " ", rr.Target))
		}
		want := []string{
			"z.acme.example m.acme.exampleinvalid IP", "m.acme.example a.acme.exampleinvalid IP", "a.acme.example many.acme.exampleinvalid IP",
			"many.acme.example 192.0.2.1", "many.acme.example 192.0.2.3", "many.acme.example 192.0.2.20",
			"5 a.acme.example", "5 b.acme.example", "10 a.acme.example",
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q", got)
		}
	}
}

// TestSlotsAreShared holds the only place.
func TestSlotsAreShared(t *testing.T) {
	t.Parallel()
	srv := dnstest.Start(t, zone, nil)
	slots := make(chan struct{}, 1)
	slots <- struct{}{}
	r := dnsq.New(dnsq.Config{Servers: []string{srv.Addr}, Slots: slots})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if a := r.Ask(ctx, "acme.example", dnsq.A, dnsq.Options{}); a.Status != dnsq.Unknown || srv.Asked("acme.example") != 0 {
		t.Errorf("asked without a place: %v", a.Status)
	}
	<-slots
	if a := r.Ask(t.Context(), "acme.example", dnsq.MX, dnsq.Options{}); a.Status != dnsq.Data || len(slots) != 0 {
		t.Errorf("%v, %d places taken", a.Status, len(slots))
	}
}

func TestSecondTryGoesToAnotherServer(t *testing.T) {
	t.Parallel()
	silent := dnstest.Start(t, zone, faults)
	good := dnstest.Start(t, zone, nil)
	r := dnsq.New(dnsq.Config{Servers: []string{silent.Addr, good.Addr}, Timeout: 100 * time.Millisecond})
	for _, name := range []string{"silent.acme.example", "fail.acme.example", "refused.acme.example", "other.acme.example"} {
		if a := r.Ask(t.Context(), name, dnsq.A, dnsq.Options{}); a.Status != dnsq.Data || a.Server != good.Addr {
			t.Errorf("%s: %v from %q", name, a.Status, a.Server)
		}
	}
	if a := r.AskServer(t.Context(), silent.Addr, "fail.acme.example", dnsq.A, dnsq.Options{Direct: true}); a.Status != dnsq.ServFail {
		t.Errorf("AskServer went elsewhere: %v from %q", a.Status, a.Server)
	}
}

func TestEachQuestionIsPutOnce(t *testing.T) {
	t.Parallel()
	srv := dnstest.Start(t, zone, nil)
	r := dnsq.New(dnsq.Config{Servers: []string{srv.Addr}})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if a := r.Ask(t.Context(), "acme.example", dnsq.A, dnsq.Options{}); a.Status != dnsq.Data {
				t.Errorf("%v", a.Status)
			}
		})
	}
	all.Wait()
	if srv.Asked("acme.example") != 1 || r.Asked() != 1 {
		t.Errorf("the server was asked %d times, the resolver counted %d", srv.Asked("acme.example"), r.Asked())
	}
}

// TestTheDeadlineLeavesTheRestUnknown holds every connection, so that only
// the end of the context ends anything.
func TestTheDeadlineLeavesTheRestUnknown(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	busy := make(chan struct{}, 100)
	r := dnsq.New(dnsq.Config{Servers: []string{"192.0.2.53:53"}, Timeout: time.Hour, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		busy <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if a := r.Ask(ctx, string(rune('a'+i%26))+strings.Repeat("x", i/26)+".example", dnsq.A, dnsq.Options{}); a.Status != dnsq.Unknown {
				t.Errorf("%v", a.Status)
			}
		})
	}
	for range 16 { // in flight, and no more
		<-busy
	}
	cancel()
	all.Wait()
	if len(busy) != 0 {
		t.Errorf("%d more than 16 were in flight", len(busy))
	}
}

func BenchmarkAsk(b *testing.B) {
	srv := dnstest.Start(b, zone, nil)
	b.ReportAllocs()
	for b.Loop() {
		r := dnsq.New(dnsq.Config{Servers: []string{srv.Addr}})
		if a := r.Ask(b.Context(), "acme.example", dnsq.TXT, dnsq.Options{}); a.Status != dnsq.Data {
			b.Fatal(a.Status)
		}
	}
}
