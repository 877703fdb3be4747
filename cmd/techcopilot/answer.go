package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// printAnswer writes an answer for a person: what was asked first, then what to
// do, then the warnings and where all of it stands.
func printAnswer(w io.Writer, a *troubleshoot.Answer, terminal bool) error {
	p := &page{Writer: bufio.NewWriter(w), width: 88, colour: terminal && os.Getenv("NO_COLOR") == ""}
	if f, ok := w.(*os.File); ok && terminal {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			p.width = min(max(columns, 40), 100)
		}
	}
	p.answer(a)
	return p.Flush()
}

// page lays text out in columns of a terminal.
type page struct {
	*bufio.Writer
	width  int
	colour bool
}

func (p *page) answer(a *troubleshoot.Answer) {
	p.paragraph("", "", p.bold(strings.TrimSpace(a.Equipment.Manufacturer+" "+a.Equipment.Model)))
	if a.Kind == troubleshoot.Refused {
		p.refusal(a)
		p.citations(a.Citations)
		return
	}
	if a.ErrorCode != nil {
		p.line("")
		p.paragraph("", "", p.bold(a.ErrorCode.Code)+"  "+oneLine(a.ErrorCode.Meaning)+marks(a.ErrorCode.Quotes))
		p.correction("", a.ErrorCode.Correction)
	} else if a.Summary != "" && len(a.Values) == 0 { // the first value says it again
		p.line("")
		p.paragraph("", "", a.Summary)
	}
	p.items("Values", a.Values)
	p.warnings(a.Warnings)
	p.steps(a.Steps)
	p.items("Likely causes", a.LikelyCauses)
	p.parts(a.Parts)
	p.items("In the manual", a.Passages)
	if len(a.NotInManual) > 0 {
		p.heading("Not in the manual")
		for _, t := range a.NotInManual {
			p.paragraph("  - ", "    ", t)
		}
	}
	p.notices(a.Notices)
	p.citations(a.Citations)
}

// notices name the pages that could not be searched.
func (p *page) notices(notices []troubleshoot.Notice) {
	if len(notices) == 0 {
		return
	}
	p.heading("Not searched")
	for _, n := range notices {
		p.paragraph("  - ", "    ", oneLine(n.Message))
	}
}

func (p *page) refusal(a *troubleshoot.Answer) {
	p.line("")
	p.paragraph("", "", "The manuals do not answer this.")
	if r := a.Refusal; r != nil {
		p.paragraph("", "", r.Reason)
		if len(r.Searched) > 0 {
			p.paragraph("Searched: ", "          ", oneLine(strings.Join(r.Searched, "; ")))
		}
		if len(r.Terms) > 0 {
			p.paragraph("For:      ", "          ", strings.Join(r.Terms, ", "))
		}
		if len(r.NearCodes) > 0 {
			p.paragraph("Near it:  ", "          ", oneLine(strings.Join(r.NearCodes, ", ")))
		}
		if r.NextStep != "" {
			p.paragraph("Next:     ", "          ", r.NextStep)
		}
	}
	p.items("Nearest passages, which may not be about this", a.Passages)
}

func (p *page) steps(steps []troubleshoot.Step) {
	if len(steps) == 0 {
		return
	}
	p.heading("Do this")
	title := ""
	for i, s := range steps {
		number := strconv.Itoa(s.N) + ". "
		first := strings.Repeat(" ", max(0, 5-len(number))) + number
		rest := strings.Repeat(" ", len(first))
		// A title over several steps, such as a cause with its remedies, stands once.
		if s.Title != "" && s.Title != s.Instruction && s.Title != title {
			p.paragraph(first, rest, p.bold(s.Title))
			first = rest
		}
		title = s.Title
		p.paragraph(first, rest, s.Instruction+marks(s.Quotes))
		if i > 0 && s.Correction != nil && steps[i-1].Correction != nil && s.Correction.ID == steps[i-1].Correction.ID {
			p.paragraph(rest, rest, "Corrected by the shop, as above.")
		} else {
			p.correction(rest, s.Correction)
		}
		if s.ExpectedResult != "" {
			p.paragraph(rest+"→ ", rest+"  ", s.ExpectedResult)
		}
		if s.Unverified {
			p.paragraph(rest, rest, "(could not be verified: read the page)")
		}
	}
}

func (p *page) parts(parts []troubleshoot.PartItem) {
	if len(parts) == 0 {
		return
	}
	p.heading("Parts to check")
	for _, x := range parts {
		text := x.Name
		if x.PartNumber != "" {
			text += "  " + p.bold(x.PartNumber)
		}
		for _, more := range []string{x.Location, x.Why} {
			if more != "" {
				text += "; " + more
			}
		}
		p.paragraph("  - ", "    ", text+marks(x.Quotes))
	}
}

func (p *page) items(title string, items []troubleshoot.Item) {
	if len(items) == 0 {
		return
	}
	p.heading(title)
	for _, it := range items {
		text := it.Text
		if it.Label != "" {
			text = p.bold(it.Label) + ": " + text
		}
		p.paragraph("  - ", "    ", text+marks(it.Quotes))
		p.correction("    ", it.Correction)
	}
}

// correction says what the shop says, and what the manual prints.
func (p *page) correction(indent string, c *troubleshoot.Correction) {
	if c == nil {
		return
	}
	text := "Corrected by the shop (" + c.By + ", " + c.At.Format("2006-01-02") + ")"
	if c.Added {
		text = "Added by the shop (" + c.By + ", " + c.At.Format("2006-01-02") + ")"
	}
	for _, f := range c.Fields {
		switch {
		case c.Added:
		case f.Printed == "":
			text += fmt.Sprintf("; %s: %s", f.Name, f.Says)
		default:
			text += fmt.Sprintf("; %s: %s, printed: %s", f.Name, f.Says, f.Printed)
		}
	}
	if c.Page > 0 {
		text += fmt.Sprintf("; PDF page %d", c.Page)
	}
	if len(c.Models) > 0 {
		text += "; for " + strings.Join(c.Models, ", ")
	}
	if c.LookAgain {
		text += ". The manual is read differently since: compare it with the page"
	}
	p.paragraph(indent, indent, oneLine(text)+".")
}

// warnings are framed: they must not be read past.
func (p *page) warnings(warnings []troubleshoot.Item) {
	if len(warnings) == 0 {
		return
	}
	inner := p.width - 4
	p.line("")
	p.line("┌─ " + p.bold("WARNING") + " " + strings.Repeat("─", p.width-12) + "┐")
	for i, it := range warnings {
		if i > 0 {
			p.line("├" + strings.Repeat("─", p.width-2) + "┤")
		}
		text := it.Text
		if it.Label != "" && !strings.EqualFold(it.Label, "warning") {
			text = it.Label + ": " + text
		}
		for _, l := range wrap(text+marks(it.Quotes), inner) {
			p.line("│ " + l + strings.Repeat(" ", max(0, inner-columns(l))) + " │")
		}
	}
	p.line("└" + strings.Repeat("─", p.width-2) + "┘")
}

func (p *page) citations(citations []troubleshoot.Citation) {
	if len(citations) == 0 {
		return
	}
	p.heading("Where it stands")
	for i, c := range citations {
		text := c.Title
		if c.Revision != "" {
			text += " (" + c.Revision + ")"
		}
		text += ", " + pageName(c)
		if c.Section != "" {
			text += ", " + c.Section
		}
		mark := fmt.Sprintf("  [%d] ", i+1)
		p.paragraph(mark, strings.Repeat(" ", len(mark)), oneLine(text))
	}
}

// pageName names a page by what is printed on it, and by where it is in the file.
func pageName(c troubleshoot.Citation) string {
	if c.PageLabel == "" {
		return "PDF page " + strconv.Itoa(c.Page)
	}
	return "page " + c.PageLabel + " (PDF page " + strconv.Itoa(c.Page) + ")"
}

// marks are the numbers of the citations that carry a statement, the figures of it
// that OCR may have read wrongly, and whether a code of it is drawn.
func marks(quotes []troubleshoot.Quote) string {
	var b strings.Builder
	seen := map[int]bool{}
	var doubtful []string
	for _, q := range quotes {
		for _, figure := range q.Doubtful {
			if !slices.Contains(doubtful, figure) {
				doubtful = append(doubtful, figure)
			}
		}
		if !seen[q.Citation] {
			seen[q.Citation] = true
			fmt.Fprintf(&b, " [%d]", q.Citation+1)
		}
	}
	if len(doubtful) > 0 {
		fmt.Fprintf(&b, " (read by OCR, not for certain: %s; check the page)", strings.Join(doubtful, ", "))
	}
	if slices.ContainsFunc(quotes, func(q troubleshoot.Quote) bool { return q.Drawn }) {
		b.WriteString(" (drawn on the page: read from its segments)")
	}
	return b.String()
}

func (p *page) heading(s string) {
	p.line("")
	p.line(p.bold(s))
}

func (p *page) line(s string) {
	p.WriteString(s)
	p.WriteByte('\n')
}

// paragraph writes text with first before its first line and rest before others.
func (p *page) paragraph(first, rest, text string) {
	for _, l := range wrap(text, p.width-columns(first)) {
		p.line(first + l)
		first = rest
	}
}

func (p *page) bold(s string) string {
	if !p.colour || s == "" {
		return s
	}
	return "\x1b[1m" + s + "\x1b[0m"
}

// wrap breaks text between words into lines of at most width columns; a longer
// word has a line of its own.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(clean(text), "\n") {
		line := ""
		for word := range strings.FieldsSeq(paragraph) {
			switch {
			case line == "":
				line = word
			case columns(line)+1+columns(word) <= width:
				line += " " + word
			default:
				lines, line = append(lines, line), word
			}
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// clean removes what a manual's text could do to a terminal, apart from the
// escape sequences of bold.
func clean(s string) string {
	s = strings.NewReplacer("\x1b[1m", "\x01", "\x1b[0m", "\x02").Replace(s)
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\x01' || r == '\x02' {
			return r
		}
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1 // would show what follows in another order than it stands
		}
		return r
	}, s)
	return strings.NewReplacer("\x01", "\x1b[1m", "\x02", "\x1b[0m").Replace(s)
}

// oneLine is clean for what must not begin a line of its own, such as the name
// of a file.
func oneLine(s string) string { return strings.ReplaceAll(clean(s), "\n", " ") }

// columns counts the columns of a text in a terminal, without escape sequences.
func columns(s string) int {
	return utf8.RuneCountInString(strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(s))
}
