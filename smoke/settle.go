package smoke

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/redact"
)

const (
	defaultSettleWithin = time.Minute
	defaultSettleField  = "release"
	firstPause          = 250 * time.Millisecond
	longestPause        = 5 * time.Second
)

// Settling is how long a fresh deploy is waited for before the steps begin.
// Only while it settles is anything tried again: a refused connection, a 502,
// 503 or 504, and an answer of the release before. Whatever else the endpoint
// answers fails the run at once. Afterwards every step has one try.
type Settling struct {
	_ [0]func()

	// Path is the health endpoint, such as "/api/health". Empty means that
	// nothing is waited for.
	Path string
	// Field is the field of the endpoint's JSON that holds the release,
	// written as for [JSON]. The default is "release". With a
	// [Config.Release] the endpoint has to name that one; without, it has to
	// answer 200, and what it names is the release of the report.
	Field string
	// Within bounds the waiting, which is no part of the RunTimeout. 0 means
	// 1 minute, or 15 where [Main] starts the deploy by its hook.
	Within time.Duration
}

func (s Settling) check(problems *cfgerr.List) {
	if s.Path == "" {
		if s.Field != "" || s.Within != 0 {
			problems.Addf("Settling.Path", "name the health endpoint, such as /api/health")
		}
		return
	}
	if !localPath(s.Path) || len(valueNames(s.Path)) > 0 {
		problems.Addf("Settling.Path", "must begin with one slash and hold no fragment and no {value}, got %q", s.Path)
	}
	if s.Within < 0 {
		problems.Addf("Settling.Within", "must not be negative, got %s", s.Within)
	}
}

// what says in words what is waited for.
func (s Settling) what(release string) string {
	if release != "" {
		release += " at "
	}
	return fmt.Sprintf("for %s%s, at most %s", release, titlePath(s.Path), s.Within)
}

// settle waits for the service. Its result stands before those of the steps,
// which are not run where it fails.
func (r *run) settle() StepResult {
	cfg := r.checker.settling
	result := StepResult{Name: "settle " + titlePath(cfg.Path), Outcome: OK}
	if r.unsettled != "" {
		return result.skipped(r.unsettled)
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(r.ctx, cfg.Within)
	defer func() {
		cancel()
		r.ctx, r.settled = context.WithTimeout(r.ctx, r.checker.runTimeout) // the time of the run begins
	}()
	s := r.newSession()
	s.ctx = ctx
	tries, err := s.untilSettled(cfg)
	result.Duration = time.Since(began)
	if err != nil {
		result.Outcome = Failed
		result.Detail = s.failureText(nil)
		result.Verdict = r.redact.Line(err.Error())
		r.unsettled = "the service did not settle"
		return result
	}
	if tries > 2 {
		result.Info = []string{fmt.Sprintf("settled at look %d", tries)}
	}
	return result
}

// untilSettled looks until two looks in a row were good.
func (s *Session) untilSettled(cfg Settling) (tries int, err error) {
	pause := firstPause
	for good := 0; ; {
		tries++
		waiting, err := s.look(cfg)
		switch {
		case err == nil:
			if good++; good == 2 {
				return tries, nil
			}
			pause = firstPause
		case !waiting:
			return tries, err
		default:
			good = 0
		}
		if err == nil {
			err = errors.New("one good answer, and no second one")
		}
		select {
		case <-s.ctx.Done():
			if errors.Is(s.run.ctx.Err(), context.Canceled) {
				return tries, fmt.Errorf("the run was stopped before the service settled: %w", err)
			}
			return tries, fmt.Errorf("did not settle within %s: %w", cfg.Within, err)
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
		pause = min(2*pause, longestPause)
	}
}

// look asks the health endpoint once. An error is worth waiting for where it
// is what a deploy looks like from outside.
func (s *Session) look(cfg Settling) (waiting bool, err error) {
	u, err := s.resolve(cfg.Path)
	if err != nil {
		return false, err
	}
	resp, err := s.travel(http.MethodGet, u, http.Header{"Accept": {acceptJSON}}, nil, true)
	if err != nil {
		if s.ctx.Err() != nil {
			return true, errors.New("GET " + redact.Path(u) + ": no answer before the waiting was over")
		}
		return errors.Is(err, errRefused), err
	}
	switch resp.Status {
	case http.StatusOK:
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true, fmt.Errorf("%s answered %s", resp.request(), statusText(resp.Status))
	default:
		return false, fmt.Errorf("%s answered %s, which is no deploy that settles", resp.request(), statusText(resp.Status))
	}
	release, err := resp.name(cfg.Field)
	want := s.run.checker.release
	switch {
	case want == "" && err != nil: // nobody asked for it
		return false, nil
	case want == "":
		was := s.run.release
		s.run.release = s.run.redact.Beginning(release, maxRelease)
		if was != "" && was != s.run.release {
			return true, fmt.Errorf("%s tells the release %q after %q", resp.request(), s.run.release, was)
		}
		return false, nil
	case err != nil:
		return true, fmt.Errorf("%s does not tell its release: %w", resp.request(), err)
	case !sameRelease(release, want):
		return true, fmt.Errorf("%s tells the release %q, expected %q", resp.request(), s.run.redact.Beginning(release, maxRelease), want)
	}
	return false, nil
}

// shortRevision is a revision as git shortens it.
var shortRevision = regexp.MustCompile(`^[0-9a-f]{7,}$`)

// sameRelease reports whether two names are of one release. A revision may be
// shortened, by whoever deployed it or by the service.
func sameRelease(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || shortRevision.MatchString(a) && shortRevision.MatchString(b) && strings.HasPrefix(b, a)
}
