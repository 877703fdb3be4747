package structure

import (
	"slices"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// Read returns the structure of a manual. The pages are in order; some may be
// missing. It keeps no reference to them.
func Read(pages []pdf.Page, o Options) *Document {
	all := make([]*page, len(pages))
	for i := range pages {
		all[i] = newPage(&pages[i])
	}
	d := &Document{}
	markFurniture(all)
	for _, s := range stitch(all) {
		d.Tables = append(d.Tables, s.table(o))
	}
	d.index()
	return d
}

// rowKey is a row of a page's table, from a column on.
type rowKey struct{ page, table, row int }

type rowPlace struct {
	table, row int // into Document.Tables and Table.Rows; row is -1 for a heading
	first, n   int // the columns of the page's table that it has
}

func (d *Document) index() {
	d.rows = map[rowKey][]rowPlace{}
	for i := range d.Tables {
		t := &d.Tables[i]
		for r := range t.Rows {
			for _, at := range t.Rows[r].At {
				first := t.partOf(at.Page, at.Table, r).FirstColumn
				key := rowKey{at.Page, at.Table, at.Row}
				d.rows[key] = append(d.rows[key], rowPlace{i, r, first, len(t.Columns)})
			}
		}
	}
}

// Find returns where cell column of row row of a page's table is in the tables of
// the document: the table, and the indices into its Rows and Columns. It is not ok
// for the rows of headings, and for a row that only repeats another.
func (d *Document) Find(page, table, row, column int) (t *Table, r, c int, ok bool) {
	for _, at := range d.rows[rowKey{page, table, row}] {
		if column >= at.first && column < at.first+at.n {
			return &d.Tables[at.table], at.row, column - at.first, true
		}
	}
	return nil, 0, 0, false
}

// TablesOn returns the tables that have a part on a page, in order.
func (d *Document) TablesOn(page int) []*Table {
	var out []*Table
	for i := range d.Tables {
		if slices.ContainsFunc(d.Tables[i].Parts, func(p Part) bool { return p.Page == page }) {
			out = append(out, &d.Tables[i])
		}
	}
	return out
}
