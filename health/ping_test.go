package health_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/health"
)

// database is a driver whose connections the test decides about.
type database struct {
	dead  atomic.Int64 // as many connections fail once and are then of no use: the server was restarted
	down  atomic.Bool  // nothing can be connected to
	pings bool
	slow  atomic.Bool // no answer before the context ends
	asked atomic.Int64
}

func (d *database) Connect(context.Context) (driver.Conn, error) {
	if d.down.Load() {
		return nil, errDown
	}
	if c := (connection{d}); !d.pings {
		return c, nil
	}
	return pinging{connection{d}}, nil
}

func (d *database) Driver() driver.Driver { return nil }

// connection cannot be pinged; what it can do is answer SELECT 1.
type connection struct{ d *database }

func (connection) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }
func (connection) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }
func (connection) Close() error                        { return nil }

func (c connection) answer(ctx context.Context) error {
	if c.d.slow.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if c.d.dead.Add(-1) >= 0 {
		return driver.ErrBadConn
	}
	c.d.asked.Add(1)
	if c.d.down.Load() {
		return errDown
	}
	return nil
}

func (c connection) QueryContext(ctx context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	if query != "SELECT 1" {
		return nil, errors.ErrUnsupported
	}
	return &oneRow{}, c.answer(ctx)
}

type oneRow struct{ done bool }

func (*oneRow) Columns() []string { return []string{"1"} }
func (*oneRow) Close() error      { return nil }

func (r *oneRow) Next(dest []driver.Value) error {
	if r.done {
		return io.EOF
	}
	r.done, dest[0] = true, int64(1)
	return nil
}

type pinging struct{ connection }

func (p pinging) Ping(ctx context.Context) error { return p.answer(ctx) }
func (pinging) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return nil, errors.ErrUnsupported
}

func TestSQL(t *testing.T) {
	t.Parallel()
	for name, pings := range map[string]bool{"a driver that pings": true, "one that does not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &database{pings: pings}
				db := sql.OpenDB(d)
				defer func() { _ = db.Close() }()
				db.SetMaxOpenConns(2)
				db.SetMaxIdleConns(2)
				ask := health.SQL(db)
				if err := ask(t.Context()); err != nil || d.asked.Load() != 1 {
					t.Errorf("well: %v, asked %d times", err, d.asked.Load())
				}
				fill(t, db, 2)() // and back
				d.dead.Store(2)  // all that are idle
				if err := ask(t.Context()); err != nil {
					t.Errorf("connections that the server closed are no failure: %v", err)
				}
				d.down.Store(true)
				if err := ask(t.Context()); !errors.Is(err, errDown) {
					t.Errorf("an open connection to a server that fails: %v", err)
				}
				if n := db.Stats().InUse; n != 0 {
					t.Errorf("%d connections were not given back", n)
				}
				d.down.Store(false)
				d.dead.Store(1000)
				if err := ask(t.Context()); !errors.Is(err, driver.ErrBadConn) {
					t.Errorf("a server that closes every connection: %v", err)
				}
				d.dead.Store(0)
				d.slow.Store(true)
				slow, cancelSlow := context.WithTimeout(t.Context(), time.Second)
				defer cancelSlow()
				if err := ask(slow); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "in use") {
					t.Errorf("a slow server, with connections to spare: %v", err)
				}
				d.slow.Store(false)
				defer fill(t, db, 2)() // the application takes all there are
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := ask(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "all 2 connections of the pool are in use: ") {
					t.Errorf("an exhausted pool: %v", err)
				}
			})
		})
	}
}

// fill takes n connections out of the pool. What it returns gives them back.
func fill(t *testing.T, db *sql.DB, n int) (empty func()) {
	t.Helper()
	var taken []*sql.Conn
	for range n {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, c)
	}
	return func() {
		for _, c := range taken {
			_ = c.Close()
		}
	}
}

func TestSQLConnects(t *testing.T) {
	t.Parallel()
	d := &database{}
	d.down.Store(true)
	db := sql.OpenDB(d)
	defer func() { _ = db.Close() }()
	if err := health.SQL(db)(t.Context()); !errors.Is(err, errDown) {
		t.Errorf("got %v", err)
	}
}

// command is what a Redis client's methods return.
type command struct{ err error }

func (c *command) Err() error { return c.err }

func TestRedis(t *testing.T) {
	t.Parallel()
	var err error
	ask := health.Redis(func(context.Context) *command { return &command{err} })
	if got := ask(t.Context()); got != nil {
		t.Errorf("got %v", got)
	}
	err = errDown
	if got := ask(t.Context()); !errors.Is(got, errDown) {
		t.Errorf("got %v", got)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	var db switchable
	ask := health.Ping(db.check)
	if err := ask(t.Context()); err != nil || db.calls.Load() != 1 {
		t.Errorf("%v after %d calls", err, db.calls.Load())
	}
	db.down.Store(true)
	if err := ask(t.Context()); !errors.Is(err, errDown) {
		t.Errorf("got %v", err)
	}
}
