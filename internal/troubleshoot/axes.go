package troubleshoot

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// ValueCell is a value as it stands in a table of the manual: what it is of, and under
// which conditions. All of it is as printed and among the item's quotes.
type ValueCell struct {
	Text       string   `json:"text" doc:"What is printed in the cell" example:"265 - 305"`
	Title      string   `json:"title,omitempty" doc:"The title of the table" example:"Operating pressures, TI-350A"`
	Row        []string `json:"row,omitempty" doc:"The headings of its row, from the left" example:"[\"90 °F (32 °C)\"]"`
	Column     []string `json:"column,omitempty" doc:"The headings of its column, from the top" example:"[\"Head, freeze\"]"`
	Unit       string   `json:"unit,omitempty" doc:"The unit, where it is not printed in the cell itself" example:"psig"`
	Conditions []string `json:"conditions,omitempty" doc:"The conditions that it holds under, where the table, the column or the row tells any" example:"[\"at 208 V\"]"`
}

// cellPlace is a cell of a manual's table: table.Rows[row].Cells[column].
type cellPlace struct {
	table       *structure.Table
	row, column int
}

func (c cellPlace) cell() *structure.Cell { return &c.table.Rows[c.row].Cells[c.column] }

func (c cellPlace) axes() structure.Axes { return c.table.Axes(c.row, c.column) }

// names reports whether the cell names its row or stands for the unit of the row's
// figures: it is no value by itself.
func (c cellPlace) names() bool {
	col := &c.table.Columns[c.column]
	return col.Names || col.Role == structure.RoleUnit || c.table.Rows[c.row].Heading
}

// places returns the cells that hold all the words. A cell that spans rows is
// returned for each.
func (v *page) places(words []int) []cellPlace {
	if v.cellOf == nil {
		v.cellOf = map[int][]cellPlace{}
		for _, t := range v.logical() {
			v.indexCells(t)
		}
	}
	if len(words) == 0 {
		return nil
	}
	var out []cellPlace
	for _, c := range v.cellOf[words[0]] {
		if slices.ContainsFunc(c.cell().Words, func(s structure.Span) bool { return s.Page == v.pdf.Number && holds(s.Words, words) }) {
			out = append(out, c)
		}
	}
	return out
}

func (v *page) indexCells(t *structure.Table) {
	for r := range t.Rows {
		row := &t.Rows[r]
		if !slices.ContainsFunc(row.At, func(at structure.RowAt) bool { return at.Page == v.pdf.Number }) {
			continue
		}
		for k := range row.Cells {
			for _, s := range row.Cells[k].Words {
				if s.Page != v.pdf.Number {
					continue
				}
				for _, w := range s.Words {
					if w >= 0 && w < len(v.pdf.Words) {
						v.cellOf[w] = append(v.cellOf[w], cellPlace{t, r, k})
					}
				}
			}
		}
	}
}

// holds reports whether all of some words are among others.
func holds(all, some []int) bool {
	return !slices.ContainsFunc(some, func(w int) bool { return !slices.Contains(all, w) })
}

// maxValue is how many words a value has at most: what a longer cell says, it says by
// itself.
const maxValue = 12

// axisSpans returns what has to be quoted with a cell: its headings, its unit, its
// conditions and the title of its table, each word once.
func axisSpans(a structure.Axes) []structure.Span {
	var out []structure.Span
	add := func(s structure.Span) {
		if len(s.Words) > 0 && !slices.ContainsFunc(out, func(o structure.Span) bool { return o.Page == s.Page && holds(o.Words, s.Words) }) {
			out = append(out, s)
		}
	}
	for _, s := range slices.Concat(a.Rows, a.Columns) {
		add(s)
	}
	add(a.Title.Span)
	add(a.Unit.Span)
	for _, f := range a.Conditions {
		add(f.Span)
	}
	return out
}

// placed is a quote of an item with the words that it may be.
type placed struct {
	key  pageKey
	runs [][]int // where the quote stands on its page; one when the writer knows
}

// cells accepts an item that quotes values of a table: each with the headings of
// its own row and column, its unit, its conditions and its table's title beside
// it, and with no other row's or column's. A right value under a wrong heading is
// as wrong as any. Items without such values are accepted as they are.
func (v *verifier) cells(a *Answer, it *Item) bool {
	quotes := make([]placed, len(it.Quotes))
	for i, q := range it.Quotes {
		c := a.Citations[q.Citation]
		quotes[i].key = pageKey{c.ManualID, c.Page}
		if quotes[i].runs = [][]int{q.at}; q.near == nil {
			quotes[i].runs = slices.Collect(v.runs(quotes[i].key, q.Text))
		}
	}
	v.settle(quotes)
	var values []cellPlace
	for i := range quotes {
		c, isValue, ok := v.value(quotes, i)
		if !ok {
			return false
		}
		if isValue {
			values = append(values, c)
		}
	}
	if len(values) == 0 {
		return true
	}
	for i := range quotes {
		if v.foreign(&quotes[i], values) {
			return false
		}
		it.Quotes[i].place(v.pages[quotes[i].key].pdf, quotes[i].runs[0])
	}
	if !spoken(it.Label, it.Quotes) {
		return false
	}
	it.Cells = nil
	for _, c := range values {
		it.Cells = append(it.Cells, v.shown(quotes[0].key.manual, c))
	}
	return true
}

// settle chooses, for the quotes that stand in several places, the one that is a
// value whose headings are quoted too.
func (v *verifier) settle(quotes []placed) {
	for i := range quotes {
		if len(quotes[i].runs) < 2 {
			continue
		}
		for _, run := range quotes[i].runs {
			at := slices.IndexFunc(v.pages[quotes[i].key].places(run), func(c cellPlace) bool {
				return !c.names() && v.covered(quotes, i, c)
			})
			if at < 0 {
				continue
			}
			c := v.pages[quotes[i].key].places(run)[at]
			quotes[i].runs = [][]int{run}
			for k := range quotes {
				for _, r := range quotes[k].runs {
					if k != i && len(quotes[k].runs) > 1 && slices.ContainsFunc(axisSpans(c.axes()), func(s structure.Span) bool {
						return s.Page == quotes[k].key.number && holds(r, s.Words)
					}) {
						quotes[k].runs = [][]int{r}
						break
					}
				}
			}
			break
		}
	}
	for i := range quotes {
		quotes[i].runs = quotes[i].runs[:min(1, len(quotes[i].runs))]
	}
}

// covered reports whether all that a cell has to be read with is quoted beside
// quote i.
func (v *verifier) covered(quotes []placed, i int, c cellPlace) bool {
	for _, s := range axisSpans(c.axes()) {
		var said []int
		for _, q := range quotes {
			if q.key.manual == quotes[i].key.manual && q.key.number == s.Page {
				said = append(said, slices.Concat(q.runs...)...)
			}
		}
		if !holds(said, s.Words) {
			return false
		}
	}
	return true
}

// value returns the cell of which quote i is a value. It is not ok when the quote
// is one of several cells and none of them has its headings quoted.
func (v *verifier) value(quotes []placed, i int) (c cellPlace, isValue, ok bool) {
	if len(quotes[i].runs) == 0 {
		return c, false, false
	}
	run := quotes[i].runs[0]
	places := v.pages[quotes[i].key].places(run)
	if len(places) == 0 || len(run) > maxValue || slices.ContainsFunc(places, cellPlace.names) {
		return c, false, true
	}
	for _, c := range places {
		if v.covered(quotes, i, c) {
			return c, true, true
		}
	}
	return c, false, v.describes(quotes, i, places)
}

// describes reports whether a quote only tells more of its row: it has no figure
// and stands left of a quoted cell that has one.
func (v *verifier) describes(quotes []placed, i int, places []cellPlace) bool {
	if textnorm.HasDigit(places[0].cell().Text) {
		return false
	}
	return slices.ContainsFunc(quotes, func(q placed) bool {
		if len(q.runs) == 0 || q.key != quotes[i].key {
			return false
		}
		return slices.ContainsFunc(v.pages[q.key].places(q.runs[0]), func(o cellPlace) bool {
			return !o.names() && textnorm.HasDigit(o.cell().Text) && slices.ContainsFunc(places, func(c cellPlace) bool {
				return c.table == o.table && c.row == o.row && c.column < o.column
			})
		})
	})
}

// foreign reports whether a quote is a heading in the values' table that is over
// none of them: the name of another row, or the heading of another column.
func (v *verifier) foreign(q *placed, values []cellPlace) bool {
	run := q.runs[0]
	var own []structure.Span
	for _, c := range values {
		own = append(own, axisSpans(c.axes())...)
		own = append(own, c.cell().Words...)
	}
	if slices.ContainsFunc(own, func(s structure.Span) bool {
		return s.Page == q.key.number && (holds(s.Words, run) || holds(run, s.Words))
	}) {
		return false
	}
	for _, c := range v.pages[q.key].places(run) {
		if c.table.Columns[c.column].Names && slices.ContainsFunc(values, func(o cellPlace) bool { return o.table == c.table }) {
			return true
		}
	}
	for _, c := range values {
		for k := range c.table.Columns {
			if slices.ContainsFunc(c.table.Columns[k].Words, func(s structure.Span) bool { return s.Page == q.key.number && holds(s.Words, run) }) {
				return true
			}
		}
	}
	return false
}

// spoken reports whether every word of a text stands in one of the quotes.
func spoken(text string, quotes []Quote) bool {
	var said []string
	for _, q := range quotes {
		said = append(said, textnorm.Tokens(q.Text)...)
	}
	return !slices.ContainsFunc(textnorm.Tokens(text), func(t string) bool { return !slices.Contains(said, t) })
}

// shown describes a verified cell.
func (v *verifier) shown(manual uuid.UUID, c cellPlace) ValueCell {
	a := c.axes()
	text := func(s structure.Span) string {
		if o := v.pages[pageKey{manual, s.Page}]; o != nil {
			return s.Text(o.pdf)
		}
		return ""
	}
	out := ValueCell{Text: c.cell().Text, Title: text(a.Title.Span)}
	for _, s := range a.Rows {
		out.Row = append(out.Row, text(s))
	}
	for _, s := range a.Columns {
		out.Column = append(out.Column, text(s))
	}
	if !strings.Contains(out.Text, a.Unit.Text) {
		out.Unit = a.Unit.Text
	}
	for _, f := range a.Conditions {
		out.Conditions = append(out.Conditions, text(f.Span))
	}
	return out
}
