package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// resetLife is how long a link from the mail works. The limit is counted by
// the hour, so that whoever has used it up has a link that still works.
const resetLife = 2 * time.Hour

// forgotData is what the page shows beside its form.
type forgotData struct{ Sent bool }

func (a *app) forgotPage(w http.ResponseWriter, r *http.Request) error {
	return a.render(w, r, http.StatusOK, "forgot", page{
		Title: "Forgot your password?", Form: &form{}, Data: forgotData{r.URL.Query().Get("sent") != ""},
	})
}

// forgot mails a link to who has an account, and shows everybody the same.
func (a *app) forgot(w http.ResponseWriter, r *http.Request) error {
	email := strings.ToLower(strings.TrimSpace(newForm(r).Get("email")))
	err := a.db.tx(r.Context(), func(tx *sql.Tx) error {
		var id int64
		var hash []byte
		err := tx.QueryRowContext(r.Context(), "SELECT id, password FROM users WHERE email = ?", email).Scan(&id, &hash)
		if errors.Is(err, sql.ErrNoRows) || err == nil && len(hash) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		return a.enqueue(r.Context(), tx, id, "A new password",
			"Somebody, most likely you, has forgotten the password of your account. With this link you choose a new one, within two hours. If it was not you, there is nothing to do.",
			"/reset?token="+a.resetToken(id, hash, time.Now().Add(resetLife)))
	})
	if err != nil {
		return err
	}
	forgotSent(w, r)
	return nil
}

// forgotSent is the answer to every request for a link: with an account or
// without, and over the limit too.
func forgotSent(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/forgot?sent=1", http.StatusSeeOther)
}

// forgotLimited is forgotSent outside the router, with the header that the
// router would have set.
func (a *app) forgotLimited(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	a.secure(http.HandlerFunc(forgotSent)).ServeHTTP(w, r)
}

// resetToken signs who may choose a new password and until when. The present
// password's hash is a part of it, so that a link works once.
func (a *app) resetToken(id int64, hash []byte, expires time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(id))
	b = binary.BigEndian.AppendUint64(b, uint64(expires.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, a.resetMAC(b, hash)...))
}

func (a *app) resetMAC(head, hash []byte) []byte {
	mac := hmac.New(sha256.New, a.cfg.SessionSecret)
	mac.Write([]byte("reset\x00"))
	mac.Write(head)
	mac.Write(hash)
	return mac.Sum(nil)
}

var errOldLink = statusError{http.StatusForbidden, "This link has expired, or was used. Ask for another one."}

// resetUser returns whose token this is, and errOldLink where it is nobody's
// any more.
func (a *app) resetUser(ctx context.Context, token string, now time.Time) (int64, error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 16+sha256.Size || now.Unix() > int64(binary.BigEndian.Uint64(b[8:16])) {
		return 0, errOldLink
	}
	id := int64(binary.BigEndian.Uint64(b))
	var hash []byte
	err = a.db.read.QueryRowContext(ctx, "SELECT password FROM users WHERE id = ?", id).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !hmac.Equal(b[16:], a.resetMAC(b[:16], hash)) {
		return 0, errOldLink
	}
	return id, err
}

func (a *app) resetPage(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("token")
	if _, err := a.resetUser(r.Context(), token, time.Now()); err != nil {
		return err
	}
	return a.render(w, r, http.StatusOK, "reset", page{Title: "A new password", Form: &form{Values: url.Values{"token": {token}}}})
}

// reset sets the new password and ends every session that the old one began.
func (a *app) reset(w http.ResponseWriter, r *http.Request) error {
	f := newForm(r)
	id, err := a.resetUser(r.Context(), f.Get("token"), time.Now())
	if err != nil {
		return err
	}
	password := f.password()
	if !f.ok() {
		return a.render(w, r, http.StatusUnprocessableEntity, "reset", page{Title: "A new password", Form: f})
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), passwordCost)
	if err != nil {
		return err
	}
	err = a.db.tx(r.Context(), func(tx *sql.Tx) error {
		_, errUser := tx.ExecContext(r.Context(), "UPDATE users SET password = ? WHERE id = ?", hash, id)
		_, errSessions := tx.ExecContext(r.Context(), "DELETE FROM sessions WHERE user_id = ?", id)
		return errors.Join(errUser, errSessions)
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}
