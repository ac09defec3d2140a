package mailrecord

import (
	"net/netip"
	"slices"
	"strings"
)

// senders maps what people call a mail provider to the names whose inclusion
// covers it. A name below one of them counts too: some providers give each
// customer an own one.
var senders = map[string][]string{
	"amazon":          {"amazonses.com"},
	"brevo":           {"spf.brevo.com", "spf.sendinblue.com"},
	"cloudflare":      {"_spf.mx.cloudflare.net"},
	"constantcontact": {"spf.constantcontact.com"},
	"elasticemail":    {"_spf.elasticemail.com"},
	"fastmail":        {"spf.messagingengine.com"},
	"freshdesk":       {"email.freshdesk.com"},
	"gandi":           {"_mailcust.gandi.net"},
	"godaddy":         {"secureserver.net"},
	"google":          {"_spf.google.com"},
	"hubspot":         {"hubspotemail.net"},
	"icloud":          {"icloud.com"},
	"ionos":           {"_spf.kundenserver.de", "_spf.perfora.net", "_spf-us.ionos.com", "_spf-eu.ionos.com"},
	"mailbox":         {"mailbox.org"},
	"mailchimp":       {"servers.mcsv.net"},
	"mailerlite":      {"_spf.mlsend.com"},
	"mailersend":      {"_spf.mailersend.net"},
	"mailgun":         {"mailgun.org"},
	"mailjet":         {"spf.mailjet.com"},
	"mandrill":        {"spf.mandrillapp.com"},
	"microsoft":       {"spf.protection.outlook.com", "spf.protection.office365.us", "spf.protection.partner.outlook.cn"},
	"migadu":          {"spf.migadu.com"},
	"namecheap":       {"spf.privateemail.com"},
	"ovh":             {"mx.ovh.com"},
	"postmark":        {"spf.mtasv.net"},
	"proton":          {"_spf.protonmail.ch"},
	"rackspace":       {"emailsrvr.com"},
	"resend":          {"amazonses.com"},
	"salesforce":      {"_spf.salesforce.com"},
	"sendgrid":        {"sendgrid.net"},
	"shopify":         {"shops.shopify.com"},
	"smtp2go":         {"spf.smtp2go.com"},
	"sparkpost":       {"sparkpostmail.com", "_spf.eu.sparkpostmail.com"},
	"titan":           {"spf.titan.email"},
	"yandex":          {"_spf.yandex.net"},
	"zendesk":         {"mail.zendesk.com"},
	"zoho": {
		"zoho.com", "zohomail.com", "zoho.eu", "zohomail.eu", "zoho.in", "zohomail.in", "zoho.com.au", "zohomail.com.au",
	},
}

// alias maps other names of a provider to the one above.
var alias = map[string]string{
	"amazonses": "amazon", "aws": "amazon", "ses": "amazon", "sendinblue": "brevo", "gmail": "google", "gsuite": "google", "googleworkspace": "google",
	"apple": "icloud", "mailboxorg": "mailbox", "mailchimptransactional": "mandrill", "office365": "microsoft", "microsoft365": "microsoft", "m365": "microsoft",
	"outlook": "microsoft", "exchange": "microsoft", "exchangeonline": "microsoft", "privateemail": "namecheap", "postmarkapp": "postmark",
	"protonmail": "proton", "twilio": "sendgrid", "twiliosendgrid": "sendgrid", "zohomail": "zoho",
}

// Sender returns the names whose inclusion covers a mail provider, the usual
// one first: the provider is one known ("google", "Amazon SES", "zoho"), or
// the name to include itself ("spf.provider.example"). It is not ok for any
// other text. The slice is the caller's.
func Sender(provider string) (include []string, ok bool) {
	p := normal(strings.TrimSpace(provider))
	if strings.Contains(p, ".") && nameFault(p) == "" {
		return []string{p}, true
	}
	key := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' || r == '.' {
			return -1
		}
		return r
	}, p)
	if a := alias[key]; a != "" {
		key = a
	}
	include = slices.Clone(senders[key])
	return include, include != nil
}

// Coverage says whether an SPF record passes mail of a provider.
type Coverage uint8

// The coverages.
const (
	// CannotTell: a part of the record that could lead to the provider was
	// not looked up or depends on a message.
	CannotTell Coverage = iota
	Covered
	NotCovered
	// AfterAll: the include stands after all, where no receiver gets.
	AfterAll
)

// Covers says whether mail of a provider with these names ([Sender]) passes.
// A record that lists the provider's networks instead does not show here: see
// [SPFResult.CoversNetworks].
func (r SPFResult) Covers(include []string) Coverage {
	named := func(reached []string) bool {
		return slices.ContainsFunc(reached, func(name string) bool {
			return slices.ContainsFunc(include, func(i string) bool { return within(name, i) })
		})
	}
	anybody := slices.ContainsFunc(r.Networks, func(p netip.Prefix) bool { return p.Bits() <= 1 }) ||
		slices.ContainsFunc(r.Record.Terms, Term.anybody)
	switch {
	case named(r.Includes) || anybody:
		return Covered
	case len(r.Unknown) > 0 || r.hidden || r.Cut:
		return CannotTell
	case named(r.Ignored):
		return AfterAll
	default:
		return NotCovered
	}
}

// CoversNetworks reports whether each of a provider's networks lies within one
// of r's, and there is one. The provider's are the Networks of a walk of the
// name that it wants to be included.
func (r SPFResult) CoversNetworks(provider []netip.Prefix) bool {
	own := make(map[netip.Prefix]bool, len(r.Networks))
	for _, p := range r.Networks {
		own[p] = true
	}
	covered := func(p netip.Prefix) bool {
		for n := p.Bits(); n >= 0; n-- {
			if wider, err := p.Addr().Prefix(n); err == nil && own[wider] {
				return true
			}
		}
		return false
	}
	return len(provider) > 0 && !slices.ContainsFunc(provider, func(p netip.Prefix) bool { return !covered(p) })
}
