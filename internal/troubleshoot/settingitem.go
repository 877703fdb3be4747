package troubleshoot

import (
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// settingCandidates finds the rows of a page's tables that tell a setting: one, or one
// for each position. None for a setting that a list or a sentence tells.
func settingCandidates(p *page, r *search.FoundSetting) []candidate {
	var words []int
	for _, list := range [][]search.Printed{{r.Name}, r.Options} {
		for i := range list {
			for _, s := range list[i].Words {
				if s.Page == p.pdf.Number && len(s.Words) > 0 {
					words = append(words, s.Words[0])
				}
			}
		}
	}
	var out []candidate
	for _, st := range p.statements() {
		if st.kind == tableRow && slices.ContainsFunc(words, func(w int) bool { return slices.Contains(st.words, w) }) {
			out = append(out, candidate{statement: st, column: -1})
		}
	}
	return out
}

// settingItem tells a setting that is in no table: its name and what is set, then what
// the manual says of it, or its positions. Everything it says is quoted.
func (d *draft) settingItem(e *evidence, p *page, r *search.FoundSetting) (Item, bool) {
	item := Item{Label: printedName(p, r)}
	var quoted []structure.Span
	quote := func(list ...search.Printed) {
		for i := range list {
			for _, s := range list[i].Words {
				if slices.ContainsFunc(quoted, func(o structure.Span) bool { return o.Page == s.Page && holdsAll(o.Words, s.Words) }) {
					continue
				}
				if q := d.quoteRow(e, r.ManualID, s); len(q) > 0 {
					quoted, item.Quotes = append(quoted, s), append(item.Quotes, q...)
				}
			}
		}
	}
	var texts []string
	for _, m := range r.Meanings {
		texts = append(texts, m.Text)
	}
	quote(r.Meanings...)
	for _, o := range r.Options {
		if told := strings.Join(texts, " "); strings.Contains(told, o.Heading) && (strings.Contains(told, o.Text) || o.Text == r.Title.Text) {
			continue
		}
		// Word for word where the position stands beside it.
		text := o.Heading + ": " + o.Text
		if len(o.Words) == 1 && o.Words[0].Page == p.pdf.Number {
			if printed := p.text(o.Words[0].Words); strings.Contains(printed, o.Heading) {
				text = printed
			}
		}
		texts = append(texts, text)
	}
	quote(r.Options...)
	if !strings.ContainsFunc(r.Name.Text, unicode.IsLetter) && r.Table.Text != "" {
		item.Label = r.Table.Text + " " + item.Label // of which block it is
		quote(r.Table)
	}
	if title := r.Title.Text; title != "" && !strings.Contains(strings.Join(texts, " "), title) {
		item.Label += " " + title
	}
	quote(r.Title, r.Default, r.Range, r.Name)
	item.Text = strings.Join(texts, " ")
	if item.Text == "" {
		item.Label, item.Text = r.Name.Text, r.Title.Text
	}
	return item, len(item.Quotes) > 0 && item.Text != ""
}

// printedName is the name of a setting as it is printed, with those that it is joined
// to: "J5/J6".
func printedName(p *page, r *search.FoundSetting) string {
	if len(r.Name.Words) == 0 {
		return r.Name.Text
	}
	printed := strings.Trim(p.text(r.Name.Words[0].Words), " .,;:()„“”\"«»=")
	if textnorm.Key(printed) == textnorm.Key(r.Name.Text) {
		return r.Name.Text
	}
	return printed
}

// holdsAll reports whether some words are all among others.
func holdsAll(all, words []int) bool {
	return !slices.ContainsFunc(words, func(w int) bool { return !slices.Contains(all, w) })
}
