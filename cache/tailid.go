package cache

import (
	"cmp"
	"strconv"
	"strings"
)

// streamID is the id of an entry of a Redis stream: the server's time in
// milliseconds, and a number among those of the same one.
type streamID struct{ ms, seq uint64 }

func parseStreamID(text string) (id streamID, ok bool) {
	ms, seq, ok := strings.Cut(text, "-")
	if !ok {
		return streamID{}, false
	}
	var errs [2]error
	id.ms, errs[0] = strconv.ParseUint(ms, 10, 64)
	id.seq, errs[1] = strconv.ParseUint(seq, 10, 64)
	if errs[0] != nil || errs[1] != nil {
		return streamID{}, false
	}
	return id, true
}

// String returns the id as Redis writes it.
func (id streamID) String() string {
	return strconv.FormatUint(id.ms, 10) + "-" + strconv.FormatUint(id.seq, 10)
}

func (id streamID) before(o streamID) bool {
	return cmp.Or(cmp.Compare(id.ms, o.ms), cmp.Compare(id.seq, o.seq)) < 0
}
