// Package identify finds out from a manual's first pages what machine it is
// for: manufacturer, models, type, revision.
//
// The names of folders and files, the file's title and what the library knows
// are hints: they say what to look for, and nothing is proposed that the text
// does not print. A proposal is sure when, for the manufacturer and for each
// model, a second source that is independent of the text says the same. Each
// proposed value comes with its evidence. Nothing here decides: a person, or
// somebody who accepts all that is sure, does.
package identify

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// The fields that evidence is for.
const (
	FieldManufacturer = "manufacturer"
	FieldModel        = "model"
	FieldType         = "type"
	FieldTitle        = "title"
	FieldRevision     = "revision"
)

// Source says where a piece of evidence is from.
type Source string

// The sources.
const (
	Folder  Source = "folder"  // the name of a folder that the file was in
	File    Source = "file"    // the file's name
	Title   Source = "title"   // the PDF's title or outline
	Cover   Source = "cover"   // the text of the first page
	Text    Source = "text"    // the text of another page
	Library Source = "library" // a name that other manuals have
)

// Evidence is one reason for a proposed value.
type Evidence struct {
	Field  string `json:"field"`
	Value  string `json:"value"`
	Source Source `json:"source"`
	Page   int    `json:"page,omitempty"`  // PDF page number, of cover and text
	Quote  string `json:"quote,omitempty"` // what stands there, word for word
}

// Hints are what came with the file beside its text.
type Hints struct {
	Folders []string `json:"folders,omitempty"` // that it was in, outermost first
	Title   string   `json:"title,omitempty"`   // of the PDF's metadata; often wrong
}

// Model is a model that the library knows.
type Model struct {
	Manufacturer, Name string
	Aliases            []string
}

// Known is what the library knows of the names in the text.
type Known struct {
	Manufacturers []string
	Models        []Model
}

// Proposal is what was found. Fields without evidence are empty.
type Proposal struct {
	Manufacturer string
	Models       []string
	Type         string
	Title        string
	Revision     string
	Sure         bool
	Evidence     []Evidence
}

// maxModels is the most models of one proposal; what names more is a list of
// machines, not the cover of a manual.
const maxModels = 12

// Document is the searched part of a manual.
type Document struct {
	text     *document
	hints    Hints
	file     string
	headings []string // title and the first entries of the outline
}

// New prepares the pages, which are in order and need not be all of the manual's.
func New(pages []pdf.Page, outline []pdf.OutlineEntry, fileName string, hints Hints) *Document {
	d := &Document{text: read(pages), hints: hints, file: stem(fileName)}
	if hints.Title != "" {
		d.headings = append(d.headings, hints.Title)
	}
	for _, e := range outline[:min(len(outline), 3)] {
		d.headings = append(d.headings, e.Title)
	}
	return d
}

// Keys returns the keys (see equipment.Key) of all names that the text can hold:
// what the library is to be asked for.
func (d *Document) Keys() []string {
	seen := map[string]bool{}
	var out []string
	add := func(key string) {
		if len(key) >= 2 && len(key) <= 60 && !seen[key] {
			seen[key] = true
			out = append(out, key)
		}
	}
	for _, l := range d.text.lines {
		grams(l.tokens, func(_, _ int, key string) { add(key) })
		for key := range l.aliases {
			add(key)
		}
	}
	return out
}

// name is a candidate with what speaks for it.
type name struct {
	value    string
	places   []place
	evidence []Evidence
	sure     bool
	depth    int // of the folder that it is the name of, 1 is the outermost; 0 for none
}

func (n *name) add(field string, s Source, quoted string) {
	n.evidence = append(n.evidence, Evidence{Field: field, Value: n.value, Source: s, Quote: quote(quoted)})
}

// Identify proposes what the document prints and its hints and the library bear out.
func (d *Document) Identify(known Known) Proposal {
	maker := d.maker(known)
	models := d.models(maker, known)
	p := Proposal{Sure: maker.sure && len(models) > 0}
	if maker.value != "" {
		p.Manufacturer = maker.value
		p.Evidence = append(p.Evidence, d.printed(FieldManufacturer, maker)...)
	}
	for _, m := range models {
		p.Models = append(p.Models, m.value)
		p.Evidence = append(p.Evidence, d.printed(FieldModel, m)...)
		p.Sure = p.Sure && m.sure
	}
	phrase := d.proposeType(&p)
	if text, at := d.text.revision(); at != nil {
		p.Revision = text
		p.Evidence = append(p.Evidence, Evidence{FieldRevision, text, source(at), at.page, quote(at.text)})
	}
	p.Title = title(p.Manufacturer, p.Models, phrase)
	p.Evidence = distinct(p.Evidence)
	slices.SortStableFunc(p.Evidence, byPlace)
	return p
}

// distinct keeps the first of equal evidence: a name may be found in more than
// one way in the same place.
func distinct(all []Evidence) []Evidence {
	var out []Evidence
	for _, e := range all {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// proposeType fills in the type, and returns the words of the cover that say it.
// Words that are not set off count when the hints say the same; hints that
// contradict the cover make the proposal one to look at.
func (d *Document) proposeType(p *Proposal) (phrase string) {
	found := d.text.kind()
	if found.name == "" {
		return ""
	}
	var agree []Evidence
	contradicted := false
	note := func(s Source, hint string) {
		switch kind := hintedKind(hint); {
		case kind == found.name:
			agree = append(agree, Evidence{Field: FieldType, Value: found.name, Source: s, Quote: quote(hint)})
		case kind != "":
			contradicted = true
		}
	}
	for _, f := range d.hints.Folders {
		note(Folder, f)
	}
	note(File, d.file)
	if d.hints.Title != "" {
		note(Title, d.hints.Title)
	}
	if !found.prominent && len(agree) == 0 {
		return ""
	}
	p.Type = found.name
	p.Sure = p.Sure && !contradicted
	p.Evidence = append(p.Evidence, Evidence{FieldType, found.name, Cover, found.line.page, quote(found.line.text)})
	p.Evidence = append(p.Evidence, agree...)
	return found.phrase
}

// printed adds the best place in the text to the evidence of a name.
func (d *Document) printed(field string, n name) []Evidence {
	out := n.evidence
	for i := range out {
		out[i].Value = n.value
	}
	if len(n.places) > 0 {
		l := n.places[0].line
		out = append(out, Evidence{field, n.value, source(l), l.page, quote(l.text)})
	}
	return out
}

func source(l *line) Source {
	if l.cover {
		return Cover
	}
	return Text
}

func stem(fileName string) string {
	if i := strings.LastIndexByte(fileName, '.'); i > 0 {
		fileName = fileName[:i]
	}
	return spaced(fileName)
}

// spaced writes the name of a folder or file with spaces.
func spaced(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == ' ' || r == '\t' }), " ")
}

// inHeadings returns the heading that holds the name.
func (d *Document) inHeadings(key string) (string, bool) {
	for _, h := range d.headings {
		found := false
		grams(tokens(h), func(_, _ int, k string) { found = found || k == key })
		if found {
			return h, true
		}
	}
	return "", false
}

// inFile reports whether the file's name holds the name. Its parts are separated
// by anything.
func (d *Document) inFile(key string) bool {
	found := false
	grams(fileTokens(d.file), func(_, _ int, k string) { found = found || k == key })
	return found
}

func fileTokens(file string) []token {
	return tokens(strings.NewReplacer("-", " ", ".", " ", "_", " ", "+", " ").Replace(file))
}

// maker finds the manufacturer.
func (d *Document) maker(known Known) name {
	var found []name
	outer := false // a folder further out names something too
	for i, f := range d.hints.Folders {
		value := withoutLegalForm(spaced(f))
		key := equipment.Key(value)
		if len(key) < 2 || designation(key) || !hasLetter(key) || telling(value) == "" {
			continue
		}
		n := d.makerName(value, known)
		if before, _, ok := strings.Cut(value, "("); ok && len(n.places) == 0 { // "Maker (Group)"
			n = d.makerName(strings.TrimSpace(before), known)
		}
		// The innermost of several folders names a model, unless it is known better.
		last := outer && i == len(d.hints.Folders)-1
		outer = true
		named := d.text.company(value) || n.library()
		if len(n.places) == 0 || !named && (last || !d.text.proper(value) || !slices.ContainsFunc(n.places, place.named)) {
			continue
		}
		n.depth = i + 1
		n.evidence = append([]Evidence{{Field: FieldManufacturer, Source: Folder, Quote: quote(f)}}, n.evidence...)
		// The folder and the text agree, unless the text may mean a common word.
		n.sure = named || n.places[0].line.cover
		found = append(found, n)
	}
	if len(found) > 0 {
		return d.innermostMaker(found)
	}
	for _, value := range known.Manufacturers {
		n := d.makerName(value, known)
		if len(n.places) == 0 || !d.text.proper(value) && !d.text.company(value) {
			continue
		}
		inFile := len(equipment.Key(value)) >= 3 && d.inFile(equipment.Key(value))
		n.sure = (n.places[0].line.cover || inFile) && d.text.company(value) || n.places[0].line.cover && inFile
		if n.sure || n.places[0].line.cover {
			found = append(found, n)
		}
	}
	switch len(found) {
	case 0:
		return d.printedMaker(known)
	case 1:
		return found[0]
	}
	// Several known names stand there: the largest one is proposed only.
	slices.SortStableFunc(found, func(a, b name) int { return d.compare(a, b) })
	found[0].sure = false
	return found[0]
}

func (n *name) library() bool {
	return slices.ContainsFunc(n.evidence, func(e Evidence) bool { return e.Source == Library })
}

// compare puts the more prominent name first.
func (d *Document) compare(a, b name) int {
	pa, pb := a.places[0].line, b.places[0].line
	switch {
	case pa.cover != pb.cover && pa.cover, pa.cover == pb.cover && pa.size > pb.size:
		return -1
	case pa.cover == pb.cover && pa.size == pb.size:
		return 0
	}
	return 1
}

// innermostMaker chooses among folders: Brands/Maker/Model. What names a company
// is the maker; of several the one next to the file, since it is the brand of a
// group's folder. A folder below it is a model.
func (d *Document) innermostMaker(found []name) name {
	best := -1
	for i, n := range found {
		if d.text.company(n.value) || n.library() {
			best = i
		}
	}
	if best >= 0 {
		return found[best]
	}
	// Both are only names so far: the outer one is the maker's.
	return found[0]
}

// makerName is a manufacturer's name as the library spells it, or else as it is
// given, with its places.
func (d *Document) makerName(value string, known Known) name {
	n := name{value: value, places: d.text.find(value)}
	for _, k := range known.Manufacturers {
		if sameMaker(k, value) && (equipment.Key(k) == equipment.Key(value) || len(d.text.find(k)) > 0) {
			n.value = k
			if places := d.text.find(k); len(places) > 0 {
				n.places = places
			}
			n.add(FieldManufacturer, Library, k)
			break
		}
	}
	if key := equipment.Key(value); d.inFile(key) {
		n.add(FieldManufacturer, File, d.file)
	}
	if h, ok := d.inHeadings(equipment.Key(value)); ok {
		n.add(FieldManufacturer, Title, h)
	}
	return n
}

// printedMaker finds a company's name that is printed on the first pages and
// that the file's name or its title begins with; without these it is a guess for
// a person to look at.
func (d *Document) printedMaker(known Known) name {
	for _, t := range fileTokens(d.file) {
		if len(t.key) < 3 || hasDigit(t.key) || generic[t.key] {
			continue
		}
		if n := d.makerName(t.text, known); len(n.places) > 0 && d.text.company(t.text) {
			if !n.library() {
				n.value = asWritten(n.places)
			}
			n.sure = d.text.proper(t.text)
			return n
		}
	}
	for i := range d.text.lines {
		l := &d.text.lines[i]
		for k, t := range l.tokens {
			if !legalForm(t.text) {
				continue
			}
			first := k
			for first > max(0, k-3) && capital(l.tokens[first-1].text) && !hasDigit(l.tokens[first-1].key) && !generic[l.tokens[first-1].key] &&
				!legalForm(l.tokens[first-1].text) && l.tokens[first-1].key != "copyright" {
				first--
			}
			value := joined(l.tokens[first:k])
			if first == k || len(equipment.Key(value)) < 3 || !d.text.proper(value) {
				continue
			}
			// Others' companies are named inside, for their trade marks.
			if n := d.makerName(value, known); n.places[0].line.cover || d.text.domains[equipment.Key(value)] {
				return n
			}
		}
	}
	return name{}
}

// asWritten prefers a place where the name is not all capitals: covers are set so.
func asWritten(places []place) string {
	for _, p := range places {
		if p.text != strings.ToUpper(p.text) && capital(p.text) {
			return p.text
		}
	}
	return places[0].text
}
