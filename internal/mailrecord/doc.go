// Package mailrecord reads the DNS records that decide whether mail from a
// domain arrives: SPF (RFC 7208), DKIM keys (RFC 6376, 8301, 8463), DMARC
// (RFC 9989), MTA-STS (RFC 8461) and TLS reporting (RFC 8460).
//
// It is a set of linters and no mail filter: no message is at hand, all
// problems of a record are wanted rather than the first, and each comes with
// its place, its reason and a cure.
//
//	record, problems := mailrecord.ParseSPF("v=spf1 include:_spf.google.com ~al")
//	// problems[0]: spf.syntax, the 2nd term, "~al": no mechanism of SPF
//
// A parser takes the strings of one TXT record as they lie in it, so that a
// seam between two strings is seen. The Find functions pick the records of a
// kind out of all TXT records of a name, and name those that were meant to be
// one and are not. [WalkSPF] and [WalkDMARC] follow a record through the DNS;
// they ask through an interface and open no connection themselves.
//
// A problem is a fact about data. What could not be looked up stands in the
// Unknown list of a walk and is no problem; what depends on a message (a macro
// such as %{i}) is said to, and not guessed. Records come from strangers: every
// function is linear in its input, never panics, and bounds what it returns.
// No field of what it returns but the Text of a record holds the local part
// of an e-mail address.
//
// All functions are safe for concurrent use; there is no package state.
package mailrecord
