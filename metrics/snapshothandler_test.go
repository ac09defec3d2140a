package metrics_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
)

const (
	token      = "0123456789abcdef0123456789ABCDEF"
	otherToken = "another.one-with~all+the/marks_of=="
)

func TestSnapshotHandlerAsksForAToken(t *testing.T) {
	t.Parallel()
	both := []string{token, otherToken}
	tests := []struct {
		name   string
		tokens []string
		method string
		path   string
		header []string
		want   int
	}{
		{"with it", both, "GET", "/", []string{"Bearer " + token}, 200},
		{"the other one", both, "GET", "/", []string{"Bearer " + otherToken}, 200},
		{"in small letters, with blanks", both, "GET", "/", []string{"bearer   " + token}, 200},
		{"the header only", both, "HEAD", "/", []string{"Bearer " + token}, 200},
		{"another method", both, "POST", "/", []string{"Bearer " + token}, 405},
		{"another method without", both, "POST", "/", nil, 401},
		{"without", both, "GET", "/", nil, 401},
		{"an empty one", both, "GET", "/", []string{"Bearer "}, 401},
		{"no scheme", both, "GET", "/", []string{token}, 401},
		{"another scheme", both, "GET", "/", []string{"Basic " + token}, 401},
		{"a part of it", both, "GET", "/", []string{"Bearer " + token[:31]}, 401},
		{"more than it", both, "GET", "/", []string{"Bearer " + token + "0"}, 401},
		{"in other case", both, "GET", "/", []string{"Bearer " + strings.ToUpper(token)}, 401},
		{"two headers", both, "GET", "/", []string{"Bearer " + token, "Bearer " + token}, 401},
		{"in the address", both, "GET", "/?token=" + token + "&access_token=" + token, nil, 401},
		{"none is configured", nil, "GET", "/", []string{"Bearer "}, 401},
		{"none is configured, one is sent", nil, "GET", "/", []string{"Bearer " + token}, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMetrics(t, metrics.Config{SnapshotTokens: tt.tokens})
			get(m.Middleware(mux()), "/items/1")
			r := httptest.NewRequest(tt.method, tt.path, http.NoBody)
			for _, h := range tt.header {
				r.Header.Add("Authorization", h)
			}
			w, _ := do(m.SnapshotHandler(), r)
			if w.Code != tt.want || w.Header().Get("Cache-Control") != "no-store" {
				t.Fatalf("%d, want %d; %v", w.Code, tt.want, w.Header())
			}
			if told := strings.Contains(w.Body.String(), "/items/"); told != (tt.want == 200 && tt.method == "GET") {
				t.Errorf("got\n%s", w.Body)
			}
			if tt.want == 401 && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer ") {
				t.Errorf("401 without a challenge: %v", w.Header())
			}
		})
	}
}

// TestSnapshotJSON reads it as somebody does who has only the documentation.
func TestSnapshotJSON(t *testing.T) {
	t.Parallel()
	m := newMetrics(t, metrics.Config{SnapshotTokens: []string{token}, Events: []string{"login_failed"}, Release: "v7"})
	m.Event("login_failed")
	for range 20 {
		get(m.Middleware(mux()), "/items/1")
	}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+token)
	w, _ := do(m.SnapshotHandler(), r)
	var got struct {
		Format, Replicas int
		Release          string
		SlowerThan       float64 `json:"slower_than_ms"`
		Overall          struct{ N int }
		Routes           []struct {
			Route          string
			N, Slower      int
			P95            float64 `json:"p95_ms"`
			Verdict        string
			UnknownMembers any
		}
		Events []struct {
			Name     string
			Total    int
			LastSeen string `json:"last_seen"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Format != 1 || got.Replicas != 1 || got.Release != "v7" || got.SlowerThan != 800 || got.Overall.N != 20 || len(got.Routes) != 1 ||
		got.Routes[0].Route != "/items/{id}" || got.Routes[0].N != 20 || got.Routes[0].Verdict != "fast enough" || got.Routes[0].P95 <= 0 ||
		len(got.Events) != 1 || got.Events[0].Name != "login_failed" || got.Events[0].Total != 1 || got.Events[0].LastSeen == "" {
		t.Errorf("%+v\n%s", got, w.Body)
	}
	if w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%v", w.Header())
	}
}
