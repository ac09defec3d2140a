package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/launchready/readiness/internal/strictjson"
)

// FuzzRead holds Read against encoding/json: what Read accepts is valid JSON
// and decodes to the same values; what is not valid JSON is never accepted.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`{"name":"a","live":true,"min_size":3,"tags":["x"],"env":[{"name":"A","format":"url"}]}`,
		`{"nmae":1,"name":1,"name":2}`, `{"a":[[[[{"b":null}]]]]}`, `{} x`, `[1`, `{"min_size":1e3}`, "\uFEFF{}", `{"a\u0000":"\ud800"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, problems := read(text)
		if len(problems) > strictjson.MaxProblems+1 {
			t.Fatalf("%d problems", len(problems))
		}
		for _, p := range problems {
			if p == "" || !utf8.ValidString(p) || strings.ContainsAny(p, "\n\x00") {
				t.Fatalf("a problem that cannot be printed: %q", p)
			}
		}
		if problems != nil {
			return
		}
		var want struct {
			Name string
			Live bool
			Size int `json:"min_size"`
			Tags []string
			Env  []struct{ Name string }
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "\uFEFF")), &want); err != nil {
			t.Fatalf("accepted, but encoding/json says: %v", err)
		}
		if got.Name != want.Name || got.Live != want.Live || got.Size != want.Size || len(got.Tags) != len(want.Tags) || len(got.Env) != len(want.Env) {
			t.Fatalf("got %+v, encoding/json %+v", got, want)
		}
		for i, e := range want.Env {
			if got.Env[i] != e.Name {
				t.Fatalf("env[%d]: %q, encoding/json %q", i, got.Env[i], e.Name)
			}
		}
	})
}
