package dnsq

import (
	"bytes"
	"cmp"
	"slices"
)

// order sorts the records of a section, for servers deal them out in turn and
// what is concluded from them must not change from one run to the next: the
// aliases first, as they lead on from name, then the data.
func order(name string, records []Record) []Record {
	slices.SortStableFunc(records, compare)
	for i := range records {
		if records[i].Type != CNAME {
			break
		}
		next := slices.IndexFunc(records[i:], func(r Record) bool { return r.Type == CNAME && r.Name == name })
		if next < 0 {
			break
		}
		r := records[i+next]
		copy(records[i+1:], records[i:i+next])
		records[i], name = r, r.Target
	}
	return records
}

func compare(a, b Record) int {
	if (a.Type == CNAME) != (b.Type == CNAME) {
		if a.Type == CNAME {
			return -1
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Pref, b.Pref), a.Addr.Compare(b.Addr),
		cmp.Compare(a.Target, b.Target), slices.Compare(a.Text, b.Text), cmp.Compare(a.Serial, b.Serial),
		cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Flag, b.Flag), cmp.Compare(a.TTL, b.TTL),
		cmp.Compare(a.Usage, b.Usage), cmp.Compare(a.Selector, b.Selector), cmp.Compare(a.Matching, b.Matching), bytes.Compare(a.Data, b.Data),
	)
}
