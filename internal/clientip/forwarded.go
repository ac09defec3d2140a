package clientip

import (
	"net/netip"
	"strings"
)

// lastForwarded takes the last element off a Forwarded list (RFC 7239) and
// returns the address of its "for" parameter.
//
// It reads from the right, quoted strings included, because what stands left
// of a proxy's own element was sent by the client: read from the left, one
// unbalanced quote of the client's would swallow the elements of all proxies.
func lastForwarded(list string) (rest string, addr netip.Addr, ok bool) {
	rest, element, ok := cutLast(list, ',')
	if !ok {
		return "", netip.Addr{}, false
	}
	node, found := "", false
	for element != "" {
		var pair string
		if element, pair, ok = cutLast(element, ';'); !ok {
			return rest, netip.Addr{}, false
		}
		name, value, _ := strings.Cut(trim(pair), "=")
		if !strings.EqualFold(name, "for") {
			continue
		}
		if found { // each parameter occurs at most once in an element
			return rest, netip.Addr{}, false
		}
		node, found = value, true
	}
	if !found {
		return rest, netip.Addr{}, false
	}
	// Inside quotes an address needs no escape: with one it is no address.
	if len(node) >= 2 && node[0] == '"' && node[len(node)-1] == '"' {
		node = node[1 : len(node)-1]
	}
	addr, ok = parseNode(node)
	return rest, addr, ok
}

// cutLast cuts list at its last separator that stands outside quotes. It
// reports false where a quote has no partner.
func cutLast(list string, separator byte) (rest, last string, ok bool) {
	quoted := false
	for i := len(list) - 1; i >= 0; i-- {
		switch c := list[i]; {
		case c == '"' && !(quoted && escaped(list, i)):
			quoted = !quoted
		case c == separator && !quoted:
			return list[:i], list[i+1:], true
		}
	}
	return "", list, !quoted
}

// escaped reports whether the byte at i stands after an odd number of
// backslashes.
func escaped(s string, i int) bool {
	n := 0
	for i > n && s[i-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}
