package ratelimit_test

import (
	"math/rand/v2"
	"testing"

	"github.com/launchready/readiness/ratelimit"
)

// FuzzCells holds the hash table against a map, with hashes that lie close
// together so that they collide.
func FuzzCells(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed, 40+int(seed)*400)
	}
	f.Fuzz(func(t *testing.T, seed uint64, steps int) {
		if steps < 0 || steps > 5_000 {
			t.Skip()
		}
		random := rand.New(rand.NewPCG(seed, 1))
		c, model := ratelimit.NewCells(), map[uint64]uint32{}
		for range steps {
			hash := random.Uint64N(uint64(2+steps/2)) << (seed % 40)
			switch what := random.IntN(100); {
			case what < 60:
				count := random.Uint32N(1000)
				c.Put(hash, count)
				model[hash|1] = count
			case what < 90:
				if _, want := model[hash|1]; c.Delete(hash) != want {
					t.Fatalf("%d: deleted %t, want %t", hash, !want, want)
				}
				delete(model, hash|1)
			case what < 91:
				least := random.Uint32N(1000)
				c.Keep(least)
				for h, count := range model {
					if count < least {
						delete(model, h)
					}
				}
			}
			if c.Len() != len(model) {
				t.Fatalf("%d cells, want %d", c.Len(), len(model))
			}
		}
		for h, want := range model {
			if got, known := c.Get(h); !known || got != want {
				t.Fatalf("%d: %d, %t, want %d", h, got, known, want)
			}
		}
	})
}
