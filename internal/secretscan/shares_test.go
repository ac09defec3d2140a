package secretscan_test

import "testing"

// TestSharesFound counts how many values drawn by lot are found behind a name.
// What is missed looks made up: too few digits, or too few changes of kind.
func TestSharesFound(t *testing.T) {
	if testing.Short() {
		t.Skip("counts shares of many values: not with -short")
	}
	t.Parallel()
	const of = 1000
	for _, tt := range []struct {
		signs   string
		length  int
		atLeast int // of a thousand
	}{
		{base62, 16, 700},
		{base62, 20, 940},
		{base62, 24, 960},
		{base62, 32, 980},
		{base62, 40, 990},
		{hexDigits, 24, 970},
		{hexDigits, 32, 985},
	} {
		found := 0
		for seed := range uint64(of) {
			if rules(scan(t, "api"+`Key = "`+draw(tt.signs, tt.length, seed)+`"`)) == "1 assigned-secret" {
				found++
			}
		}
		t.Logf("%d characters of %d signs: %d of %d", tt.length, len(tt.signs), found, of)
		if found < tt.atLeast {
			t.Errorf("%d characters of %d signs: %d of %d were found, want at least %d", tt.length, len(tt.signs), found, of, tt.atLeast)
		}
	}
}
