package troubleshoot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// leadingFigure matches the figure that the name of a chart's row begins with.
var leadingFigure = regexp.MustCompile(`^[+-]?\d+(?:[.,]\d+)?`)

// around returns the rows of a chart between which an asked condition lies, when
// none is of the condition itself: a chart for 80 and 90 °F is asked at 87. What
// would be between its figures is not printed, and nobody knows it.
func (e *evidence) around(c *candidate) []candidate {
	if c.kind != tableRow {
		return nil
	}
	t, own := c.grid.table, c.grid.rows[c.row].index
	column := conditionColumn(t)
	if column < 0 {
		return nil
	}
	asked, ok := e.askedCondition(t, column)
	if !ok {
		return nil
	}
	var below, above *candidate
	var under, over float64
	for r := range c.grid.rows {
		index := c.grid.rows[r].index
		if !sameNames(t, own, index, column) {
			continue
		}
		figure, ok := figureOf(t.Rows[index].Cells[column].Text)
		switch next := e.inRow(c, r); {
		case !ok:
		case figure == asked:
			return nil // it is in the chart
		case figure < asked && (below == nil || figure > under):
			below, under = &next, figure
		case figure > asked && (above == nil || figure < over):
			above, over = &next, figure
		}
	}
	if below == nil || above == nil {
		return nil // beyond the chart
	}
	return []candidate{*below, *above}
}

// inRow is the candidate for another row of the same table.
func (e *evidence) inRow(c *candidate, r int) candidate {
	out := *c
	out.row, out.words = r, c.grid.rows[r].words()
	if k := e.askedHeading(c.grid, r); k >= 0 {
		out.column = k
	}
	return out
}

// conditionColumn returns the column that names the rows of a chart by the figures
// of a condition, -1 when there is none: at least three of them, with a unit in
// the heading or behind each figure.
func conditionColumn(t *structure.Table) int {
	for k := range t.Columns {
		if !t.Columns[k].Names {
			continue
		}
		figures, filled, measured := 0, 0, t.Columns[k].Unit.Text != "" || len(t.Columns[k].Conditions) > 0
		for r := range t.Rows {
			text := t.Rows[r].Cells[k].Text
			if text == "" || t.Rows[r].Cells[k].Above {
				continue
			}
			filled++
			if figure, ok := figureOf(text); ok && figure != 0 {
				figures++
				words := strings.Fields(textnorm.Fold(text))
				measured = measured || len(words) > 1 && isUnit(core(words[1]))
			}
		}
		if measured && figures >= 3 && figures == filled {
			return k
		}
	}
	return -1
}

// sameNames reports whether two rows differ by the name in one column only.
func sameNames(t *structure.Table, a, b, column int) bool {
	for k := range t.Columns {
		if k != column && t.Columns[k].Names && t.Rows[a].Cells[k].Text != t.Rows[b].Cells[k].Text {
			return false
		}
	}
	return true
}

// askedFigure is a figure of the question with the words that it may be a
// condition of, the more telling first: the one behind it, and the one before.
type askedFigure struct {
	value         float64
	text          string
	behind, prior string
}

func (e *evidence) askedFigures() []askedFigure {
	words := strings.Fields(textnorm.Fold(e.question.Symptom))
	at := func(i int) string {
		if i < 0 || i >= len(words) {
			return ""
		}
		return core(words[i])
	}
	var out []askedFigure
	for i := range words {
		w := at(i)
		value, ok := figureOf(w)
		number := leadingFigure.FindString(w)
		if unit := strings.TrimPrefix(w, number); !ok || unit != "" && !isUnit(unit) {
			continue // a model, a part of a code
		}
		next := i + 1
		if isUnit(at(next)) {
			next++
		}
		out = append(out, askedFigure{value, number, at(next), at(i - 1)})
	}
	return out
}

// askedCondition returns the figure of the question that is a condition of the
// column: a word of its heading is beside it, or there is no other figure.
func (e *evidence) askedCondition(t *structure.Table, column int) (float64, bool) {
	heading := textnorm.Tokens(t.Columns[column].Heading)
	all := e.askedFigures()
	for _, word := range []func(askedFigure) string{
		func(f askedFigure) string { return f.behind },
		func(f askedFigure) string { return f.prior },
	} {
		var beside []float64
		for _, f := range all {
			if slices.Contains(heading, word(f)) {
				beside = append(beside, f.value)
			}
		}
		if len(beside) == 1 {
			return beside[0], true
		}
	}
	if len(all) == 1 {
		return all[0].value, true
	}
	return 0, false
}

// askedHeading returns the one cell of a row that stands under a condition of the
// question, "Water 70 °F" for "70 water"; -1 when there is none.
func (e *evidence) askedHeading(g *grid, row int) int {
	found := -1
	for k, words := range g.rows[row].cells {
		if len(words) == 0 || g.place(row, k).names() {
			continue
		}
		heading := textnorm.Tokens(g.heading(k))
		if !slices.ContainsFunc(e.askedFigures(), func(f askedFigure) bool {
			return slices.Contains(heading, f.text) && (slices.Contains(heading, f.behind) || slices.Contains(heading, f.prior))
		}) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = k
	}
	return found
}

func figureOf(text string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.ReplaceAll(leadingFigure.FindString(strings.TrimSpace(text)), ",", "."), 64)
	return f, err == nil
}
