package health

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/launchready/readiness/internal/cfgerr"
	"go.uber.org/zap"
)

// The defaults of Serve.
const (
	defaultShutdownTimeout   = 10 * time.Second
	defaultReadHeaderTimeout = 10 * time.Second
	defaultIdleTimeout       = 2 * time.Minute
)

// ServeConfig says how [Checker.Serve] starts and stops. The zero value is
// valid.
type ServeConfig struct {
	_ [0]func()

	// Background are loops that run beside the server: from before it
	// accepts connections until after the last request is done, so that a
	// request that is still in flight finds them working. Each must return
	// soon after its context ends. One that returns nil earlier is done; one
	// that returns an error stops the server. Serve runs the checks itself:
	// Checker.Run does not belong here.
	Background []func(context.Context) error

	// Delay is how long the server goes on answering after readiness turned
	// 503, so that load balancers notice and send nothing more. Set it longer
	// than yours takes: how often it asks for readiness, times the failures
	// that it waits for, and a second or two; 5 s under Kubernetes, where an
	// endpoint is removed while the process is already being told to stop.
	//
	// Default: none, which may drop requests: the listener closes at once, and
	// with it the connections that the kernel has taken but the server has not
	// accepted yet are reset, as are those that keep coming; and a request that
	// is just being sent on an idle connection is lost when that is closed.
	// That is fit for tests, and where nobody else routes to this server.
	Delay time.Duration

	// ShutdownTimeout bounds how long requests in flight may take once the
	// server accepts no more, and then again how long the Background loops
	// may take to return. Default: 10 s. Delay and twice this time should
	// fit into what the platform grants before it kills (30 s under
	// Kubernetes, 10 s in docker stop).
	ShutdownTimeout time.Duration

	// Listener, if set, is where connections come from, instead of the
	// server's Addr. Serve closes it, whatever happens.
	Listener net.Listener
}

// Serve runs the checks, the Background loops and the server until ctx ends,
// and then stops them in this order: readiness turns 503, every response tells
// its client to close the connection, Delay passes, the server stops accepting
// and waits for requests in flight, and only then the loops and the checks
// end. No request that has reached its handler is dropped, unless it takes longer
// than ShutdownTimeout. Whether others are is up to Delay: only where it is
// long enough for clients and load balancers to go elsewhere is nobody left
// who connects while the listener closes; see [ServeConfig].
//
// Streams need a word from you. A connection that a handler took over (a
// WebSocket) is neither waited for nor closed: net/http has forgotten it. One
// of events is waited for like any request, for the whole ShutdownTimeout, and
// then counts as not done. End both with the server's RegisterOnShutdown,
// whose functions are called once it stops accepting, and wait for the former
// in one of the Background loops after its context has ended.
//
// Serve returns nil
// after a clean stop. In main, ctx comes from signal.NotifyContext.
//
// Before it serves, it sets the server's ReadHeaderTimeout (10 s) and
// IdleTimeout (2 min) where they are zero, because net/http's own default is
// to wait for ever, and puts a wrapper around its Handler. A negative time-out
// stays: it means no time-out. The context of requests never comes from ctx:
// its end would cancel the very requests that are to be finished. A server
// whose TLSConfig has certificates speaks TLS; without, it speaks plain HTTP.
//
// Errors: a [*ConfigError] for each field of cfg that is wrong, and for a
// server that is nil; a failure to listen, at once and before anything
// started; that Run or Serve was called before; a Background loop's error,
// after everything has stopped; requests or loops that were not done in time,
// whose connections are then closed. Several come joined.
func (c *Checker) Serve(ctx context.Context, srv *http.Server, cfg ServeConfig) (err error) {
	listener := cfg.Listener
	defer func() {
		if listener != nil {
			_ = listener.Close() // a second time for nothing, as a rule
		}
	}()
	if err := cfg.check(srv); err != nil {
		return err
	}
	if listener == nil {
		// ctx has no say here: one that has ended already stops the server
		// in the usual way.
		if listener, err = net.Listen("tcp", listenAddr(srv)); err != nil {
			return fmt.Errorf("health: %w", err)
		}
	}
	if !c.running.CompareAndSwap(false, true) {
		return errRunTwice
	}
	c.prepare(srv)

	// The loops' context has the values of ctx and an end of its own.
	loopCtx, stopLoops := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLoops()
	loops := c.startLoops(loopCtx, cfg.Background)
	served := make(chan error, 1)
	go func() { served <- listen(srv, listener) }()
	c.log.Info("serving", zap.Stringer("address", listener.Addr()), zap.String("release", c.release))

	var problems []error
	note := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	bound := cmp.Or(cfg.ShutdownTimeout, defaultShutdownTimeout)
	note(c.untilStop(ctx, cfg.Delay, served, loops))
	note(shutdown(ctx, srv, bound))
	stopLoops()
	note(loops.wait(bound))
	c.log.Info("stopped", zap.Bool("clean", len(problems) == 0))
	return errors.Join(problems...)
}

// untilStop waits for the reason to stop, drains, and waits for Delay to
// pass. It returns the reason where it is an error.
func (c *Checker) untilStop(ctx context.Context, delay time.Duration, served <-chan error, loops *loops) error {
	defer c.Drain()
	select {
	case err := <-served:
		return err // nobody can connect any more: there is nothing to wait for
	case <-loops.failed: // wait returns the error
		c.log.Error("a background loop failed: stopping")
		c.Drain()
		return pause(delay, served)
	case <-ctx.Done():
		c.Drain()
		return pause(delay, served)
	}
}

// pause waits for delay to pass or the server to end.
func pause(delay time.Duration, served <-chan error) error {
	if delay == 0 {
		return nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case err := <-served:
		return err
	}
}

// shutdown ends the server, within bound.
func shutdown(ctx context.Context, srv *http.Server, bound time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bound)
	defer cancel()
	err := srv.Shutdown(ctx)
	if err == nil {
		return nil
	}
	_ = srv.Close()
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("health: requests were still in flight %s after the server stopped accepting; their connections were closed: %w", bound, err)
	}
	return fmt.Errorf("health: shutdown: %w", err)
}

// prepare sets what the server lacks.
func (c *Checker) prepare(srv *http.Server) {
	if srv.ReadHeaderTimeout == 0 {
		srv.ReadHeaderTimeout = defaultReadHeaderTimeout
		if srv.ReadTimeout > 0 { // until now it bounded the header, too
			srv.ReadHeaderTimeout = min(srv.ReadHeaderTimeout, srv.ReadTimeout)
		}
	}
	if srv.IdleTimeout == 0 {
		srv.IdleTimeout = defaultIdleTimeout
	}
	next := srv.Handler
	if next == nil {
		next = http.DefaultServeMux
	}
	// Server.SetKeepAlivesEnabled would close idle connections at once, just
	// when a load balancer that has not noticed yet may be sending on one.
	// The header field closes each after its next response, and makes an
	// HTTP/2 connection go away gracefully.
	srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.verdict.Load().state == Draining {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// listen serves until the server is shut down, which is no error.
func listen(srv *http.Server, l net.Listener) error {
	var err error
	if speaksTLS(srv) {
		err = srv.ServeTLS(l, "", "")
	} else {
		err = srv.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("health: serve: %w", err)
}

// speaksTLS reports whether the server was given a certificate, or a way to
// one.
func speaksTLS(srv *http.Server) bool {
	t := srv.TLSConfig
	return t != nil && (len(t.Certificates) > 0 || t.GetCertificate != nil || t.GetConfigForClient != nil)
}

// listenAddr returns where the server wants to listen, with net/http's own
// defaults.
func listenAddr(srv *http.Server) string {
	if speaksTLS(srv) {
		return cmp.Or(srv.Addr, ":https")
	}
	return cmp.Or(srv.Addr, ":http")
}

// check returns every problem of the configuration at once.
func (cfg ServeConfig) check(srv *http.Server) error {
	problems := cfgerr.For("health")
	if srv == nil {
		problems.Addf("", "Serve needs a server, got nil")
	}
	for i, loop := range cfg.Background {
		if loop == nil {
			problems.Addf(cfgerr.Index("ServeConfig.Background", i, ""), "is nil: leave it out")
		}
	}
	if cfg.Delay < 0 {
		problems.Addf("ServeConfig.Delay", "must not be negative, got %s", cfg.Delay)
	}
	if cfg.ShutdownTimeout < 0 {
		problems.Addf("ServeConfig.ShutdownTimeout", "must be positive, got %s: use 0 for the default of %s", cfg.ShutdownTimeout, defaultShutdownTimeout)
	}
	return problems.Err()
}
