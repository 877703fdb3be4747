package troubleshoot

import (
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
	}
	if c.Fit == search.FitGone { // of what is not there any more, what was is the shop's to say
		out.stated = append(out.stated, c.Anchor.Name)
		for _, f := range c.Anchor.Fields {
			out.stated = append(out.stated, f.Text)
		}
	}
	return out
}

// states reports whether the shop answers for a text.
func (c *Correction) states(text string) bool { return c != nil && slices.Contains(c.stated, text) }

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
// that is as printed or that says nothing of a meaning.
func (d *draft) shopMeaning(e *evidence, r search.CodeRow) *ErrorCode {
	note := newCorrection(r.Corrected, "code")
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
	if c.Meaning == "" {
		return nil
	}
	return c
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
					_, told := r.Corrected.Text(string(f.Role))
					if f.Role == search.RoleCode {
						told = r.Corrected.Says.Name != ""
					}
					if told && r.ManualID == at.ManualID && f.On(&r) == at.Page &&
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
		d.Steps[i].Correction = find(d.Steps[i].Quotes)
	}
	return nil
}

// Quotes reports whether a page prints a quote, as the quotes of answers are checked.
func Quotes(p *pdf.Page, quote string) bool {
	key := pageKey{number: p.Number}
	_, ok := newVerifier([]*page{newPage(key.manual, "", "", "", 0, p)}).find(key, quote, nil)
	return ok
}
