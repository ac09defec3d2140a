package cache

import (
	"time"

	"github.com/launchready/readiness/internal/cachecontrol"
)

// verdict says what may be done with what the store has.
type verdict uint8

const (
	absent    verdict = iota // there is nothing for this request
	fresh                    // to be served
	stale                    // to be served while it is made anew
	tolerated                // stale, and the client has said that it takes that
	outdated                 // not to be served before the handler was asked
)

// judge says what may be done with the page that was found.
func (p *policy) judge(f found, a *asks) verdict {
	e := f.page
	switch {
	case e == nil, a.credential && e.rules&public == 0:
		return absent
	case p.Class == Follow:
		return e.judge(&a.directives, f.soft, e.age(f.stamp.at))
	}
	switch age := e.age(f.stamp.at); {
	case age < e.fresh && !f.soft:
		return fresh
	case age < e.fresh+e.while:
		return stale
	default:
		return outdated // a soft purge makes no page good for longer
	}
}

// judge says what RFC 9111 lets a shared cache do with a response (section
// 4), given what the request asks for (section 5.2.1).
func (e *entry) judge(d *cachecontrol.Directives, soft bool, age time.Duration) verdict {
	left := e.fresh - age // less than none once it is stale
	switch {
	case e.rules&revalidate != 0, d.NoCache,
		d.MaxAge.Set && age > d.MaxAge.Value,
		d.MinFresh.Set && left < d.MinFresh.Value:
		return outdated
	case left > 0 && !soft:
		return fresh
	case e.rules&neverStale != 0:
		return outdated
	case soft && -left < e.while:
		return stale
	case soft:
		return outdated // a page is not served for longer because it was purged
	case d.MaxStale.Set && -left <= d.MaxStale.Value:
		return tolerated
	case -left < e.while && !d.MaxAge.Set:
		return stale
	default:
		return outdated
	}
}
