package smoke

import (
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/launchready/readiness/internal/redact"
	"github.com/launchready/readiness/internal/webpage"
)

const (
	// shownBody is how much of a body a failure shows.
	shownBody = 2 << 10
	// shownValue is how much of a field or a header it shows.
	shownValue = 200
)

var (
	shownRequestHeaders = []string{"Accept", "Content-Type", "Origin", "Referer"}
	// No Content-Length: beside a body it would tell how long a hidden value is.
	shownResponseHeaders = []string{"Allow", "Cache-Control", "Content-Type", "Location", "Retry-After", "Server", "X-Request-Id"}
)

// failureText is what is shown below the verdict: further problems, the last
// request and its answer without their secrets, and for a URL a curl line.
// Every value is redacted before it is cut, quoted or parsed, because a secret
// is not recognized any more once it has been taken apart, and the whole once
// more.
func (s *Session) failureText(more []string) string {
	if s.last != nil {
		s.hideFields(s.last.body)
	}
	var b strings.Builder
	for _, problem := range more {
		fmt.Fprintf(&b, "also: %s\n", s.run.redact.Line(problem))
	}
	if s.last == nil {
		return b.String()
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	b.WriteString(s.run.redact.Text(s.last.requestText(&s.run.redact)))
	b.WriteString(s.last.timing.String() + "\n")
	if s.last.resp != nil {
		b.WriteString("\n")
		b.WriteString(s.run.redact.Text(s.last.resp.headText(&s.run.redact)))
		if body := s.bodyText(s.last.resp); body != "" {
			b.WriteString("\n" + body + "\n")
		}
	}
	if s.run.target.live { // no shell reaches a Handler
		b.WriteString("\n" + s.run.redact.Text(s.curl(s.last)) + "\n")
	}
	return b.String()
}

func (e *exchange) requestText(hide *redact.Redactor) string {
	var b strings.Builder
	if len(e.trail) > 0 {
		fmt.Fprintf(&b, "redirected: %s\n", strings.Join(e.trail, " → "))
	}
	fmt.Fprintf(&b, "> %s %s\n", e.request.Method, hide.Address(e.request.URL.String()))
	writeHeaders(&b, hide, "> ", e.request.Header, shownRequestHeaders)
	if len(e.cookies) > 0 {
		fmt.Fprintf(&b, "> Cookie: %s (values not shown)\n", strings.Join(e.cookies, ", "))
	}
	if e.body != nil {
		for _, f := range e.body.list() {
			value := f.value
			switch {
			case webpage.IsTokenName(f.name):
				value = "«CSRF token»"
			case f.opens(hide):
				value = redact.Mask
			}
			fmt.Fprintf(&b, ">   %s = %s\n", f.name, hide.Beginning(value, shownValue))
		}
	}
	return b.String()
}

// opens reports whether the name of a field says that its value opens
// something, where nobody declared that.
func (f field) opens(hide *redact.Redactor) bool {
	name := hide.NameOf(f.value)
	return (name == "" || name == hiddenField) && redact.Hides(f.name, f.value)
}

// hiddenField is the name of a value that a form sends, and whose own name says
// that it opens something.
const hiddenField = "hidden"

// hideFields makes every output hide such values, wherever the service repeats
// them.
func (s *Session) hideFields(p *payload) {
	if p == nil {
		return
	}
	for _, f := range p.list() {
		if !webpage.IsTokenName(f.name) && redact.Hides(f.name, f.value) {
			s.run.redact.AddLong(hiddenField, f.value)
		}
	}
}

func (r *Response) headText(hide *redact.Redactor) string {
	var b strings.Builder
	fmt.Fprintf(&b, "< %s\n", statusText(r.Status))
	writeHeaders(&b, hide, "< ", r.Header, shownResponseHeaders)
	for _, line := range r.Header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil {
			_, attributes, _ := strings.Cut(line, ";")
			fmt.Fprintf(&b, "< Set-Cookie: %s=«hidden»; %s\n", c.Name, hide.Beginning(strings.TrimSpace(attributes), shownValue))
		}
	}
	return b.String()
}

func writeHeaders(b *strings.Builder, hide *redact.Redactor, prefix string, h http.Header, names []string) {
	for _, name := range names {
		value := h.Get(name)
		if value == "" {
			continue
		}
		if name == "Referer" || name == "Location" {
			value = hide.Address(value)
		}
		fmt.Fprintf(b, "%s%s: %s\n", prefix, name, hide.Beginning(value, shownValue))
	}
}

// bodyText is the beginning of a body that is text, and the size of any other.
func (s *Session) bodyText(r *Response) string {
	if len(r.Body) == 0 {
		return ""
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	textual := err != nil || strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "json") || strings.HasSuffix(media, "xml")
	if !textual {
		return fmt.Sprintf("(%d bytes of %s)", len(r.Body), s.run.redact.Line(media))
	}
	doc := webpage.Parse(r.Body) // no step may have looked for its tokens
	s.run.redact.AddLong("CSRF token", doc.Token)
	s.run.redact.AddLong("CSRF token", findToken(doc, nil, nil).value)
	text := string(r.Body)
	if r.Truncated || r.broken {
		text = s.run.redact.WithoutTail(text)
	}
	text = s.run.redact.Body(text, shownBody)
	if r.Truncated {
		text += "\n(the answer is longer than 2 MiB and was cut there)"
	}
	return text
}

// curl returns a command that repeats a request, with placeholders for what
// is secret. A shell takes no value of it for a command.
func (s *Session) curl(e *exchange) string {
	hide := &s.run.redact
	args := []string{"curl", "-i"}
	if e.request.Method != http.MethodGet && e.body == nil {
		args = append(args, "-X", e.request.Method)
	}
	args = append(args, shellQuote(hide.Address(e.request.URL.String())))
	args = append(args, s.run.checker.accessPlaceholders(hide, e.request.URL)...)
	for _, name := range slices.Sorted(maps.Keys(e.request.Header)) {
		switch value := e.request.Header.Get(name); {
		case name == "Referer":
			args = append(args, "-H", shellQuote(name+": "+hide.Address(value)))
		case slices.Contains([]string{"Accept", "Origin"}, name):
			args = append(args, "-H", shellQuote(name+": "+hide.Text(value)))
		case webpage.IsTokenName(name):
			args = append(args, "-H", `"`+name+`: $CSRF_TOKEN"`)
		}
	}
	if len(e.cookies) > 0 {
		args = append(args, "-b", `"$COOKIES"`)
	}
	if e.body == nil {
		return strings.Join(args, " ")
	}
	flag := "--data-urlencode"
	if e.body.multipart {
		flag = "--form-string"
	}
	for _, f := range e.body.list() {
		secret := hide.NameOf(f.value)
		switch {
		case webpage.IsTokenName(f.name):
			secret = "CSRF_TOKEN"
		case f.opens(hide), secret == hiddenField, secret != "" && !valueName.MatchString(secret):
			secret = "SECRET"
		}
		if secret != "" {
			args = append(args, flag, shellQuote(hide.Text(f.name)+"=")+`"$`+secret+`"`)
		} else {
			args = append(args, flag, shellQuote(hide.Text(f.name)+"="+hide.Beginning(f.value, shownValue)))
		}
	}
	return strings.Join(args, " ")
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
