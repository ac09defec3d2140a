package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/launchready/readiness/ratelimit"
)

const (
	minPassword  = 10 // characters
	maxPassword  = 72 // bytes: bcrypt sees no more
	maxEmail     = 254
	passwordCost = bcrypt.DefaultCost

	// decoy is compared where there is no account. It hashes random bytes
	// that were thrown away, at passwordCost.
	decoy = "$2a$10$9qpTuZdb6hGSe4zhuNZDn.OookysTEzudyncp26KliuP6233YXWk2"
)

// user is somebody with an account. The e-mail address stays in the
// database: no page needs it.
type user struct {
	ID         int64
	Name, Team string
	Admin      bool
}

// validEmail reports whether s is a bare address as this program stores it.
func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= maxEmail && s == strings.ToLower(s)
}

func (a *app) signupPage(w http.ResponseWriter, r *http.Request) error {
	return a.render(w, r, http.StatusOK, "signup", page{Title: "Sign up", Form: &form{}})
}

// signup answers the same, after the same work, whether the address is new
// or has an account: otherwise the form would tell who has one. The owner of
// an account learns of it by mail, once a day at most.
func (a *app) signup(w http.ResponseWriter, r *http.Request) error {
	f := newForm(r)
	name, team := f.text("name", 2, 80), f.text("team", 2, 60)
	email := strings.ToLower(f.text("email", 3, maxEmail))
	if !validEmail(email) {
		f.fail("email", "Enter an e-mail address such as name@example.org.")
	}
	password := f.password()
	if !f.ok() {
		return a.render(w, r, http.StatusUnprocessableEntity, "signup", page{Title: "Sign up", Form: f})
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), passwordCost)
	if err != nil {
		return err
	}
	isNew := false
	err = a.db.tx(r.Context(), func(tx *sql.Tx) (err error) {
		isNew, err = changed(tx.ExecContext(r.Context(), "INSERT INTO users (email, name, team, password) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
			email, name, team, hash))
		if err != nil || isNew {
			return err
		}
		const subject = "Somebody tried to sign up with your address"
		_, err = tx.ExecContext(r.Context(), `INSERT INTO outbox (user_id, subject, body, created, due)
			SELECT u.id, ?1, ?2, ?3, ?3 FROM users u WHERE u.email = ?4
			AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.user_id = u.id AND o.subject = ?1 AND o.created > ?3 - 86400)`,
			subject, "You have an account already: log in at "+a.link("/login")+". If it was not you, there is nothing to do.", time.Now().Unix(), email)
		return err
	})
	if err != nil {
		return err
	}
	if isNew {
		a.event(eventSignup)
	}
	http.Redirect(w, r, "/login?new=1", http.StatusSeeOther)
	return nil
}

// loginData is what the login page shows beside its form.
type loginData struct {
	New  bool
	Next string
}

func (a *app) loginPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if sessionOf(r.Context()).user != nil {
		http.Redirect(w, r, localPath(q.Get("next")), http.StatusSeeOther)
		return nil
	}
	return a.render(w, r, http.StatusOK, "login", page{Title: "Log in", Form: &form{}, Data: loginData{q.Get("new") != "", q.Get("next")}})
}

func (a *app) login(w http.ResponseWriter, r *http.Request) error {
	f := newForm(r)
	id, err := a.authenticate(r.Context(), strings.ToLower(strings.TrimSpace(f.Get("email"))), f.Get("password"))
	if err != nil {
		return err
	}
	if id == 0 {
		a.event(eventLoginFailed)
		f.fail("email", "The e-mail address or the password is not right.")
		return a.render(w, r, http.StatusUnprocessableEntity, "login", page{Title: "Log in", Form: f, Data: loginData{Next: f.Get("next")}})
	}
	if err := a.startSession(r.Context(), w, id); err != nil {
		return err
	}
	ratelimit.Succeed(w) // what is not declared a success counts as a failure
	a.rememberDevice(w, f.Get("email"))
	http.Redirect(w, r, localPath(f.Get("next")), http.StatusSeeOther)
	return nil
}

// authenticate returns the user's id, 0 where address and password do not
// belong together. It compares one hash in every case, so that the time does
// not tell who has an account.
func (a *app) authenticate(ctx context.Context, email, password string) (int64, error) {
	var id int64
	var hash []byte
	err := a.db.read.QueryRowContext(ctx, "SELECT id, password FROM users WHERE email = ?", email).Scan(&id, &hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if len(hash) == 0 {
		id, hash = 0, []byte(decoy)
	}
	if len(password) > maxPassword || bcrypt.CompareHashAndPassword(hash, []byte(password)) != nil {
		return 0, nil
	}
	return id, nil
}

func (a *app) logout(w http.ResponseWriter, r *http.Request) error {
	if err := a.endSession(r.Context(), w, sessionOf(r.Context()).id); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// localPath returns next where it is a path of this site, and the account
// page otherwise: a login must not send people to somebody else's site.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || len(next) > 500 || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/account"
	}
	return next
}

// ensureAdmin makes the configured administrator, or gives the account the
// configured password. Sessions under another password end. Nobody else
// stays one: the administrator of an earlier configuration, whose password
// may be known from development, is a user like all.
func (a *app) ensureAdmin(ctx context.Context) error {
	email, password := a.cfg.AdminEmail, []byte(a.cfg.AdminPassword)
	if email == "" {
		return nil
	}
	var hash []byte
	var admin bool
	err := a.db.read.QueryRowContext(ctx, "SELECT password, admin FROM users WHERE email = ?", email).Scan(&hash, &admin)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if admin && bcrypt.CompareHashAndPassword(hash, password) == nil {
		return a.db.tx(ctx, func(tx *sql.Tx) error { return demoteOthers(ctx, tx, email) })
	}
	if hash, err = bcrypt.GenerateFromPassword(password, passwordCost); err != nil {
		return err
	}
	return a.db.tx(ctx, func(tx *sql.Tx) error {
		_, errUser := tx.ExecContext(ctx, `INSERT INTO users (email, name, team, password, admin) VALUES (?, 'Administrator', 'Operations', ?, 1)
			ON CONFLICT (email) DO UPDATE SET password = excluded.password, admin = 1`, email, hash)
		_, errSessions := tx.ExecContext(ctx, "DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE email = ?)", email)
		return errors.Join(errUser, errSessions, demoteOthers(ctx, tx, email))
	})
}

func demoteOthers(ctx context.Context, tx *sql.Tx, email string) error {
	_, errSessions := tx.ExecContext(ctx, "DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE admin = 1 AND email <> ?)", email)
	_, errUsers := tx.ExecContext(ctx, "UPDATE users SET admin = 0 WHERE admin = 1 AND email <> ?", email)
	return errors.Join(errSessions, errUsers)
}
