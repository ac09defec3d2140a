package readiness

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Undeclared reads the Go source below dir and returns the names, sorted, that
// it hands to os.Getenv, os.LookupEnv or syscall.Getenv, or has as $NAME or
// ${NAME} in a text that it hands to os.ExpandEnv, and that the Config does not
// declare. It is for a test that keeps the declaration complete. Names and
// texts count that stand there as a string or as a constant of the package, of
// whatever type; one that is put together while the program runs cannot be
// seen, and neither can one that is handed to a function value, as in
// get := os.Getenv; get("X"). dir may be a symbolic link. Tests, testdata,
// vendor, folders that begin with "." or "_" and other modules below dir are
// left out. The error says which file could not be read or parsed.
func (c *Checker) Undeclared(dir string) ([]string, error) {
	folders := map[string][]*ast.File{}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fmt.Errorf("readiness: %w", err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch name := d.Name(); {
		case d.IsDir() && path != dir && foreign(path, name):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := filepath.Dir(path)
		folders[folder] = append(folders[folder], file)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("readiness: %w", err)
	}
	var names []string
	declared := c.declaredEnv()
	for _, files := range folders {
		constants := packageConstants(files)
		for _, file := range files {
			for _, name := range environmentNames(file, constants) {
				if _, ok := slices.BinarySearch(declared, name); !ok {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// foreign reports folders that are no part of the service.
func foreign(path, name string) bool {
	if name == "vendor" || name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

// environmentNames returns the names that a file looks up.
func environmentNames(file *ast.File, constants *constants) []string {
	imported := map[string]string{} // what the file calls a package, and its path
	for _, i := range file.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil || path != "os" && path != "syscall" {
			continue
		}
		name := path
		if i.Name != nil {
			name = i.Name.Name
		}
		imported[name] = path
	}
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		var pkg, function string
		switch f := call.Fun.(type) {
		case *ast.SelectorExpr:
			if x, ok := f.X.(*ast.Ident); ok {
				pkg, function = imported[x.Name], f.Sel.Name
			}
		case *ast.Ident: // a dot import
			pkg, function = imported["."], f.Name
		}
		if pkg == "os" && (function == "Getenv" || function == "LookupEnv") || pkg == "syscall" && function == "Getenv" {
			if name, ok := constants.text(call.Args[0]); ok {
				names = append(names, name)
			}
		}
		if pkg == "os" && function == "ExpandEnv" {
			text, _ := constants.text(call.Args[0])
			os.Expand(text, func(name string) string {
				if validEnvName(name) { // and not $1 or $$
					names = append(names, name)
				}
				return ""
			})
		}
		return true
	})
	return names
}
