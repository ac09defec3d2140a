package health

import (
	"net/http"
	"strconv"

	"github.com/launchready/readiness/internal/respond"
)

// answer is a whole response, made once.
type answer struct {
	status int
	media  []string
	length []string
	body   []byte
}

// The header fields of every answer. They are shared by all responses, which
// is safe because these handlers end the chain and nothing can be appended in
// place to a slice without room.
var (
	jsonType = []string{"application/health+json"}
	textType = []string{"text/plain; charset=utf-8"}
	noStore  = []string{"no-store"}
	noSniff  = []string{"nosniff"}
)

// answers are all that the public gets.
var answers = struct{ pass, warn, fail answer }{oneWord(Passing), oneWord(Degraded), oneWord(Failing)}

func oneWord(s State) answer {
	return *newAnswer(s, jsonType, []byte(`{"status":"`+s.word()+`"}`))
}

// newAnswer returns a response with the status that readiness has in a state.
func newAnswer(s State, media []string, body []byte) *answer {
	status := http.StatusServiceUnavailable
	if s == Passing || s == Degraded {
		status = http.StatusOK
	}
	return &answer{status: status, media: media, length: []string{strconv.Itoa(len(body))}, body: body}
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
// check does not pass that does not matter enough, and 503 {"status":"fail"}
// while a check has no result yet (no longer than the longest Timeout, nor than
// StartupTimeout), while a Required check is Failing or Stale, and once
// draining. Before Run it answers 503 and says so in the log, once.
func (c *Checker) ReadyHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := c.verdict.Load()
		if v.state == NotRunning {
			c.warnNotRunning()
		}
		serve(w, r, v.answer)
	})
}

// StartupHandler answers 503 {"status":"fail"} until every check has its
// first result, be it good or bad, or StartupTimeout has passed since Run,
// and 200 {"status":"pass"} from then on. Before Run it answers 503 and says
// so in the log, once.
func (c *Checker) StartupHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := c.verdict.Load()
		if v.started {
			serve(w, r, &answers.pass)
			return
		}
		if v.state == NotRunning {
			c.warnNotRunning()
		}
		serve(w, r, &answers.fail)
	})
}

func (c *Checker) warnNotRunning() {
	if c.warned.CompareAndSwap(false, true) {
		c.log.Warn("health was probed before Run: not ready until Run or Serve is called")
	}
}

// serve answers GET and HEAD with a prebuilt answer.
func serve(w http.ResponseWriter, r *http.Request, a *answer) {
	if allowed(w, r) {
		a.write(w, r)
	}
}

// allowed reports whether the method is GET or HEAD. Where it is not, it has
// answered 405.
func allowed(w http.ResponseWriter, r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead ||
		respond.AllowMethods(w, r, http.MethodGet, http.MethodHead)
}

func (a *answer) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Content-Type"] = a.media
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = noSniff
	h["Content-Length"] = a.length
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.body) // the prober may be gone; there is nobody to tell
	}
}
