package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/internal/envfile"
)

// open returns what the command line and the files that it names declare, and
// reports the problems of all of them.
func open(opt options, lookup func(string) (string, bool)) (readiness.Config, error) {
	var cfg readiness.Config
	var errConfig, errEnv, errRoots error
	switch {
	case !opt.discovers():
		cfg, errConfig = readFile(opt.config, readiness.Load)
		if errors.Is(errConfig, fs.ErrNotExist) {
			errConfig = fmt.Errorf("%w\nwithout a file: launchcheck DOMAIN; to write one: launchcheck -init DOMAIN", errConfig)
		}
	case opt.init:
		if _, err := os.Lstat(opt.config); err == nil {
			errConfig = fmt.Errorf("-init: %s exists already; move it away, or name another with -config", opt.config)
		}
	}
	if opt.domain != "" {
		cfg.Domain = opt.domain
	}
	cfg.LookupEnv = lookup
	if opt.envFile != "" && opt.discovers() {
		errEnv = errors.New("-env-file: needs a file that declares the variables: name it with -config")
	} else if opt.envFile != "" {
		var vars map[string]string
		vars, errEnv = readFile(opt.envFile, envfile.Parse)
		cfg.LookupEnv = func(name string) (string, bool) {
			value, ok := vars[name]
			return value, ok
		}
	}
	cfg.Resolvers, cfg.ConnectTo, cfg.AllowPrivate = opt.resolvers, opt.connectTo, opt.allowPrivate
	cfg.Only, cfg.Timeout = opt.only, opt.timeout
	if opt.cacert != "" {
		if cfg.RootCAs, errRoots = readFile(opt.cacert, authorities); errRoots != nil {
			errRoots = fmt.Errorf("-cacert: %w", errRoots)
		}
	}
	var errUse error
	if errConfig == nil {
		_, errUse = readiness.New(cfg)
	} else {
		_, errUse = readiness.New(readiness.Config{Domain: opt.domain, Resolvers: cfg.Resolvers, ConnectTo: cfg.ConnectTo, Only: cfg.Only, Timeout: cfg.Timeout})
	}
	return cfg, errors.Join(errConfig, spell(errUse), errEnv, errRoots)
}

// spell puts the options in the place of the fields that they fill.
func spell(err error) error {
	if err == nil {
		return nil
	}
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	for i, e := range list {
		problem, ok := errors.AsType[*readiness.ConfigError](e)
		if !ok {
			continue
		}
		field, _, _ := strings.Cut(problem.Path, "[")
		if name, ok := map[string]string{"Domain": "DOMAIN", "Resolvers": "-resolver", "ConnectTo": "-connect-to", "Only": "-only", "Timeout": "-timeout"}[field]; ok {
			list[i] = errors.New(name + ": " + problem.Problem)
		}
	}
	return errors.Join(list...)
}

// authorities reads certificates in PEM form.
func authorities(r io.Reader) (*x509.CertPool, error) {
	const most = 4 << 20
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if len(data) > most || !pool.AppendCertsFromPEM(data) {
		return nil, errors.New("must hold certificates in PEM form, of at most 4 MiB")
	}
	return pool, nil
}

// readFile opens the file at path and reads it with read, whose error gets the
// path in front.
func readFile[T any](path string, read func(io.Reader) (T, error)) (T, error) {
	var none T
	f, err := os.Open(path)
	if err != nil {
		return none, err // it names the path
	}
	v, err := read(f)
	_ = f.Close() // only read: nothing to lose
	if err != nil {
		return none, fmt.Errorf("%s:\n%w", path, err)
	}
	return v, nil
}
