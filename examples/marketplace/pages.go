package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"go.uber.org/zap"
)

//go:embed templates/*.html static/*
var files embed.FS

// pages are the compiled templates and the static files.
type pages struct {
	templates map[string]*template.Template
	assets    map[string][]byte // by the name with the fingerprint
}

// page is what a template sees.
type page struct {
	Title string
	User  *user  // nil on public pages and before login
	CSRF  string // "" on public pages
	Form  *form
	Data  any
}

func newPages() (*pages, error) {
	p := &pages{templates: map[string]*template.Template{}, assets: map[string][]byte{}}
	urls := map[string]string{}
	static, err := fs.Glob(files, "static/*")
	if err != nil {
		return nil, err
	}
	for _, name := range static {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		// The name changes with the content, so browsers may keep it for ever.
		sum := sha256.Sum256(text)
		ext := path.Ext(name)
		full := strings.TrimSuffix(path.Base(name), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		p.assets[full], urls[path.Base(name)] = text, "/static/"+full
	}
	layout, err := template.New("layout.html").Funcs(template.FuncMap{
		"asset":      func(name string) string { return urls[name] },
		"money":      func(cents int64) string { return fmt.Sprintf("€%d.%02d", cents/100, cents%100) },
		"date":       func(t time.Time) string { return t.UTC().Format("2 January 2006") },
		"field":      newField,
		"categories": func() []string { return categories },
		"kinds":      func() []string { return kinds },
	}).ParseFS(files, "templates/layout.html")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		t, err := layout.Clone()
		if err == nil {
			t, err = t.ParseFS(files, name)
		}
		if err != nil {
			return nil, err
		}
		p.templates[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	return p, nil
}

// render writes a page once the whole of it was made: an error in a template
// becomes a clean 500, never half a page.
func (a *app) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) error {
	if s := sessionOf(r.Context()); s != nil {
		token, err := a.csrfToken(s.id)
		if err != nil {
			return err
		}
		p.User, p.CSRF = s.user, token
	}
	var buf bytes.Buffer
	if err := a.pages.templates[name].ExecuteTemplate(&buf, "layout", p); err != nil {
		return err
	}
	send(w, status, "text/html; charset=utf-8", buf.Bytes())
	return nil
}

// send writes a whole answer. A client that went away is no error of ours.
func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func sendJSON(w http.ResponseWriter, status int, contentType string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	send(w, status, contentType, append(body, '\n'))
	return nil
}

func (a *app) static(w http.ResponseWriter, r *http.Request) error {
	name := chi.URLParam(r, "file")
	text, ok := a.pages.assets[name]
	if !ok {
		return errNotFound
	}
	send(w, http.StatusOK, mime.TypeByExtension(path.Ext(name)), text)
	return nil
}

// statusError is an error that people see: its text is a sentence for them.
type statusError struct {
	status int
	text   string
}

func (e statusError) Error() string { return e.text }

var (
	errNotFound  = statusError{http.StatusNotFound, "There is no such page. It may have moved, or the address has a typing error."}
	errForbidden = statusError{http.StatusForbidden, "Your account may not do this."}
)

// handle adapts a handler that returns its error. Only the text of a
// statusError reaches people; every other error is logged and answered with
// a plain 500.
func (a *app) handle(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		shown, ok := errors.AsType[statusError](err)
		switch {
		case ok:
		case r.Context().Err() != nil:
			// Nobody reads this any more, but a cache around the router may:
			// without a status it would be an empty 200.
			shown = statusError{http.StatusServiceUnavailable, "The request ended before its answer was ready."}
		default:
			a.log.Error("request failed", zap.String("request_id", middleware.GetReqID(r.Context())), zap.Error(err))
			shown = statusError{http.StatusInternalServerError, "Something went wrong here. It was recorded; please try again in a minute."}
		}
		title := http.StatusText(shown.status)
		if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/webhooks/") {
			err = sendJSON(w, shown.status, "application/problem+json", map[string]any{"status": shown.status, "title": title, "detail": shown.text})
		} else {
			err = a.render(w, r, shown.status, "error", page{Title: title, Data: shown.text})
		}
		if err != nil {
			a.log.Error("error page failed", zap.Error(err))
			http.Error(w, title, shown.status)
		}
	}
}
