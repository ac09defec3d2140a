package secretscan_test

import (
	"strings"
	"testing"
)

// TestPasswordsWithMarks are passwords that programs draw of all characters.
func TestPasswordsWithMarks(t *testing.T) {
	t.Parallel()
	django, terraform, azure := "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)", base62+"!@#$%&*()-_=+[]{}<>:?", base62+"~._-"
	for name, tt := range map[string]struct {
		format, alphabet string
		n, missed        int // of 300, at the most
	}{
		"Django":         {"SECRET_" + "KEY = '@'", django, 50, 150},
		"Terraform":      {`pass` + `word = "@"`, terraform, 24, 200},
		"Azure":          {"client_sec" + "ret = '@'", azure, 40, 30},
		"ADO":            {"Server=db.acme.com;Pass" + "word=@;Database=a", terraform, 20, 110},
		"libpq":          {"host=db.acme.com pass" + "word='@'", terraform, 20, 110},
		"$ at first":     {"postgres://app:$@@db.acme.com/a", base62, 12, 45},
		"* at first":     {"postgres://app:*@@db.acme.com/a", base62, 12, 3},
		"digits":         {"postgres://app:@@db.acme.com/a", "0123456789", 10, 3},
		"your by chance": {"postgres://app:@your@db.acme.com/a", base62, 20, 30},
	} {
		missed := 0
		for seed := range uint64(300) {
			if rules(scan(t, strings.Replace(tt.format, "@", draw(tt.alphabet, tt.n, seed), 1))) == "" {
				missed++
			}
		}
		if missed > tt.missed {
			t.Errorf("%s: %d of 300 missed", name, missed)
		}
	}
	for _, password := range []string{
		"$password", "$DB_PASSWORD2", "%(password)s", "%DB_PASSWORD%", "{db.password}", "pre{password}", "[YOUR-PASSWORD]", "{{password}}", "#{password}", "1234567", "11111111", "your-own-pass", "yourpass1",
	} {
		if got := rules(scan(t, "postgres://app:"+password+"@db.acme.com/app")); got != "" {
			t.Errorf("%s: %s", password, got)
		}
	}
	for _, pattern := range []string{"[A-Za-z0-9]{2}_[0-9a-f]{32}$", "(?P<a1>x9)|(?P<b2>Y8)/[q]+", "/api/v1/{id}/B2?c3=:d4&E5=f6", "a1[i2]+b3(C4)*d5-e6==F7%8g"} {
		if got := rules(scan(t, "to"+"ken = '"+pattern+"'")); got != "" {
			t.Errorf("%s: %s", pattern, got)
		}
	}
}
