package search

import (
	"regexp"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Some lists print a number with a part left open ("70123-XX") and, elsewhere, what
// is to be put there for each colour, voltage or country. Only then is a number
// composed, and it always stands with both places.

var (
	openNumber = regexp.MustCompile(`^([\p{Lu}\d][\p{L}\d./-]*?)(x{2,4}|X{2,4}|_{2,4}|\?{2,4}|\*{2,4}|#{2,4})$`)
	suffixText = regexp.MustCompile(`^[-–./]?([\p{Lu}\d]{1,4})$`)
)

// suffixHeads are words of the headings over lists of suffixes.
var suffixHeads = strings.Fields("suffix suffixes suffixe endung endungen endziffer endziffern sufijo sufijos suffisso suffissi achtervoegsel")

// Compose puts a printed suffix into the open places of a printed pattern:
// "70123-XX" and "04" make "70123-04". It returns "" when they do not fit.
func Compose(pattern, suffix string) string {
	m, s := openNumber.FindStringSubmatch(pattern), suffixText.FindStringSubmatch(suffix)
	if m == nil || s == nil || len([]rune(m[2])) != len([]rune(s[1])) {
		return ""
	}
	return m[1] + s[1]
}

// suffixRule is a printed list of suffixes.
type suffixRule struct {
	rule   Printed
	page   int
	length int // of every suffix, in characters
	rows   []suffixRow
}

type suffixRow struct{ suffix, meaning Printed }

// compose adds the numbers that open ones stand for where the manual prints one
// rule, and only one, whose suffixes fit.
func (r *partReader) compose() {
	if !slices.ContainsFunc(r.rows, func(p PartRow) bool { return openNumber.MatchString(p.Number.Text) }) {
		return
	}
	rules := r.suffixRules()
	var out []PartRow
	for _, p := range r.rows {
		m := openNumber.FindStringSubmatch(p.Number.Text)
		if m == nil {
			out = append(out, p)
			continue
		}
		fits := slices.DeleteFunc(slices.Clone(rules), func(s suffixRule) bool { return s.length != len([]rune(m[2])) })
		if len(fits) > 1 { // the one on the list's own page
			fits = slices.DeleteFunc(fits, func(s suffixRule) bool { return s.page != p.Page })
		}
		out = append(out, p)
		if len(fits) != 1 {
			continue
		}
		for _, s := range fits[0].rows {
			c := p
			c.Composed = &Composed{Number: Compose(p.Number.Text, s.suffix.Text), Rule: fits[0].rule, Suffix: s.suffix, Meaning: s.meaning}
			out = append(out, c)
		}
	}
	r.rows = out
}

// suffixRules reads the lists of suffixes: tables of two columns whose heading or
// title says that they are.
func (r *partReader) suffixRules() []suffixRule {
	named := func(text string) bool {
		return slices.ContainsFunc(textnorm.Tokens(text), func(t string) bool { return slices.Contains(suffixHeads, t) })
	}
	var out []suffixRule
	for i := range r.document.Tables {
		t := &r.document.Tables[i]
		var rule []ref
		switch {
		case len(t.Columns) < 2:
			continue
		case named(t.Columns[0].Heading) && len(t.Columns[0].Words) > 0:
			rule = r.sheets.refs(t.Columns[0].Words[len(t.Columns[0].Words)-1])
		case named(t.Title.Text):
			rule = r.sheets.refs(t.Title.Span)
		default:
			continue
		}
		s := suffixRule{rule: r.sheets.printed("", rule), page: t.Parts[0].Page}
		for k := range t.Rows {
			if row, ok := r.suffixRow(&t.Rows[k]); ok {
				m := suffixText.FindStringSubmatch(row.suffix.Text)
				s.rows, s.length = append(s.rows, row), len([]rune(m[1]))
			}
		}
		// A list with suffixes of several lengths does not tell where they go.
		same := !slices.ContainsFunc(s.rows, func(x suffixRow) bool {
			return len([]rune(suffixText.FindStringSubmatch(x.suffix.Text)[1])) != s.length
		})
		if len(s.rows) > 0 && same {
			out = append(out, s)
		}
	}
	return out
}

func (r *partReader) suffixRow(row *structure.Row) (suffixRow, bool) {
	code, meaning := &row.Cells[0], &row.Cells[1]
	if row.Heading || code.Empty() || meaning.Empty() || code.Columns != 1 || !suffixText.MatchString(code.Text) {
		return suffixRow{}, false
	}
	return suffixRow{
		suffix:  r.sheets.printed("", r.sheets.refs(code.Words...)),
		meaning: r.sheets.printed("", r.sheets.refs(meaning.Words...)),
	}, true
}
