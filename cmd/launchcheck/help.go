package main

// help is what -h prints.
const help = `launchcheck checks what a service needs to be launched.

usage: launchcheck [options] [DOMAIN]
       launchcheck acme.example         check the usual hosts, without a file
       launchcheck -init acme.example   write what that assumes to site.json

  -config FILE        the declaration (default site.json; not read where DOMAIN
                      is given alone); DOMAIN takes the place of its domain
  -init               write the declaration for DOMAIN, and check nothing
  -env-file FILE      check the NAME=VALUE lines of FILE, and nothing but them,
                      instead of the environment of this process
  -only LIST          some of env,dns,mail,web alone
  -format FORMAT      text (default), json or markdown
  -all                everything, not one screen
  -fail-on LEVEL      exit 1 at a finding of this severity or above: blocker
                      (default), high, medium, or never
  -timeout DURATION   for all of it (default 10s)
  -resolver HOST:PORT
                      a name server to ask in the place of the system's; again
                      for more
  -connect-to HOST:PORT:ADDR:PORT
                      connect to ADDR:PORT instead of HOST:PORT, as curl does:
                      an empty HOST or PORT matches any, the first match
                      counts. It also serves questions put to name servers
                      directly (port 53)
  -cacert FILE        trust the authorities in this PEM file alone
  -allow-private      connect to private addresses too
  -h                  print this

site.json declares the site; only domain is needed, or env alone:

  {"domain": "acme.example", "hosts": ["@", "www", "app", "api"], "canonical": "@",
   "proxied": ["@", "www"], "dns_only": ["ssh"], "private": ["admin", "staging"],
   "origins": ["192.0.2.7"], "cloudflare_ranges": ["104.16.0.0/13"],
   "redirects": [{"from": "http://acme.example/old", "to": "https://acme.example/new"}],
   "mail": {"sends": true, "receives": true, "dkim_selectors": ["google"], "senders": ["google"]},
   "env": [
    {"name": "DATABASE_URL", "format": "url", "schemes": ["postgres"], "secret": true},
    {"name": "SESSION_SECRET", "secret": true, "min_length": 32},
    {"name": "PORT", "format": "port", "optional": true},
    {"name": "MODE", "one_of": ["live", "test"]},
    {"name": "STRIPE_KEY", "prefix": "sk_live_", "secret": true}],
   "accept": [{"code": "dmarc.policy-none", "until": "2027-01-31", "reason": "first month"}],
   "handover": {"alerts_to": "ops@acme.example", "owners": {"login": "ana@acme.example"}}}

A host is a label below domain, "@" for domain itself, or a full name with a
dot at the end ("shop.other.example.").
  canonical          "@" or "www": the one that the other must redirect to
  proxied            hosts that must stand behind Cloudflare's proxy (the orange
                     cloud), so that the server's own address stays hidden
  dns_only           hosts that must not stand behind it, such as those for SSH
  private            hosts that no stranger may use
  origins            servers behind the proxy that no stranger may reach past it,
                     each an address or HOST:PORT
  cloudflare_ranges  the proxy's networks, in the place of those built in
  redirects          addresses that must lead elsewhere
  mail.smtp, registration  true: connect to the mail servers; ask the registry
  handover           registrar, dns, cloudflare, hosting, mail_provider, secrets,
                     monitoring, deploy, rollback, last_good_release, alerts_to,
                     approves_changes: each a line of text, never a secret; and
                     owners: who answers for login, e-mail, requests, …

The formats of a variable are url, port, duration, bool and email. The value of
a secret is never printed.

exit status:
  0  nothing at or above -fail-on
  1  findings at or above -fail-on
  2  the command line or a file is wrong (every problem is listed), or there
     is nothing to check
  3  could not look: the domain itself, or more than half of the questions,
     got no usable answer (0 with -fail-on never)
`
