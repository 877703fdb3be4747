package pdf_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// sample is a sound file with what parsers stumble over: an outline, labels,
// rotation, a table and an image.
func sample() []byte {
	d := &pdftest.Document{Title: "Sample", Labels: "0 <</S/D>>"}
	for i := range 3 {
		p := pdftest.NewPage()
		p.Rotate = 90 * i
		p.Text(50, 60, 12, pdftest.Bold, "Error codes")
		p.Grid([]float64{50, 150, 400}, []float64{80, 100, 120})
		p.Text(55, 95, 10, pdftest.Regular, "E1")
		p.Text(155, 95, 10, pdftest.Regular, "Sensor open")
		p.Image(50, 300, 200, 400)
		d.Pages = append(d.Pages, p)
		d.Bookmarks = append(d.Bookmarks, pdftest.Bookmark{Title: fmt.Sprint("Chapter ", i), Page: i + 1})
	}
	return d.Bytes()
}

// survives reads and draws a file, which must end in good time, in pages or in
// an error for users, and checks what every page promises.
func survives(t *testing.T, e *pdf.Engine, data []byte) (doc pdf.Document, pages []pdf.Page, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hostile.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	doc, pages, err = extract(t.Context(), e, path)
	if took := time.Since(start); took > slowdown*30*time.Second {
		t.Errorf("took %v", took)
	}
	if err != nil {
		if k := errdefs.As(err).Kind; k == errdefs.Internal || k == errdefs.Unavailable {
			t.Errorf("error of kind %d: %v", k, err)
		}
	}
	for i := range pages {
		checkPage(t, &pages[i])
	}
	return doc, pages, err
}

func checkPage(t *testing.T, p *pdf.Page) {
	t.Helper()
	used := make([]int, len(p.Words))
	for _, l := range p.Lines {
		for k := l.First; k < l.First+l.Count; k++ {
			used[k]++
		}
	}
	for k, n := range used {
		w := p.Words[k]
		if n != 1 || w.Text == "" || strings.ContainsAny(w.Text, " \x00\x02\u200b") || !(w.Box.X0 >= 0 && w.Box.X1 <= p.Width+0.1 && w.Box.Y0 >= 0 && w.Box.Y1 <= p.Height+0.1 && w.Box.X0 <= w.Box.X1) {
			t.Errorf("page %d: word %d %+v is in %d lines of a page of %.1f x %.1f", p.Number, k, w, n, p.Width, p.Height)
		}
	}
	for _, tb := range p.Tables {
		for _, r := range tb.Rows {
			if len(r.Cells) != len(tb.Rows[0].Cells) {
				t.Errorf("page %d: rows of %d and %d cells", p.Number, len(r.Cells), len(tb.Rows[0].Cells))
			}
		}
	}
}

func TestFilesThatAreNoDocumentsAreRefused(t *testing.T) {
	e := newEngine(t, pdf.Limits{FileSize: 1 << 20})
	page := "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>"
	for name, c := range map[string]struct {
		data []byte
		code string
	}{
		"empty":      {nil, "NOT_A_PDF"},
		"text":       {[]byte("Dear customer, the manual is attached."), "NOT_A_PDF"},
		"header":     {[]byte("%PDF-1.7\n"), "PDF_DAMAGED"},
		"no catalog": {pdftest.Assemble("<</Type/Nothing>>"), "PDF_NO_PAGES"},
		"no pages":   {pdftest.Assemble("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 0/Kids[]>>"), "PDF_NO_PAGES"},
		"too large":  {append([]byte("%PDF-1.7\n"), make([]byte, 2<<20)...), "PDF_TOO_LARGE"},
		"locked": {bytes.Replace(pdftest.Assemble("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", page,
			"<</Filter/Standard/V 1/R 2/P -4/O<0101010101010101010101010101010101010101010101010101010101010101>/U<0202020202020202020202020202020202020202020202020202020202020202>>>"),
			[]byte("/Root 1 0 R"), []byte("/Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]"), 1), "PDF_ENCRYPTED"},
	} {
		if _, _, err := survives(t, e, c.data); errdefs.Code(err) != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
	}
	if _, _, err := extract(t.Context(), e, filepath.Join(t.TempDir(), "none.pdf")); errdefs.Code(err) != "FILE_NOT_FOUND" {
		t.Errorf("missing file: %v", err)
	}
	if _, _, err := extract(t.Context(), e, t.TempDir()); errdefs.Code(err) != "NOT_A_PDF" {
		t.Errorf("folder: %v", err)
	}
}

func TestTruncatedFilesAreSurvived(t *testing.T) {
	e := newEngine(t, pdf.Limits{})
	data := sample()
	for k := 1; k < 16; k++ {
		survives(t, e, data[:len(data)*k/16])
	}
}

func TestACircularOutlineEnds(t *testing.T) {
	d := &pdftest.Document{Circular: true, Pages: []*pdftest.Page{pdftest.NewPage()}, Bookmarks: []pdftest.Bookmark{{Title: "A", Page: 1}, {Title: "B", Page: 1}}}
	doc, pages, err := survives(t, newEngine(t, pdf.Limits{}), d.Bytes())
	if err != nil || len(pages) != 1 || len(doc.Outline) < 2 || len(doc.Outline) > 10 {
		t.Errorf("outline %+v, %d pages, %v", doc.Outline, len(pages), err)
	}
}

func deflate(data []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Bytes()
}

func TestHostileFilesAreSurvived(t *testing.T) {
	catalog, pages := "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>"
	page := func(box string) string {
		return "<</Type/Page/Parent 2 0 R/MediaBox[" + box + "]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
	}
	const helvetica = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
	small := page("0 0 200 200")
	one := func(content []byte, dict string) []byte {
		return pdftest.Assemble(catalog, pages, small, pdftest.Stream(dict, content), helvetica)
	}
	bomb := deflate(make([]byte, 128<<20))
	many := []string{catalog, pages, small, pdftest.Stream("", []byte("BT /F1 9 Tf 9 9 Td (x) Tj ET")), helvetica}
	for i := range 100_000 {
		many = append(many, fmt.Sprintf("[%d 0 R]", i))
	}
	e := newEngine(t, pdf.Limits{PageTime: 5 * time.Second, Words: 2000, Memory: 96 << 20})
	for name, data := range map[string][]byte{
		"huge page":         pdftest.Assemble(catalog, pages, page("0 0 1e30 1e30"), pdftest.Stream("", nil), helvetica),
		"page without area": pdftest.Assemble(catalog, pages, page("0 0 0 0"), pdftest.Stream("", nil), helvetica),
		"page not a number": pdftest.Assemble(catalog, pages, page("nan nan nan nan"), pdftest.Stream("", nil), helvetica),
		"page tree loop":    pdftest.Assemble(catalog, "<</Type/Pages/Count 5/Kids[2 0 R 2 0 R]>>", small),
		"page count lies":   pdftest.Assemble(catalog, "<</Type/Pages/Count 100000000/Kids[3 0 R]>>", small, pdftest.Stream("", nil), helvetica),
		"zip bomb":          one(bomb, "/Filter/FlateDecode"),
		"nested zip bomb":   one(deflate(bomb), "/Filter[/FlateDecode/FlateDecode]"),
		"endless text":      one([]byte("BT /F1 9 Tf 9 9 Td "+strings.Repeat("(warranty) Tj 1 0 Td ", 200_000)+"ET"), ""),
		"endless lines":     one([]byte(strings.Repeat("0 0 m 99 0 l S 5 5 m 5 99 l S ", 60_000)), ""),
		"deep nesting":      one([]byte(strings.Repeat("[", 1_000_000)), ""),
		"deep states":       one([]byte(strings.Repeat("q ", 1_000_000)), ""),
		"deep dictionary":   pdftest.Assemble(catalog, pages, small, strings.Repeat("<</A", 200_000), helvetica),
		"many objects":      pdftest.Assemble(many...),
		"endless path":      one([]byte("0 0 m "+strings.Repeat("9 9 l 0 9 l ", 300_000)+"S"), ""),
		"infinite matrix":   one([]byte("1e38 0 0 1e38 0 0 cm 1e38 0 0 1e38 0 0 cm BT /F1 1e38 Tf (x) Tj ET 0 0 m 1 0 l S"), ""),
		"destination NaN": pdftest.Assemble("<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>", pages, small, pdftest.Stream("", nil), helvetica,
			"<</First 7 0 R/Last 7 0 R/Count 1>>", "<</Title(A)/Parent 6 0 R/Dest[3 0 R/XYZ nan nan nan]>>"),
	} {
		start := time.Now()
		_, got, err := survives(t, e, data)
		path := filepath.Join(t.TempDir(), "render.pdf")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		png, renderErr := e.Render(t.Context(), path, pdf.RenderOptions{Page: 1, Width: 400})
		t.Logf("%s: %d pages, %v; %d bytes of image, %v; %v", name, len(got), err, len(png), renderErr, time.Since(start).Round(time.Millisecond))
	}
}
