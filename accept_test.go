package readiness_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness"
)

func TestAccept(t *testing.T) {
	t.Parallel()
	type acceptance = readiness.Acceptance
	// The clock of the bubble begins on 2000-01-01.
	tests := []struct {
		name           string
		accept         acceptance
		findings, took int
		detail         string
	}{
		{"by code", acceptance{Code: "env.missing", Until: "2000-01-02", Reason: "later"}, 0, 2, ""},
		{"by code and subject", acceptance{Code: "env.missing", Subject: "B", Until: "2000-01-01", Reason: "later"}, 1, 1, "An empty value counts as not set."},
		{"another subject", acceptance{Code: "env.missing", Subject: "C", Until: "2000-01-02", Reason: "later"}, 2, 0, "An empty value counts as not set."},
		{"another code", acceptance{Code: "env.format", Until: "2000-01-02", Reason: "later"}, 2, 0, "An empty value counts as not set."},
		{"over", acceptance{Code: "env.missing", Until: "1999-12-31", Reason: "later"}, 2, 0, "It was accepted until 1999-12-31, which is over."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(23 * time.Hour) // still the same day
				launch := newChecker(t, readiness.Config{Env: []readiness.EnvVar{{Name: "A"}, {Name: "B"}}, LookupEnv: lookup(nil), Accept: []acceptance{tt.accept}})
				for name, r := range map[string]readiness.Report{"CheckEnv": launch.CheckEnv(), "Check": launch.Check(t.Context())} {
					took := slices.DeleteFunc(slices.Clone(r.Accepted), func(a readiness.Accepted) bool { return a.Note != "" })
					if len(r.Findings) != tt.findings || len(took) != tt.took || (r.Err() == nil) != (tt.findings == 0) {
						t.Errorf("%s: %d findings, %d accepted, %v", name, len(r.Findings), len(took), r.Err())
					}
					for _, f := range r.Findings {
						if !strings.HasSuffix(f.Detail, tt.detail) {
							t.Errorf("%s: got %q", name, f.Detail)
						}
					}
					if n := strings.Count(r.String(), "\n         was accepted until 1999-12-31, which is over\n"); (n == 2) != (tt.name == "over") || n == 1 {
						t.Errorf("%s: %d findings say that they were accepted: %s", name, n, r)
					}
				}
			})
		})
	}
}

func TestAcceptedIsShown(t *testing.T) {
	t.Parallel()
	r := newChecker(t, readiness.Config{Env: []readiness.EnvVar{{Name: "A"}}, LookupEnv: lookup(nil), Accept: []readiness.Acceptance{{Code: "env.missing", Until: "2999-12-31", Reason: "first *month*"}}}).CheckEnv()
	text, err := json.Marshal(r.Accepted)
	want := `[{"code":"env.missing","severity":"blocker","subject":"A","title":"not set","detail":"The variable is required. An empty value counts as not set.","evidence":[],` +
		`"fix":"set A in the environment of the service","ref":"","until":"2999-12-31","reason":"first *month*","note":""}]`
	if err != nil || string(text) != want {
		t.Errorf("%v, got %s", err, text)
	}
	var all, markdown strings.Builder
	if err := r.WriteStyled(&all, readiness.TextStyle{All: true}); err != nil || !strings.Contains(all.String(), "ACCEPTED  env.missing  A  until 2999-12-31: first *month*") {
		t.Errorf("%v, got %s", err, all.String())
	}
	if err := r.WriteMarkdown(&markdown); err != nil || !strings.Contains(markdown.String(), "- A: not set (`env.missing`), until 2999-12-31: first \\*month\\*") {
		t.Errorf("%v, got %s", err, markdown.String())
	}
	if !slices.Contains(strings.Split(r.String(), "\n"), "1 accepted risk") {
		t.Errorf("one screen does not say so: %s", r)
	}
}
