package cache

import (
	"net/http"
	"time"

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
	scope   scope
	left    uint64 // how many flights had ended before the page was looked for

	prior      *entry       // the stale page, nil where there is none
	under      []generation // that prior lives by
	soft       bool         // prior was softly purged: its version proves nothing
	fwd        string       // why the handler is asked, in the words of RFC 9211
	servable   bool         // prior may be served while it is made anew, and so for an error too
	background bool         // no client waits for this run
	answered   bool         // the client has its answer, or there is none
	version    string       // what Policy.Version says now
}

// miss answers a request by the run of another request, or by its own.
func (v *visit) miss() {
	timer := time.NewTimer(waitAtMost)
	defer timer.Stop()
	for {
		f, leads := v.cache.flights.join(v.key, v.stamp)
		if leads && v.overtaken(f) {
			return
		}
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
		switch failed := f.landing.failed; {
		case v.mayShare(f.landing):
			v.share(f.landing.page, "")
			return
		case failed != 0 && v.instead(failed) == rescued:
			// Its own stale page, and not the leader's: that one may have been
			// purged before this request began.
			v.share(v.prior, "stale-if-error")
			return
		case !f.landing.again:
			v.run(nil)
			return
		}
	}
}

// overtaken answers with the page that another run has stored between the look
// for it and the lead of f: whoever looked before that run had stored, and came
// to join when it had left, would run the handler once more.
func (v *visit) overtaken(f *flight) bool {
	if v.cache.flights.left.Load() == v.left {
		return false
	}
	got, err := v.cache.store.get(v.r.Context(), []byte(v.key), v.scope)
	if err != nil || v.policy.judge(got, &v.asks) != fresh {
		return false
	}
	f.land(landing{page: got.page, key: v.key})
	v.cache.flights.leave(v.key, f)
	v.cache.hit(v.w, v.r, v.policy, v.match, &v.asks, got)
	return true
}

// mayShare reports whether what another request's run has made answers this
// request too. Under Follow it must be what a stored page must be (RFC 9111,
// section 4): fresh, and as fresh as this request asks.
func (v *visit) mayShare(l landing) bool {
	if l.page == nil {
		return false
	}
	switch v.policy.judge(found{page: l.page, stamp: stamp{at: time.Now()}}, &v.asks) {
	case fresh:
	case absent:
		return false
	default:
		if v.policy.Class == Follow {
			return false
		}
	}
	if len(l.page.vary) > 0 {
		key, reason := variant(v.primary, l.page.vary, v.r.Header)
		return reason == "" && key == l.key
	}
	return true
}

// share answers with a page for which this request did not run the handler.
// detail says why, where the page is stale.
func (v *visit) share(page *entry, detail string) {
	outcome := Hit
	if detail != "" {
		outcome = Stale
	}
	v.cache.count(v.policy, outcome, detail)
	named(v.w, v.match)
	if outcome == Stale {
		v.w.Header()["Age"] = page.agedAt(time.Now(), v.cache.status).age
	}
	v.answer(page, with("fwd="+v.fwd+"; collapsed", "detail", detail))
}

// serveStale answers with the stale page, and has it made anew by the first
// request that finds it so.
func (v *visit) serveStale() {
	why := "stale-while-revalidate"
	v.servable = true
	if v.soft {
		why = "soft-purge"
	}
	if f, leads := v.cache.flights.lead(v.key, v.stamp); leads {
		started, possible := false, v.sameInBackground()
		if possible {
			started, possible = v.cache.background.refresh(v, f)
		}
		switch {
		case started:
		case !possible && v.r.Method == http.MethodGet && !v.asks.directives.OnlyIfCached:
			v.run(f)
			return
		default:
			f.land(landing{again: true}) // another request will do it
			v.cache.flights.leave(v.key, f)
		}
	}
	v.cache.stale(v.w, v.r, v.policy, v.match, &v.asks, found{page: v.prior, stamp: v.stamp}, why)
}
