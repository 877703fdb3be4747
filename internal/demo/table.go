package demo

import "strings"

// ruling is which lines a table has.
type ruling int

const (
	grid  ruling = iota // every cell boxed
	lines               // a line under each row
	bare                // no line at all: columns are seen by their gaps only
)

// above in a cell continues the cell above it over this row.
const above = "^"

// table is a table that may run over pages, with its header on each.
//
// A cell may hold line feeds. A row of one cell is a subheading over all
// columns. Rows joined by above stay on one page.
type table struct {
	caption string
	head    []string
	widths  []float64 // shares of the column's width
	rows    [][]string
	ruling  ruling
	size    float64 // of the font; 0 is the layout's less one
	plain   bool    // do not set the first column in bold
	// fields says what its columns hold for the index of error codes, separated by
	// spaces: code, meaning, cause, remedy, or other; "" for a table of something
	// else. parent is the code whose sub-codes it lists.
	fields, parent string
}

const cellPadding = 3.5

func (t table) draw(b *book) {
	if t.size == 0 {
		t.size = b.layout.size - 1
	}
	widths := t.columnWidths(b.width)
	title := ""
	if t.caption != "" {
		b.tables++
		title = b.layout.words.table + " " + itoa(b.tables) + "  " + t.caption
	}
	first := true
	for start := 0; start < len(t.rows); {
		end := t.groupEnd(start)
		heights := t.heights(b, widths, start, end)
		var total float64
		for _, h := range heights {
			total += h
		}
		ahead := total
		if first || len(t.rows[start]) == 1 {
			ahead += 60 // the header, or the row that a subheading announces
		}
		page, column := b.pdf.PageNo(), b.column
		b.need(ahead)
		switch {
		case first:
			t.drawHead(b, widths, title)
		case page != b.pdf.PageNo() || column != b.column:
			if title != "" {
				t.drawHead(b, widths, title+" "+b.layout.words.continued)
			} else {
				t.drawHead(b, widths, "")
			}
		}
		first = false
		for i := start; i < end; i++ {
			t.drawRow(b, widths, heights[i-start:], i, end)
			b.y += heights[i-start]
		}
		start = end
	}
	b.y += 12
}

func (t table) columnWidths(width float64) []float64 {
	var sum float64
	for _, w := range t.widths {
		sum += w
	}
	out := make([]float64, len(t.widths))
	for i, w := range t.widths {
		out[i] = w / sum * width
	}
	return out
}

// groupEnd returns the end of the rows that stay together with row start.
func (t table) groupEnd(start int) int {
	end := start + 1
	for end < len(t.rows) && continues(t.rows[end]) {
		end++
	}
	return end
}

func continues(row []string) bool {
	for _, c := range row {
		if c == above {
			return true
		}
	}
	return false
}

// heights returns the heights of rows start to end; a cell that continues over
// rows needs its room in all of them together.
func (t table) heights(b *book, widths []float64, start, end int) []float64 {
	heights := make([]float64, end-start)
	for i := start; i < end; i++ {
		for c := range t.rows[i] {
			if t.rows[i][c] != above && t.span(i, c, end) == 1 {
				heights[i-start] = max(heights[i-start], t.cellHeight(b, widths, i, c))
			}
		}
	}
	for i := start; i < end; i++ {
		for c := range t.rows[i] {
			n := t.span(i, c, end)
			if t.rows[i][c] == above || n == 1 {
				continue
			}
			var room float64
			for _, h := range heights[i-start : i-start+n] {
				room += h
			}
			heights[i-start+n-1] += max(0, t.cellHeight(b, widths, i, c)-room)
		}
	}
	return heights
}

// span returns over how many rows the cell goes.
func (t table) span(row, col, end int) int {
	n := 1
	for row+n < end && col < len(t.rows[row+n]) && t.rows[row+n][col] == above {
		n++
	}
	return n
}

func (t table) cellHeight(b *book, widths []float64, row, col int) float64 {
	width := widths[col]
	if len(t.rows[row]) == 1 {
		width = b.width
	}
	t.cellFont(b, row, col)
	n := len(b.wrap(t.rows[row][col], width-2*cellPadding))
	return float64(n)*t.size*leading + 2*cellPadding
}

func (t table) cellFont(b *book, row, col int) {
	if (col == 0 && !t.plain) || len(t.rows[row]) == 1 {
		b.font("B", t.size)
		return
	}
	b.font("", t.size)
}

func (t table) drawHead(b *book, widths []float64, title string) {
	if title != "" {
		b.font("B", b.layout.size-0.5)
		b.y = b.putLines(b.x, b.y, b.layout.size-0.5, b.wrap(title, b.width)) + 3
	}
	if t.head == nil {
		if t.ruling != bare {
			b.rule(b.x, b.y, b.x+b.width, b.y, 0.6, rgb{60, 60, 60})
		}
		return
	}
	b.font("B", t.size)
	var height float64
	for c, h := range t.head {
		n := len(b.wrap(h, widths[c]-2*cellPadding))
		height = max(height, float64(n)*t.size*leading+2*cellPadding)
	}
	x := b.x
	if t.ruling == grid {
		b.fill(rgb{222, 226, 232})
		b.pdf.Rect(b.x, b.y, b.width, height, "F")
	}
	for c, h := range t.head {
		b.putLines(x+cellPadding, b.y+cellPadding-1, t.size, b.wrap(h, widths[c]-2*cellPadding))
		if t.ruling == grid {
			b.outline(x, b.y, widths[c], height)
		}
		x += widths[c]
	}
	b.y += height
	if t.ruling == lines {
		b.rule(b.x, b.y, b.x+b.width, b.y, 1.2, rgb{60, 60, 60})
	}
}

// drawRow draws row i; heights are those of it and of the rows after it in its
// group, which ends at end.
func (t table) drawRow(b *book, widths, heights []float64, i, end int) {
	row := t.rows[i]
	if len(row) == 1 {
		if t.ruling != bare {
			b.fill(rgb{238, 238, 232})
			b.pdf.Rect(b.x, b.y, b.width, heights[0], "F")
			b.outline(b.x, b.y, b.width, heights[0])
		}
		t.cellFont(b, i, 0)
		b.putLines(b.x+cellPadding, b.y+cellPadding-1, t.size, []string{row[0]})
		return
	}
	x := b.x
	for c, cell := range row {
		if cell != above {
			var height float64
			for _, h := range heights[:t.span(i, c, end)] {
				height += h
			}
			t.cellFont(b, i, c)
			b.putLines(x+cellPadding, b.y+cellPadding-1, t.size, b.wrap(cell, widths[c]-2*cellPadding))
			switch t.ruling {
			case grid:
				b.outline(x, b.y, widths[c], height)
			case lines:
				b.rule(x, b.y+height, x+widths[c], b.y+height, 0.4, rgb{150, 150, 150})
			case bare:
			}
		}
		x += widths[c]
	}
	t.record(b, i)
}

// record notes what row i says of a code.
func (t table) record(b *book, i int) {
	if t.fields == "" {
		return
	}
	row := PrintedCode{Page: b.pdf.PageNo()}
	if t.parent != "" {
		row.Code = t.parent + " "
	}
	for c, field := range strings.Fields(t.fields) {
		text := t.rows[i][c]
		for k := i; text == above; k-- {
			text = t.rows[k-1][c]
		}
		switch field {
		case "code":
			row.Code = strings.TrimSpace(row.Code + " " + text)
		case "meaning":
			row.Meaning = text
		case "cause":
			row.Cause = text
		case "remedy":
			row.Remedy = text
		}
	}
	b.codes = append(b.codes, row)
}

func (b *book) outline(x, y, w, h float64) {
	b.pdf.SetDrawColor(90, 90, 90)
	b.pdf.SetLineWidth(0.5)
	b.pdf.Rect(x, y, w, h, "D")
}
