package readiness

import (
	"go/ast"
	"go/token"
	"strconv"
)

// maxConstant bounds the length of a constant, which others may double.
const maxConstant = 64 << 10

// constants are those of one package that may be strings, and its types.
type constants struct {
	values map[string]ast.Expr
	types  map[string]bool
	known  map[string]*string // worked out; nil: no string, or not yet
}

// packageConstants collects what the files of a package declare, wherever.
func packageConstants(files []*ast.File) *constants {
	c := &constants{map[string]ast.Expr{}, map[string]bool{"string": true}, map[string]*string{}}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if decl, ok := n.(*ast.GenDecl); ok {
				c.declare(decl)
			}
			return true
		})
	}
	return c
}

func (c *constants) declare(decl *ast.GenDecl) {
	var last []ast.Expr // stands for those that are left out
	for _, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			c.types[spec.Name.Name] = true
		case *ast.ValueSpec:
			if decl.Tok != token.CONST {
				continue
			}
			if len(spec.Values) > 0 {
				last = spec.Values
			}
			for i, name := range spec.Names {
				if i < len(last) && name.Name != "_" {
					c.values[name.Name] = last[i]
				}
			}
		}
	}
}

// text returns the string that an expression is.
func (c *constants) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		return c.constant(e.Name)
	case *ast.ParenExpr:
		return c.text(e.X)
	case *ast.CallExpr:
		fun := ast.Unparen(e.Fun)
		if name, ok := fun.(*ast.Ident); ok && c.types[name.Name] && len(e.Args) == 1 { // a conversion
			return c.text(e.Args[0])
		}
		return "", false
	case *ast.BinaryExpr:
		x, okX := c.text(e.X)
		y, okY := c.text(e.Y)
		return x + y, okX && okY && e.Op == token.ADD && len(x)+len(y) <= maxConstant
	default:
		return "", false
	}
}

// constant works out a constant, once.
func (c *constants) constant(name string) (string, bool) {
	s, tried := c.known[name]
	if !tried {
		e, ok := c.values[name]
		if !ok {
			return "", false
		}
		c.known[name] = nil // one that leads back to itself is none
		if text, ok := c.text(e); ok {
			s = &text
			c.known[name] = s
		}
	}
	if s == nil {
		return "", false
	}
	return *s, true
}
