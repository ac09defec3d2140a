package readiness

import "github.com/launchready/readiness/internal/dnsq"

// The codes of the DNS family.
const (
	codeNoSuchName     = "dns.no-such-name"
	codeNoAddress      = "dns.no-address"
	codeTimeout        = "dns.timeout"
	codeServFail       = "dns.servfail"
	codeRefused        = "dns.refused"
	codeNoAnswer       = "dns.no-answer"
	codeDNSSEC         = "dns.dnssec"
	codePrivateAddress = "dns.private-address"
	codeBogonAddress   = "dns.bogon-address"
	codeApexCNAME      = "dns.apex-cname"
	codeCNAMEBeside    = "dns.cname-beside"
	codeCNAMEDangling  = "dns.cname-dangling"
	codeCNAMELoop      = "dns.cname-loop"
	codeCNAMEChain     = "dns.cname-chain"
	codeTakeover       = "dns.takeover"
	codeDoubledName    = "dns.doubled-name"
	codeWildcard       = "dns.wildcard"
	codeParked         = "dns.parked"
	codeLongTTL        = "dns.long-ttl"
	codeSingleNS       = "dns.single-ns"
	codeLame           = "dns.lame"
	codeNSNoAddress    = "dns.ns-no-address"
	codeNSCNAME        = "dns.ns-cname"
	codeNSMismatch     = "dns.ns-mismatch"
	codeAnswersDiffer  = "dns.answers-differ"
	codeSerial         = "dns.serial"
	codeNotProxied     = "cloudflare.not-proxied"
	codeProxied        = "cloudflare.proxied"
	codeOriginExposed  = "cloudflare.origin-exposed"
)

// dnsCodes are the rows of the DNS family.
var dnsCodes = []codeRow{
	{codeNoSuchName, Blocker, "the name does not exist", "RFC 8020 section 2"},
	{codeNoAddress, Blocker, "the name has no address", "RFC 2308 section 2.2"},
	{codeTimeout, High, "no answer in time", ""},
	{codeServFail, High, "every resolver fails on the name", "RFC 2308 section 7.1"},
	{codeRefused, High, "the resolver refuses to answer", ""},
	{codeNoAnswer, High, "no usable answer", ""},
	{codeDNSSEC, Blocker, "DNSSEC is broken", "RFC 4035 section 5.5"},
	{codePrivateAddress, Blocker, "an address that visitors cannot reach", "RFC 6890 section 2.2"},
	{codeBogonAddress, Blocker, "an address that is nobody's", "RFC 6890 section 2.2"},
	{codeApexCNAME, Blocker, "an alias at the top of the zone", "RFC 1912 section 2.4"},
	{codeCNAMEBeside, Blocker, "an alias beside other records", "RFC 1034 section 3.6.2"},
	{codeCNAMEDangling, High, "an alias to a name that does not exist", ""},
	{codeCNAMELoop, Blocker, "an alias that leads back to itself", "RFC 1034 section 3.6.2"},
	{codeCNAMEChain, Medium, "a long chain of aliases", "RFC 1034 section 3.6.2"},
	{codeTakeover, High, "somebody else can take the host over", ""},
	{codeDoubledName, Blocker, "the domain stands twice in a name", "RFC 1035 section 5.1"},
	{codeWildcard, High, "only the wildcard record answers for the host", "RFC 4592 section 2.1.1"},
	{codeParked, High, "a parking page", ""},
	{codeLongTTL, Medium, "a time to live of more than a day", "RFC 1912 section 2.2"},
	{codeSingleNS, Medium, "only one name server", "RFC 2182 section 5"},
	{codeLame, High, "a name server that does not serve the domain", "RFC 1912 section 2.8"},
	{codeNSNoAddress, High, "a name server without an address", "RFC 1912 section 2.8"},
	{codeNSCNAME, High, "a name server that is an alias", "RFC 2181 section 10.3"},
	{codeNSMismatch, High, "the registry and the zone list different name servers", "RFC 1034 section 4.2.2"},
	{codeAnswersDiffer, High, "name servers give different answers", ""},
	{codeSerial, High, "name servers have different versions of the zone", "RFC 1912 section 2.2"},
	{codeNotProxied, High, "declared as proxied by Cloudflare, but is not", ""},
	{codeProxied, High, "proxied by Cloudflare, but not declared so", ""},
	{codeOriginExposed, High, "the host gives the hidden origin away", ""},
}

// unknownCode returns the code for an answer that is no fact.
func unknownCode(s dnsq.Status) string {
	switch s {
	case dnsq.ServFail:
		return codeServFail
	case dnsq.Refused:
		return codeRefused
	case dnsq.Failed:
		return codeNoAnswer
	default:
		return codeTimeout
	}
}
