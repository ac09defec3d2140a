package mailrecord_test

import (
	"context"
	"fmt"

	"github.com/launchready/readiness/internal/mailrecord"
)

func ExampleParseSPF() {
	_, problems := mailrecord.ParseSPF("v=spf1 ip4:192.0.2.300 include:_spf.google.com~all")
	for _, p := range problems {
		fmt.Printf("%v %s, term %d %s: %s (%s)\n", p.Severity, p.Code, p.At, p.Term, p.Detail, p.Ref)
	}
	// Output:
	// blocker spf.syntax, term 1 ip4:192.0.2.300: "192.0.2.300" is no IP address; names belong to a: and include: (RFC 7208 section 4.6)
	// blocker spf.missing-blank, term 2 include:_spf.google.com~all: the next term follows without a blank (RFC 7208 section 4.6.1)
}

func ExampleWalkSPF() {
	zone := newZone(`acme.example TXT v=spf1 include:_spf.google.com include:old-esp.example ~all
_spf.google.com TXT v=spf1 ip4:203.0.113.0/24 ~all`)
	r := mailrecord.WalkSPF(context.Background(), "acme.example", zone)
	fmt.Println(r.Lookups, "lookups")
	for _, p := range r.Problems {
		fmt.Println(p.Code, p.Term, "-", p.Detail)
	}
	sendgrid, _ := mailrecord.Sender("sendgrid")
	fmt.Println("sendgrid covered:", r.Covers(sendgrid) == mailrecord.Covered)
	// Output:
	// 2 lookups
	// spf.include-missing include:old-esp.example - old-esp.example does not exist: every receiver answers with an error
	// sendgrid covered: false
}
