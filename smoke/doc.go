// Package smoke is the check after every deploy: a few steps that a person
// would click through, run in go test against an http.Handler and, unchanged,
// against a live address.
//
//	cfg := smoke.Config{
//		Steps: []smoke.Step{
//			smoke.Page("/").Contains("Listings"),
//			smoke.JSON("/api/health", "release").JSONField("status", "ok"),
//			smoke.Login{
//				Path:   "/login",
//				Fields: map[string]string{"email": "smoke@market.example"},
//				Secret: map[string]string{"password": "SMOKE_PASSWORD"},
//			}.Step(),
//			smoke.Form{
//				Path:   "/listings/new",
//				Fields: map[string]string{"title": "Smoke test {run}"},
//			}.Step().RedirectsTo("/listings/{listing}").Writes(),
//			smoke.Page("/listings/{listing}").Contains("Smoke test {run}"),
//		},
//	}
//
// The same Config serves three callers. In a test, set Handler and call
// [Test]: each step is a subtest. In a program of a dozen lines, [Main] reads
// the address from -url, prints a table and returns an exit status. Anywhere
// else, [New] and [Checker.Check] give a [Report], which writes itself as a
// table, JSON, JUnit XML and Markdown.
//
// # Steps
//
// [Page] and [JSON] fetch one path. A [Form] fetches its page first, as a
// browser does, takes over the hidden fields and the CSRF token, and posts to
// the form's own action. A [Login] is a form whose success is being signed
// in. [Do] runs a function of yours on the [Session]. Methods add what a step
// expects; each returns a changed copy, so a step may be kept and reused.
//
// An answer has to have status 200 unless the step says otherwise, and a page
// has to answer under its own path: one that redirects to a login page fails
// until RedirectsTo says that this is meant.
//
// Steps run one after the other, and a failed one does not stop those after
// it. A step that needs a value which no earlier step could provide is
// skipped, with that reason. Skipped is not OK: [Report.Err] is nil only when
// every step was run and passed.
//
// # Values
//
// {name} in a path, a field or an expectation stands for a value of this run.
// [Step.Keep] takes one out of the answer, [Step.RedirectsTo] out of the
// address, [Session.Set] from code. {run} is always there: a short text that
// differs from run to run, for a title that can be searched for. A brace that
// does not enclose a single name is left alone, so JSON may be written down.
//
// # Sessions
//
// Steps share one cookie jar, and so one signed-in person. [Step.As] moves a
// step to another jar of the same run, so that a seller posts, a buyer
// requests and an administrator reviews. Values are shared by all.
//
// # What every page is checked for
//
// Without being asked, each answer is held against the rules that are named
// by [Rule]: an error page or a blank one served as a success, leftovers of a
// template, mixed content, the flags and scope of cookies, personal pages that
// a shared cache may keep, files of the page that do not come. What is wrong
// fails the step; what is only unwise is a warning in [StepResult.Warnings],
// and missing security headers are information. [Step.Allow] lets a rule be
// broken, for a reason. A bot challenge in front is named as one.
//
// # After a deploy
//
// [Settling] waits for the health endpoint, and for the release it should
// tell, before the first step; after that nothing is tried twice. [Signup]
// goes through the link of a mail, [ForeignSession] presents the cookie of
// another environment, [FollowRedirects] asks for old paths and [Step.Links]
// for what a page links to.
//
// # How fast a release is
//
// [Performance] measures after the steps: each endpoint forty times, one call
// after the other, and if asked under the light [Load] of a first week. What
// must not be called forty times is read from the service's own figures, see
// [Live]. A 95th percentile over 800 ms is claimed only from 5 slow calls of
// 40 on, which is where chance is an unlikely reason; and slower than before
// only where it grew by more than a quarter and by more than 50 ms, measured
// twice. What is compared with is the release before in [Config.Memory], which
// keeps each run: [Dir] is a folder. The report shows before and after,
// the trend over the last ten releases, their notes ([Config.Note]), and after
// a red run the last green release.
//
// # Secrets, and what is tied to one machine
//
// [NoSecrets] looks for keys, tokens and passwords in the files that git
// tracks, [Gitleaks] in the whole history, and [Scan] in the log of a deploy.
// [Boots] starts a binary in an empty folder with nothing but the declared
// variables.
//
// # What a live target is spared
//
// Only the host of the target and those of [Config.Hosts] are ever contacted:
// a redirect or a form that leads elsewhere fails with the name of that host,
// and nothing is sent there. A form that is posted to a URL is refused unless
// the step says [Step.Writes]; a Login is allowed, because it changes nothing
// but its own session. A load is refused unless [Load.OnURL] says that it is
// meant. Each request has a deadline, each run has one, at most 2 MiB of an
// answer are read and at most 10 redirects are followed.
//
// # What is not checked
//
// No script of a page is run: what a browser builds from one is looked at in the
// files alone. Whether the service insists on its CSRF token, or would let a
// guesser in, is not tried: a check that attacks would count as an attacker.
// Whether a mail reaches an inbox or the spam folder is the business of the
// mailbox that [Signup] asks, and of the self-check of this module's root.
//
// # What the output does not show
//
// Secrets are named by the environment variable that holds them, and only
// that name is ever written. Where the value itself turns up in an answer, an
// address or an error, «NAME» stands in its place, also where it is escaped
// for HTML, JSON, a URL or a Go string, or more than once, or stands in
// base64, alone or (from seven bytes on) with more around it, as in that of
// user:password. The same holds for the cookies of the run and for CSRF
// tokens; e-mail addresses become «e-mail». In the body of a failing answer,
// «hidden» also stands in place of the values whose names say that they open
// something, such as "access_token", and of what has the shape of a token.
// Nothing is shortened before that is done. The name of a [Step.Owner] is shown
// as it is, an address too: somebody is to be told. A value shorter than four bytes
// cannot be hidden this way: [New] refuses it, and a step that gives one to
// [Session.SetSecret] fails.
package smoke
