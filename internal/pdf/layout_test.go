package pdf

import (
	"slices"
	"testing"
)

// put adds a line of text at a place; letters are 5 points wide.
func (c *content) put(x, y float64, text string) {
	for _, r := range text {
		if r == ' ' {
			c.chars = append(c.chars, char{r: ' '})
		} else {
			c.chars = append(c.chars, char{r: r, box: Box{x, y, x + 5, y + 10}, size: 10, font: 1})
		}
		x += 5
	}
	c.chars = append(c.chars, char{r: ' '})
}

func pageLines(p Page) []string {
	var out []string
	for i := range p.Lines {
		out = append(out, p.LineText(i))
	}
	return out
}

func TestColumnsWithoutCommonBaseLinesAreNoTable(t *testing.T) {
	short := []string{"Chlorine 100 mg", "Iron 0.5 mg", "A Water outlet", "B Water inlet", "6.3 Quantity"}
	notice := []string{"The outlet reaches 60 degrees", "Do not touch water pipes", "Wear gloves for the cover", "Wait before you open it", "Ask a technician"}
	for _, c := range []struct {
		name   string
		shift  float64 // of the right column, in points
		tables int
	}{{"on common base lines", 0, 1}, {"between the lines", 3, 0}} {
		page := content{width: 600, height: 800}
		for i := range short {
			page.put(40, 100+14*float64(i), short[i])
			page.put(300, 100+c.shift+14*float64(i), notice[i])
		}
		p := layOut(page)
		if len(p.Tables) != c.tables {
			t.Errorf("%s: %d tables", c.name, len(p.Tables))
		}
		if lines := pageLines(p); !slices.Contains(lines, notice[1]) || !slices.Contains(lines, short[1]) {
			t.Errorf("%s: %q", c.name, lines)
		}
	}
}

func TestALabelBesideALineIsALineOfItsOwn(t *testing.T) {
	page := content{width: 600, height: 800}
	page.put(40, 100, "The valve stays open for ten seconds.")
	page.put(400, 104, "Fig. 2")
	page.put(40, 140, "The pump starts")
	page.put(400, 140, "12 s")
	got := pageLines(layOut(page))
	if want := []string{"The valve stays open for ten seconds.", "Fig. 2", "The pump starts 12 s"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAPageIsLaidOutAgainFromItsWords(t *testing.T) {
	page := content{width: 600, height: 800}
	for i, row := range [][3]string{{"Code", "Cause", "Remedy"}, {"E1", "No water", "Open the tap"}, {"E2", "Door open", "Close the door"}, {"E3", "Fan stopped", "Check its plug"}} {
		for k, text := range row {
			page.put(40+150*float64(k), 100+20*float64(i), text)
		}
	}
	for i := range 5 {
		page.rules = append(page.rules, rule{pos: 95 + 20*float64(i), from: 35, to: 480})
	}
	for _, x := range []float64{35, 185, 335, 480} {
		page.rules = append(page.rules, rule{vertical: true, pos: x, from: 95, to: 175})
	}
	before := layOut(page)
	var words []styledWord
	for i := range before.Lines {
		words = append(words, before.styled(i)...)
	}
	for _, ocr := range []bool{false, true} {
		if ocr {
			for i := range words {
				words[i].size, words[i].Confidence = 0, 90
			}
		}
		after := layOutWords(before, words, before.rulings())
		if !slices.Equal(pageLines(before), pageLines(after)) || len(after.Tables) != 1 {
			t.Fatalf("%q became %q with %d tables", pageLines(before), pageLines(after), len(after.Tables))
		}
		if rows := after.Tables[0].Rows; len(rows) != 4 || rows[2].Cells[2].Text != "Close the door" {
			t.Errorf("rows are %+v", rows)
		}
		if ocr != (after.Words[0].Confidence == 90) {
			t.Error("the words' confidence is lost")
		}
	}
}
