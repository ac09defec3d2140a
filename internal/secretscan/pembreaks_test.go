package secretscan_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// TestKeysInOtherTexts are private keys whose lines are not apart by a line
// break alone.
func TestKeysInOtherTexts(t *testing.T) {
	t.Parallel()
	for kind, key := range keys(t) {
		lines := strings.Split(strings.TrimSpace(key), "\n")
		var timed []string
		for i, line := range lines {
			timed = append(timed, fmt.Sprintf("2026-11-28T13:44:%02d.%03dZ %s", 10+i, 100+7*i, line))
		}
		for name, text := range map[string]string{
			"a log of Docker":    "app-1  | " + strings.Join(lines, "\napp-1  | "),
			"a log with times":   strings.Join(timed, "\n"),
			"#":                  "# " + strings.Join(lines, "\n# "),
			"//":                 "\t// " + strings.Join(lines, "\n\t// "),
			"# without blanks":   strings.ReplaceAll("# "+strings.Join(lines, "\n# "), "# \n", "#\n"),
			"numbers of escapes": strings.Join(lines, `\u000a`),
			"in capitals":        strings.Join(lines, `\u000D\u000A`),
			"for a URL":          strings.Join(lines, "%0A"),
			"HTML":               strings.Join(lines, "<br>"),
			"XHTML":              strings.Join(lines, "<br />\n"),
			"lines that go on":   `KEY="` + strings.Join(lines, "\\\n") + `"`,
			"n, and they go on":  `KEY="` + strings.Join(lines, "\\n\\\n") + `"`,
			"base64 of 76":       fold(base64.StdEncoding.EncodeToString([]byte(key)), 76, "\n"),
			"base64 of 64":       fold(base64.StdEncoding.EncodeToString([]byte(key)), 64, "\r\n"),
			"base64, indented":   "key: |\n  " + fold(base64.StdEncoding.EncodeToString([]byte(key)), 76, "\n  ") + "\nnext: 1",
		} {
			if got := rules(scan(t, text)); got != "1 private-key" && got != "2 private-key" {
				t.Errorf("%s, %s: %q", kind, name, got)
			}
		}
	}
	// What follows an encoded key is no part of it.
	one := base64.RawStdEncoding.EncodeToString([]byte(keys(t)["RSA"]))
	a, b := scan(t, "a: "+one+"\n"), scan(t, "a: "+one+"\n  token: 1\n")
	if len(a) != 1 || len(b) != 1 || a[0] != b[0] {
		t.Errorf("%v, %v", a, b)
	}
}

// fold wraps a text in lines of a width.
func fold(s string, width int, end string) string {
	var lines []string
	for len(s) > width {
		lines, s = append(lines, s[:width]), s[width:]
	}
	return strings.Join(append(lines, s), end)
}
