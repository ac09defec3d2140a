package readiness

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/smtpprobe"
	"github.com/launchready/readiness/internal/webprobe"
)

// smtpCodes are the rules that need a connection to the mail servers.
func smtpCodes() []codeRow {
	return []codeRow{
		{codeStartTLS, Medium, "the mail server takes no encrypted mail", "RFC 3207 section 4"},
		{codeMailCert, Medium, "the mail server's certificate is not valid", "RFC 3207 section 4.1"},
		{codeDANE, High, "the mail server's certificate does not match its TLSA records", "RFC 7672 section 2.2"},
	}
}

const (
	codeStartTLS = "mx.starttls"
	codeMailCert = "mx.certificate"
	codeDANE     = "mx.dane"

	// mostConnected bounds how many mail servers of a domain are connected to,
	// the most preferred first.
	mostConnected = 6
)

// smtpLook is what a mail server answers on port 25.
type smtpLook struct {
	server  *mailServer
	upgrade webprobe.Upgrade
	tlsa    dnsq.Answer
}

// tlsaName is where the server's TLSA records are.
func (s *smtpLook) tlsaName() string { return "_25._tcp." + s.server.name }

// readServers finds the mail servers and, where that is wanted, connects.
func (d *mailLook) readServers(ctx context.Context) {
	d.readMX(ctx)
	if !d.SMTP || !d.Receives {
		return
	}
	servers := slices.DeleteFunc(slices.Clone(d.servers), func(s *mailServer) bool {
		code, _ := s.broken(d.look)
		return s.name == "" || code != "" || !s.status.Known() || d.behindProxy(s) // told by the records alone
	})
	slices.SortStableFunc(servers, func(a, b *mailServer) int { return cmp.Compare(slices.Min(a.prefs), slices.Min(b.prefs)) })
	var all sync.WaitGroup
	for _, s := range servers[:min(len(servers), mostConnected)] {
		f := &smtpLook{server: s}
		d.smtp = append(d.smtp, f)
		if len(s.chain) == 0 { // an alias is told already, and has TLSA records of its own
			d.start(&all, s.name, func() { f.tlsa = d.askWith(ctx, f.tlsaName(), dnsq.TLSA, dnsq.Options{DNSSEC: true}) })
		}
		d.start(&all, s.name, func() {
			f.upgrade = d.web.StartTLS(ctx, s.name, "25", smtpprobe.Quit, smtpprobe.StartTLS)
		})
	}
	all.Wait()
}

// judgeSMTP judges whether mail is encrypted on its way to the servers.
// Senders encrypt where they can and look at no certificate, unless TLSA
// records or an MTA-STS policy tell them to.
func (d *mailLook) judgeSMTP() {
	for _, s := range d.smtp {
		u := &s.upgrade
		declined := errors.Is(u.Refusal, smtpprobe.ErrNotOffered) || errors.Is(u.Refusal, smtpprobe.ErrDeclined)
		noTLS := u.Connected && u.Refusal == nil && u.Kind == webprobe.BadTLS
		pinned := s.pinned()
		switch {
		case declined || noTLS:
			d.findNoTLS(s, pinned)
		case u.Kind != webprobe.OK:
			why := u.Kind.String()
			if u.Refusal != nil && (errors.Is(u.Refusal, smtpprobe.ErrTurnedAway) || errors.Is(u.Refusal, smtpprobe.ErrEarly)) {
				why = u.Refusal.Error()
			}
			d.unknown(codeStartTLS, s.server.name, "port 25: "+why)
			if len(pinned) > 0 {
				d.unknown(codeDANE, s.tlsaName(), "port 25: "+why)
			}
		default:
			d.judgePresented(s, pinned)
		}
		if status := s.tlsa.Status; len(s.server.chain) == 0 && !status.Known() {
			d.unknown(codeDANE, s.tlsaName(), "TLSA records: "+status.String())
		}
	}
}

// pinned returns the TLSA records that senders act on: those of a signed zone,
// as the resolver says, of a kind that means anything for mail.
func (s *smtpLook) pinned() []smtpprobe.TLSA {
	if !s.tlsa.Authenticated {
		return nil
	}
	records := each(s.tlsa.Of(), func(r dnsq.Record) smtpprobe.TLSA {
		return smtpprobe.TLSA{Usage: r.Usage, Selector: r.Selector, Matching: r.Matching, Data: r.Data}
	})
	return slices.DeleteFunc(records, func(t smtpprobe.TLSA) bool { return !t.Usable() })
}

// findNoTLS tells that a server lacks TLS, which TLSA records promise.
func (d *mailLook) findNoTLS(s *smtpLook, pinned []smtpprobe.TLSA) {
	seen := "after STARTTLS the TLS handshake fails: " + s.upgrade.Err
	if s.upgrade.Refusal != nil {
		seen = s.upgrade.Refusal.Error()
	}
	const fix = "switch on STARTTLS at the mail server, with a certificate for its name"
	if len(pinned) > 0 {
		d.find(codeDANE, s.tlsaName(), detail{
			Detail:   "The records promise TLS. Senders that check them, Microsoft and many mail providers in Europe among them, deliver no mail.",
			Evidence: append(s.records(pinned), seen), Fix: fix + ", or delete the TLSA records",
		})
		return
	}
	d.find(codeStartTLS, s.server.name, detail{
		Detail:   "Mail to it crosses the Internet in the clear; some senders show that to their users, or refuse to send.",
		Evidence: []string{seen}, Fix: fix,
	})
}

// judgePresented judges the certificate that a server shows.
func (d *mailLook) judgePresented(s *smtpLook, pinned []smtpprobe.TLSA) {
	c := s.upgrade.Certificate
	match := smtpprobe.Compare(pinned, c.Chain, []string{s.server.name, d.name}, time.Now())
	switch match {
	case smtpprobe.Differs:
		own := smtpprobe.Of(c.Leaf()).String()
		d.find(codeDANE, s.tlsaName(), detail{
			Detail:   "Senders that check the records, Microsoft and many mail providers in Europe among them, deliver no mail.",
			Evidence: append(s.records(pinned), "the server's certificate, issued by "+c.Issuer()+", is "+own),
			Fix:      "if that certificate is yours, publish: " + s.tlsaName() + ". TLSA " + own + " – and from now on before each change of the key",
		})
	case smtpprobe.Unclear:
		d.unknown(codeDANE, s.tlsaName(), "a TLSA record of a kind that cannot be compared from here")
	}
	if match == smtpprobe.Matches && !d.sts.visited {
		return // nobody looks at more than that
	}
	d.judgeMailCertificate(s.server.name, c)
}

// judgeMailCertificate judges a certificate as browsers do.
func (d *mailLook) judgeMailCertificate(name string, c webprobe.Certificate) {
	if c.NoRoots {
		d.unknown(codeMailCert, name, "this machine has no list of authorities to trust")
	}
	leaf := c.Leaf()
	var wrong []string
	for _, w := range []struct {
		is   bool
		text string
	}{
		{c.Expired, "ended on " + date(leaf.NotAfter)},
		{c.NotYet, "begins on " + date(leaf.NotBefore)},
		{c.WrongName, "for " + names(leaf.DNSNames)},
		{c.SelfSigned, "issued by itself, " + c.Issuer()},
		{c.Incomplete, "issued by " + c.Issuer() + ", whose certificate is not sent"},
		{c.UnknownIssuer, "issued by " + c.Issuer() + ", which is no public authority"},
	} {
		if w.is {
			wrong = append(wrong, w.text)
		}
	}
	if len(wrong) == 0 {
		return
	}
	d.find(codeMailCert, name, detail{
		Detail:   "Most senders encrypt all the same and do not notice who reads; those that follow an MTA-STS policy do not deliver.",
		Evidence: wrong, Fix: "install a certificate of a public authority for " + name + " with its full chain, and let it be renewed by itself",
	})
}

// records writes TLSA records for evidence.
func (s *smtpLook) records(pinned []smtpprobe.TLSA) []string {
	return each(pinned[:min(len(pinned), 4)], func(t smtpprobe.TLSA) string { return s.tlsaName() + " TLSA " + t.String() })
}
