package readiness

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/mailrecord"
)

// dkimCodes are the rules about the keys that verify signatures.
func dkimCodes() []codeRow {
	return append(recordCodes("dkim."),
		codeRow{"dkim.missing", High, "no DKIM key at the selector", "RFC 6376 section 3.6.2"},
		codeRow{"dkim.proxied", Blocker, "the DKIM selector is behind Cloudflare's proxy", ""},
	)
}

// dkimKey is what a selector leads to.
type dkimKey struct {
	name    string // the full name
	answer  dnsq.Answer
	key     mailrecord.DKIM
	proxied bool // an address of Cloudflare's answers where the text should be
	doubled bool // the record stands below the domain's name written twice
}

// readDKIM asks for the keys.
func (d *mailLook) readDKIM(ctx context.Context) {
	var all sync.WaitGroup
	for _, s := range d.DKIMSelectors {
		k := &dkimKey{name: s + "._domainkey." + d.name}
		d.keys = append(d.keys, k)
		d.start(&all, k.name, func() { k.read(ctx, d) })
	}
	all.Wait()
}

func (k *dkimKey) read(ctx context.Context, d *mailLook) {
	k.answer = d.ask(ctx, k.name, dnsq.TXT)
	if k.answer.Status == dnsq.NoData {
		k.proxied = slices.ContainsFunc(d.locate(ctx, k.name).addrs, d.site.inCloudflare)
	}
	if absent(k.answer) && !k.proxied {
		// A wildcard may answer with other texts.
		found, _ := mailrecord.FindDKIM(txtStrings(d.ask(ctx, k.name+"."+d.name, dnsq.TXT)))
		k.doubled = len(found) > 0
	}
	if found, _ := mailrecord.FindDKIM(txtStrings(k.answer)); len(found) == 1 {
		k.key, _ = mailrecord.ParseDKIM(found[0]...)
	}
}

// signed reports whether a receiver can verify a signature of the domain.
func (d *mailLook) signed() bool {
	return slices.ContainsFunc(d.keys, func(k *dkimKey) bool { return k.key.Algorithm != "" && !k.key.Testing })
}

// signingUnknown reports whether a key could not be looked at.
func (d *mailLook) signingUnknown() bool {
	return slices.ContainsFunc(d.keys, func(k *dkimKey) bool { return !k.answer.Status.Known() })
}

// judgeDKIM judges the key at each declared selector.
func (d *mailLook) judgeDKIM() {
	var usable []mailrecord.DKIM
	for _, k := range d.keys {
		usable = append(usable, k.key)
		switch {
		case !k.answer.Status.Known():
			d.unknown("dkim.missing", k.name, "TXT records: "+k.answer.Status.String())
		case k.proxied:
			d.find("dkim.proxied", k.name, detail{
				Detail: "Cloudflare answers with its own addresses in the place of the key: every signature with this selector fails.",
				Fix:    "set the record of " + k.name + " to DNS only (grey cloud)",
			})
		case absent(k.answer):
			d.judgeNoKey(k)
		default:
			txts := txtStrings(k.answer)
			found, problems := mailrecord.FindDKIM(txts)
			if len(found) == 1 {
				_, more := mailrecord.ParseDKIM(found[0]...)
				problems = append(problems, more...)
			}
			d.report(problems, k.name, recordLines(k.name, txts[:min(len(txts), 3)])...)
		}
	}
	if mailrecord.OnlyEd25519(usable) && !d.signingUnknown() {
		i := slices.IndexFunc(d.keys, func(k *dkimKey) bool { return k.key.Algorithm == "ed25519" })
		d.find("dkim.ed25519-alone", d.keys[i].name, detail{
			Detail: "Few receivers can check Ed25519 signatures; for all others the mail is not signed.",
			Fix:    "sign with an RSA key of 2048 bits beside, and declare its selector",
		})
	}
}

// judgeNoKey judges a selector without a record. Where DMARC is enforced, the
// mail that it signs is refused.
func (d *mailLook) judgeNoKey(k *dkimKey) {
	what := detail{Severity: High, Detail: "Signatures with this selector cannot be verified and count for nothing", Fix: "publish the key that the sending service shows for this selector, or take the selector out of the declaration"}
	if d.dmarc.enforced() {
		what.Severity = Blocker
		what.Detail += "; with the DMARC policy in force such mail is refused or goes to spam unless SPF saves it"
	}
	what.Detail += "."
	if chain := k.answer.Chain(); len(chain) > 0 {
		what.Evidence = []string{k.name + " is an alias of " + strings.Join(chain, ", then ") + ", which has no key"}
	}
	if k.doubled {
		what.Evidence = append(what.Evidence, k.name+"."+d.name+" has the key")
		what.Fix = "the zone appended " + d.name + " a second time: enter the name without it, or with a dot at the end"
	}
	d.find("dkim.missing", k.name, what)
}
