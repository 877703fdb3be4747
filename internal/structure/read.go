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
	o.Languages = smooth(all, o.Languages)
	d := &Document{}
	markFurniture(all)
	d.doubles(all)
	for i, label := range pdf.PrintedLabels(pages) {
		if label != "" {
			if d.Labels == nil {
				d.Labels = map[int]string{}
			}
			d.Labels[pages[i].Number] = label
		}
	}
	d.Sections = readSections(all, o, d.Labels)
	for _, s := range stitch(all) {
		t := s.table(o)
		if len(t.Rows) == 0 && !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Heading != "" }) {
			continue // nothing but running heads
		}
		t.Section = sectionAt(d.Sections, all, t.Parts[0].Page, t.Parts[0].Box.Y0)
		d.Tables = append(d.Tables, t)
	}
	d.typeByContents()
	d.readDrawings(all)
	for _, v := range all {
		if l := v.lineLanguages(); l != nil {
			if d.LineLanguages == nil {
				d.LineLanguages = map[int][]string{}
			}
			d.LineLanguages[v.Number] = l
		}
	}
	d.copies(all, o)
	slices.SortStableFunc(d.Doubles, byPage)
	d.index()
	return d
}

// typeByContents gives the sections whose title does not tell their type that of
// the tables in them, and tables without telling headings the kind of their
// section.
func (d *Document) typeByContents() {
	kinds := map[TableKind]SectionType{KindCodes: SectionErrorCodes, KindParts: SectionParts, KindTroubleshooting: SectionTroubleshooting}
	for i := range d.Tables {
		t := &d.Tables[i]
		if t.Section < 0 {
			continue
		}
		s := &d.Sections[t.Section]
		if kind := kinds[t.Kind]; s.Type == SectionOther && kind != "" {
			s.Type = kind
		}
		if t.Kind == KindOther && s.Type == SectionTroubleshooting && len(t.Columns) == 2 && t.Columns[0].Heading == "" && len(t.Rows) > 1 {
			t.Kind = KindTroubleshooting
		}
	}
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
