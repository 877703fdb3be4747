package pdf_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// long is a document whose pages carry their number; those that never end take
// longer than any limit.
func long(pages int, endless ...int) *pdftest.Document {
	d := &pdftest.Document{}
	for n := 1; n <= pages; n++ {
		p := pdftest.NewPage()
		p.Text(50, 50, 10, pdftest.Regular, fmt.Sprintf("page%d", n))
		for y := 70; y < 800; y += 12 {
			p.Text(50, float64(y), 10, pdftest.Regular, "The pump, the valve and the fan of the machine are to be checked every month.")
		}
		if slices.Contains(endless, n) {
			p.Raw(strings.Repeat("BT /F1 9 Tf 9 9 Td (warranty) Tj ET ", 1_000_000))
		}
		d.Pages = append(d.Pages, p)
	}
	return d
}

func withSlots(t *testing.T, slots int64, l pdf.Limits) (*pdf.Engine, *semaphore.Weighted) {
	t.Helper()
	s := semaphore.NewWeighted(slots)
	e, err := pdf.NewEngine(pdf.Config{Limits: l, Slots: s})
	if err != nil {
		t.Fatal(err)
	}
	return e, s
}

// read returns the numbers of the pages in the order in which they came, after
// checking each against its text; those that failed are negative.
func read(t *testing.T, e *pdf.Engine, path string, o pdf.ExtractOptions) ([]int, error) {
	t.Helper()
	var got []int
	err := e.Extract(t.Context(), path, o, pdf.Visitor{Page: func(p pdf.Page) error {
		switch {
		case p.Error != "":
			got = append(got, -p.Number)
		case p.Words[0].Text != fmt.Sprintf("page%d", p.Number):
			t.Errorf("page %d reads %q", p.Number, p.Words[0].Text)
		default:
			got = append(got, p.Number)
		}
		return nil
	}})
	return got, err
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

func TestExtractReadsEachAskedPageOnce(t *testing.T) {
	path := write(t, long(12).Bytes())
	e, _ := withSlots(t, 2, pdf.Limits{})
	for name, c := range map[string]struct {
		pages []pdf.Range
		want  []int
	}{
		"all":         {nil, upTo(12)},
		"none":        {[]pdf.Range{}, nil},
		"from":        {[]pdf.Range{{First: 11}}, []int{11, 12}},
		"some":        {[]pdf.Range{{First: 9, Last: 10}, {First: 2, Last: 2}}, []int{2, 9, 10}},
		"overlapping": {[]pdf.Range{{First: 2, Last: 6}, {First: 4, Last: 5}, {First: 6, Last: 7}}, []int{2, 3, 4, 5, 6, 7}},
		"outside":     {[]pdf.Range{{First: -4, Last: 1}, {First: 12, Last: 99}, {First: 40}, {First: 5, Last: 4}}, []int{1, 12}},
	} {
		if got, err := read(t, e, path, pdf.ExtractOptions{Pages: c.pages}); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func TestALongDocumentIsReadFromBothEndsWhileASlotIsFree(t *testing.T) {
	path := write(t, long(200).Bytes())
	for slots, both := range map[int64]bool{1: false, 2: true} {
		e, s := withSlots(t, slots, pdf.Limits{})
		got, err := read(t, e, path, pdf.ExtractOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if split := slices.Index(got, 200) < slices.Index(got, 199); split != both {
			t.Errorf("with %d slots the last pages came in the order %v", slots, got[190:])
		}
		if slices.Sort(got); !slices.Equal(got, upTo(200)) {
			t.Errorf("with %d slots got pages %v", slots, got)
		}
		if !s.TryAcquire(slots) {
			t.Errorf("of %d slots some are kept", slots)
		}
	}
}

func TestBothWorkersShareTheLimitsOfTheirDocument(t *testing.T) {
	path := write(t, long(200, 1, 2, 100, 199, 200).Bytes())
	limits := pdf.Limits{PageTime: pageTime, Restarts: 5}
	e, _ := withSlots(t, 2, limits)
	got, err := read(t, e, path, pdf.ExtractOptions{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if want := []int{-200, -199, -100, -2, -1}; len(got) != 200 || !slices.Equal(got[:5], want) {
		t.Errorf("%d pages, the first are %v", len(got), got[:min(6, len(got))])
	}
	limits.Restarts = 3
	e, s := withSlots(t, 2, limits)
	if got, err := read(t, e, path, pdf.ExtractOptions{}); errdefs.Code(err) != "PDF_TIMEOUT" {
		t.Errorf("with 3 restarts: %d pages, %v", len(got), err)
	}
	if !s.TryAcquire(2) {
		t.Error("slots are kept")
	}
	nothingIsLeft(t)
}

func TestAVisitorThatFailsStopsBothWorkers(t *testing.T) {
	e, _ := withSlots(t, 2, pdf.Limits{})
	full := errors.New("disk full")
	n := 0
	err := e.Extract(t.Context(), write(t, long(300).Bytes()), pdf.ExtractOptions{}, pdf.Visitor{Page: func(pdf.Page) error {
		if n++; n == 20 {
			return full
		}
		return nil
	}})
	if !errors.Is(err, full) || n != 20 {
		t.Errorf("%d pages, %v", n, err)
	}
	nothingIsLeft(t)
}

func TestASecondWorkerThatDoesNotStartIsDoneWithout(t *testing.T) {
	const once = `mkdir "$1" 2>/dev/null || exit 1; exec "$2" "$3"`
	e, err := pdf.NewEngine(pdf.Config{
		Command: []string{"/bin/sh", "-c", once, "sh", filepath.Join(t.TempDir(), "started"), os.Args[0], pdf.WorkerCommand},
		Slots:   semaphore.NewWeighted(2),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := read(t, e, write(t, long(200).Bytes()), pdf.ExtractOptions{}); err != nil || !slices.Equal(got, upTo(200)) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAWorkerThatGrewIsReplaced(t *testing.T) {
	// The engine begins with more than half of what it may use here.
	e, _ := withSlots(t, 1, pdf.Limits{Memory: 1})
	if got, err := read(t, e, write(t, long(4).Bytes()), pdf.ExtractOptions{}); err != nil || !slices.Equal(got, upTo(4)) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestBackgroundWorkWaitsForASlotAndInteractiveDoesNot(t *testing.T) {
	path := write(t, long(1).Bytes())
	e, s := withSlots(t, 1, pdf.Limits{})
	if !s.TryAcquire(1) {
		t.Fatal("no slot")
	}
	busy, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	cancel(gone)
	if err := e.Extract(busy, path, pdf.ExtractOptions{}, pdf.Visitor{}); !errors.Is(err, gone) {
		t.Errorf("extract: %v", err)
	}
	if _, err := e.Screen(busy, path); !errors.Is(err, gone) {
		t.Errorf("screen: %v", err)
	}
	if _, err := e.Render(busy, path, pdf.RenderOptions{Page: 1, Background: true}); !errors.Is(err, gone) {
		t.Errorf("render in the background: %v", err)
	}
	if _, err := e.Probe(t.Context(), path, ""); err != nil {
		t.Errorf("probe: %v", err)
	}
	if _, err := e.Render(t.Context(), path, pdf.RenderOptions{Page: 1}); err != nil {
		t.Errorf("render: %v", err)
	}
}

func TestRenderDrawsAPartForOCR(t *testing.T) {
	p := pdftest.NewPage()
	p.Raw("1 0 0 rg 100 642 72 100 re f") // from 100 to 172 and, from the top, 100 to 200
	path := write(t, (&pdftest.Document{Pages: []*pdftest.Page{p}}).Bytes())
	e := newEngine(t, pdf.Limits{})
	clip := &pdf.Box{X0: 100, Y0: 164, X1: 244, Y1: 236}
	draw := func(o pdf.RenderOptions) []byte {
		o.Page, o.DPI, o.Clip = 1, 144, clip
		data, err := e.Render(t.Context(), path, o)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	pgm := draw(pdf.RenderOptions{Gray: true, Raw: true, Background: true})
	head := []byte("P5\n288 144\n255\n")
	if !bytes.HasPrefix(pgm, head) || len(pgm) != len(head)+288*144 {
		t.Fatalf("%d bytes: %.20q", len(pgm), pgm)
	}
	at := func(x, y int) byte { return pgm[len(head)+y*288+x] }
	if in, right, below := at(70, 35), at(220, 35), at(70, 110); in != 76 || right != 255 || below != 255 {
		t.Errorf("greys %d, %d and %d; want 76 (red), 255 and 255", in, right, below)
	}
	gray, err := png.Decode(bytes.NewReader(draw(pdf.RenderOptions{Gray: true})))
	if err != nil {
		t.Fatal(err)
	}
	if g, ok := gray.(*image.Gray); !ok || !bytes.Equal(g.Pix, pgm[len(head):]) {
		t.Errorf("the grey PNG is a %T with other greys than the PGM", gray)
	}
	if ppm := draw(pdf.RenderOptions{Raw: true}); !bytes.HasPrefix(ppm, []byte("P6\n288 144\n255\n\xff\x00\x00")) || len(ppm) != len(head)+3*288*144 {
		t.Errorf("%d bytes: %.20q", len(ppm), ppm)
	}
}

func TestRenderKeepsToItsBounds(t *testing.T) {
	path := write(t, long(1).Bytes())
	e := newEngine(t, pdf.Limits{Pixels: 100_000})
	data, err := e.Render(t.Context(), path, pdf.RenderOptions{Page: 1, DPI: 300, Gray: true, Raw: true})
	var w, h int
	if _, scanErr := fmt.Sscanf(string(data), "P5\n%d %d\n", &w, &h); err != nil || scanErr != nil || w*h > 100_000 || w*h < 95_000 {
		t.Errorf("%d x %d pixels, %v, %v", w, h, err, scanErr)
	}
	for name, c := range map[string]struct {
		o    pdf.RenderOptions
		code string
	}{
		"page":    {pdf.RenderOptions{Page: 2}, "PAGE_NOT_FOUND"},
		"width":   {pdf.RenderOptions{Page: 1, Width: 10}, "IMAGE_WIDTH_INVALID"},
		"DPI":     {pdf.RenderOptions{Page: 1, DPI: 5000}, "IMAGE_WIDTH_INVALID"},
		"empty":   {pdf.RenderOptions{Page: 1, Clip: &pdf.Box{X0: 5, Y0: 5, X1: 5, Y1: 9}}, "IMAGE_CLIP_INVALID"},
		"outside": {pdf.RenderOptions{Page: 1, Clip: &pdf.Box{X0: 900, Y0: 5, X1: 950, Y1: 9}}, "IMAGE_CLIP_INVALID"},
	} {
		if _, err := e.Render(t.Context(), path, c.o); errdefs.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEndlessAndHollowFilesAreRefusedQuickly(t *testing.T) {
	dir := t.TempDir()
	sparse := filepath.Join(dir, "sparse.pdf")
	if err := os.WriteFile(sparse, []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(sparse, 64<<20); err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, pdf.Limits{})
	for path, code := range map[string]string{"/dev/zero": "NOT_A_PDF", "/dev/stdin": "NOT_A_PDF", sparse: "PDF_DAMAGED"} {
		start := time.Now()
		if _, err := e.Probe(t.Context(), path, ""); errdefs.Code(err) != code {
			t.Errorf("probe of %s: %v", path, err)
		}
		if _, _, err := extract(t.Context(), e, path); errdefs.Code(err) != code {
			t.Errorf("extraction of %s: %v", path, err)
		}
		if _, err := e.Screen(t.Context(), path); err != nil && errdefs.Code(err) != code {
			t.Errorf("screening of %s: %v", path, err)
		}
		if took := time.Since(start); took > slowdown*time.Minute {
			t.Errorf("%s took %v", path, took)
		}
	}
	nothingIsLeft(t)
}
