package search

import (
	"math"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// settingItem is an entry of a list of settings: its name, what stands behind it on
// its line, and the lines below that belong to it.
type settingItem struct {
	line  int // the first
	last  int
	name  []int
	text  string // the name, "" for a list whose name is drawn and was not read
	shape string // what names of one list have in common
	state []int  // the position that stands with the name: "1 ON:"
	rest  []int
	all   []int // what stands behind the name, with the position and signs
	body  []int
	x     float64 // where it begins
	after float64 // where what follows its name begins
}

// listGap is how far apart the items of a list are at most, as a part of a line's
// height; and listSlack how far from each other they may begin, points.
const listGap, listSlack = 2.2, 4

// lists reads the page's lists of settings: "P01 – Filter reminder …", "1 ON: …"
// under the name of a block of switches, what a display shows and its meaning.
func (t *settingText) lists() {
	var list []settingItem
	flush := func() {
		t.list(list)
		list = nil
	}
	for i := 0; i < len(t.p.Lines); i++ {
		item, ok := t.item(i)
		if n := len(list); !ok && n > 0 {
			item, ok = t.nameless(i, &list[n-1])
		}
		if !ok {
			continue
		}
		t.bodyOf(&item)
		if n := len(list); n > 0 && !t.goesOn(&list[n-1], &item) {
			flush()
		}
		list = append(list, item)
		i = item.last
	}
	flush()
}

// goesOn reports whether an item belongs to the list of the one before: right below
// it, or at the top of the next column.
func (t *settingText) goesOn(a, b *settingItem) bool {
	if a.shape != b.shape && a.shape != "" && b.shape != "" {
		return false
	}
	x, y := t.p.Lines[a.last].Box, t.p.Lines[b.line].Box
	if b.line != a.last+1 {
		return false
	}
	if y.Y0 < x.Y0 && y.X0 > x.X1 {
		return true
	}
	return y.Y0-x.Y1 < listGap*(x.Y1-x.Y0) && y.Y0 > x.Y0 && (math.Abs(a.x-b.x) < listSlack || a.shape == "" || b.shape == "")
}

// nameWords are how many words at the beginning of an item its name is among.
const nameWords = 3

// item reads line i as the first of an item.
func (t *settingText) item(i int) (settingItem, bool) {
	if t.skip[i] {
		return settingItem{}, false
	}
	first := t.p.Lines[i].First
	if !slices.ContainsFunc(t.p.Words[first:first+min(t.p.Lines[i].Count, nameWords)], func(w pdf.Word) bool { return w.Drawn || textnorm.HasDigit(w.Text) }) {
		return settingItem{}, false
	}
	words := lineWords(t.p, i)
	words = words[t.bullet(i):]
	out := settingItem{line: i, last: i}
	word := func(k int) string { return t.p.Words[words[k]].Text }
	if len(words) < 2 {
		return out, false
	}
	k := 0
	if t.tags[words[0]]&(wordSwitch|wordParameter|wordJumper) != 0 || strings.EqualFold(word(0), "switch") || strings.EqualFold(word(0), "Schalter") {
		k++ // "Switch 3"
	}
	if k >= len(words) {
		return out, false
	}
	name := strings.TrimSuffix(word(k), ":")
	switch w := t.p.Words[words[k]]; {
	case w.Drawn:
		out.shape = "drawn"
	case settingName.MatchString(name):
		out.shape = strings.TrimRight(name, "0123456789")
	case settingNumber.MatchString(name):
		out.shape = "number"
	default:
		return out, false
	}
	out.name, out.text, out.x = words[:k+1], name, t.p.Words[words[0]].Box.X0
	separated := name != word(k)
	end := t.p.Words[words[k]].Box
	if k+1 < len(words) {
		out.after = t.p.Words[words[k+1]].Box.X0
	}
	if k++; k < len(words) && t.tags[words[k]]&wordState != 0 {
		out.state, end = words[k:k+1], t.p.Words[words[k]].Box
		separated = separated || strings.HasSuffix(word(k), ":")
		k++
	}
	if k < len(words) && isSeparator(word(k)) {
		separated = true
		k++
	}
	if k >= len(words) {
		return out, false
	}
	next := t.p.Words[words[k]].Box
	out.rest, out.all = words[k:], words[len(out.name):]
	separated = separated || next.X0-end.X1 > 1.2*(next.Y1-next.Y0) || len(out.state) > 0
	return out, separated && (lettered(t.text(out.rest)) || len(out.state) > 0)
}

// nameless reads line i as an item whose name is drawn and was not read: a dash
// begins it where it stands behind the name of the item before.
func (t *settingText) nameless(i int, before *settingItem) (settingItem, bool) {
	l := t.p.Lines[i]
	if t.skip[i] || l.Count < 2 || before.after == 0 || !isSeparator(t.p.Words[l.First].Text) || math.Abs(l.Box.X0-before.after) > 2*listSlack {
		return settingItem{}, false
	}
	return settingItem{line: i, last: i, rest: lineWords(t.p, i)[1:], x: before.x, after: before.after}, true
}

// bodyOf adds the lines below an item that belong to it.
func (t *settingText) bodyOf(item *settingItem) {
	for i := item.line + 1; i < len(t.p.Lines); i++ {
		a, b := t.p.Lines[i-1].Box, t.p.Lines[i].Box
		if t.skip[i] || b.Y0-a.Y1 > 0.8*(a.Y1-a.Y0) || b.Y0 <= a.Y0 || b.X0 > t.p.Lines[item.line].Box.X1 || b.X0 < item.x-listSlack || t.standsOut(i, item.line) {
			return
		}
		if _, ok := t.item(i); ok {
			return
		}
		if _, ok := t.nameless(i, item); ok {
			return
		}
		item.body, item.last = append(item.body, lineWords(t.p, i)...), i
	}
}

// list adds the rows of a list when it is one of settings: the lines above it say so,
// and most of its items tell a position, a value, a range or a default.
func (t *settingText) list(items []settingItem) {
	named := 0
	for i := range items {
		if items[i].text != "" {
			named++
		}
	}
	goesOn := len(items) > 0 && t.open.page == t.page-1 && t.open.shape == items[0].shape && t.atTop(items[0].line)
	if named == 0 || named < 2 && !goesOn {
		return
	}
	context, block := t.context(&items[0])
	if goesOn {
		context, block = t.open.context, t.open.block
	}
	if context == 0 || items[0].shape == "number" && context&(wordSwitch|wordJumper|wordParameter) == 0 {
		return
	}
	telling := 0
	for i := range items {
		if t.tells(&items[i]) {
			telling++
		}
	}
	if 2*telling < len(items) {
		return
	}
	var rows []SettingRow
	for i := range items {
		item := &items[i]
		if item.text == "" {
			t.doubtful++ // its name is drawn, and was not read
			continue
		}
		k := slices.IndexFunc(rows, func(r SettingRow) bool { return textnorm.Key(r.Name.Text) == textnorm.Key(item.text) })
		if k < 0 {
			row := SettingRow{Page: t.page, Language: t.languages[t.page], Name: t.printed("", item.name, true), Table: block}
			row.Name.Text = item.text
			rows = append(rows, row)
			k = len(rows) - 1
		}
		t.itemFields(item, &rows[k])
	}
	for _, row := range rows {
		if row.says() {
			t.emit(row)
		}
	}
	if last := items[len(items)-1]; t.atBottom(last.last) {
		t.open = openList{t.page, items[0].shape, context, block}
	}
}

// itemFields fills a row with what an item says.
func (t *settingText) itemFields(item *settingItem, row *SettingRow) {
	if options := t.inlineOptions(item.all); len(item.state) > 0 && len(options) > 1 {
		row.Options = append(row.Options, options...)
		return
	}
	if len(item.state) > 0 {
		row.Options = append(row.Options, t.position(item.state, slices.Concat(item.rest, item.body)))
		return
	}
	if options := t.inlineOptions(item.rest); len(options) > 1 || len(options) == 1 && t.tagsOf(item.rest[:1])&wordState != 0 {
		row.Options = append(row.Options, options...)
	} else if row.Title.Empty() {
		row.Title = t.printed("", item.rest, false)
	}
	t.describe(item.body, row)
	t.delivery(slices.Concat(item.rest, item.body), row)
}

// describe adds the sentences that explain a setting.
func (t *settingText) describe(words []int, row *SettingRow) {
	if len(words) == 0 {
		return
	}
	if options := t.inlineOptions(words); len(options) > 1 && len(row.Options) == 0 {
		row.Options = options
	}
	row.Meanings = append(row.Meanings, t.printed("", words, false))
}

// delivery adds the default and the range that words tell.
func (t *settingText) delivery(words []int, row *SettingRow) {
	for _, s := range t.sentences(words) {
		if value := t.delivered(s); len(value) > 0 && row.Default.Empty() {
			row.Default = t.printed("", value, true)
		}
		if from, to, ok := t.span(s); ok && row.Range.Empty() {
			row.Range = t.printed("", s[from:to], true)
		}
	}
}

// span finds the words of a sentence that are a range: "10 to 120 seconds".
func (t *settingText) span(s []int) (from, to int, ok bool) {
	for i := range s {
		if !textnorm.HasDigit(t.p.Words[s[i]].Text) {
			continue
		}
		for k := i + 1; k <= min(len(s), i+5); k++ {
			text := t.text(s[i:k])
			loc := settingRange.FindStringIndex(text)
			if loc == nil && t.between(s, i) {
				loc = betweenRange.FindStringIndex(text)
			}
			if loc == nil || loc[0] > 1 || loc[1] < len(strings.TrimRight(text, " .,;:)")) {
				continue
			}
			if k < len(s) && (isUnitWord(t.p.Words[s[k]].Text) || slices.Contains(unitNouns, strings.ToLower(trimSigns(t.p.Words[s[k]].Text)))) {
				k++
			}
			return i, k, true
		}
	}
	return 0, 0, false
}

// between reports whether a word such as "between" stands before a figure.
func (t *settingText) between(s []int, i int) bool {
	for k := max(0, i-2); k < i; k++ {
		if slices.Contains(strings.Fields("between zwischen entre tra tussen mellan mellem"), strings.ToLower(t.p.Words[s[k]].Text)) {
			return true
		}
	}
	return false
}

// unitNouns are units that are written out.
var unitNouns = strings.Fields("second seconds minute minutes hour hours day days degree degrees sekunden minuten stunden tage grad segundos minutos horas días grados secondes heures jours secondi minuti ore percent prozent")

// contextLines is how many lines above a list may say that it is one of settings.
const contextLines = 3

// context returns what the lines above a list say that it lists, and the line that
// names the block of its switches.
func (t *settingText) context(first *settingItem) (settingWord, Printed) {
	const kinds = wordJumper | wordSwitch | wordParameter | wordSettings
	var found settingWord
	var block Printed
	look := func(i int) {
		if text := t.p.LineText(i); faulty(text) {
			return
		}
		words := lineWords(t.p, i)
		found |= t.tagsOf(words) & kinds
		for _, w := range words {
			if switchBlock.MatchString(trimSigns(t.p.Words[w].Text)) && t.tagsOf(words)&(wordSwitch|wordJumper|wordSettings) != 0 && block.Empty() {
				block = t.printed("", t.heading(i), false)
			}
		}
	}
	n := 0
	for i := first.line - 1; i >= 0 && n < contextLines; i-- {
		o, l := t.p.Lines[i], t.p.Lines[first.line]
		if t.skip[i] || o.Box.Y0 >= l.Box.Y0 || o.Box.X0 > l.Box.X1 {
			continue
		}
		if l.Box.Y0-o.Box.Y1 > 4*(l.Box.Y1-l.Box.Y0) {
			break
		}
		look(i)
		n++
	}
	if lead := t.lead(first.line, false); lead >= 0 {
		if faulty(t.p.LineText(lead)) {
			return 0, Printed{}
		}
		look(lead)
	}
	return found, block
}

// tells reports whether an item tells a position, a value, a range or a default.
func (t *settingText) tells(item *settingItem) bool {
	words := slices.Concat(item.state, item.rest, item.body)
	if len(item.state) > 0 || t.tagsOf(words)&wordDefault != 0 || len(t.inlineOptions(item.rest)) > 0 || len(t.inlineOptions(item.body)) > 1 {
		return true
	}
	if _, _, ok := t.span(words); ok {
		return true
	}
	for i := 0; i+1 < len(item.body); i++ { // "When set to"
		if t.tags[item.body[i]]&wordSet != 0 && t.tags[item.body[i+1]]&wordLink != 0 {
			return true
		}
	}
	return false
}

// atTop and atBottom report whether little but running heads stands above or below
// a line on its page, or in its column.
func (t *settingText) atTop(line int) bool    { return t.beyond(line, -1) }
func (t *settingText) atBottom(line int) bool { return t.beyond(line, 1) }

func (t *settingText) beyond(line, direction int) bool {
	const heads = 2
	n := 0
	for i := line + direction; i >= 0 && i < len(t.p.Lines); i += direction {
		if t.p.Lines[i].Count > 0 {
			n++
		}
	}
	return n <= heads
}
