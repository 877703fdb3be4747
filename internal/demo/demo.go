// Package demo makes the demo library: service manuals of machines that do not
// exist, by makers that do not exist, and questions about them.
//
// The manuals are typeset here, from Go data, into ordinary PDF files, so that a
// fresh installation has something to answer from and the evaluation has cases
// that may be committed. They hold what real manuals hold and what makes them
// hard to read by machine: error-code tables that run over pages, cells of many
// lines, sub-codes in another chapter, two-column text, limits that differ
// between sibling models, tables without rulings, drawings with labels, and a
// scanned page without a text layer.
//
// The same version writes the same bytes each time: a manual is one row in a
// library however often the demo is started.
package demo

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Cases are the evaluation's questions about the manuals, one JSON object a
// line. Page numbers are PDF page numbers, the first page is 1.
//
//go:embed cases.jsonl
var Cases []byte

// Manual is one manual of the demo library.
type Manual struct {
	FileName     string
	Title        string
	Manufacturer string
	Models       []string
	Type         string // as in package manual: service, parts, ...
	Revision     string
	Language     string // ISO 639-1
	// Write writes the PDF file, the same bytes each time.
	Write func(w io.Writer) error
	// Codes returns every row of a table of error codes, messages and lamp patterns
	// that the manual prints, in its order.
	Codes func() ([]PrintedCode, error)
}

// PrintedCode is a row of a manual's tables of codes, as it was typeset. What the
// table has no column for is "".
type PrintedCode struct {
	Page                   int    // PDF page number
	Code                   string // a sub-code follows its code, a lamp's pattern its name
	Meaning, Cause, Remedy string
}

// Question is something to try on the demo library.
type Question struct {
	Manufacturer string
	Model        string
	Code         string // may be empty
	Symptom      string // may be empty
}

// Manuals returns the manuals of the demo library.
func Manuals() []Manual {
	var out []Manual
	for _, e := range editions() {
		m := e.manual
		m.Write, m.Codes = e.write, e.codes
		out = append(out, m)
	}
	return out
}

// Questions returns a few questions that show what the product does, the
// plainest first.
func Questions() []Question {
	return []Question{
		{"Cindervale", "RX-440", "E6", ""},
		{"Tarnholm", "TI-520A", "HI-P", ""},
		{"Tarnholm", "TI-350A", "Err 5", "no water"},
		{"Cindervale", "RX-440", "", "oven runs but food stays cold"},
		{"Tarnholm", "TI-350A", "", "head pressure at 90 °F air"},
		{"Ohlenbach", "KD 61 G", "F21/E3", "Flamme erlischt im Betrieb"},
	}
}

// WriteAll writes every manual into dir, which must exist. Each file appears
// under its name only when it is complete.
func WriteAll(dir string) error {
	for _, m := range Manuals() {
		if err := writeFile(filepath.Join(dir, m.FileName), m.Write); err != nil {
			return fmt.Errorf("demo: write %s: %w", m.FileName, err)
		}
	}
	return nil
}

func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".demo-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	// CreateTemp's 0600 would hide the library from other users of the machine.
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
