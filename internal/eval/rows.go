package eval

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Row is one row of an index of a manual, as it was extracted.
type Row struct {
	Page int // PDF page number on which it begins
	// Key is what names the row: a code, a part number, a setting.
	Key string
	// Source is text, ocr or drawn, by the words that name it.
	Source string
	// Texts are what the row says by field ("meaning", "remedy"), each in printed
	// order, as printed.
	Texts map[string][]string
}

// RowLabel is a row that a person read in the picture of a page.
type RowLabel struct {
	Manual   string // file name, as in Case
	Page     int
	LastPage int // on which it ends
	// Keys are the ways to write what names it; any of them is right.
	Keys   []string
	Source string // text, ocr or glyph
	// Texts are the ways to write each field; any of them is right.
	Texts map[string][]string
	// Optional rows are right when they are extracted, and no loss when they are not.
	Optional bool
}

// RowPages says which pages of a manual labels are complete for.
type RowPages struct {
	// Unjudged are pages with rows that nobody labelled: copies in other languages,
	// and what one may or may not call a row.
	Unjudged []int
}

// rowIndex is an index whose rows are measured.
type rowIndex struct {
	name   string
	fields []string // those whose texts are compared
	// same reports whether an extracted key is a labelled one.
	same func(extracted string, label *RowLabel) bool
	// labels returns the labels and, by file name, the manuals that they are of.
	labels func() ([]RowLabel, map[string]RowPages, error)
}

// rowIndexes are the indexes that are measured.
func rowIndexes() []rowIndex {
	return []rowIndex{codeIndex(), partIndex(), settingIndex()}
}

// RowFigures tell how well the rows of an index are extracted.
type RowFigures struct {
	Labels    int  `json:"labels"` // without optional ones
	Recall    Rate `json:"recall"`
	Extracted int  `json:"extracted"` // on pages that are judged
	// Precision is the share of the extracted rows that are printed; Repeated is how
	// many say again what another row of their page says, and count as wrong.
	Precision Rate `json:"precision"`
	Repeated  int  `json:"repeated"`
	// Page is the share of the rows found that name the page on which they begin.
	Page Rate `json:"page"`
	// Exact is, by field, the share of the rows found whose text is the labelled
	// one; a remedy has to be the first.
	Exact map[string]Rate `json:"exact,omitempty"`
}

// RowReport is what an index has of the rows that are printed.
type RowReport struct {
	Total RowFigures `json:"total"`
	// BySource divides the labels by where the page has the row, and the wrong rows
	// by the words that name them ("glyph" has the drawn ones).
	BySource map[string]RowFigures `json:"by_source"`
	ByManual map[string]RowFigures `json:"by_manual"`
	Lost     []RowMistake          `json:"lost,omitempty"`
	Wrong    []RowMistake          `json:"wrong,omitempty"`
	Inexact  []RowMistake          `json:"inexact,omitempty"`
}

// RowMistake is a row that was lost, that is printed nowhere, or whose text is
// another.
type RowMistake struct {
	Manual string `json:"manual"`
	Page   int    `json:"page"`
	Key    string `json:"key"`
	Source string `json:"source"`
	Field  string `json:"field,omitempty"`
	Want   string `json:"want,omitempty"`
	Got    string `json:"got,omitempty"`
}

// checkRows compares the rows of each index with the labels of the manuals that
// are among those measured.
func (r *run) checkRows(ctx context.Context, manuals map[string]imported, report *Report) error {
	for _, index := range rowIndexes() {
		labels, pages, err := index.labels()
		if err != nil {
			return err
		}
		c := newRowComparison(index)
		for name, m := range manuals {
			judged, ok := pages[name]
			if !ok || m.err != nil {
				continue
			}
			rows, err := r.lib.Rows(ctx, m.id, index.name)
			if err != nil {
				return fmt.Errorf("eval: rows of %s: %w", name, err)
			}
			c.manual(name, slices.DeleteFunc(slices.Clone(labels), func(l RowLabel) bool { return l.Manual != name }), rows, judged)
		}
		if c.measured == 0 {
			continue
		}
		if report.Rows == nil {
			report.Rows = map[string]*RowReport{}
		}
		report.Rows[index.name] = c.report()
	}
	return nil
}

// CompareRows measures the extracted rows of one manual against its labels. It is
// what Run does for each.
func CompareRows(index string, manual string, rows []Row) (*RowReport, error) {
	for _, i := range rowIndexes() {
		if i.name != index {
			continue
		}
		labels, pages, err := i.labels()
		if err != nil {
			return nil, err
		}
		c := newRowComparison(i)
		c.manual(manual, slices.DeleteFunc(labels, func(l RowLabel) bool { return l.Manual != manual }), rows, pages[manual])
		return c.report(), nil
	}
	return nil, fmt.Errorf("eval: no index %q", index)
}

// rowCount adds up what RowFigures are shares of.
type rowCount struct {
	labels, found, extracted, wrong, repeated, page int
	fields                                          map[string]*[2]int // exact, of
}

type rowComparison struct {
	index            rowIndex
	total            *rowCount
	source, manuals  map[string]*rowCount
	lost, wrong, bad []RowMistake
	measured         int
}

func newRowComparison(index rowIndex) *rowComparison {
	return &rowComparison{index: index, total: &rowCount{}, source: map[string]*rowCount{}, manuals: map[string]*rowCount{}}
}

// counts returns the counts of a manual and a source, with the total.
func (c *rowComparison) counts(manual, source string) []*rowCount {
	of := func(m map[string]*rowCount, key string) *rowCount {
		if m[key] == nil {
			m[key] = &rowCount{}
		}
		return m[key]
	}
	return []*rowCount{c.total, of(c.source, source), of(c.manuals, manual)}
}

// manual compares the rows of one manual: each label takes the extracted row that
// agrees best, on its page first, then on those it goes on to.
func (c *rowComparison) manual(name string, labels []RowLabel, rows []Row, pages RowPages) {
	c.measured++
	rows = slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return slices.Contains(pages.Unjudged, r.Page) })
	taken := make([]*RowLabel, len(rows))
	done := make([]int, len(labels)) // the row of each label, plus one
	match := func(l int, allowed func(r *Row) bool) {
		best, score := -1, -1
		for i := range rows {
			if taken[i] != nil || !allowed(&rows[i]) || !c.index.same(rows[i].Key, &labels[l]) {
				continue
			}
			if s := c.agreement(&labels[l], &rows[i]); s > score {
				best, score = i, s
			}
		}
		if best >= 0 {
			taken[best], done[l] = &labels[l], best+1
		}
	}
	// Those that agree in their text first: a code may stand on a page twice.
	for _, strict := range []bool{true, false} {
		for _, optional := range []bool{false, true} {
			for l := range labels {
				if done[l] == 0 && labels[l].Optional == optional {
					match(l, func(r *Row) bool {
						return r.Page == labels[l].Page && (!strict || c.agreement(&labels[l], r) > 0)
					})
				}
			}
		}
	}
	for l := range labels {
		if done[l] == 0 {
			match(l, func(r *Row) bool {
				return r.Page >= labels[l].Page-1 && r.Page <= max(labels[l].LastPage, labels[l].Page+1)
			})
		}
	}
	for l := range labels {
		c.label(name, &labels[l], rows, done[l]-1)
	}
	for i := range rows {
		source := cmp.Or(map[string]string{"drawn": "glyph"}[rows[i].Source], rows[i].Source)
		if taken[i] != nil {
			source = taken[i].Source
		}
		for _, n := range c.counts(name, source) {
			n.extracted++
			if taken[i] != nil {
				continue
			}
			n.wrong++
			if slices.ContainsFunc(labels, func(l RowLabel) bool { return l.Page == rows[i].Page && c.index.same(rows[i].Key, &l) }) {
				n.repeated++
			}
		}
		if taken[i] == nil {
			c.wrong = append(c.wrong, RowMistake{Manual: name, Page: rows[i].Page, Key: rows[i].Key, Source: rows[i].Source, Got: rows[i].summary(c.index.fields)})
		}
	}
}

// label counts what was found of a label; row is -1 when nothing was.
func (c *rowComparison) label(manual string, l *RowLabel, rows []Row, row int) {
	if l.Optional {
		return
	}
	counts := c.counts(manual, l.Source)
	mistake := RowMistake{Manual: manual, Page: l.Page, Key: l.Keys[0], Source: l.Source}
	if row < 0 {
		c.lost = append(c.lost, mistake)
	}
	for _, n := range counts {
		n.labels++
		if row >= 0 {
			n.found++
			n.page += one(rows[row].Page == l.Page)
		}
	}
	if row < 0 {
		return
	}
	for _, f := range c.index.fields {
		if len(l.Texts[f]) == 0 {
			continue
		}
		exact := says(l.Texts[f], rows[row].Texts[f])
		for _, n := range counts {
			if n.fields == nil {
				n.fields = map[string]*[2]int{}
			}
			if n.fields[f] == nil {
				n.fields[f] = &[2]int{}
			}
			n.fields[f][0] += one(exact)
			n.fields[f][1]++
		}
		if !exact {
			m := mistake
			m.Field, m.Want, m.Got = f, l.Texts[f][0], strings.Join(rows[row].Texts[f], " | ")
			c.bad = append(c.bad, m)
		}
	}
}

// agreement counts the fields of a row that say what the label does.
func (c *rowComparison) agreement(l *RowLabel, r *Row) int {
	n := 0
	for _, f := range c.index.fields {
		if says(l.Texts[f], r.Texts[f]) {
			n++
		}
	}
	return n
}

// says reports whether the first of the extracted texts is one of the labelled
// ones: either may be a part of the other, but the labelled text has to be near
// the beginning, or nearly all that there is.
func says(labels, texts []string) bool {
	if len(texts) == 0 {
		return false
	}
	got := compact(enumerator.ReplaceAllString(texts[0], "")).letters
	for _, l := range labels {
		want := compact(enumerator.ReplaceAllString(l, "")).letters
		if want == "" || got == "" {
			continue
		}
		if at := strings.Index(got, want); at >= 0 && (at <= beginning || 2*len(want) >= len(got)) {
			return true
		}
		if 2*len(got) >= len(want) && strings.HasPrefix(want, got) {
			return true
		}
	}
	return false
}

// beginning is how many letters may stand before the labelled text: a number, a
// bullet, "Check:".
const beginning = 8

func (r *Row) summary(fields []string) string {
	var out []string
	for _, f := range fields {
		if len(r.Texts[f]) > 0 {
			out = append(out, r.Texts[f][0])
		}
	}
	text := []rune(strings.Join(out, " | "))
	return string(text[:min(len(text), 120)])
}

func (c *rowComparison) report() *RowReport {
	r := &RowReport{Total: c.total.figures(), BySource: map[string]RowFigures{}, ByManual: map[string]RowFigures{}, Lost: c.lost, Wrong: c.wrong, Inexact: c.bad}
	for name, n := range c.source {
		r.BySource[name] = n.figures()
	}
	for name, n := range c.manuals {
		r.ByManual[name] = n.figures()
	}
	for _, list := range []*[]RowMistake{&r.Lost, &r.Wrong, &r.Inexact} {
		slices.SortStableFunc(*list, func(a, b RowMistake) int { return cmp.Or(cmp.Compare(a.Manual, b.Manual), a.Page-b.Page) })
	}
	return r
}

func (n *rowCount) figures() RowFigures {
	f := RowFigures{
		Labels: n.labels, Recall: Rate(n.found) / Rate(n.labels), Extracted: n.extracted,
		Precision: Rate(n.extracted-n.wrong) / Rate(n.extracted), Repeated: n.repeated, Page: Rate(n.page) / Rate(n.found),
	}
	for field, k := range n.fields {
		if f.Exact == nil {
			f.Exact = map[string]Rate{}
		}
		f.Exact[field] = Rate(k[0]) / Rate(k[1])
	}
	return f
}

// losses compares an index with the baseline's, where that has one.
func (r *RowReport) losses(name string, now *RowReport) []Loss {
	if now == nil {
		now = &RowReport{}
	}
	var out []Loss
	compare := func(group string, was, is RowFigures) {
		c := comparison{group: group}
		c.figure("recall", was.Recall, is.Recall, lostPoints)
		c.figure("precision", was.Precision, is.Precision, lostPoints)
		c.figure("page", was.Page, is.Page, lostPoints)
		for f, rate := range was.Exact {
			c.figure("exact "+f, rate, is.Exact[f], lostPoints)
		}
		out = append(out, c.losses...)
	}
	compare("rows."+name, r.Total, now.Total)
	for source, was := range r.BySource {
		compare("rows."+name+"."+source, was, now.BySource[source])
	}
	return out
}

// readRowLabels reads a file of labels: a line that says of a manual what is
// complete, then a line for each of its rows, which row turns into a label.
func readRowLabels(lines []byte, row func(data []byte) (RowLabel, error)) ([]RowLabel, map[string]RowPages, error) {
	var labels []RowLabel
	pages := map[string]RowPages{}
	for line := range bytes.Lines(lines) {
		var head struct {
			Manual     string `json:"manual"`
			Complete   bool   `json:"complete"`
			Other      []int  `json:"other_language_pages"`
			Unlabelled []int  `json:"unlabelled_pages"`
		}
		if err := json.Unmarshal(line, &head); err != nil {
			return nil, nil, fmt.Errorf("eval: labels: %w", err)
		}
		if head.Complete {
			pages[head.Manual] = RowPages{Unjudged: append(head.Other, head.Unlabelled...)}
			continue
		}
		l, err := row(line)
		if err != nil {
			return nil, nil, fmt.Errorf("eval: labels: %w", err)
		}
		l.Manual, l.LastPage = head.Manual, max(l.Page, l.LastPage)
		labels = append(labels, l)
	}
	return labels, pages, nil
}

// texts are the ways to write a field, without those that are empty.
func texts(ways ...string) []string {
	return slices.DeleteFunc(ways, func(s string) bool { return textnorm.Key(s) == "" })
}
