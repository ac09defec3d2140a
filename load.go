package readiness

import (
	"io"

	"github.com/launchready/readiness/internal/cfgerr"
	"github.com/launchready/readiness/internal/strictjson"
)

// Load reads a Config from its JSON form, the file site.json, so that the
// service and the command launchcheck share one declaration. Today it knows
// one key:
//
//	{"env": [{"name": "DATABASE_URL", "format": "url", "schemes": ["postgres"], "secret": true},
//	         {"name": "SESSION_SECRET", "secret": true, "min_length": 32},
//	         {"name": "PORT", "format": "port", "optional": true},
//	         {"name": "MODE", "one_of": ["live", "test"]},
//	         {"name": "STRIPE_KEY", "prefix": "sk_live_", "secret": true}]}
//
// The keys of a variable are those of [EnvVar]: name, optional, secret,
// format, schemes, one_of, prefix and min_length. They are case-sensitive, and
// a key that is unknown or given twice is an error, as is a value that [New]
// would refuse. The error joins every problem of the file, each a
// [*ConfigError] whose Path is that of the file, such as "env[2].format"; the
// Config is empty then. Load reads at most 1 MiB, to the end of r.
func Load(r io.Reader) (Config, error) {
	var cfg Config
	var unsound []bool
	problems := cfgerr.For("readiness")
	for _, p := range strictjson.Read(r, func(root *strictjson.Object) {
		root.Objects("env", func(i int, o *strictjson.Object) {
			for len(cfg.Env) <= i { // an element of another kind was passed over
				cfg.Env, unsound = append(cfg.Env, EnvVar{}), append(unsound, true)
			}
			cfg.Env[i], unsound[i] = loadEnvVar(o)
		})
	}) {
		if p.Err != nil {
			problems.Addf(p.Path, "%s: %w", p.Text, p.Err)
			continue
		}
		problems.Addf(p.Path, "%s", p.Text)
	}
	checkDeclarations(problems, jsonNames(), cfg.Env, unsound)
	if err := problems.Err(); err != nil {
		return Config{}, err
	}
	return cfg, nil
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
