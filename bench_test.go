package readiness_test

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
)

// slow answers every question after a while.
func slow(b *testing.B, after time.Duration) string {
	b.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ready := make(chan struct{})
	srv := &dns.Server{PacketConn: conn, NotifyStartedFunc: func() { close(ready) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		time.AfterFunc(after, func() { _ = w.WriteMsg(new(dns.Msg).SetReply(q)) })
	})}
	var done sync.WaitGroup
	done.Go(func() { _ = srv.ActivateAndServe() })
	<-ready
	b.Cleanup(func() {
		_ = srv.Shutdown()
		done.Wait()
	})
	return conn.LocalAddr().String()
}

// BenchmarkSixtyLookups is the time of sixty questions to a name server that
// takes 100 ms for each.
func BenchmarkSixtyLookups(b *testing.B) {
	launch := newChecker(b, readiness.Config{Resolvers: []string{slow(b, 100*time.Millisecond)}})
	names := make([]string, 60)
	for i := range names {
		names[i] = fmt.Sprintf("h%d.acme.example", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		if facts := readiness.AskAll(b.Context(), launch, names); facts != len(names) {
			b.Fatalf("%d answers", facts)
		}
	}
}

// BenchmarkDeadResolver is the time of a check where no name server answers.
func BenchmarkDeadResolver(b *testing.B) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	launch := newChecker(b, readiness.Config{Domain: "acme.example", Resolvers: []string{silent.LocalAddr().String()}, Timeout: time.Second})
	b.ReportAllocs()
	for b.Loop() {
		if !launch.Check(b.Context()).Blind() {
			b.Fatal("it is not blind")
		}
	}
}

// BenchmarkHundredDomains holds that a run over many domains keeps nothing of
// those that are done.
func BenchmarkHundredDomains(b *testing.B) {
	var zone strings.Builder
	for i := range 100 {
		fmt.Fprintf(&zone, "d%[1]d.example. A 198.51.100.1\nwww.d%[1]d.example. CNAME d%[1]d.example.\nd%[1]d.example. MX 10 mail.d%[1]d.example.\nd%[1]d.example. TXT \"v=spf1 mx -all\"\n", i)
	}
	s := dnstest.Start(b, zone.String(), nil)
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	b.ReportAllocs()
	for b.Loop() {
		var first float64
		for i := range 100 {
			newChecker(b, readiness.Config{
				Domain: fmt.Sprintf("d%d.example", i), Resolvers: []string{s.Addr}, ConnectTo: []string{":53:" + s.Addr}, Only: []string{"dns", "mail"}, Timeout: 2 * time.Second,
			}).Check(b.Context())
			if i == 9 {
				first = heap()
			}
		}
		grown := heap() - first
		b.ReportMetric(grown/1024, "grown-KiB")
		if grown > 4<<20 {
			b.Errorf("the heap grew by %.0f bytes over ninety domains", grown)
		}
	}
}
