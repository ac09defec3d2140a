package webprobe

import (
	"bytes"
	"strings"
)

// RobotsForbids reports whether a robots.txt keeps a crawler away from a
// whole site: from its first page and from a page that nobody has heard of.
// The group that names the crawler counts, or else the one for "*" (RFC 9309,
// section 2.2). Allow and Disallow compete by length.
func RobotsForbids(robots []byte, crawler string) bool {
	named, all := groups(robots, strings.ToLower(crawler))
	rules := named
	if rules == nil {
		rules = all
	}
	if rules == nil {
		return false
	}
	return !rules.allow("/") && !rules.allow("/nobody-has-heard-of-this-page")
}

// robotRules are the rules of a group; nil is no group, not an empty one.
type robotRules []robotRule

type robotRule struct {
	path  string
	allow bool
}

// groups collects the rules for a crawler and those for all, over all the
// groups that name them.
func groups(robots []byte, crawler string) (named, all robotRules) {
	robots = bytes.TrimPrefix(robots, []byte("\uFEFF"))
	var isNamed, isAny, inRules bool
	for line := range bytes.FieldsFuncSeq(robots, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line, _, _ = bytes.Cut(line, []byte("#"))
		field, value, ok := strings.Cut(string(line), ":")
		if !ok {
			continue
		}
		field, value = strings.ToLower(strings.TrimSpace(field)), strings.TrimSpace(value)
		switch field {
		case "user-agent":
			if inRules {
				isNamed, isAny, inRules = false, false, false
			}
			if value == "*" {
				isAny, all = true, all.atLeastEmpty()
			} else if agent := product(value); agent == crawler {
				isNamed, named = true, named.atLeastEmpty()
			}
		case "allow", "disallow":
			inRules = true
			if value == "" { // allows all, as does no rule
				continue
			}
			rule := robotRule{value, field == "allow"}
			if isNamed {
				named = append(named, rule)
			}
			if isAny {
				all = append(all, rule)
			}
		}
	}
	return named, all
}

func (r robotRules) atLeastEmpty() robotRules {
	if r == nil {
		return robotRules{}
	}
	return r
}

// product returns the name of a crawler without its version.
func product(agent string) string {
	end := strings.IndexFunc(agent, func(r rune) bool { return r != '-' && r != '_' && (r|0x20 < 'a' || r|0x20 > 'z') })
	if end < 0 {
		end = len(agent)
	}
	return strings.ToLower(agent[:end])
}

// allow reports what the longest rule that matches says; Allow wins a tie.
func (r robotRules) allow(path string) bool {
	longest, allowed := -1, true
	for _, rule := range r {
		if n := len(rule.path); robotsMatch(rule.path, path) && (n > longest || n == longest && rule.allow) {
			longest, allowed = n, rule.allow
		}
	}
	return allowed
}

// robotsMatch matches a pattern from the start of a path: "*" is any text,
// "$" at the end the end. It takes linear time for each "*".
func robotsMatch(pattern, path string) bool {
	pattern, atEnd := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(path, parts[0]) {
		return false
	}
	path = path[len(parts[0]):]
	for i, part := range parts[1:] {
		if atEnd && i == len(parts)-2 {
			return strings.HasSuffix(path, part)
		}
		at := strings.Index(path, part)
		if at < 0 {
			return false
		}
		path = path[at+len(part):]
	}
	return !atEnd || path == ""
}
