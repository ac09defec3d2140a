package readiness

// mailbox is who keeps the mailboxes behind the names of mail servers that end
// so. Filters that stand before a mailbox provider (Mimecast, Proofpoint) are
// not in the table: two names of theirs say nothing about where mail ends up.
type mailbox struct{ suffix, provider string }

// mailboxes returns the table, as of 2026-11.
func mailboxes() []mailbox {
	return []mailbox{
		{"google.com", "Google"},
		{"googlemail.com", "Google"},
		{"mail.protection.outlook.com", "Microsoft 365"},
		{"mx.microsoft", "Microsoft 365"},
		{"messagingengine.com", "Fastmail"},
		{"protonmail.ch", "Proton"},
		{"zoho.com", "Zoho"},
		{"zoho.eu", "Zoho"},
		{"zoho.in", "Zoho"},
		{"zoho.com.au", "Zoho"},
		{"mail.icloud.com", "iCloud"},
		{"mx.cloudflare.net", "Cloudflare Email Routing"},
		{"emailsrvr.com", "Rackspace"},
		{"secureserver.net", "GoDaddy"},
		{"privateemail.com", "Namecheap Private Email"},
		{"registrar-servers.com", "Namecheap forwarding"},
		{"mail.ovh.net", "OVH"},
		{"mail.gandi.net", "Gandi"},
		{"ionos.com", "IONOS"},
		{"ionos.de", "IONOS"},
		{"ionos.co.uk", "IONOS"},
		{"kundenserver.de", "IONOS"},
		{"hostinger.com", "Hostinger"},
		{"titan.email", "Titan"},
		{"migadu.com", "Migadu"},
		{"mailbox.org", "mailbox.org"},
		{"infomaniak.ch", "Infomaniak"},
		{"yandex.net", "Yandex"},
		{"yandex.ru", "Yandex"},
		{"qq.com", "Tencent"},
		{"improvmx.com", "ImprovMX"},
		{"forwardemail.net", "Forward Email"},
		{"purelymail.com", "Purelymail"},
		{"inbound-smtp.us-east-1.amazonaws.com", "Amazon SES"},
		{"inbound-smtp.us-west-2.amazonaws.com", "Amazon SES"},
		{"inbound-smtp.eu-west-1.amazonaws.com", "Amazon SES"},
		{"awsapps.com", "Amazon WorkMail"},
	}
}

// mailProvider names who keeps the mailboxes behind a mail server, or "".
func mailProvider(target string) string {
	for _, m := range mailboxes() {
		if within(target, m.suffix) {
			return m.provider
		}
	}
	return ""
}
