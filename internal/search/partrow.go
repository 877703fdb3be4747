package search

import (
	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// PartRow is a row of a parts list. A number never stands beside a description
// that is not its own: a row of which the pages do not tell that is left out.
type PartRow struct {
	ManualID uuid.UUID `json:"-"`
	Page     int       `json:"page"` // PDF page number on which it begins
	Section  string    `json:"section,omitempty"`
	Language string    `json:"language,omitempty"` // ISO 639-1
	// Item is the number in the drawing; without the brackets around it.
	Item Printed `json:"item"`
	// ItemInherited says that the item is printed once for several rows.
	ItemInherited bool `json:"item_inherited,omitempty"`
	// Number is what the part is ordered by; empty for a part of a kit and for one
	// that is not sold.
	Number      Printed `json:"number"`
	Description Printed `json:"description"`
	Quantity    Printed `json:"quantity"`
	// Others are the numbers of further columns: the maker's, another system's.
	Others []Printed `json:"others,omitempty"`
	Notes  []Printed `json:"notes,omitempty"` // of any other column
	// Models are those that the row or its number's column names, as printed.
	Models  []Printed `json:"models,omitempty"`
	Group   []Printed `json:"group,omitempty"` // headings above it inside of the list, outermost first
	Drawing Printed   `json:"drawing"`         // title of the list or its plate
	// Composed is set for a number that the manual prints in parts only, with the
	// rule that composes them: Number is then the pattern.
	Composed *Composed `json:"composed,omitempty"`
	// Confidence is the lowest that OCR gave a word of the number or the description,
	// 1 to 100; 0 where the file itself has the text.
	Confidence int `json:"confidence,omitempty"`
	// Corrected is what the shop says of the row, nil when it says nothing.
	Corrected *Corrected `json:"-"`
}

// Composed is a part number made by a rule that the manual prints.
type Composed struct {
	Number string  `json:"number"`
	Rule   Printed `json:"rule"`   // what introduces the suffixes
	Suffix Printed `json:"suffix"` // as printed
	// Meaning is what the suffix stands for.
	Meaning Printed `json:"meaning"`
}

// OrderNumber returns the number to order by, "" when the list has none.
func (r *PartRow) OrderNumber() string {
	if r.Composed != nil {
		return r.Composed.Number
	}
	return r.Number.Text
}

// keys are the normalised numbers that the row is found by.
func (r *PartRow) keys() []string {
	var out []string
	add := func(number string) {
		if k := textnorm.Key(number); k != "" {
			out = append(out, k)
		}
	}
	add(r.OrderNumber())
	if r.Composed != nil {
		add(r.Number.Text)
	}
	for _, o := range r.Others {
		add(o.Text)
	}
	return out
}

// words are those that the row is found by, beside its numbers.
func (r *PartRow) words() string {
	out := r.Description.Text // not the list's title: that is a word of each of its rows
	for _, g := range r.Group {
		out += " " + g.Text
	}
	for _, n := range r.Notes {
		out += " " + n.Text
	}
	if r.Composed != nil {
		out += " " + r.Composed.Meaning.Text
	}
	return out
}
