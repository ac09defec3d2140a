package metrics_test

import (
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
)

// TestCurlIsOneCommand lets a shell take it apart.
func TestCurlIsOneCommand(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh is installed")
	}
	tests := []struct {
		name, method, route, query, contentType, body string
		want                                          []string
	}{
		{"a page", "GET", "/l/{id}", "", "", "", []string{"-g", "http://x/l/{id}"}},
		{"a header", "HEAD", "/", "", "", "", []string{"-g", "-I", "http://x/"}},
		{"no route", "BREW", "", "a=1", "", "", []string{"-g", "-X", "<method>", "http://x/<path>?a=<value>"}},
		{"a host and quotes", "DELETE", "x.example/l/{id:[^']+}", "", "", "", []string{"-g", "-X", "DELETE", "http://x/l/{id:[^']+}"}},
		{"what a shell would run", "GET", "/$(id)`id`\"; id", "$(id)=1", "", "", []string{"-g", "http://x/$(id)`id`\"; id?<5 bytes>=<value>"}},
		{"JSON", "PUT", "/j", "", "application/json", `{"a b":"x","ok":true}`, []string{"-g", "-X", "PUT", "-H", "Content-Type: application/json", "--data-raw", `{"<3 bytes>":"string(1)","ok":"bool"}`, "http://x/j"}},
		{"an upload", "POST", "/u", "", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"it\"\r\n\r\nx\r\n--b--", []string{"-g", "-X", "POST", "--form-string", "it=string(1)", "http://x/u"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _ := watched(t, metrics.Config{})
			r := post("/", tt.contentType, tt.body)
			r.Method, r.URL.RawQuery = tt.method, tt.query
			if tt.contentType == "" {
				r.Header.Del("Content-Type")
			}
			_, _ = do(m.Middleware(named(tt.route)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(http.StatusInternalServerError)
			}))), r)
			command := m.Errors()[0].Sample.Curl
			cmd := exec.CommandContext(t.Context(), sh, "-c", `curl() { printf '%s\n' "$@"; }; BASE_URL=http://x; `+command)
			out, err := cmd.Output()
			if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%s\ngot  %q, %v\nwant %q", command, got, err, tt.want)
			}
		})
	}
}
