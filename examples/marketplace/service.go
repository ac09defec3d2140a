package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/health"
	"github.com/launchready/readiness/metrics"
	"github.com/launchready/readiness/ratelimit"
)

// minDiskFree is when the disk of the database is worth a warning.
const minDiskFree = 256 << 20

// service is the application with the library around it.
type service struct {
	cfg     appConfig
	private string // the address of /metrics
	scratch string // a temporary folder that close removes; serving keeps it
	report  readiness.Report
	launch  *readiness.Checker
	app     *app
	probes  *health.Checker
	pages   *cache.Cache
	forms   *ratelimit.Limiter
	traffic *metrics.Metrics
	closers []func() error
}

// newService checks the environment, opens the database and compiles the
// tables. It opens no port.
func newService(ctx context.Context, o options, out io.Writer, log *zap.Logger) (*service, error) {
	production := os.Getenv("APP_ENV") == "production"
	launch, err := readiness.New(environment(production))
	if err != nil {
		return nil, err
	}
	s := &service{launch: launch, report: launch.CheckEnv(), private: o.private}
	if err := errors.Join(s.report.WriteText(out), s.report.Err(), o.problems(production)); err != nil {
		return nil, err // every missing variable at once, before anything reads one
	}
	if err := s.open(ctx, o, production, log); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// open opens the database and compiles the tables.
func (s *service) open(ctx context.Context, o options, production bool, log *zap.Logger) (err error) {
	if s.cfg, err = configuration(o, production); err != nil {
		return err
	}
	s.cfg.StateDir, s.cfg.Log, s.cfg.Seed = o.state, log, !production && !o.check
	if o.state == "" || o.check { // the old release may be using the named one
		if s.cfg.StateDir, err = os.MkdirTemp("", "marketplace-"); err != nil {
			return err
		}
		s.scratch = s.cfg.StateDir
	}
	if s.app, err = newApp(ctx, s.cfg); err != nil {
		return fmt.Errorf("the state in %s: %w", s.cfg.StateDir, err)
	}
	s.closers = append(s.closers, s.app.close)
	return s.compile(log)
}

// compile makes the tables of every package and joins their problems.
func (s *service) compile(log *zap.Logger) error {
	checks := []health.Check{
		{Name: "database", Func: health.SQL(s.app.db.read), Interval: 5 * time.Second, Required: true},
		{Name: "disk", Func: health.DiskFree(s.cfg.StateDir, minDiskFree)},
	}
	if s.app.mail != nil { // without a server for it, mail waits for nobody
		worker, beat := health.Heartbeat("mail worker", 2*mailDeadline)
		s.app.mailBeat = beat
		checks = append(checks, worker)
	}
	var pageStore cache.Store    // nil: in-process
	var counters ratelimit.Store // nil: in-process
	if u := os.Getenv("REDIS_URL"); u != "" {
		opt, err := redis.ParseURL(u)
		if err != nil {
			return errors.New("REDIS_URL: not a Redis URL") // the driver's text may hold the password
		}
		opt.ContextTimeoutEnabled = true // the stores bound each call, on this client itself
		rdb := redis.NewClient(opt)
		s.closers = append(s.closers, rdb.Close) // the application owns the client
		checks = append(checks, health.Check{Name: "redis", Func: health.Redis(rdb.Ping), Interval: 10 * time.Second})
		pageStore = cache.NewRedisStore(rdb, cache.RedisConfig{})
		counters = ratelimit.NewRedisStore(rdb, ratelimit.RedisConfig{})
	}
	var errHealth, errCache, errForms, errMetrics error
	s.probes, errHealth = health.New(health.Config{Checks: checks, Release: s.cfg.Release, Logger: log})
	s.pages, errCache = cache.New(cache.Config{Policies: policies(), Purges: purges(), Store: pageStore, Logger: log})
	s.forms, errForms = ratelimit.New(ratelimit.Config{
		Rules: s.app.rules(), ClientIP: clientIP(), Store: counters, Secret: s.cfg.SessionSecret, Logger: log,
	})
	s.traffic, errMetrics = metrics.New(metrics.Config{
		SlowerThan: 800 * time.Millisecond, Events: events(), Exclude: []string{"/static/{file}"},
		SnapshotTokens: snapshotTokens(), Secret: s.cfg.SessionSecret, Release: s.cfg.Release, Logger: log,
	})
	if errMetrics == nil {
		s.app.event = s.traffic.Event
	}
	return errors.Join(errHealth, errCache, errForms, errMetrics) // every problem of every package at once
}

// handler puts the library around the router. The order, outermost first:
// what answers for a panic, what measures, what refuses, what compresses,
// what remembers, and the router, which none of them stands inside of.
func (s *service) handler() http.Handler {
	router := s.app.routes(metrics.Name(chiRoute))
	h := s.pages.Middleware(router)
	h = middleware.Compress(5)(h) // outside the cache, which keeps one plain copy
	h = s.forms.Middleware(h)
	h = http.NewCrossOriginProtection().Handler(h)
	h = s.traffic.Middleware(h)
	h = middleware.Recoverer(h) // outside metrics, which counts the panic on its way up

	root := http.NewServeMux() // probes pass no limiter, no cache and no p95
	root.Handle("/livez", s.probes.LiveHandler())
	root.Handle("/readyz", s.probes.ReadyHandler())
	root.Handle("/startupz", s.probes.StartupHandler())
	root.Handle("/metrics/snapshot", s.traffic.SnapshotHandler()) // for the check after a deploy, which holds METRICS_TOKEN
	root.Handle("/", h)
	return root
}

// print writes the tables: what is cached and why, what is limited, and what
// nobody has decided about.
func (s *service) print(out io.Writer) error {
	var text strings.Builder
	text.WriteString("\nCaching decisions:\n")
	err := s.pages.WriteDecisions(&text)
	text.WriteString("\nRate rules:\n")
	for _, r := range s.forms.Rules() {
		text.WriteString(r.String() + "\n")
	}
	routes := chiRoutes(s.app.routes())
	for _, pattern := range s.pages.Undecided(routes) {
		text.WriteString("\nno caching decision, passed through: " + pattern)
	}
	for _, pattern := range slices.Concat(s.pages.Unused(routes), s.forms.Unused(routes)) {
		text.WriteString("\nno route has: " + pattern)
	}
	text.WriteString("\n")
	_, errPrint := io.WriteString(out, text.String())
	return errors.Join(err, errPrint)
}

// serve answers on listener until ctx ends, then lets requests finish.
func (s *service) serve(ctx context.Context, listener net.Listener, out io.Writer) error {
	if os.Getenv("PUBLIC_URL") == "" {
		s.app.cfg.PublicURL = "http://" + listener.Addr().String() // links in mail, now that the port is known
	}
	s.scratch = "" // people may look into it afterwards
	_, _ = fmt.Fprintf(out, "\nlistening on http://%s\n  state: %s\n", listener.Addr(), s.cfg.StateDir)
	if s.cfg.AdminPassword == developmentPassword {
		_, _ = fmt.Fprintf(out, "  review queue: log in as %s with the password %q\n", s.cfg.AdminEmail, s.cfg.AdminPassword)
	}
	background := []func(context.Context) error{s.app.runOutbox, s.launch.Run, s.pages.Run}
	if s.private != "" {
		private, err := new(net.ListenConfig).Listen(ctx, "tcp", s.private)
		if err != nil {
			return errors.Join(fmt.Errorf("-private-addr: %w", err), listener.Close())
		}
		_, _ = fmt.Fprintf(out, "  metrics: http://%s/metrics\n  health: http://%[1]s/health?verbose\n", private.Addr())
		background = append(background, func(ctx context.Context) error { return servePrivate(ctx, private, s.privateHandler()) })
	}
	return s.probes.Serve(ctx, &http.Server{Handler: s.handler(), ReadTimeout: 30 * time.Second},
		health.ServeConfig{Background: background, Listener: listener})
}

// privateHandler is what the people who run the service look at.
func (s *service) privateHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", s.traffic.Handler())
	mux.Handle("/health", s.probes.DetailsHandler()) // its errors are for those who run this
	mux.HandleFunc("GET /errors", func(w http.ResponseWriter, _ *http.Request) {
		if err := sendJSON(w, http.StatusOK, "application/json", s.traffic.Errors()); err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		}
	})
	return mux
}

// servePrivate serves what is nobody else's business until ctx ends.
func servePrivate(ctx context.Context, listener net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// close releases what newService opened, the last first.
func (s *service) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		if err := s.closers[i](); err != nil {
			cmp.Or(s.cfg.Log, zap.NewNop()).Warn("not closed cleanly", zap.Error(err))
		}
	}
	s.closers = nil
	if s.scratch != "" {
		_ = os.RemoveAll(s.scratch) // a temporary folder: the system sweeps too
	}
}
