package webprobe

import (
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Hop is one answer on the way to a page.
type Hop struct {
	URL      string // as asked for, without user and fragment
	Status   int
	Location string // where a redirect leads, as a full URL; empty where it is none
	// Header holds the few headers that rules ask about.
	Header http.Header
	// Addr is the other end of the connection.
	Addr netip.AddrPort
}

// Cloudflare reports whether Cloudflare's proxy gave the answer: its CF-RAY
// header, beside its Server header or alone where the origin's one is passed on.
func (h Hop) Cloudflare() bool {
	return h.Header.Get("Cf-Ray") != "" || strings.EqualFold(h.Header.Get("Server"), "cloudflare")
}

// Challenge reports whether Cloudflare asked in place of the page whether a
// person is there: people may see more.
func (h Hop) Challenge() bool {
	return strings.EqualFold(h.Header.Get("Cf-Mitigated"), "challenge")
}

// Visit is what became of fetching a URL.
type Visit struct {
	Kind Kind
	Err  string // why, where Kind is not OK; for people
	// Hops are the answers, in order; those before a failure too.
	Hops []Hop
	// Final is the URL that answered last, or that failed.
	Final string
	// Body is the beginning of the last answer's body, where Kind is OK.
	Body []byte
	// BrokeOff says that the body ended before its end, or not in time.
	BrokeOff bool
	// Truncated says that there was more of it.
	Truncated bool
}

// Last returns the last hop; the zero Hop where nothing answered.
func (v Visit) Last() Hop {
	if len(v.Hops) == 0 {
		return Hop{}
	}
	return v.Hops[len(v.Hops)-1]
}

// Status returns the status of the page at the end, 0 where there is none.
func (v Visit) Status() int {
	if v.Kind != OK {
		return 0
	}
	return v.Last().Status
}

// shown are the headers that a Hop keeps.
var shown = [...]string{"Server", "Cf-Ray", "Cf-Mitigated", "Refresh", "Strict-Transport-Security", "X-Robots-Tag", "Content-Type"}

type visitKey struct {
	url, via   string
	unverified bool
	again      bool
}

// Fetch gets a URL and follows its redirects. Certificates must verify. It
// keeps the cookies that it is given on the way, since pages that set one and
// redirect to themselves are no loop in a browser; none outlives the visit.
func (p *Prober) Fetch(ctx context.Context, rawURL string) Visit {
	return p.fetch(ctx, visitKey{url: rawURL})
}

// FetchAgain is Fetch once more: its answer is not that of Fetch, which may
// have been an accident.
func (p *Prober) FetchAgain(ctx context.Context, rawURL string) Visit {
	return p.fetch(ctx, visitKey{url: rawURL, again: true})
}

// FetchUnverified is Fetch without a look at certificates: what a stranger
// sees who clicks the warning away.
func (p *Prober) FetchUnverified(ctx context.Context, rawURL string) Visit {
	return p.fetch(ctx, visitKey{url: rawURL, unverified: true})
}

// FetchAt asks the server at an address HOST:PORT for a URL, whatever the
// URL's name leads to. It looks at no certificate and follows no redirect.
func (p *Prober) FetchAt(ctx context.Context, rawURL, address string) Visit {
	return p.fetch(ctx, visitKey{url: rawURL, via: address, unverified: true})
}

func (p *Prober) fetch(ctx context.Context, k visitKey) Visit {
	return once(ctx, p, p.visits, k, Visit{Final: k.url, Err: Unknown.String()}, func() Visit { return p.follow(ctx, k) })
}

// follow walks from hop to hop.
func (p *Prober) follow(ctx context.Context, k visitKey) Visit {
	v := Visit{Final: k.url}
	u, err := url.Parse(k.url)
	if err != nil || !fetchable(u) {
		v.Kind, v.Err = BadRedirect, "not an address that can be fetched"
		return v
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.Kind, v.Err = Unknown, err.Error()
		return v
	}
	var been []string
	for {
		u.User, u.Fragment, u.RawFragment = nil, "", ""
		v.Final = u.String()
		here := v.Final + "\n" + cookies(jar, u) // the same page with another cookie may go on
		if slices.Contains(been, here) {
			v.Kind, v.Err = Loop, "back at an address that was there before"
			return v
		}
		if been = append(been, here); len(been) > p.cfg.MaxHops+1 {
			v.Kind, v.Err = TooMany, "redirects without end"
			return v
		}
		hop, err := p.hop(ctx, u, jar, k, &v)
		if err != nil {
			v.Kind = kindOf(ctx, err)
			v.Err = plain(v.Kind, err)
			return v
		}
		v.Hops = append(v.Hops, hop.Hop)
		if hop.next == nil || k.via != "" {
			v.Kind = OK
			return v
		}
		if !fetchable(hop.next) {
			v.Kind, v.Err = BadRedirect, "a redirect to an address that cannot be fetched"
			return v
		}
		u = hop.next
	}
}

func fetchable(u *url.URL) bool {
	return (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.Opaque == ""
}

func cookies(jar *cookiejar.Jar, u *url.URL) string {
	var b strings.Builder
	for _, c := range jar.Cookies(u) {
		b.WriteString(c.Name + "=" + c.Value + ";")
	}
	return b.String()
}

// plain says for people what went wrong, without the URL that net/http and
// the system put into their errors.
func plain(k Kind, err error) string {
	if k == BadTLS {
		text := err.Error()
		if i := strings.LastIndex(text, "tls: "); i >= 0 {
			return text[i:]
		}
		if i := strings.LastIndex(text, "x509: "); i >= 0 {
			return text[i:]
		}
	}
	return k.String()
}

// answer is a hop with where it leads; nil where it is no redirect.
type answer struct {
	Hop
	next *url.URL
}

// hop is one request. The body of the page goes into v.
func (p *Prober) hop(run context.Context, u *url.URL, jar *cookiejar.Jar, k visitKey, v *Visit) (answer, error) {
	p.resolve(run, cmp.Or(k.via, addressOf(u)))
	if !p.slot(run) {
		return answer{}, run.Err()
	}
	defer p.release()
	ctx, cancel := context.WithTimeout(run, p.cfg.Timeout)
	defer cancel()
	if k.via != "" {
		ctx = context.WithValue(ctx, viaKey{}, k.via)
	}
	a := answer{Hop: Hop{URL: v.Final, Header: http.Header{}}}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		a.Addr = addrPort(info.Conn.RemoteAddr())
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.Final, http.NoBody)
	if err != nil {
		return a, err
	}
	req.Header.Set("User-Agent", p.cfg.UserAgent)
	req.Header.Set("Accept", p.cfg.Accept)
	for _, c := range jar.Cookies(u) {
		req.AddCookie(c)
	}
	transport := p.strict
	if k.unverified {
		transport = p.trustful
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return a, err
	}
	defer func() { _ = res.Body.Close() }()
	a.Status = res.StatusCode
	for _, name := range shown {
		if values := res.Header.Values(name); len(values) > 0 {
			a.Header[name] = slices.Clone(values)
		}
	}
	jar.SetCookies(u, res.Cookies())
	if location := res.Header.Get("Location"); location != "" && redirects(a.Status) {
		if a.next, err = u.Parse(location); err != nil {
			a.next = &url.URL{}
		}
		a.next.User = nil
		a.Location = a.next.String()
		return a, nil
	}
	// A body that breaks off, or never ends, is still a page: its head is what
	// the rules read.
	v.Body, err = io.ReadAll(io.LimitReader(res.Body, p.cfg.MaxBody+1))
	v.BrokeOff = err != nil
	if v.Truncated = int64(len(v.Body)) > p.cfg.MaxBody; v.Truncated {
		v.Body = v.Body[:p.cfg.MaxBody]
	}
	return a, nil
}

// addressOf returns where a URL is asked for, as HOST:PORT.
func addressOf(u *url.URL) string {
	port := "443"
	if u.Scheme == "http" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	default:
		return false
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}
