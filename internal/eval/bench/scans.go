package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// scans is what a manual of scanned pages costs, beside tesseract alone on the
// same pictures.
type scans struct {
	Pages          int     `json:"pages"`
	Seconds        float64 `json:"seconds"` // from the upload until all can be searched
	PagesPerMinute float64 `json:"pages_per_minute"`
	Bare           float64 `json:"tesseract_seconds"` // two processes, one thread each
	Ratio          float64 `json:"ratio"`
	// What busy machines change less: the CPU seconds of the program, from its start
	// to its end and with all its children, and those of tesseract alone.
	CPU     float64 `json:"cpu_seconds"`
	BareCPU float64 `json:"tesseract_cpu_seconds"`
}

// The pictures that tesseract is given alone are those that the program gives it.
const (
	scanDPI  = 300
	bareRuns = 2 // processes at once
)

func (b *bench) scannedPages(ctx context.Context, self string, pages int) (scans, error) {
	path := filepath.Join(b.scratch, "scans.pdf")
	if err := writeScans(path, pages); err != nil {
		return scans{}, err
	}
	out := scans{Pages: pages}
	s, err := b.serve(ctx, filepath.Join(b.scratch, "scans"))
	if err != nil {
		return scans{}, err
	}
	defer s.stop()
	started := time.Now()
	address, err := s.upload(ctx, path)
	if err != nil {
		return scans{}, err
	}
	m, err := s.read(ctx, address, 200*time.Millisecond)
	if err != nil {
		return scans{}, err
	}
	if m.Status != "ready" {
		return scans{}, fmt.Errorf("the scanned pages ended as %s", m.Status)
	}
	out.Seconds = time.Since(started).Seconds()
	out.PagesPerMinute = float64(pages) / out.Seconds * 60
	s.stop()
	out.CPU = cpuOf(s.cmd).Seconds()

	pictures, err := b.pictures(ctx, self, path, pages)
	if err != nil {
		return scans{}, err
	}
	started = time.Now()
	var bare atomic.Int64 // CPU time
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(bareRuns)
	for _, p := range pictures {
		g.Go(func() error {
			cmd := exec.CommandContext(ctx, "tesseract", p, "stdout", "-l", "eng", "--psm", "3", "--dpi", fmt.Sprint(scanDPI), "tsv")
			cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
			err := cmd.Run()
			bare.Add(int64(cpuOf(cmd)))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return scans{}, fmt.Errorf("tesseract: %w", err)
	}
	out.Bare = time.Since(started).Seconds()
	out.BareCPU = time.Duration(bare.Load()).Seconds()
	out.Ratio = out.Seconds / out.Bare
	return out, nil
}

// cpuOf is what a command that has ended needed, and its children.
func cpuOf(cmd *exec.Cmd) time.Duration {
	if cmd.ProcessState == nil {
		return 0
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// writeScans writes a manual of typed sheets, each with other numbers.
func writeScans(path string, pages int) error {
	var sheets []demo.Sheet
	for n := range pages {
		lines := []string{fmt.Sprintf("#SERVICE BULLETIN  SB-%04d", 1000+7*n), ""}
		for step := 1; step <= 36; step++ {
			lines = append(lines, fmt.Sprintf("%2d. Measure the supply at J%d: %d.%d to %d V DC, and replace part RX-%05d.",
				step, step%9+1, 20+n%7, step%10, 24+step, 10000+97*n+step))
		}
		sheets = append(sheets, demo.Sheet{Lines: lines})
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(demo.WriteScans(f, "Scanned bulletins", sheets), f.Close())
}

// pictures draws the pages into files.
func (b *bench) pictures(ctx context.Context, self, path string, pages int) ([]string, error) {
	engine, err := pdf.NewEngine(pdf.Config{Command: []string{self, pdf.WorkerCommand}, CacheDir: filepath.Join(b.scratch, "engine")})
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	var out []string
	for n := 1; n <= pages; n++ {
		data, err := engine.Render(ctx, path, pdf.RenderOptions{Page: n, DPI: scanDPI, Gray: true, Raw: true, Background: true})
		if err != nil {
			return nil, err
		}
		name := filepath.Join(b.scratch, fmt.Sprintf("scan%03d.pgm", n))
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, nil
}

func (s scans) print() {
	fmt.Printf("\n%d scanned pages: %.0f s until all can be searched, %.0f pages a minute; tesseract alone, two at once: %.0f s; ratio %.2f\nCPU: %.0f s with starting and stopping; tesseract alone: %.0f s; ratio %.2f\n",
		s.Pages, s.Seconds, s.PagesPerMinute, s.Bare, s.Ratio, s.CPU, s.BareCPU, s.CPU/s.BareCPU)
}
