package smoke_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/readiness/smoke"
)

// What a row is called goes into every output, as its verdict does.
func TestNamesAreRedacted(t *testing.T) {
	t.Parallel()
	h := http.NewServeMux()
	h.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"release":"v1"}`)
	})
	h.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<h1>Listings</h1>") })
	login := smoke.Login{Path: "/login", Fields: map[string]string{"email": "x"}, Secret: map[string]string{"password": "SMOKE_PASSWORD"}}
	cfg := smoke.Config{
		Handler: h, LookupEnv: credentials, Release: "v1",
		Settling: smoke.Settling{Path: "/health?token=Zq81opens"},
		Steps: []smoke.Step{
			smoke.Page("/").As("alice@market.example"), smoke.Page("/nothing").As("alice@market.example"),
			login.Step().As("bob@market.example"), smoke.Page("/").As("bob@market.example"),
		},
		Performance: smoke.Performance{
			N: 10, Endpoints: []smoke.Step{smoke.Page("/").As("bob@market.example")},
			Live: smoke.Live{Path: "/health?token=Zq81opens", Secret: "SMOKE_PASSWORD"},
		},
	}
	dir := t.TempDir()
	for _, terminal := range []bool{false, true} {
		var out strings.Builder
		args := []string{"-json", filepath.Join(dir, "r.json"), "-junit", filepath.Join(dir, "r.xml"), "-markdown", filepath.Join(dir, "r.md")}
		if status := smoke.RunCommand(t.Context(), cfg, args, &out, &out, terminal); status != 1 {
			t.Fatalf("status %d\n%s", status, out.String())
		}
		for _, name := range []string{"r.json", "r.xml", "r.md"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			out.Write(text)
		}
		if err := checkConfig(t, cfg).Err(); err != nil {
			out.WriteString(err.Error())
		}
		for _, hidden := range []string{"@market", "Zq81"} {
			if _, after, found := strings.Cut(out.String(), hidden); found {
				t.Errorf("%s shows before %.100s, of\n%s", hidden, after, out.String())
			}
		}
		for _, shown := range []string{"settle /health?token=«hidden»", "read /health?token=«hidden»", "GET / as «e-mail»", `"session": "«e-mail»"`} {
			if !strings.Contains(out.String(), shown) {
				t.Errorf("%s does not show in\n%s", shown, out.String())
			}
		}
		if want := "waiting for v1 at /health?token=«hidden»"; !terminal && !strings.Contains(out.String(), want) {
			t.Errorf("the log does not say %s\n%s", want, out.String())
		}
	}
}
