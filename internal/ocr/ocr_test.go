package ocr_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/ocr"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == pdf.WorkerCommand {
		os.Exit(pdf.WorkerMain())
	}
	if path := os.Getenv("OCR_TEST_READ"); path != "" { // a program that is killed while it reads
		r := ocr.New(ocr.Config{Engine: drawn{}, Command: path})
		_, _, _ = r.Read(context.Background(), "any.pdf", small, "en")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// sheet is a typed page with what OCR must not get wrong.
var sheet = []string{
	"#SERVICE BULLETIN  SB-0931",
	"",
	"Replace the foam filter by the metal mesh filter RX-11244.",
	"Set the idle speed to 52 and check the air at the exhaust.",
	"Measure the fan supply at J9: 23.5 to 24.5 V DC.",
	"Torque of the supply terminals TB1: 22 in-lb.",
	"Do not run the oven without a filter, not even for a test.",
}

// patient is for pages of which it is known that they end, on a machine that does
// much else.
func patient() pdf.Limits {
	return pdf.Limits{StartTime: time.Hour, PageTime: time.Hour, FileTime: time.Hour}
}

func read(t *testing.T, language string, sheets ...demo.Sheet) (before, after []pdf.Page, stats []ocr.Stats) {
	t.Helper()
	if _, err := exec.LookPath("tesseract"); err != nil {
		t.Skip("tesseract is not installed")
	}
	path := filepath.Join(t.TempDir(), "scan.pdf")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(demo.WriteScans(f, "Scan", sheets), f.Close()); err != nil {
		t.Fatal(err)
	}
	engine, err := pdf.NewEngine(pdf.Config{Limits: patient()})
	if err != nil {
		t.Fatal(err)
	}
	err = engine.Extract(t.Context(), path, pdf.ExtractOptions{}, pdf.Visitor{Page: func(p pdf.Page) error {
		before = append(before, p)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	r := ocr.New(ocr.Config{Engine: engine, PageTime: patient().PageTime})
	for _, p := range before {
		out, s, err := r.Read(t.Context(), path, p, language)
		if err != nil {
			t.Fatal(err)
		}
		after, stats = append(after, out), append(stats, s)
	}
	return before, after, stats
}

// text returns the lines of a page.
func text(p pdf.Page) string {
	var lines []string
	for i := range p.Lines {
		lines = append(lines, p.LineText(i))
	}
	return strings.Join(lines, "\n")
}

func TestReadsScannedPages(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]demo.Sheet{
		"upright":     {Lines: sheet},
		"on its side": {Lines: sheet, Turned: 1},
		"upside down": {Lines: sheet, Turned: 2},
		"stamped":     {Lines: sheet, Stamp: "Downloaded from a web site"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after, stats := read(t, "en", s)
			if len(before[0].OCR) != 1 {
				t.Fatalf("regions are %v, want the page", before[0].OCR)
			}
			p, got := after[0], text(after[0])
			for _, line := range sheet {
				if line = strings.Join(strings.Fields(strings.TrimPrefix(line, "#")), " "); !strings.Contains(got, line) {
					t.Errorf("%q is missing in\n%s", line, got)
				}
			}
			if !strings.Contains(got, s.Stamp) {
				t.Errorf("the stamp is missing in\n%s", got)
			}
			if len(p.OCR) != 0 || stats[0].Confidence < 80 || stats[0].Words < 40 {
				t.Errorf("regions %v, stats %+v", p.OCR, stats[0])
			}
			for _, w := range p.Words {
				if w.Box.X0 < 0 || w.Box.Y0 < 0 || w.Box.X1 > p.Width || w.Box.Y1 > p.Height {
					t.Errorf("%q lies outside of the page: %v", w.Text, w.Box)
				}
			}
		})
	}
}

func TestWordsOfTurnedPagesStandWhereTheyAreSeen(t *testing.T) {
	t.Parallel()
	_, after, _ := read(t, "en", demo.Sheet{Lines: sheet}, demo.Sheet{Lines: sheet, Turned: 1})
	at := func(p pdf.Page) pdf.Box {
		i := slices.IndexFunc(p.Words, func(w pdf.Word) bool { return w.Text == "RX-11244." })
		if i < 0 {
			t.Fatalf("the part number is missing in\n%s", text(p))
		}
		return p.Words[i].Box
	}
	// Turned clockwise, what was at x, y is at height - y, x.
	was, is := at(after[0]), at(after[1])
	want := pdf.Box{X0: 792 - was.Y1, Y0: was.X0, X1: 792 - was.Y0, Y1: was.X1}
	for _, d := range []float64{is.X0 - want.X0, is.Y0 - want.Y0, is.X1 - want.X1, is.Y1 - want.Y1} {
		if d < -4 || d > 4 {
			t.Fatalf("the box is %v, want %v", is, want)
		}
	}
}

func TestReadsUmlautsWithTheManualsLanguage(t *testing.T) {
	t.Parallel()
	_, after, _ := read(t, "de", demo.Sheet{Lines: []string{
		"Die Kühlung für das Gerät läuft während der Störung weiter.",
		"Prüfen Sie die Türdichtung und das Ventil auf Schäden.",
		"Größe der Düse: 3,10 mm, Überdruck höchstens 22 mbar.",
	}})
	got := text(after[0])
	for _, want := range []string{"Kühlung für das Gerät läuft während der Störung", "Türdichtung", "3,10 mm, Überdruck"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestPagesWithoutRegionsAreLeftAlone(t *testing.T) {
	t.Parallel()
	p := pdf.Page{Number: 1, Width: 595, Height: 842, Words: []pdf.Word{{Text: "text"}}}
	out, stats, err := ocr.New(ocr.Config{Command: "/nowhere/tesseract"}).Read(t.Context(), "nowhere.pdf", p, "en")
	if err != nil || len(out.Words) != 1 || stats.Words != 0 {
		t.Fatalf("got %+v, %+v, %v", out, stats, err)
	}
}

func TestSaysThatTesseractIsMissing(t *testing.T) {
	t.Parallel()
	r := ocr.New(ocr.Config{Command: "/nowhere/tesseract"})
	if _, err := r.Available(t.Context()); errdefs.Code(err) != "OCR_UNAVAILABLE" {
		t.Fatalf("got %v", err)
	}
	p := pdf.Page{Number: 1, Width: 595, Height: 842, OCR: []pdf.Box{{X1: 595, Y1: 842}}}
	if _, _, err := r.Read(t.Context(), "nowhere.pdf", p, ""); errdefs.Code(err) != "OCR_UNAVAILABLE" {
		t.Fatalf("got %v", err)
	}
}

// drawn is an engine that draws a white page.
type drawn struct{}

func (drawn) Render(_ context.Context, _ string, _ pdf.RenderOptions) ([]byte, error) {
	return append([]byte("P5\n100 100\n255\n"), make([]byte, 100*100)...), nil
}

func TestEndsATesseractThatHangs(t *testing.T) {
	t.Parallel()
	r := ocr.New(ocr.Config{Engine: drawn{}, Command: program(t, `sleep 600 & wait`), PageTime: 300 * time.Millisecond})
	p := pdf.Page{Number: 1, Width: 24, Height: 24, OCR: []pdf.Box{{X1: 24, Y1: 24}}}
	started := time.Now()
	_, _, err := r.Read(t.Context(), "any.pdf", p, "en")
	if errdefs.Code(err) != "OCR_TIMEOUT" || time.Since(started) > 10*time.Second {
		t.Fatalf("after %v: %v", time.Since(started), err)
	}
}

func TestDoesNotBelieveWhatIsNoTSV(t *testing.T) {
	t.Parallel()
	for name, output := range map[string]string{
		"no row":        `echo header; echo nonsense`,
		"no number":     `echo header; printf '5\t1\t1\t1\t1\t1\tx\t0\t9\t9\t90\tword\n'`,
		"no confidence": `echo header; printf '5\t1\t1\t1\t1\t1\t0\t0\t9\t9\tNaN\tword\n'`,
		"a failure":     `echo broken >&2; exit 3`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := ocr.New(ocr.Config{Engine: drawn{}, Command: program(t, `cat >/dev/null; `+output)})
			p := pdf.Page{Number: 1, Width: 24, Height: 24, OCR: []pdf.Box{{X1: 24, Y1: 24}}}
			if _, _, err := r.Read(t.Context(), "any.pdf", p, "en"); errdefs.Code(err) != "OCR_FAILED" {
				t.Fatalf("got %v", err)
			}
		})
	}
}

// small is a page that is a picture.
var small = pdf.Page{Number: 1, Width: 24, Height: 24, OCR: []pdf.Box{{X1: 24, Y1: 24}}}

func TestPagesThatHangLeaveASlotToOthers(t *testing.T) {
	t.Parallel()
	for _, slots := range []int64{1, 2} {
		t.Run(fmt.Sprint(slots), func(t *testing.T) {
			t.Parallel()
			shared := semaphore.NewWeighted(slots)
			began := filepath.Join(t.TempDir(), "began")
			if err := syscall.Mkfifo(began, 0o600); err != nil {
				t.Fatal(err)
			}
			pipe, err := os.OpenFile(began, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer pipe.Close()
			r := ocr.New(ocr.Config{
				Engine: drawn{}, Slots: shared, SlotTime: 50 * time.Millisecond,
				Command: program(t, `echo began >`+began+`; exec sleep 600`),
			})
			ctx, cancel := context.WithCancel(t.Context())
			var pages sync.WaitGroup
			for range slots {
				pages.Go(func() {
					if _, _, err := r.Read(ctx, "any.pdf", small, "en"); !errors.Is(err, context.Canceled) {
						t.Errorf("a page that was to hang: %v", err)
					}
				})
			}
			if _, err := io.ReadFull(pipe, make([]byte, int(slots)*len("began\n"))); err != nil {
				t.Fatal(err)
			}
			waiting, stop := context.WithTimeout(t.Context(), 2*time.Minute)
			defer stop()
			if err := shared.Acquire(waiting, 1); err != nil {
				t.Fatal("the pages keep every slot")
			}
			if shared.TryAcquire(1) {
				t.Error("more than one page is read without a slot")
			}
			shared.Release(1)
			cancel()
			pages.Wait()
			if !shared.TryAcquire(slots) {
				t.Error("slots are not given back")
			}
		})
	}
}

func TestSaysWhyTesseractCannotBeUsed(t *testing.T) {
	t.Parallel()
	script := func(version, languages string) string {
		return "#!/bin/sh\ncase $1 in --version) echo '" + version + "' ;; *) echo " + languages + " ;; esac\n"
	}
	for name, c := range map[string]struct{ script, cause string }{
		"old":        {script("tesseract 4.1.1", "eng"), "it is version 4.1.1"},
		"no English": {script("tesseract 5.3.0", "osd"), "English language pack is missing"},
		"broken":     {"#!/bin/sh\necho no libpng >&2; exit 127\n", "no libpng"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "tesseract")
			if err := os.WriteFile(path, []byte(c.script), 0o755); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			r := ocr.New(ocr.Config{Command: path, Log: slog.New(slog.NewTextHandler(&log, nil))})
			for range 2 {
				_, err := r.Available(t.Context())
				message := errdefs.As(err).Message
				for _, want := range []string{"TESSERACT=" + path, c.cause, "tesseract 5"} {
					if !strings.Contains(message, want) {
						t.Errorf("%q is missing in %q", want, message)
					}
				}
			}
			if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=WARN") || !strings.Contains(got, path) || !strings.Contains(got, c.cause) {
				t.Errorf("log:\n%s", got)
			}
		})
	}
}

func TestAWrapperMayKeepALogWhenItIsAsked(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	path := filepath.Join(t.TempDir(), "tesseract")
	text := "#!/bin/sh\nPATH=/usr/bin:/bin\nsleep 0.2\necho asked >>" + log + " || exit 1\ncase $1 in --version) echo 'tesseract 5.3.0' ;; *) echo eng ;; esac\n"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := ocr.New(ocr.Config{Command: path}).Available(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(log); err != nil || string(got) != "asked\nasked\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// program writes a script that says it is tesseract, and does what it is told when
// it is to read.
func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tesseract")
	text := "#!/bin/sh\nPATH=/usr/bin:/bin\ncase $1 in\n--version) echo 'tesseract 5.3.0' ;;\n--list-langs) echo eng ;;\n*) " + script + " ;;\nesac\n"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}
