package ocr_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/ocr"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

func TestTablesOfAPictureAreReadCellByCell(t *testing.T) {
	if _, err := exec.LookPath("tesseract"); err != nil {
		t.Skip("tesseract is not installed")
	}
	faults := pdftest.Table{
		X: 60, Y: 90, Widths: []float64{60, 130, 150, 130}, Head: 1, Size: 11,
		Rows: [][]string{
			{"Code", "Meaning", "Cause", "Remedy"},
			{"E1", "Low water", "Valve closed", "Open the valve and wait ten minutes"},
			{"E2", "Fan stopped", "Plug loose or motor defective", "Check the plug"},
			{"E3", "Door open", pdftest.Above, "Close the door"},
		},
	}
	page := pdftest.NewPage()
	page.Text(60, 60, 14, pdftest.Bold, "Fault codes of the machine")
	faults.Draw(page)
	path := filepath.Join(t.TempDir(), "tables.pdf")
	if err := os.WriteFile(path, (&pdftest.Document{Pages: []*pdftest.Page{page}}).Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	engine, err := pdf.NewEngine(pdf.Config{Limits: patient()})
	if err != nil {
		t.Fatal(err)
	}
	// The page without its text layer, as of a scan.
	blank := pdf.Page{Number: 1, Width: page.Width, Height: page.Height, OCR: []pdf.Box{{X1: page.Width, Y1: page.Height}}}
	got, _, err := ocr.New(ocr.Config{Engine: engine, PageTime: patient().PageTime}).Read(t.Context(), path, blank, "en")
	if err != nil {
		t.Fatal(err)
	}
	var rows, want []string
	for _, table := range got.Tables {
		for _, r := range table.Rows {
			var cells []string
			for _, c := range r.Cells {
				cells = append(cells, c.Text)
			}
			rows = append(rows, strings.Join(cells, " | "))
		}
	}
	for _, r := range faults.Cells() {
		want = append(want, strings.Join(r, " | "))
	}
	if !slices.Equal(rows, want) {
		t.Errorf("read\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}
