package webpage_test

import (
	"net/http"
	"testing"

	"github.com/launchready/readiness/internal/webpage"
)

// A small page with prose of its own is an error's where it speaks to whoever
// came there, and not where it tells of errors.
func TestErrorPagesWithProse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		title, body string
		want        bool
	}{
		{"Bad Gateway | Market", "<h1>Bad Gateway</h1><p>The server that stands behind this one has sent an answer that could not be read. Please try again in a few minutes, or tell the people who run it.", true},
		{"Market", "<h1>Something went wrong</h1><p>We are working on it, and the people who know how it is built are awake by now. The listings and the messages are safe, nothing has been lost.", true},
		{"Page not found | Market", "<h1>Page not found</h1><p>The page may have been sold, moved to another category or taken down by its seller. The search above finds what is like it, and the start page has what is new.", true},
		{"Access denied | Market", "<h1>Access denied</h1><p>You do not have the permission to open the project. Its owner can add people to it, under the name of the project and then Members, at any time and from anywhere.", true},
		{"Bad Gateway | Market", "<h1>Bad Gateway</h1><p>A status that a proxy answers with where the program behind it sends what cannot be read. It is most often seen while that program restarts, and goes away by itself.", false},
		{"Service unavailable", "<h1>Service unavailable</h1><p>What a balancer answers with while none of the programs behind it is ready. The header Retry-After names the seconds after which a client may ask once more.", false},
		{"Market", "<h1>Unauthorized</h1><p>A film about a woman who is looking for her brother, and an administrator.", false},
		{"Market", "<h1>Access denied</h1><p>You are looking for what only members see.", true},
		{"Down for maintenance", "<h1>Maintenance of Sunday</h1><p>All systems are operational.", false},
		{"Down for maintenance", "<h1>Maintenance of Sunday</h1><p>Back at noon.", true},
	} {
		doc := []byte("<!doctype html><html><head><title>" + tt.title + "</title></head><body>" + tt.body + "</body></html>")
		product, sign := webpage.ErrorPage(http.Header{}, "text/html", doc, webpage.Read(doc))
		if got := product != ""; got != tt.want {
			t.Errorf("%s: %s: told %t %s, want %t", tt.title, tt.body, got, sign, tt.want)
		}
	}
}
