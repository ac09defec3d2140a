package ratelimit_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/launchready/readiness/ratelimit"
)

func TestLedgerAddsUp(t *testing.T) {
	t.Parallel()
	d := ratelimit.Debt
	for _, tt := range []struct {
		name                       string
		win1, cur1, prev1          int64
		win2, cur2, prev2          int64
		wantWin, wantCur, wantPrev int64
	}{
		{name: "the same window", win1: 5, cur1: 2, prev1: 1, win2: 5, cur2: 3, prev2: 4, wantWin: 5, wantCur: 5, wantPrev: 5},
		{name: "the next window", win1: 5, cur1: 2, prev1: 1, win2: 6, cur2: 3, wantWin: 6, wantCur: 3, wantPrev: 2},
		{name: "long ago", win1: 5, cur1: 2, prev1: 1, win2: 7, cur2: 3, wantWin: 7, wantCur: 3},
		{name: "a refund", win1: 5, cur1: 2, win2: 5, cur2: -2, wantWin: 5},
		{name: "a refund that is more", win1: 5, cur1: -3, win2: 5, cur2: 1, wantWin: 5, wantCur: -2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			one, two := d("k", tt.win1, tt.cur1, tt.prev1), d("k", tt.win2, tt.cur2, tt.prev2)
			want := d("k", tt.wantWin, tt.wantCur, tt.wantPrev)
			var there, back ratelimit.Ledger
			there.Add(one, two)
			back.Add(two)
			back.Add(one)
			for _, l := range []*ratelimit.Ledger{&there, &back} {
				if got := l.Take(); len(got) != 1 || got[0] != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
				if l.Len() != 0 || l.Take() != nil {
					t.Error("what was taken is still there")
				}
			}
		})
	}
}

func TestLedgerGivesTheAskedOnesFirst(t *testing.T) {
	t.Parallel()
	var l ratelimit.Ledger
	for i := range 3 * ratelimit.Instalment {
		l.Add(ratelimit.Debt(strconv.Itoa(i), 1, 1, 0))
	}
	l.Forget("7")
	seen := map[string]bool{}
	for l.Len() > 0 {
		got := l.Take("300", "7", "2")
		if len(seen) == 0 && (got[0] != ratelimit.Debt("300", 1, 1, 0) || got[1] != ratelimit.Debt("2", 1, 1, 0)) {
			t.Errorf("begins with %+v", got[:2])
		}
		if len(got) > ratelimit.Instalment+2 {
			t.Errorf("%d at once", len(got))
		}
		for _, d := range got {
			name := ratelimit.DebtName(d)
			if seen[name] {
				t.Errorf("%s twice", name)
			}
			seen[name] = true
		}
	}
	if len(seen) != 3*ratelimit.Instalment-1 || seen["7"] {
		t.Errorf("%d debts in all", len(seen))
	}
}

// Under a flood of keys nobody's debt is given up for another one.
func TestLedgerIsBounded(t *testing.T) {
	t.Parallel()
	var l ratelimit.Ledger
	l.Add(ratelimit.Debt("victim", 1, 4, 0))
	for i := range ratelimit.MaxDebts + 10 {
		l.Add(ratelimit.Debt(strconv.Itoa(i), 1, 1, 0))
	}
	if l.Len() != ratelimit.MaxDebts {
		t.Errorf("%d debts", l.Len())
	}
	l.Add(ratelimit.Debt("victim", 1, 1, 0))
	if got := l.Take("victim"); !slices.Contains(got, ratelimit.Debt("victim", 1, 5, 0)) {
		t.Errorf("the victim's debt is %+v", got[0])
	}
}
