package search

import (
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// blockHead is the heading of a column of pictures of a block of switches: "SW1
// Setting".
func blockHead(heading string) (block string, ok bool) {
	words := strings.Fields(heading)
	if len(words) == 0 || len(words) > 4 {
		return "", false
	}
	told := false
	for _, w := range words {
		if switchBlock.MatchString(trimSigns(w)) && block == "" {
			block = trimSigns(w)
		}
		told = told || settingWordOf(w)&(wordSwitch|wordSettings|wordJumper) != 0 || strings.EqualFold(w, "switch") || strings.EqualFold(w, "position")
	}
	return block, told && block != ""
}

// picture reads a table in which a column shows the positions of a block of switches
// as pictures, of which only the labels are text: "ON OFF 1 2 3 4". It gives the row of
// the block, with what the positions stand for; which they are is in the picture. It
// reports whether it is such a table.
func (r *settingReader) picture(t *structure.Table) bool {
	column, block := -1, ""
	for k := range t.Columns {
		if name, ok := blockHead(t.Columns[k].Heading); ok && r.switchPictures(t, k) {
			column, block = k, name
			break
		}
	}
	if column < 0 || len(t.Columns) < 2 {
		return false
	}
	title, section := r.titleOf(t)
	row := SettingRow{Page: t.Parts[0].Page, Language: t.Language, Section: section, Table: title}
	heading := r.sheets.refs(t.Columns[column].Words...)
	for _, w := range heading {
		if trimSigns(r.sheets.word(w).Text) == block {
			row.Name = r.sheets.printed(t.Columns[column].Heading, []ref{w})
			row.Name.Text = block
		}
	}
	if row.Name.Empty() {
		return false
	}
	row.Title = title
	for k := range t.Columns {
		if k == column {
			continue
		}
		if words := r.sheets.refs(t.Columns[k].Words...); len(words) > 0 {
			row.Meanings = append(row.Meanings, r.sheets.printed("", words))
		}
		for i := range t.Rows {
			if c := &t.Rows[i].Cells[k]; !c.Empty() && c.Columns > 0 && !c.Above {
				row.Values = append(row.Values, r.sheets.printed(t.Columns[k].Heading, r.sheets.refs(c.Words...)))
			}
		}
	}
	for i := range r.rows { // the other half of a table that is printed in two
		o := &r.rows[i]
		if o.Page == row.Page && o.Name.Text == block && len(o.Values) > 0 && o.Values[0].Heading == row.Values[0].Heading {
			o.Values = append(o.Values, row.Values...)
			return true
		}
	}
	r.emit(row)
	return true
}

// switchPictures reports whether the cells of a column hold nothing but the labels of
// switches.
func (r *settingReader) switchPictures(t *structure.Table, column int) bool {
	n := 0
	for i := range t.Rows {
		c := &t.Rows[i].Cells[column]
		if c.Empty() {
			continue
		}
		states := 0
		for _, w := range strings.Fields(c.Text) {
			switch {
			case settingWordOf(w)&wordState != 0:
				states++
			case !codeNumber.MatchString(w):
				return false
			}
		}
		if states == 0 {
			return false
		}
		n++
	}
	return n > 0
}

const (
	menuNameWords = 4   // of an entry of a menu; a longer text is none
	menuShare     = 0.6 // part of the rows that say what is set
)

// menu reads a table without headings that lists the entries of a menu: the name of
// each, and what is set by it. The table or the line above it says that it is one of
// settings.
func (r *settingReader) menu(t *structure.Table) {
	if len(t.Columns) < 2 || slices.ContainsFunc(t.Columns, func(c structure.Column) bool {
		return c.Role != structure.RoleOther && c.Heading != ""
	}) {
		return
	}
	name, text := -1, -1
	for k := range t.Columns {
		filled := 0
		for i := range t.Rows {
			if c := &t.Rows[i].Cells[k]; !c.Empty() && !c.Above {
				filled++
			}
		}
		switch {
		case filled == 0:
		case name < 0:
			name = k
		case text < 0:
			text = k
		default:
			return // of three columns nothing says what the third is
		}
	}
	if text < 0 {
		return
	}
	var rows []*structure.Row
	sets, told := 0, false
	for i := range t.Rows {
		row := &t.Rows[i]
		n, c := &row.Cells[name], &row.Cells[text]
		if n.Empty() || c.Empty() || n.Columns != 1 && text == name+1 || len(strings.Fields(n.Text)) > menuNameWords || textnorm.Key(n.Text) == "" || endsClause(n.Text) {
			if !n.Empty() && !c.Empty() {
				return // not a list of names
			}
			told = told || tellsSettings(n.Text+" "+c.Text)
			continue
		}
		if saysWhatIsSet(c.Text) {
			sets++
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 || float64(sets) < menuShare*float64(len(rows)) {
		return
	}
	title, section := r.titleOf(t)
	for _, c := range t.Columns {
		told = told || tellsSettings(c.Heading)
	}
	if !told && !tellsSettings(title.Text) {
		return
	}
	for _, from := range rows {
		row := SettingRow{Page: from.Page(), Language: t.Language, Section: section, Table: title}
		row.Name = r.sheets.printed("", r.sheets.refs(from.Cells[name].Words...))
		words := r.sheets.refs(from.Cells[text].Words...)
		head := r.firstStatement(words)
		row.Title = r.sheets.printed("", words[:head])
		if head < len(words) {
			r.explain(words[head:], &row)
		}
		r.emit(row)
	}
}

// tellsSettings reports whether words speak of settings, and not of faults.
func tellsSettings(text string) bool {
	return slices.ContainsFunc(strings.Fields(text), func(w string) bool { return settingWordOf(w)&(wordSettings|wordParameter) != 0 }) && !faulty(text)
}

// saysWhatIsSet reports whether a text begins or ends, as the language has it, with
// a verb that sets: "Set the brightness …", "Helligkeit einstellen …".
func saysWhatIsSet(text string) bool {
	for i, w := range strings.Fields(text) {
		if i > 7 {
			break
		}
		if tag := settingWordOf(w); tag&wordSet != 0 {
			return true
		}
		if endsClause(w) {
			break
		}
	}
	return false
}

// firstStatement is how many of the words of a cell are its first statement: up to a
// full stop, or to a line that begins one anew.
func (r *settingReader) firstStatement(words []ref) int {
	for i, w := range words {
		if i == 0 {
			continue
		}
		text := r.sheets.word(w).Text
		if strings.HasSuffix(r.sheets.word(words[i-1]).Text, ".") {
			return i
		}
		first := []rune(trimSigns(text))
		if a, b := r.sheets.line(words[i-1]), r.sheets.line(w); a != b && len(first) > 0 && unicode.IsUpper(first[0]) && r.sheets.extent(w).top > r.sheets.extent(words[i-1]).bottom-1 {
			return i
		}
	}
	return len(words)
}

// explain adds what a cell says of a setting behind its first statement. What goes on
// over a page break is left as it is.
func (r *settingReader) explain(words []ref, row *SettingRow) {
	row.Meanings = append(row.Meanings, r.sheets.printed("", words))
	t := r.textOn(words[0].page)
	var on []int
	for _, w := range words {
		if w.page != t.page {
			return
		}
		on = append(on, w.word)
	}
	t.delivery(on, row)
}
