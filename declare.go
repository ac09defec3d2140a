package readiness

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/launchready/readiness/internal/cfgerr"
)

// fieldNames spells the fields of an EnvVar the way their author did: in Go,
// or in a file.
type fieldNames struct {
	env, name, optional, secret, format, schemes, oneOf, prefix, minLength string
}

// goNames returns the names of Config and EnvVar.
func goNames() fieldNames {
	return fieldNames{"Env", "Name", "Optional", "Secret", "Format", "Schemes", "OneOf", "Prefix", "MinLength"}
}

// jsonNames returns the keys of site.json.
func jsonNames() fieldNames {
	return fieldNames{"env", "name", "optional", "secret", "format", "schemes", "one_of", "prefix", "min_length"}
}

// checkDeclarations adds what is wrong with the declared variables to
// problems. Those of skip were found unsound before, and only their names are
// looked at.
func checkDeclarations(problems *cfgerr.List, names fieldNames, env []EnvVar, skip []bool) {
	first := map[string]int{}
	for i := range env {
		v := &env[i]
		if at, twice := first[v.Name]; twice && v.Name != "" {
			problems.Addf(cfgerr.Index(names.env, i, names.name), "%s is declared twice, first at %s: keep one", quoteCut(v.Name), cfgerr.Index(names.env, at, ""))
		} else {
			first[v.Name] = i
		}
		if i < len(skip) && skip[i] {
			continue
		}
		d := declaration{v, names, func(field, format string, args ...any) {
			problems.Addf(cfgerr.Index(names.env, i, field), format, args...)
		}}
		d.checkName()
		d.checkFormat()
		d.checkSchemes()
		d.checkLimits()
		d.checkOneOf()
	}
}

// declaration is one EnvVar under examination.
type declaration struct {
	*EnvVar

	names fieldNames
	addf  func(field, format string, args ...any)
}

func (d *declaration) checkName() {
	switch {
	case d.Name == "":
		d.addf(d.names.name, "must be the name of an environment variable, got none")
	case !validEnvName(d.Name):
		d.addf(d.names.name, "must be letters, digits and _, not beginning with a digit, got %s", quoteCut(d.Name))
	}
}

func (d *declaration) checkFormat() {
	if d.Format == "" || slices.Contains(known(), d.Format) {
		return
	}
	meant := ""
	switch lower := strings.ToLower(string(d.Format)); lower {
	case "boolean":
		meant = "; did you mean \"bool\"?"
	case "uri":
		meant = "; did you mean \"url\"?"
	case "mail", "e-mail":
		meant = "; did you mean \"email\"?"
	default:
		if slices.Contains(known(), Format(lower)) {
			meant = fmt.Sprintf("; did you mean %q?", lower)
		}
	}
	d.addf(d.names.format, "must be one of %s, got %s%s",
		some(each(known(), func(f Format) string { return string(f) })), quoteCut(string(d.Format)), meant)
}

func (d *declaration) checkSchemes() {
	if len(d.Schemes) > 0 && d.Format != URL {
		d.addf(d.names.schemes, "needs %s %q", d.names.format, string(URL))
	}
	for i, s := range d.Schemes {
		switch field := d.names.schemes + "[" + strconv.Itoa(i) + "]"; {
		case !validScheme(s):
			d.addf(field, "must be a scheme alone, such as \"https\", without \"://\", got %s", quoteCut(s))
		case slices.ContainsFunc(d.Schemes[:i], func(t string) bool { return strings.EqualFold(s, t) }):
			d.addf(field, "%s is listed twice", quoteCut(s))
		}
	}
}

// checkLimits checks MinLength and Prefix against each other and the format.
func (d *declaration) checkLimits() {
	number := d.Format == Port || d.Format == Duration || d.Format == Bool
	switch {
	case d.MinLength < 0:
		d.addf(d.names.minLength, "must not be negative, got %d", d.MinLength)
	case d.MinLength > maxChecked:
		d.addf(d.names.minLength, "must be at most %d, got %d", maxChecked, d.MinLength)
	case d.MinLength > 0 && number:
		d.addf(d.names.minLength, "says nothing about a %s: leave it out", d.Format)
	}
	switch value, spaced, quoted := clean(d.Prefix); {
	case d.Prefix == "":
	case number || d.Format == Email:
		d.addf(d.names.prefix, "cannot go together with %s %q", d.names.format, string(d.Format))
	case quoted, spaced && !strings.HasPrefix(d.Prefix, value):
		d.addf(d.names.prefix, "must not begin with white space or quotes: they are taken off values before the check")
	case d.Format == URL && strings.Contains(d.Prefix, "://") && !d.allows(scheme(d.Prefix)):
		d.addf(d.names.prefix, "its scheme is none of %s", d.names.schemes)
	}
}

// checkOneOf checks that each listed value can occur and passes the other rules.
func (d *declaration) checkOneOf() {
	if len(d.OneOf) > 0 && d.Secret {
		d.addf(d.names.oneOf, "cannot go together with %s: findings show the list", d.names.secret)
		return
	}
	for i, s := range d.OneOf {
		value, spaced, quoted := clean(s)
		switch field := d.names.oneOf + "[" + strconv.Itoa(i) + "]"; {
		case value == "":
			d.addf(field, "an empty value counts as not set: use %s for that", d.names.optional)
		case spaced || quoted:
			d.addf(field, "must have no white space or quotes around it: they are taken off values before the check")
		case slices.Contains(d.OneOf[:i], s):
			d.addf(field, "%s is listed twice", quoteCut(s))
		case !strings.HasPrefix(s, d.Prefix):
			d.addf(field, "%s does not begin with %s %s", quoteCut(s), d.names.prefix, quoteCut(d.Prefix))
		case len([]rune(s)) < d.MinLength:
			d.addf(field, "%s is shorter than %s %d", quoteCut(s), d.names.minLength, d.MinLength)
		case slices.Contains(known(), d.Format) && d.Format.wrong(s, d.Schemes) != "":
			d.addf(field, "%s is not of %s %q", quoteCut(s), d.names.format, string(d.Format))
		case d.Format == URL && !d.allows(scheme(s)):
			d.addf(field, "%s has a scheme that is none of %s", quoteCut(s), d.names.schemes)
		}
	}
}

func validEnvName(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
