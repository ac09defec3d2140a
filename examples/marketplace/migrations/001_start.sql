-- Times are Unix seconds, amounts are cents.
CREATE TABLE users (
	id         INTEGER PRIMARY KEY,
	email      TEXT    NOT NULL UNIQUE,
	name       TEXT    NOT NULL,
	team       TEXT    NOT NULL,
	password   BLOB    NOT NULL, -- bcrypt; empty: nobody can log in
	admin      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sessions (
	hash    BLOB    PRIMARY KEY, -- SHA-256 of the cookie's value
	user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id, expires);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE listings (
	id        INTEGER PRIMARY KEY,
	owner_id  INTEGER NOT NULL REFERENCES users,
	team      TEXT    NOT NULL,
	kind      TEXT    NOT NULL CHECK (kind IN ('equipment', 'service')),
	category  TEXT    NOT NULL,
	title     TEXT    NOT NULL,
	body      TEXT    NOT NULL,
	site      TEXT    NOT NULL,
	price     INTEGER NOT NULL CHECK (price >= 0),
	withdrawn INTEGER NOT NULL DEFAULT 0,
	created   INTEGER NOT NULL
) STRICT;
CREATE INDEX listings_kind ON listings (kind, withdrawn, id);
CREATE INDEX listings_owner ON listings (owner_id, id);
CREATE INDEX listings_category ON listings (withdrawn, category);

-- The text stays in listings; the index holds only words.
CREATE VIRTUAL TABLE listings_fts USING fts5 (
	title, body, category, team, site,
	content = 'listings', content_rowid = 'id', prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER listings_added AFTER INSERT ON listings BEGIN
	INSERT INTO listings_fts (rowid, title, body, category, team, site)
	VALUES (new.id, new.title, new.body, new.category, new.team, new.site);
END;
CREATE TRIGGER listings_changed AFTER UPDATE ON listings BEGIN
	INSERT INTO listings_fts (listings_fts, rowid, title, body, category, team, site)
	VALUES ('delete', old.id, old.title, old.body, old.category, old.team, old.site);
	INSERT INTO listings_fts (rowid, title, body, category, team, site)
	VALUES (new.id, new.title, new.body, new.category, new.team, new.site);
END;

CREATE TABLE requests (
	id           INTEGER PRIMARY KEY,
	listing_id   INTEGER NOT NULL REFERENCES listings,
	requester_id INTEGER NOT NULL REFERENCES users,
	days         INTEGER NOT NULL,
	message      TEXT    NOT NULL,
	total        INTEGER NOT NULL,
	status       TEXT    NOT NULL CHECK (status IN ('waiting', 'approved', 'declined', 'paid')),
	created      INTEGER NOT NULL
) STRICT;
-- A form sent twice makes one request.
CREATE UNIQUE INDEX requests_once ON requests (listing_id, requester_id) WHERE status = 'waiting';
CREATE INDEX requests_requester ON requests (requester_id, id);
CREATE INDEX requests_status ON requests (status, id);

CREATE TABLE notifications (
	id      INTEGER PRIMARY KEY,
	user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	text    TEXT    NOT NULL,
	path    TEXT    NOT NULL,
	created INTEGER NOT NULL
) STRICT;
CREATE INDEX notifications_user ON notifications (user_id, id);

CREATE TABLE outbox (
	id       INTEGER PRIMARY KEY,
	user_id  INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	subject  TEXT    NOT NULL,
	body     TEXT    NOT NULL,
	created  INTEGER NOT NULL,
	sent     INTEGER, -- NULL: not yet
	attempts INTEGER NOT NULL DEFAULT 0,
	due      INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (due) WHERE sent IS NULL;
CREATE INDEX outbox_user ON outbox (user_id, subject, created);

-- The ids of payment events that were taken, so that none counts twice.
CREATE TABLE payment_events (
	id      TEXT    PRIMARY KEY,
	created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
