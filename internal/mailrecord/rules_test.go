package mailrecord_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/internal/mailrecord"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRulesAndCodeAreTheSame reads the source: each code in it is a rule, and
// each rule is in use.
func TestRulesAndCodeAreTheSame(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{ // put together from parts
		"spf.include-missing": true, "spf.redirect-missing": true, "dmarc.rua-invalid": true, "dmarc.ruf-invalid": true,
		"mtasts.not-a-record": true, "mtasts.multiple": true, "tlsrpt.not-a-record": true, "tlsrpt.multiple": true,
		"dkim.ed25519-alone": true, // reported by who knows all selectors
	}
	code := regexp.MustCompile(`code: +"([a-z]+\.[a-z0-9-]+)"|f\.code, f\.fix = "([a-z.-]+)"`)
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || f == "rules.go" {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(text), -1) {
			used[m[1]+m[2]] = true
		}
	}
	seen := map[string]bool{}
	for _, r := range mailrecord.Rules() {
		if seen[r.Code] || r.Title == "" || r.Ref == "" || r.Severity == 0 {
			t.Errorf("%+v", r)
		}
		seen[r.Code] = true
		if !used[r.Code] {
			t.Errorf("%s is a rule that nothing reports", r.Code)
		}
	}
	for c := range used {
		if !seen[c] {
			t.Errorf("%s is reported and no rule", c)
		}
	}
}
