package smoke_test

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/smoke"
)

// full is a report with everything that a format has to show.
func full() smoke.Report {
	at := time.Date(2026, 11, 27, 10, 30, 0, 0, time.UTC)
	before := smoke.Run{
		Release: "v6", Target: "https://market.example", Started: at.Add(-24 * time.Hour), OK: true, Note: "index on price",
		Figures: []smoke.Figure{{Name: "GET /listings", Source: smoke.Calls, N: 40, P50: 20 * time.Millisecond, P95: 30 * time.Millisecond}},
	}
	return smoke.Report{
		Target: "https://market.example", Release: "v7", Note: "fewer queries", Started: at, Duration: 12 * time.Second, Reached: true,
		Steps: []smoke.StepResult{
			{Name: "GET /", Outcome: smoke.OK, Duration: 12 * time.Millisecond, Owner: "web", Info: []string{"no Referrer-Policy"}},
			{
				Name: "GET /listings", Outcome: smoke.Failed, Duration: 40 * time.Millisecond, Owner: "search", Session: "seller",
				Verdict: "the body contains \"<b>|x|\" & more\x01", Detail: "> GET /listings\n```\n]]></failure>\n",
			},
			{Name: "GET /listings/{id}", Outcome: smoke.Skipped, Verdict: "needs the value {id}, which no earlier step has set"},
		},
		Figures: []smoke.Figure{
			{Name: "GET /listings", Source: smoke.Calls, N: 40, P50: 25 * time.Millisecond, P95: 45 * time.Millisecond, Before: 30 * time.Millisecond, BeforeRelease: "v6"},
			{Name: "route /login", Source: smoke.LiveTraffic, N: 12, P50: time.Millisecond, P95: 2 * time.Millisecond},
		},
		Earlier: []smoke.Run{before}, LastGreen: &before, Warnings: []string{"the memory is full"},
	}
}

func TestTheTableOfAFullReport(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := full().WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"FAILED   GET /listings as seller  40ms  the body contains",
		"performance         n   p50   p95   before     change            slow  failed\nGET /listings       40  25ms  45ms  30ms (v6)  none to speak of  0     0\nroute /login, live  12  1ms   2ms   -          -                 0     0\n",
		"p95 by release      v6    v7\nGET /listings       30ms  45ms\nroute /login, live  -     2ms\n",
		"notes\n    v6 (2026-11-26): index on price\n    v7 (2026-11-27): fewer queries\n",
		"warning: the memory is full\ninformation: GET /: no Referrer-Policy\n",
		"last green: v6, checked 2026-11-26 10:30 UTC\n\nhttps://market.example v7: 1 ok, 1 failed, 1 skipped in 12s\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no\n%s\nin\n%s", want, b.String())
		}
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := full().WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	type text struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	var got struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []struct {
			Name      string  `xml:"name,attr"`
			Tests     int     `xml:"tests,attr"`
			Failures  int     `xml:"failures,attr"`
			Errors    int     `xml:"errors,attr"`
			Skipped   int     `xml:"skipped,attr"`
			Time      float64 `xml:"time,attr"`
			Timestamp string  `xml:"timestamp,attr"`
			Output    string  `xml:"system-out"`
			Cases     []struct {
				Name    string  `xml:"name,attr"`
				Class   string  `xml:"classname,attr"`
				Time    float64 `xml:"time,attr"`
				Failure *text   `xml:"failure"`
				Skipped *text   `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	s := got.Suites[0]
	if s.Name != "smoke https://market.example v7" || s.Tests != 3 || s.Failures != 1 || s.Errors != 0 || s.Skipped != 1 || s.Time != 12 || s.Timestamp != "2026-11-27T10:30:00" {
		t.Errorf("%+v", s)
	}
	failed := s.Cases[1]
	if failed.Name != "GET /listings as seller" || failed.Class != "smoke.search" || failed.Failure == nil || failed.Time != 0.04 ||
		!strings.HasPrefix(failed.Failure.Message, `the body contains "<b>|x|" & more`) || !strings.Contains(failed.Failure.Text, "]]></failure>") {
		t.Errorf("%+v %+v", failed, failed.Failure)
	}
	if s.Cases[0].Failure != nil || s.Cases[0].Skipped != nil || s.Cases[2].Skipped == nil || s.Cases[2].Class != "smoke" {
		t.Errorf("%+v", s.Cases)
	}
	for _, want := range []string{"warning: the memory is full", "GET /listings | 40 | 25ms | 45ms | 30ms (v6) | none to speak of", "last green: v6"} {
		if !strings.Contains(s.Output, want) {
			t.Errorf("no %q in %s", want, s.Output)
		}
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := full().WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"### Smoke check FAILED\n\nhttps://market.example v7: 1 ok, 1 failed, 1 skipped in 12s\n",
		"**Last green:** v6, checked 2026-11-26 10:30 UTC",
		"| performance | n | p50 | p95 | before | change | slow | failed |\n|---|---|---|---|---|---|---|---|\n| GET /listings | 40 |",
		"#### FAILED GET /listings as seller (owner: search)\n\nthe body contains \"\\<b\\>\\|x\\|\" \\& more",
		"````\n> GET /listings\n```\n]]></failure>\n````\n",
		"<details><summary>All 3 steps</summary>",
		"- v6 (2026-11-26): index on price\n",
		"- warning: the memory is full\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no\n%s\nin\n%s", want, b.String())
		}
	}
	r := full()
	r.Steps = r.Steps[:1]
	b.Reset()
	if err := r.WriteMarkdown(&b); err != nil || !strings.HasPrefix(b.String(), "### Smoke check passed\n") {
		t.Errorf("%v\n%s", err, b.String())
	}
	r.Reached, r.Steps[0].Outcome = false, smoke.Failed
	b.Reset()
	if err := r.WriteMarkdown(&b); err != nil || !strings.HasPrefix(b.String(), "### Smoke check could not look\n") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// A comment on a pull request holds 65,536 characters.
func TestMarkdownFitsIntoAComment(t *testing.T) {
	t.Parallel()
	r := full()
	for i := range 500 {
		r.Steps = append(r.Steps, smoke.StepResult{Name: fmt.Sprintf("GET /%d", i), Outcome: smoke.Failed, Verdict: strings.Repeat("|", 400), Detail: strings.Repeat("x", 4000), Warnings: []string{strings.Repeat("_", 400)}})
		r.Figures = append(r.Figures, smoke.Figure{Name: fmt.Sprintf("GET /%d", i), N: 40})
	}
	var b strings.Builder
	if err := r.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	if n := b.Len(); n > 65_000 {
		t.Errorf("%d bytes", n)
	}
	for _, want := range []string{"more failures are too long for a comment", "The list of all steps is too long for a comment", "more rows are left out"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestFormatsTellOfABrokenWriter(t *testing.T) {
	t.Parallel()
	r := full()
	for name, err := range map[string]error{"table": r.WriteTable(brokenWriter{}), "JSON": r.WriteJSON(brokenWriter{}), "JUnit": r.WriteJUnit(brokenWriter{}), "Markdown": r.WriteMarkdown(brokenWriter{})} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
