package main

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/launchready/readiness/metrics"
)

// routes returns the router; mw stands first in its stack.
//
// The first group has no session: its pages are the same bytes for
// everybody, so they may be cached for all. Everything with a form stands in
// the second, behind session and CSRF token.
func (a *app) routes(mw ...func(http.Handler) http.Handler) chi.Router {
	r := chi.NewRouter()
	r.Use(mw...)
	r.Use(middleware.RequestID, tellRequestID, middleware.GetHead, a.secure)
	r.NotFound(a.handle(func(http.ResponseWriter, *http.Request) error { return errNotFound }))
	r.MethodNotAllowed(a.methodNotAllowed(r))

	r.Group(func(r chi.Router) {
		r.Get("/", a.handle(a.home))
		r.Get("/listings", a.handle(a.listings))
		r.Get("/listings/{id}", a.handle(a.listing))
		r.Get("/static/{file}", a.handle(a.static))
		r.Get("/robots.txt", a.handle(a.robots))
		r.Get("/api/health", a.handle(a.apiHealth))
		r.Post("/webhooks/payment", a.handle(a.paymentWebhook))
	})
	r.Group(func(r chi.Router) {
		r.Use(a.sessions, a.csrf)
		r.Get("/signup", a.handle(a.signupPage))
		r.Post("/signup", a.handle(a.signup))
		r.Get("/login", a.handle(a.loginPage))
		r.Post("/login", a.handle(a.login))
		r.Get("/forgot", a.handle(a.forgotPage))
		r.Post("/forgot", a.handle(a.forgot))
		r.Get("/reset", a.handle(a.resetPage))
		r.Post("/reset", a.handle(a.reset))
		r.Group(func(r chi.Router) {
			r.Use(a.needUser)
			r.Post("/logout", a.handle(a.logout))
			r.Get("/listings/new", a.handle(a.newListing))
			r.Post("/listings", a.handle(a.createListing))
			r.Get("/listings/{id}/edit", a.handle(a.editListing))
			r.Post("/listings/{id}", a.handle(a.updateListing))
			r.Get("/listings/{id}/request", a.handle(a.requestPage))
			r.Post("/listings/{id}/requests", a.handle(a.placeRequest))
			r.Get("/account", a.handle(a.account))
			r.Get("/notifications", a.handle(a.notifications))
		})
		r.Group(func(r chi.Router) {
			r.Use(a.needUser, a.needAdmin)
			r.Get("/admin/review", a.handle(a.reviewQueue))
			r.Post("/admin/requests/{id}", a.handle(a.decide))
			r.Get("/admin/outbox", a.handle(a.outbox))
		})
	})
	return r
}

// tellRequestID lets a captured error carry the id that the log has.
func tellRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		metrics.SetRequestID(w, middleware.GetReqID(r.Context()))
		next.ServeHTTP(w, r)
	})
}

// secure sets the headers that limit what a page may do in a browser.
func (a *app) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		if a.cfg.SecureCookies {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// needUser sends who is not logged in to the login page, and back after it.
func (a *app) needUser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sessionOf(r.Context()).user != nil {
			next.ServeHTTP(w, r)
			return
		}
		target := "/login"
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			target += "?next=" + url.QueryEscape(r.URL.RequestURI())
		}
		http.Redirect(w, r, target, http.StatusSeeOther)
	})
}

func (a *app) needAdmin(next http.Handler) http.Handler {
	return a.handle(func(w http.ResponseWriter, r *http.Request) error {
		if !sessionOf(r.Context()).user.Admin {
			return errForbidden
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// methodNotAllowed answers 405 with the methods that the path has.
func (a *app) methodNotAllowed(routes chi.Routes) http.HandlerFunc {
	return a.handle(func(w http.ResponseWriter, r *http.Request) error {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if routes.Match(chi.NewRouteContext(), method, r.URL.Path) {
				w.Header().Add("Allow", method)
			}
		}
		return statusError{http.StatusMethodNotAllowed, "This address does not take that kind of request."}
	})
}

func (a *app) robots(w http.ResponseWriter, _ *http.Request) error {
	send(w, http.StatusOK, "text/plain; charset=utf-8",
		[]byte("User-agent: *\nDisallow: /account\nDisallow: /admin/\nDisallow: /forgot\nDisallow: /login\nDisallow: /notifications\nDisallow: /reset\nDisallow: /signup\n"))
	return nil
}

func (a *app) apiHealth(w http.ResponseWriter, r *http.Request) error {
	if err := a.ping(r.Context()); err != nil {
		return err
	}
	return sendJSON(w, http.StatusOK, "application/json", map[string]string{"status": "ok", "release": a.cfg.Release})
}
