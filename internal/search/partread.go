package search

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// partGroup is a heading between the rows of a list: of an assembly that is sold in
// several kinds, or of a kind of parts.
type partGroup struct {
	text  Printed
	item  Printed
	below bool   // a row below it was read
	marks bool   // it begins with a bullet, as all others then
	style string // what headings of its level have in common
}

// segment reads the rows under one row of headings.
func (r *partReader) segment(g *partSegment) {
	if !g.settle(r) {
		return
	}
	g.measure(r.sheets)
	g.grouped = slices.ContainsFunc(g.table.Rows[g.from:g.to], func(row structure.Row) bool { return row.Heading })
	base := PartRow{Drawing: r.title(g.table)}
	if len(g.title) > 0 && (g.from > 0 || g.table.Title.Text == "" || r.sheets.text(g.title) != g.table.Title.Text) && g.heads[0] != r.sheets.text(g.title) {
		base.Group = []Printed{r.sheets.printed("", g.title)}
	}
	for k := range g.roles {
		if slices.Contains(g.numbers, k) {
			if g.inner != nil {
				g.models = append(g.models, g.inner[k])
				continue
			}
			words := g.table.Columns[k].Words
			g.models = append(g.models, r.sheets.refs(words[len(words)-1]))
		}
	}
	var groups []partGroup
	before := false // the row before was a heading
	for i := g.from; i < g.to; i++ {
		row := &g.table.Rows[i]
		cells, sure := r.cells(g, row)
		if row.Heading || r.opens(g, i, cells) {
			words := r.nameOf(g, cells)
			if row.Heading {
				words = r.sheets.refs(row.Cells[0].Words...)
			}
			if len(words) == 0 {
				continue
			}
			next := partGroup{text: r.sheets.printed("", words), item: r.item(g, cells), style: r.style(row, words)}
			groups = place(groups, next, before)
			before = true
			continue
		}
		before = false
		if r.blank(cells) {
			continue
		}
		if !sure {
			r.doubtful++
			continue
		}
		parts, ok := r.lines(g, cells)
		if !ok {
			r.doubtful++
			continue
		}
		for _, c := range parts {
			p := base
			p.Page, p.Language, p.Section = row.Page(), g.table.Language, r.section(g.table)
			p.Item = r.item(g, c)
			own := !p.Item.Empty() && !c.above[slices.Index(g.roles, structure.RoleItem)]
			switch {
			case own:
				groups = keepHeadings(groups)
			case !p.Item.Empty():
				p.ItemInherited = true
			}
			groups = r.below(g, groups, c)
			for _, x := range groups {
				p.Group = append(slices.Clip(p.Group), x.text)
				if p.Item.Empty() && !x.item.Empty() {
					p.Item, p.ItemInherited = x.item, true
				}
			}
			r.part(g, c, &p)
		}
	}
}

// keepHeadings leaves of the open headings those that are not of an item: a row with
// an item of its own is no longer below another's.
func keepHeadings(groups []partGroup) []partGroup {
	if i := slices.IndexFunc(groups, func(x partGroup) bool { return !x.item.Empty() || x.style != headingStyle }); i >= 0 {
		return groups[:i]
	}
	return groups
}

// headingStyle is that of the rows that package structure took for headings.
const headingStyle = "heading"

// style tells headings of one level from others: by what they begin with.
func (r *partReader) style(row *structure.Row, words []ref) string {
	if row.Heading {
		return headingStyle
	}
	return textnorm.Fold(r.sheets.word(words[0]).Text)
}

// place adds a heading to those that are open: below the last when it follows it
// at once, else in place of the one of its level.
func place(groups []partGroup, next partGroup, after bool) []partGroup {
	if after {
		return append(slices.Clip(groups), next)
	}
	for i, x := range groups {
		if x.style == next.style && x.item.Empty() == next.item.Empty() {
			return append(slices.Clip(groups[:i]), next)
		}
	}
	return []partGroup{next}
}

// below returns the headings that a row stands under, none for one that no longer
// does.
func (r *partReader) below(g *partSegment, groups []partGroup, c *partCells) []partGroup {
	if len(groups) == 0 {
		return nil
	}
	last := &groups[len(groups)-1]
	if last.style == headingStyle {
		return groups
	}
	words := r.nameOf(g, c)
	if len(words) == 0 {
		return nil
	}
	marks := textnorm.Key(r.sheets.word(words[0]).Text) == ""
	opens := strings.HasSuffix(r.sheets.word(words[len(words)-1]).Text, ":") // a kit, with parts of its own
	switch {
	case opens, last.below && last.marks && !marks:
		return nil
	case !last.below:
		last.below, last.marks = true, marks
	}
	return groups
}

// nameOf returns the words that name a row: of its description, or of its first cell.
func (r *partReader) nameOf(g *partSegment, c *partCells) []ref {
	if g.describes >= 0 && len(c.words[g.describes]) > 0 {
		return r.sheets.withoutNote(c.words[g.describes])
	}
	for k, words := range c.words {
		if len(words) > 0 && g.roles[k] != structure.RoleItem {
			return words
		}
	}
	for _, words := range c.words {
		if len(words) > 0 {
			return words
		}
	}
	return nil
}

// opens reports whether a row without a number names what the rows below are: it
// ends with a colon, or only they have bullets.
func (r *partReader) opens(g *partSegment, i int, c *partCells) bool {
	if g.describes < 0 || i+1 >= g.to || len(c.words[g.number])+len(c.shared[g.number]) > 0 {
		return false
	}
	words := r.sheets.withoutNote(c.words[g.describes])
	if len(words) == 0 || r.quantity(g, c) {
		return false
	}
	if strings.HasSuffix(r.sheets.word(words[len(words)-1]).Text, ":") {
		return true
	}
	next, _ := r.cells(g, &g.table.Rows[i+1])
	if len(next.words[g.describes]) == 0 {
		return false
	}
	bullet := func(w ref) bool { return textnorm.Key(r.sheets.word(w).Text) == "" }
	return !bullet(words[0]) && bullet(next.words[g.describes][0])
}

func (r *partReader) quantity(g *partSegment, c *partCells) bool {
	k := slices.Index(g.roles, structure.RoleQuantity)
	return k >= 0 && len(c.words[k]) > 0
}

func (r *partReader) blank(c *partCells) bool {
	return !slices.ContainsFunc(c.words, func(w []ref) bool { return len(w) > 0 }) &&
		!slices.ContainsFunc(c.shared, func(w []ref) bool { return len(w) > 0 })
}

// item reads the number in the drawing.
func (r *partReader) item(g *partSegment, c *partCells) Printed {
	k := slices.Index(g.roles, structure.RoleItem)
	if k < 0 || len(c.words[k]) == 0 {
		return Printed{}
	}
	out := r.sheets.printed(g.heads[k], c.words[k])
	text, ok := cleanItem(out.Text)
	if conf := r.sheets.confidence(c.words[k]); !ok || text == "" || conf > 0 && conf < leastConfidence {
		return Printed{}
	}
	out.Text = text
	return out
}

// title returns what a list is headed with.
func (r *partReader) title(t *structure.Table) Printed {
	if t.Title.Text == "" {
		return Printed{}
	}
	return r.sheets.printed("", r.sheets.refs(t.Title.Span))
}

func (r *partReader) section(t *structure.Table) string {
	if t.Section < 0 || t.Section >= len(r.document.Sections) {
		return ""
	}
	return r.document.Sections[t.Section].Title
}

// part adds the rows of one line of a list: one, or one for each model's number.
func (r *partReader) part(g *partSegment, c *partCells, p *PartRow) {
	var description []ref
	if g.describes >= 0 {
		description = trimBullet(r.sheets, r.sheets.withoutNote(c.words[g.describes]))
	}
	columns := g.numbers
	if len(columns) == 0 {
		columns = []int{g.number}
	}
	for k, role := range g.roles {
		refs := c.words[k]
		if len(refs) == 0 {
			continue
		}
		switch {
		case role == structure.RoleQuantity && p.Quantity.Empty():
			p.Quantity = r.sheets.printed(g.heads[k], refs)
		case role == structure.RoleModel:
			p.Models = append(slices.Clip(p.Models), r.sheets.printed(g.heads[k], refs))
		case slices.Contains(g.others, k), k == g.describes, role == structure.RoleItem, role == structure.RolePartNumber:
		case textnorm.Key(r.sheets.text(refs)) != "" && r.noteworthy(g, k):
			p.Notes = append(slices.Clip(p.Notes), r.sheets.printed(g.heads[k], refs))
		}
	}
	type found struct {
		number  Printed
		columns []int // of g.numbers
	}
	var numbers []found
	unsold := false // words stand in place of the number: "Not available"
	for i, k := range columns {
		number, rest, ok := r.orderNumber(g, c, k)
		if !ok {
			r.doubtful++
			return
		}
		if len(rest) > 0 && lettered(r.sheets.text(rest)) {
			p.Notes, unsold = append(slices.Clip(p.Notes), r.sheets.printed(g.heads[k], rest)), true
		}
		if number.Empty() {
			continue
		}
		if len(c.shared[k]) > 0 && len(numbers) > 0 && number.Text == numbers[len(numbers)-1].number.Text {
			last := &numbers[len(numbers)-1]
			last.columns = append(last.columns, i)
			continue
		}
		numbers = append(numbers, found{number, []int{i}})
	}
	p.Description = r.sheets.printed("", description)
	if g.describes >= 0 {
		p.Description.Heading = g.heads[g.describes]
	}
	if len(numbers) == 0 {
		// OCR may have missed a number.
		listed := !p.Item.Empty() && !p.ItemInherited && r.sheets.confidence(description) == 0
		if (unsold || listed) && lettered(p.Description.Text) && g.named {
			r.emit(*p)
		}
		return
	}
	if g.describes >= 0 && !lettered(p.Description.Text) && !slices.ContainsFunc(description, func(w ref) bool { return textnorm.Key(r.sheets.word(w).Text) != "" }) && !g.named {
		return
	}
	for _, f := range numbers {
		row := *p
		row.Number = f.number
		for i := range g.models {
			if slices.Contains(f.columns, i) {
				row.Models = append(slices.Clip(row.Models), r.sheets.printed("", g.models[i]))
			}
		}
		for i, k := range g.others {
			// Of columns for each model, only its own.
			if len(g.numbers) > 0 && len(g.others) == len(g.numbers) && !slices.Contains(f.columns, i) {
				continue
			}
			number, _, ok := r.orderNumber(g, c, k)
			if ok && !number.Empty() {
				row.Others = append(slices.Clip(row.Others), number)
			}
		}
		r.emit(row)
	}
}

// noteworthy reports whether a column's cells are worth to be kept with their row:
// those with a heading, except for marks.
func (r *partReader) noteworthy(g *partSegment, k int) bool {
	return g.heads[k] != "" && len(g.roles) <= 10
}

// trimBullet drops a mark before a text.
func trimBullet(s sheets, refs []ref) []ref {
	for len(refs) > 0 && textnorm.Key(s.word(refs[0]).Text) == "" {
		refs = refs[1:]
	}
	return refs
}

// emit adds a row.
func (r *partReader) emit(p PartRow) {
	words := slices.Concat(r.sheets.refs(p.Number.Words...), r.sheets.refs(p.Description.Words...))
	for _, w := range words {
		r.taken[w] = true
	}
	p.Confidence = r.sheets.confidence(words)
	r.rows = append(r.rows, p)
}
