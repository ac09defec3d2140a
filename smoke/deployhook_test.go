package smoke_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/readiness/smoke"
)

const hookPath = "/deploy/srv-hook0123456789?key=hook9876543210"

// platform is a service and the hook that deploys its next release.
type platform struct {
	hooks  atomic.Int64
	status int
	user   bool // is asked for
}

func (p *platform) handler() http.Handler {
	h := http.NewServeMux()
	h.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"release":"v%d"}`, 1+p.hooks.Load())
	})
	h.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "Listings") })
	h.HandleFunc("POST /deploy/{service}", func(w http.ResponseWriter, r *http.Request) {
		if p.user && r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if p.status != 0 {
			w.Header().Set("Location", "/deploy/elsewhere")
			w.WriteHeader(p.status)
			_, _ = fmt.Fprint(w, r.URL)
			return
		}
		p.hooks.Add(1)
		w.WriteHeader(http.StatusAccepted)
	})
	return h
}

func TestDeployHook(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer int // of the hook
		args   []string
		env    string
		status int
		hooks  int64
		want   string
	}{
		{"deploys, and is waited for", 0, []string{"-release", "v2", "-deploy-hook", "HOOK"}, "url" + hookPath, 0, 1, "3 ok, 0 failed"},
		{"by its address", 0, []string{"-release", "v2", "-deploy-hook", "url" + hookPath}, "", 0, 1, "3 ok, 0 failed"},
		{"is refused", http.StatusForbidden, []string{"-release", "v2", "-deploy-hook", "HOOK"}, "url" + hookPath, 1, 0, "the hook answered 403 Forbidden, so no deploy was started"},
		{"is not followed", http.StatusFound, []string{"-release", "v2", "-deploy-hook", "HOOK"}, "url" + hookPath, 1, 0, "the hook answered 302 Found"},
		{"nobody there", 0, []string{"-release", "v2", "-deploy-hook", "HOOK"}, "http://127.0.0.1:1" + hookPath, 1, 0, "the hook could not be reached"},
		{"no release", 0, []string{"-deploy-hook", "HOOK"}, "url" + hookPath, 2, 0, "-deploy-hook needs -release"},
		{"no variable", 0, []string{"-release", "v2", "-deploy-hook", "HOOK"}, "", 2, 0, "the environment variable HOOK is not set"},
		{"no address", 0, []string{"-release", "v2", "-deploy-hook", "HOOK"}, "hook9876543210", 2, 0, "HOOK is no http:// or https:// address"},
		{"no scheme", 0, []string{"-release", "v2", "-deploy-hook", "deploy.example" + hookPath}, "", 2, 0, "must be an address with https:// in front"},
		{"a stray argument", 0, []string{"-release", "v2", "https://deploy.example" + hookPath}, "", 2, 0, "unexpected arguments"},
		{"nobody there, said why", 0, []string{"-release", "v2", "-deploy-hook", "HOOK"}, "http://127.0.0.1:1" + hookPath, 1, 0, "the hook could not be reached: connection refused"},
		{"with a user", 0, []string{"-release", "v2", "-deploy-hook", "HOOK"}, "user" + hookPath, 0, 1, "3 ok, 0 failed"},
		{"over plain http", 0, []string{"-release", "v2", "-deploy-hook", "HOOK"}, "http://deploy.example" + hookPath, 2, 0, "the address must be https"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := &platform{status: tt.answer, user: strings.HasPrefix(tt.env, "user")}
			srv := httptest.NewServer(p.handler())
			defer srv.Close()
			cfg := smoke.Config{
				Steps: []smoke.Step{smoke.Page("/")}, Settling: smoke.Settling{Path: "/health", Within: 5 * time.Second},
				LookupEnv: func(name string) (string, bool) {
					value := strings.Replace(tt.env, "url", srv.URL, 1)
					return strings.Replace(value, "user/", strings.Replace(srv.URL, "//", "//ci:hook5555555555@", 1)+"/", 1), name == "HOOK"
				},
			}
			args := []string{"-url", srv.URL}
			for _, a := range tt.args {
				args = append(args, strings.Replace(a, "url/", srv.URL+"/", 1))
			}
			var stdout, stderr strings.Builder
			status := smoke.RunCommand(t.Context(), cfg, args, &stdout, &stderr, false)
			out := stdout.String() + stderr.String()
			if status != tt.status || p.hooks.Load() != tt.hooks || !strings.Contains(out, tt.want) {
				t.Errorf("status %d, %d hooks\n%s", status, p.hooks.Load(), out)
			}
			if strings.Contains(out, "hook0123456789") || strings.Contains(out, "hook9876543210") || strings.Contains(out, "hook5555555555") {
				t.Errorf("the address shows in\n%s", out)
			}
			if tt.status == 1 && !strings.Contains(out, "the deploy was not started") {
				t.Errorf("the steps were run:\n%s", out)
			}
		})
	}
}
