package readiness

import "context"

// Mail declares what a domain has to do with e-mail. One that neither sends
// nor receives should say so in its records, and is checked for that.
type Mail struct {
	_ [0]func()

	// Domain is named like a host of Config. Default: "@".
	Domain string
	// Sends says that mail is sent with addresses in Domain.
	Sends bool
	// Receives says that mail to addresses in Domain arrives.
	Receives bool
	// DKIMSelectors lists the selectors of the keys that sign, such as "s1".
	DKIMSelectors []string
	// Senders lists the services that send for Domain, such as "google" and
	// "sendgrid"; one that is not known by a word is named by its SPF include,
	// such as "spf.provider.example".
	Senders []string
	// SMTP says that a check connects to the mail servers, on port 25, to see
	// whether they take encrypted mail, with which certificate, and whether
	// that matches their TLSA records. It sends no mail. It needs Receives.
	// Default: no, because most clouds close the port.
	SMTP bool
}

// Redirect declares that an address leads to another.
type Redirect struct {
	_ [0]func()

	// From is the URL that is opened, with its query where that matters.
	From string
	// To is the URL that it must lead to, with its query, in whatever number
	// of steps.
	To string
}

// Custom is a check of your own.
type Custom struct {
	_ [0]func()

	// Name names the check: lower-case letters, digits and hyphens. It is the
	// Code ("custom.NAME") and the Subject of findings that have none, and
	// stands in the Title of those without one. Control characters in its
	// findings are shown escaped, and the names in e-mail addresses as "…".
	Name string
	// Func returns what it found. A Finding without a Severity is Medium. An
	// error says that it could not look, and goes to [Report.Unknown] without
	// its text, which may hold a secret; so does a panic, and a run that
	// outlasts ctx. Func may be called twice a check where StopOn is set.
	Func func(ctx context.Context) ([]Finding, error)
}

// Acceptance takes a known risk off the list until a date. One that matched
// nothing stands in [Report.Accepted] with a Note.
type Acceptance struct {
	_ [0]func()

	// Code is that of the findings, such as "dmarc.policy-none". It is
	// required, and must be one that this package documents or, where Custom
	// is set, may be any. A file may besides name those that begin with
	// "custom.".
	Code string
	// Subject is that of the findings. Default: every subject.
	Subject string
	// Until is the last day, in UTC, on which the risk is accepted, such as
	// "2027-01-31". It is required.
	Until string
	// Reason says why, for whoever reads the report. It is required.
	Reason string
}

// Handover says what whoever takes over needs to know: where something is, and
// who has access. Nothing here may be a password or a key. Each entry that is
// left out, and that the check cannot see for itself, is a finding.
type Handover struct {
	_ [0]func()

	// Registrar is where the domain is registered, and who can log in.
	Registrar string
	// DNS is where the zone is kept, and who can change it.
	DNS string
	// Cloudflare is the account, and who can change it; only needed where a
	// host is behind Cloudflare.
	Cloudflare string
	// Hosting is where the service runs, and who has access.
	Hosting string
	// MailProvider is who sends and receives the e-mail.
	MailProvider string
	// Secrets is where secrets live, and never a secret itself.
	Secrets string
	// Monitoring holds links to dashboards and alerts.
	Monitoring string
	// Deploy says how to deploy: the steps, or a link to them.
	Deploy string
	// Rollback says how to go back to the release before.
	Rollback string
	// LastGoodRelease is the release to go back to.
	LastGoodRelease string
	// AlertsTo is who receives alerts.
	AlertsTo string
	// ApprovesChanges is who approves changes in an emergency.
	ApprovesChanges string
	// Owners says who answers for each critical path, such as "login",
	// "e-mail" and "requests".
	Owners map[string]string
}
