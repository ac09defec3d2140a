package readiness

import (
	"io"
	"net/netip"
	"strings"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/strictjson"
)

// Load reads a Config from its JSON form, the file site.json, so that the
// service and the command launchcheck share one declaration:
//
//	{"domain": "acme.example", "hosts": ["@", "www", "app", "api"], "canonical": "@",
//	 "proxied": ["@", "www"], "dns_only": ["ssh"], "private": ["admin", "staging"], "origins": ["192.0.2.7"],
//	 "mail": {"sends": true, "receives": true, "dkim_selectors": ["google", "s1"], "senders": ["google", "sendgrid"]},
//	 "redirects": [{"from": "http://acme.example/old?x=1", "to": "https://acme.example/new?x=1"}],
//	 "env": [{"name": "DATABASE_URL", "format": "url", "schemes": ["postgres"], "secret": true},
//	         {"name": "SESSION_SECRET", "secret": true, "min_length": 32},
//	         {"name": "PORT", "format": "port", "optional": true},
//	         {"name": "MODE", "one_of": ["live", "test"]},
//	         {"name": "STRIPE_KEY", "prefix": "sk_live_", "secret": true}],
//	 "accept": [{"code": "dmarc.policy-none", "until": "2027-01-31", "reason": "first month"}],
//	 "handover": {"alerts_to": "ops@acme.example", "owners": {"login": "ana@acme.example"}}}
//
// Every key may be left out. The keys are those fields of [Config] that
// declare something, and those of their structs, in lower case with "_"
// between words; cloudflare_ranges is a list of networks, and mail one object
// or a list. Fields that say how to look, such as Timeout, and those that are
// Go values have no key. Keys are case-sensitive, and one that is unknown or
// given twice is an error, as is a value that [New] would refuse. The error
// joins every problem of the file, each a [*ConfigError] whose Path is that of
// the file, such as "env[2].format"; the Config is empty then. Load reads at
// most 1 MiB, to the end of r.
func Load(r io.Reader) (Config, error) {
	problems := cfgerr.For("readiness")
	l := loader{unsound: map[string]bool{}}
	for _, p := range strictjson.Read(r, l.root) {
		if p.Err != nil {
			problems.Addf(p.Path, "%s: %w", p.Text, p.Err)
			continue
		}
		problems.Addf(p.Path, "%s", p.Text)
	}
	for _, p := range l.late {
		problems.Addf(p[0], "%s", p[1])
	}
	checkDeclarations(problems, jsonNames(), l.cfg.Env, l.unsoundEnv)
	compile(&l.cfg, func(path, format string, args ...any) {
		problems.Addf(l.spell(path), respell(format), args...)
	}, func(path string) bool { return l.unsound[path] })
	if err := problems.Err(); err != nil {
		return Config{}, err
	}
	return l.cfg, nil
}

// loader fills a Config from a file.
type loader struct {
	cfg        Config
	unsoundEnv []bool
	unsound    map[string]bool // paths of elements that are not to be trusted
	oneMail    bool            // "mail" is a single object
	late       [][2]string     // path and text of what only the meaning shows
}

func (l *loader) root(root *strictjson.Object) {
	cfg := &l.cfg
	root.String("domain", &cfg.Domain)
	root.Strings("hosts", &cfg.Hosts)
	root.String("canonical", &cfg.Canonical)
	root.Strings("proxied", &cfg.Proxied)
	root.Strings("dns_only", &cfg.DNSOnly)
	root.Strings("private", &cfg.Private)
	root.Strings("origins", &cfg.Origins)
	l.ranges(root)
	l.oneMail = root.ObjectOrList("mail", func(i int, o *strictjson.Object) {
		load(l, "Mail", &cfg.Mail, i, o, func(m *Mail) {
			o.String("domain", &m.Domain)
			o.Bool("sends", &m.Sends)
			o.Bool("receives", &m.Receives)
			o.Strings("dkim_selectors", &m.DKIMSelectors)
			o.Strings("senders", &m.Senders)
			o.Bool("smtp", &m.SMTP)
		})
	})
	root.Bool("registration", &cfg.Registration)
	root.Objects("redirects", func(i int, o *strictjson.Object) {
		load(l, "Redirects", &cfg.Redirects, i, o, func(r *Redirect) {
			o.String("from", &r.From)
			o.String("to", &r.To)
		})
	})
	root.Objects("env", func(i int, o *strictjson.Object) {
		for len(cfg.Env) <= i { // an element of another kind was passed over
			cfg.Env, l.unsoundEnv = append(cfg.Env, EnvVar{}), append(l.unsoundEnv, true)
		}
		if v, unsound := loadEnvVar(o); !o.Unused() {
			cfg.Env[i], l.unsoundEnv[i] = v, unsound
		}
	})
	root.Objects("accept", func(i int, o *strictjson.Object) {
		load(l, "Accept", &cfg.Accept, i, o, func(a *Acceptance) {
			o.String("code", &a.Code)
			o.String("subject", &a.Subject)
			o.String("until", &a.Until)
			o.String("reason", &a.Reason)
		})
	})
	root.Object("handover", func(o *strictjson.Object) {
		for _, e := range entries() {
			o.String(respell(e.field), e.at(&cfg.Handover))
		}
		o.StringMap("owners", &cfg.Handover.Owners)
	})
}

// load fills element i of a list.
func load[T any](l *loader, list string, to *[]T, i int, o *strictjson.Object, fill func(*T)) {
	for len(*to) <= i {
		l.unsound[cfgerr.Index(list, len(*to), "")] = true // until it is read
		var none T
		*to = append(*to, none)
	}
	fill(&(*to)[i])
	if o.Sound() {
		delete(l.unsound, cfgerr.Index(list, i, ""))
	}
}

func (l *loader) ranges(root *strictjson.Object) {
	var texts []string
	root.Strings("cloudflare_ranges", &texts)
	for i, s := range texts {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			l.late = append(l.late, [2]string{cfgerr.Index("cloudflare_ranges", i, ""), "must be a network such as \"104.16.0.0/13\", got " + quoteCut(s)})
			continue
		}
		l.cfg.CloudflareRanges = append(l.cfg.CloudflareRanges, p)
	}
}

// loadEnvVar reads one variable, and reports whether it is not to be trusted.
func loadEnvVar(o *strictjson.Object) (v EnvVar, unsound bool) {
	names := jsonNames()
	o.String(names.name, &v.Name)
	o.Bool(names.optional, &v.Optional)
	o.Bool(names.secret, &v.Secret)
	o.String(names.format, (*string)(&v.Format))
	o.Strings(names.schemes, &v.Schemes)
	o.Strings(names.oneOf, &v.OneOf)
	o.String(names.prefix, &v.Prefix)
	o.Int(names.minLength, &v.MinLength)
	return v, !o.Sound()
}

// spell returns the path of a field of Config as the file has it.
func (l *loader) spell(path string) string {
	if rest, ok := strings.CutPrefix(path, "Mail[0]"); ok && l.oneMail {
		path = "Mail" + rest
	}
	return respell(path)
}

// respell turns the names of fields in a text into keys: "DKIMSelectors"
// becomes "dkim_selectors".
func respell(text string) string {
	for _, f := range fields() {
		text = strings.ReplaceAll(text, f[0], f[1])
	}
	return text
}

// fields returns the fields of Config and the keys that they have, the longer
// names first where one holds another.
func fields() [][2]string {
	list := [][2]string{
		{"CloudflareRanges", "cloudflare_ranges"},
		{"DKIMSelectors", "dkim_selectors"},
		{"MailProvider", "mail_provider"},
		{"LastGoodRelease", "last_good_release"},
		{"AlertsTo", "alerts_to"},
		{"ApprovesChanges", "approves_changes"},
		{"DNSOnly", "dns_only"},
		{"Registration", "registration"},
		{"SMTP", "smtp"},
	}
	for _, name := range []string{
		"Domain", "Hosts", "Canonical", "Proxied", "Private", "Origins", "Mail", "Sends", "Receives", "Senders", "Redirects", "From",
		"To", "Accept", "Code", "Subject", "Until", "Reason", "Handover", "Registrar", "Cloudflare", "Hosting", "Secrets", "Monitoring", "Deploy", "Rollback", "Owners",
	} {
		list = append(list, [2]string{name, strings.ToLower(name)})
	}
	return append(list, [2]string{"DNS", "dns"})
}
