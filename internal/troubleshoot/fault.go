package troubleshoot

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// fault answers a code: its meaning, what was asked beside it, then the checks
// and remedies of its row and of its section, in the manual's order.
func (d *draft) fault(e *evidence, ranked []candidate) {
	all := wholeCodes(e.codeRows())
	key := d.meaning(e, all)
	rows := ofCode(all, key)
	d.specific(e, rows, ranked)
	// A section with a list is the procedure; the row's remedies only name it.
	for _, r := range rows {
		if p := e.page(r); p != nil && r.Heading && len(d.Steps) == 0 {
			d.codeSection(e, p, r)
		}
	}
	for _, r := range rows {
		if r.Heading {
			d.shopSolutions(e, r)
		} else {
			d.codeRow(e, r)
		}
	}
	d.otherCodes(e, key)
	if d.empty() { // printed somewhere, but not explained in a table or section
		ranked = slices.DeleteFunc(slices.Clone(ranked), func(c candidate) bool { return c.coverage < enoughToSay })
		if len(ranked) > 0 {
			d.passages(ranked)
		}
	}
}

// codeRows returns the rows to answer from: those of a sub-code that was asked
// for come first and alone on their page; copies of a row in other languages
// than the question's are left out when one in its language exists.
func (e *evidence) codeRows() []search.CodeRow {
	rows := e.forModel(e.result.Codes)
	if slices.ContainsFunc(rows, func(r search.CodeRow) bool { return strings.Contains(r.Key, "/") }) {
		var sub, other []search.CodeRow
		for _, r := range rows {
			if strings.Contains(r.Key, "/") {
				sub = append(sub, r)
			} else {
				other = append(other, r)
			}
		}
		rows = append(sub, other...)
	}
	language := e.question.Language
	if len(e.result.Pages) > 0 && language == "" {
		language = e.result.Pages[0].Language
	}
	if slices.ContainsFunc(rows, func(r search.CodeRow) bool { return r.Language == language }) {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r search.CodeRow) bool {
			return r.Language != language && !(r.Corrected != nil && r.Language == "") // that only the shop has
		})
	}
	return rows
}

func (e *evidence) page(r search.CodeRow) *page { return e.pageOf(r.ManualID, r.Page) }

func (e *evidence) pageOf(manual uuid.UUID, number int) *page {
	for _, p := range e.pages {
		if p.manual == manual && p.pdf.Number == number {
			return p
		}
	}
	return nil
}

// wholeCodes leaves out the rows that explain the asked code as a part of a
// composed one ("F21" in "F21/E3"), where the code has rows of its own.
func wholeCodes(rows []search.CodeRow) []search.CodeRow {
	if !slices.ContainsFunc(rows, isWhole) {
		return rows
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r search.CodeRow) bool { return !isWhole(r) })
}

func isWhole(r search.CodeRow) bool { return r.Whole() }

// otherCodes gives the meaning, and nothing more, of the codes that belong to
// the answered one or were asked for beside it: their remedies are theirs.
func (d *draft) otherCodes(e *evidence, key string) {
	shown := map[string]bool{}
	for _, r := range e.codeRows() {
		p := e.page(r)
		if text, note := shopText(r); note != nil && r.Key != key && !shown[r.Code] && len(shown) < maxOtherCodes {
			shown[r.Code] = true
			d.Passages = append(d.Passages, Item{Label: r.Code, Text: text, Correction: note})
			continue
		}
		own := isWhole(r) && (r.Key == key || strings.HasPrefix(key, r.Key+"/"))
		if p == nil || own || r.Heading || shown[r.Code] || len(shown) == maxOtherCodes {
			continue
		}
		for _, f := range r.Fields {
			if f.Role != search.RoleMeaning || f.Page > 0 {
				continue
			}
			if words := trimPunctuation(p, f.Words); len(words) > 0 {
				shown[r.Code] = true
				item := Item{Label: r.Code, Text: p.text(words), Quotes: d.quote(p, words)}
				if r.Fields[0].Role == search.RoleCode {
					item.Quotes = append(item.Quotes, d.quote(p, r.Fields[0].Words)...)
				}
				d.Passages = append(d.Passages, item)
				break
			}
		}
	}
}

// ofCode keeps the rows of one code, its sub-codes and the code that it is a
// sub-code of: what is typed may be read as several codes, and the remedy of one
// must not stand under the meaning of another.
func ofCode(rows []search.CodeRow, key string) []search.CodeRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r search.CodeRow) bool {
		return r.Key != key && !strings.HasPrefix(key, r.Key+"/") && !strings.HasPrefix(r.Key, key+"/")
	})
}

// meaning takes the first row that says what the code means, and returns the
// row's key.
func (d *draft) meaning(e *evidence, rows []search.CodeRow) string {
	for _, role := range []search.Role{search.RoleMeaning, search.RoleSymptom, search.RoleCause} {
		for _, r := range rows {
			if c := d.shopMeaning(e, r, role); c != nil {
				d.ErrorCode = c
				return r.Key
			}
			p := e.page(r)
			if p == nil {
				continue
			}
			for _, f := range r.Fields {
				if f.Role != role || f.Page > 0 || r.Retold(f) {
					continue
				}
				words := trimPunctuation(p, f.Words)
				if len(words) == 0 {
					continue
				}
				c := &ErrorCode{Code: r.Code, Meaning: p.text(words), Quotes: d.quote(p, words), Correction: newCorrection(r.Corrected, "code").naming()}
				if r.Fields[0].Role == search.RoleCode {
					c.Quotes = append(c.Quotes, d.quote(p, r.Fields[0].Words)...)
				}
				d.ErrorCode = c
				return r.Key
			}
		}
	}
	if len(rows) == 0 {
		return ""
	}
	return rows[0].Key
}

// trimPunctuation drops leading words without a letter or digit, except the sign
// of a figure.
func trimPunctuation(p *page, words []int) []int {
	for len(words) > 0 && textnorm.Key(p.pdf.Words[words[0]].Text) == "" && (len(words) == 1 || !p.isSign(words[0], words[1])) {
		words = words[1:]
	}
	return words
}

// specific answers what the question asks beside the code, when a statement on
// the code's own pages holds it.
func (d *draft) specific(e *evidence, rows []search.CodeRow, ranked []candidate) {
	weights, _, _ := e.weights()
	whole := 0.0
	for i, t := range e.result.Terms {
		if !t.Code && len(t.Forms) > 0 {
			whole += weights[i]
		}
	}
	if whole == 0 {
		return
	}
	// What a row of the code's table says is shown by itself; a section is longer
	// than that, and so are the notes that name the code.
	inRow := func(c *candidate, heading bool) bool {
		return slices.ContainsFunc(rows, func(r search.CodeRow) bool {
			return r.Heading == heading && e.page(r) == c.page && slices.ContainsFunc(r.Fields, func(f search.Field) bool {
				return f.Page == 0 && slices.Contains(f.Words, c.words[0])
			})
		})
	}
	m := matcher{e.result.Terms}
	var found []candidate
	for _, c := range ranked {
		own := m.words(c.page, c.words)
		named := inRow(&c, true)
		if inRow(&c, false) {
			continue
		}
		sum := 0.0
		for i, t := range e.result.Terms {
			if !t.Code {
				sum += own[i] * weights[i]
			} else if own[i] > 0 {
				named = true
			}
		}
		c.score = sum / whole
		if named && c.score >= asSpecific {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	for _, c := range found {
		if len(d.Values) == 1 {
			return
		}
		if !d.said(c) {
			d.Values = append(d.Values, d.item(c))
		}
	}
}

// codeRow adds what a row of a code table says beside the meaning.
func (d *draft) codeRow(e *evidence, r search.CodeRow) {
	fields := r.Fields
	if d.shopSolutions(e, r) {
		fields = slices.DeleteFunc(slices.Clone(fields), func(f search.Field) bool { return f.Role != search.RoleOther })
	}
	d.rowFields(e, &r, fields)
}

// rowFields adds causes, remedies and what other columns say. A cause stands with the
// remedies that the table has beside it.
func (d *draft) rowFields(e *evidence, r *search.CodeRow, fields []search.Field) {
	var cause search.Field
	for _, f := range fields {
		p := e.pageOf(r.ManualID, f.On(r))
		if p == nil {
			continue
		}
		switch f.Role {
		case search.RoleCause:
			if len(cause.Words) > 0 {
				d.causes(e.pageOf(r.ManualID, cause.On(r)), cause.Words)
			}
			cause = f
		case search.RoleRemedy:
			if d.sectionSteps > 0 {
				if len(d.Passages) < maxItems {
					d.Passages = append(d.Passages, d.listed(p, f))
				}
				continue
			}
			if cause.On(r) != f.On(r) && len(cause.Words) > 0 {
				d.causes(e.pageOf(r.ManualID, cause.On(r)), cause.Words)
				cause = search.Field{}
			}
			d.remedies(p, cause.Words, f.Words)
			cause = search.Field{}
		case search.RoleOther:
			if (len(f.Words) > 3 || f.Header != "" && !refers(f.Header)) && !d.quotesWords(p, f.Words) && len(d.Passages) < maxItems {
				d.Passages = append(d.Passages, Item{Text: p.text(f.Words), Label: f.Header, Quotes: d.quote(p, f.Words)})
			}
		}
	}
	if len(cause.Words) > 0 {
		d.causes(e.pageOf(r.ManualID, cause.On(r)), cause.Words)
	}
}

// refers reports whether a column's heading says that it only points elsewhere.
func refers(heading string) bool {
	return slices.ContainsFunc(textnorm.Tokens(heading), func(t string) bool {
		return slices.Contains(strings.Fields("page pages seite seiten página páginas pagina see siehe ref refer item pos"), t)
	})
}

// listed shows a field by its items.
func (d *draft) listed(p *page, f search.Field) Item {
	item := Item{Label: f.Header}
	var texts []string
	for _, part := range splitItems(p, f.Words) {
		texts = append(texts, p.text(part))
		item.Quotes = append(item.Quotes, d.quote(p, part)...)
	}
	item.Text = strings.Join(texts, headingSpaces)
	return item
}

func (d *draft) quotesWords(p *page, words []int) bool {
	return d.said(candidate{statement: statement{page: p, words: words}})
}
