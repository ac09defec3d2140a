package strictjson_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/launchready/readiness/internal/strictjson"
)

// file is what the tests read: every kind of value that the package knows.
type file struct {
	Name string
	Live bool
	Size int
	Tags []string
	Env  []string
}

func (f *file) fill(root *strictjson.Object) {
	root.String("name", &f.Name)
	root.Bool("live", &f.Live)
	root.Int("min_size", &f.Size)
	root.Strings("tags", &f.Tags)
	root.Objects("env", func(_ int, o *strictjson.Object) {
		var name string
		o.String("name", &name)
		var format string
		o.String("format", &format)
		f.Env = append(f.Env, name)
	})
}

func read(text string) (file, []string) {
	var f file
	var lines []string
	for _, p := range strictjson.Read(strings.NewReader(text), f.fill) {
		lines = append(lines, strings.TrimPrefix(p.Path+": "+p.Text, ": "))
	}
	return f, lines
}

func TestReadStoresEveryKind(t *testing.T) {
	t.Parallel()
	f, problems := read("\uFEFF" + ` {"name":"a","live":true,"min_size":-7,"tags":["x","y"],"env":[{"name":"A"},{"name":"B"}]} ` + "\n")
	want := file{Name: "a", Live: true, Size: -7, Tags: []string{"x", "y"}, Env: []string{"A", "B"}}
	if problems != nil || !reflect.DeepEqual(f, want) {
		t.Fatalf("got %+v, %q", f, problems)
	}
	f.Name = "default"
	if problems := strictjson.Read(strings.NewReader("{}"), f.fill); problems != nil || f.Name != "default" {
		t.Fatalf("an absent key changed its destination: %+v, %v", f, problems)
	}
}

func TestReadReportsEveryProblemWithItsPath(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"unknown keys", `{"nmae":"a","Name":"b","minSize":1,"zzz":0}`, []string{
			`nmae: unknown key (did you mean "name"?)`, `Name: unknown key (did you mean "name"?)`,
			`minSize: unknown key (did you mean "min_size"?)`, `zzz: unknown key`,
		}},
		{"in a list", `{"env":[{},{},{"formt":"url"}, 7]}`, []string{
			`env[2].formt: unknown key (did you mean "format"?)`, `env[3]: must be an object, not a number`,
		}},
		{"twice", `{"name":"a","name":"a","env":[{"name":"A","name":"B"}]}`, []string{
			`name: the key is given twice`, `env[0].name: the key is given twice`,
		}},
		{"twice, each wrong", `{"name":"a","name":1,"tags":["x"],"tags":[2],"min_size":1,"min_size":"y","env":[{"name":"A"}],"env":[{"x":1}]}`, []string{
			`name: the key is given twice`, `tags: the key is given twice`, `min_size: the key is given twice`, `env: the key is given twice`,
			`name: must be a string, not a number`, `min_size: must be a whole number, not a string`, `tags[0]: must be a string, not a number`, `env[0].x: unknown key`,
		}},
		{"wrong kinds", `{"name":1,"live":"yes","min_size":"1","tags":"x","env":{}}`, []string{
			`name: must be a string, not a number`, `live: must be true or false, not a string`,
			`min_size: must be a whole number, not a string`, `tags: must be a list of strings, not a string`,
			`env: must be a list of objects, not an object`,
		}},
		{"null is no value", `{"name":null,"tags":["a",null]}`, []string{
			`name: must be a string, not null`, `tags[1]: must be a string, not null`,
		}},
		{"fraction", `{"min_size":1.5}`, []string{`min_size: must be a whole number, without a fraction, in the range of int`}},
		{"too large", `{"min_size":99999999999999999999}`, []string{`min_size: must be a whole number, without a fraction, in the range of int`}},
		{"odd key", `{"a.b":1,"":2}`, []string{`["a.b"]: unknown key`, `[""]: unknown key`}},
		{"escaped key is the same key", `{"n\u0061me":"a","name":"b"}`, []string{`name: the key is given twice`}},
		{"syntax", "{\n  \"name\": tru\n}", []string{`line 2, column 14: invalid character '\n' in literal true (expecting 'e')`}},
		{"cut", `{"name":`, []string{`the file ends inside a value`}},
		{"empty", ``, []string{`the file ends inside a value`}},
		{"no object", `[]`, []string{`must be one JSON object, {…}`}},
		{"trailing", `{} {}`, []string{`line 1, column 4: invalid character '{' after top-level value`}},
		{"trailing letter", `{}x`, []string{`line 1, column 3: invalid character 'x' after top-level value`}},
		{"only space", " \n", []string{`the file ends inside a value`}},
		{"comment", "{ // no\n}", []string{`line 1, column 3: invalid character '/' looking for beginning of object key string`}},
		{"not text", "{\"name\":\"\xff\"}", []string{`not UTF-8 text`}},
		{"deep", `{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, []string{`nested deeper than 32 levels`}},
		{"large", `{"name":"` + strings.Repeat("a", strictjson.MaxSize) + `"}`, []string{`larger than 1048576 bytes`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, got := read(tt.text); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("{")
	for i := range 1000 {
		fmt.Fprintf(&b, "%q:0,", fmt.Sprint("k", i))
	}
	b.WriteString(`"` + strings.Repeat("z", 5000) + `":0}`)
	_, got := read(b.String())
	if len(got) != strictjson.MaxProblems+1 || got[strictjson.MaxProblems] != "951 more problems" {
		t.Fatalf("%d problems, the last is %q", len(got), got[len(got)-1])
	}
	_, got = read(`{"` + strings.Repeat("ä", 5000) + `":0}`)
	if len(got) != 1 || len(got[0]) > 200 {
		t.Fatalf("a long key is not cut: %d bytes", len(got[0]))
	}
}

func TestReaderFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk")
	got := strictjson.Read(iotest.ErrReader(broken), func(*strictjson.Object) { t.Error("fill was called") })
	if len(got) != 1 || !errors.Is(got[0].Err, broken) {
		t.Fatalf("got %+v", got)
	}
}

func TestSoundSeesOnlyItsOwnProblems(t *testing.T) {
	t.Parallel()
	var got []bool
	strictjson.Read(strings.NewReader(`{"env":[{"a":"1"},{"a":2},{"b":"1"},{"a":"1","a":"1"},{}],"x":0}`), func(root *strictjson.Object) {
		root.Objects("env", func(_ int, o *strictjson.Object) {
			var s string
			o.String("a", &s)
			got = append(got, o.Sound())
		})
	})
	if want := []bool{true, false, false, false, true}; !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func ExampleRead() {
	var name string
	problems := strictjson.Read(strings.NewReader(`{"nam": "PORT", "size": 3}`), func(root *strictjson.Object) {
		root.String("name", &name)
	})
	for _, p := range problems {
		fmt.Println(p.Path+":", p.Text)
	}
	// Output:
	// nam: unknown key (did you mean "name"?)
	// size: unknown key
}

func BenchmarkRead(b *testing.B) {
	text := `{"name":"a","live":true,"tags":["x","y"],"env":[` + strings.Repeat(`{"name":"A"},`, 20) + `{"name":"B"}]}`
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := read(text); problems != nil {
			b.Fatal(problems)
		}
	}
}
