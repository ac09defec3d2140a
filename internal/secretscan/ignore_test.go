package secretscan_test

import (
	"strings"
	"testing"

	"github.com/launchready/readiness/internal/secretscan"
)

func TestIgnored(t *testing.T) {
	t.Parallel()
	const print = "github-token:config/app.yml:1f2e3d"
	for _, text := range []string{print, print + "\n", "\uFEFF" + print, "\n\n  " + print + "\t# of the test account\n", "# why\r\n" + print + "\r\n", print + "\n" + print} {
		i, err := secretscan.ParseIgnored([]byte(text))
		if err != nil || !i.Has(print) || i.Has("github-token:config/app.yml:1f2e3e") {
			t.Errorf("%q: %v, %v", text, i, err)
		}
	}
	for _, text := range []string{"", "\n", "# nothing\n", "\uFEFF"} {
		if i, err := secretscan.ParseIgnored([]byte(text)); err != nil || i.Has("") || i.Has(print) {
			t.Errorf("%q: %v, %v", text, i, err)
		}
	}
	if (secretscan.Ignored{}).Has(print) {
		t.Error("the zero value ignores something")
	}
}

func TestIgnoredProblems(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"*.pem", "config/app.yml", "github-token:config/app.yml", "github-token:config/app.yml:1f2e3", "github-token:config/app.yml:1F2E3D", "Github:a:1f2e3d", "a b:c:1f2e3d", "github-token:a b:1f2e3d", "\xff"} {
		_, err := secretscan.ParseIgnored([]byte("# why\n\n" + line + "\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "line 3: ") || !strings.Contains(err.Error(), "copy it from the finding") {
			t.Errorf("%q: %v", line, err)
		}
	}
	i, err := secretscan.ParseIgnored([]byte("github-token:a:1f2e3d\nx\ny\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2: ") || !strings.Contains(err.Error(), "line 3: ") || i.Has("github-token:a:1f2e3d") {
		t.Errorf("%v, %v", i, err)
	}
	if _, err := secretscan.ParseIgnored([]byte(strings.Repeat("x\n", 10_000))); err == nil || strings.Count(err.Error(), "\n") > 30 {
		t.Errorf("%d lines", strings.Count(err.Error(), "\n"))
	}
}
