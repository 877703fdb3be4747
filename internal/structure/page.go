package structure

import (
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// page is a page as it is read here, with what is looked up often.
type page struct {
	*pdf.Page
	lineOf  []int // of each word: the index of its line, -1 for none
	tableOf []int // of each word: the index of its table, -1 for none
	texts   []string
	keys    []string // of the lines, see key; nil before they are needed
	// furniture marks the lines that are running heads and feet: they repeat on
	// other pages, and belong to none of what the page says.
	furniture []bool
	read      bool     // most of its words were read by OCR
	doubles   []Double // what of it a booklet's sheet shows again
	body      float64  // the font size of most of its words, points; 0 when not known
}

func newPage(p *pdf.Page) *page {
	p = sound(p)
	v := &page{Page: p, lineOf: make([]int, len(p.Words)), tableOf: make([]int, len(p.Words)), texts: make([]string, len(p.Lines)), furniture: make([]bool, len(p.Lines))}
	for i := range v.lineOf {
		v.lineOf[i], v.tableOf[i] = -1, -1
	}
	read := 0
	for _, w := range p.Words {
		if w.Confidence > 0 {
			read++
		}
	}
	v.read = 2*read > len(p.Words)
	sizes := map[float64]int{}
	for i, l := range p.Lines {
		for w := l.First; w < l.First+l.Count; w++ {
			v.lineOf[w] = i
		}
		if l.FontSize > 0 {
			sizes[l.FontSize] += l.Count
		}
		v.texts[i] = v.text(v.lineWords(i))
	}
	most := 0
	for size, n := range sizes {
		if n > most || n == most && size < v.body {
			v.body, most = size, n
		}
	}
	for k := range p.Tables {
		for _, r := range p.Tables[k].Rows {
			for _, c := range r.Cells {
				for _, w := range c.Words {
					if v.has(w) {
						v.tableOf[w] = k
					}
				}
			}
		}
	}
	return v
}

// sound returns the page with lines that have words of it only: what was stored is
// foreign, too. Words of cells are looked at where they are used.
func sound(p *pdf.Page) *pdf.Page {
	bad := func(l pdf.Line) bool { return l.First < 0 || l.Count < 0 || l.First+l.Count > len(p.Words) }
	if !slices.ContainsFunc(p.Lines, bad) {
		return p
	}
	out := *p
	out.Lines = slices.Clone(p.Lines)
	for i := range out.Lines {
		l := &out.Lines[i]
		l.First = min(max(l.First, 0), len(p.Words))
		l.Count = min(max(l.Count, 0), len(p.Words)-l.First)
	}
	return &out
}

func (v *page) has(word int) bool { return word >= 0 && word < len(v.Words) }

// lineWords returns the indices of a line's words.
func (v *page) lineWords(i int) []int {
	out := make([]int, v.Lines[i].Count)
	for k := range out {
		out[k] = v.Lines[i].First + k
	}
	return out
}

func (v *page) text(words []int) string { return Span{Words: words}.Text(v.Page) }

func (v *page) span(words []int) Span { return Span{Page: v.Number, Words: words} }

func (v *page) fact(words []int) Fact { return Fact{Text: v.text(words), Span: v.span(words)} }

// valid returns the words that the page has.
func (v *page) valid(words []int) []int {
	if !slices.ContainsFunc(words, func(w int) bool { return !v.has(w) }) {
		return words
	}
	return slices.DeleteFunc(slices.Clone(words), func(w int) bool { return !v.has(w) })
}

// bold reports whether every word is set bold; false for none.
func (v *page) bold(words []int) bool {
	for _, w := range words {
		if l := v.lineOf[w]; l < 0 || !v.Lines[l].Bold {
			return false
		}
	}
	return len(words) > 0
}

// inFurniture reports whether every word is of a running head or foot.
func (v *page) inFurniture(words []int) bool {
	for _, w := range words {
		if l := v.lineOf[w]; l < 0 || !v.furniture[l] {
			return false
		}
	}
	return len(words) > 0
}

// inTable reports whether most of a line's words stand in a table.
func (v *page) inTable(line int) bool {
	n, in := 0, 0
	for _, w := range v.lineWords(line) {
		n++
		if v.tableOf[w] >= 0 {
			in++
		}
	}
	return 2*in > n
}

// isFigure reports whether a word begins with a digit, after a sign or bracket.
func isFigure(word string) bool {
	for _, r := range word {
		switch {
		case unicode.IsDigit(r):
			return true
		case strings.ContainsRune("+-–−±<>≤≥~≈(.,", r):
		default:
			return false
		}
	}
	return false
}

// sentence reports whether a text reads as one: it has some words, and the last is
// a word with a full stop, not an abbreviation in capitals.
func sentence(text string) bool {
	body, ended := strings.CutSuffix(strings.TrimRight(text, "\"”“)’"), ".")
	if !ended || strings.Count(body, " ") < 3 {
		return false
	}
	last := body[strings.LastIndexByte(body, ' ')+1:]
	return len(last) > 1 && last == strings.ToLower(last)
}

func folded(text string) string { return textnorm.Fold(text) }
