package metrics

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/launchready/readiness/internal/respond"
)

// SnapshotHandler serves [Metrics.Snapshot] as JSON to whoever shows one of
// Config.SnapshotTokens as "Authorization: Bearer TOKEN" (RFC 6750), so that
// a check after a deploy can read the p95 of pages that it must not ask for
// forty times, such as a login. Everybody else gets 401, and so does everybody
// where no token is configured. A token in the address is not looked at: it
// would stand in every log on the way. GET and HEAD, 405 otherwise.
//
// Behind a load balancer it is one replica's: ask each and [Merge] them.
func (m *Metrics) SnapshotHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !m.holdsToken(r) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="metrics"`)
			respond.Write(w, r, respond.Problem{Status: http.StatusUnauthorized, Detail: "This address asks for a token."})
			return
		}
		if !respond.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
			return
		}
		body, err := json.Marshal(m.Snapshot())
		if err != nil {
			respond.Write(w, r, respond.Problem{})
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body) // the client may be gone; there is nobody to tell
		}
	})
}

// hashTokens returns hashes of one length, so that comparing them takes the
// same time for a token of any length.
func hashTokens(tokens []string) [][sha256.Size]byte {
	hashed := make([][sha256.Size]byte, len(tokens))
	for i, token := range tokens {
		hashed[i] = sha256.Sum256([]byte(token))
	}
	return hashed
}

// holdsToken reports whether the request shows a token. It compares with all
// of them, and in a time that does not depend on what was sent.
func (m *Metrics) holdsToken(r *http.Request) bool {
	sent := r.Header["Authorization"]
	if len(sent) != 1 {
		return false
	}
	scheme, token, _ := strings.Cut(sent[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	got, found := sha256.Sum256([]byte(strings.TrimLeft(token, " "))), 0
	for i := range m.tokens {
		found |= subtle.ConstantTimeCompare(got[:], m.tokens[i][:])
	}
	return found == 1
}
