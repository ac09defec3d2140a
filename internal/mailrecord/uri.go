package mailrecord

import (
	"net/url"
	"strings"
)

// ReportURI is where reports go. The local part of an address is not kept, so
// that no report of ours can show it.
type ReportURI struct {
	// Scheme is "mailto" or "https".
	Scheme string
	// Domain is the address's or the host, in lower case.
	Domain string
	// Size says that an obsolete size limit follows ("!10m").
	Size bool
}

// mostURIs bounds the addresses that are kept of a record.
const mostURIs = 32

// reportURIs reads a comma-separated list. wrong has a sentence for each that
// cannot be used; sizes says whether "!10m" may stand at the end.
func reportURIs(list string, sizes bool, schemes ...string) (uris []ReportURI, wrong []string) {
	for i, word := range strings.Split(list, ",") {
		if i == mostURIs {
			wrong = append(wrong, "the list is longer than anybody reads")
			break
		}
		u, err := reportURI(trim(word), sizes, schemes)
		if err != "" {
			wrong = append(wrong, err)
			continue
		}
		uris = append(uris, u)
	}
	return uris, wrong
}

func reportURI(s string, sizes bool, schemes []string) (u ReportURI, wrong string) {
	if s == "" {
		return u, "an address is empty"
	}
	if i := strings.LastIndexByte(s, '!'); sizes && i >= 0 && reportSize(s[i+1:]) {
		s, u.Size = s[:i], true
	}
	if !strings.Contains(s, ":") && strings.Contains(s, "@") {
		return u, "an address without mailto: before it"
	}
	if strings.ContainsAny(s, "! \t\r\n\"<>\\") {
		return u, "an address with a character that must be encoded"
	}
	parsed, err := url.Parse(s)
	if err != nil {
		return u, "an address that is no URI"
	}
	u.Scheme = parsed.Scheme // in lower case
	known := false
	for _, scheme := range schemes {
		known = known || scheme == u.Scheme
	}
	switch {
	case !known:
		return u, "an address with a scheme other than " + strings.Join(schemes, " and ") + ": receivers skip it"
	case u.Scheme == "mailto":
		local, domain, ok := strings.Cut(parsed.Opaque, "@")
		if !ok || local == "" || strings.Contains(domain, "@") {
			return u, "an address that is not mailto:NAME@DOMAIN"
		}
		u.Domain = normal(domain)
	default:
		u.Domain = normal(parsed.Hostname())
	}
	if nameFault(u.Domain) != "" || !strings.Contains(u.Domain, ".") {
		return u, "an address whose domain cannot exist: " + quote(u.Domain)
	}
	return u, ""
}

// reportSize reads the "10m" of an obsolete size limit.
func reportSize(s string) bool {
	if s == "" {
		return false
	}
	if strings.IndexByte("kmgt", s[len(s)-1]|0x20) >= 0 {
		s = s[:len(s)-1]
	}
	return digits(s)
}
