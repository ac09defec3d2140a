package mailrecord

import (
	"context"
	"strings"
	"sync"
)

// mostDMARCNames is how many names a receiver asks at most (RFC 9989, section
// 4.10).
const mostDMARCNames = 8

// DMARCNames returns the domains at whose _dmarc a receiver looks for the
// record of a domain, in its order: the domain itself, then the names above it
// down to the top-level domain. Of a domain with more than eight labels those
// between are left out, so that there are eight at most.
func DMARCNames(domain string) []string {
	domain = normal(domain)
	if nameFault(domain) != "" {
		return nil
	}
	names := []string{domain}
	labels := strings.Split(domain, ".")
	for i := max(1, len(labels)-mostDMARCNames+1); i < len(labels); i++ {
		names = append(names, strings.Join(labels[i:], "."))
	}
	return names
}

// DMARCResult is what [WalkDMARC] found out.
type DMARCResult struct {
	// Domain is the domain asked for.
	Domain string
	// Found says that a record applies to the domain.
	Found bool
	// At is the domain whose record applies: the domain itself, its
	// organizational domain, or the public suffix above that.
	At string
	// Record is that record.
	Record DMARC
	// Policy is what is applied to the domain's mail that fails: P at the
	// domain itself, else SP, under t=y one step weaker; empty where no
	// record applies or it is ignored.
	Policy Policy
	// Organization is the organizational domain as far as the walk tells; the
	// domain itself where no record was found.
	Organization string
	// Unknown names the domains whose _dmarc could not be looked up. Where
	// they hide what applies, Found is false and Problems tells nothing of a
	// missing record.
	Unknown []string
	// Problems are those of the record that applies, or of what lies in its
	// place.
	Problems []Problem
}

// dmarcAt is what lies at one step of the walk.
type dmarcAt struct {
	domain string
	status Status
	txts   [][]string
	has    bool
	record DMARC
	near   []Problem
	faults []Problem
}

// WalkDMARC finds the DMARC record that applies to a domain (RFC 9989, section
// 4.10). All names are asked at once; only the TXT method of lookup is called.
func WalkDMARC(ctx context.Context, domain string, lookup Lookup) DMARCResult {
	r := DMARCResult{Domain: normal(domain)}
	r.Organization = r.Domain
	names := DMARCNames(domain)
	if len(names) == 0 {
		r.Unknown = []string{r.Domain}
		return r
	}
	steps := make([]dmarcAt, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		steps[i].domain = name
		if nameFault("_dmarc."+name) != "" {
			steps[i].status = NoName // too long for a question
			continue
		}
		all.Go(func() { steps[i].txts, steps[i].status = lookup.TXT(ctx, "_dmarc."+name) })
	}
	all.Wait()
	for i := range steps {
		s := &steps[i]
		s.read()
		if s.status == Unknown {
			r.Unknown = append(r.Unknown, s.domain)
		}
		if s.has && s.record.PSD != 'u' { // what lies above is not asked for
			steps = steps[:i+1]
			break
		}
	}
	r.choose(steps)
	return r
}

func (s *dmarcAt) read() {
	found, near := FindDMARC(s.txts)
	s.near = named(near, "_dmarc."+s.domain)
	if len(found) == 1 {
		s.has = true
		s.record, s.faults = ParseDMARC(found[0]...)
		named(s.faults, "_dmarc."+s.domain)
	}
}

// choose takes the record of the domain, else that of its organizational
// domain, else that of the public suffix.
func (r *DMARCResult) choose(steps []dmarcAt) {
	org := organization(steps)
	r.Organization = org
	apply := func(s *dmarcAt) {
		r.Found, r.At, r.Record = true, s.domain, s.record
		if s.record.PSD == 'y' && s.domain != r.Domain { // its problems are the registry's
			r.missing(fault{severity: Medium, detail: "the only record that applies is the registry's, of " + Show(s.domain) + ": no reports reach the domain's owner"})
		} else {
			r.Problems = append(r.Problems, s.near...)
			r.Problems = append(r.Problems, s.faults...)
		}
		if s.record.Ignored {
			return
		}
		p := s.record.SP
		if s.domain == r.Domain {
			p = s.record.P
		}
		r.Policy = s.record.Effective(p)
	}
	own := &steps[0]
	if own.has {
		apply(own)
		return
	}
	r.Problems = append(r.Problems, own.near...)
	if own.status == Unknown {
		return
	}
	for i := 1; i < len(steps); i++ {
		if s := &steps[i]; s.has && (s.domain == org || s.record.PSD == 'y') {
			apply(s)
			return
		}
	}
	// What lies in the place of a record above says why none applies.
	for i := 1; i < len(steps); i++ {
		if strings.Contains(steps[i].domain, ".") { // a top-level domain is nobody's to put right
			r.Problems = append(r.Problems, steps[i].near...)
		}
	}
	if len(r.Unknown) == 0 && len(r.Problems) == 0 {
		r.missing(fault{detail: "receivers cannot tell what to do with forged mail, and the large ones want a record from everybody who sends in bulk"})
	}
}

// missing says that the domain has no record of its own.
func (r *DMARCResult) missing(f fault) {
	f.code, f.fix = "dmarc.missing", "publish a TXT record such as v=DMARC1; p=none; rua=mailto:NAME@DOMAIN"
	l := &lint{name: "_dmarc." + r.Domain}
	l.add(f, 0, "")
	r.Problems = append(r.Problems, l.out...)
}

// organization selects the organizational domain (RFC 9989, section 4.10.2)
// from the steps of a walk, longest name first. Where there is no record it
// is the domain itself.
func organization(steps []dmarcAt) string {
	org := steps[0].domain
	for i := range steps {
		s := &steps[i]
		switch {
		case !s.has:
		case s.record.PSD == 'n':
			return s.domain
		case s.record.PSD == 'y' && i > 0:
			// One label below, on the way to the domain.
			below := strings.TrimSuffix(steps[0].domain, "."+s.domain)
			return below[strings.LastIndexByte(below, '.')+1:] + "." + s.domain
		default:
			org = s.domain // the one with the fewest labels wins
		}
	}
	return org
}
