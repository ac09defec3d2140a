package ratelimit_test

import (
	"encoding/binary"
	"testing"

	"github.com/launchready/readiness/ratelimit"
)

// Whatever a server answers, a verdict that is believed can be calculated
// with.
func FuzzReply(f *testing.F) {
	reply := func(values ...int64) (b []byte) {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		return b
	}
	f.Add(reply(1, 7, 3, 9, 1000, 0, -5, 0), 1)
	f.Add(reply(0, 7, 10, 0, 59_999, 2, 900, 1, 7, 0, 0, 0, 0, 0, 0), 2)
	f.Add(reply(1, 7, -3, 9, 1000, 0, 0, 0), 1)
	f.Add(reply(1, 7, 3, 9, 60_000, 0, 0, 0), 1)
	f.Add(reply(), 0)
	f.Fuzz(func(t *testing.T, raw []byte, n int) {
		var out []int64
		for ; len(raw) >= 8; raw = raw[8:] {
			out = append(out, int64(binary.LittleEndian.Uint64(raw)))
		}
		n = max(0, min(n, 8))
		r, ok := ratelimit.ReadReply(out, n)
		if ok && len(out) != 1+7*n {
			t.Fatalf("%d values were taken for %d keys", len(out), n)
		}
		if !ok {
			return
		}
		for _, v := range r.Verdicts() {
			if v.Used < 0 || v.Wait < 0 || v.Reset < 0 || v.Wait > 2*60_000 || v.Reset > 2*60_000 || v.Blocked > 1000 || v.Counted && v.Denied {
				t.Errorf("%+v", v)
			}
		}
	})
}
