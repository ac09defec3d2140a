package webprobe

import (
	"errors"
	"strconv"
	"strings"
)

// ConnectTo sends connections for one host and port to another, as curl's
// --connect-to does: the URL, the Host header and the name in the certificate
// stay what they are.
type ConnectTo struct {
	// Host and Port are what is to be connected to; empty matches any.
	Host, Port string
	// ToHost and ToPort are used in their place; empty leaves that part alone.
	ToHost, ToPort string
}

// ParseConnectTo reads HOST1:PORT1:HOST2:PORT2, each of which may be empty;
// an IPv6 address stands in brackets.
func ParseConnectTo(s string) (ConnectTo, error) {
	var part [4]string
	rest := s
	for i := range part {
		var ok bool
		if part[i], rest, ok = cutPart(rest); !ok || (i == 3) != (rest == "") && i == 3 {
			return ConnectTo{}, errors.New("must be HOST:PORT:ADDRESS:PORT, an IPv6 address in brackets")
		}
		if i == 3 {
			break
		}
		if !strings.HasPrefix(rest, ":") {
			return ConnectTo{}, errors.New("must be HOST:PORT:ADDRESS:PORT: four parts between three colons")
		}
		rest = rest[1:]
	}
	for _, port := range []string{part[1], part[3]} {
		if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
			return ConnectTo{}, errors.New("a port must be a number from 1 to 65535, or empty")
		}
	}
	return ConnectTo{Host: strings.ToLower(part[0]), Port: part[1], ToHost: strings.ToLower(part[2]), ToPort: part[3]}, nil
}

// cutPart cuts off what stands before the next colon, or in brackets.
func cutPart(s string) (part, rest string, ok bool) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", "", false
		}
		return s[1:end], s[end+1:], true
	}
	if i := strings.IndexByte(s, ':'); i >= 0 {
		return s[:i], s[i:], true
	}
	return s, "", true
}

// Redirected returns where a connection for host and port goes: the first
// entry that matches counts. named says that an entry gave the host, which
// is then somebody's express wish.
func Redirected(table []ConnectTo, host, port string) (toHost, toPort string, named bool) {
	for _, c := range table {
		if (c.Host == "" || strings.EqualFold(c.Host, host)) && (c.Port == "" || c.Port == port) {
			if c.ToHost != "" {
				host, named = c.ToHost, true
			}
			if c.ToPort != "" {
				port = c.ToPort
			}
			return host, port, named
		}
	}
	return host, port, false
}
