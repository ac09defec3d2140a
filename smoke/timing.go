package smoke

import (
	"crypto/tls"
	"fmt"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"
)

// timing is where the time of a request went. The transport calls its hooks
// from several goroutines, and some of them after the answer.
type timing struct {
	mu               sync.Mutex
	began, ended     time.Time
	lookup, lookedUp time.Time
	dial, connected  time.Time
	tls, secured     time.Time
	wire             time.Time // a connection was there
	firstByte        time.Time
	reused           bool
}

// trace returns hooks that fill in t; connected is called where a connection
// came about.
func (t *timing) trace(connected func()) *httptrace.ClientTrace {
	now := func(at *time.Time) {
		t.mu.Lock()
		defer t.mu.Unlock()
		*at = time.Now()
	}
	return &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { now(&t.lookup) },
		DNSDone:      func(httptrace.DNSDoneInfo) { now(&t.lookedUp) },
		ConnectStart: func(string, string) { now(&t.dial) },
		ConnectDone: func(_, _ string, err error) {
			if err == nil {
				now(&t.connected)
				connected()
			}
		},
		TLSHandshakeStart: func() { now(&t.tls) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err == nil {
				now(&t.secured)
			}
		},
		GotConn: func(info httptrace.GotConnInfo) {
			now(&t.wire)
			t.mu.Lock()
			defer t.mu.Unlock()
			t.reused = info.Reused
		},
		GotFirstResponseByte: func() { now(&t.firstByte) },
	}
}

// end notes that the answer was read, or given up, and returns how long that
// took.
func (t *timing) end() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = time.Now()
	return t.ended.Sub(t.began)
}

// String is the split, of the parts that came to an end.
func (t *timing) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var parts []string
	part := func(name string, from, to time.Time) {
		if !from.IsZero() && !to.IsZero() && !to.Before(from) {
			parts = append(parts, name+" "+rounded(to.Sub(from)).String())
		}
	}
	part("DNS", t.lookup, t.lookedUp)
	part("connect", t.dial, t.connected)
	part("TLS", t.tls, t.secured)
	part("first byte", t.wire, t.firstByte)
	part("body", t.firstByte, t.ended)
	if t.reused {
		parts = append([]string{"connection reused"}, parts...)
	}
	if t.firstByte.IsZero() && !t.wire.IsZero() {
		parts = append(parts, "no first byte")
	}
	all := rounded(t.ended.Sub(t.began))
	if len(parts) == 0 {
		return fmt.Sprintf("time: %s", all)
	}
	return fmt.Sprintf("time: %s = %s", all, strings.Join(parts, " + "))
}
