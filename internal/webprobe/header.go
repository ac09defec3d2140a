package webprobe

import (
	"slices"
	"strconv"
	"strings"
)

// HSTS is what a Strict-Transport-Security header says.
type HSTS struct {
	MaxAge            int64 // seconds
	IncludeSubDomains bool
	Preload           bool
}

// maxAge bounds MaxAge: a hundred years, so that sums of it do not overflow.
const maxAge = 100 * 366 * 24 * 3600

// ParseHSTS reads a header as a browser does (RFC 6797, section 6.1). Where
// it is not valid, browsers ignore all of it, and ok is false.
func ParseHSTS(header string) (h HSTS, ok bool) {
	var seen []string
	hasAge := false
	for part := range strings.SplitSeq(header, ";") {
		name, value, hasValue := strings.Cut(part, "=")
		name, value = strings.ToLower(trimBlank(name)), trimBlank(value)
		if name == "" && !hasValue {
			continue
		}
		if !isToken(name) || slices.Contains(seen, name) || len(seen) >= maxDirectives {
			return HSTS{}, false
		}
		seen = append(seen, name)
		switch name {
		case "max-age":
			if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
				value = value[1 : len(value)-1]
			}
			if h.MaxAge, hasAge = seconds(value); !hasAge {
				return HSTS{}, false
			}
		case "includesubdomains":
			h.IncludeSubDomains = true
		case "preload":
			h.Preload = true
		}
	}
	if !hasAge {
		return HSTS{}, false
	}
	return h, true
}

const maxDirectives = 16

func trimBlank(s string) string { return strings.Trim(s, " \t") }

// seconds reads digits, as many as there are.
func seconds(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return maxAge, true
	}
	return min(n, maxAge), true
}

// isToken reports whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// RobotsTag reports whether X-Robots-Tag headers keep a page out of search
// engines. A directive may be for one crawler only, whose name then stands
// before it, with a colon.
func RobotsTag(headers []string) bool {
	for _, header := range headers {
		agent := ""
		for part := range strings.SplitSeq(header, ",") {
			if name, value, ok := strings.Cut(part, ":"); ok {
				if name = strings.ToLower(strings.TrimSpace(name)); slices.Contains(valued, name) {
					continue
				}
				agent, part = name, value
			}
			if keepsOut(part) && (agent == "" || slices.Contains(searchEngines, agent)) {
				return true
			}
		}
	}
	return false
}

// valued are the robots directives that have a value behind a colon.
var valued = []string{"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"}
