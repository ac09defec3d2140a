package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
)

// options are the command line.
type options struct {
	addr, private, state string
	check                bool
}

// problems returns everything that is wrong with the command line, found
// without opening a port and without touching the state.
func (o options) problems(production bool) error {
	var errs []error
	for _, f := range []struct{ name, addr string }{{"-addr", o.addr}, {"-private-addr", o.private}} {
		if f.addr == "" && f.name == "-private-addr" {
			continue
		}
		if _, err := net.ResolveTCPAddr("tcp", f.addr); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w; write HOST:PORT, such as 127.0.0.1:8080", f.name, err))
		}
	}
	switch {
	case o.state != "":
		errs = append(errs, checkState(o.state))
	case production:
		errs = append(errs, errors.New("-state: name the folder of the database; in production a temporary one would be lost"))
	}
	return errors.Join(errs...)
}

// checkState reports why the folder cannot hold the database: it cannot be
// written to, or what lies in it is no database. It reads the database, which
// the old release may be using, and changes nothing.
func checkState(dir string) error {
	parent := dir // or the first folder above it that exists
	for {
		info, err := os.Stat(parent)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("-state: %s is not a folder", parent)
		}
		if err == nil || parent == filepath.Dir(parent) {
			break
		}
		parent = filepath.Dir(parent)
	}
	probe, err := os.MkdirTemp(parent, ".marketplace-check-")
	if err != nil {
		return fmt.Errorf("-state: %w", err)
	}
	_ = os.Remove(probe) // it is empty
	file, err := filepath.Abs(filepath.Join(dir, databaseName))
	if err != nil {
		return fmt.Errorf("-state: %w", err)
	}
	if _, err := os.Stat(file); err != nil {
		return nil // the first start makes it
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.ToSlash(file), RawQuery: "mode=ro"}).String())
	if err != nil {
		return fmt.Errorf("-state: %w", err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), "SELECT count(*) FROM sqlite_schema"); err != nil {
		return fmt.Errorf("-state: %s cannot be read: %w", file, err)
	}
	return nil
}
