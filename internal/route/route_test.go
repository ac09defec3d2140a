package route_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/route"
)

func table(t testing.TB, opt route.Options, patterns ...string) *route.Table {
	t.Helper()
	problems := cfgerr.For("test")
	table := route.New(problems, entries(patterns), opt)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return table
}

func entries(patterns []string) []route.Entry {
	list := make([]route.Entry, len(patterns))
	for i, p := range patterns {
		list[i] = route.Entry{Pattern: p, Path: cfgerr.Index("Rules", i, "Pattern")}
	}
	return list
}

// request is what net/http's server makes of "METHOD target", with an
// optional host before the target's first slash.
func request(t testing.TB, line string) *http.Request {
	t.Helper()
	method, target, _ := strings.Cut(line, " ")
	r := &http.Request{Method: method, Host: "example.com", Header: http.Header{}}
	if i := strings.IndexByte(target, '/'); i > 0 {
		r.Host, target = target[:i], target[i:]
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		t.Fatal(err)
	}
	r.URL = u
	return r
}

// texts names matches as "pattern" or "pattern name=value".
func texts(patterns []string, matches []route.Match, names ...string) []string {
	var out []string
	for _, m := range matches {
		var s strings.Builder
		s.WriteString(patterns[m.Entry])
		for _, n := range names {
			if v := m.Value(n); v != "" {
				s.WriteString(" " + n + "=" + v)
			}
		}
		out = append(out, s.String())
	}
	return out
}

func TestAllYieldsEveryEntryMostSpecificFirst(t *testing.T) {
	t.Parallel()
	patterns := []string{
		"", "/", "GET /", "POST /login", "/login", "/{page}", "GET /listings/{id}", "/listings/{id}/edit",
		"GET /listings/new", "/listings/", "/files/{path...}", "api.example.com/", "HEAD /listings/{id}", "/exact/{$}",
	}
	tests := []struct {
		request string
		want    []string
	}{
		{"POST /login", []string{"POST /login", "/login", "/{page} page=login", "/", ""}},
		{"GET /login", []string{"/login", "/{page} page=login", "GET /", "/", ""}},
		{"GET /listings/new", []string{"GET /listings/new", "GET /listings/{id} id=new", "/listings/", "GET /", "/", ""}},
		{"HEAD /listings/7", []string{"HEAD /listings/{id} id=7", "GET /listings/{id} id=7", "/listings/", "GET /", "/", ""}},
		{"PUT /listings/7/edit", []string{"/listings/{id}/edit id=7", "/listings/", "/", ""}},
		{"PUT /files/a/b%20c", []string{"/files/{path...} path=a/b c", "/", ""}},
		{"PUT /files/a%2Fb/c", []string{"/files/{path...} path=a/b/c", "/", ""}},
		{"PUT api.example.com/x/y", []string{"api.example.com/", "/", ""}},
		{"PUT API.example.com.:443/x/y", []string{"api.example.com/", "/", ""}},
		{"PUT /exact/", []string{"/exact/{$}", "/{page} page=exact", "/", ""}},
		{"PUT /exact/more", []string{"/", ""}},
		{"PUT /x%2Fy", []string{"/{page} page=x/y", "/", ""}},
	}
	tbl := table(t, route.Options{}, patterns...)
	for _, tt := range tests {
		got := texts(patterns, tbl.All(request(t, tt.request)), "page", "id", "path")
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %q\nwant %q", tt.request, got, tt.want)
		}
	}
}

func TestNothingEscapesBySpelling(t *testing.T) {
	t.Parallel()
	patterns := []string{"POST /login", "POST /api/login", "POST /listings/{id}/edit"}
	tbl := table(t, route.Options{}, patterns...)
	tests := []struct{ request, want string }{
		{"POST /login", "POST /login"},
		{"POST /login/", "POST /login"},
		{"POST //login", "POST /login"},
		{"POST /x/../login", "POST /login"},
		{"POST /./login", "POST /login"},
		{"POST /%6Cogin", "POST /login"},
		{"POST /%6Cogin/", "POST /login"},
		{"POST /x%2Fy/../login", "POST /login"},
		{"POST /%2e%2e/login", "POST /login"},
		{"POST /%2Flogin", "POST /login"},
		{"POST /login?next=/x", "POST /login"},
		{"POST /api%2Flogin", "POST /api/login"},
		{"POST /api/../login", "POST /api/login"}, // what a mounted router that cleans makes of it
		{"POST /api/x/../../login", "POST /api/login"},
		{"POST /listings//edit", "POST /listings/{id}/edit"},
		{"POST /listings/%2F/edit", "POST /listings/{id}/edit"},
		{"GET /login", ""},
		{"POST /logins", ""},
		{"POST /login/x", ""},
	}
	for _, tt := range tests {
		got := texts(patterns, tbl.All(request(t, tt.request)))
		if tt.want == "" && len(got) != 0 || tt.want != "" && !slices.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.request, got, tt.want)
		}
	}
	stripped := request(t, "POST /x")
	stripped.URL.Path = "login" // what http.StripPrefix("/x/") may leave
	if got := tbl.All(stripped); len(got) != 1 || got[0].Entry != 0 {
		t.Errorf("a path without its slash: %v", got)
	}
}

func TestFirstNeedsTheSpellingsToAgree(t *testing.T) {
	t.Parallel()
	patterns := []string{"/listings", "/listings/{id}", "/docs/", "/files/{path...}", "/api/{name}", "/{page}", "GET /{$}", "shop.example/listings"}
	tbl := table(t, route.Options{Exclusive: true, DefaultMethod: "GET"}, patterns...)
	tests := []struct{ request, want string }{
		{"GET /", "GET /{$}"},
		{"GET /listings", "/listings"},
		{"HEAD /listings", "/listings"},
		{"POST /listings", ""},
		{"GET /listings/7", "/listings/{id} id=7"},
		{"GET /listings/a%20b", "/listings/{id} id=a b"},
		{"GET /%6Cistings", "/listings"},
		{"GET /listings/", ""},       // to some routers the list, to others nothing
		{"GET //listings", ""},       // likewise
		{"GET /listings/x/../7", ""}, // likewise
		{"GET /api%2Fx", ""},         // one segment, or two
		{"GET /files/a%2Fb", "/files/{path...} path=a/b"},
		{"GET /files/a//b", ""}, // the values differ
		{"GET /files/.well-known", "/files/{path...} path=.well-known"},
		{"GET /docs/", ""}, // /docs is a {page}
		{"GET /docs/x", "/docs/"},
		{"GET /docs", ""}, // likewise
		{"GET /other", "/{page}"},
		{"GET shop.example/listings", "shop.example/listings"},
		{"GET SHOP.example/listings", ""},
	}
	for _, tt := range tests {
		m, ok := tbl.First(request(t, tt.request))
		got := ""
		if ok {
			got = texts(patterns, []route.Match{m}, "id", "path")[0]
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.request, got, tt.want)
		}
	}
	both := table(t, route.Options{Exclusive: true}, "/docs", "/docs/", "/")
	for target, want := range map[string]int{"GET /docs": 0, "GET /docs/x": 1, "GET /x": 2} {
		if m, ok := both.First(request(t, target)); !ok || m.Entry != want {
			t.Errorf("%s: entry %d, %v; want %d", target, m.Entry, ok, want)
		}
	}
	alone := table(t, route.Options{Exclusive: true}, "/docs/")
	if _, ok := alone.First(request(t, "GET /docs/")); !ok {
		t.Error("/docs/ is not found where the table has nothing else for /docs")
	}
}

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		opt      route.Options
		patterns []string
		want     []string // parts of the lines, in order
	}{
		{"malformed", route.Options{}, []string{"login", "GET  {x}", "/a/{b", "/a//b", "GET /ok"}, []string{"Rules[0].Pattern: ", "Rules[1].Pattern: ", "Rules[2].Pattern: ", "Rules[3].Pattern: "}},
		{"hosts", route.Options{}, []string{"Example.com/", "example.com./", "example.com:80/"}, []string{"Rules[0].Pattern: host \"Example.com\"", "Rules[1].Pattern: host", "Rules[2].Pattern: host"}},
		{"in another router's words", route.Options{}, []string{"post /login", "Get /x", "/x/*", "/x/:id", "/ok", "/x/a*b"}, []string{`Rules[0].Pattern: method "post": methods are told apart by case, write POST`, `Rules[1].Pattern: method "Get"`, `Rules[2].Pattern: segment 2 of the path is "*"`, `Rules[3].Pattern: segment 2 of the path is ":id"`}},
		{"overlaps are fine for a table that applies all", route.Options{}, []string{"GET /", "/account/", "/account/", ""}, nil},
		{"a partial overlap names both", route.Options{Exclusive: true}, []string{"GET /", "/account/"}, []string{`Rules[1].Pattern: "/account/" and Rules[0].Pattern ("GET /") both match some requests`}},
		{"a partial overlap, with a default method", route.Options{Exclusive: true, DefaultMethod: "GET"}, []string{"GET /", "/account/"}, []string{`Rules[1].Pattern: "/account/" and Rules[0].Pattern ("GET /")`}},
		{"the same twice", route.Options{Exclusive: true}, []string{"/{a}", "/x", "/{b}"}, []string{`Rules[2].Pattern: "/{b}": Rules[0].Pattern ("/{a}") matches the same requests`}},
		{"the same by the default method", route.Options{Exclusive: true, DefaultMethod: "GET"}, []string{"/x", "GET /x"}, []string{`Rules[1].Pattern: "GET /x": Rules[0].Pattern ("/x") matches the same requests`}},
		{"two empty ones", route.Options{Exclusive: true}, []string{"", "/", ""}, []string{`Rules[2].Pattern: "": Rules[0].Pattern ("") matches the same requests`}},
		{"three problems of three kinds", route.Options{Exclusive: true}, []string{"x", "/a/{$}", "/a/{$}", "/{b}/c", "/a/{d}"}, []string{"Rules[0].Pattern: ", "Rules[2].Pattern: ", "Rules[4].Pattern: "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			problems := cfgerr.For("test")
			route.New(problems, entries(tt.patterns), tt.opt)
			err := problems.Err()
			var lines []string
			if err != nil {
				lines = strings.Split(err.Error(), "\n")
			}
			if len(lines) != len(tt.want) {
				t.Fatalf("got %d problems, want %d:\n%v", len(lines), len(tt.want), err)
			}
			for i, want := range tt.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("line %d: %q, want %q in it", i, lines[i], want)
				}
			}
		})
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	problems := cfgerr.For("test")
	tbl := route.New(problems, entries([]string{"/listings/{id}", "/{team}/files/{path...}"}), route.Options{})
	tests := []struct {
		pattern             int
		text, request, want string
	}{
		{0, "listings", "GET /listings/7", "listings"},
		{0, "listing:{id}", "GET /listings/7", "listing:7"},
		{0, "{id}", "GET /listings/a%2Fb", "a/b"},
		{1, "{team}:{path}!", "GET /ops/files/a/b", "ops:a/b!"},
		{0, "}", "GET /listings/7", "}"},
		{0, "", "GET /listings/7", ""},
	}
	for _, tt := range tests {
		tm := tbl.Template(problems, "Tags[0]", tt.pattern, tt.text)
		m := tbl.All(request(t, tt.request))[0]
		if got := tm.Expand(m); got != tt.want || tm.String() != tt.text {
			t.Errorf("%q of %s: %q, want %q", tt.text, tt.request, got, tt.want)
		}
	}
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	tbl.Template(problems, "Tags[1]", 0, "x:{nam}")
	tbl.Template(problems, "Tags[2]", 0, "x:{id")
	want := "test: Tags[1]: \"x:{nam}\" names {nam}, which the pattern \"/listings/{id}\" does not have\ntest: Tags[2]: \"x:{id\" has a { without its }"
	if err := problems.Err(); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestUnusedAndUndecided(t *testing.T) {
	t.Parallel()
	routes := slices.Values([]string{
		"GET /{$}", "GET /listings", "GET /listings/{id}", "POST /listings", "POST /login", "GET /assets/{rest...}", "/admin/{x}/y", "GET /{rest...}", "bad",
	})
	limits := table(t, route.Options{}, "POST /login/", "POST /signup", "/admin/", "", "GET /listings/{slug}", "GET /assets/app.css")
	if got, want := limits.Unused(routes), []string{"POST /signup"}; !slices.Equal(got, want) {
		t.Errorf("unused limits %q, want %q", got, want)
	}
	if got := limits.Undecided(routes); len(got) != 1 || !strings.HasPrefix(got[0], "bad: ") {
		t.Errorf("undecided with an entry for everything: %q", got)
	}
	pages := table(t, route.Options{Exclusive: true, DefaultMethod: "GET"}, "/listings", "/listings/{id}", "GET /asset/", "/admin/{a}/{b}")
	if got, want := pages.Unused(routes), []string{"GET /asset/"}; !slices.Equal(got, want) {
		t.Errorf("unused pages %q, want %q", got, want)
	}
	got := pages.Undecided(routes)
	want := []string{"GET /{$}", "GET /assets/{rest...}", "GET /{rest...}"}
	if len(got) != 4 || !slices.Equal(got[:3], want) || !strings.HasPrefix(got[3], "bad: ") {
		t.Errorf("undecided pages %q, want %q and the malformed one", got, want)
	}
}

func TestMatchingAllocates(t *testing.T) {
	tbl := table(t, route.Options{}, fifty()...)
	hit, miss := request(t, "GET /app/r23/7/edit"), request(t, "GET /app/r23/7/other")
	if n := testing.AllocsPerRun(100, func() { tbl.All(hit)[0].Value("id") }); n > 1 {
		t.Errorf("a match with values: %v allocations, want at most 1", n)
	}
	if n := testing.AllocsPerRun(100, func() { tbl.All(miss) }); n > 0 {
		t.Errorf("no match: %v allocations, want none", n)
	}
	if n := testing.AllocsPerRun(100, func() { tbl.First(hit) }); n > 0 {
		t.Errorf("First: %v allocations, want none", n)
	}
}

// fifty is a table as a service has it: many routes below few prefixes.
func fifty() []string {
	var patterns []string
	for i := range 25 {
		name := "/app/r" + string(rune('0'+i/10)) + string(rune('0'+i%10))
		patterns = append(patterns, "GET "+name, "GET "+name+"/{id}/edit")
	}
	return patterns
}

func BenchmarkMatch(b *testing.B) {
	tbl := table(b, route.Options{}, fifty()...)
	single := table(b, route.Options{Exclusive: true}, fifty()...)
	mux := http.NewServeMux()
	for _, p := range fifty() {
		mux.Handle(p, http.NotFoundHandler())
	}
	hit, miss, odd := request(b, "GET /app/r23/7/edit"), request(b, "GET /app/r23/7/other"), request(b, "GET /app/./r23/7/edit")
	bench := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
	bench("all", func() { _ = tbl.All(hit)[0].Value("id") })
	bench("first", func() { m, _ := single.First(hit); _ = m.Value("id") })
	bench("none", func() { tbl.All(miss) })
	bench("respelled", func() { tbl.All(odd) })
	bench("servemux", func() { mux.Handler(hit) })
}

// FuzzServeMuxIsTheOracle holds the table against ServeMux: what a mux would
// answer with is found, and for a path that needs no cleaning it is the same
// entry with the same values.
func FuzzServeMuxIsTheOracle(f *testing.F) {
	f.Add("GET /a/{x}", "/a/{y...}", "POST /a/b", "GET", "/a/b", "h")
	f.Add("/a/", "/a/{$}", "h/a", "GET", "/a", "h")
	f.Add("/{x}/b", "/a/", "GET /a/b", "HEAD", "/a/b/", "H.")
	f.Add("/login", "/api/login", "/{x...}", "POST", "/x%2Fy/../login", "h")
	f.Add("/b/{n}/c", "/{$}", "/", "POST", "/b//c", "h:80")
	f.Fuzz(func(t *testing.T, p1, p2, p3, method, target, host string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Host != "" || u.Opaque != "" || method == http.MethodConnect || strings.Contains(p1+p2+p3, "%") || !strings.HasPrefix(u.Path, "/") {
			return // ServeMux has an order of its own for an escaped slash in a pattern
		}
		problems := cfgerr.For("test")
		patterns := []string{p1, p2, p3}
		tbl := route.New(problems, entries(patterns), route.Options{Exclusive: true})
		every := route.New(problems, entries(patterns), route.Options{})
		if problems.Err() != nil || slices.Contains(patterns, "") {
			return
		}
		handlers := map[string]string{}
		var values strings.Builder
		mux := http.NewServeMux()
		for _, p := range patterns {
			mux.HandleFunc(p, func(_ http.ResponseWriter, r *http.Request) {
				for _, name := range []string{"x", "y", "n"} {
					values.WriteString(name + "=" + r.PathValue(name) + ";")
				}
				handlers[p] = values.String()
			})
		}
		r := &http.Request{Method: method, URL: u, Host: host, Header: http.Header{}, RequestURI: target}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		answered := ""
		for p := range handlers {
			answered = p
		}
		if answered == "" {
			return // 404, 405, or a redirect to the clean path
		}
		got := texts(patterns, every.All(r))
		if !slices.Contains(got, answered) {
			t.Fatalf("%s %s%s: ServeMux answers with %q, All found %q", method, host, target, answered, got)
		}
		m, ok := tbl.Sent(r)
		if !ok || patterns[m.Entry] != answered {
			t.Fatalf("%s %s%s: ServeMux answers with %q, the path as sent gives %q", method, host, target, answered, got)
		}
		var mine strings.Builder
		for _, name := range []string{"x", "y", "n"} {
			mine.WriteString(name + "=" + m.Value(name) + ";")
		}
		if mine.String() != values.String() {
			t.Fatalf("%s %s%s under %q: values %q, ServeMux has %q", method, host, target, answered, mine.String(), values.String())
		}
		if first, ok := tbl.First(r); ok && patterns[first.Entry] != answered {
			t.Fatalf("%s %s%s: First is sure of %q, ServeMux answers with %q", method, host, target, patterns[first.Entry], answered)
		}
	})
}

// FuzzTemplate never panics, and expands to the text where it names nothing.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"listing:{id}", "{", "}", "{id}{id}", "a{b", "{}", ""} {
		f.Add(s, "/listings/7")
	}
	f.Fuzz(func(t *testing.T, text, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return
		}
		problems := cfgerr.For("test")
		tbl := route.New(problems, entries([]string{"/listings/{id}", ""}), route.Options{})
		tm := tbl.Template(problems, "Tags", 0, text)
		for _, m := range tbl.All(&http.Request{Method: "GET", URL: u}) {
			got := tm.Expand(m)
			if problems.Err() == nil && !strings.Contains(text, "{") && got != text {
				t.Errorf("%q became %q", text, got)
			}
		}
	})
}
