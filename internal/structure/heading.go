package structure

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

const (
	// headingWords is how many words a heading has at most.
	headingWords = 12
	// largerBy is how much larger than the text a line must be set to be a heading,
	// as a factor, and slightlyBy where it is numbered and bold too, in points.
	largerBy   = 1.15
	slightlyBy = 0.4
	// readLargerBy is the factor for lines that OCR has read, and readRank how much
	// larger a rank of such headings is than the next.
	readLargerBy, readRank = 1.45, 1.3
	// leaders is how many lines of a page lead to page numbers where it is a table
	// of contents.
	leaders = 5
	// maxSections bounds what is kept of a manual that is all headings.
	maxSections = 2000
)

// heading is a line that heads a section.
type heading struct {
	page  *page
	words []int
	title string
	size  float64
	depth int // of its number, 0 without one
	level int
	y     float64
	top   bool // nothing of the page's text is above it
}

// bodySize is the font size of most words of a manual, 0 when it is not known.
func bodySize(pages []*page) float64 {
	sizes := map[float64]int{}
	for _, v := range pages {
		for _, l := range v.Lines {
			if l.FontSize > 0 {
				sizes[l.FontSize] += l.Count
			}
		}
	}
	best, most := 0.0, 0
	for size, n := range sizes {
		if n > most || n == most && size < best {
			best, most = size, n
		}
	}
	return best
}

// headings finds the lines of a manual that are set as headings, in page order. One
// that goes on with "(continued)" is left out.
func headings(pages []*page) []heading {
	body := bodySize(pages)
	if body == 0 {
		return nil
	}
	var out []heading
	for n, v := range pages {
		if n == 0 && len(pages) > 4 || v.contents() {
			continue // the cover and the table of contents list headings, and head nothing
		}
		out = append(out, v.headings(body)...)
	}
	level(out)
	var kept []heading
	last := map[int]string{} // the title that was met last, by level
	for _, h := range out {
		for l := range last {
			if l > h.level {
				delete(last, l)
			}
		}
		if sameTitle(last[h.level], h.title) {
			continue // the chapter goes on
		}
		last[h.level] = h.title
		h.title = withoutContinued(h.title)
		kept = append(kept, h)
	}
	return kept
}

// contents reports whether a page is part of a table of contents: dots lead to page
// numbers, or it is headed so and its lines end with figures.
func (v *page) contents() bool {
	led, figures := 0, 0
	headed := false
	for i := range v.Lines {
		t := v.texts[i]
		if v.Lines[i].Count == 0 || t == "" {
			continue
		}
		headed = headed || v.Lines[i].Count <= 4 && slices.Contains(contentsTitles, folded(t))
		if last := t[len(t)-1]; v.Lines[i].Count > 1 && last >= '0' && last <= '9' {
			figures++
		}
		if v.Lines[i].Count > 1 && v.leader(i) {
			led++
		}
	}
	return led >= leaders || headed && figures >= leaders
}

var contentsTitles = []string{"contents", "table of contents", "index", "inhalt", "inhaltsverzeichnis", "contenido", "índice", "sommaire", "table des matières", "indice", "sommario", "inhoud", "innehåll", "indhold", "sisällys", "conteúdo", "obsah", "spis treści", "содержание"}

// leader reports whether dots lead to a page number on line i. It looks before it
// uses the slower test of package pdf.
func (v *page) leader(i int) bool {
	t := v.texts[i]
	return (strings.Contains(t, "..") || strings.Contains(t, ". .") || strings.Contains(t, "…") || strings.Contains(t, "__")) && v.DottedLeader(i)
}

func (v *page) headings(body float64) []heading {
	var out []heading
	for i := range v.Lines {
		if !v.isHeading(i, body) || v.doubled(v.Lines[i].Box) {
			continue
		}
		l := v.Lines[i]
		h := heading{page: v, words: v.lineWords(i), size: l.FontSize, y: l.Box.Y0, top: v.atTop(i)}
		// A heading of two lines is one.
		if k := len(out); k > 0 && i > 0 {
			o := &out[k-1]
			last := v.Lines[v.lineOf[o.words[len(o.words)-1]]]
			near := l.Box.Y0-last.Box.Y1 < 0.4*(l.Box.Y1-l.Box.Y0) && l.Box.Y0 > last.Box.Y0 && l.Box.X0 < last.Box.X1 && last.Box.X0 < l.Box.X1
			if near && o.size == h.size && depthOf(v.texts[i]) == 0 && len(o.words)+len(h.words) <= headingWords+4 && v.lineOf[o.words[len(o.words)-1]] == i-1 {
				o.words = append(o.words, h.words...)
				o.title = v.text(o.words)
				continue
			}
		}
		h.title = v.texts[i]
		h.depth = depthOf(h.title)
		out = append(out, h)
	}
	return out
}

// isHeading reports whether line i is set as a heading: larger than the text, or
// bold and by itself.
func (v *page) isHeading(i int, body float64) bool {
	l, text := v.Lines[i], v.texts[i]
	if l.Count == 0 || l.Count > headingWords || l.Turn != 0 || l.Cipher || l.FontSize < body-0.5 || l.FontSize < largerBy*body && !l.Bold && depthOf(text) == 0 ||
		v.furniture[i] && !v.chapterHead(i, body) || v.inTable(i) {
		return false
	}
	letters, digits := 0, 0
	for _, r := range text {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		}
	}
	if letters < 3 || digits > letters || strings.ContainsRune(",;:)•●■▪–-", firstRune(text)) || isSignal(text) || v.leader(i) || continuedOnly(text) {
		return false
	}
	if strings.IndexByte(",;-", text[len(text)-1]) >= 0 || sentence(text) {
		return false
	}
	if unicode.IsLower(firstRune(strings.TrimLeft(withoutNumber(text), ".-–() \"“„«<|"))) {
		return false
	}
	number := depthOf(text) > 0 || isNumbered(text)
	if v.read {
		// What was read from a picture has sizes that vary from line to line.
		large := l.FontSize >= readLargerBy*body
		return (large || l.FontSize >= largerBy*body && (number || typeOf(text) != SectionOther)) && l.Count <= 8 && v.alone(i) && !v.runsOn(i)
	}
	switch {
	case l.FontSize >= largerBy*body:
		return l.FontSize >= 1.5*body || l.Bold || number || v.alone(i) && !v.runsOn(i)
	case l.FontSize > body+slightlyBy && (l.Bold || number):
		return v.alone(i) && !v.runsOn(i)
	case l.FontSize >= body-0.5 && l.Bold && number:
		return v.alone(i) && !v.runsOn(i)
	case l.FontSize >= body-0.5 && l.Bold:
		return l.Count <= 8 && typeOf(text) != SectionOther && v.alone(i) && !v.runsOn(i) && !strings.HasSuffix(text, ":")
	}
	return false
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// chapterHead reports whether a running head names the chapter: set larger than
// the text.
func (v *page) chapterHead(i int, body float64) bool {
	l := v.Lines[i]
	return l.FontSize >= 1.3*body && l.Box.Y0 < margin*v.Height
}

// alone reports whether nothing else stands on the line's height beside it, within
// its column.
func (v *page) alone(i int) bool {
	b := v.Lines[i].Box
	for k := max(0, i-3); k < min(len(v.Lines), i+4); k++ {
		if k == i || v.Lines[k].Count == 0 {
			continue
		}
		o := v.Lines[k].Box
		mid := (o.Y0 + o.Y1) / 2
		if mid > b.Y0 && mid < b.Y1 && math.Min(math.Abs(o.X0-b.X1), math.Abs(b.X0-o.X1)) < 4*(b.Y1-b.Y0) {
			return false
		}
	}
	return true
}

// runsOn reports whether the line is part of a paragraph that is set the same.
func (v *page) runsOn(i int) bool {
	l := v.Lines[i]
	n := 0
	for _, k := range []int{i - 1, i + 1} {
		if k < 0 || k >= len(v.Lines) {
			continue
		}
		o := v.Lines[k]
		gap := math.Max(o.Box.Y0-l.Box.Y1, l.Box.Y0-o.Box.Y1)
		if o.Bold == l.Bold && o.FontSize == l.FontSize && gap < 0.35*(l.Box.Y1-l.Box.Y0) && gap > -(l.Box.Y1-l.Box.Y0) && (o.Count > 6 || l.Count > 6 || unicode.IsLower(firstRune(v.texts[k]))) {
			n++
		}
	}
	return n > 0
}

// atTop reports whether no text of the page is above line i.
func (v *page) atTop(i int) bool {
	for k, l := range v.Lines {
		if k != i && !v.furniture[k] && l.Count > 0 && l.Box.Y1 <= v.Lines[i].Box.Y0+1 {
			return false
		}
	}
	return true
}

// continuedOnly reports whether a line says nothing else than that something goes on.
func continuedOnly(text string) bool {
	return !slices.ContainsFunc(strings.Fields(folded(text)), func(w string) bool { return !slices.Contains(continuedWords, w) })
}

func withoutContinued(title string) string {
	words := strings.Fields(title)
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(continuedWords, folded(w)) })
	return strings.Join(words, " ")
}

func sameTitle(a, b string) bool {
	return textnorm.Key(withoutContinued(a)) == textnorm.Key(withoutContinued(b))
}

// level ranks the headings: by the depth of their numbers, else by their size
// among those of the manual.
func level(all []heading) {
	count := map[float64]int{}
	for i := range all {
		count[all[i].size]++
	}
	var sizes []float64
	for size := range count {
		sizes = append(sizes, size)
	}
	slices.Sort(sizes)
	slices.Reverse(sizes)
	rank := map[float64]int{}
	at, before := 0, math.Inf(1)
	read := len(all) > 0 && all[0].page.read
	for _, size := range sizes {
		if before-size > 0.6 && (!read || before > readRank*size) {
			at, before = at+1, size
		}
		rank[size] = min(at, 6)
	}
	// A number's depth says more than a size where both are known: "1.2" is below
	// what is set as large as "1".
	offset := map[int]int{}
	for i := range all {
		h := &all[i]
		h.level = rank[h.size]
		if h.depth > 0 {
			if o, ok := offset[h.depth]; !ok || h.level < o {
				offset[h.depth] = h.level
			}
		}
	}
	for d := 2; d <= 5; d++ {
		if o, ok := offset[d-1]; ok {
			offset[d] = max(offset[d], o+1)
		}
	}
	for i := range all {
		if h := &all[i]; h.depth > 0 {
			h.level = offset[h.depth]
		}
	}
}

// find returns the words on a page, not in its running heads, that are the title.
func (v *page) find(title string) []int {
	key := textnorm.Key(title)
	if len(key) < 3 {
		return nil
	}
	var best []int
	for i := range v.Lines {
		if v.Lines[i].Cipher || v.Lines[i].Count == 0 || v.Lines[i].Count > headingWords+4 {
			continue
		}
		text := v.key(i)
		last := i
		for k := i + 1; k < min(i+4, len(v.Lines)) && len(text) < len(key) && text != "" && strings.HasPrefix(key, text); k++ {
			text += v.key(k)
			last = k
		}
		if text != key && !(strings.HasSuffix(text, key) && len(text)-len(key) <= 4) && !(strings.HasSuffix(key, text) && len(text) >= 5 && len(key)-len(text) <= 10) {
			continue
		}
		if v.leader(i) {
			continue
		}
		if best == nil || v.furniture[v.lineOf[best[0]]] && !v.furniture[i] || v.Lines[i].FontSize > v.Lines[v.lineOf[best[0]]].FontSize+0.5 && !v.furniture[i] {
			best = nil
			for k := i; k <= last; k++ {
				best = append(best, v.lineWords(k)...)
			}
		}
	}
	return best
}

// key is the letters and digits of line i, folded. It is asked for again and again.
func (v *page) key(i int) string {
	if v.keys == nil {
		v.keys = make([]string, len(v.Lines))
	}
	if v.keys[i] == "" && v.texts[i] != "" {
		v.keys[i] = textnorm.Key(v.texts[i])
	}
	return v.keys[i]
}
