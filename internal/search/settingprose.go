package search

import (
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// named are names of settings that stand together in a sentence: "J5/J6/ J7". The
// positions are indices into the sentence.
type named struct {
	texts       []string
	words       []int // of each text: its word
	first, last int
	kind        settingWord
}

// proseRow is a setting that sentences of a page name, as far as it is read.
type proseRow struct {
	SettingRow
	kind  settingWord
	words []int   // of its name
	last  int     // the line of its last sentence
	said  [][]int // sentences that name it
}

// prose reads the settings that the sentences of a page name. A row is made where a
// position is stated: of a switch or jumper "Set A12 ON", "J10 (short)", of a
// parameter "P50 auf OFF", or the list of its values.
func (t *settingText) prose() {
	if t.has&(wordJumper|wordSwitch|wordParameter) == 0 {
		return
	}
	var rows []*proseRow
	for _, words := range t.paragraphs() {
		var before []int
		for _, s := range t.sentences(words) {
			for _, n := range t.names(s, rows) {
				for i := range n.texts {
					row := findProse(rows, n.texts[i])
					if row == nil {
						row = t.newProse(&n, i)
						rows = append(rows, row)
					}
					t.state(row, s, before, &n)
				}
			}
			before = s
		}
	}
	for _, row := range rows {
		if row.kind == wordParameter && len(row.Options) == 0 {
			t.valueList(row)
		}
		if row.kind != wordParameter {
			t.captions(row)
		}
		if len(row.Options) == 0 && row.Default.Empty() || t.defined(&row.SettingRow) {
			continue // only mentioned, or told by a table or a list
		}
		t.finish(row)
		t.emit(row.SettingRow)
	}
}

func findProse(rows []*proseRow, name string) *proseRow {
	if i := slices.IndexFunc(rows, func(r *proseRow) bool { return r.Name.Text == name }); i >= 0 {
		return rows[i]
	}
	return nil
}

func (t *settingText) newProse(n *named, i int) *proseRow {
	row := &proseRow{kind: n.kind, words: n.words[i : i+1]}
	row.Name = t.printed("", row.words, true)
	row.Name.Text = n.texts[i]
	return row
}

// names finds the settings that a sentence names. rows are those that the page has
// named before.
func (t *settingText) names(s []int, rows []*proseRow) []named {
	var out []named
	tags := t.tagsOf(s)
	for i, w := range s {
		word := t.p.Words[w].Text
		parts := settingNames(word)
		parameter := i > 0 && t.tags[s[i-1]]&wordParameter != 0 || i > 1 && t.tags[s[i-2]]&wordParameter != 0 && numberWord(t.p.Words[s[i-1]].Text)
		numbered := i > 0 && (parameter || t.switchBefore(s, i)) && settingNumber.MatchString(trimSigns(word))
		if len(parts) == 0 && (numbered || parameter && t.p.Words[w].Drawn) {
			parts = []string{trimSigns(word)}
		}
		if len(parts) == 0 {
			continue
		}
		if k := len(out) - 1; k >= 0 && (out[k].last == i-1 || out[k].last == i-2 && joins(t.p.Words[s[i-1]].Text)) {
			g := &out[k]
			for _, part := range parts {
				g.texts, g.words = append(g.texts, part), append(g.words, w)
			}
			g.last = i
			continue
		}
		if i > 0 && t.tags[s[i-1]]&wordThing != 0 {
			continue
		}
		n := named{first: i, last: i}
		known := findProse(rows, parts[0])
		switch {
		case parameter || i+1 < len(s) && t.tags[s[i+1]]&wordParameter != 0:
			n.kind = wordParameter
		case tags&wordJumper != 0:
			n.kind = wordJumper
		case numbered, tags&wordSwitch != 0:
			n.kind = wordSwitch
		case known != nil && tags&(wordSet|wordFit) != 0:
			n.kind = known.kind
		case t.has&wordSwitch != 0 && tags&wordSet != 0 && tags&wordState != 0:
			n.kind = wordSwitch
		default:
			continue
		}
		for _, part := range parts {
			n.texts, n.words = append(n.texts, part), append(n.words, w)
		}
		out = append(out, n)
	}
	return out
}

// switchBefore reports whether the word before is one for coding switches: "DIP", or
// "switch" on a page that speaks of them.
func (t *settingText) switchBefore(s []int, i int) bool {
	before := s[i-1]
	return t.tags[before]&wordSwitch != 0 || t.has&wordSwitch != 0 && slices.Contains(switchNouns, strings.ToLower(t.p.Words[before].Text))
}

// switchNouns are words for switches of any kind.
var switchNouns = strings.Fields("switch switches schalter schaltern interruptor interruptores interrupteur interrupteurs interruttore interruttori")

// numberWord reports whether a word only says that a number follows.
func numberWord(word string) bool {
	return slices.Contains(strings.Fields("no nr nº n° number nummer número num code"), textnorm.Fold(strings.Trim(word, ".:")))
}

// joins reports whether a word joins names to one group.
func joins(word string) bool {
	return slices.Contains(strings.Fields("and und y & + et e or oder o"), strings.ToLower(word))
}

// state reads what a sentence says of the setting named at n.
func (t *settingText) state(row *proseRow, s, before []int, n *named) {
	said := s
	position := t.positionAfter(s, n.last+1, row.kind)
	heading := unquoted(t.text(position))
	if len(position) == 0 && row.kind == wordJumper {
		position = t.fitted(s, n)
		heading = unquoted(t.text(position))
	}
	row.last = t.line(s[len(s)-1])
	if len(position) > 0 {
		purpose := t.purpose(s, n, position)
		required := t.tagsOf(s)&(wordDefault|wordRequired) != 0
		switch {
		case len(purpose) == 0 && required:
			t.setDefault(row, t.printed("", position, true))
		case len(purpose) > 0:
			row.option(t.printed(heading, purpose, false))
			if normally(t.text(purpose)) {
				t.setDefault(row, t.printed("", position, true))
			}
		default:
			// A step of a procedure, whose heading says what for. The steps behind it set
			// back what it has set.
			if lead := t.lead(t.line(s[0]), true); len(row.Options) == 0 && lead >= 0 && t.tags[t.p.Lines[lead].First]&wordPurpose != 0 {
				row.option(t.printed(heading, lineWords(t.p, lead), false))
			}
		}
		if value := t.delivered(before); len(value) > 0 && row.kind == wordParameter && row.Default.Empty() {
			t.setDefault(row, t.printed("", value, true))
			said = slices.Concat(before, s)
		}
	}
	if k := len(row.said); k > 0 && row.said[k-1][len(row.said[k-1])-1] == said[0]-1 {
		row.said[k-1] = append(slices.Clip(row.said[k-1]), said...)
	} else {
		row.said = append(row.said, said)
	}
}

func (t *settingText) setDefault(row *proseRow, p Printed) {
	if row.Default.Empty() {
		row.Default = p
	}
}

// option adds what a position does.
func (r *proseRow) option(p Printed) {
	if !slices.ContainsFunc(r.Options, func(o Printed) bool { return textnorm.Key(o.Heading) == textnorm.Key(p.Heading) }) {
		r.Options = append(r.Options, p)
	}
}

// normally reports whether a clause speaks of all other cases.
func normally(text string) bool {
	return containsAny(textnorm.Tokens(text), strings.Fields("other normal normally else otherwise sonst normalerweise normalbetrieb demás normalmente autres normalement"))
}

// positionWords is how many words a position has at most, and linkWords how many may
// stand before it.
const positionWords, linkWords = 7, 4

// positionAfter returns the words of a sentence from i on that name a position: a
// state, pins, or the value of a parameter.
func (t *settingText) positionAfter(s []int, i int, kind settingWord) []int {
	word := func(k int) string { return t.p.Words[s[k]].Text }
	linked := false
	for n := 0; i < len(s) && n < linkWords && !quotedFrom(word(i)) && t.tags[s[i]]&wordLink != 0 && t.tags[s[i]]&wordState == 0; n++ {
		if strings.ContainsAny(word(i), ".,;)") {
			return nil
		}
		i, linked = i+1, true
	}
	if i >= len(s) {
		return nil
	}
	if linked && quotedFrom(word(i)) {
		for k := i; k < min(len(s), i+positionWords); k++ {
			if quotedTo(word(k)) {
				return s[i : k+1]
			}
		}
		return nil
	}
	if kind == wordParameter && linked && (textnorm.HasDigit(word(i)) && settingNames(word(i)) == nil) {
		if i+1 < len(s) && !strings.ContainsAny(word(i), ",;)") && isUnitWord(word(i+1)) {
			return s[i : i+2]
		}
		return s[i : i+1]
	}
	bracket := strings.HasPrefix(word(i), "(")
	pins := false
	for k := i; k < min(len(s), i+positionWords); k++ {
		tag, plain := t.tags[s[k]], trimSigns(word(k))
		pins = pins || pinPair.MatchString(plain)
		ends := strings.ContainsAny(word(k), ").,;")
		switch {
		case tag&wordState != 0:
			return s[i : k+1]
		case pins && (ends || k+1 == len(s) || t.tags[s[k+1]]&(wordPin|wordState) == 0):
			return s[i : k+1]
		case tag&wordPin == 0 && !textnorm.HasDigit(plain), settingNames(word(k)) != nil, ends && !bracket, !linked && !bracket:
			return nil
		}
	}
	return nil
}

// isUnitWord reports whether a word can be the unit of the figure before it.
func isUnitWord(word string) bool {
	plain := strings.Trim(word, ".,;:)")
	return slices.Contains(strings.Fields("% °C °F K s sec sek min h Hz V A W kW bar psi mbar Pa kPa mm cm m l rpm days Tage °dH"), plain)
}

// fitReach is how many words may stand between the verb and the name of the jumper
// that is fitted or removed.
const fitReach = 6

// fitted returns the words that say that a jumper is put in its place or removed:
// "Remove jumper J3", "Brücke J3 entfernen".
func (t *settingText) fitted(s []int, n *named) []int {
	for i := n.first - 1; i >= max(0, n.first-fitReach); i-- {
		if t.tags[s[i]]&wordFit != 0 && t.tagsOf(s[i:n.first])&wordJumper != 0 {
			return s[i : n.last+1]
		}
	}
	for i := n.last + 1; i < min(len(s), n.last+4); i++ {
		if t.tags[s[i]]&wordFit != 0 && n.first > 0 && t.tags[s[n.first-1]]&wordJumper != 0 {
			return s[n.first-1 : i+1]
		}
	}
	return nil
}

// purpose returns the clause of a sentence that says what its position is for: the
// first up to its comma, or the one behind the position.
func (t *settingText) purpose(s []int, n *named, position []int) []int {
	if t.tags[s[0]]&wordPurpose != 0 {
		for i := 1; i < n.first; i++ {
			if strings.HasSuffix(t.p.Words[s[i]].Text, ",") {
				return s[:i+1]
			}
		}
	}
	at := slices.Index(s, position[len(position)-1]) + 1
	if at < n.last+1 {
		at = n.last + 1
	}
	if at < len(s) && !strings.ContainsAny(t.p.Words[s[at-1]].Text, ".;") {
		tag := t.tags[s[at]]
		if tag&wordPurpose != 0 && len(s)-at > 1 {
			return s[at:]
		}
		if (isSeparator(t.p.Words[s[at]].Text) || strings.HasSuffix(t.p.Words[s[at-1]].Text, ":")) && lettered(t.text(s[at:])) {
			return s[at:]
		}
	}
	return nil
}

// deliveredWords is how many words a value as delivered has at most.
const deliveredWords = 4

// delivered returns the words of a sentence that say how something is set as
// delivered: "The default setting is English", "ist standardmäßig deaktiviert",
// "(default: 7)".
func (t *settingText) delivered(s []int) []int {
	at := slices.IndexFunc(s, func(w int) bool { return t.tags[w]&wordDefault != 0 })
	if at < 0 {
		return nil
	}
	word := func(k int) string { return t.p.Words[s[k]].Text }
	if at > 1 && slices.Contains(strings.Fields("by por de par per"), strings.ToLower(word(at-1))) && isValue(word(at-2)) {
		return s[at-2 : at-1] // "is set to OFF by default"
	}
	linked := slices.Contains(adverbs, strings.ToLower(trimSigns(word(at))))
	i := at
	for ; i < len(s); i++ {
		tag, text := t.tags[s[i]], word(i)
		if tag&(wordLink|wordSettings|wordDefault) == 0 && !slices.Contains(valueNouns, strings.ToLower(trimSigns(text))) {
			break
		}
		linked = linked || tag&wordLink != 0 || strings.HasSuffix(text, ":")
		if strings.ContainsAny(text[len(text)-1:], ".,;)!") {
			return nil
		}
	}
	for k := i; k < min(len(s), i+deliveredWords); k++ {
		if !endsClause(word(k)) && k+1 < len(s) {
			continue
		}
		first := []rune(trimSigns(word(i)))
		switch {
		case textnorm.HasDigit(word(i)), k == i && isValue(word(i)), k == i && linked && t.tags[s[at]]&wordLink == 0 && slices.Contains(adverbs, strings.ToLower(trimSigns(word(at)))):
		case linked && len(first) > 0 && unicode.IsUpper(first[0]):
		default:
			return nil
		}
		return s[i : k+1]
	}
	return nil
}

// adverbs say that something is as delivered, and valueNouns what is.
var (
	adverbs    = strings.Fields("standardmäßig standardmässig werkseitig werksseitig")
	valueNouns = strings.Fields("value values wert werte valor valores valeur valeurs valore")
)

// isValue reports whether a word is a figure or a state, however it is written.
func isValue(word string) bool {
	return textnorm.HasDigit(word) || settingVocabulary[strings.ToLower(trimSigns(word))]&wordState != 0
}

func endsClause(word string) bool { return strings.ContainsAny(word[len(word)-1:], ".,;)!") }

// valueLines is how far below the sentence that names a parameter its values may
// begin.
const valueLines = 6

// valueList reads the values of a parameter that are listed below the sentence that
// names it: "0 = off", "1 = on".
func (t *settingText) valueList(row *proseRow) {
	var options []Printed
	end := row.last
	for i := row.last + 1; i < len(t.p.Lines) && i <= end+valueLines; i++ {
		if t.skip[i] || t.standsOut(i, row.last) {
			break
		}
		words := lineWords(t.p, i)[t.bullet(i):]
		found := t.inlineOptions(words)
		if len(found) == 0 {
			if len(options) > 0 || len(t.names(words, nil)) > 0 {
				break
			}
			continue
		}
		if len(found) == 1 { // with the mark before it: "- 0" reads like a figure's sign
			line := t.printed("", lineWords(t.p, i), false)
			found[0].Words, found[0].Boxes = line.Words, line.Boxes
		}
		options, end = append(options, found...), i
	}
	if len(options) > 1 {
		row.Options = options
	}
}

// inlineOptions reads the values of a setting among words, with what they do:
// "0 = off, 1 = on", "ON: heating".
func (t *settingText) inlineOptions(words []int) []Printed {
	type start struct{ at, text int }
	var starts []start
	for i, w := range words {
		text := t.p.Words[w].Text
		plain := unquoted(text)
		value := t.tags[w]&wordState != 0 || optionValue.MatchString(plain) || t.p.Words[w].Drawn || quotedFrom(text) && quotedTo(text) && plain != ""
		if !value || i > 0 && !strings.ContainsAny(t.p.Words[words[i-1]].Text, ",;.:()") && trimSigns(t.p.Words[words[i-1]].Text) != "" && !joins(t.p.Words[words[i-1]].Text) {
			continue
		}
		switch {
		case strings.HasSuffix(text, ":") || strings.HasSuffix(text, "="):
			starts = append(starts, start{i, i + 1})
		case i+1 < len(words) && isSeparator(t.p.Words[words[i+1]].Text):
			starts = append(starts, start{i, i + 2})
		}
	}
	var out []Printed
	for k, s := range starts {
		end := len(words)
		if k+1 < len(starts) {
			end = starts[k+1].at
			if end > s.text && joins(t.p.Words[words[end-1]].Text) {
				end--
			}
		}
		if s.text >= end || k == 0 && s.at > 0 && len(starts) == 1 {
			continue
		}
		if p := t.position(words[s.at:s.text], words[s.text:end]); textnorm.Key(p.Text) != "" {
			out = append(out, p)
		}
	}
	return out
}

// position is what a position does, with the words of both.
func (t *settingText) position(position, words []int) Printed {
	p := t.printed(unquoted(t.text(position)), slices.Concat(position, words), true)
	p.Text = unquoted(t.text(words))
	return p
}

// finish completes a row with what the page says around it.
func (t *settingText) finish(row *proseRow) {
	row.Page, row.Language = t.page, t.languages[t.page]
	for _, s := range row.said {
		row.Meanings = append(row.Meanings, t.printed("", s, false))
	}
	first := row.said[0]
	lead := t.lead(t.line(first[0]), false)
	if lead < 0 || row.kind == wordJumper && t.tags[t.p.Lines[lead].First]&wordPurpose == 0 {
		row.Title = t.printed("", t.called(first), false)
		return
	}
	row.Title = t.printed("", t.heading(lead), false)
}

// calledWords is how many words a sentence calls its jumpers by at most.
const calledWords = 8

// called returns the words by which a sentence calls the jumpers that it names: up
// to the bracket, the verb or the name behind the word for them.
func (t *settingText) called(s []int) []int {
	end := slices.IndexFunc(s, func(w int) bool { return t.tags[w]&(wordJumper|wordSwitch|wordParameter) != 0 }) + 1
	for end > 0 && end < len(s) {
		text := t.p.Words[s[end]].Text
		if strings.HasPrefix(text, "(") || t.tags[s[end]]&(wordRequired|wordState) != 0 || settingNames(text) != nil || endsClause(t.p.Words[s[end-1]].Text) {
			break
		}
		end++
	}
	if end < 3 || end == len(s) || t.tags[s[0]]&wordPurpose != 0 || end > calledWords || slices.ContainsFunc(s[:end], func(w int) bool { return settingNames(t.p.Words[w].Text) != nil }) {
		return nil
	}
	return s[:end]
}

// captionLines is how many lines behind a jumper's label may tell its position: those
// of its neighbours may stand between.
const captionLines = 12

// captions reads what stands below the label of a switch or jumper in a drawing: the
// position in brackets, and what it does.
func (t *settingText) captions(row *proseRow) {
	for i, l := range t.p.Lines {
		if l.Count > 4 || l.Turn != 0 || l.Cipher {
			continue
		}
		for _, label := range t.runs(i) {
			if unquoted(t.text(label)) != row.Name.Text {
				continue
			}
			var text, position []int
			at := t.sheets.around(t.refs(label))
			for k := i + 1; k < min(len(t.p.Lines), i+1+captionLines) && len(position) == 0; k++ {
				for _, run := range t.runs(k) {
					e := t.sheets.around(t.refs(run))
					if e.middle() < at.from-20 || e.middle() > at.to+20 || e.top-at.bottom > 1.2*e.height() || e.top < at.top {
						continue
					}
					at = extent{min(at.from, e.from), max(at.to, e.to), at.top, e.bottom}
					if strings.HasPrefix(t.p.Words[run[0]].Text, "(") && t.tagsOf(run)&wordState != 0 {
						position = run
					} else {
						text = append(text, run...)
					}
					break
				}
			}
			if len(position) > 0 && len(text) > 0 {
				row.option(t.printed(unquoted(t.text(position)), text, false))
			}
		}
	}
}

// runs divides a line at the gaps between what stands side by side.
func (t *settingText) runs(line int) [][]int {
	var out [][]int
	for _, w := range lineWords(t.p, line) {
		if n := len(out); n > 0 {
			last := out[n-1]
			a, b := t.p.Words[last[len(last)-1]].Box, t.p.Words[w].Box
			if b.X0-a.X1 <= (b.Y1-b.Y0) && b.X0 >= a.X0 {
				out[n-1] = append(last, w)
				continue
			}
		}
		out = append(out, []int{w})
	}
	return out
}
