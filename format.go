package readiness

import (
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Format says what the value of an [EnvVar] must be. It is a string so that it
// stands in JSON as itself; the empty Format is any text.
type Format string

// The formats.
const (
	// URL is an absolute URL, "scheme://host/path". The host may be left out
	// where the scheme is not one of the web, as in "postgres:///app", and may
	// be a list, as in "mongodb://a:27017,b:27017/app". A scheme without "//",
	// as in "file:app.db", is a URL only where Schemes lists it.
	URL Format = "url"
	// Port is a whole number from 1 to 65535, in digits alone.
	Port Format = "port"
	// Duration is what time.ParseDuration reads, such as "30s" or "1h30m".
	Duration Format = "duration"
	// Bool is what strconv.ParseBool reads: 1, t, true, 0, f or false.
	Bool Format = "bool"
	// Email is one address, with or without a name: "ops@acme.example" or
	// "Acme <ops@acme.example>".
	Email Format = "email"
)

// maxChecked bounds the values that are parsed, in bytes. No honest URL,
// address or number is longer.
const maxChecked = 16 << 10

// known returns the formats in the order in which messages list them.
func known() []Format { return []Format{URL, Port, Duration, Bool, Email} }

// title is the title of a finding about a value that is not of the format.
func (f Format) title() string {
	switch f {
	case URL:
		return "not a usable URL"
	case Port:
		return "not a port"
	case Duration:
		return "not a duration"
	case Bool:
		return "neither true nor false"
	default:
		return "not an e-mail address"
	}
}

// want ends "set NAME to".
func (f Format) want() string {
	switch f {
	case URL:
		return "a URL with its scheme, such as https://…"
	case Port:
		return "a whole number from 1 to 65535, such as 8080"
	case Duration:
		return "a number with its unit, such as 30s or 1h30m"
	case Bool:
		return "true or false"
	default:
		return "one e-mail address, name@domain"
	}
}

// ref is the standard that defines the format, where one does.
func (f Format) ref() string {
	switch f {
	case URL:
		return "RFC 3986"
	case Email:
		return "RFC 5322 section 3.4"
	default:
		return ""
	}
}

// wrong returns why value is not of the format, or "". The text is one of a
// few constants: it never holds a part of the value, as errors of net/url and
// net/mail do.
func (f Format) wrong(value string, schemes []string) string {
	if len(value) > maxChecked {
		return "It is longer than 16 KiB."
	}
	switch f {
	case URL:
		return wrongURL(value, schemes)
	case Port:
		return wrongPort(value)
	case Duration:
		if _, err := time.ParseDuration(value); err != nil {
			if _, err := strconv.ParseFloat(value, 64); err == nil {
				return "The unit is missing: is it milliseconds (ms), seconds (s) or minutes (m)?"
			}
			return "It is no number with a unit such as ms, s, m or h."
		}
	case Bool:
		if _, err := strconv.ParseBool(value); err != nil {
			return "Words such as yes, no, on and off are not read as a truth value."
		}
	case Email:
		if a, err := mail.ParseAddress(value); err != nil || strings.ContainsAny(a.Address, "\r\n") {
			return "It does not read as one address."
		}
	}
	return ""
}

func wrongPort(value string) string {
	if strings.HasPrefix(value, ":") {
		return "The port goes without the colon."
	}
	for _, c := range []byte(value) {
		if c < '0' || c > '9' {
			return "It holds more than digits."
		}
	}
	if n, err := strconv.Atoi(value); err != nil || n < 1 || n > 65535 {
		return "It is outside 1 to 65535."
	}
	return ""
}

func wrongURL(value string, schemes []string) string {
	if strings.ContainsFunc(value, invisible) {
		return "There is white space or a line break inside."
	}
	name := scheme(value)
	authority, hasAuthority := authority(value)
	if name == "" || !hasAuthority && !slices.ContainsFunc(schemes, func(s string) bool { return strings.EqualFold(s, name) }) {
		return "The scheme is missing: a URL begins with one, such as https://."
	}
	if !hasAuthority {
		if _, err := url.Parse(value); err != nil {
			return "A character in it does not belong into a URL."
		}
		return ""
	}
	hosts := strings.Split(authority.hosts, ",")
	if len(hosts) > 100 {
		return "It lists more than 100 hosts."
	}
	for _, host := range hosts {
		one := value[:authority.hostsAt] + host + value[authority.hostsAt+len(authority.hosts):]
		u, err := url.Parse(one)
		if err != nil {
			return "A character in it does not belong into a URL, or the port is no number. Special characters in a password must be percent-encoded: # as %23, / as %2F, @ as %40."
		}
		if p := u.Port(); p != "" && wrongPort(p) != "" {
			return "The port of its host is outside 1 to 65535."
		}
		switch u.Hostname() {
		case "":
			if len(hosts) > 1 || isWeb(name) || u.Path == "" && u.RawQuery == "" {
				return "The host is missing."
			}
		case "http", "https":
			return "The scheme stands in it twice."
		}
	}
	return ""
}

// isWeb reports the schemes whose URLs have a host without exception.
func isWeb(scheme string) bool {
	switch strings.ToLower(scheme) {
	case "http", "https", "ws", "wss":
		return true
	default:
		return false
	}
}

// scheme returns what stands before the first colon if it is a scheme.
func scheme(value string) string {
	name, _, ok := strings.Cut(value, ":")
	if !ok || !validScheme(name) {
		return ""
	}
	return name
}

// validScheme reports whether s is a scheme by RFC 3986 section 3.1.
func validScheme(s string) bool {
	for i, c := range []byte(s) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// urlAuthority is the part of a URL between "//" and the path, taken apart
// without regard to whether its characters are legal: placeholders often hold
// some that are not, as in "//app:[YOUR-PASSWORD]@<host>".
type urlAuthority struct {
	user, password string
	hosts          string // one host, or several with commas between, with their ports
	hostsAt        int    // where hosts begins in the value
	end            int    // where the path begins in the value
}

// authority returns that part of value, false where there is none.
func authority(value string) (urlAuthority, bool) {
	i := strings.Index(value, "://")
	if i < 0 {
		return urlAuthority{}, false
	}
	a := urlAuthority{hostsAt: i + len("://"), end: len(value)}
	if n := strings.IndexAny(value[a.hostsAt:], "/?#"); n >= 0 {
		a.end = a.hostsAt + n
	}
	whole := value[a.hostsAt:a.end]
	if at := strings.LastIndexByte(whole, '@'); at >= 0 {
		a.user, a.password, _ = strings.Cut(whole[:at], ":")
		a.hostsAt += at + 1
	}
	a.hosts = value[a.hostsAt:a.end]
	return a, true
}
