package structure

import (
	"slices"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// TableKind says what a table is about.
type TableKind string

// The kinds of tables.
const (
	KindValues          TableKind = "values" // figures by row and column
	KindCodes           TableKind = "codes"
	KindParts           TableKind = "parts"
	KindSettings        TableKind = "settings" // switches and parameters
	KindTroubleshooting TableKind = "troubleshooting"
	KindContents        TableKind = "contents" // an index or table of contents
	KindOther           TableKind = "other"
)

// Table is one table of the manual as a reader sees it: over several pages, or in
// several columns of one, with its heading repeated or not.
type Table struct {
	Kind  TableKind `json:"kind"`
	Title Fact      `json:"title,omitzero"` // the line above it, or its first row; zero when there is none
	Parts []Part    `json:"parts"`          // in reading order; one at least
	// Columns are in printed order. Rows have a cell for each.
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"` // below the headings, in reading order
	// Conditions hold for the whole table: "at 90 °F ambient" in its title.
	Conditions []Fact `json:"conditions,omitempty"`
	// Unit is that of all its figures, where the title tells one.
	Unit     Fact   `json:"unit,omitzero"`
	Language string `json:"language,omitempty"` // ISO 639-1, of its first page
	Section  int    `json:"section"`            // index into Document.Sections, -1 for none
}

// Part is a printed piece of a table.
type Part struct {
	Page  int     `json:"page"`  // PDF page number
	Table int     `json:"table"` // index into the page's tables
	Box   pdf.Box `json:"box"`
	// FirstColumn is the column of the page's table that is the logical table's
	// first: a table printed in two halves side by side has a part for each.
	FirstColumn int `json:"first_column,omitempty"`
	HeaderRows  int `json:"header_rows,omitempty"` // at its top, the title's row included
	FirstRow    int `json:"first_row"`             // index into Table.Rows of the first row that begins in it
	// Headings are the columns' headings as this piece repeats them, by column; nil
	// for the first piece, whose are in Columns, and where it does not.
	Headings [][]Span `json:"headings,omitempty"`
}

// Column is a column and what its heading says.
type Column struct {
	// Heading is as printed, the headings that span several columns first, joined
	// with " › "; "" when it has none.
	Heading string `json:"heading,omitempty"`
	// Words are the cells of the heading, outermost first, on the table's first page.
	Words []Span `json:"words,omitempty"`
	Role  Role   `json:"role"`
	// Names says that its cells name their rows: they are the rows' headings.
	Names      bool   `json:"names,omitempty"`
	Unit       Fact   `json:"unit,omitzero"` // "psi" of "Pressure (psi)"; zero when the heading tells none
	Conditions []Fact `json:"conditions,omitempty"`
}

// Row is a row below the headings.
type Row struct {
	At    []RowAt `json:"at"`    // where it is printed: two places when it goes on over a page break
	Cells []Cell  `json:"cells"` // one per column
	// Group are the headings between rows that it stands under, outermost first.
	Group []Span `json:"group,omitempty"`
	// Heading says that the row is itself such a heading, and has no values.
	Heading bool `json:"heading,omitempty"`
	Unit    Fact `json:"unit,omitzero"` // of its figures: from a column of units, or "A" of "Rated current (A)"
	// Conditions are those that its names tell, with what they are: "Air at
	// condenser: 90 °F".
	Conditions []Fact `json:"conditions,omitempty"`
}

// RowAt is a row of a page's table.
type RowAt struct {
	Page  int     `json:"page"`  // PDF page number
	Table int     `json:"table"` // index into the page's tables
	Row   int     `json:"row"`   // index into the table's rows
	Box   pdf.Box `json:"box"`
}

// Page is the PDF page number on which the row begins.
func (r *Row) Page() int { return r.At[0].Page }

// Cell is what a row has in a column.
type Cell struct {
	Text  string `json:"text,omitempty"`
	Words []Span `json:"words,omitempty"` // one per page: two when it goes on over a page break
	// Columns is how many columns it spans; 0 when one to its left spans over this
	// one, whose text it shares. See Table.Cell.
	Columns int `json:"columns"`
	// Above says that it is the cell of the row above, which spans down.
	Above bool `json:"above,omitempty"`
}

// Empty reports whether nothing is printed in the cell.
func (c *Cell) Empty() bool { return len(c.Words) == 0 }

// Axes are what a cell of a table means: a value may only be taken from it
// together with them.
type Axes struct {
	Columns    []Span // the headings over it, outermost first; of every column that it spans
	Rows       []Span // the headings of its row: groups first, then the names from left to right
	Unit       Fact   // of its figures where they are printed without: from its row, its column or the title
	Conditions []Fact // of the table, the column and the row
	Title      Fact
}

// Cell returns the cell that stands in a column of a row and the first column it
// is printed in: one that spans columns stands in each of them. row and column
// are indices into Rows and Columns.
func (t *Table) Cell(row, column int) (cell *Cell, first int) {
	cells := t.Rows[row].Cells
	for first = column; first > 0 && cells[first].Columns == 0; first-- {
	}
	return &cells[first], first
}

// Axes returns the headings, the unit and the conditions of a cell.
func (t *Table) Axes(row, column int) Axes {
	a := Axes{Title: t.Title}
	r := &t.Rows[row]
	cell, first := t.Cell(row, column)
	a.Conditions = append(a.Conditions, t.Conditions...)
	headings := t.partOf(r.At[0].Page, r.At[0].Table, row).Headings
	for k := first; k < min(first+max(cell.Columns, 1), len(t.Columns)); k++ {
		c := &t.Columns[k]
		words := c.Words
		if headings != nil {
			words = headings[k]
		}
		for _, w := range words {
			if !slices.ContainsFunc(a.Columns, w.same) {
				a.Columns = append(a.Columns, w)
			}
		}
		for _, f := range c.Conditions {
			if !slices.ContainsFunc(a.Conditions, func(g Fact) bool { return g.same(f.Span) }) {
				a.Conditions = append(a.Conditions, f)
			}
		}
	}
	a.Rows = append(a.Rows, r.Group...)
	for k := range t.Columns {
		if k >= first || !t.Columns[k].Names {
			continue
		}
		a.Rows = append(a.Rows, r.Cells[k].Words...)
	}
	if len(a.Rows) > 0 {
		a.Conditions = append(a.Conditions, r.Conditions...)
	}
	a.Unit = t.unit(row, first)
	return a
}

// partOf returns the piece in which a row is printed on a page.
func (t *Table) partOf(page, table, row int) *Part {
	out := &t.Parts[0]
	for i := range t.Parts {
		p := &t.Parts[i]
		if p.Page == page && p.Table == table && (p.FirstRow <= row || out.Page != page || out.Table != table) {
			out = p
		}
	}
	return out
}

func (s Span) same(o Span) bool { return s.Page == o.Page && slices.Equal(s.Words, o.Words) }
