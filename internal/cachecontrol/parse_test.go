package cachecontrol_test

import (
	"testing"
	"time"

	"github.com/launchready/readiness/internal/cachecontrol"
)

type (
	directives = cachecontrol.Directives
	seconds    = cachecontrol.Seconds
)

// of is a directive of n seconds.
func of(n int64) seconds {
	return seconds{Set: true, Value: time.Duration(n) * time.Second}
}

var longest = seconds{Set: true, Value: cachecontrol.Longest}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		lines []string
		want  directives
	}{
		{"no field", nil, directives{}},
		{"an empty field", []string{""}, directives{}},
		{"an unknown directive", []string{"community=UCI, x"}, directives{}},
		{"every flag", []string{
			"no-store, no-cache, private, public, must-revalidate",
			"proxy-revalidate, must-understand, no-transform, only-if-cached, immutable",
		}, directives{
			NoStore: true, NoCache: true, Private: true, Public: true, MustRevalidate: true,
			ProxyRevalidate: true, MustUnderstand: true, NoTransform: true, OnlyIfCached: true, Immutable: true,
		}},
		{"every number", []string{"max-age=1, s-maxage=2, min-fresh=3, max-stale=4, stale-while-revalidate=5, stale-if-error=6"}, directives{
			MaxAge: of(1), SMaxAge: of(2), MinFresh: of(3), MaxStale: of(4), StaleWhileRevalidate: of(5), StaleIfError: of(6),
		}},
		{"either case", []string{"No-Store, MAX-AGE=5"}, directives{NoStore: true, MaxAge: of(5)}},
		{"space and empty elements", []string{" ,\t, public ,,max-age=5\t,"}, directives{Public: true, MaxAge: of(5)}},

		{"qualified no-cache and private", []string{`no-cache="set-cookie, x", private=x`}, directives{NoCache: true, Private: true}},
		{"no-store with an argument", []string{"no-store=0"}, directives{NoStore: true}},
		{"what permits, with an argument", []string{`public=1, immutable="", must-understand=x`}, directives{}},
		{"what permits, with and without", []string{"public=1, public, public=1"}, directives{Public: true}},

		{"a quoted number", []string{`max-age="60"`}, directives{MaxAge: of(60)}},
		{"a name inside a quoted string", []string{`x="no-store, max-age=0", max-age=60`}, directives{MaxAge: of(60)}},
		{"an escaped quote", []string{`x="a\", no-store, \"", max-age=60`}, directives{MaxAge: of(60)}},
		{"an escaped backslash", []string{`x="\\", no-store`}, directives{NoStore: true}},
		{"a name in a token argument", []string{"x=no-store"}, directives{}},
		{"a name as a part of another", []string{"no-stores, xno-store, no-store-x, max-age-x=0"}, directives{}},

		{"too large a number", []string{"max-age=2147483649, s-maxage=99999999999999999999999"}, directives{MaxAge: longest, SMaxAge: longest}},
		{"the largest number", []string{"max-age=2147483647"}, directives{MaxAge: of(2147483647)}},
		{"leading zeros", []string{"max-age=000000000000000000000000000060"}, directives{MaxAge: of(60)}},
		{"negative", []string{"max-age=-60"}, directives{MaxAge: of(0)}},
		{"a plus", []string{"max-age=+60"}, directives{MaxAge: of(0)}},
		{"a fraction", []string{"max-age=60.5"}, directives{MaxAge: of(0)}},
		{"letters before", []string{"max-age=a60"}, directives{MaxAge: of(0)}},
		{"letters behind", []string{"max-age=60a"}, directives{MaxAge: of(0)}},
		{"other digits", []string{"max-age=६०"}, directives{MaxAge: of(0)}},
		{"single quotes", []string{"max-age='60'"}, directives{MaxAge: of(0)}},
		{"no argument", []string{"max-age"}, directives{MaxAge: of(0)}},
		{"an empty argument", []string{"max-age="}, directives{MaxAge: of(0)}},
		{"an empty quoted argument", []string{`max-age=""`}, directives{MaxAge: of(0)}},
		{"space before the equals sign", []string{"max-age =60"}, directives{MaxAge: of(0)}},
		{"space behind the equals sign", []string{"max-age= 60"}, directives{MaxAge: of(0)}},
		{"every unreadable number", []string{"max-age=x, s-maxage=x, min-fresh=x, max-stale=x, stale-while-revalidate=x, stale-if-error=x"}, directives{
			MaxAge: of(0), SMaxAge: of(0), MinFresh: longest, MaxStale: of(0), StaleWhileRevalidate: of(0), StaleIfError: of(0),
		}},
		{"the same twice", []string{"max-age=60", "max-age=060"}, directives{MaxAge: of(60)}},
		{"two that disagree", []string{"max-age=60, max-age=1"}, directives{MaxAge: of(0)}},
		{"and a third that agrees with one", []string{"max-age=60, max-age=1", "max-age=60"}, directives{MaxAge: of(0)}},
		{"a readable and an unreadable one", []string{"max-age=60, max-age=x"}, directives{MaxAge: of(0)}},
		{"two min-fresh that disagree", []string{"min-fresh=1, min-fresh=2, min-fresh=1"}, directives{MinFresh: longest}},
		{"max-stale alone", []string{"max-stale"}, directives{MaxStale: longest}},
		{"max-stale with and without", []string{"max-stale, max-stale=5"}, directives{MaxStale: of(0)}},

		{"a semicolon", []string{"max-age=60; no-store"}, directives{MaxAge: of(0), NoStore: true}},
		{"a missing comma", []string{"private max-age=60, s-maxage=5"}, directives{Private: true, MaxAge: of(0), SMaxAge: of(5)}},
		{"a missing comma and what permits", []string{"public immutable, max-age=60"}, directives{MaxAge: of(60)}},
		{"a quoted name", []string{`"no-store"`}, directives{NoStore: true}},
		{"a name in single quotes", []string{"'no-store'"}, directives{NoStore: true}},
		{"a name behind a colon", []string{"Cache-Control: no-store"}, directives{NoStore: true}},
		{"a name before a strange byte", []string{"no-store\xa0, private\x00"}, directives{NoStore: true, Private: true}},
		{"an unclosed quote", []string{`x="a, no-store`, "max-age=5"}, directives{NoStore: true, MaxAge: of(5)}},
		{"an unclosed quote that ends in an escape", []string{`x="a, no-store\`}, directives{NoStore: true}},
		{"a quote closed by one that opens", []string{`x="a, no-store, y="b"`}, directives{NoStore: true}},
		{"text behind a quoted string", []string{`x="a, no-store" y`}, directives{NoStore: true}},
		{"a name behind a quoted string", []string{`max-age="60"no-store, s-maxage=5`}, directives{NoStore: true, MaxAge: of(0), SMaxAge: of(5)}},
		{"a number between quotes inside tokens", []string{`x=a"b, max-age=60, c"`}, directives{MaxAge: of(60)}},
		{"a number in a quoted string with text behind", []string{`x="a, max-age=60, b" y`}, directives{MaxAge: of(60)}},
		{"a quote inside a token", []string{`x=a"b, no-store, y=c"d`}, directives{NoStore: true}},
		{"a quote at the start", []string{`", no-store, "`}, directives{NoStore: true}},
		{"a good quoted string before a bad one", []string{`x="a, private, b", y="c`}, directives{Private: true}},
		{"a quoted string on a line with a stray quote", []string{`x="private ",""`}, directives{Private: true}},
		{"a quoted string under no name", []string{`="a, no-store"`}, directives{NoStore: true}},
		{"a malformed line beside a good one", []string{`x="`, `max-age=60, y="no-store"`}, directives{MaxAge: of(60)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := cachecontrol.Parse(tt.lines); got != tt.want {
				t.Errorf("%q:\ngot  %+v\nwant %+v", tt.lines, got, tt.want)
			}
		})
	}
}

// Set is the way in for fields that are no Cache-Control.
func TestSet(t *testing.T) {
	t.Parallel()
	var d directives
	d.Set("max-age", "60", true)
	d.Set("S-MaxAge", "60", false) // an argument that it is told to ignore
	d.Set("max-stale", "60", false)
	d.Set("must-revalidate", "", false)
	d.Set("public", "", true)
	d.Set("", "", false)
	d.Set("stale-while-revalidate-and-longer", "5", true)
	want := directives{MaxAge: of(60), SMaxAge: of(0), MaxStale: longest, MustRevalidate: true}
	if d != want {
		t.Errorf("got  %+v\nwant %+v", d, want)
	}
}

func TestParseDoesNotAllocate(t *testing.T) { // AllocsPerRun counts those of parallel tests too
	for _, lines := range [][]string{
		nil,
		{"no-store"},
		{"public, max-age=3600, s-maxage=86400, stale-while-revalidate=60", "No-Transform"},
		{`private="set-cookie, x-user", max-age="60"`},
		{`max-age=60; no-store, x="a, private`},
	} {
		var d directives
		if n := testing.AllocsPerRun(100, func() { d = cachecontrol.Parse(lines) }); n != 0 {
			t.Errorf("%q: %v allocations", lines, n)
		}
		if lines != nil && d == (directives{}) {
			t.Errorf("%q: nothing was read", lines)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, bm := range []struct{ name, line string }{
		{"browser", "max-age=0"},
		{"origin", "public, max-age=3600, s-maxage=86400, stale-while-revalidate=60"},
		{"quoted", `no-cache="set-cookie, set-cookie2", max-age=3600`},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			lines := []string{bm.line}
			for b.Loop() {
				cachecontrol.Parse(lines)
			}
		})
	}
}
