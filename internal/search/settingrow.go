package search

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// SettingRow is a switch, a jumper or a parameter of a table of settings.
type SettingRow struct {
	ManualID uuid.UUID `json:"-"`
	Page     int       `json:"page"` // PDF page number on which it begins
	Section  string    `json:"section,omitempty"`
	Language string    `json:"language,omitempty"` // ISO 639-1
	// Name is what the manual calls it: "P12", "S1-3", "7". Without the mark of a
	// footnote.
	Name Printed `json:"name"`
	// Title says in words what is set: "Filter reminder".
	Title   Printed `json:"title"`
	Default Printed `json:"default"`
	Range   Printed `json:"range"`
	Unit    Printed `json:"unit"`
	// Options are what the positions do; the heading is the position: "ON".
	Options []Printed `json:"options,omitempty"`
	// Values are what the table prints under any other heading: often a model, whose
	// value is delivered.
	Values []Printed `json:"values,omitempty"`
	// Meanings explain it.
	Meanings []Printed `json:"meanings,omitempty"`
	// Cautions are the footnotes that the name's mark points to: "do not change".
	Cautions []Printed `json:"cautions,omitempty"`
	Models   []Printed `json:"models,omitempty"` // that the row names
	Group    []Printed `json:"group,omitempty"`  // headings above it inside of the table
	Table    Printed   `json:"table"`            // the table's title: often the switch block
	// Confidence is the lowest that OCR gave a word of the row, 1 to 100; 0 where the
	// file itself has the text.
	Confidence int `json:"confidence,omitempty"`
	// Corrected is what the shop says of the row, nil when it says nothing.
	Corrected *Corrected `json:"-"`
}

// keys are the normalised names that the row is found by: its own, and with the
// block of switches that the table's title names.
func (r *SettingRow) keys() []string {
	name := textnorm.Key(r.Name.Text)
	out := []string{name}
	for _, w := range strings.Fields(r.Table.Text) {
		if w = strings.Trim(w, ".,:;()"); switchBlock.MatchString(w) && !strings.HasPrefix(name, textnorm.Key(w)) {
			out = append(out, textnorm.Key(w+"-"+r.Name.Text))
		}
	}
	return slices.DeleteFunc(out, func(k string) bool { return k == "" })
}

// Answers reports whether one of the names, normalised, is the row's.
func (r *SettingRow) Answers(names map[string]bool) bool {
	return slices.ContainsFunc(r.keys(), func(k string) bool { return names[k] })
}

// words are those that the row is found by, beside its name.
func (r *SettingRow) words() string {
	out := r.Name.Text + " " + r.Title.Text + " " + r.Table.Text
	for _, list := range [][]Printed{r.Meanings, r.Options, r.Group} {
		for _, p := range list {
			out += " " + p.Text
		}
	}
	return out
}

var (
	// switchBlock is the name of a block of switches: S1, SW2, DIP1, J10.
	switchBlock = regexp.MustCompile(`^(?:[A-Z]{1,3}\d{1,3})$`)
	footMark    = regexp.MustCompile(`[*†‡!§]+$`)
)

// settingHeads are words of the titles of tables of settings.
var settingHeads = strings.Fields("dip switch switches jumper jumpers parameter parameters setting settings configuration schalter dip-schalter einstellungen einstellung parametros parámetros paramètres réglages parametri impostazioni interruptores")

// readSettings returns the settings that a manual's tables, lists and sentences tell,
// in the order of its pages, and how many were left out because the page does not
// tell what belongs together. languages are by page number.
func readSettings(s sheets, d *structure.Document, languages map[int]string) ([]SettingRow, int) {
	r := &settingReader{sheets: s, document: d, languages: languages, words: map[string]settingWord{}, keys: map[string]bool{}}
	for i := range d.Tables {
		if t := &d.Tables[i]; !r.table(t) && !r.picture(t) {
			r.menu(t)
		}
	}
	var texts []*settingText
	for _, page := range slices.Sorted(maps.Keys(s)) {
		if t := r.newSettingText(page); t != nil {
			t.lists()
			texts = append(texts, t)
		}
	}
	for i := range r.rows {
		for _, key := range r.rows[i].keys() {
			r.keys[key] = true
		}
	}
	for _, t := range texts {
		t.prose()
	}
	slices.SortStableFunc(r.rows, func(a, b SettingRow) int { return a.Page - b.Page })
	return r.rows, r.doubtful
}

type settingReader struct {
	sheets    sheets
	document  *structure.Document
	languages map[int]string
	rows      []SettingRow
	doubtful  int
	open      openList
	words     map[string]settingWord // what words can be, by how they are printed
	keys      map[string]bool        // of the rows that tables and lists have
}

// openList is a list of settings that the end of its page cuts off.
type openList struct {
	page    int
	shape   string
	context settingWord
	block   Printed
}

// defined reports whether a table or a list of the manual tells what a setting is: it
// goes before the sentences that name it.
func (r *settingReader) defined(row *SettingRow) bool { return r.keys[textnorm.Key(row.Name.Text)] }

// emit adds a row, unless its page has one of that name already.
func (r *settingReader) emit(row SettingRow) {
	same := func(o SettingRow) bool {
		return o.Page == row.Page && textnorm.Key(o.Name.Text) == textnorm.Key(row.Name.Text) && (o.Table.Text == row.Table.Text || row.Table.Empty())
	}
	if slices.ContainsFunc(r.rows, same) {
		return
	}
	if row.Section == "" {
		row.Section = r.sectionOf(&row)
	}
	for _, list := range [][]Printed{{row.Name, row.Title, row.Default, row.Range}, row.Options, row.Values, row.Meanings} {
		for _, p := range list {
			if c := r.sheets.confidence(r.sheets.refs(p.Words...)); c > 0 && (row.Confidence == 0 || c < row.Confidence) {
				row.Confidence = c
			}
		}
	}
	r.rows = append(r.rows, row)
}

// sectionOf is the title of the innermost section that a row stands in.
func (r *settingReader) sectionOf(row *SettingRow) string {
	title := ""
	for _, s := range r.document.Sections {
		if s.FirstPage > row.Page || s.LastPage < row.Page {
			continue
		}
		if s.FirstPage == row.Page && len(s.Heading.Words) > 0 && !row.Name.Empty() && s.Heading.Words[0] > row.Name.Words[0].Words[0] {
			continue
		}
		title = s.Title
	}
	return title
}

// settingColumns are the columns of a table of settings; -1 where there is none.
type settingColumns struct{ name, title int }

// table reads a table whose headings say that it lists settings. It reports whether
// it is one.
func (r *settingReader) table(t *structure.Table) bool {
	c, ok := settingTable(t)
	if !ok {
		return false
	}
	title, section := r.titleOf(t)
	var last *SettingRow
	for i := range t.Rows {
		row := &t.Rows[i]
		name := &row.Cells[c.name]
		if row.Heading {
			last = nil
			continue
		}
		if name.Empty() || name.Columns != 1 {
			if name.Columns != 1 && !name.Empty() {
				r.doubtful++
			}
			last = nil
			continue
		}
		if name.Above && last != nil { // another value of the same
			r.fill(t, row, c, last)
			continue
		}
		mark := footMark.FindString(name.Text)
		text := strings.TrimSuffix(name.Text, mark)
		if len(strings.Fields(text)) > 6 || textnorm.Key(text) == "" {
			continue
		}
		p := SettingRow{Page: row.Page(), Language: t.Language, Section: section, Table: title}
		p.Name = r.sheets.printed(t.Columns[c.name].Heading, r.sheets.refs(name.Words...))
		p.Name.Text = text
		for _, g := range row.Group {
			p.Group = append(p.Group, r.sheets.printed("", r.sheets.refs(g)))
		}
		r.fill(t, row, c, &p)
		if mark != "" {
			p.Cautions = r.footnotes(t, mark)
		}
		if p.says() {
			r.rows = append(r.rows, p)
			last = &r.rows[len(r.rows)-1]
		}
	}
	return true
}

// titleOf returns the title of a table, and that of its section.
func (r *settingReader) titleOf(t *structure.Table) (title Printed, section string) {
	if t.Title.Text != "" {
		title = r.sheets.printed("", r.sheets.refs(t.Title.Span))
	}
	if t.Section >= 0 && t.Section < len(r.document.Sections) {
		section = r.document.Sections[t.Section].Title
	}
	return title, section
}

// says reports whether the row has anything beside its name.
func (r *SettingRow) says() bool {
	return len(r.Options)+len(r.Values)+len(r.Meanings) > 0 || !r.Title.Empty() || !r.Default.Empty() || !r.Range.Empty()
}

// fill adds the cells of a row.
func (r *settingReader) fill(t *structure.Table, row *structure.Row, c settingColumns, p *SettingRow) {
	for k := range row.Cells {
		cell := &row.Cells[k]
		if k == c.name || cell.Empty() || cell.Columns == 0 || cell.Above && k < c.name {
			continue
		}
		refs := r.sheets.refs(cell.Words...)
		if conf := r.sheets.confidence(refs); conf > 0 && (p.Confidence == 0 || conf < p.Confidence) {
			p.Confidence = conf
		}
		for at := k; at < min(k+cell.Columns, len(t.Columns)); at++ {
			col := &t.Columns[at]
			v := r.sheets.printed(col.Heading, refs)
			if at == c.title {
				p.Title = v
				continue
			}
			switch col.Role {
			case structure.RoleDefault:
				p.Default = v
			case structure.RoleRange:
				p.Range = v
			case structure.RoleUnit:
				p.Unit = v
			case structure.RolePosition:
				p.Options = append(p.Options, v)
			case structure.RoleMeaning, structure.RoleParameter:
				if at == k {
					p.Meanings = append(p.Meanings, v)
				}
			case structure.RoleModel:
				p.Models = append(p.Models, v)
			case structure.RolePage:
			default:
				if textnorm.Key(v.Text) != "" {
					p.Values = append(p.Values, v)
				}
			}
		}
	}
}

// settingTable reports whether a table lists settings, and which columns name them.
func settingTable(t *structure.Table) (settingColumns, bool) {
	c := settingColumns{-1, -1}
	positions, values, described := 0, 0, 0
	for k := range t.Columns {
		switch t.Columns[k].Role {
		case structure.RoleItem, structure.RoleParameter, structure.RoleCode:
			switch {
			case c.name < 0 && k <= 1:
				c.name = k
			case c.title < 0 && t.Columns[k].Role == structure.RoleParameter:
				c.title = k
			}
		case structure.RolePosition:
			positions++
		case structure.RoleDefault, structure.RoleRange:
			values++
		case structure.RoleMeaning:
			described++
		case structure.RolePartNumber, structure.RoleQuantity, structure.RoleRemedy, structure.RoleCause, structure.RoleSymptom:
			return c, false
		default:
		}
	}
	titled := slices.ContainsFunc(textnorm.Tokens(t.Title.Text), func(w string) bool { return slices.Contains(settingHeads, w) })
	switch {
	case c.name < 0:
		return c, false
	case t.Kind == structure.KindSettings, positions >= 2:
		return c, positions >= 2 || values > 0 || titled
	case titled && t.Columns[c.name].Role == structure.RoleParameter:
		return c, values > 0 || described > 0
	}
	return c, values > 0 && titled
}

// footnotes returns the sentences near a table that say what a mark means: "marked
// with * are for the factory".
func (r *settingReader) footnotes(t *structure.Table, mark string) []Printed {
	var out []Printed
	for _, part := range t.Parts {
		p := r.sheets[part.Page]
		in := tableWords(p)
		for i, l := range p.Lines {
			at := -1
			for w := l.First; w < l.First+l.Count; w++ {
				text := strings.Trim(p.Words[w].Text, ".,:;()„“\"'")
				if !in[w] && (text == mark || w == l.First && strings.HasPrefix(text, mark)) {
					at = w
				}
			}
			if at >= 0 {
				if s := r.sentence(part.Page, i, at); len(s) > 0 {
					out = append(out, r.sheets.printed(mark, s))
				}
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// sentence returns the sentence around a word: back to the end of the one before on
// its line and those above, and on to its own end.
func (r *settingReader) sentence(page, line, word int) []ref {
	p := r.sheets[page]
	ends := func(w int) bool { return strings.ContainsAny(p.Words[w].Text[len(p.Words[w].Text)-1:], ".!?") }
	near := func(a, b int) bool {
		x, y := p.Lines[a].Box, p.Lines[b].Box
		return y.Y0-x.Y1 < x.Y1-x.Y0 && x.X0 < y.X1 && y.X0 < x.X1
	}
	from, first := word, line
	for from > 0 && !ends(from-1) {
		if from == p.Lines[first].First {
			if first == 0 || !near(first-1, first) {
				break
			}
			first--
		}
		from--
	}
	to, last := word, line
	for !ends(to) && to+1 < len(p.Words) {
		if to+1 == p.Lines[last].First+p.Lines[last].Count {
			if last+1 == len(p.Lines) || !near(last, last+1) {
				break
			}
			last++
		}
		to++
	}
	var out []ref
	for w := from; w <= to; w++ {
		out = append(out, ref{page, w})
	}
	return out
}
