package dnsq

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// Normal returns a name as this package writes it: lower case, without the
// last dot.
func Normal(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// question builds the message for a question.
func question(name string, t Type, o Options) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), uint16(t))
	m.RecursionDesired = !o.Direct
	m.CheckingDisabled = o.CheckingDisabled
	m.SetEdns0(udpSize, o.CheckingDisabled || o.DNSSEC)
	return m
}

// read turns a message into an answer. One that answers another question is
// no answer.
func read(name string, t Type, m *dns.Msg, server string) Answer {
	a := Answer{Name: name, Type: t, Server: server, Authoritative: m.Authoritative, Authenticated: m.AuthenticatedData}
	if len(m.Question) != 1 || Normal(m.Question[0].Name) != name || m.Question[0].Qtype != uint16(t) {
		a.Status = Failed
		return a
	}
	a.Records, a.Authority = order(name, records(m.Answer)), order(name, records(m.Ns))
	switch m.Rcode {
	case dns.RcodeSuccess:
		a.Status = NoData
		if len(a.Of()) > 0 {
			a.Status = Data
		}
	case dns.RcodeNameError:
		a.Status = NXDomain
	case dns.RcodeServerFailure:
		a.Status = ServFail
	case dns.RcodeRefused:
		a.Status = Refused
	default:
		a.Status = Failed
	}
	return a
}

func records(rrs []dns.RR) []Record {
	var out []Record
	for _, rr := range rrs {
		h := rr.Header()
		r := Record{Name: Normal(h.Name), Type: Type(h.Rrtype), TTL: h.Ttl}
		switch rr := rr.(type) {
		case *dns.A:
			r.Addr, _ = netip.AddrFromSlice(rr.A.To4())
		case *dns.AAAA:
			r.Addr, _ = netip.AddrFromSlice(rr.AAAA.To16())
		case *dns.CNAME:
			r.Target = Normal(rr.Target)
		case *dns.NS:
			r.Target = Normal(rr.Ns)
		case *dns.PTR:
			r.Target = Normal(rr.Ptr)
		case *dns.MX:
			r.Target, r.Pref = Normal(rr.Mx), rr.Preference
		case *dns.SOA:
			r.Target, r.Serial = Normal(rr.Ns), rr.Serial
		case *dns.TXT:
			r.Text = unescape(rr.Txt)
		case *dns.SPF:
			r.Text = unescape(rr.Txt)
		case *dns.CAA:
			r.Flag, r.Tag, r.Value = rr.Flag, strings.ToLower(rr.Tag), rr.Value
		case *dns.TLSA:
			r.Usage, r.Selector, r.Matching = rr.Usage, rr.Selector, rr.MatchingType
			r.Data, _ = hex.DecodeString(rr.Certificate) // the wire library wrote it
		}
		out = append(out, r)
	}
	return out
}

// unescape undoes the \DDD and \X of the presentation format, in which the
// wire library hands out strings: what is in a record counts, not how a zone
// file would write it.
func unescape(texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		if !strings.Contains(s, `\`) {
			out[i] = s
			continue
		}
		var b strings.Builder
		for j := 0; j < len(s); j++ {
			switch {
			case s[j] != '\\' || j+1 == len(s):
				b.WriteByte(s[j])
			case j+3 < len(s) && isOctet(s[j+1:j+4]):
				n, _ := strconv.Atoi(s[j+1 : j+4]) // three digits up to 255
				b.WriteByte(byte(n))
				j += 3
			default:
				j++
				b.WriteByte(s[j])
			}
		}
		out[i] = b.String()
	}
	return out
}

func isOctet(s string) bool {
	n, err := strconv.ParseUint(s, 10, 8)
	return err == nil && n <= 255
}
