package mailrecord

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// parseTerm reads one word of a record (RFC 7208, section 4.6.1).
func parseTerm(word string) (Term, *fault) {
	if i := strings.IndexFunc(word, func(r rune) bool { return r < 0x21 || r > 0x7e }); i >= 0 {
		return Term{}, &fault{code: "spf.syntax", detail: fmt.Sprintf("the character %+q is not allowed", []rune(word[i:])[0]), fix: "write it in plain ASCII, with single blanks between the terms"}
	}
	if name, value, ok := modifier(word); ok {
		return parseModifier(name, value)
	}
	t := Term{Qualifier: '+', Bits4: 32, Bits6: 128}
	rest := word
	if strings.IndexByte("+-~?", rest[0]) >= 0 {
		t.Qualifier, rest = rest[0], rest[1:]
	}
	end := strings.IndexAny(rest+":", ":/")
	t.Name = asciiLower(rest[:end])
	arg := rest[end:] // empty, or starts with : or /
	switch t.Name {
	case "all":
		if arg != "" {
			return t, syntax("all takes no value")
		}
		return t, nil
	case "ip4", "ip6":
		return t.network(arg)
	case "a", "mx":
		return t.hosts(arg)
	case "ptr":
		if arg == "" {
			return t, nil
		}
		return t.target(arg)
	case "include", "exists":
		return t.target(arg)
	}
	return t, unknownTerm(t.Name, rest)
}

// modifier splits name=value (RFC 7208, section 4.6.1).
func modifier(word string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(word, "=")
	if !ok || name == "" || !isAlpha(name[0]) {
		return "", "", false
	}
	for i := range len(name) {
		if c := name[i]; !isAlnum(c) && c != '-' && c != '_' && c != '.' {
			return "", "", false
		}
	}
	return asciiLower(name), value, true
}

func parseModifier(name, value string) (Term, *fault) {
	t := Term{Name: name, Domain: value}
	if name == "redirect" || name == "exp" {
		return t, specFault(value, name == "redirect")
	}
	_, err := macros(value)
	if err != "" {
		return t, syntax(err)
	}
	return t, nil
}

// target reads the domain-spec of include, exists and ptr.
func (t Term) target(arg string) (Term, *fault) {
	if arg == "" || arg[0] != ':' {
		return t, syntax(t.Name + " needs a name: " + t.Name + ":NAME")
	}
	t.Domain = arg[1:]
	return t, specFault(t.Domain, t.Name == "include")
}

// hosts reads what follows a or mx: [:domain-spec] [/bits4] [//bits6].
func (t Term) hosts(arg string) (Term, *fault) {
	spec, bits4, bits6, ok := dualCIDR(arg)
	if !ok {
		return t, syntax("the prefix length is wrong: /0 to /32 for IPv4, //0 to //128 for IPv6, without a leading zero")
	}
	t.Bits4, t.Bits6 = bits4, bits6
	if spec == "" {
		return t, nil
	}
	if spec[0] != ':' {
		return t, syntax("the prefix length is wrong: write it as /24 or //64")
	}
	t.Domain = spec[1:]
	if _, err := netip.ParseAddr(t.Domain); err == nil {
		return t, &fault{code: "spf.syntax", detail: t.Name + " takes a name, not an address", fix: "use ip4:ADDRESS or ip6:ADDRESS"}
	}
	return t, specFault(t.Domain, false)
}

// dualCIDR takes the prefix lengths off the end of a term.
func dualCIDR(arg string) (rest string, bits4, bits6 int, ok bool) {
	bits4, bits6 = 32, 128
	if i := strings.LastIndex(arg, "//"); i >= 0 && digits(arg[i+2:]) {
		if bits6, ok = bits(arg[i+2:], 128); !ok {
			return "", 0, 0, false
		}
		arg = arg[:i]
	}
	if i := strings.LastIndexByte(arg, '/'); i >= 0 && digits(arg[i+1:]) && (i == 0 || arg[i-1] != '/') {
		if bits4, ok = bits(arg[i+1:], 32); !ok {
			return "", 0, 0, false
		}
		arg = arg[:i]
	}
	return arg, bits4, bits6, !strings.HasSuffix(arg, "/")
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// bits reads a prefix length without a leading zero.
func bits(s string, most int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= most && digits(s) && (s == "0" || s[0] != '0')
}

// network reads the address of ip4 and ip6.
func (t Term) network(arg string) (Term, *fault) {
	if len(arg) < 2 || arg[0] != ':' {
		return t, syntax(t.Name + " needs an address: " + t.Name + ":ADDRESS or " + t.Name + ":NETWORK/BITS")
	}
	text, length, cidr := strings.Cut(arg[1:], "/")
	addr, err := netip.ParseAddr(text)
	wants4 := t.Name == "ip4"
	switch {
	case err != nil && glued(text):
		return t, &fault{code: "spf.missing-blank", detail: "the next term follows without a blank", fix: "put a blank before it"}
	case err != nil || addr.Zone() != "":
		return t, syntax(quote(text) + " is no IP address; names belong to a: and include:")
	case addr.Is4() != wants4:
		return t, &fault{code: "spf.syntax", detail: "the address is of the other family", fix: map[bool]string{true: "use ip6:", false: "use ip4:"}[wants4]}
	}
	n := addr.BitLen()
	if cidr {
		var ok bool
		if n, ok = bits(length, n); !ok {
			return t, syntax(fmt.Sprintf("the prefix length must be 0 to %d, without a leading zero", addr.BitLen()))
		}
	}
	t.Net = netip.PrefixFrom(addr, n).Masked() // host bits beside it are legal
	return t, nil
}

// syntax is an error that makes every receiver answer permerror.
func syntax(detail string) *fault { return &fault{code: "spf.syntax", detail: detail} }

// unknownTerm words the error for a word that is no term, with a guess at
// what was meant.
func unknownTerm(name, rest string) *fault {
	f := syntax(quote(rest) + " is no mechanism of SPF")
	switch {
	case name == "redirect" || name == "exp":
		f.detail, f.fix = name+" is written with =", "write "+name+"=NAME"
	case name == "ip" || name == "ipv4":
		f.fix = "write ip4:"
	case name == "ipv6":
		f.fix = "write ip6:"
	case strings.HasPrefix(name, "all"):
		f.fix = "write all, and nothing behind it"
	case strings.HasPrefix(name, "include") || strings.HasPrefix(name, "inlcude"):
		f.fix = "write include:NAME"
	case strings.Contains(rest, "=") && strings.HasPrefix(rest, "redirect"):
		f.fix = "write redirect=NAME without a sign before it"
	case strings.Contains(name, "."):
		if _, err := netip.ParseAddr(name); err == nil {
			f.fix = "write ip4:" + name
		} else {
			f.fix = "write include:" + cut(name, 80) + " or a:" + cut(name, 80)
		}
	}
	return f
}
