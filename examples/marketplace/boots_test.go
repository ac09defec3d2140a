package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// TestBoots starts the program as a platform does: in an empty folder, with
// the variables that it declares and no other. Templates, styles and
// migrations are in the binary, and nothing else of this folder is needed.
func TestBoots(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "marketplace")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, env := range map[string]map[string]string{
		"development": nil,
		"production": {
			"APP_ENV": "production", "SESSION_SECRET": "mUZ6c7hWn3QpXv9sRk2bTy5dLf8gJw4a", "WEBHOOK_SECRET": "4aJw8gLf5dTy2bRk9sXv3QpWn7hcUZ6m",
			"PUBLIC_URL": "https://market.test", "ADMIN_EMAIL": "ops@market.test", "ADMIN_PASSWORD": "k7Wq2 zR9f pT4x",
			"SMTP_URL": "smtp://market:vX8rQ2mZ@mail.market.test:587", "MAIL_FROM": "market@market.test",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			smoke.Boots(t, binary, env, "-addr", "{addr}", "-state", "state")
		})
	}
}
