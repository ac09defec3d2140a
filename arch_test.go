package readiness_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/launchready/readiness"

// thirdParties are the modules that a package may import besides zap, and
// those that its tests may import besides what every test may.
var thirdParties = map[string][]string{
	module:                       {"github.com/miekg/dns", "golang.org/x/net/publicsuffix"},
	module + "/cache":            {"github.com/redis/go-redis", "github.com/maypok86/otter", "github.com/dunglas/httpsfv"},
	module + "/ratelimit":        {"github.com/redis/go-redis", "github.com/go-chi/httprate"},
	module + "/metrics":          {"github.com/prometheus"},
	module + "/smoke":            {"golang.org/x/net/publicsuffix"},
	module + "/internal/webpage": {"golang.org/x/net/html"},
	module + "/internal/dnsq":    {"github.com/miekg/dns", "golang.org/x/net/publicsuffix"},
	module + "/internal/dnstest": {"github.com/miekg/dns"},
}

var (
	everywhere = []string{"go.uber.org/zap"}
	inTests    = []string{"github.com/alicebob/miniredis", "go.uber.org/goleak"}
)

// listed is what go list says of a package.
type listed struct {
	ImportPath, Name, Dir                             string
	GoFiles, Imports, TestImports, XTestImports, Deps []string
}

// list runs go list over the library, with files laid over it: the path of a
// file that need not exist, and where its text is.
func list(t *testing.T, overlay map[string]string) []listed {
	t.Helper()
	args := []string{"list", "-e", "-json=ImportPath,Name,Dir,GoFiles,Imports,TestImports,XTestImports,Deps"}
	if overlay != nil {
		text, err := json.Marshal(map[string]any{"Replace": overlay})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "overlay.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-overlay", file)
	}
	cmd := exec.CommandContext(t.Context(), "go", append(args, "./...")...)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var pkgs []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// breaches names every import of pkgs that DESIGN.md's rules forbid.
func breaches(pkgs []listed) []string {
	var found []string
	for _, p := range pkgs {
		program := strings.HasPrefix(p.ImportPath, module+"/cmd/")
		check := func(imports []string, test bool) {
			for _, path := range imports {
				if !allowed(p.ImportPath, path, program, test) {
					found = append(found, fmt.Sprintf("%s imports %s (test: %v)", p.ImportPath, path, test))
				}
			}
		}
		check(p.Imports, false)
		check(p.TestImports, true)
		check(p.XTestImports, true)
		if p.ImportPath != module+"/smoke" && !program && slices.Contains(p.Deps, "testing") {
			found = append(found, p.ImportPath+" links testing")
		}
	}
	return found
}

func allowed(from, to string, program, test bool) bool {
	first, _, _ := strings.Cut(to, "/")
	below := func(modules []string) bool {
		return slices.ContainsFunc(modules, func(m string) bool { return to == m || strings.HasPrefix(to, m+"/") })
	}
	switch {
	case to == module || strings.HasPrefix(to, module+"/"):
		if program || test && to == from {
			return true
		}
		// internal/…test are for tests, and for one another.
		return strings.HasPrefix(to, module+"/internal/") && (test || !strings.HasSuffix(to, "test") || strings.HasSuffix(from, "test"))
	case !strings.Contains(first, "."): // the standard library
		return true
	case below(everywhere) || below(thirdParties[from]):
		return true
	default:
		return test && below(inTests)
	}
}

func TestImportsFollowTheDesign(t *testing.T) {
	t.Parallel()
	pkgs := list(t, nil)
	if len(pkgs) < 10 {
		t.Fatalf("go list found %d packages only", len(pkgs))
	}
	for _, b := range breaches(pkgs) {
		t.Error(b)
	}
}

func TestImportRulesSeePlantedBreaches(t *testing.T) {
	t.Parallel()
	tests := []struct{ folder, text, want string }{
		{"health", "package health\nimport _ \"" + module + "/cache\"\n", module + "/health imports " + module + "/cache (test: false)"},
		{"cache", "package cache\nimport _ \"" + module + "\"\n", module + "/cache imports " + module + " (test: false)"},
		{"internal/route", "package route\nimport _ \"" + module + "/health\"\n", module + "/internal/route imports " + module + "/health (test: false)"},
		{"health", "package health\nimport _ \"github.com/redis/go-redis/v9\"\n", module + "/health imports github.com/redis/go-redis/v9 (test: false)"},
		{"metrics", "package metrics\nimport _ \"go.uber.org/goleak\"\n", module + "/metrics imports go.uber.org/goleak (test: false)"},
		{"cache", "package cache\nimport _ \"github.com/go-chi/chi/v5\"\n", module + "/cache imports github.com/go-chi/chi/v5 (test: false)"},
		{"cache", "package cache\nimport _ \"" + module + "/internal/redistest\"\n", module + "/cache imports " + module + "/internal/redistest (test: false)"},
		{"ratelimit", "package ratelimit\nimport _ \"testing\"\n", module + "/ratelimit links testing"},
	}
	for _, tt := range tests {
		text := filepath.Join(t.TempDir(), "planted.go")
		if err := os.WriteFile(text, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		place, err := filepath.Abs(filepath.Join(tt.folder, "planted.go"))
		if err != nil {
			t.Fatal(err)
		}
		if got := breaches(list(t, map[string]string{place: text})); !slices.Contains(got, tt.want) {
			t.Errorf("planted in %s: %q, want %q", tt.folder, got, tt.want)
		}
	}
}

// TestNoInternalTypeInAPublicSignature reads the exported declarations of the
// public packages: a type of internal/ stands in none, but for the config
// error, which each package names ConfigError.
func TestNoInternalTypeInAPublicSignature(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, p := range list(t, nil) {
		if strings.Contains(p.ImportPath, "/internal/") || p.Name == "main" {
			continue
		}
		for _, file := range p.GoFiles {
			seen++
			text, err := os.ReadFile(filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range exposed(t, string(text)) {
				t.Errorf("%s/%s: %s", p.ImportPath, file, name)
			}
		}
	}
	if seen < 10 {
		t.Fatalf("only %d files were read", seen)
	}
	planted := `package p
import "` + module + `/internal/route"
type T struct { Table *route.Table; own *route.Table; F func(m route.Match) }
func (t *T) G(route.Match) {}
func (t *T) h(route.Match) {}
`
	if got := exposed(t, planted); !slices.Equal(got, []string{"T has route.Table", "T has route.Match", "G has route.Match"}) {
		t.Errorf("planted: %q", got)
	}
}

// exposed names the types of internal packages in the exported declarations
// of a Go file.
func exposed(t *testing.T, text string) (found []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	internal := map[string]bool{}
	for _, i := range file.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		if strings.HasPrefix(path, module+"/internal/") {
			name := path[strings.LastIndexByte(path, '/')+1:]
			if i.Name != nil {
				name = i.Name.Name
			}
			internal[name] = true
		}
	}
	var look func(owner string, n ast.Node)
	members := func(owner string, list *ast.FieldList) {
		for _, f := range list.List {
			if len(f.Names) == 0 || slices.ContainsFunc(f.Names, (*ast.Ident).IsExported) {
				look(owner, f.Type)
			}
		}
	}
	look = func(owner string, n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StructType:
				members(owner, n.Fields)
				return false
			case *ast.InterfaceType: // a sealed one has methods that nobody outside can call
				members(owner, n.Methods)
				return false
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && internal[x.Name] && x.Name+"."+n.Sel.Name != "cfgerr.Error" {
					found = append(found, owner+" has "+x.Name+"."+n.Sel.Name)
				}
			}
			return true
		})
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && callable(d.Recv) {
				for _, list := range []*ast.FieldList{d.Type.Params, d.Type.Results} {
					if list == nil {
						continue
					}
					for _, f := range list.List {
						look(d.Name.Name, f.Type)
					}
				}
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						look(s.Name.Name, s.Type)
					}
				case *ast.ValueSpec:
					if s.Type != nil && slices.ContainsFunc(s.Names, (*ast.Ident).IsExported) {
						look(s.Names[0].Name, s.Type)
					}
				}
			}
		}
	}
	return found
}

// callable reports whether a method of that receiver can be called from
// outside: not where its type is unexported.
func callable(recv *ast.FieldList) bool {
	if recv == nil {
		return true
	}
	t := recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	name, ok := t.(*ast.Ident)
	return ok && name.IsExported()
}
