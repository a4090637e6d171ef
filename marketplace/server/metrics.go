package server

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics count the requests of one server. They say no more than its log does:
// which method, how it ended, how long it took.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "medmarket_requests_total", Help: "Requests, by method and by the gRPC code of their end.",
		}, []string{"method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "medmarket_request_seconds", Help: "How long requests took, by method, in seconds.",
			Buckets: []float64{0.005, 0.02, 0.1, 0.5, 2, 10, 60},
		}, []string{"method"}),
	}
	m.registry.MustRegister(m.requests, m.seconds)
	return m
}

// seen counts a request. Methods are those of the API and the few names that
// requests without one are logged under: callers cannot make up more.
func (m *metrics) seen(method, code string, took time.Duration) {
	m.requests.WithLabelValues(method, code).Inc()
	m.seconds.WithLabelValues(method).Observe(took.Seconds())
}

// Metrics returns what this server has counted, over gRPC and REST, in the text
// format of Prometheus. It is for whoever runs the server: the caller serves it
// where nobody else reads it.
func (s *Server) Metrics() http.Handler {
	return promhttp.HandlerFor(s.edge.metrics.registry, promhttp.HandlerOpts{})
}
