// Package troubleshoot answers a technician's question about one model of
// equipment out of its manuals.
//
// It promises that everything an answer states is carried by a quote that
// stands on the cited page, whoever wrote the answer, and that a question the
// manuals do not answer is refused. It does not diagnose: what is not printed
// is not said.
package troubleshoot

import (
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// Kind is the form an answer takes.
type Kind string

// The kinds that are written today.
const (
	Fault     Kind = "fault"     // a code or symptom: meaning, checks, remedies
	Procedure Kind = "procedure" // steps
	Value     Kind = "value"     // one figure with its condition
	Part      Kind = "part"      // a printed part number
	Settings  Kind = "settings"  // a switch or parameter: what it sets, default, range
	Refused   Kind = "refused"   // the manuals in scope do not answer
)

// Question is what a technician asks.
type Question struct {
	Manufacturer string `json:"manufacturer,omitempty"`
	Model        string `json:"model"`
	// ManualID limits the question to one manual; otherwise every ready manual
	// of the model is in scope.
	ManualID *uuid.UUID `json:"manual_id,omitempty"`
	Code     string     `json:"code,omitempty"`    // as typed: "E12", "e-12", "E 12", "F21/E3"
	Symptom  string     `json:"symptom,omitempty"` // as typed, any language
	Language string     `json:"language,omitempty"`
}

// Answer is a verified answer. Every item that states something carries quotes.
type Answer struct {
	ID        uuid.UUID  `json:"id"`
	Kind      Kind       `json:"kind"`
	Equipment Equipment  `json:"equipment"`
	ErrorCode *ErrorCode `json:"error_code,omitempty"`
	// Summary is put together in code from verified items; it states nothing of
	// its own.
	Summary      string     `json:"summary"`
	Values       []Item     `json:"values,omitempty"`
	Steps        []Step     `json:"steps,omitempty"`
	Parts        []PartItem `json:"parts,omitempty"`
	LikelyCauses []Item     `json:"likely_causes,omitempty"`
	// Passages are the manual's own words around the question, for what is not
	// a step, a value or a part. In a refusal they are only the nearest found.
	Passages    []Item   `json:"passages,omitempty"`
	Warnings    []Item   `json:"warnings,omitempty"` // word for word
	NotInManual []string `json:"not_in_manual,omitempty"`
	// Notices name the pages that could not be searched.
	Notices   []Notice   `json:"notices,omitempty"`
	Refusal   *Refusal   `json:"refusal,omitempty"`
	Citations []Citation `json:"citations,omitempty"`
	Writer    string     `json:"writer"`   // "extractive" or a model id
	Coverage  float64    `json:"coverage"` // part of the written items that were verified, 0 to 1
	Dropped   int        `json:"dropped"`  // items without an accepted quote
	Cached    bool       `json:"cached"`
	CreatedAt time.Time  `json:"created_at"`
}

// Equipment is the model the answer is about, as the library knows it.
type Equipment struct {
	Manufacturer string `json:"manufacturer"`
	Model        string `json:"model"`
}

// ErrorCode is what the manual says a code means.
type ErrorCode struct {
	Code    string  `json:"code"` // as printed
	Meaning string  `json:"meaning"`
	Quotes  []Quote `json:"quotes"`
	// Correction is set when the shop has corrected the row: code and meaning are then
	// what it says, and the quotes, if there are any, what the manual prints.
	Correction *Correction `json:"correction,omitempty" doc:"Set when the shop has corrected the row: code and meaning are then the shop's, and the quotes what the manual prints"`
}

// Step is one thing to do, in the manual's order.
type Step struct {
	N              int     `json:"n"` // 1 is the first
	Title          string  `json:"title,omitempty"`
	Instruction    string  `json:"instruction"`
	ExpectedResult string  `json:"expected_result,omitempty"`
	Unverified     bool    `json:"unverified,omitempty"` // stands in for a step that could not be verified
	Quotes         []Quote `json:"quotes,omitempty"`
	// Correction is set when it is from a row that the shop has corrected: without
	// quotes it is in the shop's words.
	Correction *Correction `json:"correction,omitempty" doc:"Set when it comes from a row that the shop has corrected; without quotes it is in the shop's words"`

	where string // the page of an unverified step
}

// Item is a statement with its quotes.
type Item struct {
	Text   string  `json:"text"`
	Label  string  `json:"label,omitempty"` // what it is about: a row's name, a heading
	Quotes []Quote `json:"quotes"`
	// Cells are the values of a table that it gives, left to right.
	Cells []ValueCell `json:"cells,omitempty" doc:"The values of a table that it gives, each with the headings, the unit and the conditions that it is printed under"`
	// Correction is set when it comes from a row that the shop has corrected.
	Correction *Correction `json:"correction,omitempty" doc:"Set when it comes from a row that the shop has corrected"`
}

// PartItem is a part and its printed number.
type PartItem struct {
	Name       string `json:"name"`
	PartNumber string `json:"part_number,omitempty"`
	// Composed says that the manual prints the number in parts, which are quoted with
	// the rule that puts them together.
	Composed bool    `json:"composed,omitempty" doc:"The manual prints the number in parts only; they are quoted with the rule that puts them together"`
	Location string  `json:"location,omitempty"`
	Why      string  `json:"why,omitempty"`
	Quotes   []Quote `json:"quotes"`
	// Correction is set when the shop has corrected the row: number, name and quantity
	// are then the shop's, and the quotes what the manual prints.
	Correction *Correction `json:"correction,omitempty" doc:"Set when the shop has corrected the row"`
}

// Quote is verbatim text of a manual page. Citation is an index into
// Answer.Citations.
type Quote struct {
	Text     string `json:"text"`
	Citation int    `json:"citation"`
	// Confidence is the lowest that OCR gave a word of it, 1 to 100; 0 where the
	// file itself has the text. A quote of a scan is to be compared with its picture.
	Confidence int `json:"ocr_confidence,omitempty" doc:"The lowest confidence that OCR gave one of its words, 1 to 100; left out where the file itself has the text. Compare such a quote with the page's image."`
	// Drawn says that a word of it is a code which is drawn as a display shows it, and
	// was read from its segments.
	Drawn bool `json:"drawn,omitempty" doc:"One of its words is a code that is drawn as a display shows it, and was read from its segments. Compare such a quote with the page's image."`
	// Doubtful are its figures (words with a digit) that OCR is not sure of: it read
	// them with less than the confidence Doubtful. Nobody is to act on them without
	// a look at the page.
	Doubtful []string  `json:"ocr_doubtful,omitempty" doc:"The figures of the quote, as they were read, that OCR is not sure of. Compare them with the page's image before they are used."`
	Boxes    []pdf.Box `json:"boxes,omitempty"` // of the quoted words, one per line, in points

	near []int // the words it was taken from, where the writer knows them
	at   []int // the words where it stands, once it is verified
}

// Citation is a page that an answer quotes.
type Citation struct {
	ManualID  uuid.UUID `json:"manual_id"`
	Title     string    `json:"title"`
	Revision  string    `json:"revision,omitempty"`
	Page      int       `json:"page"`                 // PDF page number
	PageLabel string    `json:"page_label,omitempty"` // as printed
	Section   string    `json:"section,omitempty"`
	Boxes     []pdf.Box `json:"boxes,omitempty"` // of all quotes on this page
	// Generation is that of the manual when the page was quoted; 0 of answers of
	// release 0.1, which did not note it.
	Generation int `json:"generation,omitempty"`

	Standing
}

// Refusal says why there is no answer, and what to do next.
type Refusal struct {
	Reason   string   `json:"reason"`
	Searched []string `json:"searched"` // titles of the manuals that were searched
	Terms    []string `json:"terms,omitempty"`
	// NearCodes look like a code that the manuals do not print; none of them answers.
	NearCodes []string `json:"near_codes,omitempty" doc:"Codes of these manuals that look like the asked one, which they do not print, the nearest first. None of them is the answer: read the display again"`
	NextStep  string   `json:"next_step"`
}
