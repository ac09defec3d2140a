package health

import (
	"net/http"
	"strconv"

	"github.com/launchready/readiness/internal/respond"
)

// answer is a whole response, made once.
type answer struct {
	status int
	body   []byte
	length []string
}

// The header fields of every answer. They are shared by all responses, which
// is safe because these handlers end the chain and nothing can be appended in
// place to a slice without room.
var (
	contentType = []string{"application/health+json"}
	noStore     = []string{"no-store"}
	noSniff     = []string{"nosniff"}
)

// answers are all there are.
var answers = struct{ pass, warn, fail, notRunning answer }{
	pass:       newAnswer(http.StatusOK, "pass"),
	warn:       newAnswer(http.StatusOK, "warn"),
	fail:       newAnswer(http.StatusServiceUnavailable, "fail"),
	notRunning: newAnswer(http.StatusServiceUnavailable, "fail"), // told from fail by its address
}

func newAnswer(status int, word string) answer {
	body := []byte(`{"status":"` + word + `"}`)
	return answer{status: status, body: body, length: []string{strconv.Itoa(len(body))}}
}

// answerFor returns what readiness says in a state.
func answerFor(s State) *answer {
	switch s {
	case Passing:
		return &answers.pass
	case Degraded:
		return &answers.warn
	case NotRunning:
		return &answers.notRunning
	default:
		return &answers.fail
	}
}

// LiveHandler answers 200 {"status":"pass"} for as long as the process can
// answer at all. Nothing can be attached to it: what restarts a process must
// not depend on anything outside of it. It needs no Run. Like the other
// handlers it answers GET and HEAD, and 405 otherwise, never from a cache,
// without waiting and without an allocation.
func (c *Checker) LiveHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, &answers.pass)
	})
}

// ReadyHandler answers 200 {"status":"pass"}, 200 {"status":"warn"} while a
// check fails that does not matter enough, and 503 {"status":"fail"} before
// every check has its first result (which takes no longer than the longest
// Timeout), while a Required check is Failing, and once draining. Before Run
// it answers 503 and says so in the log, once.
func (c *Checker) ReadyHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := c.answer.Load()
		if a == &answers.notRunning {
			c.warnNotRunning()
		}
		serve(w, r, a)
	})
}

// StartupHandler answers 503 {"status":"fail"} until every check has its
// first result, be it good or bad, and 200 {"status":"pass"} from then on.
// Before Run it answers 503 and says so in the log, once.
func (c *Checker) StartupHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &answers.fail
		if c.started.Load() {
			a = &answers.pass
		} else if !c.running.Load() {
			c.warnNotRunning()
		}
		serve(w, r, a)
	})
}

func (c *Checker) warnNotRunning() {
	if c.warned.CompareAndSwap(false, true) {
		c.log.Warn("health was probed before Run: not ready until Run or Serve is called")
	}
}

// serve writes a prebuilt answer.
func serve(w http.ResponseWriter, r *http.Request, a *answer) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead &&
		!respond.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	h := w.Header()
	h["Content-Type"] = contentType
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = noSniff
	h["Content-Length"] = a.length
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.body) // the prober may be gone; there is nobody to tell
	}
}
