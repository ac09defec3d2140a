package secretscan_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestConnectionPasswords(t *testing.T) {
	t.Parallel()
	weak, strong := "Blue"+"Whale7", draw(base62, 24, 5)
	for _, scheme := range []string{"postgres", "postgresql", "mysql", "mongodb", "mongodb+srv", "redis", "rediss", "amqp", "amqps", "smtp"} {
		for _, host := range []string{"db.acme.com", "db.acme.com:5432", "10.0.3.7:6379", "[2a01:4f8::1]:5432", "db.internal", "a.acme.com:1,b.acme.com:2"} {
			if got := rules(scan(t, scheme+"://app:"+weak+"@"+host+"/app")); got != "1 connection-password" {
				t.Errorf("%s at %s: %q", scheme, host, got)
			}
		}
	}
	for name, text := range map[string]string{
		"no user":               "redis://:" + weak + "@cache.acme.com:6379/0",
		"in code":               `sql.Open("pgx", "postgres://app:` + weak + `@db.acme.com/app")`,
		"JDBC":                  "jdbc:mysql://root:" + weak + "@db.acme.com/app",
		"in capitals":           "POSTGRES://app:" + weak + "@DB.ACME.COM",
		"network of containers": "postgres://app:" + strong + "@db:5432/app",
		"escaped":               "postgres://app:" + weak + "%2F%40@db.acme.com",
		"Go's driver for MySQL": `sql.Open("mysql", "app:` + weak + `@tcp(db.acme.com:3306)/app")`,
		"libpq":                 "host=db.acme.com port=5432 user=app password=" + weak + " dbname=app",
		"ADO":                   "Server=tcp:db.acme.com,1433;Database=app;User Id=app;Password=" + weak + ";Encrypt=True",
		"https, of a program":   "https://ci:" + strong + "@git.acme.com/app.git",
	} {
		if got := rules(scan(t, text)); got != "1 connection-password" {
			t.Errorf("%s: %q", name, got)
		}
	}
	basic := "Authorization: Bas" + "ic " + base64.StdEncoding.EncodeToString([]byte("api:"+strong))
	if got := rules(scan(t, basic)); got != "1 basic-auth" {
		t.Errorf("basic: %q", got)
	}
}

func TestNoConnectionPasswords(t *testing.T) {
	t.Parallel()
	strong := draw(base62, 24, 5)
	for _, password := range []string{
		"password", "Password1", "secret", "xxx", "xxxxxxxx", "***", "${DB_PASSWORD}", "$DB_PASSWORD", "<password>", "%s", "{password}", "{{.Password}}", "[YOUR-PASSWORD]",
		"changeme", "your_password", "mysecretpassword"[:8], "postgres", "app", "DB_PASSWORD", "hunter2", "1234567", "abcdefgh", "p", "", "...", "example", "test123", "(pw)", ":pw",
	} {
		if got := rules(scan(t, "postgres://app:"+password+"@db.acme.com/app")); got != "" {
			t.Errorf("password %s: %q", password, got)
		}
	}
	for _, host := range []string{
		"localhost", "localhost:5432", "127.0.0.1", "[::1]:5432", "0.0.0.0", "db.example.com", "db.example", "db.test", "db.invalid", "app.localhost", "192.0.2.1", "203.0.113.9:1",
		"${HOST}", "{host}", "%s", "%s:%d", "$HOST", "your-host.com",
	} {
		if got := rules(scan(t, "postgres://app:"+strong+"@"+host+"/app")); got != "" {
			t.Errorf("host %s: %q", host, got)
		}
	}
	for name, text := range map[string]string{
		"no password":            "postgres://app@db.acme.com/app",
		"no user information":    "postgres://db.acme.com:5432/app?email=a@acme.com",
		"thought up, no dot":     "postgres://app:Blue" + "Whale7@db/app",
		"joined in code":         `"postgres://app:" + password + "@db.acme.com/app"`,
		"hosts with ports":       "mongodb://a.acme.com:27017,b.acme.com:27017/app",
		"https, thought up":      "https://jane:p%40ss" + "word@google.com",
		"libpq without a host":   "user=app password=Blue" + "Whale7",
		"libpq on this machine":  "host=localhost user=app password=Blue" + "Whale7",
		"libpq, to be filled in": "host=db.acme.com user=app password=$PASSWORD",
		"MySQL on this machine":  "app:Blue" + "Whale7@tcp(127.0.0.1:3306)/app",
		"basic of RFC 7617":      "Bas" + "ic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
		"basic, a word":          "some basic understanding of it",
		"far apart":              "postgres://" + strings.Repeat("a", 600) + ":" + strong + "@db.acme.com",
	} {
		if got := rules(scan(t, text)); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
