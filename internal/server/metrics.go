package server

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/writ-iam/writ/internal/control"
)

// metrics counts what the server does. It has a registry of its own, so that several servers fit into one process.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newMetrics(c *control.Control, version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "writ_http_requests_total",
			Help: "Requests answered."}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "writ_http_request_duration_seconds",
			Help:    "Time from a request's headers to the end of its answer.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}},
			[]string{"route", "method"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "writ_http_requests_in_flight",
			Help: "Requests being answered."}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "writ_build_info", Help: "Always 1; the version is a label.",
		ConstLabels: prometheus.Labels{"version": version}})
	info.Set(1)
	m.registry.MustRegister(m.requests, m.duration, m.inFlight, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(controlMetrics(c)...)
	return m
}

// controlMetrics reads the counters that control keeps.
func controlMetrics(c *control.Control) []prometheus.Collector {
	s := c.Stats()
	count := func(name, help string, load func() int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(load()) })
	}
	return []prometheus.Collector{
		count("writ_decisions_total", "Decisions made, for callers and on calls.", s.Decisions.Load),
		count("writ_commits_total", "Changes committed by this node.", s.Commits.Load),
		count("writ_commit_conflicts_total", "Changes drafted again because another node was first.", s.Conflicts.Load),
		count("writ_refusals_total", "Writes that were refused or failed.", s.Refusals.Load),
		count("writ_auth_failures_total", "Credentials that were not accepted.", s.AuthFailures.Load),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "writ_organizations_resident",
			Help: "Organizations in memory."}, func() float64 { return float64(c.Resident()) }),
	}
}

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry}))
	return mux
}

// watch counts the requests that a handler answers.
func (m *metrics) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.inFlight.Inc()
		defer m.inFlight.Dec()
		begin := time.Now()
		seen := &statusWriter{ResponseWriter: w}
		defer func() { // also when the handler panics
			route, method := routeOf(r), methodOf(r.Method)
			m.requests.WithLabelValues(route, method, seen.class()).Inc()
			m.duration.WithLabelValues(route, method).Observe(time.Since(begin).Seconds())
		}()
		next.ServeHTTP(seen, r)
	})
}

// routeOf names the route by its pattern, which http.ServeMux leaves in the request. A path would be a label without
// bounds.
func routeOf(r *http.Request) string {
	if path := r.URL.Path; path == livePath || path == readyPath {
		return path
	}
	_, path, ok := strings.Cut(r.Pattern, " ")
	if !ok {
		path = r.Pattern
	}
	if path == "" || path == "/" {
		return "unknown"
	}
	return path
}

// methodOf bounds the label: a client may send any word.
func methodOf(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return method
	}
	return "other"
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 { // before it there may be informational ones
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// class is as in "2xx".
func (w *statusWriter) class() string {
	if w.status == 0 {
		return "2xx" // an empty answer
	}
	return strconv.Itoa(w.status/100) + "xx"
}
