package main

import (
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"
)

// routes are the handlers of a service that has hardly any.
func routes(r chi.Router) {
	r.Get("/listings", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "Listings") })
	r.Post("/login", func(w http.ResponseWriter, _ *http.Request) {
		// Nobody has an account yet. Where a password is right: ratelimit.Succeed(w).
		w.WriteHeader(http.StatusUnprocessableEntity)
	})
}
