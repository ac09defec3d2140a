package prometheus_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/launchready/readiness/internal/prometheustest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRules(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"check", "rules", "rules.yml"}, {"test", "rules", "rules_test.yml"}, {"check", "config", "prometheus.yml"},
	} {
		if out, err := prometheustest.Promtool(t, args...); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// TestEveryAlertIsTested looks for the name of each alert in the tests of the
// rules, once as it fires.
func TestEveryAlertIsTested(t *testing.T) {
	t.Parallel()
	rules, tests := read(t, "rules.yml"), read(t, "rules_test.yml")
	fires := regexp.MustCompile(`alertname: (\w+)\n +exp_alerts:`).FindAllStringSubmatch(tests, -1)
	seen := 0
	for _, alert := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(rules, -1) {
		seen++
		if !slices.ContainsFunc(fires, func(f []string) bool { return f[1] == alert[1] }) {
			t.Errorf("no test lets %s fire", alert[1])
		}
	}
	if seen < 10 {
		t.Errorf("found %d alerts only", seen)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestOnARealPrometheus runs the marketplace and a Prometheus that scrapes
// it, and puts every query of the dashboard and of the rules.
func TestOnARealPrometheus(t *testing.T) {
	t.Parallel()
	rules, err := filepath.Abs("rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	private := traffic(t)
	config := fmt.Sprintf(`
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs: [{job_name: marketplace, static_configs: [{targets: [%q]}]}]
`, rules, private)
	p := prometheus{t, &http.Client{Transport: &http.Transport{}}, prometheustest.Start(t, config)}
	native := prometheus{t, p.client, prometheustest.Start(t, config, "native-histograms")}
	t.Cleanup(p.client.CloseIdleConnections)
	// Two scrapes make a rate, and a rule's result takes one more.
	p.until(`count_over_time(up{job="marketplace"}[1m]) >= 3 and on () count(job_route:http_server_request_slow:ratio5m) > 0`)

	t.Run("rules", func(t *testing.T) {
		p := p.in(t)
		var groups struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
		p.get("/api/v1/rules", nil, &groups)
		seen := 0
		for _, g := range groups.Groups {
			for _, r := range g.Rules {
				if seen++; r.Health != "ok" {
					t.Errorf("%s is %q: %s", r.Name, r.Health, r.LastError)
				}
			}
		}
		if seen != 15 {
			t.Errorf("%d rules were loaded", seen)
		}
	})
	t.Run("dashboard", func(t *testing.T) {
		p := p.in(t)
		queries, variables := dashboard(t)
		if len(queries) < 20 || len(variables) != 2 {
			t.Fatalf("found %d queries and %d variables", len(queries), len(variables))
		}
		for _, q := range queries {
			if p.query(q.expr) == 0 && !q.mayBeEmpty {
				t.Errorf("%s: nothing for %s", q.panel, q.expr)
			}
		}
		for metric, label := range variables {
			var values []string
			p.get("/api/v1/label/"+label+"/values", url.Values{"match[]": {metric}}, &values)
			if len(values) == 0 {
				t.Errorf("the variable for %s has no values", label)
			}
		}
	})
	t.Run("native histograms", func(t *testing.T) {
		native.in(t).until(`histogram_quantile(0.95, sum by (http_route) (rate(http_server_request_duration_seconds[1m]))) > 0`)
	})
	t.Run("routes", func(t *testing.T) {
		p := p.in(t)
		for _, route := range []string{"/listings", "/listings/{id}", "/login", "_unmatched"} {
			if p.query(`http_server_request_duration_seconds_count{http_route="`+route+`"} > 0`) == 0 {
				t.Errorf("%s was not counted", route)
			}
		}
		if n := p.query(`{http_route=~"/listings/[0-9].*|/static/.*"}`); n > 0 {
			t.Errorf("%d series have a path or an excluded route for a name", n)
		}
	})
}

// prometheus asks a Prometheus over its API.
type prometheus struct {
	t      *testing.T
	client *http.Client
	url    string
}

// in returns p for a subtest.
func (p prometheus) in(t *testing.T) prometheus { p.t = t; return p }

// get decodes the data of an answer.
func (p prometheus) get(path string, values url.Values, data any) {
	p.t.Helper()
	res, err := p.client.Get(p.url + path + "?" + values.Encode())
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Status != "success" {
		p.t.Errorf("%s %s: %s, %v", path, values, answer.Error, err)
	}
}

// query returns how many series an expression has, over the last minute.
func (p prometheus) query(expr string) int {
	p.t.Helper()
	var data struct{ Result []any }
	now := time.Now().Unix()
	p.get("/api/v1/query_range", url.Values{"query": {expr}, "start": {strconv.FormatInt(now-60, 10)}, "end": {strconv.FormatInt(now, 10)}, "step": {"1"}}, &data)
	return len(data.Result)
}

// until waits for an expression to have a result.
func (p prometheus) until(expr string) {
	p.t.Helper()
	deadline := time.After(90 * time.Second)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for p.query(expr) == 0 {
		select {
		case <-tick.C:
		case <-deadline:
			p.t.Fatalf("still nothing for %s", expr)
		}
	}
}

type query struct {
	panel, expr string
	mayBeEmpty  bool
}

// dashboard returns the queries of the dashboard as Grafana would put them,
// and the metric and the label of each variable.
func dashboard(t *testing.T) (queries []query, variables map[string]string) {
	t.Helper()
	var d struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Annotations struct {
			List []struct{ Name, Expr string }
		}
		Templating struct {
			List []struct{ Type, Query string }
		}
	}
	decoder := json.NewDecoder(strings.NewReader(read(t, "dashboard.json")))
	if err := decoder.Decode(&d); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("$__rate_interval", "30s", "$job", ".*", "$route", ".*").Replace
	for _, p := range d.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("%s asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			queries = append(queries, query{panel: p.Title, expr: fill(target.Expr)})
		}
	}
	for _, a := range d.Annotations.List { // a start is rare: the process under test has had none
		queries = append(queries, query{panel: a.Name, expr: fill(a.Expr), mayBeEmpty: true})
	}
	variables = map[string]string{}
	values := regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	for _, v := range d.Templating.List {
		if v.Type != "query" {
			continue
		}
		m := values.FindStringSubmatch(v.Query)
		if m == nil {
			t.Fatalf("the variable %q is of a form that this test does not know", v.Query)
		}
		variables[fill(m[1])] = m[2]
	}
	for _, q := range queries {
		if strings.Contains(q.expr, "$") {
			t.Errorf("%s: an unknown variable in %s", q.panel, q.expr)
		}
	}
	return queries, variables
}

// traffic runs the marketplace, with people on it until the test ends, and
// returns the address of its metrics.
func traffic(t *testing.T) (private string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "marketplace")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../marketplace").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(binary, "-addr", "127.0.0.1:0", "-private-addr", "127.0.0.1:0", "-state", t.TempDir())
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "REDIS_URL=") || strings.HasPrefix(v, "APP_ENV=") || strings.HasPrefix(v, "DOMAIN=")
	})
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	site := ""
	for private == "" && lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "listening on "); ok {
			site = address
		}
		if _, address, ok := strings.Cut(lines.Text(), "metrics: http://"); ok {
			private = strings.TrimSuffix(address, "/metrics")
		}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() {
		close(stop)
		<-stopped
		_ = cmd.Process.Kill()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait() // it is killed, so that its status says nothing
	})
	if private == "" {
		close(stopped)
		t.Fatalf("the marketplace did not start:\n%s", stderr.String())
	}
	go func() {
		defer close(stopped)
		people(site, stop)
	}()
	return private
}

var csrf = regexp.MustCompile(`name="csrf_token" value="([^"]+)"`)

// people look at pages, find nothing, mistype a password and send a webhook
// that nobody signed, again and again.
func people(site string, stop <-chan struct{}) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{}, Timeout: 20 * time.Second}
	defer client.CloseIdleConnections()
	body := func(res *http.Response, err error) string {
		if err != nil {
			return ""
		}
		defer func() { _ = res.Body.Close() }()
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		return string(text)
	}
	for tick := time.NewTicker(100 * time.Millisecond); ; {
		for _, path := range []string{"/", "/listings", "/listings?q=lift", "/listings/1", "/listings/2", "/wp-login.php", "/account"} {
			_ = body(client.Get(site + path))
		}
		if m := csrf.FindStringSubmatch(body(client.Get(site + "/login"))); m != nil {
			_ = body(client.PostForm(site+"/login", url.Values{"csrf_token": {m[1]}, "email": {"nobody@example.org"}, "password": {"not the password"}}))
		}
		_ = body(client.Post(site+"/webhooks/payment", "application/json", strings.NewReader(`{"id":"evt_1"}`)))
		select {
		case <-stop:
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}
