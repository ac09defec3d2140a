package prometheustest_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/prometheustest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStart(t *testing.T) {
	t.Parallel()
	url := prometheustest.Start(t, "global: {scrape_interval: 7s}\n")
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	res, err := client.Get(url + "/api/v1/status/config")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(text), "scrape_interval: 7s") {
		t.Errorf("%v, %s", err, text)
	}
}

func TestPromtool(t *testing.T) {
	t.Parallel()
	rules := func(expr string) string {
		file := filepath.Join(t.TempDir(), "rules.yml")
		text := "groups: [{name: x, rules: [{record: 'a:b', expr: '" + expr + "'}]}]\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	if out, err := prometheustest.Promtool(t, "check", "rules", rules("up == 0")); err != nil || !strings.Contains(out, "1 rules found") {
		t.Errorf("good rules: %v\n%s", err, out)
	}
	if out, err := prometheustest.Promtool(t, "check", "rules", rules("up ==")); err == nil {
		t.Errorf("bad rules pass:\n%s", out)
	}
}

// verdict is a TB that remembers what the test was told.
type verdict struct {
	testing.TB
	said string
}

func (v *verdict) Helper() {}
func (v *verdict) Skipf(format string, args ...any) {
	v.said = "skipped: " + fmt.Sprintf(format, args...)
}

func (v *verdict) Fatalf(format string, args ...any) {
	v.said = "failed: " + fmt.Sprintf(format, args...)
}

func TestAbsenceIsToldOff(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for ci, want := range map[string]string{"": "skipped: ", "true": "failed: "} {
		t.Setenv("CI", ci)
		for program, run := range map[string]func(prometheustest.TB){
			"prometheus": func(tb prometheustest.TB) { _ = prometheustest.Start(tb, "") },
			"promtool":   func(tb prometheustest.TB) { _, _ = prometheustest.Promtool(tb, "check") },
		} {
			v := &verdict{TB: t}
			if run(v); !strings.HasPrefix(v.said, want+program+" is not installed") {
				t.Errorf("CI=%q, %s: %q", ci, program, v.said)
			}
		}
	}
}
