package metrics_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/launchready/readiness/metrics"
)

func TestBodiesPassUntouched(t *testing.T) {
	t.Parallel()
	long := `{"text":"` + strings.Repeat("x", 20_000) + `"}`
	var upload bytes.Buffer
	form := multipart.NewWriter(&upload)
	_ = form.WriteField("title", "Lift")
	_ = form.Close()
	tests := []struct {
		name, contentType, body string
		read                    int // how much the handler reads; -1: all
		want                    string
	}{
		{"JSON", "application/json", `{"days":3}`, -1, `{"days":"number"}`},
		{"longer than is kept", "application/json", long, -1, `{"text":"…"} (partial)`},
		{"a form longer than is kept", "application/x-www-form-urlencoded", "a=1&text=" + strings.Repeat("x", 20_000), -1, "a=string(1)&text=string(8183) (partial)"},
		{"not read", "application/json", `{"days":3}`, 0, `"…" (partial)`},
		{"read in part", "application/json", `{"a":1,"days":3}`, 7, `{"a":"number"} (partial)`},
		{"exactly read, without asking for the end", "application/json", `{"days":3}`, 10, `{"days":"number"}`},
		{"an upload", form.FormDataContentType(), upload.String(), -1, "title=string(4)"},
		{"a text", "text/plain", "hunter2", -1, ""},
		{"no type", "", "hunter2", -1, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _ := watched(t, metrics.Config{})
			r := post("/", tt.contentType, tt.body)
			before := r.Body
			_, _ = do(m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.read < 0 {
					if got, err := io.ReadAll(r.Body); err != nil || string(got) != tt.body {
						t.Errorf("the handler read %d bytes, %v", len(got), err)
					}
				} else if _, err := io.ReadFull(r.Body, make([]byte, tt.read)); err != nil {
					t.Error(err)
				}
				w.WriteHeader(http.StatusInternalServerError)
			})), r)
			if got := m.Errors()[0].Sample.Body; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if r.Body != before {
				t.Error("the body was not put back")
			}
		})
	}
}

// TestABodyOfUnknownLength is sent in chunks, and whole once its end was read.
func TestABodyOfUnknownLength(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		read func(io.Reader)
		want string
	}{
		"to the end":     {func(r io.Reader) { _, _ = io.ReadAll(r) }, "a=string(1)"},
		"not to the end": {func(r io.Reader) { _, _ = io.ReadFull(r, make([]byte, 3)) }, "a=string(1) (partial)"},
	} {
		m, _ := watched(t, metrics.Config{})
		r := post("/", "application/x-www-form-urlencoded", "a=1")
		r.ContentLength = -1
		_, _ = do(m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			tt.read(r.Body)
			w.WriteHeader(http.StatusInternalServerError)
		})), r)
		if got := m.Errors()[0].Sample.Body; got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

// TestABodyIsOnlyFollowedWhereCaptureIsOn looks at what the handler reads from.
func TestABodyIsOnlyFollowedWhereCaptureIsOn(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]bool{"on": false, "off": true} {
		m := newMetrics(t, metrics.Config{Errors: metrics.ErrorCapture{Off: off}})
		r := post("/", "application/json", "{}")
		before := r.Body
		_, _ = do(m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if followed := r.Body != before; followed == off {
				t.Errorf("capture %s: followed %v", name, followed)
			}
		})), r)
		if off && m.Errors() != nil {
			t.Error("Errors without capture")
		}
	}
}

// TestAReaderThatOutlivesItsRequest reads on while the failure is recorded.
func TestAReaderThatOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	m, _ := watched(t, metrics.Config{})
	done := make(chan struct{})
	_, _ = do(m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := r.Body
		go func() {
			defer close(done)
			for one := make([]byte, 1); ; {
				if _, err := body.Read(one); err != nil {
					return
				}
			}
		}()
		w.WriteHeader(http.StatusInternalServerError)
	})), post("/", "application/json", `{"text":"`+strings.Repeat("x", 10_000)+`"}`))
	<-done
	if len(m.Errors()) != 1 {
		t.Errorf("%+v", m.Errors())
	}
}
