package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/launchready/readiness/cache"
	"github.com/launchready/readiness/health"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// command is main without the process around it. It returns the exit status:
// 0 after a clean stop, 1 where something fails, 2 for wrong usage.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("cachingproxy -origin URL [flags]", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8081", "`ADDR` to serve on; port 0 takes a free one")
	flags.StringVar(&o.origin, "origin", "", "`URL` of the server to stand in front of, such as http://127.0.0.1:9000")
	flags.Var(&o.pass, "pass", "`PREFIX` of paths that are never cached, such as /account; may be repeated")
	flags.StringVar(&o.redis, "redis", "", "`URL` of a Redis that several proxies share (default: REDIS_URL; without it, pages are kept in this process)")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	o.redis = cmp.Or(o.redis, os.Getenv("REDIS_URL"))
	s, err := o.settings()
	if flags.NArg() > 0 { // it is not shown: it may be a URL with a password
		err = errors.Join(err, errors.New("an argument belongs to no flag: write -flag=VALUE"))
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return 2
	}
	encoder := zapcore.NewConsoleEncoder(zap.NewDevelopmentEncoderConfig())
	log := zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(stderr)), zap.InfoLevel))
	if err := s.serve(ctx, stdout, log); err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// serve answers until ctx ends, then lets requests finish.
func (s *settings) serve(ctx context.Context, out io.Writer, log *zap.Logger) (err error) {
	cfg := cache.Config{Policies: s.policies, Logger: log}
	if s.redis != nil {
		defer func() { err = errors.Join(err, s.redis.Close()) }()
		cfg.Store = cache.NewRedisStore(s.redis, cache.RedisConfig{})
	}
	pages, errCache := cache.New(cfg)
	lifecycle, errHealth := health.New(health.Config{Logger: log})
	if err := errors.Join(errCache, errHealth); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("-listen: %w; write a free HOST:PORT of this machine", err)
	}
	transport := newTransport()
	defer transport.CloseIdleConnections()
	_, _ = fmt.Fprintf(out, "listening on http://%s\n", listener.Addr())
	server := &http.Server{
		Handler:     newHandler(s.origin, transport, pages, log),
		ReadTimeout: 5 * time.Minute, // an upload; no WriteTimeout: a response may be a stream
		ErrorLog:    zap.NewStdLog(log),
	}
	return lifecycle.Serve(ctx, server, health.ServeConfig{Background: []func(context.Context) error{pages.Run}, Listener: listener})
}
