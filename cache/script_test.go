package cache_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/cache"
)

// step is one request of a script: what comes before it and what must come of
// it. A message is written in one line, with its fields behind it:
//
//	200 body | Name: value | Name: value
//
// In what is expected, "*" is any body, and "Name: -" a field that must not be
// there.
type step struct {
	wait  time.Duration // before the request
	reply string        // what the handler answers from now on; empty is what it did before
	send  string        // the request, such as "GET /a | Range: bytes=0-1"; empty is "GET /a"
	want  string        // the answer: Cache-Status stands in it without our name
	saw   string        // what the handler must see, "asked" and fields; empty where it must not run
}

// play runs a script through a cache with one policy for every path, on a
// clock that moves only between the requests. It begins at midnight of
// 1 January 2000, UTC.
func play(t *testing.T, cfg cache.Config, steps []step) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if cfg.Policies == nil {
			cfg.Policies = []cache.Policy{{Pattern: "GET /", Class: cache.Follow, ExpiryOnly: "test"}}
		}
		c := newCache(t, cfg)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = c.Run(ctx) }()
		o := &scripted{}
		h := c.Middleware(o)
		for i, s := range steps {
			time.Sleep(s.wait)
			synctest.Wait()
			if s.reply != "" {
				o.reply = s.reply
			}
			o.saw = nil
			got := exchange(t.Context(), h, s.send)
			synctest.Wait() // a refresh in the background is over
			for _, problem := range compare(got, s.want) {
				t.Errorf("step %d: %s: %s", i, s.send, problem)
			}
			if s.saw == "" {
				if o.saw != nil {
					t.Errorf("step %d: %s: the handler ran", i, s.send)
				}
				continue
			}
			if o.saw == nil {
				t.Errorf("step %d: %s: the handler did not run, the answer is %q %v", i, s.send, got.body, got.header)
				continue
			}
			_, fields, _ := strings.Cut(s.saw, " | ")
			for _, problem := range compareFields(o.saw, fields) {
				t.Errorf("step %d: %s: the handler saw %s", i, s.send, problem)
			}
		}
	})
}

// scripted is a handler that answers what it is told and keeps what it saw.
type scripted struct {
	reply string
	saw   http.Header
}

func (o *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.saw = r.Header
	say(w, o.reply)
}

// say answers with a message: "200 body | Name: value". "Sleep: 5s" is how
// long its making takes.
func say(w http.ResponseWriter, message string) {
	first, fields, _ := strings.Cut(message, " | ")
	code, body, _ := strings.Cut(first, " ")
	status, _ := strconv.Atoi(code)
	for name, value := range fieldsOf(fields) {
		if name == "Sleep" {
			d, _ := time.ParseDuration(value)
			time.Sleep(d)
			continue
		}
		w.Header().Add(name, value)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// fieldsOf goes through "Name: value | Name: value".
func fieldsOf(line string) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for part := range strings.SplitSeq(line, " | ") {
			name, value, ok := strings.Cut(part, ":")
			if ok && !yield(name, strings.TrimPrefix(value, " ")) {
				return
			}
		}
	}
}

// exchange sends a request, "GET /a | Name: value", through h without a
// server.
func exchange(ctx context.Context, h http.Handler, send string) answer {
	if send == "" {
		send = "GET /a"
	}
	first, fields, _ := strings.Cut(send, " | ")
	method, target, _ := strings.Cut(first, " ")
	r := httptest.NewRequestWithContext(ctx, method, target, http.NoBody)
	for name, value := range fieldsOf(fields) {
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	resp := w.Result() // the header as it was when it was sent
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return answer{status: resp.StatusCode, header: resp.Header, body: string(body), err: err}
}

// compare returns in what an answer differs from what is wanted.
func compare(got answer, want string) (problems []string) {
	first, fields, _ := strings.Cut(want, " | ")
	text := strings.TrimSuffix(strconv.Itoa(got.status)+" "+got.body, " ")
	if strings.HasSuffix(first, " *") {
		text = strconv.Itoa(got.status) + " *"
	}
	if text != first {
		problems = append(problems, "got "+strconv.Quote(text)+", want "+strconv.Quote(first))
	}
	return append(problems, compareFields(got.header, fields)...)
}

func compareFields(h http.Header, want string) (problems []string) {
	for name, value := range fieldsOf(want) {
		got, absent := strings.Join(h.Values(name), ", "), len(h.Values(name)) == 0
		got = strings.TrimPrefix(got, "readiness; ")
		if absent && value != "-" || !absent && got != value {
			problems = append(problems, name+" "+strconv.Quote(got)+", want "+strconv.Quote(value))
		}
	}
	return problems
}

// at is a date as HTTP writes it, seconds after the scripts begin.
func at(seconds int) string {
	return time.Date(2000, 1, 1, 0, 0, seconds, 0, time.UTC).Format(http.TimeFormat)
}
