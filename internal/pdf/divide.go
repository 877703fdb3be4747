package pdf

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// separateParts divides cells that span rows, where each of these rows has a
// number of its own, such as a part's, and a line of the cell beside it: parts
// lists omit the rulings between variants, and a description must not end up
// beside another's number.
func (l *layout) separateParts(g *grid) {
	for c := range g.at[0] {
		for r := 0; r < len(g.at); {
			k, end := g.at[r][c], r+1
			for end < len(g.at) && g.at[end][c] == k {
				end++
			}
			first := c == 0 || g.at[r][c-1] != k
			if end > r+1 && first && l.linesBesideNumbers(g, k, r, end) {
				l.divide(g, k, r, end, c, g.right(r, c))
			}
			r = end
		}
	}
}

// linesBesideNumbers reports whether each row from r to end has a number with a
// line of cell k beside it.
func (l *layout) linesBesideNumbers(g *grid, k, r, end int) bool {
	for ; r < end; r++ {
		found := false
		for c, j := range g.at[r] {
			single := (r == 0 || g.at[r-1][c] != j) && (r+1 == len(g.at) || g.at[r+1][c] != j)
			if j == k || !single || len(g.cells[j].tokens) != 1 {
				continue
			}
			t := &l.tokens[g.cells[j].tokens[0]]
			if !isPartNumber(t.text) {
				continue
			}
			for _, line := range g.cells[k].lines {
				b := l.boxOf(line)
				found = found || math.Abs(b.Y0+b.Y1-t.box.Y0-t.box.Y1) < l.em/2
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// isPartNumber reports whether a word has at least four digits, as the numbers
// of parts do and codes and quantities do not.
func isPartNumber(s string) bool {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n >= 4
}

// divide makes cells of the rows from r to end of cell k, which spans the columns
// from c to last. The columns are divided too, where no line crosses their border.
func (l *layout) divide(g *grid, k, r, end, c, last int) {
	for row := r; row < end; row++ {
		for col := c; col <= last; col++ {
			if g.at[row][col] != k {
				return // the cell is no rectangle
			}
		}
	}
	cell, fresh := g.cells[k], len(g.cells)
	g.cells[k].tokens, g.cells[k].lines = nil, nil
	for row := r; row < end; row++ {
		for col := c; col <= last; col++ {
			if col == c || l.clear(cell.lines, g.xs[col]) {
				g.cells = append(g.cells, gridCell{})
			}
			g.at[row][col] = len(g.cells) - 1
		}
	}
	for _, i := range cell.tokens {
		b := l.tokens[i].box
		row := min(max(interval(g.ys, (b.Y0+b.Y1)/2), r), end-1)
		col := min(max(interval(g.xs, (b.X0+b.X1)/2), c), last)
		part := &g.cells[g.at[row][col]]
		part.tokens = append(part.tokens, i)
	}
	for j := fresh; j < len(g.cells); j++ {
		g.cells[j].lines = l.linesOf(g.cells[j].tokens)
	}
}

// clear reports whether the lines leave a gap around x.
func (l *layout) clear(lines [][]int, x float64) bool {
	for _, line := range lines {
		left, right := math.Inf(-1), math.Inf(1)
		for _, i := range line {
			b := l.tokens[i].box
			if b.X0+b.X1 < 2*x {
				left = max(left, b.X1)
			} else {
				right = min(right, b.X0)
			}
		}
		if left > x || right < x || right-left < gutterGap*l.em {
			return false
		}
	}
	return true
}

// divideRows divides rows whose cells hold several lines that belong together: one
// cell has a figure in each line, as the pins of a plug, or a numbered list, as causes
// of a fault, and another has text beside each of them.
func (l *layout) divideRows(g *grid) {
	for r := len(g.at) - 1; r >= 0; r-- {
		if tops, headed := l.linesOfRow(g, r); len(tops) > 1 {
			l.cutRow(g, r, tops, headed)
		}
	}
}

// ofRow returns the cells that are in row r only, from left to right.
func (g *grid) ofRow(r int) []int {
	var out []int
	for _, k := range g.at[r] {
		if len(out) > 0 && out[len(out)-1] == k ||
			r > 0 && slices.Contains(g.at[r-1], k) || r+1 < len(g.at) && slices.Contains(g.at[r+1], k) {
			continue
		}
		out = append(out, k)
	}
	return out
}

// linesOfRow returns the tops of the lines that are rows of their own in row r, none
// if it is one row. headed says that the first cell heads all of them.
func (l *layout) linesOfRow(g *grid, r int) (tops []float64, headed bool) {
	cells := g.ofRow(r)
	var all []int
	several := 0
	for _, k := range cells {
		if len(g.cells[k].lines) > 1 {
			several++
		}
		all = append(all, g.cells[k].tokens...)
	}
	if several < 2 || slices.ContainsFunc(all, func(i int) bool { return l.tokens[i].dir != 0 }) {
		return nil, false
	}
	lines := rows(l.tokens, all)
	lineOf := map[int]int{}
	for n, line := range lines {
		for _, i := range line {
			lineOf[i] = n
		}
	}
	for n, k := range cells {
		items, listed := g.cells[k].lines, false
		if !l.figures(items) {
			if items, listed = l.list(items), true; n == 0 && k == g.at[r][0] {
				continue
			}
		}
		if len(items) < 2 || lineOf[items[0][0]] != 0 {
			continue
		}
		at := make([]bool, len(lines)) // the lines that begin with the figure
		for _, line := range items {
			at[lineOf[line[0]]] = true
		}
		beside := 0
		for _, j := range cells {
			if j != k && l.startsAt(g.cells[j].lines, lineOf, at, len(items)) {
				beside++
			}
		}
		if beside >= 2 || beside == 1 && (listed || len(items) > 2) {
			for n, line := range lines {
				if at[n] {
					tops = append(tops, l.boxOf(line).Y0)
				}
			}
			return tops, listed
		}
	}
	return l.linesBeside(g, r, cells), true
}

// minBeside is how many lines two cells need to be lists whose items are beside each
// other: two lines may be those of a sentence in either.
const minBeside = 3

// linesBeside returns the tops of the lines of row r if its cells, but for one that
// heads them, are lists of one line each, printed side by side: a cause and what helps.
// Lines of sentences are no such: they fill the width of their cell, and go on small.
func (l *layout) linesBeside(g *grid, r int, cells []int) (tops []float64) {
	if len(cells) > 0 && cells[0] == g.at[r][0] && len(g.cells[cells[0]].lines) < minBeside {
		cells = cells[1:] // it may stand between two lines of the others
	}
	var all []int
	for _, k := range cells {
		all = append(all, g.cells[k].tokens...)
	}
	lines := rows(l.tokens, all)
	lineOf := map[int]int{}
	for n, line := range lines {
		for _, i := range line {
			lineOf[i] = n
		}
	}
	lists, short := 0, 0
	for _, k := range cells {
		cell := &g.cells[k]
		if len(cell.lines) == 0 {
			continue
		}
		full, ok := l.fullLines(g, k, r)
		if !ok || len(cell.lines) != len(lines) || 4*full > len(cell.lines) {
			return nil
		}
		for i, line := range cell.lines {
			if lineOf[line[0]] != i {
				return nil
			}
		}
		lists++
		if full == 0 {
			short++
		}
	}
	if len(lines) < minBeside || lists < 2 || short == 0 {
		return nil
	}
	for _, line := range lines {
		tops = append(tops, l.boxOf(line).Y0)
	}
	return tops
}

// fullLines returns how many lines of cell k in row r, but for the last, had no room for
// the first word of the next. It is not ok when the lines are no items: one goes on
// small, or they do not begin below each other, or all are bold, as headings are.
func (l *layout) fullLines(g *grid, k, r int) (full int, ok bool) {
	const padding = 4 // what tables usually leave free beside a text, in points
	cell := &g.cells[k]
	right := g.xs[g.right(r, slices.Index(g.at[r], k))+1] - padding
	bold := true
	left := l.tokens[cell.lines[0][0]].box.X0
	for i, line := range cell.lines {
		first, last := &l.tokens[line[0]], &l.tokens[line[len(line)-1]]
		if lead, _ := utf8.DecodeRuneInString(first.text); unicode.IsLower(lead) || last.soft || last.readHyphen() ||
			strings.HasSuffix(last.text, ",") || math.Abs(first.box.X0-left) > l.em/2 {
			return 0, false
		}
		bold = bold && first.bold
		if i > 0 {
			above := cell.lines[i-1]
			if right-l.tokens[above[len(above)-1]].box.X1 < 1.3*(first.box.X1-first.box.X0) {
				full++
			}
		}
	}
	return full, !bold
}

// list returns the lines that begin with a number one higher than the last, none if
// the first line is no such.
func (l *layout) list(lines [][]int) [][]int {
	var out [][]int
	last := uint64(0)
	for n, line := range lines {
		text := l.tokens[line[0]].text
		v, err := strconv.ParseUint(strings.TrimRight(strings.TrimLeft(text, "("), ".):"), 10, 8)
		item := err == nil && isBullet(text) && (n == 0 || v == last+1)
		if n == 0 && !item {
			return nil
		}
		if item {
			out, last = append(out, line), v
		}
	}
	return out
}

// figures reports whether each line is a figure, with the same unit if any.
func (l *layout) figures(lines [][]int) bool {
	for _, line := range lines {
		if !strings.ContainsAny(l.tokens[line[0]].text, "0123456789") || len(line) != len(lines[0]) || len(line) > 2 {
			return false
		}
		if len(line) == 2 && l.tokens[line[1]].text != l.tokens[lines[0][1]].text {
			return false
		}
	}
	return true
}

// startsAt reports whether a cell has a line at each of n marked lines, and these do
// not go on a sentence.
func (l *layout) startsAt(lines [][]int, lineOf map[int]int, at []bool, n int) bool {
	found, small := 0, 0
	for _, line := range lines {
		if !at[lineOf[line[0]]] {
			continue
		}
		found++
		if r, _ := utf8.DecodeRuneInString(l.tokens[line[0]].text); unicode.IsLower(r) {
			small++
		}
	}
	return found == n && (small == 0 || small == n)
}

// cutRow divides row r at the tops of its lines but the first. The first cell of the
// row heads all new rows if headed says so, or if it has fewer lines than they are.
func (l *layout) cutRow(g *grid, r int, tops []float64, headed bool) {
	ys := make([]float64, 0, len(tops)-1)
	for _, y := range tops[1:] {
		ys = append(ys, min(max(y-1, g.ys[r]), g.ys[r+1]))
	}
	own := g.ofRow(r)
	fresh := make([][]int, len(tops))
	for i := range fresh {
		fresh[i] = slices.Clone(g.at[r])
	}
	for n, k := range own {
		lines := g.cells[k].lines
		if n == 0 && k == g.at[r][0] && (headed || len(lines) < len(tops)) {
			continue
		}
		first := len(g.cells)
		for range tops {
			g.cells = append(g.cells, gridCell{})
		}
		for _, line := range lines {
			i := 0
			for i < len(ys) && l.boxOf(line).Y0 >= ys[i]-1 {
				i++
			}
			c := &g.cells[first+i]
			c.tokens, c.lines = append(c.tokens, line...), append(c.lines, line)
		}
		for i := range fresh {
			for col := range fresh[i] {
				if fresh[i][col] == k {
					fresh[i][col] = first + i
				}
			}
		}
	}
	g.at = slices.Replace(g.at, r, r+1, fresh...)
	g.ys = slices.Insert(g.ys, r+1, ys...)
}
