package ratelimit

// names makes the keys under which Redis keeps counts.
type names struct {
	prefix string
	ids    *identities
}

// newNames returns the names of a store. Where spread is not set they have a
// hash tag, so that a proxy that speaks for a Cluster takes several of them in
// one call; where it is set, each key has a slot of its own.
func newNames(prefix string, secret []byte, spread bool) *names {
	if !spread {
		prefix = "{" + prefix + "}"
	}
	return &names{prefix: prefix + ":", ids: newIdentities(secret)}
}

// of returns the charge's key.
func (n *names) of(c *charge) string {
	var buf [128]byte
	return string(n.ids.append(append(buf[:0], n.prefix...), c))
}

// all returns the key of each charge.
func (n *names) all(charges []charge) []string {
	list := make([]string, len(charges))
	for i := range charges {
		list[i] = n.of(&charges[i])
	}
	return list
}
