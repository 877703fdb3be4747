package structure

import (
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// SectionType says what a section is about.
type SectionType string

// The types of sections.
const (
	SectionOverview        SectionType = "overview"
	SectionSpecifications  SectionType = "specifications"
	SectionInstallation    SectionType = "installation"
	SectionOperation       SectionType = "operation"
	SectionErrorCodes      SectionType = "error_codes"
	SectionTroubleshooting SectionType = "troubleshooting"
	SectionMaintenance     SectionType = "maintenance"
	SectionWiring          SectionType = "wiring_diagrams"
	SectionParts           SectionType = "parts_list"
	SectionSafety          SectionType = "safety"
	SectionOther           SectionType = "other"
)

// The sources of sections.
const (
	SourceOutline = "outline" // the file's bookmarks
	SourceHeading = "heading" // what is set as a heading on the pages
)

// Section is a chapter or a part of one.
type Section struct {
	Title string      `json:"title"`
	Type  SectionType `json:"type"`
	Level int         `json:"level"` // 1 is the top
	// Parent is the section that it is part of: an index into Document.Sections, -1
	// for none.
	Parent    int `json:"parent"`
	FirstPage int `json:"first_page"` // PDF page numbers; a section may begin and end amid a page
	LastPage  int `json:"last_page"`
	// Heading are the words of its heading on FirstPage; none when the bookmark's
	// title is not printed there.
	Heading  Span          `json:"heading,omitzero"`
	Language string        `json:"language,omitempty"` // ISO 639-1
	Applies  Applicability `json:"applies,omitzero"`
	Source   string        `json:"source"`
	// CopyOf is the section, in another language, that this one repeats: an index
	// into Document.Sections, -1 for none.
	CopyOf int `json:"copy_of"`
}

// Applicability is what a section holds for, as its heading and its first lines
// say. Empty slices mean that they say nothing, and what it is part of counts.
type Applicability struct {
	Models       []Fact  `json:"models,omitempty"`
	Serials      []Range `json:"serials,omitempty"`
	Voltages     []Fact  `json:"voltages,omitempty"`
	Refrigerants []Fact  `json:"refrigerants,omitempty"`
}

// Empty reports whether nothing is said.
func (a *Applicability) Empty() bool {
	return len(a.Models)+len(a.Serials)+len(a.Voltages)+len(a.Refrigerants) == 0
}

// Range is a range of serial numbers or dates of manufacture, as printed; an end
// that is "" is open.
type Range struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	Fact
}

// Drawing is a picture that is meant to be looked at, and not read.
type Drawing struct {
	Kind    DrawingKind `json:"kind"`
	Title   Fact        `json:"title,omitzero"` // zero when there is none
	Page    int         `json:"page"`           // PDF page number
	Box     pdf.Box     `json:"box"`
	Section int         `json:"section"` // index into Document.Sections, -1 for none
}

// DrawingKind says what a drawing shows.
type DrawingKind string

// The kinds of drawings.
const (
	DrawingWiring   DrawingKind = "wiring"
	DrawingExploded DrawingKind = "exploded_view"
	DrawingLayout   DrawingKind = "layout" // where parts, switches and connections are; dimensions
	DrawingOther    DrawingKind = "other"
)

// leastOutline is how many bookmarks with a page an outline must have for the
// manual to be divided by it.
const leastOutline = 3

// readSections divides the manual by its outline, else by its headings.
func readSections(pages []*page, o Options, labels map[int]string) []Section {
	if len(pages) == 0 {
		return nil
	}
	byNumber := map[int]*page{}
	last := 0
	for _, v := range pages {
		byNumber[v.Number] = v
		last = max(last, v.Number)
	}
	marks := fromOutline(o.Outline, byNumber, last)
	source := SourceOutline
	if len(marks) < leastOutline {
		marks, source = nil, SourceHeading
		for _, h := range headings(pages) {
			marks = append(marks, mark{title: h.title, level: h.level, page: h.page.Number, words: h.words, y: h.y, top: h.top})
		}
	}
	marks = marks[:min(len(marks), maxSections)]
	ends := map[int]int{} // of the mark whose section ends with a copy, before its page
	if source == SourceHeading {
		ends = copyEnds(marks, pages, o.Languages, labels)
	}
	out := make([]Section, len(marks))
	var open []int
	for i, m := range marks {
		for len(open) > 0 && out[open[len(open)-1]].Level >= m.level {
			open = open[:len(open)-1]
		}
		parent := -1
		if len(open) > 0 {
			parent = open[len(open)-1]
		}
		open = append(open, i)
		end := last
		for _, n := range marks[i+1:] {
			if n.level <= m.level {
				end = n.page
				if n.top && n.page > m.page {
					end--
				}
				break
			}
		}
		if e, ok := ends[i]; ok {
			end = min(end, e)
		}
		s := Section{Title: m.title, Type: typeOf(m.title), Level: m.level, Parent: parent, FirstPage: m.page, LastPage: max(end, m.page), Source: source, CopyOf: -1}
		if len(m.words) > 0 {
			s.Heading = Span{Page: m.page, Words: m.words}
		}
		s.Language = languageOf(o.Languages, s.FirstPage, s.LastPage)
		out[i] = s
	}
	for i := range out {
		// "General" is what its chapter is about.
		if s := &out[i]; s.Parent >= 0 && (s.Type == SectionOther || s.Type == SectionOverview && out[s.Parent].Type != SectionOther) {
			s.Type = out[s.Parent].Type
		}
	}
	for i := range out {
		out[i].Applies = applies(&out[i], i, marks, byNumber, o.Models)
	}
	return out
}

// copyEnds returns the last page of each section that is cut off since the manual
// begins anew behind it: in another language, or with page numbers of other letters
// ("EN-12", then "CN-1").
func copyEnds(marks []mark, pages []*page, languages, labels map[int]string) map[int]int {
	out := map[int]int{}
	var anew []int // page numbers
	prefix, language := "", ""
	for i, v := range pages {
		p, first := labelPrefix(labels[v.Number])
		switch {
		case p == "":
		case prefix != "" && p != prefix && first:
			anew = append(anew, v.Number)
			prefix = p
		default:
			prefix = p
		}
		l := languages[v.Number]
		if l != "" && language != "" && l != language && i+1 < len(pages) && languages[pages[i+1].Number] == l {
			anew = append(anew, v.Number)
		}
		if l != "" {
			language = l
		}
	}
	for i, m := range marks {
		for _, n := range anew {
			if n > m.page {
				if e, ok := out[i]; !ok || n-1 < e {
					out[i] = n - 1
				}
			}
		}
	}
	return out
}

// labelPrefix returns the letters of a page label that begin it, and whether it is
// the first of them: "CN", true of "CN-1".
func labelPrefix(label string) (prefix string, first bool) {
	at := strings.IndexFunc(label, unicode.IsDigit)
	if at < 2 {
		return "", false
	}
	prefix = strings.TrimRight(label[:at], "-–. ")
	return prefix, len(prefix) >= 2 && label[at:] == "1"
}

// mark is where a section begins.
type mark struct {
	title string
	level int
	page  int
	words []int   // of the heading; none when it is not printed
	y     float64 // of the heading
	top   bool    // no text of the page is above it
}

// fromOutline returns the bookmarks that lead to a page, in page order, each with
// its heading where it is printed.
func fromOutline(outline []pdf.OutlineEntry, pages map[int]*page, last int) []mark {
	var out []mark
	for _, e := range outline {
		title := textnorm.Clean(e.Title)
		if e.Page < 1 || e.Page > last || title == "" {
			continue
		}
		m := mark{title: title, level: max(e.Level, 1), page: e.Page}
		m.top = true // unless its heading is found further down
		// Bookmarks are often set at the end of the page before.
		for number := e.Page; number <= e.Page+1 && m.words == nil; number++ {
			v := pages[number]
			if v == nil {
				continue
			}
			if words := v.find(title); words != nil {
				line := v.lineOf[words[0]]
				m.page, m.words, m.y, m.top = number, words, v.Lines[line].Box.Y0, v.atTop(line)
			}
		}
		out = append(out, m)
	}
	nest(out)
	order(out)
	return out
}

// nest puts what stands under chapters below them where all bookmarks are on one
// level.
func nest(marks []mark) {
	chapters := 0
	for _, m := range marks {
		if m.level != marks[0].level {
			return
		}
		if chapterWord.MatchString(m.title) {
			chapters++
		}
	}
	if chapters < 2 {
		return
	}
	under := false
	for i := range marks {
		switch {
		case chapterWord.MatchString(marks[i].title):
			under = true
		case under:
			marks[i].level++
		}
	}
}

// order sorts the marks as they are printed. One that is not found on its page
// stays behind the one before it.
func order(marks []mark) {
	slices.SortStableFunc(marks, func(a, b mark) int { return a.page - b.page })
	for i := 1; i < len(marks); i++ {
		for k := i; k > 0 && marks[k].page == marks[k-1].page && len(marks[k].words) > 0 && len(marks[k-1].words) > 0 && marks[k].words[0] < marks[k-1].words[0]; k-- {
			marks[k], marks[k-1] = marks[k-1], marks[k]
		}
	}
}

// languageOf is the language of most of the pages, "" when it is not known.
func languageOf(languages map[int]string, first, last int) string {
	count := map[string]int{}
	best := ""
	for n := first; n <= last; n++ {
		if l := languages[n]; l != "" {
			count[l]++
			if count[l] > count[best] || best == "" {
				best = l
			}
		}
	}
	return best
}

// sectionAt returns the innermost section that holds a place of a page, -1 for
// none: of those that begin on the page, the last whose heading is above y.
func sectionAt(sections []Section, pages []*page, number int, y float64) int {
	best := -1
	for i := range sections {
		s := &sections[i]
		if s.FirstPage > number {
			break
		}
		if s.LastPage < number {
			continue
		}
		if s.FirstPage == number && len(s.Heading.Words) > 0 {
			at, ok := slices.BinarySearchFunc(pages, number, func(v *page, n int) int { return v.Number - n })
			if ok && pages[at].Words[s.Heading.Words[0]].Box.Y0 > y {
				continue
			}
		}
		best = i
	}
	return best
}
