package ratelimit_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/ratelimit"
)

// byField has one rule, by the field email.
func byField(tb testing.TB, limit int, edit func(*ratelimit.Rule)) *ratelimit.Limiter {
	rule := ratelimit.Rule{Name: "email", Pattern: "POST /", Limit: limit, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.Field("email")}}
	if edit != nil {
		edit(&rule)
	}
	return mustNew(tb, ratelimit.Config{Rules: []ratelimit.Rule{rule}})
}

func submit(h http.Handler, contentType, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.RemoteAddr = anna
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const form = "application/x-www-form-urlencoded"

func TestFieldKeys(t *testing.T) {
	t.Parallel()
	type req struct {
		contentType, target, body string
		want                      int
	}
	for _, tt := range []struct {
		name string
		edit func(*ratelimit.Rule)
		reqs []req
	}{
		{name: "one account", reqs: []req{
			{form, "/", "email=anna%40x", 204}, {form, "/", "email=ben%40x", 204}, {form, "/", "email=anna%40x", 429},
		}},
		{name: "case and spaces make no difference", reqs: []req{
			{form, "/", "email=Anna%40Example.com", 204}, {form, "/", "email=+anna%40EXAMPLE.com%09", 429}, {form, "/", "email=an+na%40example.com", 204},
		}},
		{name: "however it is sent", reqs: []req{
			{form, "/", "email=a%40x", 204},
			{"application/json", "/", `{"email":"a@x"}`, 429},
			{"text/plain", "/", `{"Email":"a@x"}`, 429},
			{form, "/?email=a@x", "", 429},
			{"multipart/form-data; boundary=b", "/", "--b\r\nContent-Disposition: form-data; name=email\r\n\r\na@x\r\n--b--\r\n", 429},
			{form, "/?email=a@x", "email=decoy", 429},
		}},
		{name: "every value is charged", reqs: []req{
			{form, "/", "email=a&email=b&email=A", 204}, {form, "/", "email=b", 429}, {form, "/", "email=a", 429}, {form, "/", "email=c&email=a", 429}, {form, "/", "email=c", 204},
		}},
		{name: "more than four values", reqs: []req{
			{form, "/", "email=1&email=2&email=3&email=4", 204}, {form, "/", "email=5&email=6&email=7&email=8&email=9", 400}, {form, "/", "email=5", 204},
		}},
		{name: "without the field there is no bucket", reqs: []req{
			{form, "/", "x=1", 204}, {form, "/", "", 204}, {form, "/", "email=", 204}, {form, "/", "email=+", 204}, {"application/json", "/", `{"email":null}`, 204},
		}},
		{name: "required", edit: func(r *ratelimit.Rule) { r.Required = true }, reqs: []req{
			{form, "/", "x=1", 400}, {form, "/", "email=+", 400}, {form, "/", "email=a", 204}, {form, "/", "email=a", 429},
		}},
		{name: "beyond what is read", reqs: []req{
			{form, "/", "x=" + strings.Repeat("x", 64<<10) + "&email=a", 204}, {form, "/", "email=a", 204},
		}},
		{name: "required beyond what is read", edit: func(r *ratelimit.Rule) { r.Required = true }, reqs: []req{
			{form, "/", "email=decoy&x=" + strings.Repeat("x", 64<<10) + "&email=a", 413},
			{"application/json", "/", `{"email":"decoy","x":"` + strings.Repeat("x", 64<<10) + `","email":"a"}`, 413},
		}},
		{name: "with the address", edit: func(r *ratelimit.Rule) { r.Keys = []ratelimit.Key{ratelimit.IP(), ratelimit.Field("email")} }, reqs: []req{
			{form, "/", "email=a", 204}, {form, "/", "email=a", 429}, {form, "/", "email=b", 204}, {form, "/", "x=1", 204},
		}},
		{name: "two fields, all pairs", edit: func(r *ratelimit.Rule) {
			r.Keys = []ratelimit.Key{ratelimit.Field("email"), ratelimit.Field("team")}
		}, reqs: []req{
			{form, "/", "email=a&email=b&team=x&team=y", 204}, {form, "/", "email=b&team=x", 429}, {form, "/", "email=a&team=y", 429}, {form, "/", "email=a&team=z", 204}, {form, "/", "email=a", 204},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := byField(t, 1, tt.edit).Middleware(ok)
			for i, q := range tt.reqs {
				if w := submit(h, q.contentType, q.target, q.body); w.Code != q.want {
					t.Errorf("request %d: %d %s, want %d", i, w.Code, w.Body, q.want)
				}
			}
		})
	}
}

// The other rules of a request that is answered 400 are not charged either.
func TestABadRequestIsNotCharged(t *testing.T) {
	t.Parallel()
	h := mustNew(t, ratelimit.Config{Rules: ratelimit.LoginRules("POST /login")}).Middleware(ok)
	for range 30 {
		if w := submit(h, form, "/login", "password=x"); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `The field \"email\" is missing.`) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if w := submit(h, form, "/login", "email=a"); w.Code != http.StatusNoContent {
		t.Errorf("%d", w.Code)
	}
}

// Counts of an e-mail address belong to whoever that is: no field of the
// response, allowed or denied, tells of them.
func TestNothingIsToldOfAnEmailKey(t *testing.T) {
	t.Parallel()
	h := mustNew(t, ratelimit.Config{XRateLimit: true, Rules: []ratelimit.Rule{
		{Name: "email", Limit: 1, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.Field("email")}},
		{Name: "both", Limit: 2, Window: time.Hour, Keys: []ratelimit.Key{ratelimit.IP(), ratelimit.Field("email")}},
	}}).Middleware(ok)
	for _, want := range []int{204, 429} {
		w := submit(h, form, "/", "email=anna%40example.com")
		if w.Code != want {
			t.Fatalf("%d, want %d", w.Code, want)
		}
		for name := range w.Header() {
			if strings.Contains(strings.ToLower(name), "ratelimit") {
				t.Errorf("%d: %s: %s", want, name, w.Header().Get(name))
			}
		}
		if strings.Contains(w.Body.String(), "anna") {
			t.Errorf("the answer holds the address: %s", w.Body)
		}
	}
}

// Over a real connection the handler gets the bytes that were sent, whatever
// their length and however they are framed.
func TestTheHandlerReadsTheSameBody(t *testing.T) {
	t.Parallel()
	h := byField(t, 1_000, nil).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = w.Write(body)
	}))
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	for _, size := range []int{0, 1, 4095, 64<<10 - 1, 64 << 10, 64<<10 + 1, 300_000} {
		for _, framed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d bytes, length %v", size, framed), func(t *testing.T) {
				t.Parallel()
				body := bytes.Repeat([]byte("email=a&"), size/8+1)[:size]
				var in io.Reader = bytes.NewReader(body)
				if !framed {
					in = struct{ io.Reader }{in}
				}
				resp, err := server.Client().Post(server.URL, form, in)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = resp.Body.Close() }()
				if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, body) {
					t.Errorf("%d bytes came back of %d, %v", len(got), len(body), err)
				}
			})
		}
	}
}

// A client that waits for 100 Continue is told to go on where a rule reads the
// form, and is not where none does and the request is denied.
func TestContinueOnlyWhereTheFormIsRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		keys []ratelimit.Key
		want []string // the status lines of the second request, which is denied
	}{
		{name: "by address", keys: []ratelimit.Key{ratelimit.IP()}, want: []string{"HTTP/1.1 429 Too Many Requests"}},
		{name: "by field", keys: []ratelimit.Key{ratelimit.Field("email")}, want: []string{"HTTP/1.1 100 Continue", "HTTP/1.1 429 Too Many Requests"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(byField(t, 1, func(r *ratelimit.Rule) { r.Keys = tt.keys }).Middleware(ok))
			t.Cleanup(server.Close)
			resp, err := server.Client().Post(server.URL, form, strings.NewReader("email=a"))
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if got := expecting(t, server.Listener.Addr().String(), "email=a"); !slices.Equal(got, tt.want) {
				t.Errorf("the server said %q, want %q", got, tt.want)
			}
		})
	}
}

// expecting sends a form with Expect: 100-continue and returns the status
// lines of the answer.
func expecting(t *testing.T, addr, body string) (lines []string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: "+form+"\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(conn)
	for scanner.Scan() {
		line := scanner.Text()
		if strings.HasPrefix(line, "HTTP/") {
			lines = append(lines, line)
		}
		if strings.Contains(line, " 100 ") {
			if _, err := io.WriteString(conn, body); err != nil {
				t.Fatal(err)
			}
		}
	}
	return lines
}

// Known may read the form, and the handler reads it again.
func TestKnownReadsTheForm(t *testing.T) {
	t.Parallel()
	l := byField(t, 1, func(r *ratelimit.Rule) {
		r.Count = ratelimit.Failures
		r.Known = func(r *http.Request) bool {
			cookie, err := r.Cookie("device")
			return err == nil && cookie.Value == "of "+r.FormValue("email")
		}
	})
	var got string
	h := l.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
	}))
	login := func(email, device string) int {
		r := httptest.NewRequest("POST", "/", strings.NewReader("email="+email))
		r.Header.Set("Content-Type", form)
		r.Header.Set("Cookie", "device="+device)
		w := httptest.NewRecorder()
		got = ""
		h.ServeHTTP(w, r)
		return w.Code
	}
	for i, step := range []struct {
		email, device string
		want          int
	}{
		{"anna", "", 200},
		{"anna", "", 429},
		{"anna", `"of ben"`, 429},
		{"anna", `"of anna"`, 200},
		{"anna", `"of anna"`, 200},
		{"anna", "", 429},
	} {
		code := login(step.email, step.device)
		if code != step.want || code == 200 && got != "email="+step.email {
			t.Errorf("step %d: %d with the body %q", i, code, got)
		}
	}
}

// What a handler reads behind the first 64 KiB must not be uncounted because
// a decoy stands before it.
func TestRequiredFieldBehindPadding(t *testing.T) {
	t.Parallel()
	part := func(name, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	for name, request := range map[string]func(i int) (target, body string){
		"decoy in the query": func(i int) (string, string) {
			return fmt.Sprintf("/?email=decoy%d", i), part("pad", strings.Repeat("x", 70<<10)) + part("email", "victim@x") + "--b--\r\n"
		},
		"decoy in a part before": func(i int) (string, string) {
			return "/", part("email", fmt.Sprint("decoy", i)) + part("pad", strings.Repeat("x", 70<<10)) + part("email", "victim@x") + "--b--\r\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := byField(t, 1, func(r *ratelimit.Rule) { r.Required = true })
			reached := 0
			h := l.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_ = r.PostFormValue("email")
				values := r.PostForm["email"]
				if len(values) > 0 && values[len(values)-1] == "victim@x" {
					reached++
				}
			}))
			for i := range 10 {
				target, body := request(i)
				submit(h, "multipart/form-data; boundary=b", target, body)
			}
			if reached > 1 {
				t.Errorf("the victim's address reached the handler %d times past a limit of 1", reached)
			}
		})
	}
}
