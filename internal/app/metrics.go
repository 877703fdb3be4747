package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/techcopilot/techcopilot/internal/jobs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

// libraryMetrics is the collector of what the database says of library and queue. Every
// node of the library tells the same.
type libraryMetrics struct {
	totals func(context.Context) (manual.Totals, error)
	depths func(context.Context) ([]jobs.Depth, error)
	log    *slog.Logger

	manuals, pages, queue *prometheus.Desc
}

// collectTimeout keeps a scrape from waiting for a database that is down.
const collectTimeout = 3 * time.Second

func newLibraryMetrics(m *manual.Service, r *jobs.Runner, log *slog.Logger) *libraryMetrics {
	return &libraryMetrics{
		totals: m.Totals, depths: r.Depths, log: log,
		manuals: prometheus.NewDesc("techcopilot_manuals", "Manuals of the library by status.", []string{"status"}, nil),
		pages: prometheus.NewDesc("techcopilot_pages",
			"Pages of the library by state: total, read, failed, ocr_waiting, ocr_done, ocr_failed.", []string{"state"}, nil),
		queue: prometheus.NewDesc("techcopilot_jobs", "Jobs that are not done, by kind and state: waiting, running.", []string{"kind", "state"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (l *libraryMetrics) Describe(c chan<- *prometheus.Desc) {
	c <- l.manuals
	c <- l.pages
	c <- l.queue
}

// Collect implements prometheus.Collector. Without the database its series are
// missing, and the process's own are still told.
func (l *libraryMetrics) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectTimeout)
	defer cancel()
	gauge := func(d *prometheus.Desc, v int, labels ...string) {
		c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	t, err := l.totals(ctx)
	if err != nil {
		l.log.WarnContext(ctx, "the library cannot be counted for the metrics", "error", err)
		return
	}
	for status, n := range t.Manuals {
		gauge(l.manuals, n, string(status))
	}
	gauge(l.pages, t.Pages, "total")
	gauge(l.pages, t.Read, "read")
	gauge(l.pages, t.Failed, "failed")
	gauge(l.pages, t.OCRWaits, "ocr_waiting")
	gauge(l.pages, t.OCRDone, "ocr_done")
	gauge(l.pages, t.OCRFailed, "ocr_failed")
	depths, err := l.depths(ctx)
	if err != nil {
		l.log.WarnContext(ctx, "the queue cannot be counted for the metrics", "error", err)
		return
	}
	for _, d := range depths {
		gauge(l.queue, d.Waiting, d.Kind, "waiting")
		gauge(l.queue, d.Running, d.Kind, "running")
	}
}
