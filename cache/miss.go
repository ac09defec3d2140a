package cache

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/launchready/readiness/internal/respond"
	"github.com/launchready/readiness/internal/route"
)

// visit is one request for which the handler has to run: for want of a page,
// or because the page is stale.
type visit struct {
	cache   *Cache
	next    http.Handler
	w       http.ResponseWriter
	r       *http.Request
	match   route.Match
	policy  *policy
	asks    asks
	primary string // the key of the request
	key     string // that of its page, which differs where the page has a Vary that the policy does not know
	stamp   stamp

	prior      *entry // the stale page, nil where there is none
	soft       bool   // prior was softly purged: its version proves nothing
	fwd        string // why the handler is asked, in the words of RFC 9211
	background bool   // no client waits for this run
	answered   bool   // the client has its answer, or there is none
	version    string // what Policy.Version says now
}

// miss answers a request by the run of another request, or by its own.
func (v *visit) miss() {
	timer := time.NewTimer(waitAtMost)
	defer timer.Stop()
	for {
		f, leads := v.cache.flights.join(v.key, v.stamp)
		if f == nil || leads {
			v.run(f)
			return
		}
		select {
		case <-f.done:
		case <-timer.C:
			v.run(nil)
			return
		case <-v.r.Context().Done():
			v.cache.count(v.policy, Miss, "wait-ended")
			v.cache.status.add(v.w.Header(), "fwd=miss; detail=wait-ended")
			respond.Write(v.w, v.r, respond.Problem{Status: http.StatusServiceUnavailable})
			return
		}
		switch {
		case v.mayShare(f.landing):
			v.share(f.landing)
			return
		case !f.landing.again:
			v.run(nil)
			return
		}
	}
}

// mayShare reports whether what another request's run has made answers this
// request too.
func (v *visit) mayShare(l landing) bool {
	page := l.page
	switch {
	case page == nil, page.rules&revalidate != 0, v.asks.credential && page.rules&public == 0:
		return false
	case l.detail != "" && !page.rescues(v.stamp.at):
		return false // this request has come too late for it
	}
	if len(page.vary) > 0 {
		key, reason := variant(v.primary, page.vary, v.r.Header)
		return reason == "" && key == l.key
	}
	return true
}

// share answers with what another request's run has made.
func (v *visit) share(l landing) {
	outcome := Hit
	if l.detail != "" {
		outcome = Stale
	}
	v.cache.count(v.policy, outcome, l.detail)
	named(v.w, v.match)
	if outcome == Stale {
		v.w.Header()["Age"] = l.page.agedAt(time.Now(), v.cache.status).age
	}
	send(v.w, v.r, l.page, v.cache.status.lines(with("fwd="+v.fwd+"; collapsed", "detail", l.detail)))
}

// serveStale answers with the stale page, and has it made anew by the first
// request that finds it so.
func (v *visit) serveStale() {
	why := "stale-while-revalidate"
	if v.soft {
		why = "soft-purge"
	}
	if f, leads := v.cache.flights.join(v.key, v.stamp); leads {
		started, possible := false, v.sameInBackground()
		if possible {
			started, possible = v.cache.background.refresh(v, f)
		}
		switch {
		case started:
		case !possible && v.r.Method == http.MethodGet:
			v.run(f)
			return
		default:
			f.land(landing{again: true}) // another request will do it
			v.cache.flights.leave(v.key, f)
		}
	}
	v.cache.stale(v.w, v.r, v.policy, v.match, found{page: v.prior, stamp: v.stamp}, why)
}

// run runs the handler and stores its answer where it may be stored. f is the
// flight that this run leads, nil where it leads none.
func (v *visit) run(f *flight) {
	answer := v.capture(f)
	returned := false
	defer func() {
		if !returned && !answer.sent {
			answer.restore(answer.before) // a Recoverer begins with what it would have found without us
		}
		if !returned && !v.background {
			v.cache.count(v.policy, Miss, answer.refused)
		}
		f.land(landing{again: v.r.Context().Err() != nil}) // after a panic
		if f != nil {
			v.cache.flights.leave(v.key, f)
		}
	}()
	if page := v.stillGood(); page != nil {
		returned = true
		if !v.background {
			v.cache.count(v.policy, Hit, "version")
			named(v.w, v.match)
		}
		v.keep(f, page, "hit; detail=version")
		return
	}
	// The recorder claims what the writer below can do, push among it.
	out, _ := respond.Wrap(answer, v.r, respond.Hooks{})
	v.forward(out)
	end := answer.finish()
	returned = true
	at := time.Now()
	v.answered = v.background || answer.sent
	if !v.background && end != rescued {
		v.cache.count(v.policy, Miss, answer.refused)
	}
	switch end {
	case whole:
		body := answer.body
		if cap(body)-len(body) > len(body)/32 {
			body = bytes.Clone(body) // what is kept is what is counted
		}
		if !answer.sent {
			answer.restore(answer.header)
			v.policy.declutter(v.w.Header())
		}
		v.keep(f, v.page(answer.before, answer.header, answer.status, body, at), "fwd="+v.fwd)
	case notModified:
		answer.restore(answer.before)
		status := "fwd=" + v.fwd + "; fwd-status=304"
		page, reason := v.freshened(answer.header, at)
		if reason != "" { // the handler has thought better of it: a cookie, a no-store
			f.land(landing{})
			v.forget()
			if !v.answered {
				send(v.w, v.r, page, v.cache.status.lines(with(status, "detail", reason)))
			}
			return
		}
		v.keep(f, page, status)
	case rescued:
		answer.restore(answer.before)
		v.rescue(f, answer.status)
	case passedOn:
		if v.prior != nil && !answer.onlyThisRun() && answer.status < http.StatusInternalServerError {
			v.forget()
		}
	}
}

// stillGood returns the stale page as good as new, where Policy.Version says
// that it is, and keeps the version for the page that will be made otherwise.
func (v *visit) stillGood() *entry {
	if v.policy.Version == nil {
		return nil
	}
	r := v.r.Clone(v.r.Context())
	for _, name := range v.policy.wildcards {
		r.SetPathValue(name, v.match.Value(name))
	}
	version, err := v.policy.Version(r)
	if err != nil {
		// Its text is the application's, and may hold anything.
		v.cache.log.Warn("cache: a Version function fails; its pages are made anew", zap.String("pattern", v.policy.Pattern))
		return nil
	}
	v.version = version
	if version == "" || v.prior == nil || v.prior.version != version || v.soft {
		return nil
	}
	page := v.prior.copy() // it ends when it would have: a purge that is lost must not be lost for ever
	page.born = v.stamp.at
	return page
}

// keep hands a page to those who wait, stores it and answers with it.
func (v *visit) keep(f *flight, page *entry, status string) {
	l := landing{page: page, key: v.key}
	if len(page.vary) > 0 {
		if l.key, _ = variant(v.primary, page.vary, v.r.Header); l.key == "" {
			l.page = nil
		}
	} else {
		l.key = v.primary
	}
	f.land(l) // nobody waits for the store, nor for this client to read
	stored := l.page != nil && v.store(l.key, page)
	if v.answered {
		return
	}
	if stored && strings.HasPrefix(status, "fwd=") { // beside a hit it has no meaning (RFC 9211, section 2.5)
		status += "; stored"
	}
	if age := page.age(time.Now()); v.policy.Class == Follow && age >= time.Second {
		v.w.Header().Set("Age", page.agedAt(time.Now(), "").age[0])
	}
	send(v.w, v.r, page, v.cache.status.lines(status))
}

// store stores a page under its key, and where its Vary is one that the
// policy does not know, what says so under the key of the request.
func (v *visit) store(key string, page *entry) bool {
	ctx := v.r.Context()
	if key != v.primary {
		signpost := &entry{signpost: true, vary: page.vary, groups: page.groups, born: page.born, fresh: page.fresh, ends: page.ends}
		stored, err := v.cache.store.set(ctx, v.primary, signpost, v.stamp)
		v.cache.failures.add(err)
		if !stored {
			return false
		}
	}
	stored, err := v.cache.store.set(ctx, key, page, v.stamp)
	v.cache.failures.add(err)
	return stored
}

// forget drops the stale page: it is no more what the handler makes.
func (v *visit) forget() {
	v.cache.failures.add(v.cache.store.drop(v.r.Context(), v.key))
}

// rescue answers with the stale page where the handler has failed.
func (v *visit) rescue(f *flight, status int) {
	detail := "stale-if-error"
	f.land(landing{page: v.prior, key: v.key, detail: detail})
	if v.answered {
		return
	}
	v.cache.count(v.policy, Stale, detail)
	v.w.Header().Set("Age", v.prior.agedAt(time.Now(), v.cache.status).age[0])
	send(v.w, v.r, v.prior, v.cache.status.lines("fwd="+v.fwd+"; fwd-status="+strconv.Itoa(status)+"; detail="+detail))
}
