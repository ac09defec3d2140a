package cache

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/launchready/readiness/internal/respond"
)

// run runs the handler and stores its answer where it may be stored. f is the
// flight that this run leads, nil where it leads none.
func (v *visit) run(f *flight) {
	answer := v.capture(f)
	returned := false
	defer func() { // by itself, because the hook of OnResult may panic too
		f.land(landing{again: v.r.Context().Err() != nil}) // after a panic
		if f != nil {
			v.cache.flights.leave(v.key, f)
		}
	}()
	defer func() {
		if !returned && !answer.sent {
			answer.restore(answer.before) // a Recoverer begins with what it would have found without us
		}
		if !returned && !v.background {
			v.cache.count(v.policy, Miss, answer.refused)
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
	if !v.background && (end == whole || end == passedOn) {
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
		v.freshen(f, answer, at)
	case rescued:
		answer.restore(answer.before)
		v.rescue(f, answer.status)
	case passedOn:
		if v.prior != nil && !answer.onlyThisRun() && answer.status < http.StatusInternalServerError {
			v.outdate()
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
	// The stamp was read after the page was found, and a purge may have come in
	// between, or may not have reached this process yet: the page would be stored
	// as one that was made after it. Of Cache-Groups the stamp does not tell.
	if len(v.prior.groups) > 0 || !slices.Equal(v.under, v.stamp.values) {
		return nil
	}
	page := v.prior.copy() // it ends when it would have: a purge that is lost must not be lost for ever
	page.born = v.stamp.at
	return page
}

// keep hands a page to those who wait, stores it and answers with it.
func (v *visit) keep(f *flight, page *entry, status string) {
	key := v.primary
	if len(page.vary) > 0 {
		key, _ = variant(v.primary, page.vary, v.r.Header) // empty where it would be too long
	}
	l := landing{key: key}
	if key != "" && (v.policy.Class != Follow || page.rules&revalidate == 0 && page.age(time.Now()) < page.fresh) {
		l.page = page
	}
	f.land(l) // nobody waits for the store, nor for this client to read
	switch {
	case key != "" && v.store(key, page):
		if strings.HasPrefix(status, "fwd=") { // beside a hit it has no meaning (RFC 9211, section 2.5)
			status += "; stored"
		}
	case v.prior != nil:
		v.outdate()
	}
	v.answer(page, status)
}

// answer answers the client of this request, if there still is one, with a
// page that was made just now. Under Follow it may be old all the same.
func (v *visit) answer(page *entry, status string) {
	if v.answered {
		return
	}
	if now := time.Now(); v.policy.Class == Follow && page.age(now) >= time.Second {
		v.w.Header()["Age"] = page.agedAt(now, v.cache.status).age
	}
	send(v.w, v.r, &v.asks, page, v.cache.status.lines(status))
}

// outdate forgets the stale page: it is no more what the handler says, and
// what the handler says instead is not stored.
func (v *visit) outdate() {
	v.cache.failures.add(v.cache.store.drop(v.r.Context(), v.key))
}

// store stores a page under its key, and where its Vary is one that the
// policy does not know, what says so under the key of the request.
func (v *visit) store(key string, page *entry) bool {
	ctx := v.r.Context()
	if key != v.primary {
		// It leads to every variant, and has to outlive each.
		signpost := &entry{signpost: true, vary: page.vary, ends: v.stamp.at.Add(maxTTL)}
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

// rescue answers with the stale page where the handler has failed.
func (v *visit) rescue(f *flight, status int) {
	f.land(landing{failed: status})
	if v.answered {
		return
	}
	detail := "stale-if-error"
	v.cache.count(v.policy, Stale, detail)
	v.w.Header()["Age"] = v.prior.agedAt(time.Now(), v.cache.status).age
	send(v.w, v.r, &v.asks, v.prior, v.cache.status.lines("fwd="+v.fwd+"; fwd-status="+strconv.Itoa(status)+"; detail="+detail))
}
