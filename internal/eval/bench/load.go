package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	loadManuals  = 50
	loadPages    = 60 // of each
	loadTime     = 4 * time.Minute
	idleTime     = 10 * time.Second
	questionTick = 20 * time.Millisecond
)

// load is an import of many manuals at once, and what a technician notices of
// it, who gets an answer out of the cache.
type load struct {
	Manuals        int     `json:"manuals"`
	Ready          int     `json:"ready"` // within the time
	Pages          int     `json:"pages"` // that were read
	Seconds        float64 `json:"seconds"`
	PagesPerMinute float64 `json:"pages_per_minute"`
	// PeakMB is what server, children and database held together, at most.
	PeakMB   int64   `json:"peak_mb"`
	Busy     float64 `json:"processors_busy"` // of Processors, of the whole machine
	Machine  int     `json:"processors"`
	IdleP50  float64 `json:"cached_idle_p50_ms"`
	IdleP95  float64 `json:"cached_idle_p95_ms"`
	LoadP50  float64 `json:"cached_loaded_p50_ms"`
	LoadP95  float64 `json:"cached_loaded_p95_ms"`
	Ratio    float64 `json:"p95_ratio"`
	Slowest  float64 `json:"cached_loaded_max_ms"`
	Requests int     `json:"requests_under_load"`
}

// importLoad uploads the manuals to a server that is asked the same question all
// the time.
func (b *bench) importLoad(ctx context.Context) (load, error) {
	l := load{Manuals: loadManuals, Machine: runtime.NumCPU()}
	files, err := b.loadFiles(ctx)
	if err != nil {
		return l, err
	}
	data := filepath.Join(b.scratch, "load")
	c := b.cases[0]
	first := filepath.Join(filepath.Dir(b.files[0]), c.Manual)
	if _, err := measure(ctx, b.program, "import", "--json", "--data", data, "--tesseract", "none",
		"--manufacturer", c.Manufacturer, "--model", c.Model, first); err != nil {
		return l, err
	}
	s, err := b.serve(ctx, data)
	if err != nil {
		return l, err
	}
	defer s.stop()
	question, err := json.Marshal(map[string]string{
		"manufacturer": c.Manufacturer, "model": c.Model, "code": c.ErrorCode, "symptom": c.Question,
	})
	if err != nil {
		return l, err
	}
	ask := func(ctx context.Context) ([]time.Duration, error) {
		var times []time.Duration
		tick := time.NewTicker(questionTick)
		defer tick.Stop()
		for {
			took, err := post(ctx, s.base+"/api/v1/troubleshoot", question)
			if ctx.Err() != nil {
				return times, nil
			}
			if err != nil {
				return times, err
			}
			times = append(times, took)
			select {
			case <-ctx.Done():
				return times, nil
			case <-tick.C:
			}
		}
	}
	idle, cancel := context.WithTimeout(ctx, idleTime)
	defer cancel()
	before, err := ask(idle)
	if err != nil {
		return l, err
	}

	loaded, done := context.WithTimeout(ctx, loadTime)
	defer done()
	var during []time.Duration
	var askErr error
	var with sync.WaitGroup
	with.Go(func() { during, askErr = ask(loaded) })
	with.Go(func() { l.PeakMB = peak(loaded, s.cmd.Process.Pid) >> 20 })
	busy, total := jiffies()
	began := time.Now()
	err = l.upload(loaded, s, files)
	l.Seconds = time.Since(began).Seconds()
	busyAfter, totalAfter := jiffies()
	done()
	with.Wait()
	if err != nil {
		return l, err
	}
	if askErr != nil {
		return l, askErr
	}
	if totalAfter > total {
		l.Busy = float64(l.Machine) * float64(busyAfter-busy) / float64(totalAfter-total)
	}
	l.PagesPerMinute = float64(l.Pages) / l.Seconds * 60
	l.IdleP50, l.IdleP95 = milliseconds(percentile(before, 50)), milliseconds(percentile(before, 95))
	l.LoadP50, l.LoadP95 = milliseconds(percentile(during, 50)), milliseconds(percentile(during, 95))
	l.Ratio, l.Slowest, l.Requests = l.LoadP95/l.IdleP95, milliseconds(slices.Max(during)), len(during)
	return l, nil
}

// loadFiles writes the manuals that are imported: pages of the folder's manuals,
// each file from another page on.
func (b *bench) loadFiles(ctx context.Context) ([]string, error) {
	pages, err := b.textPages(ctx)
	if err != nil {
		return nil, err
	}
	const distinct = 10
	var files []string
	for i := range loadManuals {
		path := filepath.Join(b.scratch, "load-"+strconv.Itoa(i)+".pdf")
		if i < distinct {
			err = b.assemble(ctx, pages, i*len(pages)/distinct, loadPages, path)
		} else {
			err = vary(files[i%distinct], path, i)
		}
		if err != nil {
			return nil, err
		}
		files = append(files, path)
	}
	return files, nil
}

// upload adds the files, a few at a time, and waits until all are read or the
// time is over.
func (l *load) upload(ctx context.Context, s *server, files []string) error {
	group, gctx := errgroup.WithContext(ctx)
	addresses := make([]string, len(files))
	group.SetLimit(4)
	for i, f := range files {
		group.Go(func() (err error) {
			addresses[i], err = s.upload(gctx, f)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, a := range addresses {
		m, err := s.read(ctx, a, 500*time.Millisecond)
		if err != nil && ctx.Err() != nil {
			m, err = s.manual(context.WithoutCancel(ctx), a) // how far it came
		}
		if err != nil {
			return err
		}
		l.Pages += m.PagesDone
		if m.Status == "ready" {
			l.Ready++
		}
	}
	return nil
}

// peak samples the memory of a process and its descendants until ctx ends.
func peak(ctx context.Context, pid int) int64 {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	var most int64
	for {
		select {
		case <-ctx.Done():
			return most
		case <-tick.C:
			most = max(most, memory(pid))
		}
	}
}

// jiffies returns how long the machine's processors have worked, and how long
// they were there; 0 where there is no /proc.
func jiffies() (busy, total int64) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	for i, f := range strings.Fields(string(line)) {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil || i > 8 { // the name, and what guests took, counted already
			continue
		}
		total += n
		if i != 4 && i != 5 { // idle, waiting for a disk
			busy += n
		}
	}
	return busy, total
}

func (l load) print() {
	fmt.Printf("\n%d manuals at once: %d ready, %d pages in %.0f s (%.0f a minute), %.1f of %d processors busy, %d MB at most\n",
		l.Manuals, l.Ready, l.Pages, l.Seconds, l.PagesPerMinute, l.Busy, l.Machine, l.PeakMB)
	fmt.Printf("a cached answer meanwhile, milliseconds: p50 %.1f, p95 %.1f, slowest %.0f; before: p50 %.1f, p95 %.1f; p95 ratio %.2f (at most 3)\n",
		l.LoadP50, l.LoadP95, l.Slowest, l.IdleP50, l.IdleP95, l.Ratio)
}
