package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/launchready/readiness"
)

// discover completes cfg with what exists, in a third of the time that there
// is; the check has the rest. The error says that it could not look.
func discover(ctx context.Context, cfg readiness.Config) (readiness.Config, error) {
	began, whole := time.Now(), cfg.Timeout
	look := cfg
	look.Timeout = whole / 3
	found, err := readiness.Discover(ctx, look)
	if err != nil {
		found = cfg
	}
	found.Timeout = max(whole-time.Since(began), time.Millisecond)
	return found, err
}

// assumption says what a check without a file goes by.
func assumption(cfg readiness.Config, errLook error) string {
	if errLook != nil {
		return "assumed: nothing, since no name server gave a usable answer\n"
	}
	list := func(names []string) string {
		if len(names) == 0 {
			return "none"
		}
		return strings.Join(names, " ")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "assumed: hosts %s; private %s", list(cfg.Hosts), list(cfg.Private))
	for _, m := range cfg.Mail {
		words := "no mail"
		switch {
		case m.Sends && m.Receives:
			words = "sends and receives mail"
		case m.Sends:
			words = "sends mail"
		}
		fmt.Fprintf(&b, "; %s", words)
		if m.Sends {
			fmt.Fprintf(&b, ", DKIM selectors %s", list(m.DKIMSelectors))
		}
	}
	fmt.Fprintf(&b, "\nlaunchcheck -init %s writes this to site.json, to be edited\n", cfg.Domain)
	return b.String()
}

// initialize writes site.json, and never over another.
func initialize(opt options, cfg readiness.Config, errLook error, stdout, stderr io.Writer) int {
	if errLook != nil {
		_ = fail(stderr, errLook)
		return exitBlind
	}
	data, err := json.MarshalIndent(cfg, "", "  ")
	if err != nil {
		return fail(stderr, err)
	}
	f, err := os.OpenFile(opt.config, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fail(stderr, err)
	}
	_, err = f.Write(append(data, '\n'))
	if errClose := f.Close(); err == nil {
		err = errClose
	}
	if err != nil {
		return fail(stderr, err)
	}
	return show(stdout, stderr, fmt.Sprintf("wrote %s: edit it, then run launchcheck -config %s\n", opt.config, opt.config))
}
