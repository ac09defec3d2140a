package respond

import (
	"net/http"
	"strconv"
	"strings"
)

// maxRanges bounds how many media ranges of an Accept header are read.
const maxRanges = 32

// PrefersHTML reports whether the request's Accept header gives text/html a
// higher quality than JSON (RFC 9110, section 12.5.1). A request that says
// nothing, or that takes both alike, as programs do, gets JSON.
func PrefersHTML(r *http.Request) bool {
	var page, data preference
	read := 0
	for _, line := range r.Header["Accept"] {
		for part := range strings.SplitSeq(line, ",") {
			if read++; read > maxRanges {
				break
			}
			mediaRange, params, _ := strings.Cut(part, ";")
			mediaRange = strings.ToLower(strings.TrimSpace(mediaRange))
			q := quality(params)
			switch mediaRange {
			case "text/html", "application/xhtml+xml":
				page.offer(3, q)
			case "text/*":
				page.offer(2, q)
			case "application/problem+json", "application/json":
				data.offer(3, q)
			case "application/*":
				data.offer(2, q)
			case "*/*":
				page.offer(1, q)
				data.offer(1, q)
			}
		}
	}
	return page.q > data.q
}

// preference is the quality of a type, by the most specific range seen.
type preference struct {
	specificity int
	q           float64
}

func (p *preference) offer(specificity int, q float64) {
	if specificity > p.specificity || specificity == p.specificity && q > p.q {
		p.specificity, p.q = specificity, q
	}
}

// quality returns the q parameter: 1 where there is none, 0 where it cannot
// be read.
func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(param), "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return 0
		}
		return q
	}
	return 1
}
