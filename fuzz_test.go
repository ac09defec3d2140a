package readiness_test

import (
	"encoding/json"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/launchready/readiness"
)

// outputs returns everything that a report and the log say about the
// environment of vars.
func outputs(t *testing.T, env []readiness.EnvVar, vars map[string]string) string {
	t.Helper()
	var log strings.Builder
	logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg"}), zapcore.AddSync(&log), zap.DebugLevel))
	launch, err := readiness.New(readiness.Config{Env: env, LookupEnv: lookup(vars), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	report := launch.CheckEnv()
	logger.Info("", zap.Object("report", report))
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	all := log.String() + string(text) + report.String()
	if err := report.Err(); err != nil {
		all += err.Error()
	}
	return all
}

// declarations are ways to declare the same variable.
func declarations(secret bool) []readiness.EnvVar {
	all := []readiness.EnvVar{
		{Format: readiness.URL, Schemes: []string{"postgres"}, MinLength: 10},
		{Format: readiness.Port},
		{Format: readiness.Duration},
		{Format: readiness.Bool, Optional: true},
		{Format: readiness.Email},
		{Prefix: "sk_live_", MinLength: 32},
		{},
	}
	for i := range all {
		all[i].Name, all[i].Secret = "V", secret
	}
	return all
}

// FuzzSecretIsNeverShown holds that whatever the value of a Secret is, no
// output holds it, in whole or in part: every output depends on which findings
// there are and on nothing else. It does so by planting a word in the value
// that occurs in no text of the package.
func FuzzSecretIsNeverShown(f *testing.F) {
	for _, s := range []string{
		"", "postgres://app:x@db/app?x=", "<", "changeme", "\"", " \n", "sk_live_", "xxxxxx", "${", "https://a,b:c", "ops@", "Name <", "%", "${{", "[", "\xff", "mongodb://a:1,",
	} {
		f.Add(s, "")
		f.Add("", s)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const planted = "q7zj9wkv"
		value := before + planted + after
		for _, v := range declarations(true) {
			// A second variable that is no secret holds the same value by mistake.
			env := []readiness.EnvVar{v, {Name: "W", Format: readiness.Port}, {Name: "X", OneOf: []string{"a"}}}
			if all := outputs(t, env, map[string]string{"V": value, "W": value, "X": "url://" + value}); strings.Contains(strings.ToLower(all), planted) {
				t.Fatalf("%+v: %q is shown in\n%s", v, planted, all)
			}
		}
	})
}

// FuzzPasswordOfURLIsNeverShown holds that the password and the query of a URL
// stay out even of a variable that is no secret, whatever stands around them
// and whether or not the URL is well formed.
func FuzzPasswordOfURLIsNeverShown(f *testing.F) {
	f.Add("postgres", "app", "", "", "db:5432/app")
	f.Add("redis", "", "#", "/", "cache")
	f.Add("mongodb", "a", "@", "?", "a,b/x")
	f.Add("", ":", "1/", ":1", "h")
	f.Add("postgres", "app", "", "/1", "db/app")
	f.Add("postgres", "", "", "#1", "db/app")
	f.Fuzz(func(t *testing.T, scheme, user, before, after, rest string) {
		const planted = "q7zj9wkv"
		if strings.Contains(before+user, "://") || strings.Contains(scheme, "//") {
			t.Skip() // then the planted word is not in the password
		}
		for _, value := range []string{
			scheme + "://" + user + ":" + before + planted + after + "@" + rest,
			scheme + "://" + strings.NewReplacer("?", "", "#", "").Replace(user) + "?" + before + "=" + planted + after,
		} {
			for _, v := range declarations(false) {
				if all := outputs(t, []readiness.EnvVar{v}, map[string]string{"V": value}); strings.Contains(strings.ToLower(all), planted) {
					t.Fatalf("%+v: %q: the password is shown in\n%s", v, value, all)
				}
			}
		}
	})
}
