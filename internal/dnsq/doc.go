// Package dnsq asks the Domain Name System questions and keeps apart what
// the standard resolver throws together: a name that does not exist
// (NXDOMAIN), one without data of the type asked for (NODATA), a server that
// fails (SERVFAIL) or refuses, and no answer in time. Only the first two, and
// data, are facts; everything else means "unknown".
//
// A [Resolver] lives for one run of a check: it asks each question once,
// however many callers want the answer, with a bounded number in flight, over
// UDP with EDNS and over TCP where the answer was cut short, and turns to
// another server for the second try.
//
// It stands in front of github.com/miekg/dns, none of whose types it shows.
package dnsq
