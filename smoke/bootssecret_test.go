package smoke_test

import (
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// What a variable says is hidden, and so is each part of it that opens
// something.
func TestBootsHidesWhatOpensSomething(t *testing.T) {
	t.Parallel()
	const key = "-----BEGIN PRIVATE" + " KEY-----\nMIIEvQIBADANBgkqhkiG\n9w0BAQEFAASCBKcwggSj\n-----END PRIVATE" + " KEY-----\n"
	tests := []struct{ name, value, output, want string }{
		{"DB_PASS", "hunt2", "login with hunt2", "login with «DB_PASS»"},
		{"ADMIN_PWD", "hunt2", "login with hunt2", "login with «ADMIN_PWD»"},
		{"adminPin", "97531", "pin 97531", "pin «adminPin»"},
		{"PASSENGER", "hunt2", "for hunt2", "for hunt2"},
		{"COOKIE_SECURE", "true", "it is true", "it is true"},
		{"DATABASE_URL", "postgres://app:Zq7!Kw9%23Lm@{addr}/app", "pw Zq7!Kw9%23Lm or Zq7!Kw9#Lm at {addr}", "pw «DATABASE_URL» or «DATABASE_URL» at {addr}"},
		{"ADDR", "{addr}", "listening on {addr}", "listening on {addr}"},
		{"CALLBACK", "http://{addr}/?token=hunt2", "got hunt2 on {addr}", "got «CALLBACK» on {addr}"},
		{"DB", "postgres://app:a/b#c%zz@db:5432/app", "pw a/b#c%zz", "pw «DB»"},
		{"DB", "host=db user=app password=hunt2 sslmode=disable", "pw hunt2 on db, disable", "pw «DB» on db, disable"},
		{"DB", `host=db password='hu\'t2 x' user=app`, "pw hu't2 x", "pw «DB»"},
		{"DB", "Server=db;User Id=app;Password=hunt2;", "pw hunt2 of app", "pw «DB» of app"},
		{"DB", "jdbc:mysql://db/app?user=app&password=hu%26t2", "pw hu&t2 and hu%26t2", "pw «DB» and «DB»"},
		{"DB", "app:hu@t2@tcp(db:3306)/app", "pw hu@t2", "pw «DB»"},
		{"CONFIG", `{"db": {"user": "app", "password": "hunt2"}, "pins": [{"pin": 97531}]}`, "app hunt2 97531", "app «CONFIG» «CONFIG»"},
		{"CONFIG", `{"db": ["postgres://app:hunt2@db/app"]}`, "hunt2", "«CONFIG»"},
		{"KEY_PEM", key, "bad line: 9w0BAQEFAASCBKcwggSj", "bad line: «KEY_PEM»"},
		{"ACCOUNT", `{"private_key": "` + strings.ReplaceAll(key, "\n", `\n`) + `"}`, "bad line: MIIEvQIBADANBgkqhkiG", "bad line: «ACCOUNT»"},
		{"NOTES", "first line of it\nsecond line of it", "then: second line of it.", "then: «NOTES»."},
		{"HOST", "db", "dial postgres://app:hunt2@db:5432/app", "dial postgres://app:«hidden»@db:5432/app"},
	}
	for _, tt := range tests {
		want := "it failed\n\nits output:\n    " + tt.want
		if got := strings.TrimSpace(smoke.BootReport(map[string]string{tt.name: tt.value}, tt.output)); got != want {
			t.Errorf("%s=%s: got\n%s\nwant\n%s", tt.name, tt.value, got, want)
		}
	}
}
