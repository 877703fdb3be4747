package eval

import (
	"encoding/json"
	"math"
	"slices"
)

// Rate is a share of cases, 0 to 1. It is not a number, and null in JSON, where
// there is no case to count.
type Rate float64

// MarshalJSON writes the rate with four decimals.
func (r Rate) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(r)) {
		return []byte("null"), nil
	}
	return json.Marshal(math.Round(float64(r)*1e4) / 1e4)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Rate) UnmarshalJSON(data []byte) error {
	*r = Rate(math.NaN())
	if string(data) == "null" {
		return nil
	}
	return json.Unmarshal(data, (*float64)(r))
}

// RecallAt is the share of cases with a right page among the first pages found.
type RecallAt struct {
	One   Rate `json:"recall_at_1"`
	Three Rate `json:"recall_at_3"`
	Five  Rate `json:"recall_at_5"`
}

func (r *RecallAt) count(rank int) {
	if rank == 0 {
		return
	}
	for at, rate := range map[int]*Rate{1: &r.One, 3: &r.Three, 5: &r.Five} {
		if rank <= at {
			*rate++
		}
	}
}

func (r *RecallAt) divide(cases int) {
	for _, rate := range []*Rate{&r.One, &r.Three, &r.Five} {
		*rate /= Rate(cases)
	}
}

// Group holds the figures of some of the cases.
type Group struct {
	Cases int `json:"cases"`
	// Answerable cases are those that the figures of retrieval and answers are
	// shares of: neither unanswerable nor, but in the group of their own, without
	// their answer in a text layer.
	Answerable   int `json:"answerable"`
	Unanswerable int `json:"unanswerable"`
	RecallAt
	MRR Rate `json:"mrr"` // mean reciprocal rank of the first right page
	// AnswerContains is the share of answers whose beginning holds all required
	// strings, CitedPageRight of those whose beginning cites a right page.
	AnswerContains Rate `json:"answer_contains"`
	CitedPageRight Rate `json:"cited_page_right"`
	// FirstItems is the share of answers whose first three items hold all required
	// strings, however short they are.
	FirstItems Rate `json:"in_first_items"`
	// VerifiedQuoteRate is the share of all quotes shown, of every case, that
	// another reader finds on the cited page.
	VerifiedQuoteRate   Rate `json:"verified_quote_rate"`
	Quotes              int  `json:"quotes"`
	RefusedUnanswerable Rate `json:"refused_unanswerable"`
	FalseRefusals       Rate `json:"false_refusals"`
	// MedianMilliseconds is of the questions asked, none of them cached.
	MedianMilliseconds float64 `json:"median_ms"`
	Errors             int     `json:"errors"`
}

// Result is what one case got.
type Result struct {
	Case
	Found        []int        `json:"found"` // pages, best first
	Rank         int          `json:"rank"`  // of the first right page, 0 when it was not found
	Answer       string       `json:"answer"`
	Refused      bool         `json:"refused"`
	Shown        string       `json:"shown,omitempty"` // the beginning of the answer
	Contains     bool         `json:"contains"`
	FirstItems   bool         `json:"in_first_items"`
	Missing      []string     `json:"missing,omitempty"`
	Cited        []int        `json:"cited,omitempty"` // pages that the beginning of the answer cites
	CitedRight   bool         `json:"cited_right"`
	Quotes       int          `json:"quotes"`
	Unverified   []Unverified `json:"unverified,omitempty"`
	Milliseconds float64      `json:"ms"`
	Error        string       `json:"error,omitempty"`
	// ScannedQuotes hold words that OCR read; they are not among Quotes.
	ScannedQuotes int `json:"scanned_quotes,omitempty"`
	scanned       []Unverified
}

// Unverified is a quote that another reader does not find on its page.
type Unverified struct {
	Page int    `json:"page"`
	Text string `json:"text"`
}

// Report is the outcome of an evaluation.
type Report struct {
	// Total leaves out the cases whose answer is in no text layer.
	Total      Group            `json:"total"`
	ByManual   map[string]Group `json:"by_manual"`
	ByKind     map[string]Group `json:"by_kind"`
	ByNeedsOCR map[string]Group `json:"by_needs_ocr"`
	// ByTextKind are the kinds of the cases that a text layer has whole: the code and
	// the answer.
	ByTextKind map[string]Group `json:"by_kind_in_text"`
	// RetypedCodes are asked with the code beside the question, RetypedInText with
	// the code in the question only.
	RetypedCodes  Retyped `json:"retyped_codes"`
	RetypedInText Retyped `json:"retyped_in_text"`
	// OCR compares what was read in pictures with labels; nil without any.
	OCR *LabelReport `json:"ocr,omitempty"`
	// Rows compares the rows of each index ("codes") with those that are printed.
	Rows  map[string]*RowReport `json:"rows,omitempty"`
	Cases []Result              `json:"cases,omitempty"`
}

// scanned is the group of the cases whose answer is in no text layer.
const scanned = "answer"

// aggregate fills the groups from the cases.
func (r *Report) aggregate() {
	by := func(key func(Result) string) map[string]Group {
		sets := map[string][]Result{}
		for _, c := range r.Cases {
			if k := key(c); k != "" {
				sets[k] = append(sets[k], c)
			}
		}
		groups := make(map[string]Group, len(sets))
		for name, set := range sets {
			groups[name] = sum(set, name == scanned)
		}
		return groups
	}
	r.Total = sum(r.Cases, false)
	r.ByManual = by(func(c Result) string { return c.Manual })
	r.ByKind = by(func(c Result) string { return c.Kind })
	r.ByNeedsOCR = by(func(c Result) string { return c.needsOCR() })
	r.ByTextKind = by(func(c Result) string {
		if c.NeedsOCR != "" || c.Unanswerable {
			return ""
		}
		return c.Kind
	})
}

// sum makes the figures of a group. Cases whose answer is in no text layer count
// as answerable only where withScans says so.
func sum(set []Result, withScans bool) Group {
	g := Group{Cases: len(set)}
	var refused, falselyRefused, verified int
	var times []float64
	for _, c := range set {
		g.Quotes += c.Quotes
		verified += c.Quotes - len(c.Unverified)
		if c.Error != "" {
			g.Errors++
		} else {
			times = append(times, c.Milliseconds)
		}
		switch {
		case c.Unanswerable:
			g.Unanswerable++
			refused += one(c.Refused)
		case c.NeedsOCR != scanned || withScans:
			g.Answerable++
			g.count(c.Rank)
			if c.Rank > 0 {
				g.MRR += 1 / Rate(c.Rank)
			}
			g.AnswerContains += Rate(one(c.Contains))
			g.CitedPageRight += Rate(one(c.CitedRight))
			g.FirstItems += Rate(one(c.FirstItems))
			falselyRefused += one(c.Refused)
		}
	}
	g.divide(g.Answerable)
	g.MRR /= Rate(g.Answerable)
	g.AnswerContains /= Rate(g.Answerable)
	g.CitedPageRight /= Rate(g.Answerable)
	g.FirstItems /= Rate(g.Answerable)
	g.FalseRefusals = Rate(falselyRefused) / Rate(g.Answerable)
	g.RefusedUnanswerable = Rate(refused) / Rate(g.Unanswerable)
	g.VerifiedQuoteRate = Rate(verified) / Rate(g.Quotes)
	if len(times) > 0 {
		slices.Sort(times)
		g.MedianMilliseconds = times[len(times)/2]
	}
	return g
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
