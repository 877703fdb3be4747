package search

import (
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// settingText is the text of a page outside of its tables, as sentences and lists
// that tell how something is set are looked for in it. Words and lines are indices.
type settingText struct {
	*settingReader
	page int
	p    *pdf.Page
	tags []settingWord // of the words
	has  settingWord   // of all words that count
	skip []bool        // lines: of tables, turned, unreadable, printed again
	body float64       // font size of most words, points
}

// textOn tells what the words of a page can be.
func (r *settingReader) textOn(page int) *settingText {
	t := &settingText{settingReader: r, page: page, p: r.sheets[page]}
	t.tags = make([]settingWord, len(t.p.Words))
	for i := range t.p.Words {
		text := t.p.Words[i].Text
		t.tags[i] = r.wordOf(text)
		if i > 0 && isWire(text) && strings.EqualFold(t.p.Words[i-1].Text, "jump") { // "jump wire"
			t.tags[i] |= wordJumper
		}
		t.has |= t.tags[i]
	}
	return t
}

// newSettingText looks a page through; nil when nothing is set on it.
func (r *settingReader) newSettingText(page int) *settingText {
	t := r.textOn(page)
	if t.has&(wordJumper|wordSwitch|wordParameter|wordSettings) == 0 {
		return nil
	}
	dotted := slices.ContainsFunc(t.p.Words, func(w pdf.Word) bool {
		return w.Text == "." || strings.Contains(w.Text, "..") || strings.Contains(w.Text, "…") || strings.Contains(w.Text, "__")
	})
	in := tableWords(t.p)
	sizes := map[float64]int{}
	t.skip = make([]bool, len(t.p.Lines))
	for i, l := range t.p.Lines {
		sizes[l.FontSize] += l.Count
		t.skip[i] = l.Count == 0 || l.Cipher || l.Turn != 0 || dotted && t.p.DottedLeader(i) || in[l.First] ||
			slices.ContainsFunc(r.document.Doubles, func(d structure.Double) bool {
				return d.Kind == structure.DoubleSpread && d.Holds(page, l.Box)
			})
	}
	for size, n := range sizes {
		if n > sizes[t.body] || n == sizes[t.body] && size < t.body {
			t.body = size
		}
	}
	return t
}

func isWire(word string) bool {
	return slices.Contains(strings.Fields("wire wires lead leads link links"), strings.ToLower(trimSigns(word)))
}

// wordOf is settingWordOf, which is asked for the same words again and again.
func (r *settingReader) wordOf(word string) settingWord {
	tag, ok := r.words[word]
	if !ok {
		tag = settingWordOf(word)
		r.words[word] = tag
	}
	return tag
}

func (t *settingText) text(words []int) string { return strings.Join(wordTexts(t.p, words), " ") }

func (t *settingText) refs(words []int) []ref {
	out := make([]ref, len(words))
	for i, w := range words {
		out[i] = ref{t.page, w}
	}
	return out
}

// printed makes a Printed of words; its text is without the signs around it where
// trim is set.
func (t *settingText) printed(heading string, words []int, trim bool) Printed {
	if len(words) == 0 {
		return Printed{}
	}
	p := t.sheets.printed(heading, t.refs(words))
	if trim {
		p.Text = unquoted(p.Text)
	}
	return p
}

// unquoted is a text without the signs around it.
func unquoted(s string) string { return strings.Trim(s, " .,;:=()[]„“”\"«»‘’'") }

// tagsOf joins what words can be.
func (t *settingText) tagsOf(words []int) settingWord {
	var out settingWord
	for _, w := range words {
		out |= t.tags[w]
	}
	return out
}

// follows reports whether line b goes on with what line a says: right below it, set
// alike.
func (t *settingText) follows(a, b int) bool {
	x, y := t.p.Lines[a], t.p.Lines[b]
	gap, height := y.Box.Y0-x.Box.Y1, x.Box.Y1-x.Box.Y0
	return !t.skip[b] && x.Bold == y.Bold && x.FontSize-y.FontSize < 1 && y.FontSize-x.FontSize < 1 &&
		gap < 0.6*height && y.Box.Y0 > x.Box.Y0 && y.Box.X0 < x.Box.X1 && x.Box.X0 < y.Box.X1
}

// paragraphs are the page's runs of lines that follow each other, an item of a list
// by itself.
func (t *settingText) paragraphs() [][]int {
	var out [][]int
	for i := range t.p.Lines {
		if t.skip[i] {
			continue
		}
		n := len(out)
		if n == 0 || i == 0 || t.skip[i-1] || !t.follows(i-1, i) || t.bullet(i) > 0 {
			out = append(out, nil)
			n++
		}
		out[n-1] = append(out[n-1], lineWords(t.p, i)...)
	}
	return out
}

// bullet is how many words of a line are the mark or the number of an item.
func (t *settingText) bullet(line int) int {
	l := t.p.Lines[line]
	if l.Count < 2 {
		return 0
	}
	w := t.p.Words[l.First].Text
	if trimSigns(w) == "" && !beginsWith(w, "„“\"'«‘<") || itemNumber.MatchString(w) || stepNumber.MatchString(w) || numbering.MatchString(w) && !codeNumber.MatchString(w) || t.letterMark(line) {
		return 1
	}
	return 0
}

// letterMark reports whether a line begins with a small letter that marks items, as
// fonts of signs do: several lines of the page that begin at one place do.
func (t *settingText) letterMark(line int) bool {
	const items = 3
	l := t.p.Lines[line]
	mark := []rune(t.p.Words[l.First].Text)
	if len(mark) != 1 || !unicode.IsLower(mark[0]) || strings.ContainsRune("aeoyàéèóò", mark[0]) {
		return false
	}
	n := 0
	for _, o := range t.p.Lines {
		if o.Count > 1 && t.p.Words[o.First].Text == string(mark) && o.Box.X0-l.Box.X0 < 3 && l.Box.X0-o.Box.X0 < 3 {
			n++
		}
	}
	return n >= items
}

// shorts are the words after which a full stop ends no sentence.
var shorts = strings.Fields("no nr fig abb approx ca max min e.g i.e z.b bzw ggf incl inkl vgl etc p.ej pos art n")

// sentences divides the words of a paragraph, without the mark of an item.
func (t *settingText) sentences(words []int) [][]int {
	var out [][]int
	from := 0
	for i, w := range words {
		text := strings.TrimRight(t.p.Words[w].Text, ")]\"'”“»’")
		if i+1 < len(words) {
			body, ended := strings.CutSuffix(text, ".")
			if !ended && !strings.HasSuffix(text, "!") && !strings.HasSuffix(text, "?") {
				continue
			}
			unit := i > from && textnorm.HasDigit(t.p.Words[words[i-1]].Text) // "10 K."
			if plain := strings.ToLower(trimSigns(body)); ended && !unit && (len([]rune(plain)) < 2 || slices.Contains(shorts, plain) || codeNumber.MatchString(plain) && i == 0) {
				continue
			}
			if next := []rune(trimSigns(t.p.Words[words[i+1]].Text)); len(next) > 0 && unicode.IsLower(next[0]) && len(next) > 1 {
				continue
			}
		}
		out = append(out, words[from:i+1])
		from = i + 1
	}
	if len(out) > 0 && len(out[0]) > 1 {
		if line := t.line(out[0][0]); line >= 0 && t.p.Lines[line].First == out[0][0] && t.bullet(line) > 0 {
			out[0] = out[0][1:]
		}
	}
	return out
}

// line is the line of a word.
func (t *settingText) line(word int) int { return t.sheets.line(ref{t.page, word}) }

// standsOut reports whether a line is set as a heading over another: bold where
// that is not, or larger.
func (t *settingText) standsOut(line, over int) bool {
	l, o := t.p.Lines[line], t.p.Lines[over]
	if t.skip[line] || l.Count > headingWords+4 || containsAny(textnorm.Tokens(t.p.LineText(line)), signalWords) || strings.HasSuffix(t.p.LineText(line), ".") || t.bullet(line) > 0 && !stepNumber.MatchString(t.p.Words[l.First].Text) && !numbering.MatchString(t.p.Words[l.First].Text) {
		return false
	}
	return l.Bold && !o.Bold || l.FontSize > 1.12*o.FontSize
}

// signalWords head notices.
var signalWords = strings.Fields("warning caution danger notice note important attention warnung achtung vorsicht hinweis gefahr wichtig advertencia precaución peligro nota atención importante avertissement remarque")

// leadLines is how far above a text the line may be that it stands under.
const leadLines = 30

// lead returns the line that heads a text: it stands out, or announces with a colon
// what follows; -1 when there is none. announced allows for the latter.
func (t *settingText) lead(line int, announced bool) int {
	l := t.p.Lines[line]
	for i := line - 1; i >= max(0, line-leadLines); i-- {
		o := t.p.Lines[i]
		if o.Count == 0 || o.Box.Y0 >= l.Box.Y0 || o.Box.X0 > l.Box.X1 || o.Box.X1 < l.Box.X0-40 {
			continue // of another column
		}
		if t.standsOut(i, line) {
			return i
		}
		if announced && !t.skip[i] && o.Count <= headingWords && strings.HasSuffix(t.p.LineText(i), ":") {
			return i
		}
	}
	return -1
}

// heading returns the words of the line that heads a text, without its number, with
// the line that it goes on from.
func (t *settingText) heading(line int) []int {
	if line < 0 {
		return nil
	}
	words := lineWords(t.p, line)
	for len(words) > 1 && (stepNumber.MatchString(t.p.Words[words[0]].Text) || numbering.MatchString(t.p.Words[words[0]].Text)) {
		words = words[1:]
	}
	return words
}
