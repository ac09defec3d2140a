package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// reviewQueue shows what waits, the oldest first.
func (a *app) reviewQueue(w http.ResponseWriter, r *http.Request) error {
	waiting, err := collect(r.Context(), a.db.read, scanRequest, requestQuery+"WHERE r.status = 'waiting' ORDER BY r.id LIMIT ?", maxRows)
	if err != nil {
		return err
	}
	return a.render(w, r, http.StatusOK, "review", page{Title: "Review queue", Data: waiting})
}

// requestIn returns one request as the transaction sees it.
func requestIn(r *http.Request, tx *sql.Tx, id int64) (request, error) {
	rows, err := tx.QueryContext(r.Context(), requestQuery+"WHERE r.id = ?", id)
	if err != nil {
		return request{}, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells of a failure
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return request{}, err
		}
		return request{}, errNotFound
	}
	return scanRequest(rows)
}

// decide approves or declines a request, once, and tells both sides of it.
func (a *app) decide(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r)
	if err != nil {
		return err
	}
	status, ok := map[string]string{"approve": "approved", "decline": "declined"}[r.PostForm.Get("decision")]
	if !ok {
		return statusError{http.StatusBadRequest, "The decision must be approve or decline."}
	}
	err = a.db.tx(r.Context(), func(tx *sql.Tx) error {
		q, err := requestIn(r, tx, id)
		if err != nil {
			return err
		}
		isNew, err := changed(tx.ExecContext(r.Context(), "UPDATE requests SET status = ? WHERE id = ? AND status = 'waiting'", status, id))
		if err != nil {
			return err
		}
		if !isNew {
			return statusError{http.StatusConflict, "Somebody has decided this request already."}
		}
		return a.tellBoth(r, tx, q, status)
	})
	if err != nil {
		return err
	}
	a.event(eventRequestDecided)
	http.Redirect(w, r, "/admin/review", http.StatusSeeOther)
	return nil
}

// tellBoth tells the requester and the owner of a request's new status, on
// the notifications page and by mail.
func (a *app) tellBoth(r *http.Request, tx *sql.Tx, q request, status string) error {
	yours := fmt.Sprintf("Your request for “%s” is %s.", q.Title, status)
	theirs := fmt.Sprintf("The request of %s (%s) for “%s” is %s.", q.Requester, q.RequesterTeam, q.Title, status)
	ctx, path := r.Context(), listingPath(q.ListingID)
	return errors.Join(
		notify(ctx, tx, q.RequesterID, yours, path), a.enqueue(ctx, tx, q.RequesterID, "Your request is "+status, yours, path),
		notify(ctx, tx, q.OwnerID, theirs, path), a.enqueue(ctx, tx, q.OwnerID, "A request for your listing is "+status, theirs, path),
	)
}

// outbox shows the newest mail and where it stands, with names in place of
// addresses.
func (a *app) outbox(w http.ResponseWriter, r *http.Request) error {
	type letter struct {
		To, Subject, Body, State string
		Created                  time.Time
	}
	all, err := collect(r.Context(), a.db.read, func(row *sql.Rows) (m letter, err error) {
		var created int64
		err = row.Scan(&m.To, &m.Subject, &m.Body, &created, &m.State)
		m.Created = time.Unix(created, 0)
		return m, err
	}, `SELECT u.name, o.subject, o.body, o.created, CASE WHEN o.sent IS NOT NULL THEN 'sent' WHEN o.attempts >= ? THEN 'given up' ELSE 'waiting' END
		FROM outbox o JOIN users u ON u.id = o.user_id ORDER BY o.id DESC LIMIT ?`, maxAttempts, maxRows)
	if err != nil {
		return err
	}
	return a.render(w, r, http.StatusOK, "outbox", page{Title: "Outbox", Data: struct {
		Sending bool
		Mail    []letter
	}{a.mail != nil, all}})
}
