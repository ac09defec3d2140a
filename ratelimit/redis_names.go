package ratelimit

// names makes the keys under which Redis keeps counts.
type names struct {
	prefix string
	ids    *identities
}

func newNames(prefix string, secret []byte) *names {
	return &names{prefix: "{" + prefix + "}:", ids: newIdentities(secret)}
}

// of returns the charge's key.
func (n *names) of(c *charge) string {
	var buf [128]byte
	return string(n.ids.append(append(buf[:0], n.prefix...), c))
}
