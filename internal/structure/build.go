package structure

import (
	"math"
	"slices"
	"strings"
)

// table makes the logical table of its pieces.
func (s *stitched) table(o Options) Table {
	first := s.pieces[0]
	v := first.page
	t := Table{Section: -1, Language: o.Languages[v.Number], Columns: make([]Column, first.n)}
	headings := first.headings()
	for k := range t.Columns {
		c := &t.Columns[k]
		c.Heading = first.heading(k)
		c.Role = RoleOf(c.Heading)
		for i, words := range headings[k] {
			c.Words = append(c.Words, v.span(words))
			if c.Role == RoleOther && i > 0 {
				c.Role = RoleOf(v.text(words)) // "Part number" over "T25 series"
			}
			if u := v.unitOf(words); u.Text != "" {
				c.Unit = u
			} else if i > 0 && v.isUnit(words) {
				c.Unit = v.fact(words) // below the name
			}
			if f, ok := v.condition(words, true); ok {
				c.Conditions = append(c.Conditions, f)
			}
		}
		for i := 0; c.Role == RoleOther && i < len(headings[k])-1; i++ {
			c.Role = RoleOf(v.text(headings[k][i]))
		}
	}
	t.settleNumbers(s)
	if words := first.titleRow(); len(words) > 0 {
		t.Title = v.fact(words)
	} else if words := v.titleAbove(first); len(words) > 0 {
		t.Title = v.fact(words)
	}
	if f, ok := v.condition(t.Title.Words, false); ok {
		t.Conditions = append(t.Conditions, f)
	}
	t.Unit = v.unitOf(t.Title.Words)

	for i, x := range s.pieces {
		from := x.title + x.header
		if i > 0 {
			from = max(s.repeats[i], x.title)
		}
		part := Part{Page: x.page.Number, Table: x.table, Box: x.box, FirstColumn: x.first, HeaderRows: from, FirstRow: len(t.Rows)}
		if i > 0 && s.repeats[i] > 0 {
			part.Headings = x.repeatedHeadings(from, first.header)
		}
		t.Parts = append(t.Parts, part)
		rows := x.rows[min(from, len(x.rows)):]
		for r := range rows {
			if r == 0 && i > 0 && s.pieces[i-1].page != x.page && t.goesOnInto(x, &rows[0]) {
				t.continueRow(x, &rows[0])
				continue
			}
			t.Rows = append(t.Rows, x.tableRow(&rows[r]))
		}
	}
	t.findNames(s)
	t.findGroups(s)
	t.findRowFacts(s)
	t.Kind = t.kind()
	return t
}

// settleNumbers decides what columns are that only say "Code" or "No.": codes in a
// table of faults, else part numbers or the numbers of the entries.
func (t *Table) settleNumbers(s *stitched) {
	faults := slices.ContainsFunc(t.Columns, func(c Column) bool {
		return c.Role == RoleCause || c.Role == RoleSymptom || c.Role == RoleMeaning
	}) && slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Role == RoleCause || c.Role == RoleRemedy })
	for k := range t.Columns {
		c := &t.Columns[k]
		switch {
		case c.Role != RoleCode || faults:
		case s.listsPartNumbers(k):
			c.Role = RolePartNumber
		case numberHead(c.Heading):
			c.Role = RoleItem
		}
	}
}

// listsPartNumbers reports whether most cells of a column are one word with at
// least five digits: no code of an error is that long.
func (s *stitched) listsPartNumbers(k int) bool {
	n, numbers := 0, 0
	for _, x := range s.pieces {
		for i := x.title + x.header; i < len(x.rows); i++ {
			c := &x.rows[i].cells[k]
			if !c.filled() {
				continue
			}
			n++
			digits := 0
			for _, r := range x.page.Words[c.words[0]].Text {
				if r >= '0' && r <= '9' {
					digits++
				}
			}
			if digits >= 5 {
				numbers++
			}
		}
	}
	return n > 0 && 4*numbers >= 3*n
}

// titleRow returns the words of the title that is the table's first row.
func (x *piece) titleRow() []int {
	if len(x.caption) > 0 {
		return x.caption
	}
	if x.title == 0 {
		return nil
	}
	words := x.rows[x.title-1].words()
	if x.page.inFurniture(words) || len(words) > titleWords || sentence(x.page.text(words)) {
		return nil // a note
	}
	return words
}

// repeatedHeadings returns the words of the headings as the piece repeats them in
// the header rows above row to.
func (x *piece) repeatedHeadings(to, header int) [][]Span {
	y := *x
	y.title, y.header = to-header, header
	out := make([][]Span, x.n)
	for k, cells := range y.headings() {
		for _, words := range cells {
			out[k] = append(out[k], x.page.span(words))
		}
	}
	return out
}

func (x *piece) tableRow(r *pieceRow) Row {
	out := Row{At: []RowAt{{Page: x.page.Number, Table: x.table, Row: r.index, Box: r.box}}, Cells: make([]Cell, len(r.cells))}
	for k := range r.cells {
		c := &r.cells[k]
		out.Cells[k].Columns = c.span
		if !c.filled() {
			continue
		}
		out.Cells[k] = Cell{Text: c.text, Words: []Span{x.page.span(c.words)}, Columns: c.span, Above: c.above}
	}
	return out
}

// goesOnInto reports whether the first row of a piece is the rest of the last row
// of the page before: it lacks what every other row has, the name.
func (t *Table) goesOnInto(x *piece, r *pieceRow) bool {
	if len(t.Rows) == 0 || r.filled() == 0 {
		return false
	}
	for k := range r.cells {
		if r.cells[k].filled() {
			return false // from the first column on: all before this one are empty
		}
		filled, n := 0, 0
		for i := range t.Rows {
			if !t.Rows[i].Cells[k].Empty() {
				filled++
			}
			n++
		}
		for i := range x.rows {
			if x.rows[i].index > r.index {
				if x.rows[i].cells[k].filled() {
					filled++
				}
				n++
			}
		}
		if n >= 3 && 10*filled >= 9*n {
			return true
		}
	}
	return false
}

// continueRow adds the rest of the table's last row.
func (t *Table) continueRow(x *piece, r *pieceRow) {
	last := &t.Rows[len(t.Rows)-1]
	last.At = append(last.At, RowAt{Page: x.page.Number, Table: x.table, Row: r.index, Box: r.box})
	for k := range r.cells {
		c := &r.cells[k]
		if !c.filled() {
			continue
		}
		cell, _ := t.Cell(len(t.Rows)-1, k)
		if cell.Text != "" {
			cell.Text += " "
		}
		cell.Text += c.text
		cell.Words = append(cell.Words, x.page.span(c.words))
	}
}

// page returns the page of a row's first place.
func (s *stitched) pageOf(number int) *page {
	i := slices.IndexFunc(s.pieces, func(x *piece) bool { return x.page.Number == number })
	return s.pieces[i].page
}

// maxNames is how many columns name the rows at most.
const maxNames = 3

// findNames tells which columns name the rows: the first, and those behind it
// while what stands before them does not tell the rows apart.
func (t *Table) findNames(s *stitched) {
	if len(t.Columns) == 0 {
		return
	}
	for k := range min(len(t.Columns), maxNames) {
		if k > 0 {
			numbered, repeated := t.needsMore(k - 1)
			if k == len(t.Columns)-1 || slices.Contains(valueRoles, t.Columns[k].Role) || !repeated && (!numbered || t.figures(s, k)) {
				return
			}
		}
		t.Columns[k].Names = true
	}
}

// valueRoles are of columns that never name a row.
var valueRoles = []Role{RolePosition, RoleDefault, RoleRange, RoleUnit, RoleQuantity, RoleRemedy, RolePage}

// needsMore reports whether column k does not tell what its rows are, so that the
// next is a name too: it only numbers them, or its cells span rows or repeat.
func (t *Table) needsMore(k int) (numbered, repeated bool) {
	switch t.Columns[k].Role {
	case RoleItem:
		return true, false
	case RoleCode, RoleSymptom, RolePartNumber, RoleCause:
		return false, false
	default:
	}
	again, numbers, n := 0, 0, 0
	var last string
	for i := range t.Rows {
		c := &t.Rows[i].Cells[k]
		if c.Above || k == 0 && c.Empty() && last != "" || c.Text != "" && c.Text == last {
			again++
		}
		if c.Empty() {
			continue
		}
		last = c.Text
		n++
		if isItem(c.Text) {
			numbers++
		}
	}
	// Figures with a unit are values, and name their rows as they are.
	numbered = n >= 2 && numbers == n && !t.Columns[k].quantified()
	return numbered, again >= 2 && 3*again >= len(t.Rows)
}

// quantified reports whether the heading says that the column's figures are
// values: it has a unit or a condition.
func (c *Column) quantified() bool { return c.Unit.Text != "" || len(c.Conditions) > 0 }

// isItem reports whether a text is only the number of an entry: 3, (3), 3., P03.
func isItem(text string) bool {
	digits, letters := 0, 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '(' || r == ')' || r == '.' || r == '-' || r == '[' || r == ']':
		default:
			letters++
		}
	}
	return digits >= 1 && digits <= 3 && letters <= 1
}

// figures reports whether most filled cells of a column begin with a figure.
func (t *Table) figures(s *stitched, k int) bool {
	n, figures := 0, 0
	for i := range t.Rows {
		c := &t.Rows[i].Cells[k]
		if c.Empty() {
			continue
		}
		n++
		if isFigure(s.pageOf(c.Words[0].Page).Words[c.Words[0].Words[0]].Text) {
			figures++
		}
	}
	return n > 0 && 2*figures > n && t.Columns[k].Role != RoleItem
}

// findGroups marks the headings between rows and tells each row which it stands
// under.
func (t *Table) findGroups(s *stitched) {
	type level struct {
		span Span
		bold bool
		x    float64
	}
	var open []level
	after := false // the row before was a heading
	bodyBold := 0
	for i := range t.Rows {
		if c := &t.Rows[i].Cells[0]; !c.Empty() && s.pageOf(c.Words[0].Page).bold(c.Words[0].Words) {
			bodyBold++
		}
	}
	mostBold := 2*bodyBold > len(t.Rows)
	for i := range t.Rows {
		r := &t.Rows[i]
		if !t.isGroup(s, i, mostBold) {
			after = false
			for _, l := range open {
				r.Group = append(r.Group, l.span)
			}
			continue
		}
		c := &r.Cells[0]
		v := s.pageOf(c.Words[0].Page)
		l := level{c.Words[0], v.bold(c.Words[0].Words), v.Words[c.Words[0].Words[0]].Box.X0}
		if !after {
			// It takes the place of the last that looks the same, and of what was below it.
			same := slices.IndexFunc(open, func(o level) bool { return o.bold == l.bold && max(o.x-l.x, l.x-o.x) < 6 })
			open = open[:max(same, 0)]
		}
		for _, o := range open {
			r.Group = append(r.Group, o.span)
		}
		open = append(slices.Clone(open), l)
		r.Heading, after = true, true
	}
}

// isGroup reports whether row i is a heading between rows: its first cell is its
// only one, and spans over the others or is set apart from the other names.
func (t *Table) isGroup(s *stitched, i int, mostBold bool) bool {
	r := &t.Rows[i]
	c := &r.Cells[0]
	if c.Empty() || c.Above || i == len(t.Rows)-1 || len(c.Words) > 1 || len(c.Words[0].Words) > headerWords || sentence(c.Text) {
		return false
	}
	for k := 1; k < len(r.Cells); k++ {
		if !r.Cells[k].Empty() {
			return false
		}
	}
	v := s.pageOf(c.Words[0].Page)
	return len(r.Cells) > 1 && (c.Columns == len(r.Cells) || !mostBold && v.bold(c.Words[0].Words)) && !isFigure(v.Words[c.Words[0].Words[0]].Text)
}

// findRowFacts notes the units and conditions that rows tell.
func (t *Table) findRowFacts(s *stitched) {
	unitColumn := t.unitColumn(s)
	for i := range t.Rows {
		r := &t.Rows[i]
		if unitColumn > 0 {
			if c, _ := t.Cell(i, unitColumn); !c.Empty() {
				if v := s.pageOf(c.Words[0].Page); v.isUnit(c.Words[0].Words) {
					r.Unit = v.fact(c.Words[0].Words)
				}
			}
		}
		for _, g := range r.Group {
			v := s.pageOf(g.Page)
			if f, ok := v.condition(g.Words, true); ok {
				r.Conditions = append(r.Conditions, f)
			}
		}
		for k := range t.Columns {
			c := &r.Cells[k]
			if !t.Columns[k].Names || c.Empty() {
				continue
			}
			v := s.pageOf(c.Words[0].Page)
			words := c.Words[0].Words
			if r.Unit.Text == "" {
				r.Unit = v.bracketedUnit(words) // "Rated current (A)"
			}
			if _, ok := v.condition(words, true); ok || isFigure(v.Words[words[0]].Text) && t.Columns[k].quantified() {
				f := Fact{Text: c.Text, Span: c.Words[0]}
				if t.Columns[k].Heading != "" {
					f.Text = t.Columns[k].Heading + ": " + c.Text
				}
				r.Conditions = append(r.Conditions, f)
			}
		}
	}
}

// unitColumn returns the column that holds the units of the rows, -1 when there is
// none. Other names may stand in it too: "Air", "Water".
func (t *Table) unitColumn(s *stitched) int {
	for k := 1; k < len(t.Columns); k++ {
		units, n := 0, 0
		for i := range t.Rows {
			c := &t.Rows[i].Cells[k]
			if c.Empty() || c.Columns == 0 {
				continue
			}
			n++
			if s.pageOf(c.Words[0].Page).isUnit(c.Words[0].Words) {
				units++
			}
		}
		if t.Columns[k].Role == RoleUnit && 2*units >= n && n > 0 || units >= 2 && 2*units >= n {
			if 5*units >= 4*n {
				t.Columns[k].Role = RoleUnit
			}
			return k
		}
	}
	return -1
}

// unit returns the unit of a cell: of its row, its column, or the whole table.
func (t *Table) unit(row, column int) Fact {
	switch {
	case t.Rows[row].Unit.Text != "":
		return t.Rows[row].Unit
	case t.Columns[column].Unit.Text != "":
		return t.Columns[column].Unit
	}
	return t.Unit
}

// kind guesses what the table is about from the roles of its columns and from its
// figures.
func (t *Table) kind() TableKind {
	has := func(roles ...Role) bool {
		return slices.ContainsFunc(t.Columns, func(c Column) bool { return slices.Contains(roles, c.Role) })
	}
	first := RoleOther
	if len(t.Columns) > 0 {
		first = t.Columns[0].Role
	}
	switch {
	case has(RolePartNumber) && !has(RoleRemedy, RoleCause), has(RoleQuantity) && has(RoleItem, RoleMeaning) && !has(RoleRemedy):
		return KindParts
	case has(RoleCode) && has(RoleRemedy, RoleCause), first == RoleCode && has(RoleMeaning):
		return KindCodes
	case has(RoleSymptom, RoleCause) && has(RoleRemedy, RoleCause) && !has(RoleDefault):
		return KindTroubleshooting
	case has(RoleParameter, RoleItem) && has(RoleDefault), has(RoleParameter) && has(RolePosition, RoleRange), has(RoleDefault) && has(RoleRange):
		return KindSettings
	}
	figures, filled := 0, 0
	for i := range t.Rows {
		for k := range t.Rows[i].Cells {
			c := &t.Rows[i].Cells[k]
			if c.Empty() || t.Columns[k].Names {
				continue
			}
			filled++
			if isFigure(c.Text) {
				figures++
			}
		}
	}
	switch {
	case has(RolePage) && len(t.Columns) <= 3 && !has(RoleCode), t.listsPages():
		return KindContents
	case figures >= 2 && 2*figures >= filled:
		return KindValues
	}
	return KindOther
}

// listsPages reports whether a table without headings is one of contents: its last
// column counts up.
func (t *Table) listsPages() bool {
	const entries = 6
	last := len(t.Columns) - 1
	if last < 1 || t.Columns[0].Heading != "" || len(t.Rows) < entries {
		return false
	}
	n, before := 0, 0.0
	for i := range t.Rows {
		c := &t.Rows[i].Cells[last]
		if c.Empty() {
			continue
		}
		f, ok := figureOf(c.Text)
		if !ok || f < before || f != math.Trunc(f) || strings.ContainsRune(c.Text, ' ') {
			return false
		}
		n, before = n+1, f
	}
	return n >= entries && 4*n >= 3*len(t.Rows)
}
