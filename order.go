package readiness

import (
	"cmp"
	"slices"
	"strings"
)

// unknownRank puts first what explains the rest.
func (r *Report) unknownRank(f Finding) int {
	rank := 0
	if !strings.HasPrefix(f.Code, "dns.") {
		rank += 2
	}
	if f.Subject != r.Domain {
		rank++
	}
	return rank
}

func compareFindings(a, b Finding) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(groupRank(a.Code), groupRank(b.Code)), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject), slices.Compare(a.Evidence, b.Evidence))
}

// groupRank puts what others follow from first, and what is to be handed over
// last: that matters less than what is wrong. Those that are not named are of
// the user's own checks, or of the engine.
func groupRank(code string) int {
	group, _, _ := strings.Cut(code, ".")
	switch group {
	case "env":
		return 0
	case "dns", "registration":
		return 1
	case "cloudflare":
		return 2
	case "tls":
		return 3
	case "web":
		return 4
	case "hsts":
		return 5
	case "private", "origin":
		return 6
	case "redirect":
		return 7
	case "mx":
		return 8
	case "spf":
		return 9
	case "dkim":
		return 10
	case "dmarc":
		return 11
	case "mtasts":
		return 12
	case "tlsrpt":
		return 13
	case "caa":
		return 14
	case "handover":
		return 16
	default:
		return 15
	}
}

// dropConsequences leaves out what follows from a domain that does not exist:
// it has no records, and no www.
func (r *Report) dropConsequences() {
	at := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Code == codeNoSuchName && f.Subject == r.Domain })
	if at < 0 {
		return
	}
	follows := func(f Finding) bool {
		group, _, _ := strings.Cut(f.Code, ".")
		switch group {
		case "mx", "spf", "dkim", "dmarc", "mtasts", "tlsrpt", "caa":
			return within(f.Subject, r.Domain)
		case "dns", "web", "tls", "hsts", "cloudflare":
			return f.Subject == "www."+r.Domain
		default:
			return false
		}
	}
	if slices.ContainsFunc(r.Findings, follows) {
		r.Findings[at].Detail = joinSentences(r.Findings[at].Detail, "What follows from it, such as missing records for e-mail and a missing www, is not listed.")
	}
	r.Findings = slices.DeleteFunc(r.Findings, follows)
	r.Unknown = slices.DeleteFunc(r.Unknown, follows)
}
