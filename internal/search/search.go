// Package search finds the pages of manuals that answer a question.
//
// It owns the chunks, the posting lists and the error-code index of each
// manual. It promises that a question is only ever ranked inside the manuals
// it is given, that a code is found however it is typed, and that every hit
// can be explained by the terms that made it. It does not write answers.
//
// The ranking is Okapi BM25 (Robertson and Zaragoza, "The Probabilistic
// Relevance Framework: BM25 and Beyond", 2009) over windows of one page, with
// a bonus for adjacent query words and for passages that hold the asked code.
package search

import (
	"iter"
	"log/slog"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// Store is the index of all manuals. It may be used concurrently.
type Store struct {
	db          *pgxpool.Pool
	log         *slog.Logger
	corrections corrections
	library     libraryState
}

// New returns the index kept in db.
func New(db *pgxpool.Pool, log *slog.Logger, options ...Option) *Store {
	s := &Store{db: db, log: log, corrections: uncorrected{}}
	for _, o := range options {
		o(s)
	}
	return s
}

// Source is a manual to be indexed.
type Source struct {
	ManualID uuid.UUID
	Title    string
	Language string // ISO 639-1; "" to recognise it
	Outline  []pdf.OutlineEntry
	Pages    iter.Seq2[pdf.Page, error] // in page order
}

// Indexed says what an indexing found.
type Indexed struct {
	// Language is that of most of the text, ISO 639-1, or the one that was given;
	// "" when there is too little text to tell.
	Language string
	Chunks   int
	// Codes is why structure, error codes, parts and settings could not be read; nil
	// when they are there.
	Codes error
}

// Query is a question to a set of manuals.
type Query struct {
	Manuals []uuid.UUID
	Code    string // as typed, "" when none was given
	Text    string // as typed, any language
	Limit   int    // pages to return; 10 when 0
	// Equipment is the manufacturer and model that the manuals were chosen by.
	Equipment string
	// Language is the reader's, ISO 639-1. It decides between copies of a page in
	// several languages when the text itself does not tell its language.
	Language string
}

// Result is what a query found.
type Result struct {
	Pages []PageHit // best first
	Terms []Term    // of the text, in its order
	Codes []CodeRow // rows of the asked codes, in the order of the manuals and pages
	// AskedCodes are the codes in the question, given or recognised in the text.
	AskedCodes []string
	// CodeFound says that an asked code is printed somewhere in the manuals.
	CodeFound bool
	// Language is that of the question, or else the reader's or English where the
	// manuals have it; "" when none of these holds.
	Language string
	// Coverage is the part of the question's information (by inverse document
	// frequency) that the best page holds, 0 to 1.
	Coverage float64
}

// PageHit is one page with the best of its windows.
type PageHit struct {
	ManualID uuid.UUID
	Page     int // PDF page number
	Section  string
	Language string
	Score    float64
	// FirstWord and Words tell the best window as indices into the page's words.
	FirstWord, Words int
	Matched          []int // indices into Result.Terms
}

// Term is one word of a question.
type Term struct {
	Word     string  // as typed, folded
	Repaired string  // the manual's word that was taken for it, "" when it stands as typed
	IDF      float64 // inverse document frequency; of a word that occurs nowhere when not Found
	Found    bool
	// Code says that the word is an identifier: a code, a part number, a model.
	Code bool
	// Forms are the manual's words that count as this one, folded, with a weight
	// of 0 to 1.
	Forms map[string]float64
}
