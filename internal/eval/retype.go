package eval

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/search"
)

// Retyped measures codes that are typed in another way than they are printed.
type Retyped struct {
	Cases    int `json:"cases"` // one per case and form
	RecallAt     // of the case's pages
	// Lost are the forms for which no right page was among the first three.
	Lost []string `json:"lost,omitempty"`
}

// retype asks again for every code that stands in the text layer, in every form
// that a technician may type: once as a code with its question, and once in the
// question only.
func (r *run) retype(ctx context.Context, manuals map[string]imported, report *Report) error {
	for i := range r.options.Cases {
		c := &r.options.Cases[i]
		m := manuals[c.Manual]
		if c.ErrorCode == "" || c.NeedsOCR != "" || c.Unanswerable || m.err != nil {
			continue
		}
		for _, form := range forms(c.ErrorCode) {
			question, holdsCode := replaceCode(c.Question, c.ErrorCode, form)
			q := search.Query{Manuals: []uuid.UUID{m.id}, Code: form, Text: question, Limit: depth}
			if err := r.again(ctx, c, q, form, &report.RetypedCodes); err != nil {
				return err
			}
			if holdsCode {
				q.Code = ""
				if err := r.again(ctx, c, q, form, &report.RetypedInText); err != nil {
					return err
				}
			}
		}
	}
	report.RetypedCodes.divide(report.RetypedCodes.Cases)
	report.RetypedInText.divide(report.RetypedInText.Cases)
	return nil
}

func (r *run) again(ctx context.Context, c *Case, q search.Query, form string, t *Retyped) error {
	found, err := r.lib.Search(ctx, q)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	t.Cases++
	rank := 0
	if err == nil {
		_, rank = ranked(c, found.Pages)
	}
	t.count(rank)
	if rank == 0 || rank > 3 {
		t.Lost = append(t.Lost, c.ID+": "+form)
	}
	return nil
}

// forms returns the other ways to type a code, sorted: with its parts joined,
// hyphenated and spaced, each as printed and in lower case. The parts of
// "F21/E3" are F21 and E3; those of "E12" are E and 12; those of "Eb", as a
// seven-segment display shows it, E and b. "OHH" has one part.
func forms(code string) []string {
	parts := splitCode(code)
	set := map[string]bool{}
	for _, separator := range []string{"", "-", " "} {
		form := strings.Join(parts, separator)
		set[form] = true
		set[strings.ToLower(form)] = true
	}
	set[strings.ToLower(code)] = true
	delete(set, code)
	out := make([]string, 0, len(set))
	for f := range set {
		out = append(out, f)
	}
	slices.Sort(out)
	return out
}

func splitCode(code string) []string {
	separated := strings.FieldsFunc(code, func(r rune) bool { return !isWord(r) })
	if len(separated) != 1 {
		return separated
	}
	runes := []rune(separated[0])
	var parts []string
	start := 0
	for i := 1; i < len(runes); i++ {
		letterDigit := unicode.IsDigit(runes[i-1]) != unicode.IsDigit(runes[i])
		twoCases := len(runes) == 2 && unicode.IsUpper(runes[0]) && unicode.IsLower(runes[1])
		if letterDigit || twoCases {
			parts = append(parts, string(runes[start:i]))
			start = i
		}
	}
	return append(parts, string(runes[start:]))
}

// replaceCode puts form in the place of the code in a question, and reports
// whether the code was there.
func replaceCode(question, code, form string) (string, bool) {
	re, err := regexp.Compile(`(?i)(^|[^\pL\pN])` + regexp.QuoteMeta(code) + `($|[^\pL\pN])`)
	if err != nil || !re.MatchString(question) {
		return question, false
	}
	return re.ReplaceAllString(question, "${1}"+strings.ReplaceAll(form, "$", "$$")+"${2}"), true
}
