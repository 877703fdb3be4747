package pdf_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// word returns a word of OCR, 6 points a letter wide and 9 high.
func word(x, y float64, text string) pdf.ReadWord {
	return pdf.ReadWord{Word: pdf.Word{Text: text, Box: pdf.Box{X0: x, Y0: y, X1: x + 6*float64(len(text)), Y1: y + 9}, Confidence: 90}}
}

// printed returns the lines of a page.
func printed(p pdf.Page) []string {
	var out []string
	for i := range p.Lines {
		out = append(out, p.LineText(i))
	}
	return out
}

func TestMergeKeepsTheTextLayerWhereItHasWords(t *testing.T) {
	t.Parallel()
	p := pdf.Page{
		Width: 600, Height: 800, OCR: []pdf.Box{{X1: 600, Y1: 800}},
		Words: []pdf.Word{{Text: "Kept", Box: pdf.Box{X0: 50, Y0: 50, X1: 80, Y1: 62}}},
		Lines: []pdf.Line{{Count: 1, Box: pdf.Box{X0: 50, Y0: 50, X1: 80, Y1: 62}, FontSize: 12}},
	}
	out := pdf.Merge(p, pdf.Reading{Words: []pdf.ReadWord{word(51, 52, "Kepf"), word(50, 100, "Read"), word(80, 100, "too")}})
	if got := printed(out); !slices.Equal(got, []string{"Kept", "Read too"}) {
		t.Fatalf("lines are %q", got)
	}
	if len(out.OCR) != 0 || out.Words[0].Confidence != 0 || out.Words[1].Confidence != 90 {
		t.Fatalf("regions %v, words %+v", out.OCR, out.Words)
	}
}

func TestMergePutsReadingInTheCiphersPlace(t *testing.T) {
	t.Parallel()
	line := func(i int, y float64, cipher bool) pdf.Line {
		return pdf.Line{First: i, Count: 1, Box: pdf.Box{X0: 50, Y0: y, X1: 150, Y1: y + 12}, FontSize: 12, Cipher: cipher}
	}
	p := pdf.Page{Width: 600, Height: 800}
	for i, text := range []string{"First", "TQB", "Third"} {
		y := 50 + 20*float64(i)
		p.Words = append(p.Words, pdf.Word{Text: text, Box: pdf.Box{X0: 50, Y0: y, X1: 150, Y1: y + 12}})
		p.Lines = append(p.Lines, line(i, y, text == "TQB"))
	}
	out := pdf.Merge(p, pdf.Reading{Words: []pdf.ReadWord{word(50, 72, "spa")}})
	if got := printed(out); !slices.Equal(got, []string{"First", "spa", "Third"}) {
		t.Fatalf("lines are %q", got)
	}
}

func TestMergeFindsTablesByTheRulingsOfAScan(t *testing.T) {
	t.Parallel()
	var r pdf.Reading
	xs, ys := []float64{50, 200, 300}, []float64{100, 130, 160, 190}
	for _, y := range ys {
		r.Rulings = append(r.Rulings, pdf.Box{X0: 50, Y0: y, X1: 300, Y1: y + 1})
	}
	for _, x := range xs {
		r.Rulings = append(r.Rulings, pdf.Box{X0: x, Y0: 100, X1: x + 1, Y1: 190})
	}
	for i, row := range [][2]string{{"Bolt", "Torque"}, {"1/4", "11"}, {"5/16", "21"}} {
		y := ys[i] + 10
		r.Words = append(r.Words, word(60, y, row[0]), word(210, y, row[1]))
	}
	out := pdf.Merge(pdf.Page{Width: 600, Height: 800}, r)
	if len(out.Tables) != 1 || len(out.Tables[0].Rows) != 3 {
		t.Fatalf("tables are %+v", out.Tables)
	}
	var cells []string
	for _, c := range out.Tables[0].Rows[2].Cells {
		cells = append(cells, c.Text)
	}
	if got := strings.Join(cells, "|"); got != "5/16|21" {
		t.Fatalf("the last row is %q", got)
	}
}

func TestMergeKeepsTheLinesOfASkewedScanTogether(t *testing.T) {
	t.Parallel()
	const skew = 0.02
	var r pdf.Reading
	r.Skew = skew
	for line := range 3 {
		for x := 50.0; x < 550; x += 36 {
			r.Words = append(r.Words, word(x, 100+14*float64(line)+skew*x, "word"+string(rune('a'+line))))
		}
	}
	out := pdf.Merge(pdf.Page{Width: 600, Height: 800}, r)
	if len(out.Lines) != 3 {
		t.Fatalf("lines are %q", printed(out))
	}
	for i, l := range out.Lines {
		text := out.LineText(i)
		if want := strings.Repeat("word"+string(rune('a'+i))+" ", l.Count); text+" " != want || l.Count != 14 {
			t.Errorf("line %d is %q", i, text)
		}
	}
	// The boxes are where the words are seen, not where they were laid out.
	if first := out.Words[0].Box; first.Y0 < 100.9 || first.Y0 > 101.1 {
		t.Errorf("the first word is at %v", first)
	}
}
