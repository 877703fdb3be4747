package search

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

const (
	// cellPadding is what tables usually leave free at the right of a cell, in points.
	cellPadding = 4
	// roomToGoOn is how much room the first word of the next line needs, in its widths,
	// for a line to have ended before it was full.
	roomToGoOn = 1.3
)

// printedItems returns the text of a cell with a line feed between the items of a list
// in it: causes that stand one below the other are not one sentence.
func printedItems(p *pdf.Page, words []int) string {
	right := cellRight(p, words)
	var sb strings.Builder
	for k, w := range words {
		if k > 0 {
			sep := byte(' ')
			if beginsItem(p, words[k-1], w, right) {
				sep = '\n'
			}
			sb.WriteByte(sep)
		}
		sb.WriteString(p.Words[w].Text)
	}
	return sb.String()
}

// cellRight is where the lines of a cell end at the latest: before its border, or at
// the end of the longest.
func cellRight(p *pdf.Page, words []int) float64 {
	right := 0.0
	for _, w := range words {
		right = max(right, p.Words[w].Box.X1)
	}
	for i := range p.Tables {
		for _, r := range p.Tables[i].Rows {
			for _, c := range r.Cells {
				if len(words) > 0 && slices.Contains(c.Words, words[0]) {
					return max(right, c.Box.X1-cellPadding)
				}
			}
		}
	}
	return right
}

// beginsItem reports whether a word begins an item of a list: it is the item's number,
// or leads a line, and is a bullet or would have fitted behind the last word of the
// line above.
func beginsItem(p *pdf.Page, last, word int, right float64) bool {
	a, b := p.Words[last].Box, p.Words[word].Box
	text := p.Words[word].Text
	if itemNumber.MatchString(text) {
		return true
	}
	if b.Y0 < a.Y1-(a.Y1-a.Y0)/2 {
		return false // on the same line
	}
	if numbering.MatchString(text) {
		return true
	}
	return right-a.X1 > roomToGoOn*(b.X1-b.X0) && !startsLower(text) && !numbering.MatchString(p.Words[last].Text)
}
