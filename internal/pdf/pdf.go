// Package pdf reads PDF files: their structure, their text with boxes, their
// tables and pictures of their pages.
//
// A PDF is hostile until proven otherwise, so none is ever opened in this
// process: an Engine starts a child (the program itself, re-executed) for each
// document, which runs PDFium in WebAssembly without a file system, an
// environment or the network, under limits of CPU, memory, pixels and time.
// A document that exceeds a limit costs its own child and nothing else.
//
// The package does not OCR and does not decide what a text means.
package pdf

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Box is a rectangle in points (1/72 inch) on the page as a reader sees it,
// after its rotation: the origin is the top left corner and y grows downwards.
// It is written in JSON as [x0, y0, x1, y1], rounded to a tenth of a point.
type Box struct{ X0, Y0, X1, Y1 float64 }

// Document is what is known of a whole file.
type Document struct {
	Pages     int            `json:"pages"`
	Title     string         `json:"title,omitempty"`    // of the file's metadata; often wrong
	Producer  string         `json:"producer,omitempty"` // of the file's metadata
	Encrypted bool           `json:"encrypted,omitempty"`
	Outline   []OutlineEntry `json:"outline,omitempty"` // in reading order
}

// OutlineEntry is one bookmark.
type OutlineEntry struct {
	Title string `json:"title"`
	Level int    `json:"level"` // 1 is the top
	Page  int    `json:"page"`  // PDF page number, 1 is the first; 0 when the entry has no target
}

// Page is the text of one page.
type Page struct {
	Number int     `json:"number"`          // PDF page number, 1 is the first
	Label  string  `json:"label,omitempty"` // of the file's page labels; "" when it has none
	Width  float64 `json:"width"`           // points, as displayed
	Height float64 `json:"height"`          // points, as displayed
	Words  []Word  `json:"words"`           // in reading order
	Lines  []Line  `json:"lines"`           // in reading order; every word is in exactly one
	Tables []Table `json:"tables,omitempty"`
	// ImageShare is the part of the page that images cover, 0 to 1: a page with
	// few words and a large share is a scan.
	ImageShare float64 `json:"image_share,omitempty"`
	// OCR are the regions whose text is drawn and not in Words, largest first: the
	// whole page for a scan. Empty once they have been read, and where there are none.
	OCR []Box `json:"ocr,omitempty"`
	// Drawings are where the page shows pictures: images, and shapes with the lines
	// between them, largest first. A scan has none.
	Drawings []Box `json:"drawings,omitempty"`
	// Error says why the page could not be read; then it has no words.
	Error string `json:"error,omitempty"`
}

// Word is a run of characters without white space, as printed.
type Word struct {
	Text string `json:"t"`
	Box  Box    `json:"b"`
	// Confidence is what OCR gave the word, 1 to 100; 0 marks a word of the text layer.
	Confidence uint8 `json:"c,omitempty"`
	// Drawn marks what is in no text layer and drawn as it looks: a code or message of a
	// display, read from its segments, each of which is there, or a lamp, which is a
	// filled circle (●) or a hollow one (○).
	Drawn bool `json:"d,omitempty"`
}

// Line is a run of neighbouring words on one base line.
type Line struct {
	First    int     `json:"first"` // index into Page.Words
	Count    int     `json:"count"`
	Box      Box     `json:"box"`
	FontSize float64 `json:"font_size,omitempty"` // points, of most of its characters
	Bold     bool    `json:"bold,omitempty"`
	// Turn is how many quarter turns, counter-clockwise, its reading direction is
	// away from left to right.
	Turn uint8 `json:"turn,omitempty"`
	// SoftHyphen says that the last word is continued on the next line.
	SoftHyphen bool `json:"soft_hyphen,omitempty"`
	// Cipher says that the text layer's characters are not those that are drawn (a
	// font without a usable map): not to be searched, quoted or shown.
	Cipher bool `json:"cipher,omitempty"`
}

// Table is a grid of cells found on the page.
type Table struct {
	Box  Box   `json:"box"`
	Rows []Row `json:"rows"` // top to bottom
}

// Row is one row of a table; all rows of a table have the same number of cells.
type Row struct {
	Box   Box    `json:"box"`
	Cells []Cell `json:"cells"` // left to right
}

// Cell is one cell. A cell that spans columns has its text in the first of them
// and the others empty; one that spans rows repeats its text in each.
type Cell struct {
	Text  string `json:"text"`
	Box   Box    `json:"box"`
	Words []int  `json:"words,omitempty"` // indices into Page.Words, in reading order
}

// MarshalJSON writes the box as [x0, y0, x1, y1].
func (b Box) MarshalJSON() ([]byte, error) {
	out := make([]byte, 0, 40)
	for i, v := range [4]float64{b.X0, b.Y0, b.X1, b.Y1} {
		out = append(out, "[,,,"[i])
		if math.IsNaN(v) || math.IsInf(v, 0) {
			v = 0
		}
		out = strconv.AppendFloat(out, math.Round(v*10)/10, 'f', -1, 64)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON reads [x0, y0, x1, y1].
func (b *Box) UnmarshalJSON(data []byte) error {
	// There is one for each word: what is written as MarshalJSON does is read without
	// the help of reflection.
	var v [4]float64
	rest, ok := bytes.CutPrefix(data, []byte("["))
	for i := 0; ok && i < len(v); i++ {
		var number []byte
		number, rest, ok = bytes.Cut(rest, []byte{",,,]"[i]})
		if ok {
			var err error
			v[i], err = strconv.ParseFloat(string(number), 64)
			ok = err == nil
		}
	}
	if !ok || len(rest) > 0 {
		v = [4]float64{}
		if err := json.Unmarshal(data, &v); err != nil {
			return err
		}
	}
	*b = Box{v[0], v[1], v[2], v[3]}
	return nil
}

// Union returns the smallest box that holds both.
func (b Box) Union(c Box) Box {
	return Box{min(b.X0, c.X0), min(b.Y0, c.Y0), max(b.X1, c.X1), max(b.Y1, c.Y1)}
}

// LineText returns the words of line i separated by spaces.
func (p *Page) LineText(i int) string {
	l := p.Lines[i]
	n := 0
	for _, w := range p.Words[l.First : l.First+l.Count] {
		n += len(w.Text) + 1
	}
	out := make([]byte, 0, n)
	for k, w := range p.Words[l.First : l.First+l.Count] {
		if k > 0 {
			out = append(out, ' ')
		}
		out = append(out, w.Text...)
	}
	return string(out)
}

// LineOf returns the index of the line that a word stands on, -1 for none.
func (p *Page) LineOf(word int) int {
	i, ok := slices.BinarySearchFunc(p.Lines, word, func(l Line, w int) int {
		switch {
		case l.First+l.Count <= w:
			return -1
		case l.First > w:
			return 1
		}
		return 0
	})
	if !ok {
		return -1
	}
	return i
}

// dottedLeader matches the dots between a heading and its page number.
var dottedLeader = regexp.MustCompile(`\.{4,}|(?:\. ?){5,}|…{2,}|_{6,}`)

// DottedLeader reports whether line i is an entry of a table of contents or an
// index: text that dots lead to a page number.
func (p *Page) DottedLeader(i int) bool {
	l, dots, others := p.Lines[i], 0, 0
	for _, w := range p.Words[l.First : l.First+l.Count] {
		dots += strings.Count(w.Text, ".")
		others += strings.Count(w.Text, "…") + strings.Count(w.Text, "_")
	}
	return (dots >= 4 || others >= 2) && dottedLeader.MatchString(p.LineText(i)) // most lines have neither
}
