package conditional_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/conditional"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// at is the one line of the date n seconds after noon.
func at(n int) []string {
	return []string{noon.Add(time.Duration(n) * time.Second).Format(http.TimeFormat)}
}

func TestModifiedSince(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		lines, modified []string
		date            time.Time
		want            bool
	}{
		{"not changed", at(0), at(0), noon, false},
		{"changed long before", at(0), at(-999), noon, false},
		{"changed since", at(0), at(1), noon, true},
		{"the Date does not count beside Last-Modified", at(0), at(-1), noon.Add(time.Hour), false},
		{"the Date does not excuse Last-Modified", at(0), at(1), noon.Add(-time.Hour), true},
		{"another form of the date", []string{"Sunday, 01-Mar-26 12:00:00 GMT"}, at(0), noon, false},
		{"a date in the future", at(1 << 20), at(0), noon, false},
		{"no field", nil, at(0), noon, true},
		{"no date", []string{"yesterday"}, at(0), noon, true},
		{"a zone", []string{"Sun, 01 Mar 2026 12:00:00 CET"}, at(0), noon, true},
		{"two lines", append(at(0), at(0)...), at(0), noon, true},
		{"two dates on a line", []string{at(0)[0] + ", " + at(0)[0]}, at(0), noon, true},
		{"an invalid Last-Modified", at(0), []string{"yesterday"}, noon, true},
		{"an empty Last-Modified", at(0), []string{""}, noon, true},
		{"two Last-Modified", at(0), append(at(0), at(0)...), noon, true},
		{"no Last-Modified, the Date is earlier", at(0), nil, noon.Add(-time.Second), false},
		{"no Last-Modified, the Date is equal", at(0), nil, noon, false},
		{"no Last-Modified, received within the second", at(0), nil, noon.Add(999 * time.Millisecond), false},
		{"no Last-Modified, the Date is later", at(0), nil, noon.Add(time.Second), true},
		{"no Last-Modified, no date", at(0), nil, time.Time{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := conditional.ModifiedSince(tt.lines, tt.modified, tt.date); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestIfRange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		lines           []string
		tag             string
		modified        []string
		sinceLastChange time.Duration
		want            bool
	}{
		{"no field", nil, `"a"`, at(0), 0, true},
		{"no field, no validators", nil, "", nil, 0, true},
		{"the tag", []string{` "a"	`}, `"a"`, nil, 0, true},
		{"another tag", []string{`"b"`}, `"a"`, at(0), time.Hour, false},
		{"weak in the request", []string{`W/"a"`}, `"a"`, nil, 0, false},
		{"weak in the response", []string{`"a"`}, `W/"a"`, nil, 0, false},
		{"weak in both", []string{`W/"a"`}, `W/"a"`, nil, 0, false},
		{"a list", []string{`"a", "b"`}, `"a"`, nil, 0, false},
		{"any", []string{`*`}, `"a"`, nil, 0, false},
		{"two lines", []string{`"a"`, `"a"`}, `"a"`, nil, 0, false},
		{"an empty line", []string{``}, ``, nil, 0, false},
		{"a tag for a page without one", []string{`"a"`}, ``, at(0), time.Hour, false},
		{"the date", at(0), "", at(0), time.Hour, true},
		{"the date beside a tag", at(0), `"a"`, at(0), time.Hour, true},
		{"the date in another form", []string{"Sun Mar  1 12:00:00 2026"}, "", at(0), time.Hour, true},
		{"a second before it was sent", at(0), "", at(0), time.Second, true},
		{"within the second it was sent", at(0), "", at(0), time.Second - 1, false},
		{"when it was sent", at(0), "", at(0), 0, false},
		{"changed after it was sent", at(0), "", at(0), -time.Hour, false},
		{"an earlier date", at(-1), "", at(0), time.Hour, false},
		{"a later date", at(1), "", at(0), time.Hour, false},
		{"a date for a page without one", at(0), `"a"`, nil, time.Hour, false},
		{"no date", []string{"yesterday"}, `"a"`, []string{"yesterday"}, time.Hour, false},
		{"two Last-Modified", at(0), "", append(at(0), at(0)...), time.Hour, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := conditional.IfRange(tt.lines, tt.tag, tt.modified, noon.Add(tt.sinceLastChange)); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
	if conditional.IfRange(at(0), "", at(0), time.Time{}) {
		t.Error("a response without a date has a strong Last-Modified")
	}
}

// Where a condition spares bytes here, it spares them in net/http too, whose
// reading of the fields is more lenient.
func FuzzConditions(f *testing.F) {
	f.Add(`"b", W/"a"`)
	f.Add(`*`)
	f.Add(`"a"`)
	f.Add(at(0)[0])
	f.Add(at(1)[0])
	f.Add("Sunday, 01-Mar-26 12:00:00 GMT")
	f.Add("Sun Mar  1 12:00:00 2026")
	f.Fuzz(func(t *testing.T, value string) {
		spared := map[string]bool{
			"If-None-Match":     conditional.NoneMatch([]string{value}, `"a"`),
			"If-Modified-Since": !conditional.ModifiedSince([]string{value}, at(0), noon),
			"If-Range":          conditional.IfRange([]string{value}, `"a"`, at(0), noon.Add(time.Hour)),
		}
		for field, want := range map[string]int{"If-None-Match": 304, "If-Modified-Since": 304, "If-Range": 206} {
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			r.Header = http.Header{"Range": {"bytes=0-0"}, field: {value}}
			w := httptest.NewRecorder()
			w.Header().Set("Etag", `"a"`)
			http.ServeContent(w, r, "page.txt", noon, strings.NewReader("page"))
			if spared[field] && w.Code != want {
				t.Fatalf("%s: %q: net/http answers %d", field, value, w.Code)
			}
		}
	})
}
