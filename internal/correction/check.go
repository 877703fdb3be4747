package correction

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// The longest texts that are accepted, in bytes.
const (
	maxName   = 200
	maxText   = 4000
	maxModels = 50
)

// fieldsOf are the fields that can be corrected; the first one is needed of a row that
// is added.
func fieldsOf(table search.RowTable) []string {
	switch table {
	case search.RowCodes:
		return []string{"meaning", "cause", "remedy"}
	case search.RowParts:
		return []string{"description", "quantity"}
	case search.RowSettings:
		return []string{"meaning", "default"}
	}
	return nil
}

func invalid(message string, args ...any) error {
	return errdefs.New(errdefs.Invalid, "CORRECTION_INVALID", message, args...)
}

// check decides whether a correction can be stored as it is.
func (s *Service) check(ctx context.Context, m *manual.Manual, r *record) error {
	says := &r.Says
	allowed := fieldsOf(r.Table)
	switch {
	case allowed == nil:
		return invalid("%q is no table. Use codes, parts or settings.", string(r.Table))
	case len(says.Name) > maxName, len(says.Models) > maxModels, len(says.Quote) > maxText, len(r.Note) > maxText,
		slices.ContainsFunc(says.Models, func(m string) bool { return len(m) > maxName }),
		slices.ContainsFunc(slices.Collect(maps.Values(says.Fields)), func(t string) bool { return len(t) > maxText }):
		return invalid("A text is too long. Names and models may have %d bytes, other texts %d, and there may be %d models.", maxName, maxText, maxModels)
	case says.Name != "" && textnorm.Key(says.Name) == "":
		return invalid("%q has no letter and no digit. Give the name as it is to be found.", says.Name)
	}
	for f := range says.Fields {
		_, n, _ := search.SolutionField(f)
		if r.Table == search.RowCodes && n > 0 {
			continue
		}
		if !slices.Contains(allowed, f) {
			return invalid("%q cannot be corrected in a row of %s. Use %s, or its name, page and models.", f, string(r.Table), strings.Join(allowed, ", "))
		}
	}
	if err := checkSolutions(r); err != nil {
		return err
	}
	switch r.Kind {
	case search.CorrectionSuppress:
		if says.Name != "" || says.Page != 0 || says.Models != nil || len(says.Fields) > 0 || says.Quote != "" {
			return invalid("A row that is none says nothing. Replace it to have it say something else.")
		}
		return nil
	case search.CorrectionReplace:
		return s.checkReplaced(m, r)
	case search.CorrectionAdd:
		return s.checkAdded(ctx, m, r, allowed[0])
	}
	return invalid("%q is no kind of correction. Use replace, add or suppress.", string(r.Kind))
}

// checkSolutions has one of several solutions be one that is there, or the next.
func checkSolutions(r *record) error {
	for f := range r.Says.Fields {
		role, n, ok := search.SolutionField(f)
		if !ok || n == 0 {
			continue
		}
		if _, all := r.Says.Fields[string(role)]; all {
			return invalid("The %s of all solutions and that of one are told at once. Leave out %s or %s.", role, role, f)
		}
		if last := len(r.Anchor.Solutions) + 1; n > last {
			return invalid("There is no solution %d: the row has %d. Use %s/1 to %s/%d, of which the last is a new one.", n, last-1, role, role, last)
		}
	}
	return nil
}

func (s *Service) checkReplaced(m *manual.Manual, r *record) error {
	says := &r.Says
	if says.Name == r.Anchor.Name {
		says.Name = "" // as printed
	}
	if says.Page == r.Anchor.Page {
		says.Page = 0
	}
	correction := r.correction()
	maps.DeleteFunc(says.Fields, func(field, text string) bool { return text == correction.Printed(field) })
	for field, text := range says.Fields {
		if text == "" && field == fieldsOf(r.Table)[0] {
			return invalid("The %s cannot be empty. Suppress the row if it is none.", field)
		}
	}
	switch {
	case says.Quote != "":
		return invalid("The quote of a row that is replaced is what the manual prints. Leave it out.")
	case says.Name == "" && says.Page == 0 && len(says.Models) == 0 && len(says.Fields) == 0:
		return invalid("Nothing of the row would be another than what is printed. Say what is to change.")
	}
	return checkPage(m, says.Page, true)
}

func (s *Service) checkAdded(ctx context.Context, m *manual.Manual, r *record, needed string) error {
	says := &r.Says
	if says.Name == "" || says.Fields[needed] == "" {
		return invalid("A row that is added needs its name, its page and its %s.", needed)
	}
	if err := checkPage(m, says.Page, false); err != nil {
		return err
	}
	if says.Quote == "" {
		return nil
	}
	p, _, err := s.manuals.Page(ctx, m.ID, says.Page)
	if err != nil {
		return err
	}
	if !troubleshoot.Quotes(&p, says.Quote) {
		return errdefs.New(errdefs.Invalid, "QUOTE_NOT_FOUND",
			"Page %d does not print this quote. Copy it from the page; without a quote the row is kept in the shop's own words and marked so.", says.Page)
	}
	return nil
}

func checkPage(m *manual.Manual, page int, optional bool) error {
	if page == 0 && optional || page >= 1 && page <= m.Pages {
		return nil
	}
	return errdefs.New(errdefs.Invalid, "PAGE_NOT_FOUND", "%q has no page %d: it has the pages 1 to %d, counted from the first of the file.", m.Title, page, m.Pages)
}

func (d *Draft) clean() {
	d.Row.Name, d.Note, d.Says = cleanText(d.Row.Name), cleanText(d.Note), cleanSays(d.Says)
}

func cleanSays(s search.Says) search.Says {
	s.Name, s.Quote = cleanText(s.Name), cleanText(s.Quote)
	models := s.Models
	s.Models = nil
	for _, m := range models {
		if m = cleanText(m); m != "" && !slices.Contains(s.Models, m) {
			s.Models = append(s.Models, m)
		}
	}
	fields := s.Fields
	s.Fields = nil
	for f, text := range fields {
		if s.Fields == nil {
			s.Fields = map[string]string{}
		}
		if _, _, ok := search.SolutionField(f); ok {
			s.Fields[f] = cleanLines(text)
		} else {
			s.Fields[f] = cleanText(text)
		}
	}
	return s
}

// cleanLines makes a line of each cause or remedy.
func cleanLines(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = cleanText(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// cleanText makes one line of a text, without what cannot be seen or stored.
func cleanText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}
