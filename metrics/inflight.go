package metrics

import (
	"sync/atomic"

	"github.com/launchready/readiness/internal/respond"
	"github.com/prometheus/client_golang/prometheus"
)

var (
	activeDesc = prometheus.NewDesc("http_server_active_requests", "HTTP server requests in flight, open streams among them.", []string{"http_request_method"}, nil)
	openDesc   = prometheus.NewDesc("http_server_open_streams", "Answers that go on for as long as both sides like: connections taken over (WebSocket), events, tunnels.", []string{"kind"}, nil)
)

// active counts the requests in flight by the index of their method. Plain
// counters, collected when asked for: a Gauge costs three times as much.
type active [len(methods)]atomic.Int64

// Describe is of prometheus.Collector.
func (a *active) Describe(ch chan<- *prometheus.Desc) { ch <- activeDesc }

// Collect is of prometheus.Collector.
func (a *active) Collect(ch chan<- prometheus.Metric) {
	for i := range a {
		ch <- prometheus.MustNewConstMetric(activeDesc, prometheus.GaugeValue, float64(a[i].Load()), methods[i])
	}
}

func (a *active) sum() (n int64) {
	for i := range a {
		n += a[i].Load()
	}
	return n
}

// streamKinds are the names of the kinds of streams, as the label kind and as
// the reason for which a request is not measured.
var streamKinds = [...]string{respond.HijackedConn: "hijacked", respond.EventStream: "event_stream", respond.Tunnel: "tunnel"}

// openStreams counts the open streams by their kind.
type openStreams [len(streamKinds)]atomic.Int64

// begin is called by the recorder when an answer becomes a stream.
func (o *openStreams) begin(kind respond.Stream) { o[kind].Add(1) }

func (o *openStreams) end(kind respond.Stream) { o[kind].Add(-1) }

// Describe is of prometheus.Collector.
func (o *openStreams) Describe(ch chan<- *prometheus.Desc) { ch <- openDesc }

// Collect is of prometheus.Collector.
func (o *openStreams) Collect(ch chan<- prometheus.Metric) {
	for kind := respond.HijackedConn; int(kind) < len(o); kind++ {
		ch <- prometheus.MustNewConstMetric(openDesc, prometheus.GaugeValue, float64(o[kind].Load()), streamKinds[kind])
	}
}

func (o *openStreams) sum() (n int64) {
	for i := range o {
		n += o[i].Load()
	}
	return n
}
