package eval

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// What may be lost against a baseline before it counts as a loss. Extraction and
// ranking trade single cases for one another; more than two is a trend.
const (
	lostCases  = 2
	lostPoints = 0.02 // of figures that do not count cases
)

// Loss is a figure that fell below its baseline by more than is tolerated.
type Loss struct {
	Group, Figure string
	Was, Is       Rate
}

// String says what was lost, for the one who has to find out why.
func (l Loss) String() string {
	return fmt.Sprintf("%s %s was %.1f%% and is %.1f%%", l.Group, l.Figure, float64(l.Was)*100, float64(l.Is)*100)
}

// WriteBaseline writes what later reports are compared with: figures only, no
// text of a manual and no times, which differ by machine.
func (r *Report) WriteBaseline(w io.Writer) error {
	b := *r
	b.Cases, b.RetypedCodes.Lost, b.RetypedInText.Lost = nil, nil, nil
	b.Total.MedianMilliseconds = 0
	if b.OCR != nil {
		o := *b.OCR
		o.Lost, b.OCR = nil, &o
	}
	b.Rows = maps.Clone(b.Rows)
	for name, rows := range b.Rows {
		figures := *rows
		figures.Lost, figures.Wrong, figures.Inexact = nil, nil, nil
		b.Rows[name] = &figures
	}
	for _, groups := range []*map[string]Group{&b.ByManual, &b.ByKind, &b.ByNeedsOCR, &b.ByTextKind} {
		*groups = maps.Clone(*groups)
		for name, g := range *groups {
			g.MedianMilliseconds = 0
			(*groups)[name] = g
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(&b)
}

// Losses reads a baseline and returns what the report lost against it: in the
// total, in the groups by text layer, in the rows of the indexes, and with retyped codes. The smaller groups
// are for reading, their figures move by a case or two with every change.
func (r *Report) Losses(baseline io.Reader) ([]Loss, error) {
	var b Report
	if err := json.NewDecoder(baseline).Decode(&b); err != nil {
		return nil, errdefs.Wrap(err, errdefs.Invalid, "INVALID_BASELINE", "The baseline is not one: %v. Write a new one with --update-baseline.", err)
	}
	if b.Total.Cases != r.Total.Cases {
		return nil, errdefs.New(errdefs.Invalid, "OTHER_CASES",
			"The baseline is of %d cases and there are %d now. Write a new one with --update-baseline.", b.Total.Cases, r.Total.Cases)
	}
	losses := b.Total.losses("total", r.Total)
	for _, name := range slices.Sorted(maps.Keys(b.ByNeedsOCR)) {
		losses = append(losses, b.ByNeedsOCR[name].losses("by_needs_ocr."+name, r.ByNeedsOCR[name])...)
	}
	losses = append(losses, b.OCR.losses(r.OCR)...)
	for _, name := range slices.Sorted(maps.Keys(b.Rows)) {
		losses = append(losses, b.Rows[name].losses(name, r.Rows[name])...)
	}
	losses = append(losses, b.RetypedCodes.losses("retyped_codes", r.RetypedCodes)...)
	return append(losses, b.RetypedInText.losses("retyped_in_text", r.RetypedInText)...), nil
}

func (g Group) losses(name string, now Group) []Loss {
	c := comparison{group: name}
	c.recall(g.RecallAt, now.RecallAt, g.Answerable)
	c.figure("mrr", g.MRR, now.MRR, lostPoints)
	c.cases("answer_contains", g.AnswerContains, now.AnswerContains, g.Answerable)
	c.cases("cited_page_right", g.CitedPageRight, now.CitedPageRight, g.Answerable)
	c.figure("verified_quote_rate", g.VerifiedQuoteRate, now.VerifiedQuoteRate, lostPoints)
	c.cases("refused_unanswerable", g.RefusedUnanswerable, now.RefusedUnanswerable, g.Unanswerable)
	// The only figure that is better when it is lower.
	c.cases("answered (1 - false_refusals)", 1-g.FalseRefusals, 1-now.FalseRefusals, g.Answerable)
	return c.losses
}

// losses compares the labels of pictures, where the baseline has some.
func (o *LabelReport) losses(now *LabelReport) []Loss {
	if o == nil {
		return nil
	}
	if now == nil {
		now = &LabelReport{}
	}
	c := comparison{group: "ocr"}
	c.figure("found", o.Found, now.Found, lostPoints)
	return c.losses
}

func (t Retyped) losses(name string, now Retyped) []Loss {
	c := comparison{group: name}
	c.recall(t.RecallAt, now.RecallAt, t.Cases)
	return c.losses
}

type comparison struct {
	group  string
	losses []Loss
}

func (c *comparison) recall(was, is RecallAt, cases int) {
	c.cases("recall_at_1", was.One, is.One, cases)
	c.cases("recall_at_3", was.Three, is.Three, cases)
	c.cases("recall_at_5", was.Five, is.Five, cases)
}

func (c *comparison) cases(name string, was, is Rate, cases int) {
	c.figure(name, was, is, lostCases/Rate(cases))
}

// figure compares one figure. Where the baseline counted no case, nothing was
// there to lose.
func (c *comparison) figure(name string, was, is, tolerance Rate) {
	// The baseline is rounded.
	const rounding = 1e-4
	if gone := math.IsNaN(float64(is)) && !math.IsNaN(float64(was)); gone || was-is > tolerance+rounding {
		c.losses = append(c.losses, Loss{c.group, name, was, is})
	}
}
