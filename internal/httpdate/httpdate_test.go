package httpdate_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/httpdate"
)

// asctimeZero is asctime with a zero in place of the day's space, which the
// grammar allows too.
const asctimeZero = "Mon Jan 02 15:04:05 2006"

var sample = time.Date(1994, time.November, 6, 8, 49, 37, 0, time.UTC)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       time.Time
	}{
		{"IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", sample},
		{"RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", sample},
		{"asctime", "Sun Nov  6 08:49:37 1994", sample},
		{"asctime with two digits of the day", "Wed Nov 16 08:49:37 1994", sample.AddDate(0, 0, 10)},
		{"asctime with a zero before the day", "Sun Nov 06 08:49:37 1994", sample},
		{"another day of the week", "Mon, 06 Nov 1994 08:49:37 GMT", sample},
		{"upper case", "SUN, 06 NOV 1994 08:49:37 GMT", sample},
		{"two digits of the year, this century", "Thursday, 18-Aug-50 02:01:18 GMT", time.Date(2050, time.August, 18, 2, 1, 18, 0, time.UTC)},
		{"leap day", "Thu, 29 Feb 2024 00:00:00 GMT", time.Date(2024, time.February, 29, 0, 0, 0, 0, time.UTC)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := httpdate.Parse(tt.text); !ok || !got.Equal(tt.want) || got.Location() != time.UTC {
				t.Errorf("%q: %v, %t", tt.text, got, ok)
			}
		})
	}
}

// http.ParseTime takes some of these, marked so: the reason why this package
// exists.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		lenient    bool
	}{
		{"empty", "", false},
		{"zero", "0", false},
		{"one digit of the hour", "Thu, 18 Aug 2050 2:01:18 GMT", true},
		{"a run of spaces", "Thu,  18 Aug  2050 02:01:18 GMT", true},
		{"a run of spaces and one digit less", "Thu,  18 Aug 2050 2:01:18 GMT", true},
		{"a fraction", "Thu, 18 Aug 2050 02:01:18.5 GMT", true},
		{"another zone in RFC 850", "Thursday, 18-Aug-50 02:01:18 PST", true},
		{"an offset in RFC 850", "Thursday, 18-Aug-50 02:01:18 GMT+3", true},
		{"another zone", "Thu, 18 Aug 2050 02:01:18 AEST", false},
		{"UTC", "Thu, 18 Aug 2050 02:01:18 UTC", false},
		{"lower-case zone", "Thu, 18 Aug 2050 02:01:18 gmt", false},
		{"two digits of the year", "Thu, 18 Aug 50 02:01:18 GMT", false},
		{"no comma", "Thu 18 Aug 2050 02:01:18 GMT", false},
		{"dashes", "Thu, 18-Aug-2050 02:01:18 GMT", false},
		{"periods", "Thu, 18 Aug 2050 02.01.18 GMT", false},
		{"31 February", "Thu, 31 Feb 2050 02:01:18 GMT", false},
		{"29 February of a common year", "Sun, 29 Feb 2026 02:01:18 GMT", false},
		{"hour 24", "Thu, 18 Aug 2050 24:01:18 GMT", false},
		{"leap second", "Sat, 31 Dec 2016 23:59:60 GMT", false},
		{"no month", "Thu, 18 Foo 2050 02:01:18 GMT", false},
		{"a number for the month", "Thu, 18 008 2050 02:01:18 GMT", false},
		{"no day of the week", "Foo, 18 Aug 2050 02:01:18 GMT", false},
		{"asctime with a letter in the day", "Sun Nov  x 08:49:37 1994", false},
		{"asctime with one digit before the other", "Sun Nov x6 08:49:37 1994", false},
		{"space before", " Thu, 18 Aug 2050 02:01:18 GMT", false},
		{"text behind", "Thu, 18 Aug 2050 02:01:18 GMT; length=5", false},
		{"two", "Thu, 18 Aug 2050 02:01:18 GMT, Thu, 18 Aug 2050 02:01:18 GMT", false},
		{"ISO 8601", "2050-08-18T02:01:18Z", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := httpdate.Parse(tt.text); ok || !got.IsZero() {
				t.Errorf("%q: %v, %t", tt.text, got, ok)
			}
			if _, err := http.ParseTime(tt.text); (err == nil) != tt.lenient {
				t.Errorf("%q: http.ParseTime: %v", tt.text, err)
			}
		})
	}
}

func TestSingle(t *testing.T) {
	t.Parallel()
	text := "Sun, 06 Nov 1994 08:49:37 GMT"
	tests := []struct {
		name  string
		lines []string
		ok    bool
	}{
		{"one", []string{text}, true},
		{"with space around it", []string{"\t " + text + " "}, true},
		{"none", nil, false},
		{"two", []string{text, text}, false},
		{"an empty line beside it", []string{text, ""}, false},
		{"no date", []string{"now"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := httpdate.Single(tt.lines); ok != tt.ok || ok && !got.Equal(sample) {
				t.Errorf("%q: %v, %t", tt.lines, got, ok)
			}
		})
	}
}

// Every second has its three forms, and what is taken for a date is written
// in one of them, but for the day of the week and the case of the names.
func FuzzParse(f *testing.F) {
	f.Add("Sun, 06 Nov 1994 08:49:37 GMT", int64(784111777))
	f.Add("Sunday, 06-Nov-94 08:49:37 GMT", int64(-1))
	f.Add("Sun Nov  6 08:49:37 1994", int64(1)<<35)
	f.Add("Thu,  18 Aug 2050 2:01:18 GMT", int64(1234567890))
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		if got, ok := httpdate.Parse(text); ok {
			written := false
			for _, layout := range []string{http.TimeFormat, time.RFC850, time.ANSIC, asctimeZero} {
				_, rest, _ := strings.Cut(text, " ")
				_, again, _ := strings.Cut(got.Format(layout), " ")
				again = strings.Replace(again, " UTC", " GMT", 1)
				written = written || strings.EqualFold(rest, again)
			}
			if !written {
				t.Fatalf("%q was taken for %v", text, got)
			}
		}
		moment := time.Unix(unix%(1<<37), 0).UTC()
		if moment.Year() < 0 || moment.Year() > 9999 {
			return
		}
		for _, layout := range []string{http.TimeFormat, time.RFC850, time.ANSIC, asctimeZero} {
			if layout == time.RFC850 && (moment.Year() < 1969 || moment.Year() > 2068) {
				continue
			}
			written := strings.Replace(moment.Format(layout), " UTC", " GMT", 1)
			if got, ok := httpdate.Parse(written); !ok || !got.Equal(moment) {
				t.Fatalf("%q: %v, %t", written, got, ok)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := httpdate.Parse("Sun, 06 Nov 1994 08:49:37 GMT"); !ok {
			b.Fatal("no date")
		}
	}
}
