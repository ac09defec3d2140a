package readiness_test

import (
	"slices"
	"testing"

	"github.com/launchready/readiness"
)

// isPlaceholder reports whether the value of the variable is found to be one.
func isPlaceholder(t *testing.T, v readiness.EnvVar, value string) bool {
	t.Helper()
	return slices.ContainsFunc(check(t, v, value), func(f readiness.Finding) bool { return f.Code == "env.placeholder" })
}

func TestPlaceholdersAreFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		v      readiness.EnvVar
		values []string
	}{
		{"any variable", readiness.EnvVar{}, []string{
			"changeme", "CHANGEME", "ChangeMe", "change-me", "change_me", "Change Me!", "changeme123", "changeit", "change-this", "changeme-in-production",
			"replaceme", "replace me", "REPLACE_ME", "replace-with-your-key", "fill-me", "set_me", "xxx", "XXX", "xxxx-xxxx-xxxx", "xxxxxxxxxxxx",
			"***", "****************", "sk_****1234", "TODO", "todo", "FIXME", "TODO: ask Ana", "tbd", "placeholder", "undefined", "...", "[object Object]",
			"<your-key>", "<API KEY>", "<password>", "[your-key]", "{{changeme}}", "your-api-key-here", "YOUR_API_KEY", "your_secret", "yourdomain", "yourPassword",
			"insert-your-token-here", "insert your key here", "your name here", "${DATABASE_URL}", "$DATABASE_URL", "%DATABASE_URL%", "$(DATABASE_URL)",
			"${DB_URL:-}", "${{ secrets.KEY }}", "example.com", "www.example.org", "smtp.yourdomain.com",
			"please-change-me", "Please change me", "key=<your-key>", "host=db password=<password> dbname=app", "<Your API key!>", "{{ .Values.host }}", "{{- .Values.host -}}", "@DATABASE_URL@",
			"your-app", "yourapp.com", "/services/<id>", "/v1/${TENANT}",
		}},
		{"secret", readiness.EnvVar{Secret: true}, []string{
			"secret", "SECRET", "supersecret", "super-secret-key", "mysecretkey", "my-password", "password", "Password1", "password123!", "pass", "passw0rd", "P@ssw0rd",
			"test", "test123", "test-key", "testing", "dummy", "example", "foobar", "default", "admin", "letmein", "qwerty", "keyboard cat", "123456", "12345678", "0000000000",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "this-is-a-secret", "not-a-secret", "token", "api_key", "null", "sk_live_your_key_here", "sk_test_xxxxxxxx", "sk_live_...",
			"please-changeme-before-launch", "django-insecure-0x7f", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "your account", "a-long-random-string",
			"TODO set before launch", "TODO-key", "fixme-later", "ENTER_VALUE", "insert-secret", "put the key here", "generate-a-random-secret", "api-key-here", "sk_live_key_here", "secret goes here",
			"{{ .Values.sessionSecret }}", "pre{{ secret }}", "@SESSION_SECRET@", "prefix-${SECRET}", "prefix-${secret:-x}-y", "$(cat)-x", "sk_live_xxx", "sk-live-***", "yourapp",
		}},
		{"url", readiness.EnvVar{Format: readiness.URL}, []string{
			"postgres://user:password@localhost:5432/app", "postgres://user:pass@db/app", "postgres://app:changeme@db/app", "postgres://app:<password>@db/app",
			"postgres://postgres:[YOUR-PASSWORD]@db.abc.supabase.co:5432/postgres", "postgres://USER:PASSWORD@HOST:PORT/DATABASE", "postgres://<user>:s8fj2k@db/app",
			"redis://:secret@cache:6379", "postgres://app:${DB_PASSWORD}@db/app", "postgres://app:***@db/app", "https://example.com", "https://api.example.com/v1",
			"https://yourdomain.com", "https://your-project.supabase.co", "https://<host>/", "https://xxx.supabase.co", "https://hostname/", "https://undefined/api",
			"https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "https://api.acme.test/?key=changeme", "https://api.acme.test/?key=YOUR_API_KEY",
			"https://yourapp.com/", "https://hooks.acme.com/services/<your hook!>", "https://acme.com/v1-${TENANT}/x", "https://acme.com/YOUR_PROJECT", "https://acme.com/#<part>", "https://${SUB}-api.acme.com",
			"postgres://app:p-${PASSWORD}@db/app", "postgres://app:TODO-set@db/app", "https://acme.com/?a=1&key=<key>",
			"postgres://app:s8fj2k@db/<dbname>", "mongodb://a:27017,your-host:27017/app", "https://acme.test:PORT/",
		}},
		{"secret url", readiness.EnvVar{Format: readiness.URL, Secret: true}, []string{"postgres://app:password@db/app", "amqp://guest:guest@mq:5672"}},
		{"email", readiness.EnvVar{Format: readiness.Email}, []string{"you@example.com", "Acme <no-reply@example.org>", "your-email@acme.test", "ops@yourdomain.com", "ops@<domain>"}},
		{"port", readiness.EnvVar{Format: readiness.Port}, []string{"<port>", "TODO"}},
		{"prefix", readiness.EnvVar{Prefix: "sk_live_", Secret: true}, []string{"sk_live_xxx", "sk_live_changeme", "sk_live_secret", "sk_live_todo"}},
		{"one of", readiness.EnvVar{OneOf: []string{"live", "test"}}, []string{"changeme", "<mode>"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, value := range tt.values {
				if !isPlaceholder(t, tt.v, value) {
					t.Errorf("%q is taken for a value", value)
				}
			}
		})
	}
}

func TestOrdinaryValuesAreLeftInPeace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		v      readiness.EnvVar
		values []string
	}{
		{"any variable", readiness.EnvVar{}, []string{
			"production", "test", "dev", "password", "secret", "token", "example", "demo", "default", "dummy", "none", "null", "admin", "user", "0", "1", "123456", "-", "*", "xx", "x",
			"info", "eu-central-1", "Europe/Berlin", "en_US.UTF-8", "Acme Marketplace", "Your Marketplace", "Your account", "Your account is ready", "Change it now or lose it all",
			"change-metrics", "changelog", "replacement-parts", "todo-service", "todos", "xxl", "maxx", "Max Power", "* * * * *", "*/5 * * * *", "/var/lib/app", "./...",
			"https", "acme.example", "db.internal", "smtp.acme.example:587", "localhost", "127.0.0.1:8080", "myexample.com", "example.company", "acme.xxx",
			"Loading...", "{{.Level}} {{.Message}}", "%d %s", "$2b$10$N9qo8uLOickgx2ZMRZoMye", "$HOME/app", "{\"a\":1}", "[1,2,3]", "<!doctype html>", "<https://acme.example>",
			"a,b,c", "placeholder.png", "your-best-deals", "yourself", "add-on", "enterprise", "user@host", "XIX", "tbilisi", "hello, world", "(none)",
			"yourapp", "/help/your-account", "/your-account", "/change-it", "please", "Please wait", "level=info", "a=b", "{{.Message}}", "{{ . }}", "@acme", "insert-user", "add-password", "a==b", "<p>Hello, world!</p>",
		}},
		{"secret", readiness.EnvVar{Secret: true}, []string{
			"Vq8dL2mZ0rT6yB4nK1sX7wF3hJ9pC5gA", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
			"hunter2", "correct horse battery staple", "tr0ub4dor&3", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOHcbrzqgy",
			"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIB\n-----END PRIVATE KEY-----", "Xx1-yY2-zZ3", "passport-9f2k", "secretary-bird-42-lake",
			"testament-of-rain-77", "keyring-gold-5", "n/RxxZq+11", "ab12", "$ecr3t&more",
			"correct-horse-battery-here", "entering-rain-77-lake", "set-sail-at-dawn", "add-lake-93-moon", "put-on-17-hats", "a@b@c", "9$(x", "9${x", "{{9x", "todos-of-lake-77", "ab-xx", `{"a":{"b":{"key":"Vq8dL2mZ0rT6"}}}`,
		}},
		{"url", readiness.EnvVar{Format: readiness.URL}, []string{
			"postgres://app:Vq8dL2mZ0rT6@db:5432/app?sslmode=require", "postgres://user:Vq8dL2mZ0rT6@db/test", "postgres://localhost/app", "redis://localhost:6379/0", "redis://:Vq8dL2mZ@cache:6379",
			"https://acme.example", "https://api.acme.example/v1/todo", "https://todo.acme.example/", "http://todo:8080/", "http://test:9000", "http://server:80", "https://acme.example/password/reset",
			"https://acme.example/?next=secret", "https://sentry.io/4507", "smtp://mail:1025", "https://user-service/", "amqp://app:b3tterone@mq:5672/%2F", "https://mydomain.company/",
			"https://acme.example/{id}", "s3://acme-backups/daily", "https://xn--bcher-kva.example/", "https://acme.xxx/", "http://[::1]:8080/", "postgres://demo:9fk2ls8@demo.acme.example/demo",
			"https://acme.com/help/your-account", "https://acme.com/help/change-it", "https://hooks.acme.com/add-your-name", "https://acme.com/help#change-it", "https://acme.com/Your-Account", "https://yourself.acme.com/",
		}},
		{"email", readiness.EnvVar{Format: readiness.Email}, []string{"ops@acme.example", "test@acme.test", "you@acme.test", "Your Team <team@acme.test>", "no-reply@mail.acme.test"}},
		{"prefix", readiness.EnvVar{Prefix: "/"}, []string{"/todo", "/", "/test"}},
		{"one of", readiness.EnvVar{OneOf: []string{"todo", "xxx", "changeme"}}, []string{"todo", "xxx", "changeme"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, value := range tt.values {
				if found := check(t, tt.v, value); len(found) > 0 {
					t.Errorf("%q: %s: %s", value, brief(found), found[0].Title)
				}
			}
		})
	}
}
