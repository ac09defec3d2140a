package cachecontrol_test

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/cachecontrol"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// at is the text of the date n seconds after noon.
func at(n int) string {
	return noon.Add(time.Duration(n) * time.Second).Format(http.TimeFormat)
}

func TestLifetime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		control string
		expires []string
		want    int64
		ok      bool
	}{
		{"nothing said", "public, stale-while-revalidate=60", nil, 0, false},
		{"s-maxage first", "max-age=1, s-maxage=2", []string{at(3)}, 2, true},
		{"max-age before Expires", "max-age=1", []string{at(3)}, 1, true},
		{"an unreadable s-maxage before a readable max-age", "max-age=60, s-maxage=x", []string{at(3)}, 0, true},
		{"an unreadable max-age before Expires", "max-age=x", []string{at(3)}, 0, true},
		{"Expires", "", []string{at(3)}, 3, true},
		{"Expires in the form of RFC 850", "", []string{"Sunday, 01-Mar-26 12:00:09 GMT"}, 9, true},
		{"Expires in the form of asctime", "", []string{"Sun Mar  1 12:00:09 2026"}, 9, true},
		{"Expires now", "", []string{at(0)}, 0, true},
		{"Expires before Date", "", []string{at(-3)}, 0, true},
		{"Expires 0", "", []string{"0"}, 0, true},
		{"an empty Expires", "", []string{""}, 0, true},
		{"Expires in another zone", "", []string{"Sun, 01 Mar 2026 12:00:09 CET"}, 0, true},
		{"two Expires", "", []string{at(3), at(3)}, 0, true},
		{"two Expires on one line", "", []string{at(3) + ", " + at(3)}, 0, true},
		{"Expires in the far future", "", []string{"Fri, 31 Dec 9999 23:59:59 GMT"}, 1 << 31, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := cachecontrol.Lifetime(cachecontrol.Parse([]string{tt.control}), tt.expires, noon)
			if want := time.Duration(tt.want) * time.Second; got != want || ok != tt.ok {
				t.Errorf("%v, %t; want %v, %t", got, ok, want, tt.ok)
			}
		})
	}
}

func TestInitialAge(t *testing.T) {
	t.Parallel()
	const s = time.Second
	tests := []struct {
		name            string
		age             []string
		date, requested time.Duration // before it was received
		want            time.Duration
	}{
		{"fresh from its origin", nil, 0, 0, 0},
		{"by its Date", nil, 10 * s, 0, 10 * s},
		{"by its Age", []string{"10"}, 0, 0, 10 * s},
		{"the delay adds to Age", []string{"10"}, 0, 2 * s, 12 * s},
		{"the delay adds to no Age", nil, 0, 2 * s, 2 * s},
		{"the delay does not add to Date", nil, 10 * s, 2 * s, 10 * s},
		{"Date is more than Age", []string{"10"}, 20 * s, 2 * s, 20 * s},
		{"a Date in the future", []string{"10"}, -20 * s, 0, 10 * s},
		{"a clock that was set back", []string{"10"}, 0, -20 * s, 10 * s},
		{"the first of a list", []string{"10, 20"}, 0, 0, 10 * s},
		{"the first of two lines", []string{"10", "20"}, 0, 0, 10 * s},
		{"empty elements", []string{"", " ,\t,10 ,20"}, 0, 0, 10 * s},
		{"an unreadable one first", []string{"x, 20"}, 0, 0, 0},
		{"negative", []string{"-10"}, 0, 0, 0},
		{"a fraction", []string{"10.5"}, 0, 0, 0},
		{"a parameter", []string{"10;foo=bar"}, 0, 0, 0},
		{"quoted", []string{`"10"`}, 0, 0, 0},
		{"too large", []string{"99999999999999999999"}, 0, 2 * s, cachecontrol.Longest},
		{"a Date of long ago", nil, math.MaxInt64, 0, cachecontrol.Longest},
		{"everything too large", []string{"2147483648"}, math.MaxInt64, math.MaxInt64, cachecontrol.Longest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := cachecontrol.InitialAge(tt.age, noon.Add(-tt.date), noon.Add(-tt.requested), noon); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		lines []string
		want  time.Duration
	}{
		{"absent", nil, 0},
		{"valid", []string{at(-5)}, -5 * time.Second},
		{"in the future", []string{" " + at(5) + "\t"}, 5 * time.Second},
		{"invalid", []string{"yesterday"}, 0},
		{"the earliest of two", []string{at(-5), at(-9)}, -9 * time.Second},
		{"the earliest of two in the future", []string{at(5), at(9)}, 5 * time.Second},
		{"one valid of two", []string{"", at(9)}, 9 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := cachecontrol.Date(tt.lines, noon); !got.Equal(noon.Add(tt.want)) {
				t.Errorf("got %v, want %v", got.Sub(noon), tt.want)
			}
		})
	}
}

// Whatever a response says: ages and lifetimes are within their bounds, and
// an intermediary's delay never makes a response younger.
func FuzzFreshness(f *testing.F) {
	f.Add("max-age=60", "Sun, 01 Mar 2026 12:00:09 GMT", "10", "Sun, 01 Mar 2026 11:59:00 GMT", int64(1), int64(2))
	f.Add("", "0", "9999999999, 1", "", int64(math.MinInt64), int64(math.MaxInt64))
	f.Add("s-maxage=x", "", "-1", "Sun Mar  1 12:00:09 2026", int64(-5), int64(0))
	f.Fuzz(func(t *testing.T, control, expires, age, dateText string, received, delay int64) {
		now := noon.Add(time.Duration(received))
		date := cachecontrol.Date([]string{dateText}, now)
		lifetime, ok := cachecontrol.Lifetime(cachecontrol.Parse([]string{control}), []string{expires}, date)
		if lifetime < 0 || lifetime > cachecontrol.Longest || !ok { // an Expires field says something always
			t.Fatalf("lifetime %v, %t", lifetime, ok)
		}
		got := cachecontrol.InitialAge([]string{age}, date, now.Add(-time.Duration(delay)), now)
		if at0 := cachecontrol.InitialAge([]string{age}, date, now, now); got < at0 || at0 < 0 || got > cachecontrol.Longest {
			t.Fatalf("age %v, %v without the delay", got, at0)
		}
		if apparent := now.Sub(date); apparent <= cachecontrol.Longest && got < apparent {
			t.Fatalf("age %v, %v by its Date", got, apparent)
		}
	})
}

func ExampleLifetime() {
	received := noon
	date := cachecontrol.Date([]string{"Sun, 01 Mar 2026 11:59:50 GMT"}, received)
	d := cachecontrol.Parse([]string{"max-age=60, public"})
	lifetime, _ := cachecontrol.Lifetime(d, nil, date)
	age := cachecontrol.InitialAge([]string{"15"}, date, received.Add(-time.Second), received)
	fmt.Printf("fresh for %v more", lifetime-age)
	// Output: fresh for 44s more
}
