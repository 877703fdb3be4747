package structure_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
)

// The measures of sketched pages, in points.
const (
	pageWidth, pageHeight = 600.0, 800.0
	left, right           = 50.0, 550.0
	lineHeight            = 14.0
	bodySize              = 10.0
)

// sketch makes a page of a drawing in text, from top to bottom. A line is a line of
// running text, but for what it begins with:
//
//	# a heading, ## a smaller one
//	* a line in bold
//	| a row of a table: cells between bars; "<" goes on the one to the left,
//	  "^" the one above, and "|*" begins a row in bold
//	@head and @foot a running head and foot; @at 400 goes on at that height
//	_ an empty line
func sketch(t *testing.T, number int, text string) pdf.Page {
	t.Helper()
	s := &sketcher{page: pdf.Page{Number: number, Width: pageWidth, Height: pageHeight}, y: 120}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			s.table = nil
		}
		switch {
		case line == "" || line == "_":
			s.y += lineHeight
		case strings.HasPrefix(line, "## "):
			s.line(line[3:], left, s.y, 14, true)
			s.y += 2 * lineHeight
		case strings.HasPrefix(line, "# "):
			s.line(line[2:], left, s.y, 20, true)
			s.y += 2 * lineHeight
		case strings.HasPrefix(line, "* "):
			s.line(line[2:], left, s.y, bodySize, true)
			s.y += lineHeight
		case strings.HasPrefix(line, "@head "):
			s.line(line[6:], left, 30, 8, false)
		case strings.HasPrefix(line, "@foot "):
			s.line(line[6:], left, 770, 8, false)
		case strings.HasPrefix(line, "@at "):
			if _, err := fmt.Sscan(line[4:], &s.y); err != nil {
				t.Fatal(err)
			}
		case strings.HasPrefix(line, "|"):
			s.row(line)
		default:
			s.line(line, left, s.y, bodySize, false)
			s.y += lineHeight
		}
	}
	return s.page
}

type sketcher struct {
	page  pdf.Page
	y     float64
	table *pdf.Table
}

// line adds a line and returns the indices of its words.
func (s *sketcher) line(text string, x, y, size float64, bold bool) []int {
	var out []int
	l := pdf.Line{First: len(s.page.Words), FontSize: size, Bold: bold, Box: pdf.Box{X0: x, Y0: y, X1: x, Y1: y + size}}
	for w := range strings.FieldsSeq(text) {
		width := 0.5 * size * float64(len([]rune(w)))
		out = append(out, len(s.page.Words))
		s.page.Words = append(s.page.Words, pdf.Word{Text: w, Box: pdf.Box{X0: x, Y0: y, X1: x + width, Y1: y + size}})
		l.Box.X1 = x + width
		x += width + 0.3*size
		l.Count++
	}
	s.page.Lines = append(s.page.Lines, l)
	return out
}

func (s *sketcher) row(line string) {
	line, bold := strings.CutPrefix(strings.Trim(line, "|"), "*")
	cells := strings.Split(line, "|")
	if s.table == nil {
		s.page.Tables = append(s.page.Tables, pdf.Table{Box: pdf.Box{X0: left, Y0: s.y, X1: right, Y1: s.y}})
		s.table = &s.page.Tables[len(s.page.Tables)-1]
	}
	row := pdf.Row{Box: pdf.Box{X0: left, Y0: s.y, X1: right, Y1: s.y + lineHeight}, Cells: make([]pdf.Cell, len(cells))}
	width := (right - left) / float64(len(cells))
	var above []pdf.Cell
	if n := len(s.table.Rows); n > 0 {
		above = s.table.Rows[n-1].Cells
	}
	first := 0
	for k, text := range cells {
		text = strings.TrimSpace(text)
		c := &row.Cells[k]
		c.Box = pdf.Box{X0: left + float64(k)*width, Y0: s.y, X1: left + float64(k+1)*width, Y1: s.y + lineHeight}
		switch text {
		case "<":
			row.Cells[first].Box.X1 = c.Box.X1
			continue
		case "^":
			*c = above[k]
		case "":
		default:
			c.Text, c.Words = text, s.line(text, c.Box.X0+2, s.y+2, bodySize, bold)
		}
		first = k
	}
	s.table.Rows = append(s.table.Rows, row)
	s.table.Box.Y1 = s.y + lineHeight
	s.y += lineHeight
}

// read reads sketched pages, which are numbered from 1.
func read(t *testing.T, o structure.Options, pages ...string) (*structure.Document, []pdf.Page) {
	t.Helper()
	var all []pdf.Page
	for i, text := range pages {
		all = append(all, sketch(t, i+1, text))
	}
	return structure.Read(all, o), all
}

// show writes a table as a sketch: headings, then rows, with the page of each.
func show(tables []structure.Table) string {
	var sb strings.Builder
	for i := range tables {
		t := &tables[i]
		fmt.Fprintf(&sb, "%s %q", t.Kind, t.Title.Text)
		for _, p := range t.Parts {
			fmt.Fprintf(&sb, " p%d", p.Page)
		}
		sb.WriteString("\n")
		for k := range t.Columns {
			c := &t.Columns[k]
			mark := ""
			if c.Names {
				mark = "*"
			}
			if c.Unit.Text != "" {
				mark += " <" + c.Unit.Text + ">"
			}
			fmt.Fprintf(&sb, "| %s%s ", c.Heading, mark)
		}
		sb.WriteString("\n")
		for r := range t.Rows {
			row := &t.Rows[r]
			sb.WriteString("-")
			for k := range row.Cells {
				c := &row.Cells[k]
				switch {
				case c.Columns == 0:
					sb.WriteString(" < |")
				case c.Above:
					sb.WriteString(" ^ |")
				default:
					sb.WriteString(" " + c.Text + " |")
				}
			}
			sb.WriteString("\n")
		}
	}
	return trimmed(sb.String())
}
