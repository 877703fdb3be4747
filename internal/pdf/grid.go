package pdf

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// grid is a table on its way: cells that hold tokens, in rows and columns.
type grid struct {
	box    Box
	ys, xs []float64 // the borders of rows and columns, one more than there are
	// at tells the cell of each row and column: an index into cells. Neighbours
	// with the same index are one cell that spans them.
	at    [][]int
	cells []gridCell
	loose bool // without rulings of its own
}

type gridCell struct {
	tokens []int
	lines  [][]int
}

func newGrid(ys, xs []float64) grid {
	g := grid{box: Box{xs[0], ys[0], xs[len(xs)-1], ys[len(ys)-1]}, ys: ys, xs: xs}
	for range len(ys) - 1 {
		row := make([]int, len(xs)-1)
		for c := range row {
			row[c] = len(g.cells)
			g.cells = append(g.cells, gridCell{})
		}
		g.at = append(g.at, row)
	}
	return g
}

// dropStrips removes rows and columns narrower than least that hold no text of their
// own: what is between the frames of cells.
func (g *grid) dropStrips(least float64) {
	for r := len(g.at) - 1; r >= 0 && len(g.at) > 2; r-- {
		if g.ys[r+1]-g.ys[r] >= least {
			continue
		}
		strip := true
		for _, k := range g.at[r] {
			strip = strip && (len(g.cells[k].tokens) == 0 || r > 0 && slices.Contains(g.at[r-1], k) || r+1 < len(g.at) && slices.Contains(g.at[r+1], k))
		}
		if strip {
			g.at = slices.Delete(g.at, r, r+1)
			g.ys = slices.Delete(g.ys, min(r+1, len(g.ys)-2), min(r+1, len(g.ys)-2)+1)
		}
	}
	for c := len(g.at[0]) - 1; c >= 0 && len(g.at[0]) > 2; c-- {
		if g.xs[c+1]-g.xs[c] >= least {
			continue
		}
		strip := true
		for _, row := range g.at {
			k := row[c]
			strip = strip && (len(g.cells[k].tokens) == 0 || c > 0 && row[c-1] == k || c+1 < len(row) && row[c+1] == k)
		}
		if strip {
			for r := range g.at {
				g.at[r] = slices.Delete(g.at[r], c, c+1)
			}
			g.xs = slices.Delete(g.xs, min(c+1, len(g.xs)-2), min(c+1, len(g.xs)-2)+1)
		}
	}
}

// interval returns the index of the interval between borders that holds v, -1
// if none does.
func interval(borders []float64, v float64) int {
	if len(borders) < 2 || v < borders[0] || v > borders[len(borders)-1] {
		return -1
	}
	for i := 1; i < len(borders); i++ {
		if v < borders[i] {
			return i - 1
		}
	}
	return len(borders) - 2
}

// fill assigns the free tokens inside of the grid to its cells.
func (l *layout) fill(g *grid) (taken []int) {
	for i := range l.tokens {
		if l.inGrid[i] {
			continue
		}
		b := l.tokens[i].box
		r, c := interval(g.ys, (b.Y0+b.Y1)/2), interval(g.xs, (b.X0+b.X1)/2)
		if r < 0 || c < 0 {
			continue
		}
		cell := &g.cells[g.at[r][c]]
		cell.tokens = append(cell.tokens, i)
		taken = append(taken, i)
	}
	for k := range g.cells {
		g.cells[k].lines = l.linesOf(g.cells[k].tokens)
	}
	return taken
}

// keep adds the grid to the page's tables.
func (l *layout) keep(g grid, taken []int) {
	for _, i := range taken {
		l.inGrid[i] = true
	}
	l.grids = append(l.grids, g)
}

// table turns a grid into the table of the page.
func (l *layout) table(gi int, index []int, out func(Box) Box) Table {
	g := &l.grids[gi]
	t := Table{Box: out(g.box)}
	for r := range g.at {
		row := Row{Box: out(Box{g.box.X0, g.ys[r], g.box.X1, g.ys[r+1]})}
		for c, k := range g.at[r] {
			cell := Cell{Box: out(Box{g.xs[c], g.ys[r], g.xs[c+1], g.ys[r+1]})}
			if c == 0 || g.at[r][c-1] != k {
				cell.Box = out(Box{g.xs[c], g.ys[r], g.xs[g.right(r, c)+1], g.ys[r+1]})
				lines := slices.DeleteFunc(slices.Clone(g.cells[k].lines), l.isCipher)
				cell.Text = l.cellText(lines)
				for _, line := range lines {
					for _, i := range line {
						cell.Words = append(cell.Words, index[i])
					}
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// right returns the last column that the cell at r, c spans.
func (g *grid) right(r, c int) int {
	k := g.at[r][c]
	for c+1 < len(g.at[r]) && g.at[r][c+1] == k {
		c++
	}
	return c
}

// cellText joins the lines of a cell; a word divided by a soft hyphen is joined,
// and keeps the hyphen where a compound would (PFC-Motor). Letters that stand one
// below the other are joined too.
func (l *layout) cellText(lines [][]int) string {
	var sb strings.Builder
	if l.stacked(lines) {
		for _, line := range lines {
			sb.WriteString(l.tokens[line[0]].text)
		}
		return sb.String()
	}
	soft := false
	for _, line := range lines {
		for _, i := range line {
			t := &l.tokens[i]
			switch first, _ := utf8.DecodeRuneInString(t.text); {
			case soft && unicode.IsLower(first):
				s := strings.TrimSuffix(sb.String(), "-")
				sb.Reset()
				sb.WriteString(s)
			case sb.Len() > 0 && !soft:
				sb.WriteByte(' ')
			}
			sb.WriteString(t.text)
			soft = t.soft
		}
		soft = soft || l.tokens[line[len(line)-1]].readHyphen()
	}
	return sb.String()
}

// stacked reports whether each line is a letter of one word, of which all but the
// first are small: capitals may be names.
func (l *layout) stacked(lines [][]int) bool {
	if len(lines) < 3 {
		return false
	}
	for i, line := range lines {
		r, size := utf8.DecodeRuneInString(l.tokens[line[0]].text)
		if len(line) > 1 || size != len(l.tokens[line[0]].text) || !unicode.IsLetter(r) || i > 0 && !unicode.IsLower(r) {
			return false
		}
	}
	return true
}

// readHyphen reports whether a word of OCR ends with a letter and a hyphen; in a text
// layer PDFium tells hyphens at which words are divided.
func (t *token) readHyphen() bool {
	if t.word == nil || t.word.Confidence == 0 {
		return false
	}
	body, found := strings.CutSuffix(t.text, "-")
	r, _ := utf8.DecodeLastRuneInString(body)
	return found && unicode.IsLower(r)
}

// gridLines lists the lines of a table: row by row, and in a row cell by cell,
// so that the text of a cell is contiguous.
func (l *layout) gridLines(gi int) []textLine {
	g := &l.grids[gi]
	var out []textLine
	done := make([]bool, len(g.cells))
	for r := range g.at {
		for _, k := range g.at[r] {
			if done[k] {
				continue
			}
			done[k] = true
			for _, line := range g.cells[k].lines {
				out = append(out, textLine{tokens: line, grid: gi + 1, cell: k})
			}
		}
	}
	return out
}
