// Package readiness checks at start what a service needs to be launched, and
// says what blocks the launch, what is a risk, and how to put it right.
//
// Today it looks at the environment, over no network and in microseconds: a
// service declares the variables it reads, and one call before anything reads
// them finds every one that is missing, a placeholder or not of its format, all
// at once instead of one a restart.
//
//	launch, err := readiness.New(readiness.Config{
//		Env: []readiness.EnvVar{
//			{Name: "DATABASE_URL", Format: readiness.URL, Schemes: []string{"postgres"}, Secret: true},
//			{Name: "SESSION_SECRET", Secret: true, MinLength: 32},
//			{Name: "PORT", Format: readiness.Port, Optional: true},
//			{Name: "MODE", OneOf: []string{"live", "test"}},
//		},
//		Logger: log,
//	})
//	if err != nil {
//		return err // the declaration itself is wrong: every problem of it
//	}
//	if err := launch.CheckEnv().Err(); err != nil {
//		return err // every blocker, one a line, each with its fix
//	}
//
// The same declaration can stand in a file, site.json, that [Load] reads and
// that the command launchcheck checks without the service, in a pipeline say.
//
// # What is never shown
//
// The value of a Secret variable reaches no finding, log or error: no part of
// it, and not its length. Of a URL in any variable only scheme and host are
// shown, never the user, the password, the path or the query; no e-mail address
// is shown, and no value that looks like a key or holds the value of a declared
// Secret, since variables get swapped. What is shown is cut to 60 characters,
// with control characters escaped.
//
// # Values
//
// A variable that is empty, or white space alone, is not set. White space and
// quotes around a value are findings of their own, and the value is then
// checked without them.
//
// A placeholder is what stands where a value was to be filled in: change-me,
// replace-this, your-api-key-here, <your-key>, xxx, ***, TODO, FIXME, "...",
// ${NAME}, %NAME% or @NAME@ that nothing expanded, a domain such as example.com,
// and the same for user, password, host and query of a URL. In a path only the
// form tells, such as <id>, ${ID}, xxx or YOUR_PROJECT: /help/change-it is a page.
// Where a secret belongs (a Secret variable, the password of a URL) common words
// such as password, secret, test or 123456 are placeholders too, and so are
// notes such as "TODO set before launch", enter-value and sk_live_xxx, and a
// ${NAME} or {{…}} anywhere inside; elsewhere they are ordinary. A value that
// OneOf lists is never taken for a placeholder.
//
// # Findings
//
// The code of a finding is stable; its words may improve.
//
//	code             severity         the variable
//	env.missing      blocker          is required and not set
//	env.placeholder  blocker          holds a placeholder
//	env.format       blocker          is not of its Format
//	env.scheme       blocker          is a URL whose scheme is none of Schemes
//	env.one-of       blocker          is none of OneOf
//	env.prefix       blocker          does not begin with Prefix
//	env.too-short    blocker          has fewer characters than MinLength
//	env.whitespace   see below        has white space or invisible characters around its value
//	env.quoted       see below        has quotes around its value
//
// The last two are a blocker where the value is right but for them and a rule
// of the declaration breaks on them, otherwise high for a Secret, which no
// longer matches the one at the other end, and otherwise medium. An Optional
// variable that is not set is no finding; one that is set wrong is.
package readiness
