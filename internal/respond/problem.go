package respond

import (
	"cmp"
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Problem is an error told to a client (RFC 9457). It must hold nothing that
// a stranger may not read.
type Problem struct {
	// Status is the response's status; 0 means 500.
	Status int
	// Type is a URI that identifies the kind of problem; empty means
	// "about:blank" (RFC 9457, section 4.2.1).
	Type string
	// Title is the kind of problem in a few words; empty means the status's
	// own text.
	Title string
	// Detail says what happened here and what to do, in plain words.
	Detail string
	// Instance is a URI of this occurrence.
	Instance string
	// Extra are further members of the JSON form. One with the name of a
	// member above is left out.
	Extra map[string]any
}

// Write answers with p: as application/problem+json, or as a small HTML page
// where the request's Accept header prefers one. It sets Content-Type,
// Cache-Control: no-store, X-Content-Type-Options and, on the page, a
// Content-Security-Policy that allows nothing; it takes off what described
// another body. Other fields, such as Retry-After, are the caller's. A HEAD
// request gets the header only.
func Write(w http.ResponseWriter, r *http.Request, p Problem) {
	p.Status = cmp.Or(p.Status, http.StatusInternalServerError)
	p.Title = cmp.Or(p.Title, http.StatusText(p.Status), "Error")
	Clean(w.Header())
	if !PrefersHTML(r) {
		WriteJSON(w, r, p.Status, p.json())
		return
	}
	w.Header()["Content-Security-Policy"] = nothingAllowed
	write(w, r, p.Status, htmlType, p.page())
}

// Clean takes off h what described another body.
func Clean(h http.Header) {
	if len(h) == 0 {
		return
	}
	for _, name := range [...]string{"Content-Length", "Content-Encoding", "Content-Range", "Etag", "Last-Modified"} {
		delete(h, name)
	}
}

// WriteJSON answers with a problem that is JSON already, as [Write] does where
// the client does not prefer a page. It does not call [Clean], and does not
// keep body.
func WriteJSON(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	write(w, r, status, problemType, body)
}

func write(w http.ResponseWriter, r *http.Request, status int, contentType []string, body []byte) {
	h := w.Header()
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = noSniff
	h["Content-Type"] = contentType
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone; there is nobody to tell
	}
}

// What every answer says. Nobody changes the header of an answer that ends
// the request; a Set would replace the slice, and an append copies it.
var (
	noStore        = []string{"no-store"}
	noSniff        = []string{"nosniff"}
	htmlType       = []string{"text/html; charset=utf-8"}
	problemType    = []string{"application/problem+json"}
	nothingAllowed = []string{"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}
)

// json returns the members of p as one object. It is written by hand, because
// a flood of denied requests is answered with it; the values are not.
func (p Problem) json() []byte {
	b := make([]byte, 0, 512)
	b = append(b, '{')
	b = appendMember(b, "type", cmp.Or(p.Type, "about:blank"))
	b = appendMember(b, "title", p.Title)
	b = append(b, `"status":`...)
	b = append(strconv.AppendInt(b, int64(p.Status), 10), ',')
	if p.Detail != "" {
		b = appendMember(b, "detail", p.Detail)
	}
	if p.Instance != "" {
		b = appendMember(b, "instance", p.Instance)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Extra)) {
		switch name {
		case "type", "title", "status", "detail", "instance":
			continue
		}
		value, err := json.Marshal(p.Extra[name])
		if err != nil {
			continue // JSON has no form for it
		}
		b = appendText(b, name)
		b = append(b, ':')
		b = append(append(b, value...), ',')
	}
	b[len(b)-1] = '}'
	return append(b, '\n')
}

func appendMember(b []byte, name, value string) []byte {
	b = append(append(append(b, '"'), name...), `":`...)
	return append(appendText(b, value), ',')
}

// appendText appends s as a JSON string.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			text, _ := json.Marshal(s) // a string always has a form
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// page returns p for a person: no script, no style, no image, so that it
// reads well in any browser, in light and dark, and with a screen reader.
func (p Problem) page() []byte {
	var b strings.Builder
	title := html.EscapeString(p.Title)
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>" + title + "</title>\n</head>\n<body>\n<main>\n<h1>" + title + "</h1>\n")
	if p.Detail != "" {
		b.WriteString("<p>" + html.EscapeString(p.Detail) + "</p>\n")
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return []byte(b.String())
}

// AllowMethods reports whether the request's method is one of methods. Where
// it is not, it has answered 405 with an Allow header.
func AllowMethods(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	if slices.Contains(methods, r.Method) {
		return true
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	Write(w, r, Problem{Status: http.StatusMethodNotAllowed, Detail: "This address answers " + strings.Join(methods, " and ") + " only."})
	return false
}
