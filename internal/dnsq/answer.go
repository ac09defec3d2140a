package dnsq

import (
	"net/netip"
	"strings"
)

// Status is what became of a question.
type Status uint8

// The statuses. Only Data, NoData and NXDomain are facts about the name.
const (
	Unknown  Status = iota // the time was up before it could be asked
	Data                   // there are records of the type
	NoData                 // the name exists, without records of the type
	NXDomain               // the name does not exist
	ServFail               // the server could not find out (RFC 1035, 4.1.1)
	Refused                // the server does not answer such questions
	Timeout                // no server answered in time
	Failed                 // no server could be reached, or what it sent was no answer
)

var statusNames = [...]string{"not asked", "data", "no data", "no such name", "SERVFAIL", "REFUSED", "no answer in time", "no usable answer"}

// String names the status in plain words.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "?"
}

// Known reports whether the status is a fact about the name.
func (s Status) Known() bool { return s == Data || s == NoData || s == NXDomain }

// Type is a record type, by its number (RFC 1035, 3.2.2).
type Type uint16

// The record types that a [Record] has fields for.
const (
	A      Type = 1
	NS     Type = 2
	CNAME  Type = 5
	SOA    Type = 6
	PTR    Type = 12
	MX     Type = 15
	TXT    Type = 16
	AAAA   Type = 28
	DS     Type = 43
	DNSKEY Type = 48
	TLSA   Type = 52
	SPF    Type = 99
	CAA    Type = 257
)

// Record is one resource record. Which fields are set depends on the type.
// Names are in lower case, without the last dot; the root is "".
type Record struct {
	Name   string
	Type   Type
	TTL    uint32     // seconds
	Addr   netip.Addr // A, AAAA
	Target string     // CNAME, NS, PTR, MX; SOA: the primary server
	Pref   uint16     // MX
	Text   []string   // TXT, SPF: the strings as they lie in the record, not joined
	Serial uint32     // SOA
	Flag   uint8      // CAA
	Tag    string     // CAA
	Value  string     // CAA
	// Usage, Selector, Matching and Data are those of a TLSA record (RFC 6698,
	// section 2.1).
	Usage, Selector, Matching uint8
	Data                      []byte
}

// Answer is what came back for a question.
type Answer struct {
	Name   string // as asked: lower case, without the last dot
	Type   Type
	Status Status
	// Records is the answer section: aliases (CNAME) first, in the order in
	// which they lead on, then the data, sorted.
	Records []Record
	// Authority is the authority section: a SOA beside a NODATA, the NS of a
	// referral.
	Authority []Record
	// Server is who answered, as HOST:PORT; empty where nobody did.
	Server string
	// Authoritative and Authenticated are the AA and AD bits.
	Authoritative, Authenticated bool
}

// Of returns the records of the type that was asked for.
func (a Answer) Of() []Record {
	var out []Record
	for _, r := range a.Records {
		if r.Type == a.Type {
			out = append(out, r)
		}
	}
	return out
}

// Chain returns the names that the aliases of the answer lead through, in
// order, without the name asked for. A loop ends it.
func (a Answer) Chain() []string {
	var chain []string
	name := a.Name
	for range a.Records {
		next, ok := a.alias(name)
		if !ok {
			break
		}
		chain = append(chain, next)
		name = next
	}
	return chain
}

func (a Answer) alias(name string) (string, bool) {
	for _, r := range a.Records {
		if r.Type == CNAME && r.Name == name {
			return r.Target, true
		}
	}
	return "", false
}

// Texts returns the TXT records, each with its strings joined without a
// blank, as SPF, DKIM and DMARC read them (RFC 7208, section 3.3).
func (a Answer) Texts() []string {
	var out []string
	for _, r := range a.Of() {
		out = append(out, strings.Join(r.Text, ""))
	}
	return out
}
