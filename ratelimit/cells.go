package ratelimit

// cells is a hash table of cells by the hashes of their keys, with linear
// probing. A map would do, at twice the time: it is asked once to read and
// once more to write, and this table writes where it has read.
type cells struct {
	entries []entry // its length is a power of 2, or 0
	n       int
}

// entry is a cell with its hash, whose lowest bit is always set: a place without
// a cell has the hash 0.
type entry struct {
	hash uint64
	cell cell
}

const minEntries = 8

// find returns where the hash's entry is, or where it would be put.
func (c *cells) find(hash uint64) (at int, known bool) {
	if len(c.entries) == 0 {
		return 0, false
	}
	hash |= 1
	mask := uint64(len(c.entries) - 1)
	for i := hash >> 1 & mask; ; i = (i + 1) & mask {
		switch c.entries[i].hash {
		case hash:
			return int(i), true
		case 0:
			return int(i), false
		}
	}
}

// put writes a cell. at is where find has found it: a guess that saves the
// search where nothing was added since.
func (c *cells) put(at int, hash uint64, v cell) {
	hash |= 1
	if at < len(c.entries) && c.entries[at].hash == hash {
		c.entries[at].cell = v
		return
	}
	if c.n >= len(c.entries)/8*7 {
		c.resize(max(minEntries, 2*len(c.entries)), func(cell) bool { return true })
	}
	at, known := c.find(hash)
	if !known {
		c.n++
	}
	c.entries[at] = entry{hash: hash, cell: v}
}

// delete deletes the entry at a place, and moves those behind it that would
// not be found any more over the gap.
func (c *cells) delete(at int) {
	mask := len(c.entries) - 1
	for i := at; ; {
		i = (i + 1) & mask
		e := c.entries[i]
		if e.hash == 0 {
			break
		}
		// e may move to the gap if it is at least as far from its home.
		if home := int(e.hash>>1) & mask; (i-home)&mask >= (i-at)&mask {
			c.entries[at] = e
			at = i
		}
	}
	c.entries[at] = entry{}
	c.n--
}

// keep deletes the entries that live does not want, and gives the memory of a
// flood back.
func (c *cells) keep(live func(cell) bool) {
	n := 0
	for _, e := range c.entries {
		if e.hash != 0 && live(e.cell) {
			n++
		}
	}
	if n == c.n {
		return
	}
	size := len(c.entries)
	for size > minEntries && n < size/8 {
		size /= 2
	}
	c.resize(size, live)
}

func (c *cells) resize(size int, live func(cell) bool) {
	old := c.entries
	c.entries, c.n = make([]entry, size), 0
	for _, e := range old {
		if e.hash != 0 && live(e.cell) {
			at, _ := c.find(e.hash)
			c.entries[at] = e
			c.n++
		}
	}
}
