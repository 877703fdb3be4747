package troubleshoot

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Correction marks a statement as the shop's: what it says differs from what the
// manual prints, which stands in the quotes beside it.
type Correction struct {
	ID uuid.UUID `json:"id" format:"uuid"`
	By string    `json:"by" doc:"Who corrected it last" example:"Local user"`
	At time.Time `json:"at"`
	// Added says that the row was not read from the manual.
	Added  bool             `json:"added,omitempty" doc:"The row was added by the shop: it was not read from the manual"`
	Fields []CorrectedField `json:"fields,omitempty" doc:"What the shop says, beside what the manual prints"`
	Page   int              `json:"page,omitempty" doc:"PDF page number that the shop gives"`
	Models []string         `json:"models,omitempty" doc:"Models that the shop says it is for"`
	// LookAgain says that the manual is read differently since.
	LookAgain bool `json:"look_again,omitempty" doc:"The manual is read differently since it was corrected: compare it with the page"`

	// stated are the words for which the shop answers: they need no quote.
	stated []string
}

// CorrectedField is a field of a row in the words of the shop.
type CorrectedField struct {
	Name    string `json:"name" doc:"code, meaning, part_number, …" example:"meaning"`
	Says    string `json:"says" doc:"What the shop says"`
	Printed string `json:"printed,omitempty" doc:"What the manual printed when it was corrected"`
}

// newCorrection is the mark of a row, nil for one that is as printed. Its name is
// called name in the answer.
func newCorrection(c *search.Corrected, name string) *Correction {
	if c == nil {
		return nil
	}
	out := &Correction{
		ID: c.ID, By: c.By, At: c.At.UTC(), Added: c.Kind == search.CorrectionAdd, Page: c.Says.Page, Models: c.Says.Models,
		LookAgain: c.Fit != search.FitHolds,
	}
	add := func(field, says, printed string) {
		out.Fields = append(out.Fields, CorrectedField{field, says, printed})
		out.stated = append(out.stated, says)
	}
	if c.Says.Name != "" {
		add(name, c.Says.Name, c.Anchor.Name)
	}
	for _, field := range slices.Sorted(maps.Keys(c.Says.Fields)) {
		add(field, c.Says.Fields[field], c.Printed(field))
		out.stated = append(out.stated, strings.Split(c.Says.Fields[field], "\n")...) // causes, remedies
	}
	if c.Fit == search.FitGone { // of what is not there any more, what was is the shop's to say
		out.stated = append(out.stated, c.Anchor.Name)
		for _, f := range c.Anchor.Fields {
			out.stated = append(out.stated, f.Text)
		}
		for _, s := range c.Anchor.Solutions {
			out.stated = append(out.stated, s.Cause, s.Remedy)
		}
	}
	return out
}

// naming is the mark of what names a code and tells its meaning: without what the shop
// says of causes and remedies, and nil when it says nothing else.
func (c *Correction) naming() *Correction {
	if c == nil {
		return nil
	}
	out := *c
	out.Fields = slices.DeleteFunc(slices.Clone(c.Fields), CorrectedField.solves)
	if len(out.Fields)+len(out.Models)+out.Page == 0 && !out.LookAgain {
		return nil
	}
	return &out
}

// solving is the mark of causes and remedies.
func (c *Correction) solving() *Correction {
	out := *c
	out.Fields = slices.DeleteFunc(slices.Clone(c.Fields), func(f CorrectedField) bool { return !f.solves() })
	return &out
}

func (f CorrectedField) solves() bool {
	_, _, ok := search.SolutionField(f.Name)
	return ok
}

// states reports whether the shop answers for a text.
func (c *Correction) states(text string) bool {
	return c != nil && text != "" && slices.Contains(c.stated, text)
}

// without returns what of the texts the shop does not answer for.
func (c *Correction) without(texts ...string) []string {
	for i := range texts {
		for _, s := range c.stated {
			texts[i] = strings.Replace(texts[i], s, " ", 1)
		}
	}
	return texts
}

// shopMeaning answers with the row of a code that the shop has corrected; nil for one
// that is as printed or that says nothing of a meaning. Where no row does, the cause is
// taken for it, which role then asks for.
func (d *draft) shopMeaning(e *evidence, r search.CodeRow, role search.Role) *ErrorCode {
	note := newCorrection(r.Corrected, "code").naming()
	solutions := r.Solutions()
	byCause := role == search.RoleCause && len(solutions) > 0 && len(solutions[0].Causes) > 0 && solutions[0].Causes[0].Shop
	if byCause {
		note = newCorrection(r.Corrected, "code")
	}
	if note == nil {
		return nil
	}
	c := &ErrorCode{Code: r.Code, Correction: note}
	says, told := r.Corrected.Text(string(search.RoleMeaning))
	c.Meaning = says
	if r.Corrected.Fit == search.FitGone && !told {
		c.Meaning = r.Corrected.Printed(string(search.RoleMeaning))
	}
	p := e.page(r)
	if p != nil {
		for _, role := range []search.Role{search.RoleMeaning, search.RoleCode} {
			for _, f := range r.Fields {
				words := trimPunctuation(p, f.Words)
				if f.Role != role || f.Page > 0 || len(words) == 0 {
					continue
				}
				if role == search.RoleMeaning && c.Meaning == "" {
					c.Meaning = p.text(words)
				}
				c.Quotes = append(c.Quotes, d.quote(p, words)...)
			}
		}
		if q := r.Corrected.Says.Quote; q != "" {
			c.Quotes = append(c.Quotes, Quote{Text: q, Citation: d.citation(p, 0)})
		}
	}
	if c.Meaning == "" && byCause {
		c.Meaning = solutions[0].Causes[0].Printed
	}
	if c.Meaning == "" {
		return nil
	}
	return c
}

// shopSolutions adds the causes and remedies of a row for some of which the shop has
// words of its own, and reports whether it has.
func (d *draft) shopSolutions(e *evidence, r search.CodeRow) bool {
	if !r.Resolved() {
		return false
	}
	note := newCorrection(r.Corrected, "code").solving()
	for _, s := range r.Solutions() {
		shop := func(f search.Field) bool { return f.Shop }
		if !slices.ContainsFunc(s.Causes, shop) && !slices.ContainsFunc(s.Remedies, shop) {
			d.rowFields(e, &r, slices.Concat(s.Causes, s.Remedies))
			continue
		}
		causes, remedies := d.told(e, &r, s.Causes, note), d.told(e, &r, s.Remedies, note)
		if len(causes) != 1 || len(remedies) == 0 { // no title of steps
			d.LikelyCauses = append(d.LikelyCauses, causes[:min(len(causes), max(0, maxCauses-len(d.LikelyCauses)))]...)
			causes = nil
		}
		for _, remedy := range remedies[:min(len(remedies), maxSteps-len(d.Steps))] {
			step := Step{N: len(d.Steps) + 1, Instruction: remedy.Text, Quotes: remedy.Quotes, Correction: remedy.Correction}
			if len(causes) == 1 {
				step.Title, step.Quotes = causes[0].Text, slices.Concat(step.Quotes, causes[0].Quotes)
				step.Correction = cmp.Or(step.Correction, causes[0].Correction)
			}
			d.Steps = append(d.Steps, step)
		}
	}
	return true
}

// told are causes or remedies, each by itself: of the shop with its mark, of the manual
// with their quotes.
func (d *draft) told(e *evidence, r *search.CodeRow, fields []search.Field, note *Correction) []Item {
	var out []Item
	for _, f := range fields {
		if f.Shop {
			out = append(out, Item{Text: f.Printed, Correction: note})
		} else if p := e.pageOf(r.ManualID, f.On(r)); p != nil {
			for _, part := range splitItems(p, f.Words) {
				out = append(out, Item{Text: p.text(part), Quotes: d.quote(p, part)})
			}
		}
	}
	return out
}

// shopText is the meaning of a row as the shop says it.
func shopText(r search.CodeRow) (text string, note *Correction) {
	says, ok := r.Corrected.Text(string(search.RoleMeaning))
	if !ok || says == "" {
		return "", nil
	}
	return says, newCorrection(r.Corrected, "code")
}

// forModel leaves out the rows that the shop says are for other models.
func (e *evidence) forModel(rows []search.CodeRow) []search.CodeRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r search.CodeRow) bool {
		return r.Corrected != nil && len(r.Corrected.Says.Models) > 0 && e.model != "" &&
			!slices.ContainsFunc(r.Corrected.Says.Models, func(m string) bool { return textnorm.Key(m) == textnorm.Key(e.model) })
	})
}

// corrected accepts the meaning of a code in the words of the shop. The quotes beside
// it, what the manual prints, are kept where they stand on their page.
func (v *verifier) corrected(a *Answer, c *ErrorCode) bool {
	printed := c.Quotes
	quoted := v.quotes(a, &printed) && numbersQuoted(printed, c.Meaning)
	c.Quotes = v.standing(a, c.Quotes)
	meant := c.Correction.states(c.Meaning)
	return (meant || quoted) && (meant || c.Correction.states(c.Code) || v.codeQuoted(a, c))
}

// shopStep accepts a step in the words of the shop. What is printed of it, the other of
// cause and remedy, needs its quotes.
func (v *verifier) shopStep(a *Answer, s *Step) bool {
	printed := []string{s.ExpectedResult}
	for _, text := range []string{s.Title, s.Instruction} {
		if text != "" && !s.Correction.states(text) {
			printed = append(printed, text)
		}
	}
	if len(printed) == 1 {
		s.Quotes = v.standing(a, s.Quotes)
		return true
	}
	return v.quotes(a, &s.Quotes) && numbersQuoted(s.Quotes, printed...)
}

// standing returns the quotes that stand on their page, with their boxes.
func (v *verifier) standing(a *Answer, quotes []Quote) []Quote {
	var out []Quote
	for _, q := range quotes {
		if one := []Quote{q}; v.quotes(a, &one) {
			out = append(out, one[0])
		}
	}
	return out
}

// markCorrected marks what is quoted from rows that the shop has corrected: the
// manual prints it, and the shop says something else.
func (s *Service) markCorrected(ctx context.Context, d *draft, manuals []uuid.UUID) error {
	rows, err := s.search.CorrectedCodes(ctx, manuals)
	if err != nil || len(rows) == 0 {
		return err
	}
	find := func(quotes []Quote) *Correction {
		for _, q := range quotes {
			if q.Citation < 0 || q.Citation >= len(d.Citations) {
				continue
			}
			at := d.Citations[q.Citation]
			for _, r := range rows {
				for _, f := range r.Fields {
					if r.Retold(f) && r.ManualID == at.ManualID && f.On(&r) == at.Page &&
						slices.ContainsFunc(q.near, func(w int) bool { return slices.Contains(f.Words, w) }) {
						return newCorrection(r.Corrected, "code")
					}
				}
			}
		}
		return nil
	}
	for _, list := range [][]Item{d.Values, d.LikelyCauses, d.Passages} {
		for i := range list {
			if list[i].Correction == nil {
				list[i].Correction = find(list[i].Quotes)
			}
		}
	}
	for i := range d.Steps {
		if d.Steps[i].Correction == nil {
			d.Steps[i].Correction = find(d.Steps[i].Quotes)
		}
	}
	return nil
}

// Quotes reports whether a page prints a quote, as the quotes of answers are checked.
func Quotes(p *pdf.Page, quote string) bool {
	key := pageKey{number: p.Number}
	_, ok := newVerifier([]*page{newPage(key.manual, "", "", "", 0, p)}).find(key, quote, nil)
	return ok
}
