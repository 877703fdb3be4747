package ocr

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"unicode/utf8"
)

// word is a word that tesseract found, its box in pixels of the picture.
type word struct {
	text           string
	x0, y0, x1, y1 int
	confidence     float64 // 0 to 100
	block, line    int     // words of one line share both
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

const levelWord = 5

// parse reads tesseract's TSV. Words of white space are left out.
func parse(tsv []byte) ([]word, error) {
	var out []word
	line := 0
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
			x0: n[colLeft], y0: n[colTop], x1: n[colLeft] + n[colWidth], y1: n[colTop] + n[colHeight],
			block: n[colBlock]<<16 + n[colParagraph], line: n[colLine],
		})
	}
	return out, nil
}
