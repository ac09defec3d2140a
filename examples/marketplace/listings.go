package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
)

const (
	pageSize   = 20
	maxPages   = 100
	maxResults = pageSize * maxPages
	maxQuery   = 100 // characters
	maxTerms   = 8
)

var (
	kinds      = []string{"equipment", "service"}
	categories = []string{
		"Catering", "Cleaning", "Design", "Events", "Films and photos", "IT hardware", "Laboratory",
		"Lifting", "Measuring", "Power tools", "Safety", "Training", "Translation", "Transport", "Workshop",
	}
)

// listing is something that a team offers. Price is in cents a day.
type listing struct {
	ID, OwnerID                             int64
	Team, Kind, Category, Title, Body, Site string
	Price                                   int64
	Withdrawn                               bool
	Created                                 time.Time
}

const listingColumns = "l.id, l.owner_id, l.team, l.kind, l.category, l.title, l.body, l.site, l.price, l.withdrawn, l.created"

func scanListing(row *sql.Rows) (listing, error) {
	var l listing
	var created int64
	err := row.Scan(&l.ID, &l.OwnerID, &l.Team, &l.Kind, &l.Category, &l.Title, &l.Body, &l.Site, &l.Price, &l.Withdrawn, &created)
	l.Created = time.Unix(created, 0)
	return l, err
}

// search is what somebody looks for.
type search struct {
	Query, Kind string
	Page        int
}

// parseSearch reads the arguments of /listings, all of them bounded.
func parseSearch(q url.Values) (search, error) {
	s := search{Query: strings.TrimSpace(q.Get("q")), Kind: q.Get("kind"), Page: 1}
	if p := q.Get("page"); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || strconv.Itoa(n) != p {
			return s, statusError{http.StatusBadRequest, "The page must be a whole number from 1."}
		}
		s.Page = n
	}
	switch {
	case s.Page > maxPages:
		return s, statusError{http.StatusNotFound, "The search shows 100 pages at most. Add a word to find less."}
	case utf8.RuneCountInString(s.Query) > maxQuery:
		return s, statusError{http.StatusBadRequest, "The search text may have 100 characters at most."}
	case s.Kind != "" && !slices.Contains(kinds, s.Kind):
		return s, statusError{http.StatusBadRequest, "Choose equipment or service."}
	}
	return s, nil
}

// url is the address of another page of the same search.
func (s search) url(page int) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": s.Query, "kind": s.Kind} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return strings.TrimSuffix("/listings?"+v.Encode(), "?")
}

// matchQuery turns what people type into an FTS5 query: every word, or the
// beginning of one, must be there. Words are quoted, so that nothing typed is
// an operator. It returns "" where there is no word.
func matchQuery(q string) string {
	words := strings.FieldsFunc(q, func(c rune) bool {
		return c == utf8.RuneError || !unicode.IsLetter(c) && !unicode.IsNumber(c) && !unicode.IsMark(c)
	})
	var b strings.Builder
	for _, w := range words[:min(len(words), maxTerms)] {
		b.WriteString(` "` + w + `"*`)
	}
	return strings.TrimPrefix(b.String(), " ")
}

// find returns one page of a search and how many listings it has in all,
// counted up to one more than the pages can show. Without words the newest
// come first, with words the best match.
func (a *app) find(ctx context.Context, s search) ([]listing, int, error) {
	from, order, args := "listings l WHERE l.withdrawn = 0", "l.id DESC", []any{}
	if s.Query != "" {
		match := matchQuery(s.Query)
		if match == "" {
			return nil, 0, nil
		}
		from = "listings_fts JOIN listings l ON l.id = listings_fts.rowid WHERE listings_fts MATCH ? AND l.withdrawn = 0"
		order, args = "bm25(listings_fts, 10, 1, 3, 3, 2), l.id DESC", append(args, match)
	}
	if s.Kind != "" {
		from, args = from+" AND l.kind = ?", append(args, s.Kind)
	}
	var total int
	if err := a.db.read.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+from+" LIMIT ?)", append(slices.Clone(args), maxResults+1)...).Scan(&total); err != nil {
		return nil, 0, err
	}
	found, err := collect(ctx, a.db.read, scanListing, "SELECT "+listingColumns+" FROM "+from+" ORDER BY "+order+" LIMIT ? OFFSET ?",
		append(args, pageSize, (s.Page-1)*pageSize)...)
	return found, total, err
}

func (a *app) home(w http.ResponseWriter, r *http.Request) error {
	type count struct {
		Name string
		N    int
	}
	counts, errCounts := collect(r.Context(), a.db.read, func(row *sql.Rows) (c count, err error) { return c, row.Scan(&c.Name, &c.N) },
		"SELECT category, count(*) FROM listings WHERE withdrawn = 0 GROUP BY category")
	newest, errNewest := collect(r.Context(), a.db.read, scanListing, "SELECT "+listingColumns+" FROM listings l WHERE l.withdrawn = 0 ORDER BY l.id DESC LIMIT 6")
	if err := errors.Join(errCounts, errNewest); err != nil {
		return err
	}
	return a.render(w, r, http.StatusOK, "home", page{Title: "Home", Data: struct {
		Counts []count
		Newest []listing
	}{counts, newest}})
}

func (a *app) listings(w http.ResponseWriter, r *http.Request) error {
	s, err := parseSearch(r.URL.Query())
	if err != nil {
		return err
	}
	found, total, err := a.find(r.Context(), s)
	if err != nil {
		return err
	}
	if s.Page > 1 && len(found) == 0 {
		return errNotFound
	}
	data := struct {
		Search      search
		Found       []listing
		Total       string
		Prev, Next  string
		Page, Pages int
	}{Search: s, Found: found, Total: strconv.Itoa(total), Page: s.Page, Pages: (min(total, maxResults) + pageSize - 1) / pageSize}
	if total > maxResults {
		data.Total = "more than " + strconv.Itoa(maxResults)
	}
	if s.Page > 1 {
		data.Prev = s.url(s.Page - 1)
	}
	if s.Page < data.Pages {
		data.Next = s.url(s.Page + 1)
	}
	return a.render(w, r, http.StatusOK, "listings", page{Title: "Listings", Data: data})
}

// idParam reads {id} of the path; what is no id is a page that is not there.
func idParam(r *http.Request) (int64, error) {
	text := chi.URLParam(r, "id")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, errNotFound
	}
	return id, nil
}

// listingOf returns the listing that the path names.
func (a *app) listingOf(r *http.Request) (listing, error) {
	id, err := idParam(r)
	if err != nil {
		return listing{}, err
	}
	all, err := collect(r.Context(), a.db.read, scanListing, "SELECT "+listingColumns+" FROM listings l WHERE l.id = ?", id)
	if err == nil && len(all) == 0 {
		err = errNotFound
	}
	if err != nil {
		return listing{}, err
	}
	return all[0], nil
}

// ownListing returns the listing that the path names, to its owner only.
func (a *app) ownListing(r *http.Request) (listing, error) {
	l, err := a.listingOf(r)
	if err == nil && l.OwnerID != sessionOf(r.Context()).user.ID {
		err = errForbidden
	}
	return l, err
}

func (a *app) listing(w http.ResponseWriter, r *http.Request) error {
	l, err := a.listingOf(r)
	if err != nil {
		return err
	}
	return a.render(w, r, http.StatusOK, "listing", page{Title: l.Title, Data: l})
}

// readListing reads the form of a listing into l.
func readListing(f *form, l *listing) bool {
	l.Title, l.Body, l.Site = f.text("title", 3, 120), f.text("body", 10, 4000), f.text("site", 2, 60)
	l.Kind, l.Category = f.choice("kind", kinds), f.choice("category", categories)
	l.Price = 100 * f.number("price", 0, 10_000)
	l.Withdrawn = f.Get("withdrawn") != ""
	return f.ok()
}

func (a *app) newListing(w http.ResponseWriter, r *http.Request) error {
	return a.render(w, r, http.StatusOK, "edit", page{Title: "New listing", Form: &form{}, Data: listing{}})
}

func (a *app) createListing(w http.ResponseWriter, r *http.Request) error {
	f, l, u := newForm(r), listing{}, sessionOf(r.Context()).user
	if !readListing(f, &l) {
		return a.render(w, r, http.StatusUnprocessableEntity, "edit", page{Title: "New listing", Form: f, Data: l})
	}
	err := a.db.write.QueryRowContext(r.Context(), `INSERT INTO listings (owner_id, team, kind, category, title, body, site, price, created)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		u.ID, u.Team, l.Kind, l.Category, l.Title, l.Body, l.Site, l.Price, time.Now().Unix()).Scan(&l.ID)
	if err != nil {
		return err
	}
	http.Redirect(w, r, listingPath(l.ID), http.StatusSeeOther)
	return nil
}

func (a *app) editListing(w http.ResponseWriter, r *http.Request) error {
	l, err := a.ownListing(r)
	if err != nil {
		return err
	}
	f := &form{Values: url.Values{
		"title": {l.Title}, "body": {l.Body}, "site": {l.Site}, "kind": {l.Kind}, "category": {l.Category},
		"price": {strconv.FormatInt(l.Price/100, 10)},
	}}
	return a.render(w, r, http.StatusOK, "edit", page{Title: "Edit listing", Form: f, Data: l})
}

func (a *app) updateListing(w http.ResponseWriter, r *http.Request) error {
	l, err := a.ownListing(r)
	if err != nil {
		return err
	}
	if f := newForm(r); !readListing(f, &l) {
		return a.render(w, r, http.StatusUnprocessableEntity, "edit", page{Title: "Edit listing", Form: f, Data: l})
	}
	_, err = a.db.write.ExecContext(r.Context(), `UPDATE listings SET kind = ?, category = ?, title = ?, body = ?, site = ?, price = ?, withdrawn = ?
		WHERE id = ? AND owner_id = ?`, l.Kind, l.Category, l.Title, l.Body, l.Site, l.Price, l.Withdrawn, l.ID, l.OwnerID)
	if err != nil {
		return err
	}
	http.Redirect(w, r, listingPath(l.ID), http.StatusSeeOther)
	return nil
}

func listingPath(id int64) string { return "/listings/" + strconv.FormatInt(id, 10) }
