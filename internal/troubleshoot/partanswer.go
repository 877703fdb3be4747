package troubleshoot

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

const (
	rowsRead      = 2000 // of parts or settings that may be meant
	partCovered   = 0.6  // part of the question's information that a row of a parts list has to hold
	groupCounts   = 0.8  // what a term counts that stands in a heading over the row
	drawingCounts = 0.5  // the same, in the list's title
	shortBonus    = 0.15 // for a description with no other words than the question's
	closeRow      = 0.85 // part of the best row's score that a further one needs
)

// indexed are the rows of the indexes that a question may mean.
type indexed struct {
	parts    []search.FoundPart
	named    bool // one of them by its number
	settings []search.FoundSetting
}

// readIndexed looks for the rows of parts lists and of settings.
func (s *Service) readIndexed(ctx context.Context, e *evidence, manuals []uuid.UUID) error {
	if e.question.Code != "" {
		return nil
	}
	var forms []string
	for _, t := range e.result.Terms {
		if slices.Contains(formWords, t.Word) {
			continue
		}
		for f := range t.Forms {
			forms = append(forms, f)
		}
	}
	slices.Sort(forms)
	q := search.RowQuery{Manuals: manuals, Text: strings.Join(forms, " "), Any: true, Limit: rowsRead}
	var err error
	if e.asked.kind == Part && len(forms) > 0 {
		if e.indexed.parts, _, err = s.search.Parts(ctx, q); err != nil {
			return err
		}
	}
	if e.asked.kind == Part || aboutPart.MatchString(e.question.Symptom) {
		for _, w := range strings.Fields(e.question.Symptom) {
			if !isPartNumber(strings.ToUpper(w)) {
				continue
			}
			found, _, err := s.search.Parts(ctx, search.RowQuery{Manuals: manuals, Name: w})
			if err != nil {
				return err
			}
			e.indexed.parts, e.indexed.named = append(found, e.indexed.parts...), e.indexed.named || len(found) > 0
		}
	}
	if settingWords.MatchString(textnorm.Fold(e.question.Symptom)) || settingName.MatchString(e.question.Symptom) {
		for _, w := range e.settingNames() {
			found, _, err := s.search.Settings(ctx, search.RowQuery{Manuals: manuals, Name: w})
			if err != nil {
				return err
			}
			e.indexed.settings = append(e.indexed.settings, found...)
		}
		if len(e.indexed.settings) == 0 && len(forms) > 0 && settingWords.MatchString(textnorm.Fold(e.question.Symptom)) {
			e.indexed.settings, _, err = s.search.Settings(ctx, q)
		}
	}
	return err
}

// covered is how much of the question's information texts hold, each with what a
// word counts that stands in it; missing words of the question lessen it.
func (e *evidence) covered(texts []string, counts []float64) float64 {
	weights, whole, _ := e.weights()
	if whole == 0 {
		return 0
	}
	best := make([]float64, len(weights))
	for i, text := range texts {
		for _, token := range textnorm.Tokens(text) {
			for k, t := range e.result.Terms {
				best[k] = max(best[k], t.Forms[token]*counts[i])
			}
		}
		for _, word := range strings.Fields(text) { // "ASS'Y" is typed as assy
			key := textnorm.Key(word)
			for k, t := range e.result.Terms {
				if key == t.Word {
					best[k] = max(best[k], counts[i])
				}
			}
		}
	}
	sum := 0.0
	for k := range best {
		sum += best[k] * weights[k]
	}
	return sum / whole
}

// part is a row of a parts list with how well it answers.
type scoredPart struct {
	*search.FoundPart
	score float64
}

// partRows answers with rows of parts lists. It reports whether one is what was
// asked for.
func (d *draft) partRows(e *evidence) bool {
	var ranked []scoredPart
	seen := map[string]bool{}
	for i := range e.indexed.parts {
		r := &e.indexed.parts[i]
		number := r.OrderNumber()
		if number == "" {
			continue
		}
		texts, counts := []string{r.Description.Text, number}, []float64{1, 1}
		add := func(count float64, list ...search.Printed) {
			for _, p := range list {
				texts, counts = append(texts, p.Text), append(counts, count)
			}
		}
		add(1, r.Others...)
		add(columnShare, r.Models...)
		add(columnShare, r.Notes...)
		add(groupCounts, r.Group...)
		add(drawingCounts, r.Drawing)
		if r.Composed != nil {
			add(1, r.Composed.Meaning)
		}
		score := e.covered(texts, counts)
		if score < partCovered {
			continue
		}
		if n := len(textnorm.Tokens(r.Description.Text)); n > 0 {
			matched := 0
			for _, token := range textnorm.Tokens(r.Description.Text) {
				if slices.ContainsFunc(e.result.Terms, func(t search.Term) bool { return t.Forms[token] > 0 }) {
					matched++
				}
			}
			score += shortBonus * float64(matched) / float64(n)
		}
		ranked = append(ranked, scoredPart{r, score})
	}
	slices.SortStableFunc(ranked, func(a, b scoredPart) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	for _, r := range ranked {
		if len(d.Parts) == maxItems || r.score < closeRow*ranked[0].score {
			break
		}
		p := e.read(r.ManualID, r.Page)
		key := textnorm.Key(r.OrderNumber()) + "/" + textnorm.Key(r.Description.Text)
		if p == nil || seen[key] || !e.rowApplies(p, r.Models) {
			continue
		}
		seen[key] = true
		if item, ok := d.partItem(e, r.FoundPart); ok {
			d.Parts = append(d.Parts, item)
		}
	}
	if len(d.Parts) == 0 {
		return false
	}
	d.Kind = Part
	return true
}

// read returns a page of the evidence, reading it when no search found it.
func (e *evidence) read(manual uuid.UUID, number int) *page {
	for _, p := range slices.Concat(e.pages, e.beside) {
		if p.manual == manual && p.pdf.Number == number {
			return p
		}
	}
	if e.load == nil {
		return nil
	}
	p := e.load(manual, number)
	if p != nil {
		e.beside = append(e.beside, p)
	}
	return p
}

// rowApplies reports whether a row holds for the chosen model: it does not name
// siblings only.
func (e *evidence) rowApplies(p *page, models []search.Printed) bool {
	var words []int
	others := false
	chosen := textnorm.Key(e.model)
	for _, m := range models {
		for _, s := range m.Words {
			if s.Page == p.pdf.Number {
				words = append(words, s.Words...)
			}
		}
		for _, name := range modelSeparator.Split(m.Text, -1) { // "KD 61" is two words
			key := textnorm.Key(name)
			if len(key) < 3 || !textnorm.HasDigit(key) {
				continue
			}
			is := func(model string) bool { return strings.HasPrefix(model, key) || strings.HasPrefix(key, model) }
			if is(chosen) {
				return true
			}
			others = others || slices.ContainsFunc(e.siblings, is)
		}
	}
	return !others && e.names(p.text(words)).allow()
}

// modelSeparator stands between the models of a row.
var modelSeparator = regexp.MustCompile(`[,;/&]`)

// partItem writes a row of a parts list. It is not ok when a page that it stands on
// cannot be read.
func (d *draft) partItem(e *evidence, r *search.FoundPart) (PartItem, bool) {
	item := PartItem{PartNumber: r.OrderNumber(), Name: r.Description.Text, Correction: newCorrection(r.Corrected, "part_number")}
	ok := true
	quote := func(list ...search.Printed) {
		for _, printed := range list {
			for _, s := range printed.Words {
				quotes := d.quoteRow(e, r.ManualID, s)
				if quotes == nil {
					ok = false
				}
				item.Quotes = append(item.Quotes, quotes...)
			}
		}
	}
	quote(r.Number)
	if !r.Description.Empty() {
		quote(r.Description)
	}
	for _, list := range [][]search.Printed{r.Models, r.Others, r.Notes} {
		for _, p := range list {
			if textnorm.Key(p.Text) == "" {
				continue
			}
			item.Name += headingSpaces + p.Text
			quote(p)
		}
	}
	if c := r.Composed; c != nil {
		item.Composed = true
		item.Name += headingSpaces + c.Meaning.Text
		quote(c.Rule, c.Suffix, c.Meaning)
	}
	var where []string
	for _, p := range append([]search.Printed{r.Item}, append(slices.Clip(r.Group), r.Drawing)...) {
		if !p.Empty() && textnorm.Key(p.Text) != "" {
			where = append(where, p.Text)
			quote(p)
		}
	}
	item.Location = strings.Join(where, headingSpaces)
	item.Name = strings.TrimPrefix(item.Name, headingSpaces)
	return item, ok && len(item.Quotes) > 0 || item.Correction != nil
}

// quoteRow quotes words of a manual, nil when their page cannot be read.
func (d *draft) quoteRow(e *evidence, manual uuid.UUID, s structure.Span) []Quote {
	p := e.read(manual, s.Page)
	if p == nil || len(s.Words) == 0 || slices.ContainsFunc(s.Words, func(w int) bool { return w < 0 || w >= len(p.pdf.Words) }) {
		return nil
	}
	return d.quote(p, s.Words)
}

var (
	// settingWords ask for a switch or a parameter, of which the question may name the
	// function instead of the name.
	settingWords = regexp.MustCompile(`\b(?:dip(?:[- ]?(?:switch(?:es)?|schalter))?|jumpers?|param(?:eter)?s?|steckbrücken?|parámetros?|interruptor(?:es)? (?:dip|\w*\d[\w-]*)|puentes? \w*\d[\w-]*|valor de fábrica|por defecto|default(?: value| setting)?|factory setting|werkseinstellung|schalter s?\d[\w-]*|switch \w*\d[\w-]*)\b`)
	// settingName is a word that names a parameter or one switch of a block.
	settingName = regexp.MustCompile(`(?i)\b(?:[a-z]{1,3}\d{1,3}-\d{1,2}|[pcf]-?\d{2,3})\b`)
	// settingNumber is the number of a switch behind the word for it.
	settingNumber = regexp.MustCompile(`(?i)\b(?:dip[- ]?(?:switch|schalter)?|switch|schalter|jumper|parameter|param|sw)\s*(?:no\.?|nr\.?|number|#)?\s*(\d{1,3})\b`)
	settingBlock  = regexp.MustCompile(`(?i)\b([a-z]{1,3}\d{1,3})[\s./]+(?:no\.?\s|nr\.?\s|switch\s)?(\d{1,2})\b`)
	namedSetting  = regexp.MustCompile(`(?i)\b[a-z]{1,3}\d{1,3}(?:-\d{1,2})?\b`)
	asksDefault   = regexp.MustCompile(`(?i)\b(?:default|factory|as delivered|delivered|werkseinstellung|voreinstellung|werksseitig)`)
)

// settingNames are the names of settings in the question: "P12", "S1-3", "7" behind
// the word switch.
func (e *evidence) settingNames() []string {
	text := e.question.Symptom
	var out []string
	for _, m := range settingBlock.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1]+"-"+m[2])
	}
	if len(out) > 0 {
		return out
	}
	out = append(out, namedSetting.FindAllString(text, -1)...)
	for _, m := range settingNumber.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// aboutPart asks what a part number stands for.
var aboutPart = regexp.MustCompile(`(?i)\b(?:part|parts|teil|spare|what is|was ist)\b`)

// asksSetting reports whether a setting may be meant: no error code is, or what was
// taken for one is the name of the setting, in its row.
func (e *evidence) asksSetting() bool {
	return len(e.result.Codes) == 0 || settingWords.MatchString(textnorm.Fold(e.question.Symptom)) ||
		!slices.ContainsFunc(e.result.Codes, func(c search.CodeRow) bool {
			return !slices.ContainsFunc(e.indexed.settings, func(r search.FoundSetting) bool {
				return r.ManualID == c.ManualID && r.Page == c.Page && textnorm.Key(r.Name.Text) == c.Key
			})
		})
}

// settingCovered is the part of the question's information that a row of a table of
// settings has to hold when its name is not asked for.
const settingCovered = 0.6

// settingRows answers with rows of tables of settings. It reports whether one is what
// was asked for.
func (d *draft) settingRows(e *evidence) bool {
	names := map[string]bool{}
	for _, n := range e.settingNames() {
		names[textnorm.Key(n)] = true
	}
	type scored struct {
		*search.FoundSetting
		score float64
	}
	var ranked []scored
	for i := range e.indexed.settings {
		r := &e.indexed.settings[i]
		texts, counts := []string{r.Name.Text, r.Title.Text, r.Table.Text, r.Section}, []float64{1, 1, drawingCounts, drawingCounts}
		for _, m := range r.Meanings {
			texts, counts = append(texts, m.Text), append(counts, 1)
		}
		for _, v := range append([]search.Printed{r.Default, r.Range}, append(slices.Clip(r.Options), r.Values...)...) {
			texts, counts = append(texts, v.Heading), append(counts, columnShare)
		}
		score := e.covered(texts, counts)
		if r.Answers(names) {
			score++
		} else if score < settingCovered {
			continue
		}
		if !slices.ContainsFunc(ranked, func(o scored) bool { return o.ManualID == r.ManualID && o.Ordinal == r.Ordinal }) { // found by two names
			ranked = append(ranked, scored{r, score})
		}
	}
	slices.SortStableFunc(ranked, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	for _, r := range ranked {
		if len(d.Values) == maxItems || r.score < closeRow*ranked[0].score {
			break
		}
		p := e.read(r.ManualID, r.Page)
		if p == nil || !e.rowApplies(p, r.Models) {
			continue
		}
		note := newCorrection(r.Corrected, "setting")
		if text := r.Default.Text; note.states(text) && r.Name.Empty() { // that only the shop has
			d.Values = append(d.Values, Item{Label: r.Name.Text, Text: text, Correction: note})
			continue
		}
		rows := settingCandidates(p, r.FoundSetting)
		for _, c := range rows {
			if d.said(c) || len(d.Values) == maxItems {
				continue
			}
			c.column = e.modelColumn(c.grid)
			if asksDefault.MatchString(e.question.Symptom) && c.column < 0 {
				c.column = c.grid.column(r.Default.Heading)
			}
			item := d.item(c)
			item.Correction = note
			d.Values = append(d.Values, item)
		}
		if len(rows) == 0 {
			if item, ok := d.settingItem(e, p, r.FoundSetting); ok {
				item.Correction = note
				d.Values = append(d.Values, item)
			}
		}
		for _, caution := range r.Cautions {
			d.caution(e, r.ManualID, caution)
		}
	}
	if len(d.Values) == 0 {
		return false
	}
	d.Kind = Settings
	return true
}

// caution shows the footnote of a setting.
func (d *draft) caution(e *evidence, manual uuid.UUID, c search.Printed) {
	item := Item{Text: c.Text}
	for _, s := range c.Words {
		item.Quotes = append(item.Quotes, d.quoteRow(e, manual, s)...)
	}
	same := func(o Item) bool { return o.Text == item.Text }
	if len(item.Quotes) > 0 && !slices.ContainsFunc(d.Passages, same) {
		d.Passages = append(d.Passages, item)
	}
}

// stated is the number that the item's quotes have to hold: none for a number that
// their parts make.
func (p *PartItem) stated() string {
	if p.Composed && composedOf(p.PartNumber, p.Quotes) {
		return ""
	}
	return p.PartNumber
}

// composedOf reports whether a number is made of a quoted pattern and a quoted
// suffix.
func composedOf(number string, quotes []Quote) bool {
	for _, pattern := range quotes {
		for _, suffix := range quotes {
			if search.Compose(pattern.Text, suffix.Text) == number {
				return true
			}
		}
	}
	return false
}
