package smoke

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/redact"
	"github.com/launchready/readiness/internal/secretscan"
)

// checkSteps reports the problems of each step and of each endpoint, and
// every {name} that no earlier step can have set, which is a misspelt one.
func checkSteps(problems *cfgerr.List, c *Checker) {
	known := map[string]bool{runValue: true}
	anything := false // a Do step may set whatever it likes
	one := func(path string, s Step) {
		for _, p := range s.problems() {
			problems.Addf(path, "%s: %s", s.title(), p)
		}
		if s.kind == kindSignup && c.base != nil && !s.writes {
			problems.Addf(path, "%s: would change data of a live target; if that is meant, mark it with Writes", s.title())
		}
		if s.host != "" && !c.declared[s.host] {
			problems.Addf(path, "%s: On(%q): no such host in Hosts", s.plainTitle(), s.host)
		}
		for _, name := range s.needs() {
			if !known[name] && !anything {
				problems.Addf(path, "%s: {%s} is set by no earlier step (Keep, RedirectsTo or Do)", s.title(), name)
			}
		}
		for _, field := range slices.Sorted(maps.Keys(s.form.Secret)) {
			if _, err := c.secret(s.form.Secret[field]); err != nil {
				problems.Addf(path, "%s: Secret[%q]: %w", s.title(), field, err)
			}
		}
	}
	for i, s := range c.steps {
		one(cfgerr.Index("Steps", i, ""), s)
		for _, name := range s.sets() {
			known[name] = true
		}
		anything = anything || s.kind == kindDo
	}
	for i, s := range c.performance.Endpoints {
		one(cfgerr.Index("Performance.Endpoints", i, ""), s)
	}
}

// secret returns the value of a Secret.
func (c *Checker) secret(variable string) (string, error) {
	value, _ := c.lookupEnv(variable)
	switch {
	case variable == "":
		return "", errors.New("name the environment variable that holds the value")
	case value == "" && !showable(variable):
		return "", errors.New("must be the name of an environment variable, and never the value itself; what stands there is not shown, and no such variable is set")
	case value == "":
		return "", fmt.Errorf("the environment variable %s is not set", variable)
	case len(value) < redact.Min:
		return "", fmt.Errorf("the value of %s is shorter than %d bytes, so output could not hide it", variable, redact.Min)
	}
	return value, nil
}

// conventional is how environment variables are called. What is not may be the
// value, written where its name belongs.
var conventional = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,99}$`)

// showable reports whether the name of a variable is one beyond doubt.
func showable(variable string) bool {
	var s secretscan.Scanner
	found, err := s.Scan("", strings.NewReader(variable))
	return conventional.MatchString(variable) && err == nil && len(found) == 0
}
