//go:build linux && (amd64 || arm64)

package pdf_test

import (
	"errors"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// standbyEngine returns an engine with one worker that stands by.
func standbyEngine(t *testing.T) *pdf.Engine {
	t.Helper()
	e, err := pdf.NewEngine(pdf.Config{Standby: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func TestWorkerThatStandsByReadsOneDocument(t *testing.T) {
	e := standbyEngine(t)
	waiting := pdf.AwaitStandby(e)
	page := pdftest.NewPage()
	page.Text(50, 100, 10, "F1", "The pump")
	path := write(t, (&pdftest.Document{Pages: []*pdftest.Page{page}}).Bytes())
	words, served := 0, 0
	err := e.Extract(t.Context(), path, pdf.ExtractOptions{}, pdf.Visitor{Page: func(p pdf.Page) error {
		words, served = len(p.Words), child(t)
		return nil
	}})
	if err != nil || words != 2 {
		t.Errorf("read %d words: %v", words, err)
	}
	if served != waiting {
		t.Errorf("process %d has read it, want %d, which stood by", served, waiting)
	}
	if next := pdf.AwaitStandby(e); next == waiting || next == 0 {
		t.Errorf("process %d stands by after %d", next, waiting)
	}
}

func TestWorkerThatDiedWhileItStoodByIsReplaced(t *testing.T) {
	e := standbyEngine(t)
	waiting := pdf.AwaitStandby(e)
	if err := syscall.Kill(waiting, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := unix.Waitid(unix.P_PID, waiting, nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	path := write(t, (&pdftest.Document{Pages: []*pdftest.Page{pdftest.NewPage()}}).Bytes())
	if d, err := e.Probe(t.Context(), path, ""); err != nil || d.Pages != 1 {
		t.Errorf("found %d pages: %v", d.Pages, err)
	}
}

func TestWorkersThatStandByEndWithTheirEngine(t *testing.T) {
	e := standbyEngine(t)
	waiting := pdf.AwaitStandby(e)
	e.Close()
	if err := syscall.Kill(waiting, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is left: %v", waiting, err)
	}
}
