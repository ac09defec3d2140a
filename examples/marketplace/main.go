package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const usage = `marketplace: a small marketplace of internal operations that wires the whole library.

  go run ./examples/marketplace            serves on 127.0.0.1:8080, needs no environment
  marketplace -check                       what nginx -t does for nginx: exit status 0 or 1

Environment: APP_ENV (development or production), REDIS_URL, and in production the
variables that the self-check lists. Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// command is main without the process around it. It returns the exit status:
// 0 after a clean stop, 1 where something is wrong, 2 for wrong usage.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("marketplace", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { _, _ = fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`HOST:PORT` to serve on; port 0 takes a free one")
	flags.StringVar(&o.private, "private-addr", "127.0.0.1:0", "`HOST:PORT` of /metrics, for nobody but you; empty: none")
	flags.StringVar(&o.state, "state", "", "`folder` of the database (default: a new temporary folder, which is printed)")
	flags.BoolVar(&o.check, "check", false, "check the configuration, print the tables and exit, without opening a port")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		_, _ = fmt.Fprintf(stderr, "marketplace: unexpected argument %q\n", flags.Arg(0))
		return 2
	}
	log := newLog(stderr)
	defer func() { _ = log.Sync() }()
	if err := run(ctx, o, stdout, log); err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// run checks, then serves until ctx ends.
func run(ctx context.Context, o options, out io.Writer, log *zap.Logger) error {
	s, err := newService(ctx, o, out, log)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.print(out); err != nil {
		return err
	}
	if o.check {
		_, err := fmt.Fprintln(out, "\nconfiguration ok")
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	return s.serve(ctx, listener, out)
}

// newLog writes readable lines of level Info and above.
func newLog(w io.Writer) *zap.Logger {
	encoder := zapcore.NewConsoleEncoder(zap.NewDevelopmentEncoderConfig())
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), zap.InfoLevel))
}

// release is the commit that the program was built from.
func release() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}
