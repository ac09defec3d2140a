package smoke

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/launchready/readiness/internal/redact"
	"github.com/launchready/readiness/internal/webpage"
)

// RunCommand is Main without the process around it.
func RunCommand(ctx context.Context, cfg Config, args []string, stdout, stderr io.Writer, terminal bool) int {
	return RunCommandOn(ctx, cfg, args, strings.NewReader(""), stdout, stderr, terminal)
}

// RunCommandOn is RunCommand with a standard input.
func RunCommandOn(ctx context.Context, cfg Config, args []string, stdin io.Reader, stdout, stderr io.Writer, terminal bool) int {
	return command{name: "postdeploy", stdin: stdin, stdout: stdout, stderr: stderr, terminal: terminal}.run(ctx, cfg, args)
}

// FindToken looks for a CSRF token in the first form of a page, then in the
// page, then in the cookies.
func FindToken(doc []byte, cookies []*http.Cookie) (value, field, header string) {
	p := webpage.Parse(doc)
	var form *webpage.Form
	if len(p.Forms) > 0 {
		form = &p.Forms[0]
	}
	t := findToken(p, form, cookies)
	return t.value, t.field, t.header
}

// SentForm is what the n-th form of a page sends when nothing is filled in.
func SentForm(doc []byte, n int) (action, method, fields string) {
	f := webpage.Parse(doc).Forms[n]
	s := Session{run: &run{}}
	values, err := s.fill(Form{}, f)
	if err != nil {
		return "", "", err.Error()
	}
	return f.Action, f.Method, values.Encode()
}

// Forms counts the forms of a page.
func Forms(doc []byte) int { return len(webpage.Parse(doc).Forms) }

// RedactLine hides one secret in a verdict.
func RedactLine(name, secret, text string) string {
	var r redact.Redactor
	r.Add(name, secret)
	return r.Line(text)
}

// Tell is how Test gives a result to a subtest.
var Tell = tell

// Inspect is what every answer is checked for, with its findings as they
// would be shown.
func Inspect(address string, header http.Header, body []byte) []string {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	r := &run{checker: &Checker{}, target: &target{base: u}, told: map[string]bool{}}
	s := &Session{run: r}
	resp := &Response{Status: http.StatusOK, Header: header, Body: body, method: http.MethodGet, asked: u, url: u}
	_ = webpage.Challenge(header, body)
	s.inspectCookies(resp)
	s.inspect(resp)
	var found []string
	for _, f := range s.found {
		found = append(found, r.redact.Line(f.text))
	}
	return found
}

// SlowNeeded is how many of n calls have to be slow for a claim.
var SlowNeeded = slowNeeded

// FindValue returns the line at which a value stands in a log that comes in
// pieces, 0 where it does not.
func FindValue(log, value string, step int) int {
	f := newValueFinder(map[string]string{value: "name"})
	for len(log) > 0 {
		n := min(step, len(log))
		_, _ = f.Write([]byte(log[:n]))
		log = log[n:]
	}
	return f.first["name"]
}

// BootsWithin is Boots with bounds of its own: for an answer, for being alive,
// and for the end after SIGTERM.
func BootsWithin(t testing.TB, answer, alive, stop time.Duration, binary string, env map[string]string, args ...string) {
	t.Helper()
	boots(t, bootBounds{answer: answer, alive: alive, stop: stop}, binary, env, args)
}

// BootHints are the hints of a failure of Boots, by the output.
func BootHints(env map[string]string, output string) []string {
	return newBoot("", env, bootBounds{}).hints(output)
}

// WithoutHead is how an output is cut that a value may have begun in.
var WithoutHead = withoutHead

// BootReport is what Boots shows of an output, in which {addr} stands for the
// address that the program was given.
func BootReport(env map[string]string, output string) string {
	b := newBoot("market", env, bootBounds{})
	if _, _, problem := b.fillIn(nil); problem != "" {
		return problem
	}
	if b.claim != nil {
		_ = b.claim.Close()
	}
	b.started = true
	_, _ = b.output.Write([]byte(strings.ReplaceAll(output, addrRef, b.address)))
	return strings.ReplaceAll(b.report("it failed"), cmp.Or(b.address, addrRef), addrRef)
}
