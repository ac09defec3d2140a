package smoke_test

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// redirectTo answers every request with a redirect to an origin, path and all.
func redirectTo(origin string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, origin+r.URL.RequestURI(), http.StatusMovedPermanently)
	}
}

// town is example.com on real sockets: what answers on port 80, nobody where
// it is nil, and on port 443, with a certificate. Every subdomain is there.
func town(t *testing.T, plain, secure http.Handler) *http.Client {
	t.Helper()
	https := httptest.NewTLSServer(secure)
	t.Cleanup(https.Close)
	ports := map[string]string{"443": https.Listener.Addr().String()}
	if plain != nil {
		http := httptest.NewServer(plain)
		t.Cleanup(http.Close)
		ports["80"] = http.Listener.Addr().String()
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(https.Certificate())
	tr := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		to, listens := ports[port]
		if !listens || host != "example.com" && !strings.HasSuffix(host, ".example.com") {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		return new(net.Dialer).DialContext(ctx, network, to)
	}}
	tr.TLSClientConfig = https.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	tr.TLSClientConfig.RootCAs = trusted
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// apex leads example.com to www.example.com, where everything else is.
func apex(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "example.com" {
			redirectTo("https://www.example.com").ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// The whole way over real sockets: example.com is typed, http leads to https,
// that to www, the form is filled in there, a scanner fetches the link of the
// mail, and the person who opens it after that is signed in.
func TestSignupFromTheApexOverHTTP(t *testing.T) {
	t.Parallel()
	members := &club{host: "example.com"}
	var typed, gated atomic.Int64
	plain := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		typed.Add(1)
		for _, secret := range []string{"Authorization", "X-Gate"} {
			if r.Header.Get(secret) != "" {
				t.Errorf("%s went over plain http", secret)
			}
		}
		if r.Method != http.MethodGet || r.TLS != nil {
			t.Errorf("%s over plain http", r.Method)
		}
		redirectTo("https://"+r.Host).ServeHTTP(w, r)
	})
	secure := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, pass, _ := r.BasicAuth()
		if r.Header.Get("X-Gate") != password || user != "staging" || pass != password {
			http.Error(w, "closed", http.StatusUnauthorized)
			return
		}
		gated.Add(1)
		apex(members.handler()).ServeHTTP(w, r)
	})
	for _, target := range []string{"https://example.com", "https://www.example.com"} {
		typed.Store(0)
		members.opened = 0
		r := checkConfig(t, smoke.Config{
			URL: target, Client: town(t, plain, secure), Hosts: map[string]string{"www": "https://www.example.com", "apex": "https://example.com"},
			SecretHeader: map[string]string{"X-Gate": "SMOKE_PASSWORD"}, BasicAuth: &smoke.BasicAuth{User: "staging", Secret: "SMOKE_PASSWORD"},
			Steps: []smoke.Step{signup("http://example.com/confirm?token="+linkToken, nil).Step().Writes()},
		})
		if err := r.Err(); err != nil {
			t.Errorf("%v\n%s", err, r.Steps[0].Detail)
		}
		// The form, and the link twice.
		if typed.Load() != 3 || members.opened != 2 || gated.Load() == 0 {
			t.Errorf("%s: %d requests over plain http, the link was opened %d times", target, typed.Load(), members.opened)
		}
	}
}

func TestSignupEntry(t *testing.T) {
	t.Parallel()
	const link = "https://www.example.com/confirm?token=" + linkToken
	answer := func(status int, cookie string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if cookie != "" {
				w.Header().Set("Set-Cookie", cookie)
			}
			if status == http.StatusFound {
				w.Header().Set("Location", "https://www.example.com"+r.RequestURI)
			}
			w.WriteHeader(status)
		}
	}
	to := func(address string) http.Handler { return http.RedirectHandler(address, http.StatusMovedPermanently) }
	tests := []struct {
		name        string
		plain       http.Handler
		path, entry string
		link        string
		want        string
	}{
		{name: "to the apex", plain: redirectTo("https://example.com")},
		{name: "straight to www", plain: redirectTo("https://www.example.com")},
		{name: "with a query", plain: redirectTo("https://example.com"), path: "/join?plan=pro"},
		{name: "a language in front", plain: to("https://www.example.com/en/join")},
		{name: "www is typed", plain: redirectTo("https://www.example.com"), entry: "http://www.{host}"},
		{name: "https is typed", entry: "https://{host}"},
		{name: "https on www is typed", entry: "https://www.{host}"},
		{name: "a link of the old kind", plain: redirectTo("https://example.com"), link: "http://example.com/confirm?token=" + linkToken},
		{name: "a cookie for all", plain: answer(http.StatusFound, "theme=dark")},
		{name: "a session that browsers refuse", plain: answer(http.StatusFound, "session=0123456789; Secure; HttpOnly; SameSite=Lax")},

		{name: "a page", plain: answer(http.StatusOK, ""), want: "http://example.com/join answered 200 OK over plain http: a password would be read on the way; redirect it to https"},
		{name: "no page", plain: answer(http.StatusNotFound, ""), want: "http://example.com/join answered 404 Not Found over plain http"},
		{name: "a password prompt", plain: answer(http.StatusUnauthorized, ""), want: "http://example.com/join answered 401 Unauthorized over plain http"},
		{name: "a redirect without a place", plain: answer(http.StatusMovedPermanently, ""), want: "http://example.com/join answered 301 Moved Permanently over plain http"},
		{name: "nobody", want: "http://example.com: GET /join: connection refused; whoever opens example.com without https sees that the site cannot be reached: listen on port 80 and redirect to https"},
		{name: "the path is lost", plain: to("https://www.example.com/"), want: "the redirect from http://example.com/join to https://www.example.com/ loses the path: whoever asks for http://example.com/join is not led there"},
		{name: "to another page", plain: to("https://www.example.com/welcome"), want: "the redirect from http://example.com/join to https://www.example.com/welcome loses the path"},
		{name: "the query is lost", plain: to("https://www.example.com/join"), path: "/join?plan=pro", want: "the redirect from http://example.com/join to https://www.example.com/join loses plan of the query"},
		{name: "home in the end", plain: redirectTo("https://www.example.com"), path: "/home", want: "the redirect from https://www.example.com/home to https://www.example.com/ loses the path"},
		{name: "plain http again", plain: redirectTo("http://www.example.com"), want: "http://example.com/join redirects to plain http on www.example.com; nothing was sent there"},
		{name: "elsewhere", plain: redirectTo("https://other.example"), want: "http://example.com/join redirects to the host other.example, which is not the target; nothing was sent there"},
		{name: "another port", plain: redirectTo("https://www.example.com:8443"), want: "http://example.com/join redirects to the host www.example.com:8443"},
		{name: "no address", plain: redirectTo("https://["), want: "http://example.com/join: the Location of its redirect is no address"},
		{name: "a challenge", plain: challenges(), want: "Cloudflare"},
		{name: "round and round", plain: redirectTo("https://www.example.com"), path: "/loop", want: "http://example.com/loop: gave up after 10 redirects"},
		{name: "a session over plain http", plain: answer(http.StatusFound, "session=0123456789; HttpOnly; SameSite=Lax"), want: "http://example.com/join sets the cookie session of a session over plain http, where it is read on the way"},
		{name: "no form there", plain: redirectTo("https://www.example.com"), path: "/welcome", want: "no form on /welcome with the fields email, password"},
		{name: "no such page", plain: redirectTo("https://www.example.com"), path: "/nowhere", want: "the page with the form, /nowhere, answered 404 Not Found"},
		{name: "a link that stays in the open", plain: answer(http.StatusOK, ""), entry: "https://{host}", link: "http://example.com/confirm?token=" + linkToken, want: "http://example.com/confirm answered 200 OK over plain http: the token of the link would be read on the way; redirect it to https"},
		{name: "a link that nobody answers", entry: "https://{host}", link: "http://example.com/confirm?token=" + linkToken, want: "http://example.com: GET /confirm?token=«hidden»: connection refused; whoever opens example.com without https"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			secure := http.NewServeMux()
			secure.Handle("/", (&club{host: "example.com"}).handler())
			secure.Handle("GET /home", to("/"))
			secure.Handle("GET /loop", to("/loop"))
			secure.Handle("GET /en/join", to("/join"))
			step := signup(link, nil)
			step.Entry = tt.entry
			if tt.path != "" {
				step.Path = tt.path
			}
			if tt.link != "" {
				step = signupBy(step, tt.link)
			}
			r := checkConfig(t, smoke.Config{
				URL: "https://example.com", Client: town(t, tt.plain, apex(secure)), Hosts: map[string]string{"www": "https://www.{host}"},
				Steps: []smoke.Step{step.Step().Writes()},
			})
			if tt.want != "" {
				failed(t, r, tt.want)
			} else if err := r.Err(); err != nil {
				t.Errorf("%v\n%s", err, r.Steps[0].Detail)
			}
		})
	}
}

// challenges answers as a bot protection in front of a site does.
func challenges() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cf-Mitigated", "challenge")
		w.WriteHeader(http.StatusForbidden)
	})
}

// signupBy is a sign-up whose mail has another link.
func signupBy(s smoke.Signup, link string) smoke.Signup {
	s.Mailbox = func(context.Context, string) (string, error) { return link, nil }
	return s
}

// An application that leads to https itself is asked over plain http inside
// the process too, and told so.
func TestSignupEntryInProcess(t *testing.T) {
	t.Parallel()
	members := (&club{}).handler()
	leads := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); !ok || !strings.HasSuffix(local.String(), ":80") {
				t.Errorf("plain http came to %v", local)
			}
			redirectTo("https://"+r.Host).ServeHTTP(w, r)
			return
		}
		members.ServeHTTP(w, r)
	})
	step := signup("http://smoke.test/confirm?token="+linkToken, nil)
	hosts := map[string]string{"www": "https://www.{host}"}
	for entry, want := range map[string]string{
		"": "", "http://{host}": "http://smoke.test/join answered 200 OK over plain http", "https://{host}": "",
	} {
		step.Entry = entry
		if err := checkConfig(t, smoke.Config{Handler: leads, Hosts: hosts, Steps: []smoke.Step{step.Step()}}).Err(); err != nil {
			t.Errorf("Entry %q: %v", entry, err)
		}
		step := signupBy(step, "https://smoke.test/confirm?token="+linkToken)
		r := checkConfig(t, smoke.Config{Handler: members, Hosts: hosts, Steps: []smoke.Step{step.Step()}})
		if want != "" {
			failed(t, r, want)
		} else if err := r.Err(); err != nil {
			t.Errorf("Entry %q: %v", entry, err)
		}
	}
	step.Entry = "http://{host}"
	panics := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			panic("no TLS")
		}
		members.ServeHTTP(w, r)
	})
	failed(t, checkConfig(t, smoke.Config{Handler: panics, Hosts: hosts, Steps: []smoke.Step{step.Step()}}), "GET /join: the handler panicked with a value of type string at entry_test.go:")
}

// Cookies on the way are kept as browsers keep them: plain http sets none that
// is Secure, and replaces none that is.
func TestSignupEntryCookies(t *testing.T) {
	t.Parallel()
	var got string
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.TLS == nil:
			got = r.Header.Get("Cookie") + " then "
			for _, c := range []string{"guarded=2", "theme=2", "late=2; Secure", "new=2"} {
				w.Header().Add("Set-Cookie", c)
			}
			redirectTo("https://"+r.Host).ServeHTTP(w, r)
		case r.URL.Path == "/account":
			w.Header().Add("Set-Cookie", "guarded=1; Secure")
			w.Header().Add("Set-Cookie", "theme=1")
			w.WriteHeader(http.StatusForbidden)
		default:
			got += r.Header.Get("Cookie")
			w.WriteHeader(http.StatusTeapot)
		}
	})
	step := signup("", nil)
	step.Entry = "http://{host}"
	failed(t, check(t, h, step.Step()), "the page with the form, /join, answered 418")
	if want := "theme=1 then guarded=1; theme=2; new=2"; got != want {
		t.Errorf("the cookies were %s, want %s", got, want)
	}
}

// What is typed by default, by what is asked first.
func TestSignupEntryByDefault(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, target, on string
		hosts            map[string]string
		want             string
	}{
		{"the target is the apex", "https://market.example", "", nil, "http://market.example/join"},
		{"the apex is declared", "https://www.market.example", "", map[string]string{"apex": "https://market.example"}, "http://market.example/join"},
		{"the apex is not declared", "https://www.market.example", "", nil, "http://www.market.example/join"},
		{"the apex of many", "https://shop.github.io", "", map[string]string{"apex": "https://github.io"}, "http://shop.github.io/join"},
		{"another port of the apex", "https://www.market.example", "", map[string]string{"apex": "https://market.example:8443"}, "http://www.market.example/join"},
		{"on a host", "https://market.example", "app", map[string]string{"app": "https://app.{host}"}, "http://app.market.example/join"},
		{"another port", "https://market.example:8443", "", nil, "https://market.example:8443/join"},
		{"the default port", "https://market.example:443", "", nil, "http://market.example/join"},
		{"plain http", "http://market.example", "", nil, "http://market.example/join"},
		{"an address", "https://192.0.2.7", "", nil, "http://192.0.2.7/join"},
		{"a long address", "https://[2001:db8::7]", "", nil, "http://[2001:db8::7]/join"},
		{"one label", "https://localhost", "", nil, "http://localhost/join"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/account" {
					w.WriteHeader(http.StatusForbidden)
					return
				}
				asked = append(asked, r.URL.String())
				w.WriteHeader(http.StatusTeapot)
			})
			step := signup("", nil).Step().Writes()
			if tt.on != "" {
				step = step.On(tt.on)
			}
			checkConfig(t, smoke.Config{URL: tt.target, Hosts: tt.hosts, Client: &http.Client{Transport: transport{h}}, Steps: []smoke.Step{step}})
			if len(asked) != 1 || asked[0] != tt.want {
				t.Errorf("asked for %q, want %s", asked, tt.want)
			}
		})
	}
}

func TestSignupEntryIsChecked(t *testing.T) {
	t.Parallel()
	const undeclared = "must be the target, one of Hosts, or plain http on a host of theirs, such as http://{host}: no other is ever contacted; declare its host in Hosts"
	const noOrigin = "must be http:// or https:// with a host, and no user, path, query or fragment, such as http://market.example or http://{host}"
	for entry, want := range map[string]string{
		"http://market.example": "", "https://market.example": "", "http://{host}": "", "http://WWW.{host}": "", "https://www.market.example": "", "http://{host}:8080": "",
		"http://other.example": undeclared, "https://api.{host}": undeclared, "https://{host}:8443": undeclared,
		"market.example": noOrigin, "http://{host}/join": noOrigin, "http://me:correct-horse@{host}": noOrigin, "ftp://{host}": noOrigin, "http://{host}?a": noOrigin,
	} {
		step := signup("", nil)
		step.Entry = entry
		_, err := smoke.New(smoke.Config{URL: "https://market.example", Hosts: map[string]string{"www": "https://www.{host}"}, LookupEnv: credentials, Steps: []smoke.Step{step.Step().Writes()}})
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", entry, err)
		case want != "" && (err == nil || err.Error() != "smoke: Steps[0]: sign-up /join: Entry "+want):
			t.Errorf("%s: got %v", entry, err)
		}
	}
	step := signup("", nil)
	step.Entry = "https://{host}"
	if _, err := smoke.New(smoke.Config{URL: "http://127.0.0.1:8080", LookupEnv: credentials, Steps: []smoke.Step{step.Step()}}); err == nil || !strings.Contains(err.Error(), undeclared) {
		t.Errorf("https on an http target: %v", err)
	}
	if _, err := smoke.New(smoke.Config{LookupEnv: credentials, Steps: []smoke.Step{step.Step()}}); err == nil || strings.Contains(err.Error(), "Entry") {
		t.Errorf("without a target: %v", err)
	}
}
