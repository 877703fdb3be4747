package search

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// settingHeads are words of the titles of tables of settings; defaultHeads and
// rangeHeads head their columns, beside the words that package structure knows.
var (
	settingHeads = strings.Fields("dip switch switches jumper jumpers parameter parameters parameterliste setting settings configuration schalter dip-schalter einstellungen einstellung parametros parámetros paramètres réglages parametri impostazioni interruptores microinterruptores ajustes")
	defaultHeads = strings.Fields("default defaults factory preset initial delivered delivery werkseinstellung werkseinstellungen werks werkswert werksseitig werkseitig grundeinstellung lieferzustand auslieferungszustand auslieferung standardwert standardeinstellung voreinstellung fábrica defecto predeterminado predeterminada inicial usine défaut fabbrica predefinito")
	rangeHeads   = strings.Fields("range ranges options values choices selection selections einstellbereich wertebereich bereich optionen werte auswahl rango valores opciones plage valeurs valori opzioni")
	menuHeads    = strings.Fields("menu submenu menü untermenü menú submenú")
	switchHeads  = strings.Fields("switch switches dip jumper jumpers schalter dip-schalter steckbrücke brücke interruptor microinterruptor puente cavalier")
)

// settingRole is the role of a column in a table of settings.
func settingRole(c *structure.Column) structure.Role {
	switch c.Role {
	case structure.RoleOther, structure.RoleParameter, structure.RoleItem, structure.RoleRange, structure.RoleMeaning:
	default:
		return c.Role
	}
	tokens := textnorm.Tokens(c.Heading)
	switch {
	case len(tokens) > 4:
	case containsAny(tokens, defaultHeads):
		return structure.RoleDefault
	case containsAny(tokens, rangeHeads):
		return structure.RoleRange
	case containsAny(tokens, menuHeads):
		return structure.RoleParameter
	}
	return c.Role
}

// settingColumns are the columns of a table of settings; -1 where there is none.
type settingColumns struct {
	name, title int
	state       int // whose cells are positions: a row for each of a switch's
	roles       []structure.Role
}

// settingTable reports whether the headings of a table, and what it is titled, say
// that it lists settings, and which columns name them.
func (r *settingReader) settingTable(t *structure.Table) (settingColumns, bool) {
	c := settingColumns{name: -1, title: -1, state: -1}
	positions, described, told := 0, 0, 0
	values := map[structure.Role]bool{}
	for k := range t.Columns {
		role := settingRole(&t.Columns[k])
		c.roles = append(c.roles, role)
		switch role {
		case structure.RoleItem, structure.RoleParameter, structure.RoleCode, structure.RoleOther:
			switch {
			case c.name < 0 && k <= 1 && role != structure.RoleOther:
				c.name = k
			case c.name >= 0 && c.state < 0 && (r.stateColumn(t, k) || numbersSettings(t.Columns[k].Heading)):
				c.state = k
			case c.title < 0 && role == structure.RoleParameter:
				c.title = k
			}
		case structure.RolePosition:
			positions++
		case structure.RoleRange, structure.RoleDefault:
			values[role] = values[role] || role == structure.RoleRange || containsAny(textnorm.Tokens(t.Columns[k].Heading), defaultHeads)
		case structure.RoleMeaning:
			described++
		case structure.RolePartNumber, structure.RoleQuantity, structure.RoleRemedy, structure.RoleCause, structure.RoleSymptom:
			return c, false
		default:
		}
	}
	if c.name < 0 || faulty(t.Title.Text) {
		return c, false
	}
	titled := containsAny(textnorm.Tokens(t.Title.Text), settingHeads)
	for _, tells := range []bool{
		titled, positions >= 2, c.state >= 0, values[structure.RoleDefault], values[structure.RoleRange],
		containsAny(textnorm.Tokens(t.Columns[c.name].Heading), switchHeads), c.roles[c.name] != structure.RoleCode && r.namesSettings(t, c.name),
	} {
		if tells {
			told++
		}
	}
	switch {
	case titled && c.roles[c.name] == structure.RoleParameter && described > 0:
		return c, true
	case c.roles[c.name] == structure.RoleCode && !titled && !values[structure.RoleDefault]:
		return c, false // of faults
	}
	return c, told >= 2 && (positions >= 2 || c.state >= 0 || len(values) > 0)
}

// stateColumn reports whether the cells of a column are positions, and nothing else.
func (r *settingReader) stateColumn(t *structure.Table, k int) bool {
	n := 0
	for i := range t.Rows {
		c := &t.Rows[i].Cells[k]
		if c.Empty() || t.Rows[i].Heading {
			continue
		}
		if !isState(c.Text) {
			return false
		}
		n++
	}
	return n > 1
}

// numbersSettings reports whether a heading is that of the numbers by which a function
// is set: "Setting No.".
func numbersSettings(heading string) bool {
	tokens := textnorm.Tokens(heading)
	return len(tokens) == 2 && slices.ContainsFunc(tokens, func(w string) bool { return settingVocabulary[w]&wordSettings != 0 }) && slices.ContainsFunc(tokens, numberWord)
}

// isState reports whether a text is a position of a switch, however it is written.
func isState(text string) bool {
	words := strings.Fields(text)
	states := 0
	for _, w := range words {
		tag := settingVocabulary[strings.ToLower(trimSigns(w))]
		if tag&(wordState|wordPin) == 0 {
			return false
		}
		if tag&wordState != 0 {
			states++
		}
	}
	return states > 0 && len(words) <= 4
}

// namesSettings reports whether most of a column's cells are names of settings.
func (r *settingReader) namesSettings(t *structure.Table, k int) bool {
	n, names := 0, 0
	for i := range t.Rows {
		c := &t.Rows[i].Cells[k]
		if c.Empty() || c.Above || t.Rows[i].Heading {
			continue
		}
		n++
		if settingName.MatchString(footMark.ReplaceAllString(c.Text, "")) {
			names++
		}
	}
	return n > 1 && 4*names >= 3*n
}

// table reads a table whose headings say that it lists settings. It reports whether
// it is one.
func (r *settingReader) table(t *structure.Table) bool {
	c, ok := r.settingTable(t)
	if ok {
		r.read(t, &c)
	}
	return ok
}

// read reads the rows of a table.
func (r *settingReader) read(t *structure.Table, c *settingColumns) {
	title, section := r.titleOf(t)
	last := -1 // index of the row that further positions belong to
	for i := range t.Rows {
		row := &t.Rows[i]
		name := &row.Cells[c.name]
		mark := footMark.FindString(name.Text)
		text := strings.TrimSuffix(name.Text, mark)
		switch {
		case row.Heading:
			last = -1
			continue
		case last >= 0 && (name.Above || c.state >= 0 && !row.Cells[c.state].Empty() && (name.Empty() || name.Text == t.Rows[i-1].Cells[c.name].Text)):
			r.fill(t, row, c, &r.rows[last]) // another value of the same
			continue
		case name.Empty() || name.Columns != 1:
			if !name.Empty() {
				r.doubtful++
			}
			last = -1
			continue
		case len(strings.Fields(text)) > 6 || textnorm.Key(text) == "":
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
			last = len(r.rows) - 1
		}
	}
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

// fill adds the cells of a row.
func (r *settingReader) fill(t *structure.Table, row *structure.Row, c *settingColumns, p *SettingRow) {
	state := ""
	if c.state >= 0 {
		state = row.Cells[c.state].Text
	}
	for k := range row.Cells {
		cell := &row.Cells[k]
		if k == c.name || k == c.state || cell.Empty() || cell.Columns == 0 || cell.Above && k < c.name {
			continue
		}
		refs := r.sheets.refs(cell.Words...)
		if conf := r.sheets.confidence(refs); conf > 0 && (p.Confidence == 0 || conf < p.Confidence) {
			p.Confidence = conf
		}
		for at := k; at < min(k+cell.Columns, len(t.Columns)); at++ {
			v := r.sheets.printed(t.Columns[at].Heading, refs)
			if at == c.title && c.titles(row) {
				p.Title = v
				continue
			}
			switch c.roles[at] {
			case structure.RoleDefault:
				if p.Default = v; c.state >= 0 && chosen(v.Text) {
					p.Default = r.sheets.printed(v.Heading, r.sheets.refs(row.Cells[c.state].Words...))
				}
			case structure.RoleRange:
				p.Range = v
			case structure.RoleUnit:
				p.Unit = v
			case structure.RolePosition:
				p.Options = append(p.Options, v)
			case structure.RoleModel:
				p.Models = append(p.Models, v)
			case structure.RolePage:
			case structure.RoleMeaning, structure.RoleParameter:
				switch {
				case at != k:
				case state != "":
					v.Heading = state
					p.Options = append(p.Options, v)
				default:
					p.Meanings = append(p.Meanings, v)
				}
			default:
				switch {
				case textnorm.Key(v.Text) == "":
				case state != "" && at == k && lettered(v.Text):
					v.Heading = state
					p.Options = append(p.Options, v)
				default:
					p.Values = append(p.Values, v)
				}
			}
		}
	}
	if len(p.Options) == 0 {
		for _, list := range [][]Printed{p.Meanings, {p.Range}, {p.Title}} {
			for _, v := range list {
				if options := r.optionsIn(v); len(options) > 1 && len(p.Options) == 0 {
					p.Options = options
				}
			}
		}
	}
}

// titles reports whether the column of titles says what is set in a row of a
// position: not where it is the only one that says what the position does.
func (c *settingColumns) titles(row *structure.Row) bool {
	if c.state < 0 {
		return true
	}
	for k, role := range c.roles {
		if k != c.name && k != c.state && k != c.title && lettered(row.Cells[k].Text) && (role == structure.RoleMeaning || role == structure.RoleParameter || role == structure.RoleOther) {
			return true
		}
	}
	return false
}

// chosen reports whether a cell of defaults only marks the row of the position that is
// delivered.
func chosen(text string) bool {
	key := textnorm.Key(text)
	return key == "" || slices.Contains(strings.Fields("x o v yes ja sí si oui"), key)
}

// optionsIn reads the values that a cell tells with what they do: "0 = off, 1 = on".
func (r *settingReader) optionsIn(p Printed) []Printed {
	if len(p.Words) != 1 || !strings.ContainsAny(p.Text, "=:") {
		return nil
	}
	t := r.textOn(p.Words[0].Page)
	return t.inlineOptions(p.Words[0].Words)
}

// bare reads a table without headings whose rows begin with names of settings, under
// a title that says so: "P01 | Hysteresis | 1 to 10 K | 3 K". It reports whether it is
// one.
func (r *settingReader) bare(t *structure.Table) bool {
	if slices.ContainsFunc(t.Columns, func(c structure.Column) bool { return c.Heading != "" }) || len(t.Columns) < 2 || len(t.Rows) < 2 {
		return false
	}
	title := t.Title.Text
	if title == "" && t.Section >= 0 && t.Section < len(r.document.Sections) {
		title = r.document.Sections[t.Section].Title
	}
	var kinds settingWord
	for w := range strings.FieldsSeq(title) {
		kinds |= settingWordOf(w)
	}
	if kinds&(wordSwitch|wordJumper|wordParameter|wordSettings) == 0 || faulty(title) {
		return false
	}
	c := settingColumns{name: 0, title: -1, state: -1, roles: make([]structure.Role, len(t.Columns))}
	values := 0
	for k := 1; k < len(t.Columns); k++ {
		c.roles[k] = structure.RoleOther
		filled, ranges, figures, lettery := 0, 0, 0, 0
		for i := range t.Rows {
			cell := &t.Rows[i].Cells[k]
			if cell.Empty() {
				continue
			}
			filled++
			loc := settingRange.FindStringIndex(cell.Text)
			switch {
			case loc != nil && loc[0] == 0:
				ranges++
			case textnorm.HasDigit(cell.Text[:1]):
				figures++
			case lettered(cell.Text):
				lettery++
			}
		}
		switch {
		case filled == 0:
		case c.state < 0 && r.stateColumn(t, k):
			c.state, values = k, values+1
		case 2*ranges > filled:
			c.roles[k], values = structure.RoleRange, values+1
		case 2*figures > filled:
			values++
		case c.title < 0 && 2*lettery > filled:
			c.title, c.roles[k] = k, structure.RoleParameter
		}
	}
	numbered := c.state >= 0 && kinds&(wordSwitch|wordJumper) != 0
	if values == 0 || c.title < 0 || !r.namesSettings(t, 0) && !numbered {
		return false
	}
	for i := range t.Rows {
		if cell := &t.Rows[i].Cells[0]; numbered && !cell.Empty() && !settingNumber.MatchString(cell.Text) && !settingName.MatchString(cell.Text) {
			return false
		}
	}
	r.read(t, &c)
	return true
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
