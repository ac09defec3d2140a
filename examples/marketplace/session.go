package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/launchready/readiness/metrics"
)

const (
	sessionLife   = 14 * 24 * time.Hour
	sessionsEach  = 20 // of one user; a new login ends the oldest
	maxForm       = 64 << 10
	csrfField     = "csrf_token"
	plainCookie   = "session"
	secureCookie  = "__Host-session" // browsers take it over HTTPS only, from this host only
	randomIDChars = 43               // 32 bytes
)

// session is what a browser's cookie stands for. Before login it is only a
// random id that binds the CSRF token; nothing is stored for it, so visitors
// cannot fill the database.
type session struct {
	id   string
	user *user // nil before login
}

type sessionKey struct{}

// sessionOf returns the session of a request, nil on public pages.
func sessionOf(ctx context.Context) *session {
	s, _ := ctx.Value(sessionKey{}).(*session)
	return s
}

// randomID returns 256 random bits as text.
func randomID() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func (a *app) cookieName() string {
	if a.cfg.SecureCookies {
		return secureCookie
	}
	return plainCookie
}

// setCookie sends the session cookie. Life 0 means until the browser closes,
// less means that the browser forgets it.
func (a *app) setCookie(w http.ResponseWriter, id string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: a.cookieName(), Value: id, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: a.cfg.SecureCookies, SameSite: http.SameSiteLaxMode,
	})
}

// sessions finds who asks, and keeps the answer out of every cache.
func (a *app) sessions(next http.Handler) http.Handler {
	return a.handle(func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		s := &session{}
		if c, err := r.Cookie(a.cookieName()); err == nil && len(c.Value) == randomIDChars {
			s.id = c.Value
			if s.user, err = a.userOfSession(r.Context(), s.id); err != nil {
				return err
			}
		} else {
			if s.id, err = randomID(); err != nil {
				return err
			}
			a.setCookie(w, s.id, 0)
		}
		if s.user != nil {
			metrics.SetUser(w, strconv.FormatInt(s.user.ID, 10))
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), sessionKey{}, s)))
		return nil
	})
}

// userOfSession returns who logged in with this cookie, nil where nobody did.
func (a *app) userOfSession(ctx context.Context, id string) (*user, error) {
	hash := sha256.Sum256([]byte(id))
	u := &user{}
	err := a.db.read.QueryRowContext(ctx, `SELECT u.id, u.name, u.team, u.admin FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.hash = ? AND s.expires > ?`, hash[:], time.Now().Unix()).Scan(&u.ID, &u.Name, &u.Team, &u.Admin)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return u, err
}

// startSession logs a user in under a new id: one that was planted in the
// browser before login is worth nothing. Only the hash is stored, so that a
// stolen copy of the database opens no session.
func (a *app) startSession(ctx context.Context, w http.ResponseWriter, userID int64) error {
	id, err := randomID()
	if err != nil {
		return err
	}
	hash, now := sha256.Sum256([]byte(id)), time.Now()
	err = a.db.tx(ctx, func(tx *sql.Tx) error {
		_, errOld := tx.ExecContext(ctx, "DELETE FROM sessions WHERE expires <= ?", now.Unix())
		_, errMany := tx.ExecContext(ctx, `DELETE FROM sessions WHERE hash IN
			(SELECT hash FROM sessions WHERE user_id = ? ORDER BY expires DESC LIMIT -1 OFFSET ?)`, userID, sessionsEach-1)
		_, err := tx.ExecContext(ctx, "INSERT INTO sessions (hash, user_id, expires) VALUES (?, ?, ?)", hash[:], userID, now.Add(sessionLife).Unix())
		return errors.Join(errOld, errMany, err)
	})
	if err == nil {
		a.setCookie(w, id, sessionLife)
	}
	return err
}

// endSession logs out here and makes the browser forget the cookie.
func (a *app) endSession(ctx context.Context, w http.ResponseWriter, id string) error {
	hash := sha256.Sum256([]byte(id))
	if _, err := a.db.write.ExecContext(ctx, "DELETE FROM sessions WHERE hash = ?", hash[:]); err != nil {
		return err
	}
	a.setCookie(w, "", -time.Second)
	return nil
}

func (a *app) csrfMAC(id string) []byte {
	mac := hmac.New(sha256.New, a.cfg.SessionSecret)
	mac.Write([]byte("csrf\x00" + id))
	return mac.Sum(nil)
}

// csrfToken returns the token for the forms of a session. It looks different
// in every page, so that compression of the page gives nothing of it away.
func (a *app) csrfToken(id string) (string, error) {
	token := make([]byte, 2*sha256.Size)
	if _, err := rand.Read(token[:sha256.Size]); err != nil {
		return "", err
	}
	for i, b := range a.csrfMAC(id) {
		token[sha256.Size+i] = token[i] ^ b
	}
	return base64.RawURLEncoding.EncodeToString(token), nil
}

func (a *app) csrfValid(id, token string) bool {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 2*sha256.Size {
		return false
	}
	for i := range sha256.Size {
		b[sha256.Size+i] ^= b[i]
	}
	return hmac.Equal(b[sha256.Size:], a.csrfMAC(id))
}

// csrf reads the form of a POST, bounded, and refuses it without the token.
// It stands inside sessions.
func (a *app) csrf(next http.Handler) http.Handler {
	return a.handle(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if err := r.ParseForm(); err != nil {
				if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
					return statusError{http.StatusRequestEntityTooLarge, "That is more than this form takes."}
				}
				return statusError{http.StatusBadRequest, "The form could not be read."}
			}
			if !a.csrfValid(sessionOf(r.Context()).id, r.PostForm.Get(csrfField)) {
				return statusError{http.StatusForbidden, "This form has expired. Go back, reload the page and send it again."}
			}
		}
		next.ServeHTTP(w, r)
		return nil
	})
}
