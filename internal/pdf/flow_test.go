package pdf_test

import (
	"slices"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// The boxes of a flow chart hold a step each, however close they stand.
func TestExtractReadsTheBoxesOfAFlowChartOneByOne(t *testing.T) {
	p := pdftest.NewPage()
	p.Text(50, 60, 10, pdftest.Regular, "When the display shows F1, check these in their order.")
	p.Frame(200, 90, 380, 120)
	p.Text(210, 109, 10, pdftest.Regular, "Display F1")
	p.Line(290, 120, 290, 140)
	p.Line(90, 140, 490, 140)
	for i, words := range [][]string{{"1) Wiring"}, {"2) Inverter board"}, {"3) Contactor", "board"}, {"4) PC board"}} {
		x := 50 + 122*float64(i) // two points apart
		p.Line(x+60, 140, x+60, 150)
		p.Frame(x, 150, x+120, 182)
		for k, w := range words {
			p.Text(x+8, 162+12*float64(k), 10, pdftest.Regular, w)
		}
	}
	p.Text(50, 220, 10, pdftest.Regular, "Then switch the unit on again.")
	_, pages := mustExtract(t, &pdftest.Document{Pages: []*pdftest.Page{p}})
	want := []string{
		"When the display shows F1, check these in their order.", "Display F1",
		"1) Wiring", "2) Inverter board", "3) Contactor", "board", "4) PC board", "Then switch the unit on again.",
	}
	if got := lines(pages[0]); !slices.Equal(got, want) {
		t.Errorf("lines %q", got)
	}
}
