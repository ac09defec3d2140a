package metrics

import (
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/shape"
)

// curl returns a command that repeats a request once its placeholders, which
// stand in angle brackets or are types such as string(8), are replaced. It
// expects the address of the service in $BASE_URL.
func (c *captured) curl() string {
	b := []string{"curl", "-g"} // -g: the braces of a route are no lists
	switch c.method {
	case "GET":
	case "HEAD":
		b = append(b, "-I")
	case methods[len(methods)-1]:
		b = append(b, "-X", quoted("<method>"))
	default:
		b = append(b, "-X", c.method)
	}
	for _, name := range c.headers {
		value := "<value>"
		if name == "Content-Type" && c.body.MediaType != "" {
			value = c.body.MediaType
		}
		if value != shape.Multipart { // curl makes that one itself, with its boundary
			b = append(b, "-H", quoted(name+": "+value))
		}
	}
	switch c.body.MediaType {
	case shape.JSON:
		b = append(b, "--data-raw", quoted(c.body.Text))
	case shape.Form, shape.Multipart:
		flag := map[string]string{shape.Form: "--data-urlencode", shape.Multipart: "--form-string"}[c.body.MediaType]
		for _, f := range c.body.Fields {
			b = append(b, flag, quoted(f.Name+"="+f.Type))
		}
	}
	return strings.Join(append(b, `"$BASE_URL"`+quoted(c.target())), " ")
}

// target is the route with its wildcards, and the query with a placeholder
// for each value.
func (c *captured) target() string {
	path := c.route
	if i := strings.IndexByte(path, '/'); i >= 0 {
		path = path[i:] // without the host of a ServeMux pattern
	} else {
		path = "/<path>" // _unmatched, _other
	}
	for i, key := range c.queryKeys {
		separator := "&"
		if i == 0 {
			separator = "?"
		}
		path += separator + key + "=<value>"
	}
	return path
}

// quoted returns s as one word of a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// present returns the names of the list that a request's header has.
func present(names []string, has map[string][]string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return len(has[name]) == 0 })
}
