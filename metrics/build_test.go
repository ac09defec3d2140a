package metrics_test

import (
	"testing"

	"github.com/launchready/readiness/metrics"
)

// A test binary is built from no version.
func TestWithoutAVersionThereIsNoRelease(t *testing.T) {
	t.Parallel()
	if s := newMetrics(t, metrics.Config{}).Snapshot(); s.Release != "" {
		t.Errorf("the release is %q", s.Release)
	}
}
