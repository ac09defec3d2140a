package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/netip"
	"net/smtp"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"
)

const (
	maxAttempts  = 8 // over about two hours
	mailInterval = 5 * time.Second
	mailDeadline = 30 * time.Second
	mailBatch    = 20
)

// mailer sends over one SMTP server.
type mailer struct {
	addr, host string
	from       mail.Address
	auth       smtp.Auth // nil: none
	tls        *tls.Config
	implicit   bool // TLS from the first byte (smtps)
	plain      bool // the server is on this machine: TLS is not required
}

// newMailer reads the URL of an SMTP server; an empty one gives nil. Its
// errors never hold the URL, which may hold a password.
func newMailer(server, from string) (*mailer, error) {
	if server == "" {
		return nil, nil
	}
	var errs []error
	sender, err := mail.ParseAddress(from)
	if err != nil {
		errs = append(errs, errors.New("marketplace: MailFrom: must be an e-mail address"))
	}
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		errs = append(errs, errors.New("marketplace: SMTPURL: must be smtp://host:587 or smtps://host:465, with user:password@ where the server wants it"))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	port := map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme]
	if u.Port() != "" {
		port = u.Port()
	}
	m := &mailer{
		addr: net.JoinHostPort(u.Hostname(), port), host: u.Hostname(), from: *sender,
		tls: &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}, implicit: u.Scheme == "smtps",
	}
	ip, err := netip.ParseAddr(m.host)
	m.plain = m.host == "localhost" || err == nil && ip.IsLoopback()
	if password, ok := u.User.Password(); ok {
		m.auth = smtp.PlainAuth("", u.User.Username(), password, m.host)
	}
	return m, nil
}

// link returns the address of a page, for mail.
func (a *app) link(path string) string { return strings.TrimSuffix(a.cfg.PublicURL, "/") + path }

// enqueue puts a mail into the outbox, inside the transaction that it tells
// of: it is sent if, and only if, that came true.
func (a *app) enqueue(ctx context.Context, tx *sql.Tx, userID int64, subject, text, path string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO outbox (user_id, subject, body, created, due) VALUES (?1, ?2, ?3, ?4, ?4)",
		userID, subject, text+"\n\n"+a.link(path)+"\n", time.Now().Unix())
	return err
}

// runOutbox sends what waits in the outbox until ctx ends, and then returns
// nil. Without an SMTP server it only waits. Delivery is at least once: a
// mail may arrive twice when the process dies between sending and noting it.
func (a *app) runOutbox(ctx context.Context) error {
	if a.mail == nil {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(mailInterval)
	defer tick.Stop()
	for {
		err := a.sendDue(ctx, time.Now())
		if err != nil && ctx.Err() == nil {
			a.log.Error("outbox failed", zap.Error(err))
		}
		a.mailBeat(err)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// letter is one mail of the outbox.
type letter struct {
	id, created, attempts int64
	to, subject, body     string
}

// sendDue tries every mail whose time has come, once. One that fails waits
// twice as long as before.
func (a *app) sendDue(ctx context.Context, now time.Time) error {
	due, err := collect(ctx, a.db.read, func(row *sql.Rows) (l letter, err error) {
		return l, row.Scan(&l.id, &l.created, &l.attempts, &l.to, &l.subject, &l.body)
	}, `SELECT o.id, o.created, o.attempts, u.email, o.subject, o.body FROM outbox o JOIN users u ON u.id = o.user_id
		WHERE o.sent IS NULL AND o.attempts < ? AND o.due <= ? ORDER BY o.due LIMIT ?`, maxAttempts, now.Unix(), mailBatch)
	if err != nil {
		return err
	}
	for _, l := range due {
		err := a.mail.send(ctx, l)
		a.mailBeat(nil) // a letter that a server refuses is no fault of the worker's
		if err != nil {
			if ctx.Err() != nil {
				return nil // stopped, not failed
			}
			// The server's text may hold the address: only its code is logged.
			code := 0
			if e, ok := errors.AsType[*textproto.Error](err); ok {
				code = e.Code
			}
			a.event(eventEmailFailed)
			if l.attempts+1 >= maxAttempts {
				a.event(eventEmailUndelivered)
			}
			a.log.Warn("mail not sent", zap.Int64("mail", l.id), zap.Int64("attempt", l.attempts+1), zap.Int("smtp_code", code))
			_, err = a.db.write.ExecContext(ctx, "UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?", now.Add(time.Minute<<l.attempts).Unix(), l.id)
			if err != nil {
				return err
			}
			continue
		}
		a.event(eventEmailSent)
		// It has left: note it even while the process stops.
		if _, err := a.db.write.ExecContext(context.WithoutCancel(ctx), "UPDATE outbox SET sent = ?, attempts = attempts + 1 WHERE id = ?", now.Unix(), l.id); err != nil {
			return err
		}
	}
	return nil
}

// send delivers one mail within mailDeadline.
func (m *mailer) send(ctx context.Context, l letter) error {
	ctx, cancel := context.WithTimeout(ctx, mailDeadline)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.addr)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // ends every wait below
	if m.implicit {
		conn = tls.Client(conn, m.tls)
	}
	c, err := smtp.NewClient(conn, m.host)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	defer func() { _ = c.Close() }() // after Quit this does nothing
	if offered, _ := c.Extension("STARTTLS"); offered && !m.implicit {
		if err := c.StartTLS(m.tls); err != nil {
			return err
		}
	} else if !m.implicit && !m.plain {
		return errors.New("the SMTP server does not offer STARTTLS")
	}
	if m.auth != nil {
		if err := c.Auth(m.auth); err != nil {
			return err
		}
	}
	if err := errors.Join(c.Mail(m.from.Address), c.Rcpt(l.to)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(m.compose(l)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_ = c.Quit() // the server has taken the mail
	return nil
}

// compose writes the message. Every try of one mail has the same Message-ID,
// so that a receiver may drop the second.
func (m *mailer) compose(l letter) []byte {
	var b bytes.Buffer
	_, domain, _ := strings.Cut(m.from.Address, "@")
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d.%d@%s>\r\n",
		m.from.String(), (&mail.Address{Address: l.to}).String(), mime.QEncoding.Encode("utf-8", l.subject),
		time.Unix(l.created, 0).UTC().Format(time.RFC1123Z), l.created, l.id, domain)
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\nAuto-Submitted: auto-generated\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	_, _ = q.Write([]byte(l.body)) // a bytes.Buffer takes everything
	_ = q.Close()
	return b.Bytes()
}
