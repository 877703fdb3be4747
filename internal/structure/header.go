package structure

import (
	"slices"
	"strings"
)

// look is what a row looks like.
type look struct {
	filled  int
	figures int // cells that begin with a figure, the first column's not counted when it names
	roles   int // cells that name the role of a column
	toggles int // cells that say ON, OFF or the like, each counted once
	long    bool
	ended   bool // a cell reads as a sentence
	bold    bool
	shared  int // cells that span down from the row above
	units   int // cells that are units
	only    int // the only filled column, -1
}

func (x *piece) look(i int) look {
	r := &x.rows[i]
	out := look{only: -1, bold: true}
	var toggles []string
	for k := range r.cells {
		c := &r.cells[k]
		if !c.filled() {
			continue
		}
		out.filled++
		out.only = k
		if c.above {
			out.shared++
		}
		if len(c.words) > headerWords {
			out.long = true
		}
		out.ended = out.ended || sentence(c.text)
		out.bold = out.bold && x.page.bold(c.words)
		role := RoleOther
		if len(c.words) <= headingLimit {
			role = RoleOf(c.text)
		}
		switch {
		case role == RolePosition:
			toggles = append(toggles, folded(c.text))
		case role != RoleOther:
			out.roles++
		case x.page.isUnit(c.words):
			out.units++
		}
		if isFigure(x.page.Words[c.words[0]].Text) && (k > 0 || len(c.words) <= 3) {
			out.figures++
		}
	}
	if out.filled != 1 {
		out.only = -1
	}
	out.bold = out.bold && out.filled > 0
	if slices.Sort(toggles); len(slices.Compact(slices.Clone(toggles))) == len(toggles) {
		out.toggles = len(toggles)
	}
	return out
}

// readHeader tells the rows at the top that are the table's title and headings. A
// table never consists of headings alone unless they name roles.
func (x *piece) readHeader() {
	looks := make([]look, len(x.rows))
	bold, figured := 0, 0
	for i := range x.rows {
		looks[i] = x.look(i)
		if looks[i].bold {
			bold++
		}
		if x.figured(i) {
			figured++
		}
	}
	i := 0
	for i < len(x.rows) && x.page.inFurniture(x.rows[i].words()) {
		i++ // running heads that were taken for a row
	}
	if i == len(x.rows) || looks[i].filled == 0 {
		x.title = i // also where the headings cannot be read, as of a scan
		return
	}
	// Notes and the title may have been taken for rows.
	for n := i; n < len(x.rows)-2 && n < i+2 && looks[n].only >= 0; n++ {
		if next := &looks[n+1]; next.roles >= 2 && !next.long && !next.ended && 2*next.roles >= next.filled {
			i = n + 1
			break
		}
	}
	if i < len(x.rows) && x.isTitle(i, looks) {
		i++
	}
	// Figures that head the columns of a chart, below its title and what they are.
	chart := i - 1
	for k := i; k < min(i+3, len(x.rows)-2) && chart < i; k++ {
		if x.axis(k) || x.otherUnit(k) {
			chart = k
		} else if looks[k].only < 0 {
			break
		}
	}
	if chart > i && looks[i].only == 0 {
		i++
	}
	x.splitCaption(i)
	x.title = i
	// Bold tells only where the rows below are not.
	mostBold := 2*(bold-1) > len(x.rows)
	values := 3*figured >= len(x.rows)-i
	named := false   // a row above names the columns
	setBold := false // the first row of headings is set apart from the rows below
	for n := 0; n < headerRows && i < len(x.rows)-1; n++ {
		l := &looks[i]
		if x.headed && i == 0 || i <= chart {
			i++
			continue
		}
		if !x.isHeader(i, l, n, values, named, mostBold) || n > 0 && setBold && !l.bold && !x.sharesDown(i, l, n) && l.units == 0 {
			break
		}
		setBold = setBold || n == 0 && l.bold && !mostBold
		named = named || l.roles >= 2
		i++
	}
	x.header = i - x.title
	if x.header > 0 && x.header == len(x.rows)-x.title-1 && x.header > 1 {
		x.trimHeader(looks)
	}
}

// splitCaption takes a numbered caption out of the first heading when it was read
// as a line of it: "Table 5 Resistances | Component".
func (x *piece) splitCaption(i int) {
	if x.title > 0 || i >= len(x.rows)-1 || x.rows[i].filled() < 2 {
		return
	}
	c := &x.rows[i].cells[0]
	if !c.filled() || !caption.MatchString(c.text) {
		return
	}
	line := x.page.lineOf[c.words[0]]
	n := 0
	for n < len(c.words) && x.page.lineOf[c.words[n]] == line {
		n++
	}
	x.caption = c.words[:n]
	c.words = c.words[n:]
	c.text = x.page.text(c.words)
}

// trimHeader takes back rows of a table that is nearly all headings, from the last
// that is not set bold or does not share a cell with the one above.
func (x *piece) trimHeader(looks []look) {
	for n := x.header; n > 1; n-- {
		l := &looks[x.title+n-1]
		if !l.bold && l.shared == 0 && l.roles < 2 {
			x.header = n - 1
		}
	}
}

// figured reports whether a row has figures beside its name.
func (x *piece) figured(i int) bool {
	for k := 1; k < x.n; k++ {
		c := &x.rows[i].cells[k]
		if c.filled() && len(c.words) <= 8 && isFigure(x.page.Words[c.words[0]].Text) {
			return true
		}
	}
	return false
}

// isTitle reports whether row i is the table's title: its only cell, over headings.
func (x *piece) isTitle(i int, looks []look) bool {
	l := &looks[i]
	if l.only < 0 || len(x.rows)-i < 3 || x.n < 2 || looks[i+1].filled < 2 {
		return false
	}
	c := &x.rows[i].cells[l.only]
	if caption.MatchString(c.text) {
		return true
	}
	spans := c.span > x.n/2 && c.span > 1
	return spans && !l.ended && !looks[i+1].long && (looks[i+1].roles >= 2 || looks[i+1].figures == 0 && (l.bold || looks[i+1].bold))
}

// isHeader reports whether row i, below n others, is one of headings.
func (x *piece) isHeader(i int, l *look, n int, values, named, mostBold bool) bool {
	switch {
	case l.filled == 0 || l.long:
		return false
	case x.sharesDown(i, l, n):
		return true
	case l.ended:
		return false
	case l.roles >= 2 && !named && 2*l.roles >= min(l.filled, 4), l.roles >= 1 && l.toggles == 2 && n == 0:
		return true
	case l.only > 0:
		return l.bold && !mostBold && n == 0 // a group's heading over its columns
	case l.only == 0:
		return false // a heading between rows
	case l.figures == 0 && l.units > 0 && n > 0 && l.units+1 >= l.filled:
		return true // the units below the names
	case l.bold && !mostBold && 2*l.figures < l.filled:
		return true
	case n == 0 && l.figures == 0 && l.filled == x.n && x.n > 2 && !isItem(x.rows[i].cells[0].text) && x.countsFrom(i+1) && x.short(i):
		return true
	case values && l.figures == 0 && n < 2 && l.filled >= max(2, x.n/2):
		return n == 0 || !named && len(x.rows[i].cells[0].words) == 0
	case n == 0 && l.roles == 1 && l.figures == 0 && x.n == 2 && l.filled == 2:
		return len(x.rows[i].cells[0].words) <= 3 && len(x.rows[i].cells[1].words) <= 3 && (i == 0 || x.title > 0)
	}
	return false
}

// sharesDown reports whether a heading of the row above spans down over this row,
// and ends soon: else it is a name that spans over the whole table.
func (x *piece) sharesDown(i int, l *look, n int) bool {
	if n == 0 || l.shared == 0 {
		return false
	}
	for k := range x.rows[i].cells {
		if !x.rows[i].cells[k].above || !x.rows[i].cells[k].filled() {
			continue
		}
		end := i + 1
		for end < len(x.rows) && x.rows[end].cells[k].above {
			end++
		}
		if end-i+n <= headerRows && end < len(x.rows) && !(k == 0 && l.filled > 1 && l.shared == 1 && x.repeatsNames(end)) {
			return true
		}
	}
	return false
}

// repeatsNames reports whether the first column has cells that span down below
// row i too: then they name groups of rows, and are no headings.
func (x *piece) repeatsNames(i int) bool {
	for ; i < len(x.rows); i++ {
		if c := &x.rows[i].cells[0]; c.above && c.filled() {
			return true
		}
	}
	return false
}

// axis reports whether row i holds the figures of an axis: a name first, then
// figures that rise or fall, over rows that do the same in the first column.
func (x *piece) axis(i int) bool {
	if x.n < 3 || len(x.rows)-i < 3 {
		return false
	}
	c := &x.rows[i].cells[0]
	if c.filled() && isFigure(x.page.Words[c.words[0]].Text) {
		return false
	}
	var across, down []float64
	for k := 1; k < x.n; k++ {
		f, ok := x.figure(i, k)
		if !ok {
			return false
		}
		across = append(across, f)
	}
	for r := i + 1; r < len(x.rows); r++ {
		f, ok := x.figure(r, 0)
		if !ok {
			return false
		}
		down = append(down, f)
	}
	return monotone(across) && monotone(down)
}

// countsFrom reports whether the rows from i on are numbered.
func (x *piece) countsFrom(i int) bool {
	n := 0
	for ; i < len(x.rows); i++ {
		c := &x.rows[i].cells[0]
		if !c.filled() {
			continue
		}
		if !isItem(c.text) {
			return false
		}
		n++
	}
	return n > 0
}

// short reports whether all cells of row i are as short as headings.
func (x *piece) short(i int) bool {
	return !slices.ContainsFunc(x.rows[i].cells, func(c pieceCell) bool { return len(c.words) > 3 })
}

// otherUnit reports whether row i has figures in one unit over figures in others: a
// name first, then "10% 40% 55%" over volts.
func (x *piece) otherUnit(i int) bool {
	if x.n < 3 || len(x.rows)-i < 3 {
		return false
	}
	if c := &x.rows[i].cells[0]; c.filled() && isFigure(x.page.Words[c.words[0]].Text) {
		return false
	}
	unit := x.unitIn(i, 1)
	if unit == "" {
		return false
	}
	for k := 2; k < x.n; k++ {
		if x.unitIn(i, k) != unit {
			return false
		}
	}
	for r := i + 1; r < len(x.rows); r++ {
		for k := 1; k < x.n; k++ {
			if u := x.unitIn(r, k); u == unit {
				return false
			}
		}
	}
	return true
}

// unitIn returns the unit behind the figure of a cell that is nothing else, "" when
// there is none.
func (x *piece) unitIn(r, k int) string {
	c := &x.rows[r].cells[k]
	if !c.filled() || len(c.words) > 2 || !isFigure(c.text) {
		return ""
	}
	unit := strings.TrimLeft(c.text, "0123456789.,+-−–±<>≤≥~ ")
	if unit == "" || !isUnitText(unit) {
		return ""
	}
	return unit
}

func (x *piece) figure(r, k int) (float64, bool) {
	c := &x.rows[r].cells[k]
	if !c.filled() || len(c.words) > 4 {
		return 0, false
	}
	return figureOf(x.page.Words[c.words[0]].Text)
}

func monotone(v []float64) bool {
	up, down := true, true
	for i := 1; i < len(v); i++ {
		up, down = up && v[i] > v[i-1], down && v[i] < v[i-1]
	}
	return (up || down) && len(v) >= 2
}
