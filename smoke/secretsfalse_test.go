package smoke_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// TestNoSecretsHere: this library has no secrets and ignores none. Its tests
// hold many values that look like some.
func TestNoSecretsHere(t *testing.T) {
	t.Parallel()
	smoke.NoSecrets(t, "..")
}

// TestNoSecretsElsewhere: nor have these.
func TestNoSecretsElsewhere(t *testing.T) {
	ask := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), "go", args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	for name, dir := range map[string]string{
		"net":        filepath.Join(ask("env", "GOROOT"), "src", "net"),
		"prometheus": ask("list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/client_golang"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Stat(dir); err != nil || !filepath.IsAbs(dir) {
				t.Skip("its files are not on this machine")
			}
			// A work tree around the module cache would track none of it.
			t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
			smoke.NoSecrets(t, dir)
		})
	}
}

// BenchmarkSecrets is all of it: git, the files and the scan.
func BenchmarkSecrets(b *testing.B) {
	for b.Loop() {
		if leaks, err := smoke.Secrets(b.Context(), ".."); err != nil || len(leaks) != 0 {
			b.Fatal(leaks, err)
		}
	}
}
