package main

import (
	"context"
	"errors"
	"unicode/utf8"

	"go.uber.org/zap"
)

// appConfig is what the application needs from outside.
type appConfig struct {
	// StateDir holds the database; it is created where it does not exist.
	StateDir string
	// SessionSecret signs the CSRF tokens, WebhookSecret the payment events:
	// 32 bytes at least each.
	SessionSecret, WebhookSecret []byte
	// SMTPURL is smtp://user:password@host:587 (STARTTLS) or smtps://…:465.
	// Empty: mail stays in the outbox, where an administrator reads it.
	SMTPURL string
	// MailFrom is the sender's address; required with SMTPURL.
	MailFrom string
	// PublicURL is what links in e-mail start with, such as
	// https://market.example.
	PublicURL string
	// SecureCookies is for a site that people reach over HTTPS only.
	SecureCookies bool
	// AdminEmail and AdminPassword are the administrator's. The account is
	// made, or given this password, at every start; both empty: no change.
	AdminEmail, AdminPassword string
	// Release is what /api/health answers.
	Release string
	// Seed fills a database that has no users yet with some thousands of
	// listings, so that search has work to do.
	Seed bool
	// Log may be nil: no log.
	Log *zap.Logger
}

// app is the application. Its handlers may be used concurrently.
type app struct {
	cfg   appConfig
	log   *zap.Logger
	db    *store
	pages *pages
	mail  *mailer      // nil: mail stays in the outbox
	event func(string) // counts what happens
	// mailBeat is told of each letter and each round of runOutbox.
	mailBeat func(error)
}

// newApp opens the database, fills it where it is to be, and returns the
// application. It reports every problem of cfg at once. The caller closes it.
func newApp(ctx context.Context, cfg appConfig) (*app, error) {
	a := &app{cfg: cfg, log: cfg.Log, event: func(string) {}, mailBeat: func(error) {}}
	if a.log == nil {
		a.log = zap.NewNop()
	}
	var errPages, errMail error
	a.pages, errPages = newPages()
	a.mail, errMail = newMailer(cfg.SMTPURL, cfg.MailFrom)
	if err := errors.Join(cfg.check(), errMail, errPages); err != nil {
		return nil, err
	}
	var err error
	if a.db, err = openStore(ctx, cfg.StateDir); err != nil {
		return nil, err
	}
	if cfg.Seed {
		err = a.db.seed(ctx)
	}
	if err := errors.Join(err, a.ensureAdmin(ctx)); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (c appConfig) check() error {
	var errs []error
	need := func(ok bool, problem string) {
		if !ok {
			errs = append(errs, errors.New("marketplace: "+problem))
		}
	}
	need(c.StateDir != "", "StateDir: name a folder for the database")
	need(len(c.SessionSecret) >= 32, "SessionSecret: must be at least 32 bytes")
	need(len(c.WebhookSecret) >= 32, "WebhookSecret: must be at least 32 bytes")
	need(c.PublicURL != "", "PublicURL: say where people reach the site, such as https://market.example")
	if c.AdminEmail != "" || c.AdminPassword != "" {
		need(validEmail(c.AdminEmail), "AdminEmail: must be an e-mail address in lower case")
		need(utf8.RuneCountInString(c.AdminPassword) >= minPassword && len(c.AdminPassword) <= maxPassword, "AdminPassword: must have 10 characters at least and 72 bytes at most")
	}
	return errors.Join(errs...)
}

// close closes the database. Call it when no request runs any more.
func (a *app) close() error { return a.db.close() }

// ping reports whether the database answers.
func (a *app) ping(ctx context.Context) error { return a.db.ping(ctx) }
