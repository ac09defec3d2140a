package ci_test

import (
	"testing"

	"github.com/launchready/readiness/smoke"
)

// TestSecrets looks through the files that git tracks and, where
// SMOKE_GITLEAKS is set, through the whole history.
func TestSecrets(t *testing.T) {
	const repository = "../.." // from the folder of this file
	t.Run("files", func(t *testing.T) { smoke.NoSecrets(t, repository) })
	t.Run("history", func(t *testing.T) { smoke.Gitleaks(t, repository) })
}
