package smoke

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// hookSettleWithin is how long a release is waited for that has yet to be
// built.
const hookSettleWithin = 15 * time.Minute

// variableName is how environment variables are called.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)

// deployHook is an address at which a platform starts a deploy when it is
// posted to. Whoever knows it can do that, so it is secret.
type deployHook struct{ address *url.URL }

// hook reads -deploy-hook, and gives the deploy the time that it needs.
func (o *options) hook(cfg *Config) (*deployHook, error) {
	text, from := o.deployHook, "-deploy-hook"
	if !strings.Contains(text, "://") { // the name of a variable
		lookup := cfg.LookupEnv
		if lookup == nil {
			lookup = os.LookupEnv
		}
		value, _ := lookup(text)
		switch {
		case !variableName.MatchString(text): // not repeated: it may be the address
			return nil, fmt.Errorf("%s: -deploy-hook must be an address with https:// in front, or the name of an environment variable that holds it", o.name)
		case value == "":
			return nil, fmt.Errorf("%s: -deploy-hook: the environment variable %s is not set", o.name, text)
		}
		text, from = value, text
	}
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "": // not repeated: it is secret
		return nil, fmt.Errorf("%s: -deploy-hook: %s is no http:// or https:// address", o.name, from)
	case !secretsMayGo(u):
		return nil, fmt.Errorf("%s: -deploy-hook: the address must be https: whoever reads it on the way could deploy", o.name)
	case cfg.Settling.Path == "" || strings.TrimSpace(cfg.Release) == "":
		return nil, fmt.Errorf("%s: -deploy-hook needs -release, and in the program Settling.Path, the health endpoint that tells it: otherwise the release before would be checked", o.name)
	}
	if cfg.Settling.Within == 0 {
		cfg.Settling.Within = hookSettleWithin
	}
	return &deployHook{u}, nil
}

// secrets are the parts of the address that open something. A word of its path
// is none, and stands in many a log.
func (h *deployHook) secrets() map[string]string {
	parts := map[string]string{"deploy hook": h.address.String()}
	if h.address.RawQuery != "" {
		parts["query of the deploy hook"] = h.address.RawQuery
	}
	if password, ok := h.address.User.Password(); ok {
		parts["password of the deploy hook"] = password
	}
	const word = 16 // and what is as long as this is none
	if slices.ContainsFunc(strings.Split(h.address.Path, "/"), func(segment string) bool { return len(segment) >= word }) {
		parts["path of the deploy hook"] = h.address.RequestURI()
	}
	return parts
}

func (h *deployHook) task() firstTask { return firstTask{"deploy hook", h.post} }

// post starts the deploy. Where that fails no step is run: it would look at
// the release before.
func (h *deployHook) post(r *run) StepResult {
	result := StepResult{Name: "deploy hook", Outcome: OK}
	if over := r.session("").runOver(); over != "" {
		return result.skipped(over)
	}
	if r.unsettled != "" {
		return result.skipped(r.unsettled)
	}
	began := time.Now()
	err := h.send(r)
	result.Duration = time.Since(began)
	if err != nil {
		result.Outcome, result.Verdict = Failed, r.redact.Line(err.Error())
		r.unsettled = "the deploy was not started"
	}
	return result
}

// send posts once and follows no redirect. The answer is not shown: it may
// repeat the address.
func (h *deployHook) send(r *run) error {
	ctx, cancel := context.WithTimeout(r.ctx, r.checker.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.address.String(), http.NoBody)
	if err != nil {
		return errors.New("the address cannot be posted to")
	}
	req.Header.Set("User-Agent", userAgent)
	if user := h.address.User; user != nil { // a transport leaves that to its client
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
	transport := http.DefaultTransport
	if d, ok := transport.(*http.Transport); ok {
		own := d.Clone()
		own.MaxResponseHeaderBytes = maxHeader
		defer own.CloseIdleConnections()
		transport = own
	}
	resp, err := transport.RoundTrip(req)
	if err != nil { // its text holds the address
		if ctx.Err() != nil {
			return fmt.Errorf("the hook did not answer within %s", r.checker.timeout)
		}
		switch dns, _ := errors.AsType[*net.DNSError](err); {
		case errors.Is(err, syscall.ECONNREFUSED):
			return errors.New("the hook could not be reached: connection refused")
		case dns != nil:
			return errors.New("the hook could not be reached: its host name could not be looked up")
		}
		return errors.New("the hook could not be reached")
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = readBody(ctx, resp) // so that the platform is not cut off in its answer
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("the hook answered %s, so no deploy was started", statusText(resp.StatusCode))
	}
	return nil
}
