package secretscan_test

import (
	"strings"
	"testing"
)

// TestBudget: what limits the cost of a text hides none of the secrets that
// stand closely together, and none behind the beginnings of many.
func TestBudget(t *testing.T) {
	t.Parallel()
	const many = 200
	short := func(seed uint64) string { return "gl" + "pat-" + draw(base62, 20, seed) }
	for name, make := range map[string]func(uint64) string{"short": short, "ordinary": github} {
		var list []string
		for i := range uint64(many) {
			list = append(list, make(i))
		}
		for _, between := range []string{"\n", " ", ","} {
			if found := scan(t, strings.Join(list, between)); len(found) != many {
				t.Errorf("%s: %d of %d", name, len(found), many)
			}
		}
	}
	for _, text := range hostile() {
		before := strings.Repeat(text, 3000/len(text)) + strings.Repeat("\n", 600)
		found := scan(t, before+github(1))
		if len(found) == 0 || found[len(found)-1].Rule != "github-token" {
			t.Errorf("behind %s…: %q", text[:2], rules(found))
		}
	}
}
