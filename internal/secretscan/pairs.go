package secretscan

import (
	"bytes"
	"slices"
	"strings"
)

// pairsPassword finds the password in a list of key=value pairs with a host:
// host=… user=… password=… of libpq, Server=…;Password=… of ADO.NET, and the
// parameters of a JDBC URL. The host may stand before the password or after.
func pairsPassword(before, text []byte) (from, to int) {
	if n := len(before); n > 0 && bytes.IndexByte([]byte(" \t;?&\"'`"), before[n-1]) < 0 {
		return 0, 0
	}
	from = bytes.IndexByte(text, '=') + 1
	end := byte(0)
	if from < len(text) && (text[from] == '\'' || text[from] == '"') {
		end = text[from]
		from++
	}
	for to = from; to < len(text) && urlBytes[text[to]] && text[to] != ';' && text[to] != '&' || to < len(text) && end != 0 && text[to] != end && !space(text[to]); {
		to++
	}
	if end != 0 && (to == len(text) || text[to] != end) || to-from < minPassword || to-from > maxSecret || end != 0 && bytes.IndexByte([]byte("+.&"), text[from]) >= 0 {
		return 0, 0 // "password=" + p + "…" is code
	}
	after, _, _ := bytes.Cut(text[to:], []byte("\n"))
	host := hostIn(before)
	if host == "" {
		host = hostBefore(before)
	}
	if host == "" {
		host = hostIn(after)
	}
	if host == "" || !opens(string(text[from:to]), "", host) {
		return 0, 0
	}
	return from, to
}

// hostKeys are the names of the host in such lists. Data Source has two words.
var hostKeys = []string{"host", "hostaddr", "server", "addr", "address", "source"}

// hostIn is the host in a list of pairs.
func hostIn(pairs []byte) string {
	for start := 0; ; {
		i := bytes.IndexByte(pairs[start:], '=')
		if i < 0 {
			return ""
		}
		i += start
		if start = i + 1; i == 0 || bytes.IndexByte([]byte("tresTRES"), pairs[i-1]) < 0 {
			continue // no host key ends so
		}
		key := i
		for key > 0 && i-key <= len("hostaddr") && (lower(pairs[key-1]) || upper(pairs[key-1])) {
			key--
		}
		if !slices.ContainsFunc(hostKeys, func(k string) bool { return len(k) == i-key && strings.EqualFold(k, string(pairs[key:i])) }) {
			continue
		}
		value := bytes.TrimPrefix(pairs[start:], []byte("tcp:"))
		if end := bytes.IndexAny(value, "; \t\r,&\"'`"); end >= 0 {
			value = value[:end]
		}
		return string(value)
	}
}
