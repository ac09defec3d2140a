package health_test

import (
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/launchready/readiness/health"
)

func TestDiskFree(t *testing.T) {
	t.Parallel()
	if health.DiskFree("/", 1) == nil {
		t.Skip("this operating system does not tell")
	}
	dir := t.TempDir()
	if err := health.DiskFree(dir, 1)(t.Context()); err != nil {
		t.Errorf("one byte: %v", err)
	}
	err := health.DiskFree(dir, math.MaxUint64)(t.Context())
	if err == nil || !regexp.MustCompile(`^\Q`+dir+`\E: \d+\.\d MiB free, 17592186044416\.0 MiB wanted$`).MatchString(err.Error()) {
		t.Errorf("more than there is: %v", err)
	}
	missing := filepath.Join(dir, "missing")
	if err := health.DiskFree(missing, 1)(t.Context()); err == nil || !strings.HasPrefix(err.Error(), missing+": ") {
		t.Errorf("a missing folder: %v", err)
	}
}
