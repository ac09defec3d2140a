package readiness_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/launchready/readiness"
)

// TestCodesAreDocumented holds the table of doc.go and the rows of the code
// against each other. Where they differ it prints the table as it should be.
func TestCodesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^//\t([a-z][a-z0-9-]*\.[a-z0-9-]+) +(blocker|high|medium|see below) `).FindAllStringSubmatch(string(text), -1) {
		documented[m[1]] = m[2]
	}
	var missing []string
	seen := map[string]bool{}
	for _, row := range readiness.CodeRows() {
		if seen[row.Code] {
			t.Errorf("%s has two rows", row.Code)
		}
		seen[row.Code] = true
		if row.Title == "" || row.Severity < readiness.Medium || row.Severity > readiness.Blocker {
			t.Errorf("%+v is not complete", row)
		}
		if got := documented[row.Code]; got != row.Severity.String() && got != "see below" {
			missing = append(missing, fmt.Sprintf("//\t%-28s  %-8s  %s", row.Code, row.Severity, row.Title))
		}
	}
	if len(missing) > 0 {
		t.Errorf("doc.go lacks, or has with another severity:\n%s", strings.Join(missing, "\n"))
	}
	for code := range documented {
		if !seen[code] {
			t.Errorf("doc.go lists %s, which is no code", code)
		}
	}
}
