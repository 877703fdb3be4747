package eval

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// labelLines are what people read in the pictures of pages, one JSON object a
// line: a line of print, or a value of a table, as it is printed. Whoever adds
// some looks at the page's picture and not at what OCR made of it.
//
//go:embed labels/ocr.jsonl
var labelLines []byte

// Label is a text that a person read in the picture of a page.
type Label struct {
	Manual string `json:"manual"` // file name, as in Case
	Page   int    `json:"page"`
	Text   string `json:"text"`
}

// LabelReport says how many labels OCR read as people do.
type LabelReport struct {
	Labels int `json:"labels"`
	Pages  int `json:"pages"`
	// Found is the share of labels that stand on their page by the rules by which
	// quotes are accepted.
	Found Rate `json:"found"`
	// WrongDigits counts the labels that were read with other digits, Doubtful those
	// of them where the word's confidence gives a warning.
	WrongDigits int `json:"wrong_digits"`
	Doubtful    int `json:"wrong_digits_doubtful"`
	// Quotes of answers that a label overlaps with, and those whose digits agree.
	Quotes       int         `json:"quotes_compared"`
	QuotesAgreed int         `json:"quotes_agreed"`
	Lost         []LostLabel `json:"lost,omitempty"`
}

// LostLabel is a label that does not stand on its page.
type LostLabel struct {
	Label
	Read        string `json:"read"`       // the likeliest line that was read instead
	Confidence  int    `json:"confidence"` // the lowest of that line's words
	WrongDigits bool   `json:"wrong_digits"`
}

func readLabels() ([]Label, error) {
	var out []Label
	for line := range bytes.Lines(labelLines) {
		var l Label
		if err := json.Unmarshal(line, &l); err != nil {
			return nil, fmt.Errorf("eval: labels: %w", err)
		}
		out = append(out, l)
	}
	return out, nil
}

// checkLabels compares the labels with what was read, where their manual is among
// those measured.
func (r *run) checkLabels(ctx context.Context, manuals map[string]imported, report *Report) error {
	labels, err := readLabels()
	if err != nil {
		return err
	}
	out := &LabelReport{}
	pages := map[string]pdf.Page{}
	for _, l := range labels {
		m, ok := manuals[l.Manual]
		if !ok || m.err != nil {
			continue
		}
		key := fmt.Sprint(l.Manual, l.Page)
		p, ok := pages[key]
		if !ok {
			if p, err = r.lib.Page(ctx, m.id, l.Page); err != nil {
				return err
			}
			pages[key] = p
		}
		out.Labels++
		if troubleshoot.Stands(&p, l.Text) {
			out.Found++
			continue
		}
		lost := likeliest(&p, l)
		if lost.WrongDigits {
			out.WrongDigits++
			if lost.Confidence < troubleshoot.Doubtful {
				out.Doubtful++
			}
		}
		out.Lost = append(out.Lost, lost)
	}
	out.Pages = len(pages)
	if out.Labels == 0 {
		return nil
	}
	out.Found /= Rate(out.Labels)
	out.compareQuotes(report.Cases, labels)
	report.OCR = out
	return nil
}

// likeliest finds the line, or the cell, that was read in a label's place.
func likeliest(p *pdf.Page, l Label) LostLabel {
	lost := LostLabel{Label: l}
	want := textnorm.Fold(l.Text)
	best := len([]rune(want))*2/3 + 1
	try := func(text string, words []pdf.Word) {
		if d := textnorm.EditDistance(want, textnorm.Fold(text), best); d < best {
			best, lost.Read, lost.Confidence = d, text, 0
			for _, w := range words {
				if c := int(w.Confidence); c > 0 && (lost.Confidence == 0 || c < lost.Confidence) {
					lost.Confidence = c
				}
			}
		}
	}
	for i, line := range p.Lines {
		words := p.Words[line.First : line.First+line.Count]
		try(p.LineText(i), words)
		// A part of the line, as long as the label has words.
		n := len(strings.Fields(l.Text))
		for from := 0; from+n <= len(words); from++ {
			var texts []string
			for _, w := range words[from : from+n] {
				texts = append(texts, w.Text)
			}
			try(strings.Join(texts, " "), words[from:from+n])
		}
	}
	lost.WrongDigits = lost.Read != "" && digits(lost.Read) != digits(l.Text)
	return lost
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// compareQuotes looks for labels that the answers' quotes of the same page hold,
// or are part of, and counts those that agree in every character.
func (o *LabelReport) compareQuotes(cases []Result, labels []Label) {
	const overlap = 12 // characters; shorter texts stand on any page
	for _, c := range cases {
		for _, q := range c.scanned {
			for _, l := range labels {
				if l.Manual != c.Manual || l.Page != q.Page {
					continue
				}
				quote, label := compact(q.Text).letters, compact(l.Text).letters
				if len(label) < overlap || len(quote) < overlap {
					continue
				}
				// The label is in the quote when leaving out a few characters does not matter.
				near := nearly(quote, label)
				if near < 0 {
					continue
				}
				o.Quotes++
				if near == 0 {
					o.QuotesAgreed++
				}
			}
		}
	}
}

// nearly returns in how many characters the likeliest part of a text differs from
// another, -1 when more than a fifth do.
func nearly(text, part string) int {
	if strings.Contains(text, part) || strings.Contains(part, text) {
		return 0
	}
	t, n := []rune(text), len([]rune(part))
	limit := n / 5
	best := limit + 1
	for from := 0; from+n <= len(t); from++ {
		best = min(best, textnorm.EditDistance(string(t[from:from+n]), part, best))
	}
	if best > limit {
		return -1
	}
	return best
}
