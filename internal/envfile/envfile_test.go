package envfile_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/launchready/readiness/internal/envfile"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       map[string]string
	}{
		{"plain", "A=1\nB=two words\n", map[string]string{"A": "1", "B": "two words"}},
		{"empty value", "A=\nB=\"\"\nC=''\nD= # nothing", map[string]string{"A": "", "B": "", "C": "", "D": ""}},
		{"comments", "# x\n\n  # y\nA=1 # z\nB=a#b\nC=#b", map[string]string{"A": "1", "B": "a#b", "C": "#b"}},
		{"spaces", "  A = 1 \t\nB=\t2", map[string]string{"A": "1", "B": "2"}},
		{"export", "export A=1\nexport\tB=2\nexporter=3", map[string]string{"A": "1", "B": "2", "exporter": "3"}},
		{"equals in the value", "A=b=c==", map[string]string{"A": "b=c=="}},
		{"double quotes", `A=" a # b " # c` + "\n" + `B="x\ny\t\"\\\$\q"`, map[string]string{"A": " a # b ", "B": "x\ny\t\"\\$\\q"}},
		{"single quotes", `A='a\n"$B" # c'#d`, map[string]string{"A": `a\n"$B" # c`}},
		{"over lines", "A=\"-----BEGIN\nabc\n-----END\"\nB='1\n\n2'\n", map[string]string{"A": "-----BEGIN\nabc\n-----END", "B": "1\n\n2"}},
		{"blanks at the end of a line in quotes", "A=\"x \n y\t\nz\"", map[string]string{"A": "x \n y\t\nz"}},
		{"windows", "\uFEFFA=1\r\nB=\"x\r\ny\"\r\n", map[string]string{"A": "1", "B": "x\ny"}},
		{"not expanded", "A=${B}\nC=\"$D\"", map[string]string{"A": "${B}", "C": "$D"}},
		{"a quote inside", `A=it's`, map[string]string{"A": "it's"}},
		{"nothing", "", map[string]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := envfile.Parse(strings.NewReader(tt.text))
			if err != nil || !maps.Equal(got, tt.want) {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestParseReportsEveryProblemAndNoValue(t *testing.T) {
	t.Parallel()
	text := "HUNTER\nA=1\nhunt-er=hunter\nA=hunter\n=hunter\nB=\"hunter\" hunter\nC=\"x\ny\" hunter\n9A=hunter\nD='hunter\nhunter"
	want := `line 1: must be NAME=VALUE, but there is no =
line 3: the name before = must be letters, digits and _, and not begin with a digit
line 4: A is set a second time, first on line 2: keep one
line 5: the name before = must be letters, digits and _, and not begin with a digit
line 6: B has text after its closing quote: escape the quote, or put all of the value inside
line 8: C has text after its closing quote: escape the quote, or put all of the value inside
line 9: the name before = must be letters, digits and _, and not begin with a digit
line 10: D has an opening quote that nothing closes`
	vars, err := envfile.Parse(strings.NewReader(text))
	if vars != nil || err == nil || err.Error() != want {
		t.Fatalf("got %v and\n%v\nwant\n%s", vars, err, want)
	}
	if one, ok := errors.AsType[*envfile.Error](err); !ok || one.Line != 1 {
		t.Errorf("errors.As gave %+v", one)
	}
}

func TestParseIsBounded(t *testing.T) {
	t.Parallel()
	if _, err := envfile.Parse(strings.NewReader("A=" + strings.Repeat("x", envfile.MaxSize))); err == nil {
		t.Error("a file over MaxSize was read")
	}
	_, err := envfile.Parse(strings.NewReader(strings.Repeat("x\n", 10_000)))
	if n := strings.Count(err.Error(), "\n"); n != 50 {
		t.Errorf("%d lines of problems", n)
	}
	broken := errors.New("disk")
	if _, err := envfile.Parse(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func ExampleParse() {
	vars, err := envfile.Parse(strings.NewReader("# live\nexport PORT=8080\nMODE=\"live\"\n"))
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		fmt.Println(name, vars[name])
	}
	fmt.Println(err)
	// Output:
	// MODE live
	// PORT 8080
	// <nil>
}

func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	for i := range 40 {
		fmt.Fprintf(&text, "NAME_%d=\"a value of the usual length\" # why\n", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := envfile.Parse(strings.NewReader(text.String())); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzParse holds that Parse never panics, that what it returns survives being
// written in single or double quotes and read again, and that no error shows a
// value of the file.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"A=1\n", "export A=\"b\\n\" # c\nB='x\ny'", "A=\"", "=\n\r\n\uFEFF", "A=1\nA=2\nB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		vars, err := envfile.Parse(strings.NewReader(text))
		if (vars == nil) == (err == nil) {
			t.Fatal("either variables or an error")
		}
		var b strings.Builder
		for name, value := range vars {
			fmt.Fprintf(&b, "%s=\"%s\"\n", name, strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", `\r`).Replace(value))
		}
		again, err := envfile.Parse(strings.NewReader(b.String()))
		if vars != nil && (err != nil || !maps.Equal(vars, again)) {
			t.Fatalf("read again: %v\n got %q\nwant %q", err, again, vars)
		}
		if _, err := envfile.Parse(strings.NewReader("A='m4rk3r" + strings.ReplaceAll(text, "'", "") + "' m4rk3r\n")); err != nil && strings.Contains(err.Error(), "m4rk3r") {
			t.Fatalf("the error shows a value: %v", err)
		}
	})
}
