package pdf_test

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// counted is an engine that notes the workers it starts.
type counted struct {
	*pdf.Engine
	slots *semaphore.Weighted
	log   string // of their process ids
}

func newCounted(t *testing.T, l pdf.Limits) counted {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l.PageTime = cmp.Or(l.PageTime, 10*time.Minute)
	c := counted{slots: semaphore.NewWeighted(1), log: filepath.Join(t.TempDir(), "started")}
	c.Engine, err = pdf.NewEngine(pdf.Config{
		Command: []string{"/bin/sh", "-c", `echo $$ >> "$0"; exec "$@"`, c.log, self, pdf.WorkerCommand},
		Limits:  l, Slots: c.slots,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// started are the ids of all workers so far.
func (c counted) started(t *testing.T) []int {
	t.Helper()
	data, err := os.ReadFile(c.log)
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for field := range strings.FieldsSeq(string(data)) {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

func (c counted) draw(ctx context.Context, path string, page int) error {
	data, err := c.Render(ctx, path, pdf.RenderOptions{Page: page, DPI: 72, Gray: true, Raw: true, Background: true})
	if err == nil && !strings.HasPrefix(string(data), "P5\n") {
		return errors.New("that is no picture")
	}
	return err
}

func pagesOf(t *testing.T, n int) string {
	t.Helper()
	d := &pdftest.Document{}
	for range n {
		p := pdftest.NewPage()
		p.Text(100, 100, 10, pdftest.Regular, "Clean the filter")
		d.Pages = append(d.Pages, p)
	}
	return write(t, d.Bytes())
}

func TestPagesDrawnInTheBackgroundShareAWorker(t *testing.T) {
	c := newCounted(t, pdf.Limits{})
	path := pagesOf(t, 40)
	for page := 1; page <= 40; page++ {
		if err := c.draw(t.Context(), path, page); err != nil {
			t.Fatalf("page %d: %v", page, err)
		}
	}
	// One worker is not to draw everything: what a document does to it adds up.
	if n := len(c.started(t)); n != 2 {
		t.Errorf("40 pages were drawn by %d workers, want 2", n)
	}
	if !c.slots.TryAcquire(1) {
		t.Error("the worker that waits holds a slot")
	}
}

func TestAWorkerDrawsPagesOfOneFileOnly(t *testing.T) {
	c := newCounted(t, pdf.Limits{})
	path := pagesOf(t, 1)
	if err := c.draw(t.Context(), path, 1); err != nil {
		t.Fatal(err)
	}
	if err := c.draw(t.Context(), pagesOf(t, 1), 1); err != nil {
		t.Fatal(err)
	}
	if n := len(c.started(t)); n != 2 {
		t.Errorf("two files were drawn by %d workers", n)
	}
	// Another file in the place of the first.
	other, err := os.ReadFile(pagesOf(t, 2))
	if err == nil {
		err = os.WriteFile(path, other, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := c.draw(t.Context(), path, 2); err != nil {
		t.Errorf("page 2 of the new file: %v", err)
	}
}

func TestAPageThatCannotBeDrawnCostsOnlyItself(t *testing.T) {
	c := newCounted(t, pdf.Limits{PageTime: pageTime})
	path := write(t, pdftest.Assemble(spinning()...))
	for _, step := range []struct {
		page int
		code string
	}{{1, ""}, {2, "PDF_TIMEOUT"}, {3, ""}, {9, "PAGE_NOT_FOUND"}, {1, ""}} {
		if err := c.draw(t.Context(), path, step.page); errdefs.Code(err) != step.code || (err == nil) != (step.code == "") {
			t.Errorf("page %d: %v, want %q", step.page, err, step.code)
		}
	}
}

func TestAWorkerThatDiesBetweenPagesCostsNone(t *testing.T) {
	c := newCounted(t, pdf.Limits{})
	path := pagesOf(t, 2)
	if err := c.draw(t.Context(), path, 1); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(c.started(t)[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := c.draw(t.Context(), path, 2); err != nil {
		t.Errorf("the next page: %v", err)
	}
}

func TestACancelledPageEndsItsWorker(t *testing.T) {
	c := newCounted(t, pdf.Limits{})
	path := write(t, pdftest.Assemble(spinning()...))
	if err := c.draw(t.Context(), path, 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := c.draw(ctx, path, 2); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("drawing ended with %v", err)
	}
	for _, pid := range c.started(t) {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("worker %d is still there: %v", pid, err)
		}
	}
}

func TestCloseEndsWorkersThatWait(t *testing.T) {
	c := newCounted(t, pdf.Limits{})
	path := pagesOf(t, 2)
	for page := 1; page <= 2; page++ { // the second after the engine was closed
		if err := c.draw(t.Context(), path, page); err != nil {
			t.Fatal(err)
		}
		c.Close()
		for _, pid := range c.started(t) {
			if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("worker %d is still there: %v", pid, err)
			}
		}
	}
}
