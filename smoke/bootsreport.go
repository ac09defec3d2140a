package smoke

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/launchready/readiness/internal/redact"
)

// shownOutput is how much of the output a failure shows.
const shownOutput = 4 << 10

// missingFile is how systems say that a file is not there.
var missingFile = regexp.MustCompile(`(?i)no such file or directory|ENOENT|cannot find the (?:file|path) specified`)

// missingVariable is how programs name a variable that they miss. The groups
// are where the name may stand.
var missingVariable = []*regexp.Regexp{
	regexp.MustCompile(`\b([A-Z][A-Z0-9_]{2,})\b["'` + "`" + `]?:?\s+(?i:(?:(?:is|was|must be|has to be|environment variable)\s+)*(?:not\s+(?:set|defined|found|given|provided|present)|unset|undefined|missing|required|empty|set)\b)`),
	regexp.MustCompile(`\b(?i:missing|required|unset|undefined|no)\s+(?i:(?:required\s+)?(?:environment\s+|env\s+)?(?:variables?|var|key)?):?\s*["'` + "`" + `$]?([A-Z][A-Z0-9_]{2,})\b`),
	regexp.MustCompile(`not found in \$(PATH)\b`),
	regexp.MustCompile(`KeyError: '([A-Z][A-Z0-9_]{2,})'`),
}

// noVariable are words in capitals of any log.
var noVariable = []string{"DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "ERR", "FATAL", "PANIC", "CRITICAL", "TRACE", "HTTP", "HTTPS", "TLS", "JSON", "YAML", "GET", "POST", "SQL", "TCP", "DNS", "URL", "UTC"}

// report is a verdict with what may help, and the end of the output.
func (b *boot) report(verdict string) string {
	text, cut := b.output.String(), b.output.Cut()
	if cut {
		text = withoutHead(text, slices.Collect(maps.Keys(b.hide.Spellings())))
	}
	text = b.hide.Text(redact.Tokens(b.hide.Replace(text))) // before anything of it is taken out
	var s strings.Builder
	s.WriteString(verdict)
	if !b.started {
		return s.String()
	}
	for _, hint := range b.hints(text) {
		s.WriteString("\nhint: " + hint)
	}
	shown := endOf(text, shownOutput)
	switch {
	case strings.TrimSpace(text) == "":
		s.WriteString("\n\nit printed nothing")
	case cut || len(shown) < len(text):
		fmt.Fprintf(&s, "\n\nthe last %d KiB of its output:\n%s", shownOutput>>10, indent(shown))
	default:
		s.WriteString("\n\nits output:\n" + indent(shown))
	}
	return s.String()
}

// endOf is the end of a text, from the beginning of a line if one is near.
func endOf(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	at := len(text) - limit
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	text = text[at:]
	if line := strings.IndexByte(text, '\n'); line >= 0 && line < shownValue {
		text = text[line+1:]
	}
	return text
}

// withoutHead takes away from the beginning of a text what a value ends with:
// the rest of it stood before, and is gone.
func withoutHead(s string, values []string) string {
	longest := 0
	for _, value := range values {
		for n := min(len(value)-1, len(s)); n >= redact.Min && n > longest; n-- {
			if strings.HasPrefix(s, value[len(value)-n:]) {
				longest = n
			}
		}
	}
	return s[longest:]
}

// hints say what is likely to be wrong, as far as the output tells.
func (b *boot) hints(output string) []string {
	var hints []string
	if missingFile.MatchString(output) {
		hints = append(hints, "a file was not found, and the working folder is new and empty here: is the configuration tied to a local file?")
	}
	var names []string
	for _, re := range missingVariable {
		for _, m := range re.FindAllStringSubmatch(output, -1) {
			if name := m[1]; b.env[name] == "" && !slices.Contains(noVariable, name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) > 0 {
		hints = append(hints, "env does not set "+strings.Join(names[:min(len(names), 10)], ", ")+", and nothing else is inherited")
	}
	return hints
}
