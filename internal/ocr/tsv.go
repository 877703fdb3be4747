package ocr

import (
	"bytes"
	"errors"
	"image"
	"math"
	"strconv"
	"unicode/utf8"
)

// word is a word that tesseract found, its box in pixels of the picture.
type word struct {
	text       string
	box        image.Rectangle
	confidence float64 // 0 to 100
	line       int     // words of one line share it
}

// The columns of tesseract's TSV.
const (
	colLevel = iota
	colPage
	colBlock
	colParagraph
	colLine
	colWord
	colLeft
	colTop
	colWidth
	colHeight
	colConfidence
	colText
	columns
)

const (
	levelLine = 4
	levelWord = 5
)

// parse reads tesseract's TSV. Words of white space are left out.
func parse(tsv []byte) ([]word, error) {
	var out []word
	line, lines := 0, 0
	for row := range bytes.Lines(tsv) {
		line++
		f := bytes.SplitN(bytes.TrimRight(row, "\r\n"), []byte("\t"), columns)
		if len(f) < columns || line == 1 {
			if line == 1 {
				continue // names of the columns
			}
			return nil, errors.New("tesseract wrote a row without a text")
		}
		var n [colConfidence]int
		for i := range n {
			v, err := strconv.Atoi(string(f[i]))
			if err != nil {
				return nil, errors.New("tesseract wrote a row without numbers")
			}
			n[i] = v
		}
		if n[colLevel] == levelLine {
			lines++
		}
		text := bytes.TrimSpace(f[colText])
		if n[colLevel] != levelWord || len(text) == 0 || !utf8.Valid(text) {
			continue
		}
		c, err := strconv.ParseFloat(string(f[colConfidence]), 64)
		if err != nil || math.IsNaN(c) {
			return nil, errors.New("tesseract wrote a word without a confidence")
		}
		out = append(out, word{
			text: string(text), confidence: min(max(c, 0), 100),
			box:  image.Rect(n[colLeft], n[colTop], n[colLeft]+n[colWidth], n[colTop]+n[colHeight]),
			line: lines,
		})
	}
	return out, nil
}
