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

// at returns a page with a word at x of its footer.
func at(n int, x float64, text string) pdf.Page {
	p := page(n, "", text)
	p.Words[0].Box.X0, p.Words[0].Box.X1 = x, x+10
	return p
}

// run returns pages from first on whose footers count from label on.
func run(first, pages, label int) []pdf.Page {
	var out []pdf.Page
	for i := range pages {
		out = append(out, page(first+i, "", strconv.Itoa(label+i)))
	}
	return out
}

// headed puts a line of words in the page's header.
func headed(p pdf.Page, words ...string) pdf.Page {
	x := 50.0
	for _, w := range words {
		end := x + 5*float64(len(w))
		p.Words = append(p.Words, pdf.Word{Text: w, Box: pdf.Box{X0: x, Y0: 40, X1: end, Y1: 50}})
		x = end + 10
	}
	return p
}

// spreadPage returns a wide page with a number at the foot of each of its halves.
func spreadPage(n int, left, right string) pdf.Page {
	p := pdf.Page{Number: n, Width: 1200, Height: 800}
	for i, label := range []string{left, right} {
		x := 600 * float64(i)
		if label != "" {
			p.Words = append(p.Words, pdf.Word{Text: label, Box: pdf.Box{X0: x + 290, Y0: 780, X1: x + 310, Y1: 790}})
		}
		for k := range 5 {
			y := 100 + 20*float64(k)
			if left != "" || i == 1 || n == 1 {
				p.Words = append(p.Words, pdf.Word{Text: "text", Box: pdf.Box{X0: x + 100, Y0: y, X1: x + 140, Y1: y + 10}})
			}
		}
	}
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
			[]string{"1-1", "1-2", "1-3", "1-4", "2-1", "2-2"},
		},
		"by chapter, some of which have one page": {
			[]pdf.Page{page(1, ""), page(2, "", "1-1"), page(3, "", "2-1"), page(4, "", "3-1"), page(5, "", "3-2"), page(6, ""), page(7, "", "4-1"), page(8, "", "A-1")},
			[]string{"", "1-1", "2-1", "3-1", "3-2", "", "4-1", ""},
		},
		"by lettered chapter": {
			[]pdf.Page{page(1, "", "A-1"), page(2, "", "A-2"), page(3, "", "B-1"), page(4, "", "C-1")},
			[]string{"A-1", "A-2", "B-1", "C-1"},
		},
		"chapter headings beside numbers by chapter": {
			[]pdf.Page{
				headed(page(1, "", "1-1"), "1", "Safety"), headed(page(2, "", "2-1"), "2", "Setup"),
				headed(page(3, "", "3-1"), "3", "Faults"), headed(page(4, "", "4-1"), "4", "Parts"),
			},
			[]string{"1-1", "2-1", "3-1", "4-1"},
		},
		"chapter headings alone": {
			[]pdf.Page{headed(page(1, ""), "1", "Safety"), headed(page(2, ""), "2", "Setup"), headed(page(3, ""), "3", "Faults"), headed(page(4, ""), "4", "Parts")},
			[]string{"", "", "", ""},
		},
		"figures": {
			[]pdf.Page{headed(page(1, ""), "Fig.", "1"), headed(page(2, ""), "Fig.", "2"), headed(page(3, ""), "Fig.", "3"), headed(page(4, ""), "Fig.", "4")},
			[]string{"", "", "", ""},
		},
		"a running title": {
			[]pdf.Page{headed(page(1, ""), "1", "Owner's", "Manual"), headed(page(2, ""), "2", "Owner's", "Manual"), headed(page(3, ""), "3", "Owner's", "Manual"), headed(page(4, ""), "4", "Owner's", "Manual")},
			[]string{"1", "2", "3", "4"},
		},
		"mirrored": {
			[]pdf.Page{at(1, 30, "1"), at(2, 560, "2"), at(3, 30, "3"), at(4, 560, "4")},
			[]string{"1", "2", "3", "4"},
		},
		"an enclosed document that counts for itself": {
			slices.Concat(run(1, 5, 1), run(6, 5, 1), run(11, 4, 11)),
			[]string{"1", "2", "3", "4", "5", "", "", "", "", "", "11", "12", "13", "14"},
		},
		"here and there": {
			[]pdf.Page{at(1, 30, "1"), at(2, 200, "2"), at(3, 370, "3"), at(4, 90, "4")},
			[]string{"", "", "", ""},
		},
		"the file's own that only count, against the print": {
			[]pdf.Page{page(1, "1", "5/8"), page(2, "2", "6/8"), page(3, "3", "7/8"), page(4, "4", "8/8")},
			[]string{"5", "6", "7", "8"},
		},
		"too few to be sure": {
			[]pdf.Page{page(1, "", "4"), page(2, "", "5"), page(3, "", "6")},
			[]string{"", "", ""},
		},
		"three schemes": {
			slices.Concat(
				[]pdf.Page{page(1, ""), page(2, "", "ii"), page(3, "", "iii"), page(4, "", "iv")},
				run(5, 4, 1),
				[]pdf.Page{page(9, "", "A-1"), page(10, "", "A-2"), page(11, "", "A-3"), page(12, "", "A-4")},
			),
			[]string{"", "ii", "iii", "iv", "1", "2", "3", "4", "A-1", "A-2", "A-3", "A-4"},
		},
		"words of Roman digits": {
			[]pdf.Page{page(1, "", "mix"), page(2, "", "iiii"), page(3, "", "vx"), page(4, "", "I", "Ii")},
			[]string{"", "", "", ""},
		},
		"two printed pages side by side": {
			[]pdf.Page{spreadPage(1, "", "1"), spreadPage(2, "2", "3"), spreadPage(3, "4", "5"), spreadPage(4, "6", "")},
			[]string{"1", "2–3", "4–5", "6"},
		},
		"a wide page of its own": {
			[]pdf.Page{spreadPage(2, "", "8"), spreadPage(3, "", "9"), spreadPage(4, "", "10"), spreadPage(5, "", "11")},
			[]string{"8", "9", "10", "11"},
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
