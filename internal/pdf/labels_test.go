package pdf_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// page returns a page with the words in its footer and one in its middle.
func page(n int, label string, footer ...string) pdf.Page {
	p := pdf.Page{Number: n, Label: label, Width: 600, Height: 800}
	for _, w := range footer {
		p.Words = append(p.Words, pdf.Word{Text: w, Box: pdf.Box{X0: 10, Y0: 780, X1: 30, Y1: 790}})
	}
	p.Words = append(p.Words, pdf.Word{Text: strconv.Itoa(n), Box: pdf.Box{X0: 10, Y0: 400, X1: 30, Y1: 410}})
	return p
}

func TestPrintedLabels(t *testing.T) {
	for name, c := range map[string]struct {
		pages []pdf.Page
		want  []string
	}{
		"the file's own": {
			[]pdf.Page{page(1, "i", "9"), page(2, "1", "9")},
			[]string{"i", "1"},
		},
		"counted in the footer": {
			[]pdf.Page{page(1, ""), page(2, "", "2015", "1"), page(3, "", "2015", "2"), page(4, ""), page(5, "", "2015", "4"), page(6, "", "2015", "-5-")},
			[]string{"", "1", "2", "", "4", "5"},
		},
		"by chapter": {
			[]pdf.Page{page(1, "", "1-1"), page(2, "", "1-2"), page(3, "", "1-3"), page(4, "", "1-4"), page(5, "", "2-1"), page(6, "", "2-2")},
			[]string{"1-1", "1-2", "1-3", "1-4", "", ""},
		},
		"the file's own that only count, against the print": {
			[]pdf.Page{page(1, "1", "5/8"), page(2, "2", "6/8"), page(3, "3", "7/8"), page(4, "4", "8/8")},
			[]string{"5", "6", "7", "8"},
		},
		"too few to be sure": {
			[]pdf.Page{page(1, "", "4"), page(2, "", "5"), page(3, "", "6")},
			[]string{"", "", ""},
		},
		"two that count on": {
			[]pdf.Page{page(1, "", "4", "7"), page(2, "", "5", "8"), page(3, "", "6", "9"), page(4, "", "7", "10")},
			[]string{"", "", "", ""},
		},
	} {
		if got := pdf.PrintedLabels(c.pages); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
