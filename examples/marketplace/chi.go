package main

import (
	"iter"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-chi/chi/v5"
)

// chiRoute names the route of a request for metrics.Name.
func chiRoute(r *http.Request) string {
	return chi.RouteContext(r.Context()).RoutePattern()
}

// chiExpression is the part of {id:[0-9]+} that net/http has no word for.
var chiExpression = regexp.MustCompile(`\{([A-Za-z_]\w*):(?:[^{}]|\{[^{}]*\})*\}`)

// chiRoutes lists the routes of a chi router as patterns of net/http, for
// Undecided and Unused.
func chiRoutes(routes chi.Routes) iter.Seq[string] {
	return func(yield func(string) bool) {
		more := true
		_ = chi.Walk(routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
			more = more && yield(method+" "+chiPattern(route))
			return nil
		})
	}
}

// chiPattern translates a route of chi, as chi.Walk gives it.
func chiPattern(route string) string {
	route = strings.ReplaceAll(route, "/*/", "/") // a mounted router
	route = chiExpression.ReplaceAllString(route, "{$1}")
	if path, all := strings.CutSuffix(route, "/*"); all {
		return path + "/{rest...}"
	}
	if strings.HasSuffix(route, "/") {
		return route + "{$}" // a last slash of chi's is no subtree
	}
	return route
}
