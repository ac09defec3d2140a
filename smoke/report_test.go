package smoke_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/smoke"
)

func sample() smoke.Report {
	return smoke.Report{
		Target: "https://market.example", Started: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC), Duration: 1234567 * time.Microsecond, Reached: true,
		Steps: []smoke.StepResult{
			{Name: "GET /", Outcome: smoke.OK, Duration: 12345 * time.Microsecond},
			{Name: "login /login", Owner: "accounts", Session: "buyer", Outcome: smoke.Failed, Duration: 1500 * time.Microsecond, Verdict: "the login was refused", Detail: "> POST /login\n\ncurl -i\n"},
			{Name: "GET /orders/{id}", Outcome: smoke.Skipped, Verdict: "needs the value {id}, which no earlier step has set"},
		},
	}
}

func TestWriteTable(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := sample().WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	want := `ok       GET /                  12ms
FAILED   login /login as buyer  1.5ms  the login was refused
skipped  GET /orders/{id}       -      needs the value {id}, which no earlier step has set

FAILED login /login as buyer: the login was refused
owner: accounts

    > POST /login
    
    curl -i

https://market.example: 1 ok, 1 failed, 1 skipped in 1.23s
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	if err := sample().WriteTable(brokenWriter{}); !errors.Is(err, errBroken) {
		t.Errorf("got the error %v", err)
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestReportJSON(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"version":1,"target":"https://market.example","started":"2026-05-01T08:00:00Z","reached":true,"steps":[` +
		`{"name":"GET /","outcome":"ok","duration_ms":12.345},` +
		`{"name":"login /login","owner":"accounts","session":"buyer","outcome":"failed","verdict":"the login was refused","detail":"\u003e POST /login\n\ncurl -i\n","duration_ms":1.5},` +
		`{"name":"GET /orders/{id}","outcome":"skipped","verdict":"needs the value {id}, which no earlier step has set","duration_ms":0}],"ok":false,"duration_ms":1234.567}`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestErr(t *testing.T) {
	t.Parallel()
	want := `smoke: https://market.example: 2 of 3 steps did not pass
failed login /login as buyer: the login was refused
skipped GET /orders/{id}: needs the value {id}, which no earlier step has set`
	if err := sample().Err(); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	r := sample()
	r.Steps = r.Steps[:1]
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	if err := (smoke.Report{}).Err(); err == nil {
		t.Error("a run of no steps is no success")
	}
}
