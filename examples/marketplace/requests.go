package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const maxRows = 100 // of one list on a page

// request is what somebody asks of the owner of a listing. Total is in cents.
type request struct {
	ID, ListingID, OwnerID, RequesterID int64
	Title, Owner, Requester, Status     string
	RequesterTeam, Message              string
	Days, Total                         int64
	Created                             time.Time
}

const requestQuery = `SELECT r.id, r.listing_id, l.owner_id, r.requester_id, l.title, l.team, u.name, r.status, u.team, r.message, r.days, r.total, r.created
	FROM requests r JOIN listings l ON l.id = r.listing_id JOIN users u ON u.id = r.requester_id `

func scanRequest(row *sql.Rows) (request, error) {
	var q request
	var created int64
	err := row.Scan(&q.ID, &q.ListingID, &q.OwnerID, &q.RequesterID, &q.Title, &q.Owner, &q.Requester, &q.Status, &q.RequesterTeam, &q.Message, &q.Days, &q.Total, &created)
	q.Created = time.Unix(created, 0)
	return q, err
}

// notify tells one user something, inside the transaction that made it true.
// The page shows the newest hundred; older ones go.
func notify(ctx context.Context, tx *sql.Tx, userID int64, text, path string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO notifications (user_id, text, path, created) VALUES (?, ?, ?, ?)", userID, text, path, time.Now().Unix())
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM notifications WHERE user_id = ?1 AND id <=
		(SELECT id FROM notifications WHERE user_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`, userID, maxRows)
	return err
}

// requestable returns the listing that the path names, where it can still be
// requested.
func (a *app) requestable(r *http.Request) (listing, error) {
	l, err := a.listingOf(r)
	if err == nil && l.Withdrawn {
		err = statusError{http.StatusConflict, "The team has withdrawn this listing."}
	}
	return l, err
}

func (a *app) requestPage(w http.ResponseWriter, r *http.Request) error {
	l, err := a.requestable(r)
	if err != nil {
		return err
	}
	return a.render(w, r, http.StatusOK, "request", page{Title: "Request: " + l.Title, Form: &form{}, Data: l})
}

func (a *app) placeRequest(w http.ResponseWriter, r *http.Request) error {
	l, err := a.requestable(r)
	if err != nil {
		return err
	}
	f, u := newForm(r), sessionOf(r.Context()).user
	days, message := f.number("days", 1, 90), f.text("message", 0, 500)
	if l.OwnerID == u.ID {
		f.fail("days", "This is your own listing.")
	}
	if f.ok() {
		isNew := false
		err = a.db.tx(r.Context(), func(tx *sql.Tx) (err error) {
			isNew, err = changed(tx.ExecContext(r.Context(), `INSERT INTO requests (listing_id, requester_id, days, message, total, status, created)
				VALUES (?, ?, ?, ?, ?, 'waiting', ?) ON CONFLICT DO NOTHING`, l.ID, u.ID, days, message, days*l.Price, time.Now().Unix()))
			if err != nil || !isNew {
				return err
			}
			return notify(r.Context(), tx, l.OwnerID, fmt.Sprintf("%s (%s) requests “%s” for %d days. It waits for review.", u.Name, u.Team, l.Title, days), listingPath(l.ID))
		})
		if err != nil {
			return err
		}
		if !isNew {
			f.fail("days", "Your earlier request for this still waits for review.")
		}
	}
	if !f.ok() {
		return a.render(w, r, http.StatusUnprocessableEntity, "request", page{Title: "Request: " + l.Title, Form: f, Data: l})
	}
	a.event(eventRequestCreated)
	http.Redirect(w, r, "/account", http.StatusSeeOther)
	return nil
}

func (a *app) account(w http.ResponseWriter, r *http.Request) error {
	u := sessionOf(r.Context()).user
	mine, errMine := collect(r.Context(), a.db.read, scanListing, "SELECT "+listingColumns+" FROM listings l WHERE l.owner_id = ? ORDER BY l.id DESC LIMIT ?", u.ID, maxRows)
	asked, errAsked := collect(r.Context(), a.db.read, scanRequest, requestQuery+"WHERE r.requester_id = ? ORDER BY r.id DESC LIMIT ?", u.ID, maxRows)
	if err := errors.Join(errMine, errAsked); err != nil {
		return err
	}
	return a.render(w, r, http.StatusOK, "account", page{Title: "Your account", Data: struct {
		Listings []listing
		Requests []request
	}{mine, asked}})
}

func (a *app) notifications(w http.ResponseWriter, r *http.Request) error {
	type notification struct {
		Text, Path string
		Created    time.Time
	}
	all, err := collect(r.Context(), a.db.read, func(row *sql.Rows) (n notification, err error) {
		var created int64
		err = row.Scan(&n.Text, &n.Path, &created)
		n.Created = time.Unix(created, 0)
		return n, err
	}, "SELECT text, path, created FROM notifications WHERE user_id = ? ORDER BY id DESC LIMIT ?", sessionOf(r.Context()).user.ID, maxRows)
	if err != nil {
		return err
	}
	return a.render(w, r, http.StatusOK, "notifications", page{Title: "Notifications", Data: all})
}
