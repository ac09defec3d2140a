package ratelimit

import "github.com/redis/go-redis/v9"

// call is one run of a script.
type call struct {
	keys  []string
	args  []any
	debts []debt // whose keys come first
	parts []part // whose keys come then
	first debt   // of nothing, for the first key
	cmd   *redis.Cmd
	err   error
}

// part is what a call takes of an order: all of its charges, or in a Cluster
// one of them.
type part struct {
	order   *order
	charges []charge
}

// takes returns the runs of takeScript for orders and debts: one, or where the
// keys are spread one for each key. A key's debt comes before its charges.
func (b *redisBackend) takes(orders []*order, debts []debt) []call {
	if !b.redis.spread {
		c := call{args: []any{len(debts)}}
		for _, d := range debts {
			c.addDebt(b.local, d)
		}
		for _, o := range orders {
			if len(o.charges) > 0 {
				c.addPart(b.local, part{o, o.charges}, o.names)
			}
		}
		return []call{c}
	}
	calls := make([]call, 0, len(debts)+len(orders))
	own := make(map[string]int, len(debts)) // the call of a key's debt
	for _, d := range debts {
		c := call{args: []any{1}}
		c.addDebt(b.local, d)
		own[d.name] = len(calls)
		calls = append(calls, c)
	}
	for _, o := range orders {
		for i := range o.charges {
			n, ok := own[o.names[i]]
			if !ok {
				n = len(calls)
				calls = append(calls, call{args: []any{0}})
			}
			delete(own, o.names[i])
			calls[n].addPart(b.local, part{o, o.charges[i : i+1]}, o.names[i:i+1])
		}
	}
	return calls
}

func (c *call) addDebt(local *memory, d debt) {
	k, ok := local.knows(d.rule, d.hash)
	if !ok {
		k.cell = cell{win: d.win, cur: uint32(max(0, d.cur)), prev: uint32(max(0, d.prev))}
	}
	var struck int64
	if d.struck {
		struck = 1
	}
	c.add(d.name, d.rule, d.hash, k, d.win, d.cur, d.prev, struck)
	c.debts = append(c.debts, d)
}

func (c *call) addPart(local *memory, p part, names []string) {
	c.args = append(c.args, len(p.charges))
	for i := range p.charges {
		ch := &p.charges[i]
		hash := local.hash(ch.key)
		k, _ := local.knows(ch.rule, hash)
		var dry int64
		if ch.rule.dryRun {
			dry = 1
		}
		c.add(names[i], ch.rule, hash, k, ch.limit, ch.cost, dry, 0)
	}
	c.parts = append(c.parts, p)
}

// add adds a key and its values, in the order that takeScript documents.
func (c *call) add(name string, r *rule, hash uint64, k known, last ...int64) {
	if len(c.keys) == 0 {
		c.first = debt{name: name, rule: r, hash: hash, win: k.win}
	}
	c.keys = append(c.keys, name)
	c.args = append(c.args, r.window,
		r.penalty.after, r.penalty.first, r.penalty.factor, r.penalty.max,
		k.win, k.cur, k.prev, k.strikes, k.left)
	for _, v := range last {
		c.args = append(c.args, v)
	}
}

// read fills in the verdicts of the call's charges from takeScript's reply.
func (c *call) read() error {
	out, err := c.cmd.Int64Slice()
	if err != nil {
		return err
	}
	return c.decode(out)
}

func (c *call) decode(out []int64) error {
	for _, p := range c.parts {
		size := 1 + verdictSize*len(p.charges)
		if len(out) < size {
			return errReply
		}
		if !p.read(out[:size]) {
			return errReply
		}
		out = out[size:]
	}
	if len(out) > 0 {
		return errReply
	}
	return nil
}

// read fills in the verdicts of the part's charges, and reports whether they
// can be true.
func (p *part) read(out []int64) bool {
	admitted := out[0] == 1
	p.order.admitted = p.order.admitted && admitted
	for i := range p.charges {
		c, v := &p.charges[i], out[1+verdictSize*i:]
		c.verdict = verdict{
			view:    view{win: v[0], cur: v[1], prev: v[2], elapsed: v[3], window: c.rule.window},
			strikes: v[4], blocked: max(0, v[5]), ended: max(0, -v[5]),
			denied: v[6] == 1, counted: admitted && v[6] == 0,
		}
		if !c.plausible() || c.strikes < 0 || c.strikes > maxStrikes || c.blocked > c.rule.penalty.max {
			return false
		}
	}
	return true
}
