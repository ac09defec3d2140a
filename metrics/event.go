package metrics

import (
	"sync/atomic"
	"time"

	"github.com/launchready/readiness/internal/quantile"
	"github.com/launchready/readiness/internal/shape"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

var (
	eventsDesc   = prometheus.NewDesc("app_events_total", "Events that the application counted.", []string{"event"}, nil)
	lastSeenDesc = prometheus.NewDesc("app_event_last_seen_timestamp_seconds", "When an event was counted last, in Unix time.", []string{"event"}, nil)
)

// event is what is counted for one name.
type event struct {
	total    atomic.Uint64
	lastSeen atomic.Int64 // Unix nanoseconds; 0: never
	recent   quantile.Counter
}

// events are the declared ones. The map never changes, so that counting takes
// no lock.
type events struct {
	names  []string // in the order of the Config
	byName map[string]*event
	log    *zap.Logger
	warned atomic.Bool
}

func newEvents(cfg Config) *events {
	e := &events{byName: make(map[string]*event, len(cfg.Events)), log: cfg.Logger}
	for _, name := range cfg.Events {
		e.names = append(e.names, name)
		e.byName[name] = new(event)
	}
	return e
}

// Event counts that something happened which has a name in Config.Events:
// a failed login, a webhook that was refused, a mail that was sent. The count
// since the start, the time it was last seen and the rate of the last five
// minutes are in [Metrics.Snapshot] and, as app_events_total and
// app_event_last_seen_timestamp_seconds, in Prometheus, where a declared event
// stands at 0 before it first happens. A name that is not declared is not
// counted, because names that come from outside would grow without end; the
// first one is warned of. It takes no lock, allocates nothing and costs hardly
// more than reading the clock.
func (m *Metrics) Event(name string) {
	e, declared := m.events.byName[name]
	if !declared {
		if m.events.warned.CompareAndSwap(false, true) {
			m.log.Warn("an event that Config.Events does not name is not counted", zap.String("event", shape.Name(name)))
		}
		return
	}
	now := time.Now()
	e.total.Add(1)
	e.recent.Add(now.Sub(m.born))
	e.lastSeen.Store(now.UnixNano()) // of those who count at once, anyone's will do
}

// Describe is of prometheus.Collector.
func (e *events) Describe(ch chan<- *prometheus.Desc) {
	ch <- eventsDesc
	ch <- lastSeenDesc
}

// Collect is of prometheus.Collector.
func (e *events) Collect(ch chan<- prometheus.Metric) {
	for name, one := range e.byName {
		ch <- prometheus.MustNewConstMetric(eventsDesc, prometheus.CounterValue, float64(one.total.Load()), name)
		if at := one.lastSeen.Load(); at != 0 {
			ch <- prometheus.MustNewConstMetric(lastSeenDesc, prometheus.GaugeValue, float64(at)/float64(time.Second), name)
		}
	}
}

// EventStats is what was counted of one event.
type EventStats struct {
	// Name is the name in Config.Events.
	Name string
	// Total is how many there were since the process started.
	Total uint64
	// Recent is how many there were in the last minutes: Snapshot.Span.
	Recent uint64
	// PerMinute is Recent divided by that time, of a minute at least.
	PerMinute float64
	// LastSeen is when the last one was; zero where there was none.
	LastSeen time.Time
}

// read returns the events in the order of the Config.
func (e *events) read(now, span time.Duration) []EventStats {
	list := make([]EventStats, len(e.names))
	for i, name := range e.names {
		one := e.byName[name]
		list[i] = EventStats{Name: name, Total: one.total.Load(), Recent: one.recent.Read(now)}
		list[i].PerMinute = perMinute(list[i].Recent, span)
		if at := one.lastSeen.Load(); at != 0 {
			list[i].LastSeen = time.Unix(0, at)
		}
	}
	return list
}

// perMinute is the rate of n in a span. What was seen in the first minute is
// not projected onto more.
func perMinute(n uint64, span time.Duration) float64 {
	return float64(n) / max(span, time.Minute).Minutes()
}
