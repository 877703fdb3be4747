package pdf_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image/png"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// TestMain lets the test binary be its own worker, and a parent that is killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case pdf.WorkerCommand:
			os.Exit(pdf.WorkerMain())
		case "extract-and-wait":
			os.Exit(extractAndWait(os.Args[2]))
		case "try-to-escape":
			os.Exit(tryToEscape(os.Args[2]))
		}
	}
	os.Exit(m.Run())
}

// newEngine returns an engine that gives sound pages as long as they take on a
// machine that does much else, unless the limits say how long.
func newEngine(t testing.TB, l pdf.Limits) *pdf.Engine {
	t.Helper()
	l.StartTime = cmp.Or(l.StartTime, 10*time.Minute)
	l.PageTime = cmp.Or(l.PageTime, 10*time.Minute)
	e, err := pdf.NewEngine(pdf.Config{Limits: l})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func write(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// extract returns the pages by number, in whatever order they came.
func extract(ctx context.Context, e *pdf.Engine, path string) (doc pdf.Document, pages []pdf.Page, err error) {
	err = e.Extract(ctx, path, pdf.ExtractOptions{}, pdf.Visitor{
		Document: func(d pdf.Document) error { doc = d; return nil },
		Page:     func(p pdf.Page) error { pages = append(pages, p); return nil },
	})
	slices.SortFunc(pages, func(a, b pdf.Page) int { return a.Number - b.Number })
	return doc, pages, err
}

func mustExtract(t *testing.T, d *pdftest.Document) (pdf.Document, []pdf.Page) {
	t.Helper()
	doc, pages, err := extract(t.Context(), newEngine(t, pdf.Limits{}), write(t, d.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return doc, pages
}

func lines(p pdf.Page) []string {
	var out []string
	for i := range p.Lines {
		out = append(out, p.LineText(i))
	}
	return out
}

func TestExtractReadsWordsWithBoxesOnTheDisplayedPage(t *testing.T) {
	upright := pdftest.NewPage()
	upright.Text(100, 200, 10, pdftest.Bold, "Reset the high-limit switch")
	turned := pdftest.NewPage()
	turned.Rotate = 90
	turned.TextUp(200, 500, 10, pdftest.Regular, "Sideways")
	doc, pages := mustExtract(t, &pdftest.Document{
		Title: "Oven", Pages: []*pdftest.Page{upright, turned},
		Bookmarks: []pdftest.Bookmark{{Title: "Safety", Page: 1}, {Title: "Faults", Page: 2}},
		Labels:    "0 <</S/r>> 1 <</S/D/St 7>>",
	})
	if doc.Title != "Oven" || doc.Pages != 2 || doc.Encrypted {
		t.Errorf("document = %+v", doc)
	}
	if want := (pdf.OutlineEntry{Title: "Faults", Level: 1, Page: 2}); len(doc.Outline) != 2 || doc.Outline[1] != want {
		t.Errorf("outline = %+v", doc.Outline)
	}
	if pages[0].Label != "i" || pages[1].Label != "7" {
		t.Errorf("labels = %q, %q", pages[0].Label, pages[1].Label)
	}
	if got := lines(pages[0]); len(got) != 1 || got[0] != "Reset the high-limit switch" {
		t.Fatalf("lines = %q", got)
	}
	if l := pages[0].Lines[0]; !l.Bold || l.FontSize != 10 {
		t.Errorf("line = %+v", l)
	}
	w := pages[0].Words[0]
	if w.Text != "Reset" || w.Box.X0 < 99 || w.Box.X0 > 102 || w.Box.Y0 > 195 || w.Box.Y1 < 199 || w.Box.Y1 > 205 {
		t.Errorf("word = %+v", w)
	}
	// The page is turned a quarter clockwise, which makes text that ran up run
	// to the right; what was 200 from the left is 200 from the top.
	p := pages[1]
	if p.Width != 842 || p.Height != 595 || len(p.Words) != 1 {
		t.Fatalf("page = %.0f x %.0f with %q", p.Width, p.Height, lines(p))
	}
	if b := p.Words[0].Box; b.X0 < 340 || b.X0 > 344 || b.Y1 < 198 || b.Y1 > 206 || b.X1-b.X0 < 30 {
		t.Errorf("turned word at %+v", b)
	}
}

func TestExtractReadsTablesRowByRow(t *testing.T) {
	p := pdftest.NewPage()
	p.Grid([]float64{50, 110, 250, 400, 550}, []float64{100, 120, 160, 200})
	for i, s := range []string{"Code", "Meaning", "Cause", "Action"} {
		p.Text([]float64{55, 115, 255, 405}[i], 114, 10, pdftest.Bold, s)
	}
	p.Text(55, 134, 10, pdftest.Regular, "E1")
	p.Text(115, 134, 10, pdftest.Regular, "Probe open")
	p.Text(255, 134, 10, pdftest.Regular, "Loose plug or")
	p.Text(255, 148, 10, pdftest.Regular, "broken wire")
	p.Text(405, 134, 10, pdftest.Regular, "Check J4, then")
	p.Text(405, 148, 10, pdftest.Regular, "replace the probe")
	p.Text(55, 174, 10, pdftest.Regular, "E2")
	p.Text(115, 174, 10, pdftest.Regular, "Probe shorted")
	p.Text(405, 174, 10, pdftest.Regular, "Replace the probe")
	_, pages := mustExtract(t, &pdftest.Document{Pages: []*pdftest.Page{p}})
	want := []string{
		"Code|Meaning|Cause|Action",
		"E1|Probe open|Loose plug or broken wire|Check J4, then replace the probe",
		"E2|Probe shorted||Replace the probe",
	}
	compareTable(t, pages[0], want)
	if got := strings.Join(lines(pages[0]), "/"); !strings.Contains(got, "Loose plug or/broken wire/Check J4, then") {
		t.Errorf("reading order = %s", got)
	}
	c := pages[0].Tables[0].Rows[1].Cells[2]
	if len(c.Words) != 5 || pages[0].Words[c.Words[3]].Text != "broken" {
		t.Errorf("words of the cell = %v", c.Words)
	}
}

func compareTable(t *testing.T, p pdf.Page, want []string) {
	t.Helper()
	if len(p.Tables) != 1 {
		t.Fatalf("%d tables: %q", len(p.Tables), lines(p))
	}
	var got []string
	for _, r := range p.Tables[0].Rows {
		var cells []string
		for _, c := range r.Cells {
			cells = append(cells, c.Text)
		}
		got = append(got, strings.Join(cells, "|"))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("rows:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestExtractFindsTablesWithoutRulings(t *testing.T) {
	p := pdftest.NewPage()
	p.Text(50, 80, 10, pdftest.Regular, "The control shows one of these codes when a fault has been detected by it:")
	y := 120.0
	row := func(cells ...string) {
		for i, s := range cells {
			if s != "" {
				p.Text([]float64{50, 120, 330}[i], y, 10, pdftest.Regular, s)
			}
		}
		y += 12
	}
	row("Code", "Meaning", "Action")
	y += 8
	row("F1", "Compressor drive failed", "Check the wiring, then replace")
	row("", "or was not found", "the inverter board")
	y += 8
	row("F2", "Overcurrent", "Replace the inverter board")
	y += 8
	row("F3", "Sensor open", "Measure 10 kOhm at 25 C")
	_, pages := mustExtract(t, &pdftest.Document{Pages: []*pdftest.Page{p}})
	compareTable(t, pages[0], []string{
		"Code|Meaning|Action",
		"F1|Compressor drive failed or was not found|Check the wiring, then replace the inverter board",
		"F2|Overcurrent|Replace the inverter board",
		"F3|Sensor open|Measure 10 kOhm at 25 C",
	})
}

func TestExtractFindsTheHeadAboveTheFirstRuling(t *testing.T) {
	p := pdftest.NewPage()
	for _, y := range []float64{100, 140, 180, 220} {
		p.Line(50, y, 500, y)
	}
	for i, row := range [][]string{{"PROBLEM", "POSSIBLE CAUSE", "REMEDY"}, {"Gearbox leaks.", "1. Damaged oil seal.", "Replace the seal."}, {"Noise.", "1. Rough gears.", "Run them in."}, {"Heat.", "1. Low on lubricant.", "Fill to the level."}} {
		for c, s := range row {
			p.Text([]float64{52, 180, 350}[c], 94+24*min(float64(i), 1)+40*max(float64(i-1), 0), 10, pdftest.Regular, s)
		}
	}
	p.Text(180, 132, 10, pdftest.Regular, "2. Bent shaft.")
	p.Text(350, 132, 10, pdftest.Regular, "Replace the shaft.")
	_, pages := mustExtract(t, &pdftest.Document{Pages: []*pdftest.Page{p}})
	compareTable(t, pages[0], []string{
		"PROBLEM|POSSIBLE CAUSE|REMEDY",
		"Gearbox leaks.|1. Damaged oil seal.|Replace the seal.", "Gearbox leaks.|2. Bent shaft.|Replace the shaft.",
		"Noise.|1. Rough gears.|Run them in.",
		"Heat.|1. Low on lubricant.|Fill to the level.",
	})
}

func TestExtractKeepsPartNumbersBesideTheirDescriptions(t *testing.T) {
	p := pdftest.NewPage()
	p.Grid([]float64{50, 90, 170, 400}, []float64{100, 115, 130, 160})
	p.Line(50, 145, 170, 145) // not under the description
	for i, row := range [][]string{{"POS", "CODE", "DESCRIPTION"}, {"1", "38123011", "COVER"}, {"2", "34300049", "CABLE WITH PLUG"}, {"", "34300052", "CABLE AUSTRALIA"}} {
		for c, s := range row {
			p.Text([]float64{55, 95, 175}[c], 111+15*float64(i), 9, pdftest.Regular, s)
		}
	}
	_, pages := mustExtract(t, &pdftest.Document{Pages: []*pdftest.Page{p}})
	compareTable(t, pages[0], []string{"POS|CODE|DESCRIPTION", "1|38123011|COVER", "2|34300049|CABLE WITH PLUG", "|34300052|CABLE AUSTRALIA"})
}

func TestExtractRepeatsCellsThatSpanRows(t *testing.T) {
	p := pdftest.NewPage()
	p.Grid([]float64{50, 150, 300, 450}, []float64{100, 120})
	p.Grid([]float64{50, 450}, []float64{120, 160})
	p.Line(150, 120, 150, 160)
	p.Line(300, 120, 300, 160)
	p.Line(150, 140, 450, 140) // not under the first column
	p.Grid([]float64{50, 450}, []float64{160, 180})
	for _, w := range []struct {
		x, y float64
		s    string
	}{{55, 114, "Code"}, {155, 114, "Cause"}, {305, 114, "Remedy"}, {55, 144, "E5"}, {155, 134, "Low flow"}, {305, 134, "Open the bypass"}, {155, 154, "Air in the water"}, {305, 154, "Vent"}, {55, 174, "Call service for any other code"}} {
		p.Text(w.x, w.y, 10, pdftest.Regular, w.s)
	}
	_, pages := mustExtract(t, &pdftest.Document{Pages: []*pdftest.Page{p}})
	compareTable(t, pages[0], []string{"Code|Cause|Remedy", "E5|Low flow|Open the bypass", "E5|Air in the water|Vent", "Call service for any other code||"})
}

func TestExtractReadsColumnAfterColumn(t *testing.T) {
	p := pdftest.NewPage()
	p.Text(50, 60, 14, pdftest.Bold, "A heading over both of the columns of this page, which is long")
	for i := range 8 {
		p.Text(50, 100+float64(i)*12, 10, pdftest.Regular, fmt.Sprintf("left line %d of the text in its column", i))
		p.Text(310, 103+float64(i)*12, 10, pdftest.Regular, fmt.Sprintf("right line %d of the text in its column", i))
	}
	_, pages := mustExtract(t, &pdftest.Document{Pages: []*pdftest.Page{p}})
	got := lines(pages[0])
	if len(pages[0].Tables) != 0 || len(got) != 17 || !strings.HasPrefix(got[8], "left line 7") || !strings.HasPrefix(got[9], "right line 0") {
		t.Errorf("tables %d, lines %q", len(pages[0].Tables), got)
	}
}

func TestExtractTakesFramesAndDrawingsForNoTables(t *testing.T) {
	p := pdftest.NewPage()
	p.Grid([]float64{30, 565}, []float64{30, 812}) // the page's frame
	p.Grid([]float64{50, 300}, []float64{100, 160})
	p.Text(60, 120, 10, pdftest.Regular, "WARNING: Disconnect the power")
	p.Text(60, 140, 10, pdftest.Regular, "before opening the panel.")
	for i := range 12 { // a ladder without text
		p.Line(100, 300+float64(10*i), 200, 300+float64(10*i))
	}
	p.Line(100, 300, 100, 410)
	p.Line(200, 300, 200, 410)
	p.Text(120, 309, 8, pdftest.Regular, "K1")
	_, pages := mustExtract(t, &pdftest.Document{Pages: []*pdftest.Page{p}})
	if len(pages[0].Tables) != 0 {
		t.Errorf("tables = %+v", pages[0].Tables)
	}
}

func TestExtractMeasuresImages(t *testing.T) {
	p := pdftest.NewPage()
	p.Image(0, 0, 595, 421)
	p.Image(0, 0, 595, 300) // over the first: counts once
	_, pages := mustExtract(t, &pdftest.Document{Pages: []*pdftest.Page{p}})
	if s := pages[0].ImageShare; s < 0.48 || s > 0.52 {
		t.Errorf("image share = %.2f, want 0.5", s)
	}
}

func TestExtractStartsWhereAsked(t *testing.T) {
	d := &pdftest.Document{}
	for i := range 5 {
		p := pdftest.NewPage()
		p.Text(50, 50, 10, pdftest.Regular, fmt.Sprintf("page%d", i+1))
		d.Pages = append(d.Pages, p)
	}
	var got []string
	stop := errors.New("enough")
	err := newEngine(t, pdf.Limits{}).Extract(t.Context(), write(t, d.Bytes()), pdf.ExtractOptions{Pages: []pdf.Range{{First: 3}}}, pdf.Visitor{Page: func(p pdf.Page) error {
		got = append(got, p.Words[0].Text)
		if p.Number == 4 {
			return stop
		}
		return nil
	}})
	if !errors.Is(err, stop) || strings.Join(got, " ") != "page3 page4" {
		t.Errorf("got %q and %v", got, err)
	}
}

func TestRenderDrawsThePageWithHighlights(t *testing.T) {
	p := pdftest.NewPage()
	p.Text(100, 100, 20, pdftest.Regular, "HHHHHHHH")
	path := write(t, (&pdftest.Document{Pages: []*pdftest.Page{p}}).Bytes())
	e := newEngine(t, pdf.Limits{})
	data, err := e.Render(t.Context(), path, pdf.RenderOptions{Page: 1, Width: 595, Highlights: []pdf.Box{{X0: 100, Y0: 80, X1: 220, Y1: 105}}})
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 595 || b.Dy() != 842 {
		t.Errorf("size = %v", b)
	}
	black := 0
	for x := 100; x < 220; x++ {
		if r, g, b, _ := img.At(x, 94).RGBA(); r < 0x5000 && g < 0x5000 && b < 0x5000 {
			black++
		}
	}
	if r, _, b, _ := img.At(210, 82).RGBA(); black < 20 || r < 0xf000 || b > 0x8000 {
		t.Errorf("%d black pixels of text; the highlight has red %x, blue %x", black, r, b)
	}
	if r, _, b, _ := img.At(300, 300).RGBA(); r != 0xffff || b != 0xffff {
		t.Error("the paper is not white")
	}
	for name, o := range map[string]struct {
		options pdf.RenderOptions
		code    string
	}{
		"too wide": {pdf.RenderOptions{Page: 1, Width: 4001}, "IMAGE_WIDTH_INVALID"},
		"page 0":   {pdf.RenderOptions{Width: 300}, "PAGE_NOT_FOUND"},
		"page 2":   {pdf.RenderOptions{Page: 2, Width: 300}, "PAGE_NOT_FOUND"},
	} {
		if _, err := e.Render(t.Context(), path, o.options); errdefs.Code(err) != o.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// spinning is a page that keeps PDFium busy for minutes: forms that each draw
// the next one many times.
func spinning() []string {
	const depth, fan = 9, 12
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Count 3/Kids[3 0 R 4 0 R 5 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 6 0 R/Resources<</Font<</F1 7 0 R>>>>>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 8 0 R/Resources<</XObject<</X 9 0 R>>>>>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 6 0 R/Resources<</Font<</F1 7 0 R>>>>>>",
		pdftest.Stream("", []byte("BT /F1 12 Tf 20 100 Td (good) Tj ET")),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
		pdftest.Stream("", []byte("/X Do")),
	}
	for i := range depth {
		body := strings.Repeat("/X Do\n", fan)
		if i == depth-1 {
			body = strings.Repeat("0 0 m 10 10 l S\n", 200)
		}
		dict := fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 200 200]/Resources<</XObject<</X %d 0 R>>>>", 10+i)
		objects = append(objects, pdftest.Stream(dict, []byte(body)))
	}
	return objects
}

func TestAPageThatNeverEndsCostsOnlyItself(t *testing.T) {
	e := newEngine(t, pdf.Limits{PageTime: pageTime})
	_, pages, err := extract(t.Context(), e, write(t, pdftest.Assemble(spinning()...)))
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) != 3 || pages[0].Error != "" || pages[1].Error == "" || pages[2].Error != "" {
		t.Fatalf("pages = %+v", pages)
	}
	if got := lines(pages[2]); len(got) != 1 || got[0] != "good" {
		t.Errorf("the page after it has %q", got)
	}
}

func TestADocumentThatNeverEndsIsStopped(t *testing.T) {
	e := newEngine(t, pdf.Limits{PageTime: time.Hour, DocumentTime: pageTime})
	start := time.Now()
	_, pages, err := extract(t.Context(), e, write(t, pdftest.Assemble(spinning()...)))
	if errdefs.Code(err) != "PDF_TIMEOUT" || len(pages) != 1 || time.Since(start) > 5*time.Minute {
		t.Errorf("%d pages and %v after %v", len(pages), err, time.Since(start))
	}
}

func TestTheKernelStopsWhatUsesTooMuchCPU(t *testing.T) {
	e := newEngine(t, pdf.Limits{CPU: 2 * time.Second, PageTime: time.Hour})
	_, pages, err := extract(t.Context(), e, write(t, pdftest.Assemble(spinning()...)))
	if err != nil || len(pages) != 3 || !strings.Contains(pages[1].Error, "too long") || pages[2].Error != "" {
		t.Errorf("got %+v and %v", pages, err)
	}
}

func TestAWorkerThatGetsNoProcessorIsWaitedFor(t *testing.T) {
	t.Parallel() // one is waited for as long as that goes
	if runtime.GOOS != "linux" {
		t.Skip("the CPU time of a worker is not known here")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, (&pdftest.Document{Pages: []*pdftest.Page{pdftest.NewPage()}}).Bytes())
	for seconds, code := range map[int]string{4: "", 600: "PDF_TIMEOUT"} {
		e, err := pdf.NewEngine(pdf.Config{
			Command: []string{"/bin/sh", "-c", fmt.Sprintf(`sleep %d; exec "$0" "$1"`, seconds), self, pdf.WorkerCommand},
			Limits:  pdf.Limits{StartTime: 2 * time.Second},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Probe(t.Context(), path, ""); errdefs.Code(err) != code {
			t.Errorf("a worker that sleeps for %d s: %v, want %q", seconds, err, code)
		}
	}
}

func TestCancellingStopsTheWorkerAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	path := write(t, pdftest.Assemble(spinning()...))
	var cancelled time.Time
	err := newEngine(t, pdf.Limits{PageTime: time.Hour}).Extract(ctx, path, pdf.ExtractOptions{}, pdf.Visitor{Page: func(pdf.Page) error {
		time.AfterFunc(100*time.Millisecond, func() { cancelled = time.Now(); cancel() })
		return nil
	}})
	if took := time.Since(cancelled); !errors.Is(err, context.Canceled) || took > slowdown*time.Second {
		t.Errorf("%v, %v after it was cancelled", err, took)
	}
}

// extractAndWait reads a file until it is killed; it tells when the first page
// is there.
func extractAndWait(path string) int {
	e, err := pdf.NewEngine(pdf.Config{})
	if err != nil {
		return 1
	}
	err = e.Extract(context.Background(), path, pdf.ExtractOptions{}, pdf.Visitor{Page: func(pdf.Page) error {
		fmt.Println("reading", os.Getpid())
		return nil
	}})
	fmt.Println("ended", err)
	return 0
}

func TestTheWorkerDiesWithItsParent(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("needs /proc to find the worker")
	}
	path := write(t, pdftest.Assemble(spinning()...))
	parent := exec.Command(os.Args[0], "extract-and-wait", path)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "reading") {
		t.Fatalf("%q, %v", line, err)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", parent.Process.Pid, parent.Process.Pid))
	all := strings.Fields(string(children))
	if tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent.Process.Pid)); len(all) == 0 {
		for _, task := range tasks {
			b, _ := os.ReadFile(task)
			all = append(all, strings.Fields(string(b))...)
		}
	}
	if err != nil || len(all) != 1 {
		t.Fatalf("children %q, %v", all, err)
	}
	var worker int
	if _, err := fmt.Sscan(all[0], &worker); err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	deadline := time.After(slowdown * 5 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !gone(worker) {
		select {
		case <-deadline:
			_ = syscall.Kill(worker, syscall.SIGKILL)
			t.Fatal("the worker outlived its parent")
		case <-tick.C:
		}
	}
}

// gone reports whether a process has ended; it may not have been reaped.
func gone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "Z")
}

func TestWorkersThatFailAreReported(t *testing.T) {
	path := write(t, (&pdftest.Document{Pages: []*pdftest.Page{pdftest.NewPage()}}).Bytes())
	for name, command := range map[string][]string{
		"missing":    {"/nonexistent/worker"},
		"silent":     {"/bin/true"},
		"talkative":  {"/bin/echo", "hello"},
		"impostor":   {"/bin/echo", `{"page":{"number":7}}`},
		"never ends": {"/bin/cat", "/dev/zero"},
	} {
		e, err := pdf.NewEngine(pdf.Config{Command: command, Limits: pdf.Limits{StartTime: 5 * time.Second}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := extract(t.Context(), e, path); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestACrashIsOneLineInTheLogAndItsStackInTheDebugLog(t *testing.T) {
	const crash = `printf '%s\n' '{"document":{"pages":2}}' '{"start":1}' '{"failure":{"code":"TRAP","detail":"out of bounds\nwasm stack trace:\n\tf()"}}'`
	path := write(t, (&pdftest.Document{Pages: []*pdftest.Page{pdftest.NewPage()}}).Bytes())
	for level, traces := range map[slog.Level]int{slog.LevelInfo: 0, slog.LevelDebug: 1} {
		var out bytes.Buffer
		e, err := pdf.NewEngine(pdf.Config{
			Command: []string{"/bin/sh", "-c", crash}, Limits: pdf.Limits{Restarts: 1},
			Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level})),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = extract(t.Context(), e, path) // the second worker reads a page that is done
		if err == nil || strings.Contains(err.Error(), "stack trace") {
			t.Errorf("error %v", err)
		}
		if n := strings.Count(out.String(), "stack trace"); n != traces || !strings.Contains(out.String(), "level=WARN") {
			t.Errorf("at %v the log holds %d stacks:\n%s", level, n, out.String())
		}
	}
}
