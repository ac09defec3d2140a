package respond

import (
	"cmp"
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/http"
	"slices"
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
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Range", "Etag", "Last-Modified"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	body := ""
	if PrefersHTML(r) {
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		body = p.page()
	} else {
		h.Set("Content-Type", "application/problem+json")
		body = p.json()
	}
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, body) // the client may be gone; there is nobody to tell
	}
}

// json returns the members of p as one object.
func (p Problem) json() string {
	members := make(map[string]any, len(p.Extra)+5)
	maps.Copy(members, p.Extra)
	members["type"] = cmp.Or(p.Type, "about:blank")
	members["title"] = p.Title
	members["status"] = p.Status
	delete(members, "detail")
	delete(members, "instance")
	if p.Detail != "" {
		members["detail"] = p.Detail
	}
	if p.Instance != "" {
		members["instance"] = p.Instance
	}
	b, err := json.Marshal(members)
	if err != nil { // a value in Extra that JSON has no form for
		p.Extra = nil
		return p.json()
	}
	return string(b) + "\n"
}

// page returns p for a person: no script, no style, no image, so that it
// reads well in any browser, in light and dark, and with a screen reader.
func (p Problem) page() string {
	var b strings.Builder
	title := html.EscapeString(p.Title)
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>" + title + "</title>\n</head>\n<body>\n<main>\n<h1>" + title + "</h1>\n")
	if p.Detail != "" {
		b.WriteString("<p>" + html.EscapeString(p.Detail) + "</p>\n")
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return b.String()
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
