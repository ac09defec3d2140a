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
// The pool stays the caller's. Where db is nil, so is the result, and [New]
// reports it.
func SQL(db *sql.DB) func(context.Context) error {
	if db == nil {
		return nil
	}
	return func(ctx context.Context) error {
		err := askSQL(ctx, db)
		if s := db.Stats(); err != nil && ctx.Err() != nil && s.MaxOpenConnections > 0 && s.InUse >= s.MaxOpenConnections {
			return fmt.Errorf("all %d connections of the pool are in use: %w", s.InUse, err)
		}
		return err
	}
}

// askSQL makes the database answer.
func askSQL(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	pings := false
	err = conn.Raw(func(c any) error {
		_, pings = c.(driver.Pinger)
		return nil
	})
	// Back into the pool with it: only the methods of db itself take another
	// connection where the server has closed this one.
	if err := errors.Join(err, conn.Close()); err != nil {
		return err
	}
	if pings {
		return db.PingContext(ctx)
	}
	var one int
	return db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}
