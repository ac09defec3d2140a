package readiness_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/dnstest"
)

// zoneCase is one file of testdata/zones: a launch domain and what the check
// must find. Comment lines at its beginning are directives:
//
//	; config: {"domain": "acme.example"}   site.json; further lines go on
//	; only: dns                            families; default: the file's first word
//	; want: SEVERITY CODE SUBJECT          one finding; all of them must be listed
//	; unknown: CODE SUBJECT                what could not be looked at
//	; fault: NAME FAULT                    how the server fails for a name
//	; header: HOST NAME: VALUE             what a page is answered with over HTTP
//	; page: HOST STATUS TEXT
//
// The records follow, and are those of the resolver and of every name server
// that has no section of its own. A line "; server: ADDRESS" begins one, with
// its own faults and records.
type zoneCase struct {
	config, only   string
	want, unknown  []string
	pages, headers map[string][]string
	servers        []zoneServer
}

type zoneServer struct {
	address, records string
	faults           map[string]dnstest.Fault
}

// faultNames are the words of "; fault:".
func faultNames() map[string]dnstest.Fault {
	return map[string]dnstest.Fault{
		"silent": dnstest.Silent, "servfail": dnstest.ServFail, "refused": dnstest.Refused, "truncated": dnstest.Truncated,
		"bogus": dnstest.Bogus, "failonce": dnstest.FailOnce, "unauthorised": dnstest.Unauthorised, "referral": dnstest.Referral,
		"rotating": dnstest.Rotating, "shuffled": dnstest.Shuffled, "aliasonly": dnstest.AliasOnly, "othername": dnstest.OtherName,
	}
}

func readZone(t *testing.T, file string) zoneCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(filepath.Base(file), "-")
	c := zoneCase{only: first, pages: map[string][]string{}, headers: map[string][]string{}, servers: []zoneServer{{faults: map[string]dnstest.Fault{}}}}
	for n, line := range strings.Split(string(text), "\n") {
		here := &c.servers[len(c.servers)-1]
		key, value, ok := strings.Cut(strings.TrimPrefix(line, "; "), ":")
		if !ok || !strings.HasPrefix(line, "; ") {
			here.records += line + "\n"
			continue
		}
		switch value = strings.TrimSpace(value); key {
		case "config":
			c.config += value + "\n"
		case "only":
			c.only = value
		case "want":
			c.want = append(c.want, value)
		case "unknown":
			c.unknown = append(c.unknown, value)
		case "fault":
			name, fault, _ := strings.Cut(value, " ")
			if here.faults[name], ok = faultNames()[fault]; !ok {
				t.Fatalf("%s:%d: no fault %q", file, n+1, fault)
			}
		case "page":
			host, words, _ := strings.Cut(value, " ")
			c.pages[host] = append(c.pages[host], words)
		case "header":
			host, words, _ := strings.Cut(value, " ")
			c.headers[host] = append(c.headers[host], words)
		case "server":
			c.servers = append(c.servers, zoneServer{address: value, faults: map[string]dnstest.Fault{}})
		case "note":
		default:
			t.Fatalf("%s:%d: no directive %q", file, n+1, key)
		}
	}
	return c
}

// start runs the servers of the case and returns a Config that leads to them,
// and nowhere else.
func (c zoneCase) start(t *testing.T) readiness.Config {
	t.Helper()
	cfg, err := readiness.Load(strings.NewReader(c.config))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range slices.Backward(c.servers) { // the one for everything else comes last
		addr := dnstest.Start(t, s.records, s.faults).Addr
		cfg.ConnectTo = append(cfg.ConnectTo, s.address+":53:"+addr)
		cfg.Resolvers = []string{addr}
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, h := range c.headers[r.Host] {
			name, value, _ := strings.Cut(h, ":")
			w.Header().Set(name, strings.TrimSpace(value))
		}
		if pages := c.pages[r.Host]; len(pages) > 0 {
			status, text, _ := strings.Cut(pages[0], " ")
			n, err := strconv.Atoi(status)
			if err != nil {
				panic(err)
			}
			w.WriteHeader(n)
			_, _ = fmt.Fprintln(w, text)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(web.Close)
	cfg.ConnectTo = append(cfg.ConnectTo, ":80:"+web.Listener.Addr().String(), "::127.0.0.1:1")
	cfg.Only = strings.Split(c.only, ",")
	cfg.Timeout = 30 * time.Second
	return cfg
}

// TestZones checks that a check of each domain under testdata/zones finds what
// the file says, and nothing else.
func TestZones(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/zones/*.zone")
	if err != nil || len(files) == 0 {
		t.Fatal("no zones", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".zone"), func(t *testing.T) {
			t.Parallel()
			c := readZone(t, file)
			checker, err := readiness.New(c.start(t))
			if err != nil {
				t.Fatal(err)
			}
			r := checker.Check(t.Context())
			var got, unknown []string
			for _, f := range r.Findings {
				got = append(got, fmt.Sprint(f.Severity, " ", f.Code, " ", f.Subject))
				if f.Title == "" || f.Detail == "" || f.Fix == "" {
					t.Errorf("%s %s: without title, detail or fix: %+v", f.Code, f.Subject, f)
				}
			}
			for _, f := range r.Unknown {
				unknown = append(unknown, f.Code+" "+f.Subject)
			}
			differ(t, "found", got, c.want)
			differ(t, "unknown", unknown, c.unknown)
			if t.Failed() {
				t.Logf("%s", r)
			}
		})
	}
}

// differ reports what is too much and what is missing.
func differ(t *testing.T, what string, got, want []string) {
	t.Helper()
	for _, s := range got {
		if !slices.Contains(want, s) {
			t.Errorf("%s too much: %s", what, s)
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			t.Errorf("%s not: %s", what, s)
		}
	}
}
