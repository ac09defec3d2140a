package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
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
	if cfg.Canonical != "" {
		fmt.Fprintf(&b, "; canonical %s", cfg.Canonical)
	}
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

// placeholders are appended to what was seen: what nobody can see, to be
// filled in. An empty one counts as not declared.
const placeholders = `,
  "env": [],
  "handover": {
    "registrar": "", "dns": "", "cloudflare": "", "hosting": "", "mail_provider": "",
    "secrets": "", "monitoring": "", "deploy": "", "rollback": "", "last_good_release": "",
    "alerts_to": "", "approves_changes": "", "owners": {}
  }
}
`

// doubts says what of the assumed declaration looks broken.
func doubts(ctx context.Context, cfg readiness.Config) string {
	cfg.Only = []string{"dns", "mail"}
	launch, err := readiness.New(cfg)
	if err != nil {
		return ""
	}
	const most = 7
	var b strings.Builder
	for i, f := range launch.Check(ctx).At(readiness.High) {
		if i == most {
			b.WriteString("launchcheck: … and more\n")
			break
		}
		fmt.Fprintf(&b, "launchcheck: what is assumed looks broken: %s: %s (%s)\n", f.Subject, f.Title, f.Code)
	}
	return b.String()
}

// cannotLook words that no declaration could be made.
func cannotLook(err error) string {
	return "launchcheck: " + strings.TrimPrefix(err.Error(), "readiness: ") +
		"\ntry -resolver 9.9.9.9:53, and see whether a firewall or a VPN keeps questions (port 53, UDP and TCP) back\n"
}

// initialize writes site.json, and never over another.
func initialize(ctx context.Context, opt options, cfg readiness.Config, errLook error, stdout, stderr io.Writer) int {
	if errLook != nil {
		_, _ = io.WriteString(stderr, cannotLook(errLook))
		return exitBlind
	}
	doubt := doubts(ctx, cfg)
	if cfg.Canonical == "" {
		cfg.Canonical = "@"
		if slices.Contains(cfg.Hosts, "www") {
			doubt += "launchcheck: neither of " + cfg.Domain + " and www." + cfg.Domain + " is seen to lead to the other; \"canonical\" is assumed to be \"@\"\n"
		}
	}
	_, _ = io.WriteString(stderr, doubt)
	data, err := json.MarshalIndent(cfg, "", "  ")
	if err != nil {
		return fail(stderr, err)
	}
	f, err := os.OpenFile(opt.config, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fail(stderr, err)
	}
	_, err = io.WriteString(f, strings.TrimSuffix(string(data), "\n}")+placeholders)
	if errClose := f.Close(); err == nil {
		err = errClose
	}
	if err != nil {
		return fail(stderr, err)
	}
	return show(stdout, stderr, fmt.Sprintf("wrote %s: edit it, then run launchcheck -config %s\n", opt.config, opt.config))
}
