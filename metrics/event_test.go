package metrics_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/launchready/readiness/metrics"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zapcore.DebugLevel)
		m := newMetrics(t, metrics.Config{Events: []string{"login_failed", "email_sent"}, Logger: zap.New(core)})
		if got := m.Snapshot().Events; !slices.Equal(got, []metrics.EventStats{{Name: "login_failed"}, {Name: "email_sent"}}) {
			t.Errorf("before the first: %+v", got)
		}
		for range 3 {
			m.Event("login_failed")
		}
		if got := m.Snapshot().Events[0]; got.PerMinute != 3 {
			t.Errorf("at once: %v a minute, and nobody knows of more than 3", got.PerMinute)
		}
		time.Sleep(2 * time.Minute)
		m.Event("login_failed")
		last := time.Now()
		time.Sleep(time.Minute)
		if got, want := m.Snapshot().Events[0], (metrics.EventStats{Name: "login_failed", Total: 4, Recent: 4, PerMinute: 4. / 3, LastSeen: last}); !same(got, want) {
			t.Errorf("after three minutes: %+v", got)
		}
		time.Sleep(2 * time.Minute) // what happened at the start has left the window
		if got, want := m.Snapshot().Events[0], (metrics.EventStats{Name: "login_failed", Total: 4, Recent: 1, PerMinute: 1 / 4.5, LastSeen: last}); !same(got, want) {
			t.Errorf("after five minutes: %+v", got)
		}
		time.Sleep(time.Hour)
		if got, want := m.Snapshot().Events[0], (metrics.EventStats{Name: "login_failed", Total: 4, LastSeen: last}); !same(got, want) {
			t.Errorf("after an hour: %+v", got)
		}
		m.Event("alice@example.org")
		m.Event("no_such_event")
		if logs.Len() != 1 || strings.Contains(fmt.Sprint(logs.All()), "alice") || len(m.Snapshot().Events) != 2 || strings.Contains(scrapeAll(t, m), "no_such_event") {
			t.Errorf("an undeclared event: %v", logs.All())
		}
		text := scrapeAll(t, m)
		for _, want := range []string{
			"\napp_events_total{event=\"login_failed\"} 4\n", "\napp_events_total{event=\"email_sent\"} 0\n",
			fmt.Sprintf("\napp_event_last_seen_timestamp_seconds{event=\"login_failed\"} %v\n", float64(last.UnixNano())/1e9),
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in\n%s", want, text)
			}
		}
		if strings.Contains(text, `last_seen_timestamp_seconds{event="email_sent"}`) {
			t.Error("one that never happened has a time")
		}
	})
}

// same compares times as moments.
func same(a, b metrics.EventStats) bool {
	if !a.LastSeen.Equal(b.LastSeen) {
		return false
	}
	a.LastSeen = b.LastSeen
	return a == b
}

func TestNoEventIsLostAmongMany(t *testing.T) {
	t.Parallel()
	m := newMetrics(t, metrics.Config{Events: []string{"x"}})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				m.Event("x")
				m.Event("y")
			}
			_ = m.Snapshot()
		})
	}
	wg.Wait()
	if got := m.Snapshot().Events[0]; got.Total != 8000 || got.Recent != 8000 {
		t.Errorf("%+v", got)
	}
}

// Not parallel: it counts allocations.
func TestEventDoesNotAllocate(t *testing.T) {
	m := newMetrics(t, metrics.Config{Events: []string{"x"}})
	if n := testing.AllocsPerRun(100, func() { m.Event("x") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
