package readiness

import (
	"context"
	"slices"
	"sync"

	"github.com/launchready/readiness/internal/dnsq"
)

// mailCodes are the rules about e-mail.
func mailCodes() []codeRow {
	return slices.Concat(mxCodes(), smtpCodes(), spfCodes(), dkimCodes(), dmarcCodes(), tlsCodes())
}

// mailLook is one e-mail domain in one run: what was read about it, filled in
// by the read methods side by side, and judged when all is there, since one
// record decides how much a fault of another matters.
type mailLook struct {
	*look
	mailDomain

	name    string // the domain in full
	mx      dnsq.Answer
	servers []*mailServer // the targets of mx, by name
	smtp    []*smtpLook   // what the most preferred of servers answer
	website place         // where a browser finds the domain
	spf     spfFacts
	keys    []*dkimKey
	dmarc   dmarcFacts
	sts     stsFacts
	tlsrpt  dnsq.Answer
}

// checkMail checks the records of every domain that Config.Mail declares.
func (l *look) checkMail(ctx context.Context) {
	var all sync.WaitGroup
	for _, m := range l.site.mail {
		l.start(&all, m.Domain, func() {
			d := &mailLook{look: l, mailDomain: m, name: m.Domain}
			if m.assumed {
				d.Mail = l.assumedMail(ctx)
			}
			d.read(ctx)
			d.judge()
		})
	}
	all.Wait()
}

// read asks for all records; no rule waits for another's answer.
func (d *mailLook) read(ctx context.Context) {
	var facts sync.WaitGroup
	for _, read := range []func(context.Context){d.readServers, d.readSPF, d.readDKIM, d.readDMARC, d.readSTS} {
		d.start(&facts, d.name, func() { read(ctx) })
	}
	if d.Receives {
		d.tlsrpt = d.ask(ctx, "_smtp._tls."+d.name, dnsq.TXT)
	}
	facts.Wait()
}

func (d *mailLook) judge() {
	d.judgeMX()
	d.judgeSMTP()
	d.judgeDKIM() // before SPF, where a key makes up for a sender that is left out
	d.judgeSPF()
	d.judgeDMARC()
	d.judgeSTS()
	d.judgeTLSRPT()
	d.noteProvider()
}

// noteProvider tells the handover who keeps the mailboxes.
func (d *mailLook) noteProvider() {
	for _, s := range d.servers {
		if p := mailProvider(s.name); p != "" {
			d.saw(seeMail, p)
			return
		}
	}
	if len(d.servers) > 0 && d.servers[0].name != "" {
		d.saw(seeMail, d.servers[0].name)
	}
}
