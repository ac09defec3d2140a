package readiness_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/launchready/readiness"
)

// declaredHandover leaves out what nobody can see and nothing else.
func declaredHandover() readiness.Handover {
	return readiness.Handover{
		Registrar: "Example Registry, account acme", DNS: "at the registrar", Hosting: "Fly, organisation acme", MailProvider: "Google Workspace",
		Secrets: "the vault, folder acme", Monitoring: "https://status.acme.example/", Deploy: "make deploy", Rollback: "make rollback",
		LastGoodRelease: "v1.4.2", AlertsTo: "ops@acme.example", ApprovesChanges: "cto@acme.example",
		Owners: map[string]string{"login": "ana@acme.example", "e-mail": "bo@acme.example", "requests": "cy@acme.example", "payments": "di@acme.example"},
	}
}

func TestHandover(t *testing.T) {
	t.Parallel()
	env := []readiness.EnvVar{
		{Name: "DATABASE_URL", Format: readiness.URL, Schemes: []string{"postgres"}, Secret: true},
		{Name: "MODE", OneOf: []string{"live", "test"}, Optional: true},
		{Name: "KEY", Prefix: "sk_live_", Secret: true, MinLength: 20},
	}
	vars := map[string]string{"DATABASE_URL": "postgres://app:hunter2hunter2@db/app"}
	r := newChecker(t, readiness.Config{Env: env, LookupEnv: lookup(vars), Handover: declaredHandover()}).Check(t.Context())
	want := []string{
		"ok registrar: Example Registry, account acme",
		"ok DNS access: at the registrar",
		"unknown Cloudflare: whether a host stands behind it could not be looked at",
		"ok hosting: Fly, organisation acme",
		"ok mail provider: Google Workspace",
		"ok where secrets live: the vault, folder acme",
		"ok monitoring: https://status.acme.example/",
		"ok deployment steps: make deploy",
		"ok rollback steps: make rollback",
		"ok last known good release: v1.4.2",
		"ok who receives alerts: ops@acme.example",
		"ok who approves emergency changes: cto@acme.example",
		"ok owner of login: ana@acme.example",
		"ok owner of e-mail: bo@acme.example",
		"ok owner of requests: cy@acme.example",
		"ok owner of payments: di@acme.example",
		"ok environment variable DATABASE_URL: required, secret, such as postgres://USER:PASSWORD@HOST:PORT/NAME",
		`ok environment variable MODE: optional, such as "live", "test"`,
		"todo environment variable KEY: required, secret, such as sk_live_… (at least 20 characters); not set",
		"unknown environment of the last release: no earlier release is known",
		`todo next step 1: KEY: not set; set KEY to the value that begins with "sk_live_"`,
	}
	var got []string
	for _, h := range r.Handover {
		got = append(got, string(h.State)+" "+h.Item+": "+h.Detail)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := codes(r.Findings); !slices.Equal(got, []string{"env.missing KEY"}) {
		t.Errorf("findings %q", got)
	}
	text, err := json.Marshal(r)
	if err != nil || strings.Contains(string(text), "hunter2") || !strings.Contains(string(text), `{"item":"who receives alerts","state":"ok","detail":"ops@acme.example"}`) {
		t.Errorf("%v, %s", err, text)
	}
	var log strings.Builder
	logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{}), zapcore.AddSync(&log), zap.DebugLevel))
	logger.Info("", zap.Object("report", r))
	if strings.Contains(log.String(), "ops@acme.example") || !strings.Contains(log.String(), "env.missing") {
		t.Errorf("the log has %s", log.String())
	}
}

func TestHandoverThatIsMissing(t *testing.T) {
	t.Parallel()
	r := newChecker(t, readiness.Config{Handover: readiness.Handover{AlertsTo: "ops@acme.example"}}).Check(t.Context())
	want := []string{
		"handover.approves who approves emergency changes", "handover.deploy deployment steps", "handover.dns DNS access", "handover.hosting hosting",
		"handover.last-good-release last known good release", "handover.mail mail provider", "handover.monitoring monitoring",
		"handover.owner e-mail", "handover.owner login", "handover.owner requests",
		"handover.registrar registrar", "handover.rollback rollback steps", "handover.secrets where secrets live",
	}
	if got := codes(r.Findings); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, f := range r.Findings {
		if f.Severity != readiness.Medium || f.Fix == "" {
			t.Errorf("got %+v", f)
		}
	}
	steps := 0
	for _, h := range r.Handover {
		if strings.HasPrefix(h.Item, "next step") {
			steps++
		}
	}
	if steps != 3 || r.Err() != nil {
		t.Errorf("%d next steps, %v", steps, r.Err())
	}
	if r := newChecker(t, readiness.Config{}).Check(t.Context()); len(r.Handover)+len(r.Findings) > 0 {
		t.Errorf("nothing is declared: %v", r)
	}
}

// TestOneScreen holds that the text shows the seven worst and says how many
// more there are, and that All leaves nothing out.
func TestOneScreen(t *testing.T) {
	t.Parallel()
	many := func(context.Context) ([]readiness.Finding, error) {
		var found []readiness.Finding
		for i := range 20 {
			found = append(found, readiness.Finding{Code: "own.code", Subject: string(rune('a' + i)), Severity: readiness.Severity(1 + i%3), Title: "is wrong", Detail: "It matters.", Fix: "mend it"})
		}
		return found, nil
	}
	r := newChecker(t, readiness.Config{Custom: []custom{{Name: "own", Func: many}}}).Check(t.Context())
	text := r.String()
	if !strings.HasPrefix(text, "6 blockers, 7 high, 7 medium\nBLOCKER  own.code  c  is wrong\n         fix: mend it\n") || !strings.HasSuffix(text, "\n… and 13 more\n") ||
		strings.Count(text, "fix: ") != 7 || strings.Count(text, "HIGH") != 1 || strings.Contains(text, "\x1b") {
		t.Errorf("got %s", text)
	}
	var all strings.Builder
	if err := r.WriteStyled(&all, readiness.TextStyle{All: true, Color: true}); err != nil || strings.Count(all.String(), "fix: ") != 20 ||
		strings.Contains(all.String(), "more") || !strings.Contains(all.String(), "\x1b[1;31mBLOCKER\x1b[0m  own.code") || !strings.Contains(all.String(), "It matters.") {
		t.Errorf("%v, got %s", err, all.String())
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	own := func(context.Context) ([]readiness.Finding, error) {
		return []readiness.Finding{{Code: "own.code", Subject: "a_b|c", Severity: readiness.High, Title: "<b>is</b> wrong", Evidence: []string{"x\ny `z`"}, Fix: "mend *it*"}}, nil
	}
	h := declaredHandover()
	h.Rollback = ""
	r := newChecker(t, readiness.Config{Handover: h, Custom: []custom{{Name: "own", Func: own}, {Name: "fails", Func: func(context.Context) ([]readiness.Finding, error) { panic(1) }}}}).Check(t.Context())
	var b strings.Builder
	if err := r.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Launch check of the environment\n\n0 blockers, 1 high, 1 medium, 1 not checked.\n",
		"- [ ] **high** a\\_b\\|c: \\<b\\>is\\</b\\> wrong (`own.code`)\n  Fix: mend \\*it\\*\n  - seen: x\\\\ny \\`z\\`\n",
		"## Not checked\n\n- fails: could not be looked at: it panicked (`custom.failed`)\n",
		"- [x] registrar: Example Registry, account acme\n", "- [ ] rollback steps: ", "- [ ] Cloudflare (unknown): ",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
