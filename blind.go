package readiness

import (
	"strings"

	"github.com/launchready/readiness/internal/dnsq"
)

// lost reports whether it could not be found out if name has an address: the
// question was put, and no answer was a fact.
func (l *look) lost(name string) bool {
	four, put4 := l.asked[question{name, dnsq.A}]
	six, put6 := l.asked[question{name, dnsq.AAAA}]
	if put4 || put6 {
		return !four && !six
	}
	return false
}

// shown returns what may be shown of evidence: control characters escaped,
// and cut where it would fill the screen. The text of a record is data of
// strangers.
func shown(s string) string {
	const most = 300
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > most {
			b.WriteRune('…')
			break
		}
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0xfffd || r == 0x202e || r == 0x2028 || r == 0x2029 {
			b.WriteRune('?')
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
