package secretscan_test

import (
	"strings"
	"testing"
)

// TestLinesOfSettings are values with marks that end others.
func TestLinesOfSettings(t *testing.T) {
	t.Parallel()
	for _, format := range []string{
		"DOPPLER_TO" + "KEN=dp.st.prd.%\n", "export DOPPLER_TO" + "KEN=dp.st.prd.%\n", "VAULT_TO" + "KEN=hvs.%", "  vault_to" + "ken: hvs.%\r\n",
		"DISCORD_TO" + "KEN=MTA0NzY1.Gx2kQ9.%\n", "DB_PASS" + "WORD=a1!%#B2^c3\n",
	} {
		missed := 0
		for seed := range uint64(300) {
			if rules(scan(t, strings.ReplaceAll(format, "%", draw(base62, 27, seed)))) != "1 assigned-secret" {
				missed++
			}
		}
		if missed > 30 {
			t.Errorf("%s: %d of 300 missed", format, missed)
		}
	}
	to := "to" + "ken"
	lot := draw(base62, 24, 1)
	for _, text := range []string{
		to + ": 2026-11-28T13:44:16.123456Z", to + "=com.acme.auth.v2.Provider4Tokens", to + "=github.com/acme/auth/v2@v2.3.1", to + ": https://acme.com/" + lot,
		"if " + to + "=a.b." + lot, to + "=a.b." + lot + "(x)", to + "=a.b." + lot + ";", to + " = a.b." + lot, to + ": 10.0.17.2:8080/a1/b2/c3/d4",
		to + "=user@mail7.acme.com", to + ": registry.acme.com/app:v1.2.3-rc.4",
	} {
		if got := rules(scan(t, text+"\n")); got != "" {
			t.Errorf("%s: %s", text, got)
		}
	}
}
