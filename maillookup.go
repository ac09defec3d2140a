package readiness

import (
	"context"
	"net/netip"

	"github.com/launchready/readiness/internal/dnsq"
	"github.com/launchready/readiness/internal/mailrecord"
)

// mailLookup lets mailrecord ask through the look.
type mailLookup struct{ *look }

// TXT returns the TXT records of a name.
func (l mailLookup) TXT(ctx context.Context, name string) ([][]string, mailrecord.Status) {
	a := l.ask(ctx, name, dnsq.TXT)
	return txtStrings(a), recordStatus(a.Status)
}

// MX returns the mail servers of a name.
func (l mailLookup) MX(ctx context.Context, name string) ([]string, mailrecord.Status) {
	a := l.ask(ctx, name, dnsq.MX)
	return each(a.Of(), func(r dnsq.Record) string { return r.Target }), recordStatus(a.Status)
}

// Addresses returns the addresses of a name.
func (l mailLookup) Addresses(ctx context.Context, name string) ([]netip.Addr, mailrecord.Status) {
	p := l.locate(ctx, name)
	return p.addrs, recordStatus(p.status)
}

func recordStatus(s dnsq.Status) mailrecord.Status {
	switch s {
	case dnsq.Data:
		return mailrecord.Found
	case dnsq.NoData:
		return mailrecord.NoData
	case dnsq.NXDomain:
		return mailrecord.NoName
	default:
		return mailrecord.Unknown
	}
}
