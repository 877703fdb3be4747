package pdftest

import (
	"math"
	"slices"
	"strings"
)

// Rules is which rulings a table is drawn with.
type Rules int

// Rulings of a Table, all half a point thick.
const (
	Full    Rules = iota // around every cell
	Boxes                // as Full, but each cell is a framed rectangle of its own
	Doubled              // as Full, with two lines 2 points apart for each border
	Framed               // around the table, and around each cell 3 points inside of it
	Open                 // between the cells only: no outer borders
	Sides                // as Full, without the lines left and right of the table
	Levels               // above the table and below each row
	Headed               // above and below the headings, and below the table
	Shaded               // none: every other row has a grey ground
	Patches              // none: each cell has a grey ground, with a white gap between
	Bare                 // none: columns are told by gaps
)

// rowsTold says that the rulings tell which rows a cell spans.
func (r Rules) rowsTold() bool { return r < Levels || r == Patches }

// Turned is how the headings of all columns but the first are written.
type Turned int

// Headings of a Table.
const (
	Upright Turned = iota
	Up             // from the bottom to the top
	Letters        // likewise, every letter by itself, as drawing programs do
	Stacked        // upright letters, one below the other
)

// Again is what the second part of a divided table begins with.
type Again int

// Beginnings of the second part.
const (
	Nothing   Again = iota
	Heads           // the headings once more
	Continued       // the caption and "(continued)", and the headings once more
)

// Marks in the cells of a table.
const (
	Above = "^" // the cell above reaches over this one too
	Left  = "<" // the cell on the left reaches over this one too
	// Break is where a word may be divided by a hyphen; it is, if followed by a line
	// feed.
	Break = "\u00ad"
)

// Table describes a table, how it is drawn and what is wrong with it. Zero fields
// have a default.
type Table struct {
	Caption string
	X, Y    float64   // of its upper left corner, or of its caption's
	Widths  []float64 // of its columns, in points
	// Align tells for each column where its text stands: l, c, r, or "." for figures
	// whose points are below each other. Headings are centred but over l.
	Align string
	Head  int        // how many of the rows are headings; they are bold
	Rows  [][]string // text, wrapped where it is too long; a line feed breaks the line
	Rules Rules
	Turn  Turned
	Size  float64 // of the font, 9
	Pad   float64 // above and below the text of a row, 3; beside it is 1 more
	// Middle centres text in the height of its cell.
	Middle bool
}

func (t Table) size() float64 {
	if t.Size == 0 {
		return 9
	}
	return t.Size
}

func (t Table) pad() float64 {
	if t.Pad == 0 {
		return 3
	}
	return t.Pad
}

func (t Table) leading() float64 { return 1.2 * t.size() }

// Cells returns the text of the cells as pdf.Table has it: that of one which spans
// columns in the first of them, that of one which spans rows in each, where rulings
// tell so, else in the first.
func (t Table) Cells() [][]string {
	out := make([][]string, len(t.Rows))
	for r, row := range t.Rows {
		out[r] = make([]string, len(row))
		for c := range row {
			r0, c0 := t.first(r, c)
			if c0 == c && (r0 == r || t.Rules.rowsTold()) {
				out[r][c] = plain(t.Rows[r0][c0])
			}
		}
	}
	return out
}

func plain(s string) string {
	s = strings.NewReplacer(Break+"\n", "", Break, "").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}

// first returns where the cell at r, c begins.
func (t Table) first(r, c int) (int, int) {
	for t.Rows[r][c] == Above {
		r--
	}
	for t.Rows[r][c] == Left {
		c--
	}
	return r, c
}

// last returns where the cell that begins at r, c ends.
func (t Table) last(r, c int) (int, int) {
	r1, c1 := r, c
	for c1+1 < len(t.Widths) && t.Rows[r][c1+1] == Left {
		c1++
	}
	for r1+1 < len(t.Rows) && t.Rows[r1+1][c] == Above {
		r1++
	}
	return r1, c1
}

// Break divides the table into what stands on two pages: the second begins with row
// at. If lines is not 0, only so many of the lines of row at-1 stand on the first.
func (t Table) Break(at, lines int, again Again) (first, second Table) {
	first, second = t, t
	first.Rows = slices.Clone(t.Rows[:at])
	rest := slices.Clone(t.Rows[at:])
	if lines > 0 {
		upper, lower := make([]string, len(t.Widths)), make([]string, len(t.Widths))
		for c := range t.Widths {
			all := t.wrap(at-1, c)
			n := min(lines, len(all))
			upper[c], lower[c] = strings.Join(all[:n], "\n"), strings.Join(all[n:], "\n")
		}
		first.Rows[at-1] = upper
		rest = slices.Insert(rest, 0, lower)
	}
	second.Caption = ""
	switch again {
	case Nothing:
		second.Head = 0
	case Continued:
		second.Caption = strings.TrimSpace(t.Caption + " (continued)")
		rest = slices.Concat(t.Rows[:t.Head], rest)
	case Heads:
		rest = slices.Concat(t.Rows[:t.Head], rest)
	}
	second.Rows = rest
	return first, second
}

// bold says that the cells of row r are.
func (t Table) bold(r int) bool { return r < t.Head }

func (t Table) turned(r, c int) Turned {
	if r < t.Head && c > 0 && (t.Rows[r][c] != Above && t.Rows[r][c] != Left) {
		if _, c1 := t.last(r, c); c1 == c {
			return t.Turn
		}
	}
	return Upright
}

// wrap returns the lines of the cell that begins at r, c.
func (t Table) wrap(r, c int) []string {
	_, c1 := t.last(r, c)
	width := -2 * (t.pad() + 1)
	for _, w := range t.Widths[c : c1+1] {
		width += w
	}
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(t.Rows[r][c], Break+"\n", "-\n"), "\n") {
		line = strings.ReplaceAll(line, Break, "")
		from := len(out)
		if line == "" {
			out = append(out, "")
		}
		for word := range strings.FieldsSeq(line) {
			if n := len(out); n > from && Width(out[n-1]+" "+word, t.size(), t.bold(r)) <= width {
				out[n-1] += " " + word
			} else {
				out = append(out, word)
			}
		}
	}
	return out
}

// heights returns the heights of the rows.
func (t Table) heights() []float64 {
	out := make([]float64, len(t.Rows))
	for r, row := range t.Rows {
		out[r] = t.leading() + 2*t.pad()
		for c, text := range row {
			if r1, _ := t.last(r, c); text == Above || text == Left || r1 > r {
				continue
			}
			out[r] = max(out[r], t.height(r, c))
		}
	}
	for r, row := range t.Rows {
		for c, text := range row {
			r1, _ := t.last(r, c)
			if text == Above || text == Left || r1 == r {
				continue
			}
			room := 0.0
			for _, h := range out[r : r1+1] {
				room += h
			}
			out[r1] += max(0, t.height(r, c)-room)
		}
	}
	return out
}

// height returns the height that the cell at r, c needs.
func (t Table) height(r, c int) float64 {
	switch t.turned(r, c) {
	case Up, Letters:
		return Width(t.Rows[r][c], t.size(), true) + 2*t.pad() + 2
	case Stacked:
		return float64(len([]rune(t.Rows[r][c])))*t.leading() + 2*t.pad()
	case Upright:
	}
	return float64(len(t.wrap(r, c)))*t.leading() + 2*t.pad()
}

// Draw draws the table and returns the y of its lower end.
func (t Table) Draw(p *Page) float64 {
	y := t.Y
	if t.Caption != "" {
		p.Text(t.X, y+t.size(), t.size()+1, Bold, t.Caption)
		y += 2.5 * t.leading()
	}
	xs, ys := []float64{t.X}, []float64{y}
	for _, w := range t.Widths {
		xs = append(xs, xs[len(xs)-1]+w)
	}
	for _, h := range t.heights() {
		ys = append(ys, ys[len(ys)-1]+h)
	}
	t.ground(p, xs, ys)
	t.borders(p, xs, ys)
	for r, row := range t.Rows {
		for c, text := range row {
			if text != Above && text != Left && text != "" {
				r1, c1 := t.last(r, c)
				t.write(p, r, c, xs[c], ys[r], xs[c1+1], ys[r1+1])
			}
		}
	}
	return ys[len(ys)-1]
}

func (t Table) ground(p *Page, xs, ys []float64) {
	for r, row := range t.Rows {
		switch t.Rules {
		case Shaded:
			if r%2 == 0 {
				p.Shade(xs[0], ys[r], xs[len(xs)-1], ys[r+1])
			}
		case Patches:
			for c, text := range row {
				if text != Above && text != Left {
					const gap = 0.7
					r1, c1 := t.last(r, c)
					p.Shade(xs[c]+gap, ys[r]+gap, xs[c1+1]-gap, ys[r1+1]-gap)
				}
			}
		}
	}
}

func (t Table) borders(p *Page, xs, ys []float64) {
	rows, cols := len(t.Rows), len(t.Widths)
	line := p.Line
	switch t.Rules {
	case Boxes, Framed:
		inside := 0.0
		if t.Rules == Framed {
			inside = 3
			p.Frame(xs[0], ys[0], xs[cols], ys[rows])
		}
		for r, row := range t.Rows {
			for c, text := range row {
				if text != Above && text != Left {
					r1, c1 := t.last(r, c)
					p.Frame(xs[c]+inside, ys[r]+inside, xs[c1+1]-inside, ys[r1+1]-inside)
				}
			}
		}
		return
	case Levels, Headed:
		for r, y := range ys {
			if t.Rules == Levels || r == 0 || r == t.Head || r == rows {
				line(xs[0], y, xs[cols], y)
			}
		}
		return
	case Shaded, Patches, Bare:
		return
	case Doubled:
		line = func(x0, y0, x1, y1 float64) {
			dx, dy := 0.0, 1.0
			if x0 == x1 {
				dx, dy = 1, 0
			}
			p.Line(x0-dx, y0-dy, x1-dx, y1-dy)
			p.Line(x0+dx, y0+dy, x1+dx, y1+dy)
		}
	}
	same := func(r, c, r2, c2 int) bool {
		a, b := t.first(r, c)
		a2, b2 := t.first(r2, c2)
		return a == a2 && b == b2
	}
	for r := range rows + 1 {
		for c := range cols {
			if outer := r == 0 || r == rows; outer && t.Rules != Open || !outer && !same(r-1, c, r, c) {
				line(xs[c], ys[r], xs[c+1], ys[r])
			}
		}
	}
	for c := range cols + 1 {
		for r := range rows {
			if outer := c == 0 || c == cols; outer && t.Rules != Open && t.Rules != Sides || !outer && !same(r, c-1, r, c) {
				line(xs[c], ys[r], xs[c], ys[r+1])
			}
		}
	}
}

// write puts the text of the cell at r, c into its box.
func (t Table) write(p *Page, r, c int, x0, y0, x1, y1 float64) {
	size, font := t.size(), Regular
	if t.bold(r) {
		font = Bold
	}
	text := t.Rows[r][c]
	mid := (x0 + x1) / 2
	switch t.turned(r, c) {
	case Up:
		p.TextUp(mid+0.35*size, y1-t.pad()-1, size, font, text)
		return
	case Letters:
		y := y1 - t.pad() - 1
		for _, letter := range text {
			p.TextUp(mid+0.35*size, y, size, font, string(letter))
			y -= Width(string(letter), size, true)
		}
		return
	case Stacked:
		y := y0 + t.pad() + 0.8*size
		for _, letter := range text {
			p.Text(mid-Width(string(letter), size, true)/2, y, size, font, string(letter))
			y += t.leading()
		}
		return
	case Upright:
	}
	lines := t.wrap(r, c)
	y := y0 + t.pad() + 0.85*size
	if t.Middle {
		y = (y0+y1)/2 - float64(len(lines))*t.leading()/2 + 0.85*size
	}
	align := byte('l')
	if c < len(t.Align) {
		align = t.Align[c]
	}
	if _, c1 := t.last(r, c); t.bold(r) && align != 'l' || c1 > c {
		align = 'c'
	}
	for _, line := range lines {
		w := Width(line, size, t.bold(r))
		x := x0 + t.pad() + 1
		switch align {
		case 'c':
			x = mid - w/2
		case 'r':
			x = x1 - t.pad() - 1 - w
		case '.':
			whole, _, _ := strings.Cut(line, ".")
			x = mid - Width(whole, size, false)
		}
		p.Text(math.Round(x*100)/100, y, size, font, line)
		y += t.leading()
	}
}

// Width returns how wide a text is in Regular, or in Bold, in points; letters beyond
// ASCII count as figures.
func Width(s string, size float64, bold bool) float64 {
	font := &widths[0]
	if bold {
		font = &widths[1]
	}
	sum := 0
	for _, r := range s {
		if i := int(r) - ' '; i >= 0 && i < len(font) {
			sum += font[i]
		} else {
			sum += 556
		}
	}
	return float64(sum) * size / 1000
}

// widths are those of the letters of Helvetica and Helvetica-Bold from the space on,
// in thousandths of an em.
var widths = [2][95]int{{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}, {
	278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
	975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
	333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
	611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
}}
