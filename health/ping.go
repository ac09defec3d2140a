package health

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// Ping returns ping as the Func of a [Check], for every client with a method
// of that shape: health.Ping(pool.Ping). Where ping is nil, so is the result,
// and [New] reports it.
func Ping(ping func(context.Context) error) func(context.Context) error { return ping }

// Redis returns the Func of a [Check] that calls ping, which is the Ping
// method of a client whose commands hold their error, as those of
// github.com/redis/go-redis do:
//
//	{Name: "redis", Func: health.Redis(client.Ping)}
//
// Any command will do that a server answers only when it is well. Where ping
// is nil, so is the result, and [New] reports it.
func Redis[Command interface{ Err() error }](ping func(context.Context) Command) func(context.Context) error {
	if ping == nil {
		return nil
	}
	return func(ctx context.Context) error { return ping(ctx).Err() }
}

// SQL returns the Func of a [Check] that asks a database whether it answers:
// by its driver's ping or, where the driver has none, by SELECT 1, because
// database/sql would then only look whether a connection is open. It takes a
// connection from the pool like everybody else, and says so where it gets none
// because all are in use: the database may be well, and the pool too small.
// Idle connections that the server has closed meanwhile are no failure. The
// pool stays the caller's. Where db is nil, so is the result, and [New]
// reports it.
func SQL(db *sql.DB) func(context.Context) error {
	if db == nil {
		return nil
	}
	return func(ctx context.Context) (err error) {
		// After a restart of the server every idle connection is of no use,
		// and leaves the pool by being tried. PingContext tries one.
		for range 1 + db.Stats().Idle {
			err = askSQL(ctx, db)
			if ctx.Err() != nil || !errors.Is(err, driver.ErrBadConn) {
				break
			}
		}
		if s := db.Stats(); err != nil && ctx.Err() != nil && s.MaxOpenConnections > 0 && s.InUse >= s.MaxOpenConnections {
			return fmt.Errorf("all %d connections of the pool are in use: %w", s.InUse, err)
		}
		return err
	}
}

// askSQL makes the database answer on one connection.
func askSQL(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // back into the pool
	pings := false
	err = conn.Raw(func(c any) error {
		var p driver.Pinger
		if p, pings = c.(driver.Pinger); pings {
			return p.Ping(ctx)
		}
		return nil
	})
	if err != nil || pings {
		return err
	}
	var one int
	return conn.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}
