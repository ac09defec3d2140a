package cache_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/launchready/readiness/cache"
)

// A store with a leased tier says so where nobody renews its lease, but not
// while the process is starting.
func TestAMissingRunIsSaid(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		cfg    cache.RedisConfig
		memory bool
		old    time.Duration
		runs   bool
		want   int
	}{
		{"without Run", cache.RedisConfig{}, false, time.Minute, false, 1},
		{"with Run", cache.RedisConfig{}, false, time.Minute, true, 0},
		{"starting", cache.RedisConfig{}, false, 0, false, 0},
		{"strict", cache.RedisConfig{Strict: true}, false, time.Minute, false, 0},
		{"in the process", cache.RedisConfig{}, true, time.Minute, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			core, logs := observer.New(zap.WarnLevel)
			cfg := cache.Config{Logger: zap.New(core)}
			if !tt.memory {
				tt.cfg.Timeout = 10 * time.Second
				cfg.Store = cache.NewRedisStore(client(t, miniredis.RunT(t).Addr()), tt.cfg)
			}
			s := newSite(t, cfg, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("page")) })
			cache.Backdate(s.cache, tt.old)
			if tt.runs {
				inBackground(t, s.cache)
				until(t, func() bool { return cache.Leased(cfg.Store) })
			}
			for range 3 {
				s.get("/list")
			}
			if got := logs.FilterMessageSnippet("Run is not running").Len(); got != tt.want {
				t.Errorf("got %d warnings, want %d", got, tt.want)
			}
			for _, e := range logs.All() {
				if !strings.HasPrefix(e.Message, "cache: ") {
					t.Errorf("got %q", e.Message)
				}
			}
		})
	}
}
