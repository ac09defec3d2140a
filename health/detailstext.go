package health

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

func (d detail) excludes(name string) bool { return slices.Contains(d.excluded, name) }

// text renders the details as the probes of a Kubernetes API server do with
// ?verbose.
func (d detail) text() *answer {
	var b strings.Builder
	for _, k := range d.Checks {
		name := oneLine(k.Name)
		switch reason := output(k); {
		case d.excludes(k.Name):
			fmt.Fprintf(&b, "[+]%s excluded: %s\n", name, k.State)
		case reason == "":
			fmt.Fprintf(&b, "[+]%s ok: %s\n", name, k.Duration.Round(time.Microsecond))
		default:
			fmt.Fprintf(&b, "[-]%s %s since %s: %s", name, k.State, stamp(k.Since), oneLine(reason))
			if k.Cause != "" && !strings.HasSuffix(reason, k.Cause) {
				fmt.Fprintf(&b, "; before that: %s", oneLine(k.Cause))
			}
			if k.Hanging {
				b.WriteString("; the run hangs")
			}
			if k.Required {
				b.WriteString("; required")
			}
			b.WriteByte('\n')
		}
	}
	if len(d.unknown) > 0 {
		fmt.Fprintf(&b, "warn: some health checks cannot be excluded: no matches for %q\n", d.unknown)
	}
	switch d.State {
	case Passing:
		b.WriteString("readyz check passed\n")
	case Degraded:
		b.WriteString("readyz check passed with warnings\n")
	default:
		fmt.Fprintf(&b, "readyz check failed: %s\n", d.State)
	}
	return newAnswer(d.State, textType, []byte(b.String()))
}

// oneLine returns s without line breaks, so that no error's text passes for a
// line of another check, and without anything else that a terminal obeys.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
