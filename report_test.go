package readiness_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/launchready/readiness"
)

// mixed returns a report with findings of every severity.
func mixed(t *testing.T) readiness.Report {
	t.Helper()
	launch, err := readiness.New(readiness.Config{
		Env: []readiness.EnvVar{
			{Name: "PORT", Format: readiness.Port},
			{Name: "DATABASE_URL", Format: readiness.URL, Schemes: []string{"postgres"}, Secret: true},
			{Name: "TITLE"},
			{Name: "B_SECRET", Secret: true},
			{Name: "A_SECRET", Secret: true, MinLength: 32},
			{Name: "MODE", OneOf: []string{"live", "test"}},
		},
		LookupEnv: lookup(map[string]string{"PORT": "80a", "TITLE": "Acme ", "B_SECRET": "hunter2\n", "MODE": "live"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return launch.CheckEnv()
}

const mixedText = `3 blockers, 1 high, 1 medium (environment: 6 variables checked)
BLOCKER  env.format      PORT          not a port
         seen: "80a"
         fix: set PORT to a whole number from 1 to 65535, such as 8080
BLOCKER  env.missing     A_SECRET      not set
         fix: set A_SECRET to at least 32 random characters, such as the output of: openssl rand -hex 16
BLOCKER  env.missing     DATABASE_URL  not set
         fix: set DATABASE_URL to a URL that begins with postgres://
HIGH     env.whitespace  B_SECRET      white space or an invisible character around the value
         fix: set B_SECRET again without anything before or after its value; write secrets with printf %s, since echo adds a line break
MEDIUM   env.whitespace  TITLE         white space or an invisible character around the value
         seen: "Acme "
         fix: set TITLE again without anything before or after its value; write secrets with printf %s, since echo adds a line break
`

func TestReportText(t *testing.T) {
	t.Parallel()
	report := mixed(t)
	var b strings.Builder
	if err := report.WriteText(&b); err != nil || b.String() != mixedText || report.String() != mixedText {
		t.Errorf("%v, got\n%s\nwant\n%s", err, b.String(), mixedText)
	}
	if err := report.WriteText(brokenPipe{}); !errors.Is(err, errPipe) {
		t.Errorf("the error of the writer is lost: %v", err)
	}
	if got, want := (readiness.Report{}).String(), "environment: no variable is declared, nothing checked\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

var errPipe = errors.New("broken pipe")

// brokenPipe refuses every write.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errPipe }

func TestReportErr(t *testing.T) {
	t.Parallel()
	want := `readiness: 3 blockers
  PORT: not a port (env.format); fix: set PORT to a whole number from 1 to 65535, such as 8080
  A_SECRET: not set (env.missing); fix: set A_SECRET to at least 32 random characters, such as the output of: openssl rand -hex 16
  DATABASE_URL: not set (env.missing); fix: set DATABASE_URL to a URL that begins with postgres://`
	report := mixed(t)
	if err := report.Err(); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	report.Findings = report.Findings[3:]
	if err := report.Err(); err != nil {
		t.Errorf("a report without a blocker: %v", err)
	}
}

func TestReportCountsAndAt(t *testing.T) {
	t.Parallel()
	report := mixed(t)
	if got, want := report.Counts(), (readiness.Counts{Blocker: 3, High: 1, Medium: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for severity, want := range map[readiness.Severity]int{readiness.Blocker: 3, readiness.High: 4, readiness.Medium: 5} {
		if got := len(report.At(severity)); got != want {
			t.Errorf("At(%v) has %d findings, want %d", severity, got, want)
		}
	}
	at := report.At(readiness.Medium)
	at[0].Code = "changed"
	if report.Findings[0].Code != "env.format" {
		t.Error("At shares its slice with the report")
	}
}

func TestReportJSON(t *testing.T) {
	t.Parallel()
	report := mixed(t)
	report.Findings = report.Findings[:2]
	got, err := json.Marshal(report)
	want := `{"version":1,"domain":"","took_ms":0,"lookups":0,"counts":{"blocker":2,"high":0,"medium":0,"unknown":0},"findings":[` +
		`{"code":"env.format","severity":"blocker","subject":"PORT","title":"not a port","detail":"It holds more than digits.","evidence":["\"80a\""],"fix":"set PORT to a whole number from 1 to 65535, such as 8080","ref":""},` +
		`{"code":"env.missing","severity":"blocker","subject":"A_SECRET","title":"not set","detail":"The variable is required. An empty value counts as not set.","evidence":[],"fix":"set A_SECRET to at least 32 random characters, such as the output of: openssl rand -hex 16","ref":""}],"unknown":[],"map":[],"handover":[],"accepted":[]}`
	if err != nil || string(got) != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, got, want)
	}
	if got, err := json.Marshal(readiness.Report{}); err != nil || string(got) != `{"version":1,"domain":"","took_ms":0,"lookups":0,"counts":{"blocker":0,"high":0,"medium":0,"unknown":0},"findings":[],"unknown":[],"map":[],"handover":[],"accepted":[]}` {
		t.Errorf("an empty report is %s, %v", got, err)
	}
	if _, err := json.Marshal(readiness.Report{Findings: []readiness.Finding{{Code: "x"}}}); err == nil {
		t.Error("a finding without severity was accepted")
	}
}

func TestReportZap(t *testing.T) {
	t.Parallel()
	enc := zapcore.NewJSONEncoder(zapcore.EncoderConfig{})
	report := mixed(t)
	report.Findings = report.Findings[:1]
	buf, err := enc.EncodeEntry(zapcore.Entry{}, []zapcore.Field{zap.Object("report", report)})
	want := `{"report":{"blocker":1,"high":0,"medium":0,"unknown":0,"findings":[{"code":"env.format","severity":"blocker","subject":"PORT",` +
		`"title":"not a port","detail":"It holds more than digits.","evidence":["\"80a\""],"fix":"set PORT to a whole number from 1 to 65535, such as 8080"}]}}`
	if err != nil || strings.TrimSpace(buf.String()) != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, buf, want)
	}
}

func TestSeverity(t *testing.T) {
	t.Parallel()
	if !(readiness.Blocker > readiness.High && readiness.High > readiness.Medium) {
		t.Error("the severities are not in order")
	}
	for _, s := range []readiness.Severity{readiness.Medium, readiness.High, readiness.Blocker} {
		text, err := s.MarshalText()
		var back readiness.Severity
		if errBack := back.UnmarshalText(text); err != nil || errBack != nil || back != s {
			t.Errorf("%v: %s, %v, back %v, %v", s, text, err, back, errBack)
		}
	}
	for _, text := range []string{"", "High", "severity(0)", "low"} {
		s := readiness.High
		if err := s.UnmarshalText([]byte(text)); err == nil || s != readiness.High {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	}
	if got := readiness.Severity(0).String(); got != "severity(0)" {
		t.Errorf("got %q", got)
	}
}

func TestTwoReportsOfOneStateAreEqual(t *testing.T) {
	t.Parallel()
	var all []string
	for range 5 {
		all = append(all, mixed(t).String())
	}
	if len(slices.Compact(all)) != 1 {
		t.Error("two reports of the same state differ")
	}
}
