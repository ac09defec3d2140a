package conditional_test

import (
	"fmt"
	"math"
	"math/big"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/conditional"
)

const (
	whole         = conditional.Whole
	single        = conditional.Single
	unsatisfiable = conditional.Unsatisfiable
)

type part = conditional.Part

func TestRange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, line string
		size       int64
		part       part
		verdict    conditional.Verdict
	}{
		{"the first bytes", "bytes=0-4", 10, part{0, 4}, single},
		{"one byte", "bytes=9-9", 10, part{9, 9}, single},
		{"from a byte on", "bytes=4-", 10, part{4, 9}, single},
		{"the last bytes", "bytes=-3", 10, part{7, 9}, single},
		{"everything", "bytes=0-", 10, part{0, 9}, single},
		{"past the end", "bytes=5-99", 10, part{5, 9}, single},
		{"more last bytes than there are", "bytes=-99", 10, part{0, 9}, single},
		{"past every int64", "bytes=5-99999999999999999999", 10, part{5, 9}, single},
		{"just past every int64", "bytes=5-9223372036854775808", 10, part{5, 9}, single},
		{"past every int64 by two", "bytes=5-9223372036854775809", 10, part{5, 9}, single},
		{"behind just every int64", "bytes=9223372036854775808-", 10, part{}, unsatisfiable},
		{"more last bytes than any int64", "bytes=-99999999999999999999", 10, part{0, 9}, single},
		{"the largest representation", "bytes=9223372036854775806-9223372036854775807", math.MaxInt64, part{math.MaxInt64 - 1, math.MaxInt64 - 1}, single},
		{"upper case", "BYTES=0-4", 10, part{0, 4}, single},
		{"leading zeros", "bytes=0000000000000000000000-0000000000000000000004", 10, part{0, 4}, single},
		{"empty elements", "bytes=, 0-4 ,\t,", 10, part{0, 4}, single},
		{"space around the field", "\tbytes=0-4 ", 10, part{0, 4}, single},

		{"behind the end", "bytes=10-", 10, part{}, unsatisfiable},
		{"behind the end, closed", "bytes=10-11", 10, part{}, unsatisfiable},
		{"behind every int64", "bytes=99999999999999999999-", 10, part{}, unsatisfiable},
		{"no last byte", "bytes=-0", 10, part{}, unsatisfiable},

		{"an empty representation", "bytes=0-", 0, part{}, whole},
		{"the last bytes of an empty representation", "bytes=-5", 0, part{}, whole},
		{"an unknown size", "bytes=0-", -1, part{}, whole},
		{"empty", "", 10, part{}, whole},
		{"another unit", "items=0-4", 10, part{}, whole},
		{"no unit", "=0-4", 10, part{}, whole},
		{"no equals sign", "bytes", 10, part{}, whole},
		{"no range", "bytes=", 10, part{}, whole},
		{"only commas", "bytes=, ,", 10, part{}, whole},
		{"only a dash", "bytes=-", 10, part{}, whole},
		{"no dash", "bytes=5", 10, part{}, whole},
		{"backwards", "bytes=4-3", 10, part{}, whole},
		{"backwards and behind the end", "bytes=40-30", 10, part{}, whole},
		{"two", "bytes=0-1,5-6", 10, part{}, whole},
		{"the same twice", "bytes=0-1, 0-1", 10, part{}, whole},
		{"one of two behind the end", "bytes=0-1,50-60", 10, part{}, whole},
		{"a great many", "bytes=" + strings.Repeat("0-,", 1000), 10, part{}, whole},
		{"negative", "bytes=--1", 10, part{}, whole},
		{"a negative end", "bytes=0--1", 10, part{}, whole},
		{"a plus", "bytes=+0-4", 10, part{}, whole},
		{"letters", "bytes=a-4", 10, part{}, whole},
		{"letters behind", "bytes=0-4x", 10, part{}, whole},
		{"letters for the last bytes", "bytes=-x", 10, part{}, whole},
		{"hexadecimal", "bytes=0x0-0x4", 10, part{}, whole},
		{"space around the dash", "bytes=0 - 4", 10, part{}, whole},
		{"space before the equals sign", "bytes =0-4", 10, part{}, whole},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, verdict := conditional.Range([]string{tt.line}, tt.size); got != tt.part || verdict != tt.verdict {
				t.Errorf("%q of %d: %v, %v", tt.line, tt.size, got, verdict)
			}
		})
	}
	for _, lines := range [][]string{nil, {"bytes=0-1", "bytes=0-1"}, {"bytes=0-1", ""}} {
		if got, verdict := conditional.Range(lines, 10); got != (part{}) || verdict != whole {
			t.Errorf("%q: %v, %v", lines, got, verdict)
		}
	}
}

var oneRange = regexp.MustCompile(`^[ \t]*(?i:bytes)=[, \t]*([0-9]*)-([0-9]*)[, \t]*$`)

// byGrammar reads a Range as the RFC writes it, with numbers of any size.
// clear is false where the numbers are too large for Range to tell them apart.
func byGrammar(field string, size int64) (p part, v conditional.Verdict, clear bool) {
	m := oneRange.FindStringSubmatch(field)
	if m == nil || m[1] == "" && m[2] == "" || size <= 0 {
		return part{}, whole, true
	}
	first, hasFirst := new(big.Int).SetString(m[1], 10)
	last, hasLast := new(big.Int).SetString(m[2], 10)
	end := big.NewInt(size)
	switch {
	case !hasFirst:
		first, last = new(big.Int).Sub(end, last), end
		if first.Sign() < 0 {
			first.SetInt64(0)
		}
	case !hasLast:
		last = end
	case first.Cmp(last) > 0:
		return part{}, whole, last.IsInt64()
	}
	if first.Cmp(end) >= 0 {
		return part{}, unsatisfiable, true
	}
	if last.Cmp(end) >= 0 {
		last = big.NewInt(size - 1)
	}
	return part{First: first.Int64(), Last: last.Int64()}, single, true
}

// Range reads what the grammar says, and answers a single range as net/http
// does, byte for byte.
func FuzzRange(f *testing.F) {
	for _, field := range []string{"bytes=0-4", "bytes=4-", "bytes=-3", "bytes=-0", "Bytes=, 5-99 ,", "bytes=9-3", "bytes=0-1,3-4", "bytes=99999999999999999999-", "items=0-1"} {
		f.Add(field, int64(10))
		f.Add(field, int64(math.MaxInt64))
	}
	f.Fuzz(func(t *testing.T, field string, size int64) {
		p, verdict := conditional.Range([]string{field}, size)
		want, wantVerdict, clear := byGrammar(field, size)
		if clear && (p != want || verdict != wantVerdict) {
			t.Fatalf("%q of %d: %v, %v; want %v, %v", field, size, p, verdict, want, wantVerdict)
		}
		// What net/http does with the rest: it refuses or ignores a field
		// that is not well-formed, cannot read a number beyond int64, and
		// answers "the last 0 bytes" with an impossible part.
		m := oneRange.FindStringSubmatch(field)
		if size > 4096 || verdict == whole || len(m[1]) > 18 || len(m[2]) > 18 || m[1] == "" && strings.Trim(m[2], "0") == "" {
			return
		}
		body := make([]byte, size)
		for i := range body {
			body[i] = byte(i ^ i>>8)
		}
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header.Set("Range", "bytes="+m[1]+"-"+m[2])
		w := httptest.NewRecorder()
		http.ServeContent(w, r, "page.bin", time.Time{}, strings.NewReader(string(body)))
		code, contentRange := http.StatusRequestedRangeNotSatisfiable, conditional.Unsatisfied(size)
		if verdict == single {
			code, contentRange = http.StatusPartialContent, conditional.ContentRange(p, size)
			if string(body[p.First:p.Last+1]) != w.Body.String() {
				t.Fatalf("%q of %d: other bytes than %v", field, size, p)
			}
		}
		if w.Code != code || w.Header().Get("Content-Range") != contentRange {
			t.Fatalf("%q of %d: net/http: %d, %q; here: %v, %q", field, size, w.Code, w.Header().Get("Content-Range"), verdict, contentRange)
		}
	})
}

func TestContentRangeOfTheLargest(t *testing.T) {
	t.Parallel()
	const most = math.MaxInt64
	want := "bytes 9223372036854775806-9223372036854775806/9223372036854775807"
	if got := conditional.ContentRange(part{most - 1, most - 1}, most); got != want {
		t.Errorf("got %q", got)
	}
}

func ExampleRange() {
	body := "0123456789"
	size := int64(len(body))
	for _, field := range []string{"bytes=-3", "bytes=0-1,4-5", "bytes=10-"} {
		switch part, verdict := conditional.Range([]string{field}, size); verdict {
		case conditional.Whole:
			fmt.Println(200, body)
		case conditional.Single:
			fmt.Println(206, body[part.First:part.Last+1], conditional.ContentRange(part, size))
		case conditional.Unsatisfiable:
			fmt.Println(416, conditional.Unsatisfied(size))
		}
	}
	// Output:
	// 206 789 bytes 7-9/10
	// 200 0123456789
	// 416 bytes */10
}
