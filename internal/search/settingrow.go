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
	// Options are what the positions do; the heading is the position: "ON", whose words
	// are among the option's where they stand beside the text.
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

// says reports whether the row has anything beside its name.
func (r *SettingRow) says() bool {
	return len(r.Options)+len(r.Values)+len(r.Meanings) > 0 || !r.Title.Empty() || !r.Default.Empty() || !r.Range.Empty()
}

var (
	// switchBlock is the name of a block of switches: S1, SW2, DIP1, J10.
	switchBlock = regexp.MustCompile(`^(?:[A-Z]{1,3}\d{1,3})$`)
	footMark    = regexp.MustCompile(`[*†‡!§]+$`)
)

// readSettings returns the settings that a manual's tables, lists and sentences tell,
// in the order of its pages, and how many were left out because the page does not
// tell what belongs together. languages are by page number.
func readSettings(s sheets, d *structure.Document, languages map[int]string) ([]SettingRow, int) {
	r := &settingReader{sheets: s, document: d, languages: languages, words: map[string]settingWord{}, keys: map[string]bool{}}
	for i := range d.Tables {
		if t := &d.Tables[i]; !r.table(t) && !r.picture(t) && !r.bare(t) {
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
