package unboundtest_test

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/dnstest"
	"github.com/launchready/readiness/internal/unboundtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const zone = `
example.      SOA a.nic.example. host.nic.example. 1 7200 3600 1209600 300
example.      NS a.nic.example.
acme.example. A 203.0.113.10
`

func TestStartServesUntilTheTestEnds(t *testing.T) {
	t.Parallel()
	srv := dnstest.StartSigned(t, zone, nil, dnstest.Signing{})
	ask := func(addr, name string) dnsq.Answer {
		r := dnsq.New(dnsq.Config{Servers: []string{addr}, Timeout: 10 * time.Second})
		return r.Ask(t.Context(), name, dnsq.A, dnsq.Options{DNSSEC: true})
	}
	var addr string
	t.Run("resolver", func(t *testing.T) {
		addr = unboundtest.Start(t, map[string]string{"example": srv.Addr}, srv.DS("example"))
		if a := ask(addr, "acme.example"); a.Status != dnsq.Data || !a.Authenticated {
			t.Errorf("%v, vouched for: %v", a.Status, a.Authenticated)
		}
		if a := ask(addr, "acme.invalid.net"); a.Status != dnsq.Refused {
			t.Errorf("a name of nobody's: %v", a.Status)
		}
		if other := unboundtest.Start(t, nil); other == addr {
			t.Error("two resolvers share an address")
		}
	})
	if addr == "" {
		t.Skip("unbound is not installed")
	}
	if a := ask(addr, "acme.example"); a.Status.Known() {
		t.Errorf("the resolver still answers %v after its test", a.Status)
	}
}

func TestStartTrustsNobodyElse(t *testing.T) {
	t.Parallel()
	srv := dnstest.StartSigned(t, zone, nil, dnstest.Signing{})
	other := dnstest.StartSigned(t, zone, nil, dnstest.Signing{})
	addr := unboundtest.Start(t, map[string]string{"example": srv.Addr}, other.DS("example"))
	r := dnsq.New(dnsq.Config{Servers: []string{addr}, Timeout: 10 * time.Second})
	if a := r.Ask(t.Context(), "acme.example", dnsq.A, dnsq.Options{}); a.Status != dnsq.ServFail {
		t.Errorf("signed with a key that is not trusted: %v", a.Status)
	}
}

// recorder is a TB that remembers how the test ended.
type recorder struct {
	testing.TB
	skipped, failed bool
}

func (r *recorder) Skipf(string, ...any)  { r.skipped = true }
func (r *recorder) Fatalf(string, ...any) { r.failed = true }

func TestStartWithoutUnbound(t *testing.T) { // sets the environment: not parallel
	for _, tt := range []struct {
		name, ci     string
		skips, fails bool
	}{
		{name: "a plain go test skips", ci: "", skips: true},
		{name: "CI fails", ci: "true", fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			empty := t.TempDir()
			t.Setenv("PATH", empty)
			t.Setenv("CI", tt.ci)
			r := &recorder{TB: t}
			if addr := unboundtest.StartFrom(r, empty); addr != "" || r.skipped != tt.skips || r.failed != tt.fails {
				t.Errorf("got %q, skipped %t, failed %t", addr, r.skipped, r.failed)
			}
		})
	}
}

func TestStartNeedsNoPath(t *testing.T) { // sets the environment: not parallel
	if _, err := os.Stat("/usr/sbin/unbound"); err != nil {
		t.Skip("no unbound in /usr/sbin")
	}
	t.Setenv("PATH", t.TempDir())
	if addr := unboundtest.Start(t, nil); addr == "" {
		t.Error("no address")
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := &recorder{TB: t}
	if addr := unboundtest.Start(r, map[string]string{"example": "127.0.0.1"}); addr != "" || !r.failed && !r.skipped {
		t.Errorf("a name server without a port: got %q, failed %t", addr, r.failed)
	}
}
