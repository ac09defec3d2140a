package strictjson_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/strictjson"
)

func TestNested(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		names      []string
		single     bool
		owners     map[string]string
		problems   []string
	}{
		{"absent", `{}`, nil, false, nil, nil},
		{"one object", `{"mail":{"name":"a"}}`, []string{"a"}, true, nil, nil},
		{"a list", `{"mail":[{"name":"a"},{"name":"b"}]}`, []string{"a", "b"}, false, nil, nil},
		{"an empty list", `{"mail":[]}`, nil, false, nil, nil},
		{"neither", `{"mail":"a"}`, nil, false, nil, []string{"mail: must be an object or a list of objects, not a string"}},
		{"wrong inside one", `{"mail":{"name":1,"nmae":"b"}}`, []string{""}, true, nil, []string{"mail.name: must be a string, not a number", `mail.nmae: unknown key (did you mean "name"?)`}},
		{"wrong inside a list", `{"mail":[{"name":"a"},null,{"x":1}]}`, []string{"a", ""}, false, nil, []string{"mail[1]: must be an object, not null", "mail[2].x: unknown key"}},
		{"twice, an object and a list", `{"mail":{"name":"a"},"mail":[{"y":2},{"name":"b"}]}`, []string{"a", "", ""}, true, nil, []string{"mail: the key is given twice", "mail[0].y: unknown key"}},
		{"twice, wrong inside the first", `{"mail":[{"z":1}],"mail":7,"owners":{"a":"x"},"owners":{"a":1}}`, []string{""}, false, map[string]string{"a": "x"}, []string{
			"mail: the key is given twice", "owners: the key is given twice", "mail[0].z: unknown key", "mail: must be an object or a list of objects, not a number", "owners.a: must be a string, not a number",
		}},
		{"a map", `{"owners":{"login":"ana","e-mail":""}}`, nil, false, map[string]string{"login": "ana", "e-mail": ""}, nil},
		{"wrong inside a map", `{"owners":{"login":"ana","e mail":null}}`, nil, false, map[string]string{"login": "ana"}, []string{`owners["e mail"]: must be a string, not null`}},
		{"no map", `{"owners":[]}`, nil, false, nil, []string{"owners: must be an object, not a list"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var names []string
			var single bool
			var owners map[string]string
			var problems []string
			for _, p := range strictjson.Read(strings.NewReader(tt.text), func(root *strictjson.Object) {
				single = root.ObjectOrList("mail", func(_ int, o *strictjson.Object) {
					name := ""
					o.String("name", &name)
					names = append(names, name)
				})
				root.StringMap("owners", &owners)
			}) {
				problems = append(problems, p.Path+": "+p.Text)
			}
			if !slices.Equal(names, tt.names) || single != tt.single || !maps.Equal(owners, tt.owners) || !slices.Equal(problems, tt.problems) {
				t.Errorf("got %q, %v, %q, %q", names, single, owners, problems)
			}
		})
	}
}
