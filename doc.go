// Package readiness checks at start what a service needs to be launched, and
// says what blocks the launch, what is a risk, and how to put it right.
//
// [Checker.CheckEnv] looks at the environment alone, over no network and in
// microseconds: a service declares the variables it reads, and one call before
// anything reads them finds every one that is missing, a placeholder or not of
// its format, all at once instead of one a restart. [Checker.Check] looks at
// the DNS, the e-mail records and the hosts of the domain as well, within
// seconds, and draws a launch map and a list for the handover.
//
//	launch, err := readiness.New(readiness.Config{
//		Env: []readiness.EnvVar{
//			{Name: "DATABASE_URL", Format: readiness.URL, Schemes: []string{"postgres"}, Secret: true},
//			{Name: "SESSION_SECRET", Secret: true, MinLength: 32},
//			{Name: "PORT", Format: readiness.Port, Optional: true},
//			{Name: "MODE", OneOf: []string{"live", "test"}},
//		},
//		Domain: "acme.example", Hosts: []string{"@", "www", "app"}, Private: []string{"staging"},
//		Mail:   []readiness.Mail{{Sends: true, Receives: true, DKIMSelectors: []string{"google"}}},
//		Logger: log,
//	})
//	if err != nil {
//		return err // the declaration itself is wrong: every problem of it
//	}
//	if err := launch.CheckEnv().Err(); err != nil {
//		return err // every blocker, one a line, each with its fix
//	}
//
//	go launch.Run(ctx) // the rest, in the background: it logs what is found, and then changes
//
// The same declaration can stand in a file, site.json, that [Load] reads and
// that the command launchcheck checks without the service, in a pipeline say.
//
// # What stops a service
//
// Only what is certain: [Report.Err] counts the blockers of the environment.
// What was asked over the network is reported, and stops nothing unless
// Config.StopOn says so, and then only once a second answer confirmed it. What
// got no answer in time is unknown, and never a risk; a report in which too
// much is unknown says so, see [Report.Blind]. A risk that is known can be
// accepted until a date, with Config.Accept.
//
// # What a check asks
//
// Every DNS question is put once a check, 16 are on their way at a time, and
// each gets 1.5 s and a second try at another server. Pages are fetched with
// GET alone, 64 KiB of each and 10 redirects at most, and no private address is
// connected to unless that is allowed. Check ends at its Timeout, whatever is
// left then.
//
// # The last release
//
// Where Config.Memory is set, Check keeps the names of the variables that are
// set, never a value, and a later one finds a variable that a deploy wiped. What
// is kept and cannot be read is told once and replaced.
// [Checker.Undeclared] finds, in a test, what the source reads and the Config
// does not declare.
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
//	env.vanished     high             was set in the last release, is missing now, and is Optional
//	env.memory       medium           unknown: the memory of the last release cannot be used
//
// White space and quotes are a blocker where the value is right but for them and a rule
// of the declaration breaks on them, otherwise high for a Secret, which no
// longer matches the one at the other end, and otherwise medium. An Optional
// variable that is not set is no finding; one that is set wrong is. A required
// one that vanished is missing, and the finding says so.
//
// The severity of a rule is that of the common case; some depend on what is
// declared, and the finding has its own. What could not be looked at in time,
// or what a server failed to answer, is unknown and never a risk.
//
// Of names, name servers and the launch map:
//
//	dns.no-such-name              blocker   the name does not exist
//	dns.no-address                blocker   the name has no address
//	dns.timeout                   high      no answer in time
//	dns.servfail                  high      every resolver fails on the name
//	dns.refused                   high      the resolver refuses to answer
//	dns.no-answer                 high      no usable answer
//	dns.dnssec                    blocker   DNSSEC is broken
//	dns.private-address           blocker   an address that visitors cannot reach
//	dns.bogon-address             blocker   an address that is nobody's
//	dns.apex-cname                blocker   an alias at the top of the zone
//	dns.cname-beside              blocker   an alias beside other records
//	dns.cname-dangling            high      an alias to a name that does not exist
//	dns.cname-loop                blocker   an alias that leads back to itself
//	dns.cname-chain               medium    a long chain of aliases
//	dns.takeover                  high      somebody else can take the host over
//	dns.doubled-name              blocker   the domain stands twice in a name
//	dns.wildcard                  high      only the wildcard record answers for the host
//	dns.parked                    high      a parking page
//	dns.long-ttl                  medium    a time to live of more than a day
//	dns.single-ns                 medium    only one name server
//	dns.lame                      high      a name server that does not serve the domain
//	dns.ns-no-address             high      a name server without an address
//	dns.ns-cname                  high      a name server that is an alias
//	dns.ns-mismatch               high      the registry and the zone list different name servers
//	dns.answers-differ            high      name servers give different answers
//	dns.serial                    high      name servers have different versions of the zone
//
// Of the registration, where Config.Registration is set:
//
//	registration.ends             high      the domain's registration ends soon
//
// Of Cloudflare:
//
//	cloudflare.not-proxied        high      declared as proxied by Cloudflare, but is not
//	cloudflare.proxied            high      proxied by Cloudflare, but not declared so
//	cloudflare.origin-exposed     high      the host gives the hidden origin away
//
// Of mail servers, those about encryption where Mail.SMTP is set:
//
//	mx.missing                    blocker   no mail server
//	mx.null                       blocker   a null MX refuses all mail
//	mx.null-mixed                 high      a null MX beside mail servers
//	mx.target-missing             blocker   the mail server's name does not exist
//	mx.no-address                 blocker   the mail server has no address
//	mx.private-address            blocker   the mail server's address is not public
//	mx.ip-literal                 blocker   the MX record holds an address
//	mx.cname                      high      the mail server's name is an alias
//	mx.proxied                    blocker   the mail server is behind Cloudflare's proxy
//	mx.dc-mx                      medium    mail gives the hidden origin away
//	mx.leftover                   high      mail goes to two places
//	mx.duplicate                  medium    a mail server is listed twice
//	mx.starttls                   medium    the mail server takes no encrypted mail
//	mx.certificate                medium    the mail server's certificate is not valid
//	mx.dane                       high      the mail server's certificate does not match its TLSA records
//	mx.reverse                    medium    the mail server's address does not lead back to it
//
// Of SPF (RFC 7208):
//
//	spf.missing                   high      no SPF record
//	spf.not-a-record              high      text that was meant as SPF and is not read as such
//	spf.multiple                  blocker   more than one SPF record
//	spf.syntax                    blocker   a syntax error in the SPF record
//	spf.missing-blank             blocker   two terms of the SPF record without a blank between
//	spf.seam                      blocker   the strings of the SPF record join without a blank
//	spf.bad-name                  high      a name in the SPF record that cannot exist
//	spf.modifier-for-mechanism    high      a mechanism of the SPF record written with =, which is ignored
//	spf.repeated-version          medium    v=spf1 a second time within the SPF record
//	spf.plus-all                  blocker   the SPF record lets anybody send
//	spf.neutral-all               medium    the SPF record ends with ?all, which says nothing
//	spf.no-all                    medium    the SPF record has no end: neither all nor redirect
//	spf.after-all                 medium    terms after all in the SPF record are ignored
//	spf.redirect-ignored          medium    redirect beside all in the SPF record is ignored
//	spf.ptr                       medium    the SPF record uses ptr
//	spf.long                      medium    a long SPF record
//	spf.lookups                   blocker   the SPF record needs more than 10 lookups
//	spf.lookups-near              medium    the SPF record needs 9 or 10 of the 10 lookups allowed
//	spf.voids                     high      the SPF record looks up more than 2 names without data
//	spf.loop                      blocker   the SPF record leads back to itself
//	spf.include-missing           blocker   the SPF record includes a name without one
//	spf.redirect-missing          blocker   the SPF record redirects to a name without one
//	spf.include-all               high      an included SPF record lets anybody send
//	spf.mx-many                   high      an mx term of the SPF record with more than 10 hosts
//	spf.type99                    high      SPF only as a record of the type SPF, which nobody reads
//	spf.sender                    medium    a declared sender is not in the SPF record
//	spf.parked                    medium    the domain sends no mail and does not say so
//
// Of DKIM (RFC 6376, 8301, 8463):
//
//	dkim.not-a-key                blocker   text at the selector that is no DKIM key
//	dkim.multiple                 high      more than one record at the selector
//	dkim.syntax                   blocker   a syntax error in the DKIM key record
//	dkim.duplicate                blocker   a tag stands twice in the DKIM key record
//	dkim.version                  blocker   the version of the DKIM key record is wrong
//	dkim.algorithm                blocker   the DKIM key is of an unknown kind
//	dkim.revoked                  blocker   the DKIM key is revoked
//	dkim.key                      blocker   the DKIM key cannot be read
//	dkim.padding                  medium    the DKIM key lacks its base64 padding
//	dkim.weak                     blocker   a DKIM key below 1024 bits
//	dkim.short                    medium    a DKIM key below 2048 bits
//	dkim.hash                     blocker   the DKIM key does not allow SHA-256
//	dkim.service                  blocker   the DKIM key is not for e-mail
//	dkim.testing                  medium    the DKIM key is marked as a test
//	dkim.ed25519-alone            medium    Ed25519 keys only, which few receivers can check
//	dkim.missing                  high      no DKIM key at the selector
//	dkim.proxied                  blocker   the DKIM selector is behind Cloudflare's proxy
//
// Of DMARC (RFC 9989):
//
//	dmarc.missing                 high      no DMARC record
//	dmarc.multiple                high      more than one DMARC record
//	dmarc.not-a-record            high      text that was meant as DMARC and is not read as such
//	dmarc.version-case            high      the DMARC record starts with a capital V
//	dmarc.syntax                  medium    a part of the DMARC record cannot be read
//	dmarc.duplicate               medium    a tag stands twice in the DMARC record
//	dmarc.policy-invalid          high      an unknown policy in the DMARC record
//	dmarc.policy-missing          medium    no policy in the DMARC record
//	dmarc.policy-none             medium    the DMARC policy is none: only reports
//	dmarc.subdomains-weaker       medium    the DMARC policy for subdomains is weaker
//	dmarc.testing                 medium    the DMARC policy is marked as a test
//	dmarc.pct                     medium    the DMARC policy is for a part of the mail only
//	dmarc.value-invalid           medium    an unknown value in the DMARC record
//	dmarc.psd                     medium    the DMARC record says that the domain is a public suffix
//	dmarc.rua-missing             medium    the DMARC record asks for no reports
//	dmarc.rua-invalid             medium    an address for DMARC reports that cannot be used
//	dmarc.ruf-invalid             medium    an address for DMARC failure reports that cannot be used
//	dmarc.misplaced               high      the DMARC record is not where it is looked for
//	dmarc.alignment               high      strict DMARC alignment fails a declared sender
//	dmarc.report-unauthorised     medium    DMARC reports go to a domain that has not agreed
//	dmarc.report-domain           medium    DMARC reports go to a domain without mail servers
//
// Of MTA-STS and TLS reporting (RFC 8461, 8460):
//
//	mtasts.not-a-record           medium    text that was meant as MTA-STS and is not read as such
//	mtasts.multiple               medium    more than one MTA-STS record
//	mtasts.syntax                 medium    a syntax error in the MTA-STS record
//	mtasts.policy                 medium    an error in the MTA-STS policy file
//	mtasts.mx                     medium    a mail server that the MTA-STS policy does not name
//	mtasts.policy-missing         medium    the MTA-STS policy file cannot be fetched
//	mtasts.policy-type            medium    the MTA-STS policy file is not served as text/plain
//	mtasts.policy-redirect        medium    the MTA-STS policy file is redirected
//	mtasts.certificate            medium    the certificate of the MTA-STS policy host is not valid
//	tlsrpt.not-a-record           medium    text that was meant as TLS reporting and is not read as such
//	tlsrpt.multiple               medium    more than one TLS reporting record
//	tlsrpt.syntax                 medium    a syntax error in the TLS reporting record
//	tlsrpt.rua                    medium    an address for TLS reports that cannot be used
//
// Of the web:
//
//	web.no-https                  blocker   does not answer over https
//	web.error                     blocker   the site answers with an error
//	web.not-served                high      there is no page for visitors
//	web.http-open                 high      serves pages over http and does not lead to https
//	web.http-closed               medium    does not answer over http, where https works
//	web.loop                      blocker   a redirect loop
//	web.too-many-redirects        blocker   more than 10 redirects in a row
//	web.bad-redirect              high      a redirect leads nowhere
//	web.downgrade                 high      a redirect leads from https back to http
//	web.temporary                 medium    a temporary redirect where a permanent one is meant
//	web.canonical                 high      does not lead to the address that is declared as canonical
//	web.foreign                   high      www leads to another domain
//	web.duplicate                 medium    the domain and www both serve the site
//	web.noindex                   blocker   the production site tells search engines to leave it out
//	web.robots                    blocker   robots.txt keeps search engines away from the production site
//	web.ipv6                      high      an IPv6 address does not answer while IPv4 does
//	redirect.wrong                high      an old address does not lead where it is declared to
//	redirect.query                high      an old address loses its query on the way
//	redirect.temporary            medium    an old address is moved with a temporary redirect
//	hsts.missing                  medium    no Strict-Transport-Security header
//
// Of private hosts and origins:
//
//	private.open                  high      a private host is open to a stranger
//	private.indexable             medium    a private host does not keep search engines out
//	origin.open                   high      the origin answers strangers past the proxy
//
// Of certificates:
//
//	tls.expired                   blocker   the certificate has expired
//	tls.not-yet-valid             blocker   the certificate is not valid yet
//	tls.expiring                  high      the certificate ends soon and was not renewed
//	tls.wrong-name                blocker   the certificate is for other names
//	tls.self-signed               blocker   the certificate is signed by itself
//	tls.unknown-issuer            blocker   the certificate comes from an issuer that browsers do not know
//	tls.incomplete-chain          blocker   the server does not send the intermediate certificate
//	tls.old-version               blocker   the server speaks no TLS newer than 1.1
//	tls.handshake                 blocker   the TLS handshake fails
//	caa.forbids-issuer            high      CAA records forbid the issuer of the certificate
//
// Of the check itself, all unknown and no risk:
//
//	check.timeout  medium  a family of rules did not finish in time
//	check.failed   medium  the check itself failed
//	custom.failed  medium  a check of Config.Custom failed, or did not finish in time
//
// Of the handover, each missing where nothing is declared and nothing seen:
//
//	handover.registrar          medium  where the domain is registered, and who can log in
//	handover.dns                medium  where the zone is kept, and who can change it
//	handover.cloudflare         medium  whose Cloudflare account it is, where a host stands behind it
//	handover.hosting            medium  where the service runs, and who has access
//	handover.mail               medium  who handles the e-mail
//	handover.secrets            medium  where secrets live
//	handover.monitoring         medium  links to the monitoring
//	handover.deploy             medium  the steps of a deployment
//	handover.rollback           medium  the steps back
//	handover.last-good-release  medium  the release to go back to
//	handover.alerts             medium  who receives alerts
//	handover.approves           medium  who approves changes in an emergency
//	handover.owner              medium  the owner of a critical path: login, e-mail, requests
package readiness
