package metrics

import (
	"net/http"

	"github.com/launchready/readiness/internal/respond"
)

// patternRoute returns a pattern without the method that a ServeMux pattern
// may begin with. A blank behind the first slash is no method's end.
func patternRoute(pattern string) string {
	for i := range len(pattern) {
		switch pattern[i] {
		case '/':
			return pattern
		case ' ', '\t':
			for i < len(pattern) && (pattern[i] == ' ' || pattern[i] == '\t') {
				i++
			}
			return pattern[i:]
		}
	}
	return pattern
}

// Name returns middleware for the router's own chain (chi's Use) that tells
// the Metrics outside what the router matched: route gets the request after
// the router is done with it, and returns the pattern, or "" where nothing
// matched. A method in front of a pattern is cut off. Where route is nil, the
// ServeMux pattern of the request is taken, which is how a middleware that
// copies the request (WithContext) between the Metrics and a ServeMux loses
// no names: put Name inside of it.
//
// It does nothing where no Metrics is around it. It can be used for any
// number of routers.
func Name(route func(*http.Request) string) func(http.Handler) http.Handler {
	if route == nil {
		route = func(r *http.Request) string { return r.Pattern }
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// Deferred: a page that panics has a route, too.
			defer func() {
				rec := respond.Find(w)
				if rec == nil {
					return
				}
				if name := patternRoute(route(r)); name != "" {
					rec.SetRoute(name)
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
}

// SetUser notes who a request is from, in the application's own terms: call
// it where the session is known. A captured error then holds a keyed hash of
// it (Config.Secret), by which errors of one user can be found without saying
// who it is. It does nothing where no Metrics is around the handler.
func SetUser(w http.ResponseWriter, id string) {
	if rec := respond.Find(w); rec != nil {
		rec.SetUser(id)
	}
}

// SetRequestID notes the id under which the application logs a request, for a
// captured error. Where nobody calls it, the answer's own X-Request-Id is
// taken. An id of more than 64 characters, or of other characters than
// letters, digits and -_./:+=, is left out. What is left is shown as it is:
// make the id, or take it from a proxy of yours, but not from a client, who
// may put anything there. It does nothing where no Metrics
// is around the handler.
func SetRequestID(w http.ResponseWriter, id string) {
	if rec := respond.Find(w); rec != nil {
		rec.SetRequestID(id)
	}
}
