package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is the program's own registry of metrics. It is safe for concurrent
// use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

// NewMetrics returns a registry with the metrics of the process, of its HTTP
// requests and the build.
func NewMetrics(build Build) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "HTTP requests by route and status.",
		}, []string{"method", "route", "status"}),
		// The targets are 0.2 s for a cached and 3 s for a new answer: the buckets
		// lie around them.
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time until the response was written, by route.",
			Buckets: []float64{.005, .01, .025, .05, .1, .2, .5, 1, 3, 10, 30, 120},
		}, []string{"method", "route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "http_requests_in_flight", Help: "HTTP requests that are being served.",
		}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "techcopilot_build_info", Help: "Always 1; the labels say which build runs.",
		ConstLabels: prometheus.Labels{"version": build.Version, "commit": build.Commit, "go": build.Go},
	})
	info.Set(1)
	m.registry.MustRegister(m.requests, m.duration, m.inFlight, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Register adds a collector of another part of the program.
func (m *Metrics) Register(c prometheus.Collector) error { return m.registry.Register(c) }

// RequestStarted counts a request that is being served. The returned function
// is called once when it was: route is the pattern that matched, never the path,
// so that the number of series stays bounded.
func (m *Metrics) RequestStarted() func(method, route string, status int, took time.Duration) {
	m.inFlight.Inc()
	return func(method, route string, status int, took time.Duration) {
		m.inFlight.Dec()
		m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
		m.duration.WithLabelValues(method, route).Observe(took.Seconds())
	}
}

// Handler serves the metrics in the text format of Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
