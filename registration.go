package readiness

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/readiness/internal/rdap"
	"github.com/launchready/readiness/internal/webprobe"
)

const (
	codeRegistration = "registration.ends"
	seeRegistrar     = "handover.registrar"

	// registeredFor is what must be left of a registration: a renewal that
	// fails because a card has expired takes a few weeks to be put right.
	registeredFor = 30 * 24 * time.Hour
)

// registrationCodes are the rules about the registration of the domain.
func registrationCodes() []codeRow {
	return []codeRow{{codeRegistration, High, "the domain's registration ends soon", "RFC 9083 section 4.5"}}
}

// checkNames looks at the DNS and, beside it, at the registration.
func (l *look) checkNames(ctx context.Context) {
	var beside sync.WaitGroup
	defer beside.Wait()
	l.start(&beside, l.site.domain, func() { l.checkRegistration(ctx) })
	l.checkDNS(ctx)
}

// checkRegistration asks the registry when the registration ends.
func (l *look) checkRegistration(ctx context.Context) {
	if !l.site.registration {
		return
	}
	name, err := registeredName(l.site.domain)
	if err != nil {
		l.unknown(codeRegistration, l.site.domain, err.Error())
		return
	}
	cfg := l.webConfig()
	cfg.MaxBody, cfg.Accept = rdap.MaxBody, rdap.MediaType
	r, err := askRegistry(ctx, webprobe.New(cfg), name)
	if r.Registrar != "" {
		l.saw(seeRegistrar, shown(r.Registrar))
	}
	if err != nil {
		l.unknown(codeRegistration, name, err.Error())
		return
	}
	l.judgeRegistration(name, r)
}

// judgeRegistration judges how long the domain is still the owner's.
func (l *look) judgeRegistration(name string, r rdap.Registration) {
	var evidence []string
	if !r.Ends.IsZero() {
		evidence = append(evidence, "registered until "+date(r.Ends))
	}
	if r.Lapsed != "" {
		evidence = append(evidence, "its status at the registry is "+r.Lapsed)
	}
	if r.Registrar != "" {
		evidence = append(evidence, "registrar: "+r.Registrar)
	}
	const lost = "the website, the e-mail and every login that depends on it stop at once, and then anybody can register it."
	d := detail{Detail: "When it ends, " + lost, Evidence: evidence, Fix: "renew " + name + " at the registrar, and check that it renews by itself and that the card has not expired"}
	switch left := time.Until(r.Ends); {
	case r.Lapsed != "", left <= 0:
		d.Detail = "It is over: " + lost
		d.Fix = "call the registrar today: a domain can be had back for some weeks after its end"
	case left >= registeredFor:
		return
	}
	l.find(codeRegistration, name, d)
}

// registeredName returns the part of a domain that was registered.
func registeredName(domain string) (string, error) {
	suffix, public := publicsuffix.PublicSuffix(domain)
	if !public && strings.Contains(suffix, ".") {
		return "", errors.New("names below " + suffix + " are not registered at a registry")
	}
	name, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return "", errors.New("it is no name that can be registered")
	}
	return name, nil
}

// askRegistry finds the registry of a domain and asks it.
func askRegistry(ctx context.Context, web *webprobe.Prober, name string) (rdap.Registration, error) {
	list, err := answerOf(web.Fetch(ctx, rdap.Bootstrap), "the list of registries")
	if err != nil {
		return rdap.Registration{}, err
	}
	at, err := rdap.Query(list, name)
	if err != nil {
		return rdap.Registration{}, err
	}
	answer, err := answerOf(web.Fetch(ctx, at), "the registry's answer")
	if err != nil {
		return rdap.Registration{}, err
	}
	return rdap.Read(answer, name)
}

// answerOf returns the body of an answer that is whole, and that nobody on the
// way can have made up.
func answerOf(v webprobe.Visit, what string) ([]byte, error) {
	switch {
	case v.Kind != webprobe.OK:
		return nil, errors.New(what + ": " + v.Kind.String())
	case slices.ContainsFunc(v.Hops, func(h webprobe.Hop) bool { return !strings.HasPrefix(h.URL, "https://") }):
		return nil, errors.New(what + ": led to an address without https")
	case v.Status() != http.StatusOK:
		return nil, errors.New(what + ": status " + strconv.Itoa(v.Status()))
	case v.Truncated:
		return nil, errors.New(what + ": too long")
	default:
		return v.Body, nil
	}
}
