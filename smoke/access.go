package smoke

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/redact"
)

// BasicAuth opens a closed staging: the user and password that a browser
// would be asked for.
type BasicAuth struct {
	_ [0]func()

	// User is the name, without a colon.
	User string
	// Secret is the environment variable that holds the password.
	Secret string
}

// ownHeaders are those that the check itself or net/http sets.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Connection", "Content-Length", "Content-Type", "Cookie", "Host", "Origin", "Referer",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// checkAccess reports what cannot be sent, and returns the names of the
// environment variables that are needed.
func checkAccess(problems *cfgerr.List, c *Checker, cfg Config) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Header)) {
		path := `Header["` + name + `"]`
		checkHeaderName(problems, path, name, cfg)
		if strings.ContainsAny(cfg.Header[name], "\r\n\x00") {
			problems.Addf(path, "must be one line")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.SecretHeader)) {
		path := `SecretHeader["` + name + `"]`
		checkHeaderName(problems, path, name, cfg)
		if _, twice := cfg.Header[name]; twice {
			problems.Addf(path, "stands in Header too: keep one")
		}
		value, err := c.secret(cfg.SecretHeader[name])
		if err != nil {
			problems.Addf(path, "%w", err)
		} else if strings.ContainsAny(value, "\r\n\x00") {
			problems.Addf(path, "the value must be one line")
		}
	}
	if a := cfg.BasicAuth; a != nil {
		if a.User == "" || strings.Contains(a.User, ":") {
			problems.Addf("BasicAuth.User", "must be a name without a colon")
		}
		if _, err := c.secret(a.Secret); err != nil {
			problems.Addf("BasicAuth.Secret", "%w", err)
		}
	}
	if (cfg.BasicAuth != nil || len(cfg.SecretHeader) > 0) && c.base != nil && !secretsMayGo(c.base) {
		problems.Addf("URL", "must be https for BasicAuth or SecretHeader: over plain http anybody on the way could read them")
	}
}

func checkHeaderName(problems *cfgerr.List, path, name string, cfg Config) {
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	letters := strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_")
	switch {
	case name == "" || letters != "":
		problems.Addf(path, "is no name of a header: use letters, digits and hyphens")
	case slices.Contains(ownHeaders, canonical):
		problems.Addf(path, "is set by the check itself")
	case canonical == "Authorization" && cfg.BasicAuth != nil:
		problems.Addf(path, "is what BasicAuth sets: keep one")
	}
}

// secretsMayGo reports whether an address is safe from being listened to.
func secretsMayGo(u *url.URL) bool { return u.Scheme == "https" || loopback(u.Hostname()) }

// present adds to a request what opens the way to the service. Nothing secret
// goes over plain http, not even on the way to https.
func (s *Session) present(header http.Header, u *url.URL) {
	c := s.run.checker
	for name, value := range c.header {
		header.Set(name, value)
	}
	if !secretsMayGo(u) {
		return
	}
	own := header.Get("Authorization") != "" // of the request itself
	for name, variable := range c.secretHeader {
		if value, err := c.secret(variable); err == nil && !(own && textproto.CanonicalMIMEHeaderKey(name) == "Authorization") { // New has seen it
			header.Set(name, value)
		}
	}
	if c.basicAuth != nil && !own {
		if password, err := c.secret(c.basicAuth.Secret); err == nil {
			header.Set("Authorization", "Basic "+basic(c.basicAuth.User, password))
		}
	}
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

// hideAccess makes every output hide what opens the way.
func (r *run) hideAccess() {
	c := r.checker
	variables := slices.Collect(maps.Values(c.secretHeader))
	if c.performance.Live.Path != "" {
		variables = append(variables, c.performance.Live.Secret)
	}
	for _, variable := range variables {
		if value, err := c.secret(variable); err == nil {
			r.redact.Add(variable, value)
		}
	}
	if c.basicAuth == nil {
		return
	}
	if password, err := c.secret(c.basicAuth.Secret); err == nil {
		r.redact.Add(c.basicAuth.Secret, password)
		r.redact.Add(c.basicAuth.Secret, basic(c.basicAuth.User, password))
	}
}

// accessPlaceholders are the arguments of curl that open the way.
func (c *Checker) accessPlaceholders(hide *redact.Redactor, u *url.URL) []string {
	var args []string
	for _, name := range slices.Sorted(maps.Keys(c.header)) {
		args = append(args, "-H", shellQuote(name+": "+hide.Text(c.header[name])))
	}
	if !secretsMayGo(u) {
		return args
	}
	for _, name := range slices.Sorted(maps.Keys(c.secretHeader)) {
		args = append(args, "-H", shellQuote(name+": ")+placeholder(c.secretHeader[name]))
	}
	if c.basicAuth != nil {
		args = append(args, "-u", shellQuote(c.basicAuth.User+":")+placeholder(c.basicAuth.Secret))
	}
	return args
}

// placeholder is the shell's way to name a variable.
func placeholder(variable string) string {
	if !valueName.MatchString(variable) {
		variable = "SECRET"
	}
	return `"$` + variable + `"`
}
