package mailrecord_test

import (
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/mailrecord"
)

func TestParseSTS(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, record, want, id string }{
		{"usual", "v=STSv1; id=20260131T120000;", "", "20260131T120000"},
		{"no last semicolon", "v=STSv1; id=1", "", "1"},
		{"no blanks", "v=STSv1;id=1;", "", "1"},
		{"blanks", "v=STSv1 ; id = 1 ; ", "", "1"},
		{"unknown field", "v=STSv1; x=1; id=1", "", "1"},
		{"split", "v=STS|v1; id=|1", "", "1"},
		{"no id", "v=STSv1;", "syntax@0", ""},
		{"id empty", "v=STSv1; id=;", "syntax@2", ""},
		{"id with a hyphen", "v=STSv1; id=2026-01-31", "syntax@2", ""},
		{"id too long", "v=STSv1; id=" + strings.Repeat("1", 33), "syntax@2", ""},
		{"two ids", "v=STSv1; id=1; id=2", "syntax@3", "1"},
		{"no field", "v=STSv1; hello; id=1", "syntax@2", "1"},
		{"lower case", "v=stsv1; id=1", "not-a-record@0", ""},
		{"no semicolon", "v=STSv1 id=1", "not-a-record@0", ""},
		{"another version", "v=STSv2; id=1", "not-a-record@0", ""},
		{"empty", "", "not-a-record@0", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, problems := mailrecord.ParseSTS(strings.Split(tt.record, "|")...)
			if got := brief(problems); got != tt.want || id != tt.id {
				t.Errorf("%q, id %q, want %q, %q", got, id, tt.want, tt.id)
			}
		})
	}
}

func TestFindSTS(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		txts  []string
		found int
		want  string
	}{
		{"none", []string{"hello"}, 0, ""},
		{"one", []string{"hello", "v=STSv1; id=1"}, 1, ""},
		{"two", []string{"v=STSv1; id=1", "v=STSv1; id=2"}, 2, "multiple@0"},
		{"lower case", []string{"v=stsv1; id=1"}, 0, "not-a-record@0"},
		{"blank first", []string{" v=STSv1; id=1"}, 0, "not-a-record@0"},
		{"id first", []string{"id=1; v=STSv1;"}, 0, "not-a-record@0"},
	}
	for _, tt := range tests {
		found, problems := mailrecord.FindSTS(txts(tt.txts...))
		if got := brief(problems); got != tt.want || len(found) != tt.found {
			t.Errorf("%s: %d, %q", tt.name, len(found), got)
		}
	}
}

func TestParseSTSPolicy(t *testing.T) {
	t.Parallel()
	const head, tail = "version: STSv1\n", "mode: enforce\nmax_age: 604800\nmx: mx.acme.example\n"
	tests := []struct{ name, body, want, mode string }{
		{"usual", head + tail, "", "enforce"},
		{"CRLF", strings.ReplaceAll(head+tail, "\n", "\r\n"), "", "enforce"},
		{"no last line end", strings.TrimSpace(head + tail), "", "enforce"},
		{"no blanks", "version:STSv1\nmode:testing\nmax_age:1\nmx:a.example", "", "testing"},
		{"any order", tail + head, "", "enforce"},
		{"wildcard", head + tail + "mx: *.acme.example", "", "enforce"},
		{"capitals in a name", head + tail + "mx: MX2.Acme.Example", "", "enforce"},
		// Other readers refuse these; the standard says to ignore.
		{"unknown key", head + tail + "foo: bar\n", "", "enforce"},
		{"key given twice", head + tail + "mode: none\n", "", "enforce"},
		{"broken key given twice", head + tail + "max_age: x\n", "", "enforce"},
		{"none needs no mx", head + "mode: none\nmax_age: 86400\n", "", "none"},
		{"empty lines", "\n" + head + "\n\n" + tail, "", "enforce"},
		{"empty", "", "policy@0 policy@0 policy@0 policy@0", ""},
		{"no version", tail, "policy@0", "enforce"},
		{"version first seen counts", "version: STSv2\n" + head + tail, "policy@1", "enforce"},
		{"no mode", head + "max_age: 1\nmx: a.example", "policy@0", ""},
		{"mode unknown", head + "mode: enforced\nmax_age: 1\nmx: a.example", "policy@2", ""},
		{"no max_age", head + "mode: enforce\nmx: a.example", "policy@0", "enforce"},
		{"max_age too large", head + "mode: enforce\nmx: a.example\nmax_age: 31557601", "policy@4", "enforce"},
		{"max_age negative", head + "mode: enforce\nmx: a.example\nmax_age: -1", "policy@4", "enforce"},
		{"max_age no number", head + "mode: enforce\nmx: a.example\nmax_age: 7d", "policy@4", "enforce"},
		{"no mx", head + "mode: enforce\nmax_age: 1", "policy@0", "enforce"},
		{"mx list", head + tail + "mx: a.example, b.example", "policy@5", "enforce"},
		{"mx wildcard within", head + tail + "mx: a.*.example", "policy@5", "enforce"},
		{"mx address", head + tail + "mx: [192.0.2.1]", "policy@5", "enforce"},
		{"a page", "<html>\n<body>not found</body>", "policy@1 policy@2 policy@0 policy@0 policy@0 policy@0", ""},
		{"= for :", "version=STSv1\n" + head + tail, "policy@1", "enforce"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, problems := mailrecord.ParseSTSPolicy(tt.body)
			if got := brief(problems); got != tt.want || p.Mode != tt.mode {
				t.Errorf("%q, mode %q, want %q, %q\n%+v", got, p.Mode, tt.want, tt.mode, problems)
			}
		})
	}
}

func TestSTSPolicyBesideItsServers(t *testing.T) {
	t.Parallel()
	p := mailrecord.STSPolicy{Mode: "enforce", MaxAge: 7 * 24 * time.Hour, MX: []string{"mx.acme.example", "*.mail.example"}}
	for host, want := range map[string]bool{
		"mx.acme.example": true, "MX.Acme.example.": true, "a.mail.example": true, "mail.example": false,
		"a.b.mail.example": false, "mx2.acme.example": false, "xmail.example": false, "": false,
	} {
		if p.Matches(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
	tests := []struct {
		name, mode string
		age        time.Duration
		servers    []string
		want       string
	}{
		{"all named", "enforce", p.MaxAge, []string{"mx.acme.example", "a.mail.example"}, ""},
		{"one is not", "enforce", p.MaxAge, []string{"mx.acme.example", "old.example"}, "mx@0=blocker"},
		{"one is not, under test", "testing", p.MaxAge, []string{"old.example"}, "mx@0 mode@0"},
		{"none", "none", p.MaxAge, []string{"old.example"}, "mode@0"},
		{"short", "enforce", time.Hour, nil, "max-age@0"},
	}
	for _, tt := range tests {
		p.Mode, p.MaxAge = tt.mode, tt.age
		if got := brief(p.Lint(tt.servers)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTLSRPT(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, record, want string
		usable             int
	}{
		{"usual", "v=TLSRPTv1; rua=mailto:t@acme.example", "", 1},
		{"https", "v=TLSRPTv1; rua=https://reports.example/v1", "", 1},
		{"two", "v=TLSRPTv1;rua=mailto:t@acme.example,https://reports.example/v1;", "", 2},
		{"unknown field", "v=TLSRPTv1; x=1; rua=mailto:t@acme.example", "", 1},
		{"split", "v=TLSRPTv1; rua=mail|to:t@acme.example", "", 1},
		{"no mailto", "v=TLSRPTv1; rua=t@acme.example", "rua@2", 0},
		{"http", "v=TLSRPTv1; rua=http://reports.example/", "rua@2", 0},
		{"one of two", "v=TLSRPTv1; rua=mailto:t@acme.example,x", "rua@2", 1},
		{"size limit", "v=TLSRPTv1; rua=mailto:t@acme.example!10m", "rua@2", 0},
		{"no rua", "v=TLSRPTv1;", "syntax@0", 0},
		{"two rua", "v=TLSRPTv1; rua=mailto:t@acme.example; rua=mailto:u@acme.example", "syntax@3", 1},
		{"no field", "v=TLSRPTv1; hello; rua=mailto:t@acme.example", "syntax@2", 1},
		{"lower case", "v=tlsrptv1; rua=mailto:t@acme.example", "not-a-record@0", 0},
		{"empty", "", "not-a-record@0", 0},
	}
	for _, tt := range tests {
		uris, problems := mailrecord.ParseTLSRPT(strings.Split(tt.record, "|")...)
		if got := brief(problems); got != tt.want || len(uris) != tt.usable {
			t.Errorf("%s: %q, %v", tt.name, got, uris)
		}
	}
	found, problems := mailrecord.FindTLSRPT(txts("v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:c@b.example", "v=TLSRPT; x"))
	if len(found) != 2 || brief(problems) != "multiple@0" {
		t.Errorf("%d, %q", len(found), brief(problems))
	}
}
