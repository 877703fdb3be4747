package search

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/structure"
)

const (
	// cellGap is what lies between the words of two columns at least, as a part of
	// their height.
	cellGap = 0.9
	// startSlack is how far the beginnings of two cells of a column lie apart at most,
	// in points.
	startSlack = 3
)

// partCells are the words of a row by column. above tells those that are the cell of
// the row above.
type partCells struct {
	words  [][]ref
	above  []bool
	shared [][]ref // of a number that holds for several models
}

// cells divides a row's words into its columns. A cell that spans columns has no
// ruling between them: its words belong to the column they stand in. It is not ok
// when that is not certain.
func (r *partReader) cells(g *partSegment, row *structure.Row) (*partCells, bool) {
	n := len(g.roles)
	out := &partCells{words: make([][]ref, n), above: make([]bool, n), shared: make([][]ref, n)}
	sure := true
	for k := range len(row.Cells) {
		c := &row.Cells[k]
		if c.Empty() || c.Columns == 0 {
			continue
		}
		refs := r.sheets.refs(c.Words...)
		last := min(k+c.Columns, n) - 1
		if last <= k {
			out.words[k], out.above[k] = refs, c.Above
			continue
		}
		if !r.divide(g, out, refs, k, last) {
			sure = false
		}
		for j := k; j <= last; j++ {
			out.above[j] = c.Above
		}
	}
	return out, sure
}

// divide gives the words of a cell over the columns first to last to these.
func (r *partReader) divide(g *partSegment, out *partCells, refs []ref, first, last int) bool {
	if r.centred(g, refs, first, last) {
		for k := first; k <= last; k++ {
			out.shared[k] = refs
		}
		return true
	}
	at := first
	var before ref
	for i, w := range refs {
		e := r.sheets.extent(w)
		sameLine := i > 0 && r.sheets.line(before) == r.sheets.line(w)
		if !sameLine {
			at = r.columnAt(g, e, first, last)
		} else if b := r.sheets.extent(before); e.from-b.to > cellGap*e.height() {
			at = max(at, r.columnAt(g, e, first, last))
		} else if k := r.columnAt(g, e, first, last); k > at && g.roles[k] == structure.RolePartNumber && isOrderNumber(r.sheets.word(w).Text) {
			if e.from < g.columns[k].from-startSlack {
				return false // the text before runs into the number
			}
			at = k
		} else if k > at && g.roles[at] == structure.RoleItem {
			at = k // an item's number is short
		}
		out.words[at] = append(out.words[at], w)
		before = w
	}
	return true
}

// columnAt returns the column between first and last in which something begins.
func (r *partReader) columnAt(g *partSegment, e extent, first, last int) int {
	for k := last; k > first; k-- {
		if c := g.columns[k]; c != (extent{}) && e.middle() >= c.from-startSlack {
			return k
		}
	}
	return first
}

// centred reports whether a cell is one number in the middle of all the columns of
// models that it spans: it holds for each.
func (r *partReader) centred(g *partSegment, refs []ref, first, last int) bool {
	if len(g.numbers) == 0 || !slices.Contains(g.numbers, first) || !slices.Contains(g.numbers, last) || len(refs) != 1 {
		return false
	}
	at := r.sheets.extent(refs[0]).middle()
	off := func(a, b extent) float64 { d := (a.from+b.to)/2 - at; return max(d, -d) }
	all := off(g.columns[first], g.columns[last])
	for k := first; k <= last; k++ {
		if c := g.columns[k]; c == (extent{}) || off(c, c) <= all {
			return false
		}
	}
	return true
}

// lines divides the cells of a row into those of several parts, where the cell of
// the numbers has several, each on a line of its own. It is not ok when a word
// stands in no line of a number.
func (r *partReader) lines(g *partSegment, c *partCells) ([]*partCells, bool) {
	numbers := c.words[g.number]
	if len(numbers) < 2 {
		return []*partCells{c}, true
	}
	var bands []extent
	for _, w := range numbers {
		e := r.sheets.extent(w)
		if len(bands) > 0 && e.top < bands[len(bands)-1].bottom-e.height()/2 && e.bottom > bands[len(bands)-1].top+e.height()/2 {
			return []*partCells{c}, true // two words of one line
		}
		if !isOrderNumber(r.sheets.word(w).Text) {
			return []*partCells{c}, true
		}
		bands = append(bands, e)
	}
	out := make([]*partCells, len(bands))
	for i := range out {
		out[i] = &partCells{words: make([][]ref, len(c.words)), above: c.above, shared: make([][]ref, len(c.words))}
	}
	for k, refs := range c.words {
		for _, w := range refs {
			e := r.sheets.extent(w)
			at := slices.IndexFunc(bands, func(b extent) bool {
				return e.across() > b.top-b.height()*0.1 && e.across() < b.bottom+b.height()*0.1
			})
			if at < 0 {
				return nil, false
			}
			out[at].words[k] = append(out[at].words[k], w)
		}
	}
	return out, true
}

// orderNumber reads the number of a row's cell. rest are the words of the cell that
// are no part of it; overflow says that they are the end of the description, which
// was printed over the column's edge.
func (r *partReader) orderNumber(g *partSegment, c *partCells, column int) (number Printed, rest []ref, ok bool) {
	refs := c.words[column]
	if len(refs) == 0 {
		refs = c.shared[column]
	}
	if len(refs) == 0 {
		return Printed{}, nil, true
	}
	words := make([]string, len(refs))
	for i, w := range refs {
		words[i] = strings.Trim(r.sheets.word(w).Text, ",;()|")
	}
	text, ok := spelled(words)
	if !ok {
		return Printed{}, refs, true // "Not available"
	}
	out := r.sheets.printed(g.heads[column], refs)
	out.Text = text
	confidence := r.sheets.confidence(refs)
	switch {
	case column != g.number:
	case confidence > 0 && g.pattern != "" && numberPattern(text) != g.pattern:
		return Printed{}, nil, false // OCR has taken something else for it, or a letter for a digit
	case g.shape != "" && numberShape(text) != g.shape:
		if alone, cut := glued(text, g.shape); cut && len(words) == 1 && r.touches(g, c, refs[0]) {
			out.Text = alone
		}
	}
	if confidence > 0 && confidence < leastConfidence {
		return Printed{}, nil, false
	}
	return out, nil, true
}

// touches reports whether a row's description reaches to a word.
func (r *partReader) touches(g *partSegment, c *partCells, w ref) bool {
	if g.describes < 0 || len(c.words[g.describes]) == 0 {
		return false
	}
	d, e := r.sheets.around(c.words[g.describes]), r.sheets.extent(w)
	return e.from-d.to < cellGap*e.height() && e.from > d.from
}
