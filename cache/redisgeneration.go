package cache

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	maxName = 200 // bytes of a generation's name that stand in a key as they are
	// generationLife is how long Redis keeps a generation after its purge or
	// after a page was stored under it. A page whose generation has gone, by
	// this or by eviction, is not served: generations are never taken to be
	// zero. So it need not outlive the pages, but should.
	generationLife = maxTTL + time.Hour
)

// short returns a name as it stands in keys and in the log.
func short(name string) string {
	if len(name) > maxName {
		sum := sha256.Sum256([]byte(name))
		return "#" + base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return name
}

// generationKeys puts all generations into one slot of a Cluster, where one
// script reaches them; pages spread over all slots.
func (s *redisStore) generationKeys(names []string, more ...string) []string {
	keys := make([]string, 0, len(names)+len(more)+1) // a script's log comes after them
	for _, list := range [...][]string{names, more} {
		for _, name := range list {
			keys = append(keys, "{"+s.prefix+"}:g:"+short(name))
		}
	}
	return keys
}

func (s *redisStore) logKey() string { return "{" + s.prefix + "}:log" }

// generations reads the generations of the names.
func (s *redisStore) generations(ctx context.Context, names []string) ([]generation, error) {
	texts, err := s.client.MGet(ctx, s.generationKeys(names)...).Result()
	if err != nil {
		return nil, err
	}
	return parseGenerations(texts, len(names))
}

func parseGenerations(texts []any, want int) ([]generation, error) {
	if len(texts) != want {
		return nil, fmt.Errorf("cache: Redis answered %d generations, asked for %d", len(texts), want)
	}
	values := make([]generation, want)
	for i, text := range texts {
		values[i] = parseGeneration(text)
	}
	return values, nil
}

// stampOf makes a stamp of the generations of names and of anyGroup after them.
//
// A name that has none yet gets the soft number of anyGroup in its place,
// which every purge of anything changes: were it purged and evicted again
// while a page is made, it would look as it does now.
func stampOf(names []string, texts []any, at time.Time) (stamp, error) {
	values, err := parseGenerations(texts, len(names)+1)
	if err != nil {
		return stamp{}, err
	}
	all := values[len(names)]
	return stamp{names: names, values: since(values[:len(names)], all), groups: all.hard, at: at}, nil
}

// since marks the generations that have no value by the soft number of
// anyGroup.
func since(values []generation, all generation) []generation {
	for i := range values {
		if values[i].hard == 0 {
			values[i].soft = all.soft
		}
	}
	return values
}

// parseGeneration reads "hard soft". What is not that is no generation.
func parseGeneration(text any) (g generation) {
	s, _ := text.(string)
	first, second, _ := strings.Cut(s, " ")
	var errs [2]error
	g.hard, errs[0] = strconv.ParseUint(first, 10, 64)
	g.soft, errs[1] = strconv.ParseUint(second, 10, 64)
	if errs[0] != nil || errs[1] != nil {
		return generation{}
	}
	return g
}

// compare reports whether a page that was made under the generations then has
// not ended by now, and whether it is stale.
func compare(then, now []generation) (same, stale bool) {
	if len(then) != len(now) {
		return false, false
	}
	for i, g := range then {
		if g.hard != now[i].hard || g.hard == 0 {
			return false, false
		}
		stale = stale || g.soft != now[i].soft
	}
	return true, stale
}
