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

// putUp adds a line of text that runs from the bottom to the top.
func (c *content) putUp(x, y float64, text string) {
	for _, r := range text {
		if r == ' ' {
			c.chars = append(c.chars, char{r: ' '})
		} else {
			c.chars = append(c.chars, char{r: r, box: Box{x, y - 5, x + 10, y}, size: 10, font: 1, dir: 1})
		}
		y -= 5
	}
	c.chars = append(c.chars, char{r: ' '})
}

// frame adds a rectangle.
func (c *content) frame(b Box) {
	c.rules = append(c.rules,
		rule{pos: b.Y0, from: b.X0, to: b.X1}, rule{pos: b.Y1, from: b.X0, to: b.X1},
		rule{vertical: true, pos: b.X0, from: b.Y0, to: b.Y1}, rule{vertical: true, pos: b.X1, from: b.Y0, to: b.Y1})
}

// reads reports whether the lines are in the page in this order with nothing
// between them.
func reads(p Page, want ...string) bool {
	got := pageLines(p)
	for i := range got {
		if i+len(want) <= len(got) && slices.Equal(got[i:i+len(want)], want) {
			return true
		}
	}
	return false
}

func TestColumnsAreReadOneAfterTheOther(t *testing.T) {
	left := []string{"The pump is started by the board", "and runs until the pressure is", "high enough for the valve."}
	for name, c := range map[string]struct {
		right []string
		shift float64 // of the right column, in points
		split bool
	}{
		"text beside text":            {[]string{"The fan cools the motor and must", "be cleaned every month by the", "operator of the machine."}, 0, true},
		"labels between the lines":    {[]string{"Fan", "Motor", "Inlet"}, 5, true},
		"cells on the same base line": {[]string{"Fan", "Motor", "Inlet"}, 0, false},
		"wide characters":             {[]string{"水泵由控制板启动", "压力达到规定值后", "阀门自动打开"}, 0, true},
	} {
		page := content{width: 600, height: 800}
		for i := range left {
			page.put(40, 100+14*float64(i), left[i])
			page.put(330, 100+c.shift+14*float64(i), c.right[i])
		}
		p := layOut(page)
		if got := reads(p, left...) && reads(p, c.right...); got != c.split && len(p.Tables) == 0 {
			t.Errorf("%s: %q", name, pageLines(p))
		}
	}
}

func TestBandsHaveColumnsOfTheirOwn(t *testing.T) {
	var want []string
	page := content{width: 600, height: 800}
	band := func(y, gutter float64, left, right string) {
		for i := range 4 {
			page.put(40, y+14*float64(i), left)
			page.put(gutter, y+14*float64(i), right)
		}
		for range 4 {
			want = append(want, left)
		}
		for range 4 {
			want = append(want, right)
		}
	}
	band(100, 160, "Read this first and", "what it says of the dangers of the machine to you and to all others")
	band(200, 340, "The pump is started by the board when the water is", "high and the valve stays closed")
	if p := layOut(page); !slices.Equal(pageLines(p), want) {
		t.Errorf("%q", pageLines(p))
	}
}

func TestALegendGoesOnInItsSecondColumn(t *testing.T) {
	page := content{width: 600, height: 800}
	var want []string
	for i, name := range []string{"Lid", "Fan", "Tap", "Bin", "Key", "Tub"} {
		line := string(rune('1'+i)) + " = " + name
		page.put(40+200*float64(i/3), 100+float64(14+3*(i/3))*float64(i%3), line)
		want = append(want, line)
	}
	if p := layOut(page); !slices.Equal(pageLines(p), want) {
		t.Errorf("%q", pageLines(p))
	}
}

func TestABoxIsReadByItself(t *testing.T) {
	page := content{width: 600, height: 800}
	box := []string{"WARNING", "Do not open the cover."}
	page.put(40, 94, "Open the tap.")
	page.put(40, 109, "Drain the tank.")
	page.put(40, 124, "Close the tap.")
	page.put(300, 94, box[0])
	page.put(300, 109, box[1])
	page.frame(Box{290, 88, 450, 140})
	if p := layOut(page); !reads(p, box...) {
		t.Errorf("%q", pageLines(p))
	}
}

func TestStepsBetweenTwoNoticesAreNoTable(t *testing.T) {
	page := content{width: 600, height: 800}
	notice := func(y float64) {
		page.put(50, y+5, "DANGER")
		page.put(50, y+25, "Discharge the capacitor.")
		page.frame(Box{40, y, 560, y + 20})
		page.frame(Box{40, y + 20, 560, y + 45})
	}
	notice(100)
	for i := range 3 {
		page.put(42, 160+16*float64(i), string(rune('1'+i))+".")
		page.put(70, 160+16*float64(i), "Unplug the oven and wait.")
	}
	page.put(40, 220, "8.3 Capacitor")
	notice(240)
	p := layOut(page)
	if len(p.Tables) > 0 || !reads(p, "1. Unplug the oven and wait.", "2. Unplug the oven and wait.") {
		t.Errorf("%d tables, %q", len(p.Tables), pageLines(p))
	}
}

func TestTurnedLinesAreReadAsOnATurnedPage(t *testing.T) {
	page := content{width: 600, height: 800}
	for i := range 6 {
		page.put(200, 100+40*float64(i), "Text that runs from left to right.")
	}
	turned := []string{"The first line", "of a label on its side", "ends here."}
	for i, text := range turned {
		page.putUp(60+13*float64(i), 300, text)
	}
	p := layOut(page)
	if !reads(p, turned...) {
		t.Errorf("%q", pageLines(p))
	}
}

func TestTheLeftPageOfASpreadIsReadFirst(t *testing.T) {
	for name, c := range map[string]struct {
		numbers [2]string
		first   string
	}{
		"pages that follow each other": {[2]string{"14", "15"}, "E1 No water"},
		"a wide table":                 {[2]string{"", ""}, "E1 No water Open the tap"},
	} {
		page := content{width: 842, height: 595}
		for i := range 6 {
			y := 100 + 40*float64(i)
			page.put(60, y, "E1 No water")
			page.put(500, y, "Open the tap")
		}
		if c.numbers[0] != "" {
			page.put(200, 570, c.numbers[0])
			page.put(640, 570, c.numbers[1])
		}
		lines := pageLines(layOut(page))
		if lines[0] != c.first || c.numbers[0] != "" && lines[6] != c.numbers[0] {
			t.Errorf("%s: %q", name, lines)
		}
	}
}
