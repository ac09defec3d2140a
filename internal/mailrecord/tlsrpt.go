package mailrecord

import "strings"

// FindTLSRPT picks the TLS reporting records out of the TXT records at
// _smtp._tls.DOMAIN and says which of the others were meant to be one. With
// more than one, senders act as if there were none.
func FindTLSRPT(txts [][]string) (found [][]string, problems []Problem) {
	return versioned(txts, "v=TLSRPTv1", "tlsrpt")
}

// ParseTLSRPT reads a TLS reporting record and returns the usable addresses
// for reports. Unknown fields are ignored, as they must be.
func ParseTLSRPT(text ...string) (rua []ReportURI, problems []Problem) {
	l := &lint{}
	joined := strings.Join(text, "")
	if found, _ := versioned([][]string{text}, "v=TLSRPTv1", "tlsrpt"); len(found) == 0 {
		l.add(fault{code: "tlsrpt.not-a-record", detail: "it does not start with v=TLSRPTv1;"}, 0, joined)
		return nil, l.out
	}
	seen := false
	for _, t := range splitTags(joined)[1:] {
		switch {
		case !t.ok:
			l.add(fault{code: "tlsrpt.syntax", detail: "it is no NAME=VALUE", fix: "separate the fields with semicolons"}, t.at, t.text)
		case t.name == "rua" && seen:
			l.add(fault{code: "tlsrpt.syntax", detail: "rua stands twice, and which one counts is undefined", fix: "write one rua, its addresses with commas between"}, t.at, t.text)
		case t.name == "rua":
			seen = true
			var wrong []string
			rua, wrong = reportURIs(t.value, false, "mailto", "https")
			for _, w := range wrong {
				l.add(fault{code: "tlsrpt.rua", detail: w, fix: "write rua=mailto:NAME@DOMAIN"}, t.at, t.text)
			}
		}
	}
	if !seen {
		l.add(fault{code: "tlsrpt.syntax", detail: "rua is missing: there is nowhere to send reports to", fix: "add rua=mailto:NAME@DOMAIN"}, 0, joined)
	}
	return rua, l.out
}
