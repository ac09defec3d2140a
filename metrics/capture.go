package metrics

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/readiness/internal/shape"
	"go.uber.org/zap"
)

const (
	maxRequestID = 64
	userHashSize = 8 // bytes: enough to find again, too few to be of other use
)

// captured is what is known of a request that failed: what the program is
// made of, and what the client sent reduced to names, types and lengths.
type captured struct {
	route, method string
	status        int
	panicType     string
	stack         []string
	requestID     string
	user          string
	headers       []string
	queryKeys     []string
	body          shape.Body
}

// capture records a request that failed. It runs while a panic unwinds.
func (l *errorLog) capture(a *answered, body *bodyTee) {
	c := captured{route: a.route.name, method: methods[a.method], status: a.status}
	if a.class == classPanic {
		c.status, c.panicType, c.stack = http.StatusInternalServerError, fmt.Sprintf("%T", a.panicked), panicStack()
	}
	g, log, skipped := l.note(c.key(), time.Now(), &c)
	if g == nil {
		return
	}
	l.describe(&c, a, body)
	l.keep(g, &c)
	if log {
		l.write(g.id, &c, skipped)
	}
}

// describe adds what the request was like. It is the dear part, which a flood
// of errors is spared.
func (l *errorLog) describe(c *captured, a *answered, body *bodyTee) {
	if id := cmp.Or(a.rec.RequestID(), a.rec.Header().Get("X-Request-Id")); wellFormed(id, maxRequestID, "-_./:+=") {
		c.requestID = id
	}
	if id := a.rec.User(); id != "" {
		c.user = l.userHash(id)
	}
	c.headers = present(l.headers, a.r.Header)
	c.queryKeys = shape.QueryKeys(a.r.URL.RawQuery)
	c.body = body.shape(a.r.Header.Get("Content-Type"))
}

// userHash stands for a user whom nobody can find without the secret.
func (l *errorLog) userHash(id string) string {
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte("metrics user\x00" + id)) // for this purpose only: the secret may have others
	return hex.EncodeToString(mac.Sum(nil)[:userHashSize])
}

// key is what a group of failures has in common: where a panic began, or what
// a route answered.
func (c *captured) key() string {
	sum := sha256.New()
	if c.panicType == "" {
		sum.Write([]byte(c.route + "\x00" + strconv.Itoa(c.status)))
	} else {
		sum.Write([]byte(c.panicType + "\x00" + strings.Join(c.stack, "\x00")))
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// write logs one failure. Every field is the program's own, or reduced.
func (l *errorLog) write(group string, c *captured, skipped uint64) {
	fields := []zap.Field{
		zap.String("group", group), zap.String("route", c.route), zap.String("method", c.method), zap.Int("status", c.status),
		zap.String("request_id", c.requestID), zap.String("release", l.build.release), zap.String("revision", l.build.revision),
		zap.Strings("headers", c.headers), zap.Strings("query_keys", c.queryKeys), zap.String("body", c.body.String()),
		zap.String("user", c.user), zap.String("curl", c.curl()), zap.Uint64("not_logged_before", skipped),
	}
	if c.panicType == "" {
		l.log.Error("server error captured", fields...)
		return
	}
	l.log.Error("panic captured", append(fields, zap.String("panic_type", c.panicType), zap.Strings("stack", c.stack))...)
}

// newErrors returns nil where nothing is to be captured.
func newErrors(cfg Config, b build) *errorLog {
	if cfg.Errors.Off {
		return nil
	}
	l := &errorLog{log: cfg.Logger, build: b, secret: slices.Clone(cfg.Secret), groups: map[string]*group{}}
	if len(l.secret) == 0 {
		l.secret = make([]byte, minSecret)
		_, _ = rand.Read(l.secret) // it never fails
	}
	for _, name := range slices.Concat(DefaultHeaders(), cfg.Errors.Headers) {
		l.headers = append(l.headers, http.CanonicalHeaderKey(name))
	}
	slices.Sort(l.headers)
	l.headers = slices.Compact(l.headers)
	return l
}
