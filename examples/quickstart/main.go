package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/launchready/readiness"
	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/health"
	"github.com/launchready/readiness/metrics"
	"github.com/launchready/readiness/ratelimit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, zap.Must(zap.NewProduction())); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *zap.Logger) error {
	launch, err := readiness.New(readiness.Config{
		Env: []readiness.EnvVar{
			{Name: "SESSION_SECRET", Secret: true, MinLength: 32},
			{Name: "REDIS_URL", Format: readiness.URL, Schemes: []string{"redis", "rediss"}, Optional: true, Secret: true},
		},
		Domain: os.Getenv("DOMAIN"), // such as market.example; empty: the environment alone
		Logger: log,
	})
	if err != nil {
		return err
	}
	if err := launch.CheckEnv().Err(); err != nil {
		return err // every missing variable at once, before anything reads one
	}
	var checks []health.Check
	var pageStore cache.Store    // nil: in-process
	var counters ratelimit.Store // nil: in-process
	if u := os.Getenv("REDIS_URL"); u != "" {
		opt, err := redis.ParseURL(u)
		if err != nil {
			return errors.New("REDIS_URL: not a Redis URL") // the driver's text may hold the password
		}
		rdb := redis.NewClient(opt)
		defer func() { _ = rdb.Close() }() // the application owns the client
		checks = append(checks, health.Check{Name: "redis", Func: health.Redis(rdb.Ping), Interval: 10 * time.Second})
		pageStore, counters = cache.NewRedisStore(rdb, cache.RedisConfig{}), ratelimit.NewRedisStore(rdb, ratelimit.RedisConfig{})
	}
	probes, errHealth := health.New(health.Config{Checks: checks, Logger: log})
	pages, errCache := cache.New(cache.Config{
		Policies: []cache.Policy{
			{Pattern: "GET /listings", Class: cache.ShortCache, TTL: 30 * time.Second, Query: []string{"q", "page"}, Tags: []string{"listings"}},
			{Pattern: "GET /listings/{id}", Class: cache.Revalidate, TTL: time.Minute, StaleWhileRevalidate: time.Minute, Tags: []string{"listing:{id}"}},
			{Pattern: "GET /account/", Class: cache.NoCache},
		},
		Purges: []cache.Purge{
			{Pattern: "/listings", Tags: []string{"listings"}}, // any method that writes
			{Pattern: "/listings/{id}", Tags: []string{"listings", "listing:{id}"}},
		},
		Store: pageStore, Logger: log,
	})
	forms, errForms := ratelimit.New(ratelimit.Config{
		Rules: ratelimit.LoginRules("POST /login"), // by the field email; a login calls ratelimit.Succeed; behind a proxy: set ClientIP
		Store: counters, Secret: []byte(os.Getenv("SESSION_SECRET")), Logger: log,
	})
	traffic, errMetrics := metrics.New(metrics.Config{SlowerThan: 800 * time.Millisecond, Logger: log})
	if err := errors.Join(errHealth, errCache, errForms, errMetrics); err != nil {
		return err // a config is wrong: every problem of every package at once
	}
	r := chi.NewRouter()
	r.Use(metrics.Name(chiRoute))
	routes(r) // your handlers

	root := http.NewServeMux() // probes pass no limiter, no cache and no p95
	root.Handle("/livez", probes.LiveHandler())
	root.Handle("/readyz", probes.ReadyHandler())
	root.Handle("/", traffic.Middleware(http.NewCrossOriginProtection().Handler(forms.Middleware(pages.Middleware(r)))))
	return probes.Serve(ctx, &http.Server{Addr: cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8080"), Handler: root},
		health.ServeConfig{Background: []func(context.Context) error{launch.Run, pages.Run}})
}

// chiRoute names a request's route for the metrics.
func chiRoute(r *http.Request) string {
	return chi.RouteContext(r.Context()).RoutePattern()
}
