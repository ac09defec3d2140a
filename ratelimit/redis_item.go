package ratelimit

import "github.com/redis/go-redis/v9"

// call is one run of a script.
type call struct {
	keys    []string
	args    []any
	debts   []debt // whose keys come first
	charges []int  // the numbers of the charges whose keys come then
	first   debt   // of nothing, for the first key
	cmd     *redis.Cmd
	err     error
}

// takes returns the runs of takeScript for charges and debts: one, or where
// the keys are spread one for each key. The debts of the charges' keys come
// first, in the order of the charges.
func (b *redisBackend) takes(names []string, charges []charge, debts []debt) []call {
	if !b.redis.spread {
		c := call{args: make([]any, 1, 1+itemArgs*(len(charges)+len(debts)))}
		for _, d := range debts {
			c.addDebt(b.local, d)
		}
		for i := range charges {
			c.addCharge(b.local, names[i], i, &charges[i])
		}
		c.args[0] = len(debts)
		return []call{c}
	}
	calls := make([]call, 0, len(charges)+len(debts))
	for i := range charges {
		c := call{args: []any{0}}
		if len(debts) > 0 && debts[0].name == names[i] {
			c.addDebt(b.local, debts[0])
			debts = debts[1:]
			c.args[0] = 1
		}
		c.addCharge(b.local, names[i], i, &charges[i])
		calls = append(calls, c)
	}
	for _, d := range debts {
		c := call{args: []any{1}}
		c.addDebt(b.local, d)
		calls = append(calls, c)
	}
	return calls
}

func (c *call) addDebt(local *memory, d debt) {
	k, ok := local.knows(d.rule, d.hash)
	if !ok {
		k.cell = cell{win: d.win, cur: uint32(max(0, d.cur)), prev: uint32(max(0, d.prev))}
	}
	c.add(d.name, d.rule, d.hash, k, d.win, d.cur, d.prev)
	c.debts = append(c.debts, d)
}

func (c *call) addCharge(local *memory, name string, number int, ch *charge) {
	hash := local.hash(ch.key)
	k, _ := local.knows(ch.rule, hash)
	var dry int64
	if ch.rule.dryRun {
		dry = 1
	}
	c.add(name, ch.rule, hash, k, ch.limit, ch.cost, dry)
	c.charges = append(c.charges, number)
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
func (c *call) read(charges []charge) (admitted bool, err error) {
	out, err := c.cmd.Int64Slice()
	if err != nil {
		return false, err
	}
	if len(out) != 1+verdictSize*len(c.charges) {
		return false, errReply
	}
	admitted = out[0] == 1
	for i, number := range c.charges {
		ch, v := &charges[number], out[1+verdictSize*i:]
		ch.verdict = verdict{
			view:    view{win: v[0], cur: v[1], prev: v[2], elapsed: v[3], window: ch.rule.window},
			strikes: v[4], blocked: max(0, v[5]), ended: max(0, -v[5]),
			denied: v[6] == 1, counted: admitted && v[6] == 0,
		}
		if !ch.view.plausible() || ch.blocked > ch.rule.penalty.max || ch.strikes < 0 || ch.strikes > maxStrikes {
			ch.verdict = verdict{}
			return false, errReply
		}
	}
	return admitted, nil
}
