package conditional_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/conditional"
)

func TestTags(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text   string
		strong, weak bool
	}{
		{"strong", `"a"`, true, false},
		{"weak", `W/"a"`, false, true},
		{"empty strong", `""`, true, false},
		{"empty weak", `W/""`, false, true},
		{"punctuation", `"!#,*W/'\"`, true, false},
		{"bytes above ASCII", "\"\x80ä\xff\"", true, false},
		{"nothing", ``, false, false},
		{"one quote", `"`, false, false},
		{"unquoted", `a`, false, false},
		{"unclosed", `"a`, false, false},
		{"a quote inside", `"a"b"`, false, false},
		{"a space inside", `"a b"`, false, false},
		{"a control byte inside", "\"a\x01\"", false, false},
		{"DEL inside", "\"a\x7f\"", false, false},
		{"lower-case w", `w/"a"`, false, false},
		{"twice weak", `W/W/"a"`, false, false},
		{"a space behind W/", `W/ "a"`, false, false},
		{"a space before", ` "a"`, false, false},
		{"a space behind", `"a" `, false, false},
		{"two", `"a","b"`, false, false},
		{"any", `*`, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if strong, weak := conditional.StrongTag(tt.text), conditional.WeakTag(tt.text); strong != tt.strong || weak != tt.weak {
				t.Errorf("%s: strong %t, weak %t", tt.text, strong, weak)
			}
		})
	}
}

func TestNoneMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		lines []string
		want  bool
	}{
		{"no field", nil, false},
		{"the tag", []string{`"a"`}, true},
		{"weak", []string{`W/"a"`}, true},
		{"any", []string{" *\t"}, true},
		{"in a list", []string{`"b", W/"c" ,"a"`}, true},
		{"without spaces", []string{`"b","a"`}, true},
		{"behind empty elements", []string{` ,,	, "a"`}, true},
		{"before an empty element", []string{`"a",`}, true},
		{"on a second line", []string{`"b"`, `"a"`}, true},
		{"on a line behind garbage", []string{`b`, `"a"`}, true},
		{"other", []string{`"b"`}, false},
		{"a part", []string{`"aa", "A", "", "a "`}, false},
		{"a comma in a tag", []string{`"b,"`}, false},
		{"the tag in a tag", []string{`"b,W/'a'"`}, false},
		{"unquoted", []string{`a`}, false},
		{"unclosed", []string{`"a`}, false},
		{"behind garbage", []string{`b, "a"`}, false},
		{"behind a tag without a comma", []string{`"b" "a"`}, false},
		{"before text without a comma", []string{`"a" b`}, false},
		{"empty", []string{``}, false},
		{"lower-case w", []string{`w/"a"`}, false},
		{"any in a list", []string{`"b", *`}, false},
		{"any on one of two lines", []string{`"b"`, `*`}, false},
		{"any before a line with a tag", []string{`*`, `"b"`}, false},
		{"any in quotes", []string{`"*"`}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, tag := range []string{`"a"`, `W/"a"`} {
				if got := conditional.NoneMatch(tt.lines, tag); got != tt.want {
					t.Errorf("%q, %s: got %t", tt.lines, tag, got)
				}
			}
		})
	}
}

func TestNoneMatchWithoutATag(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"", "a", `"`, "W/", "W/a", `"a" "b"`} {
		if !conditional.NoneMatch([]string{"*"}, tag) {
			t.Errorf("* does not name %q", tag)
		}
		if conditional.NoneMatch([]string{`"", "a", W/"a", W/, "b"`, tag, "", "W/"}, tag) {
			t.Errorf("a list names %q, which is no tag", tag)
		}
	}
}

func TestNoneMatchDoesNotAllocate(t *testing.T) { // AllocsPerRun counts those of parallel tests too
	lines := []string{`"b", W/"c", "0123456789abcdef"`, `W/"a"`}
	named := false
	if n := testing.AllocsPerRun(100, func() { named = conditional.NoneMatch(lines, `"a"`) }); n != 0 || !named {
		t.Errorf("%v allocations, named %t", n, named)
	}
}

const tag = `(?:W/)?"[^"\x00-\x20\x7f]*"`

var (
	tagList = regexp.MustCompile(`^[ \t]*(?:` + tag + `)?(?:[ \t]*,[ \t]*(?:` + tag + `)?)*[ \t]*$`)
	tags    = regexp.MustCompile(tag)
)

// A list of tags names each of them, in either strength, and no other; and
// whatever a line is, it names no tag that is not in it.
func FuzzNoneMatch(f *testing.F) {
	f.Add(`"a", W/"b" ,,"c,d"`, `"b"`)
	f.Add(`"a" "b"`, `W/"b"`)
	f.Add(`b, "a"`, `"a"`)
	f.Add(`*`, ``)
	f.Fuzz(func(t *testing.T, line, tag string) {
		got := conditional.NoneMatch([]string{line}, tag)
		if strings.Trim(line, " \t") == "*" {
			if !got {
				t.Fatalf("%q does not name %q", line, tag)
			}
			return
		}
		opaque := strings.TrimPrefix(tag, "W/")
		valid := conditional.StrongTag(tag) || conditional.WeakTag(tag)
		if got && (!valid || !strings.Contains(line, opaque)) {
			t.Fatalf("%q names %q", line, tag)
		}
		if valid && tagList.MatchString(line) {
			want := slices.ContainsFunc(tags.FindAllString(line, -1), func(s string) bool { return strings.TrimPrefix(s, "W/") == opaque })
			if got != want {
				t.Fatalf("%q names %q: %t", line, tag, got)
			}
		}
		if valid && !conditional.NoneMatch([]string{line, tag}, tag) {
			t.Fatalf("%q hides the line %q", line, tag)
		}
	})
}

func BenchmarkNoneMatch(b *testing.B) {
	for _, bm := range []struct{ name, line string }{
		{"one", `"0123456789abcdef0123456789abcdef"`},
		{"fourth", `"0123456789abcdef", W/"0123456789abcdef", "a", "0123456789abcdef0123456789abcdef"`},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			lines := []string{bm.line}
			for b.Loop() {
				if !conditional.NoneMatch(lines, `"0123456789abcdef0123456789abcdef"`) {
					b.Fatal("not named")
				}
			}
		})
	}
}
