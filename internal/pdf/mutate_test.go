package pdf_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// TestMutatedFilesAreSurvived takes 20 files, or as many as MUTATED_PDFS says,
// through everything that is done with a file: each ends in good time, in
// something or in an error for users.
func TestMutatedFilesAreSurvived(t *testing.T) {
	count := uint64(20)
	if slowdown > 1 {
		count = 4 // of what is read in a worker, the race detector sees nothing
		t.Run("16 more of 20 files", func(t *testing.T) { t.Skip("make test takes all of them") })
	}
	if s := os.Getenv("MUTATED_PDFS"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		count = n
	}
	e := newEngine(t, pdf.Limits{Memory: 512 << 20, PageTime: 20 * time.Second})
	e.Close() // no worker is kept, so that each step shows its CPU
	sources := [][]byte{
		sample(),
		pdftest.Encrypt("", "boss", "<</Type/Catalog/Pages 2 0 R/OpenAction 20 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>", pdftest.Stream("", []byte("0 0 m 9 9 l S")),
			objectStream(20, "/Filter/FlateDecode", deflate, "[1 2 3]", "<</S/GoTo/D[3 0 R/Fit]>>")),
		withObjects("/AcroForm<</Fields[6 0 R]>>", "/Annots[6 0 R]", "<</FT/Tx/T(a)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]>>",
			"<</Title(x)>>", pdftest.Stream("/Filter/FlateDecode", deflate([]byte("BT /F1 9 Tf 9 9 Td (E1 Pump) Tj ET")))),
	}
	var times []time.Duration // of CPU: the machine may do other things
	cpu := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	for seed := range count {
		data := pdftest.Mutate(seed, sources[seed%uint64(len(sources))])
		path := filepath.Join(t.TempDir(), "mutated.pdf")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for what, do := range map[string]func() error{
			"probe":   func() error { _, err := e.Probe(t.Context(), path, ""); return err },
			"screen":  func() error { _, err := e.Screen(t.Context(), path); return err },
			"decrypt": func() error { return e.Decrypt(t.Context(), path, "secret", &bytes.Buffer{}) },
			"render": func() error {
				_, err := e.Render(t.Context(), path, pdf.RenderOptions{Page: 1, DPI: 72, Gray: true, Raw: true, Background: true})
				return err
			},
			"extract": func() error {
				_, pages, err := extract(t.Context(), e, path)
				for i := range pages {
					checkPage(t, &pages[i])
				}
				return err
			},
		} {
			start, used := time.Now(), cpu()
			err := do()
			took := time.Since(start)
			used = cpu() - used
			times = append(times, used)
			if used > 2*time.Second {
				t.Logf("seed %d: %s used %v of CPU", seed, what, used)
			}
			if k := errdefs.As(err).Kind; err != nil && (k == errdefs.Internal || k == errdefs.Unavailable) {
				t.Errorf("seed %d: %s: %v", seed, what, err)
			}
			if took > slowdown*30*time.Second {
				t.Errorf("seed %d: %s took %v", seed, what, took)
			}
		}
	}
	slices.Sort(times)
	t.Logf("%d steps, CPU: median %v, 99%% %v, longest %v", len(times), times[len(times)/2], times[len(times)*99/100], times[len(times)-1])
	nothingIsLeft(t)
}

// nothingIsLeft checks that no worker runs or waits to be buried, and that no
// file of one is open.
func nothingIsLeft(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return
	}
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lists {
		if list, err := os.ReadFile(path); err == nil && len(list) > 0 {
			t.Errorf("processes are left: %s", list)
		}
	}
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		target, err := os.Readlink(path)
		if err == nil && filepath.Ext(target) == ".pdf" {
			t.Errorf("a file is left open: %s", target)
		}
	}
}
