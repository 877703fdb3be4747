package structure

import (
	"math"
	"strings"
	"unicode"
)

const (
	// margin is the part of a page's height, at its top and foot, in which running
	// heads and feet stand.
	margin = 0.12
	// furniturePages is on how many pages a line must stand to be one, and
	// beginningPages on how many its first or last words, where a chapter's name goes
	// with those of the manual.
	furniturePages, beginningPages = 3, 5
	// bandShare is the part of a manual's pages on which a band holds running heads,
	// from which on it holds nothing else.
	bandShare = 0.3
	// furnitureWords is the length of a running head at most.
	furnitureWords = 14
)

// markFurniture marks the running heads and feet: lines in the margins that
// stand, but for their figures, in the same place of at least three pages, and
// the other lines in bands where most pages have such.
func markFurniture(pages []*page) {
	type line struct {
		v    *page
		i    int
		band int
		text string
	}
	var lines []line
	for _, v := range pages {
		for i, l := range v.Lines {
			if band, ok := v.band(i); ok && l.Count <= furnitureWords {
				lines = append(lines, line{v, i, band, withoutFigures(v.texts[i])})
			}
		}
	}
	type place struct {
		text string
		band int
	}
	seen := map[place]*pageCount{}
	at := func(text string, band int) *pageCount {
		k := place{text, band}
		if seen[k] == nil {
			seen[k] = &pageCount{}
		}
		return seen[k]
	}
	for _, l := range lines {
		begins, ends := beginning(l.text), ending(l.text)
		for band := l.band - 1; band <= l.band+1; band++ {
			at(l.text, band).add(l.v.Number)
			if begins != "" {
				at(begins, band).add(l.v.Number)
				at(ends, band).add(l.v.Number)
			}
		}
	}
	bands := map[int]*pageCount{}
	least := max(furniturePages, int(bandShare*float64(len(pages))))
	for _, l := range lines {
		repeats := at(l.text, l.band).n >= furniturePages
		if begins := beginning(l.text); begins != "" && !repeats {
			repeats = max(at(begins, l.band).n, at(ending(l.text), l.band).n) >= beginningPages
		}
		if !repeats || l.v.inTable(l.i) && (RoleOf(l.v.texts[l.i]) != RoleOther || at(l.text, l.band).n < least && at(beginning(l.text), l.band).n < least) {
			continue // the headings of a table that goes on over pages repeat, too
		}
		l.v.furniture[l.i] = true
		if bands[l.band] == nil {
			bands[l.band] = &pageCount{}
		}
		bands[l.band].add(l.v.Number)
	}
	for _, l := range lines {
		if b := bands[l.band]; b != nil && b.n >= least && !l.v.inTable(l.i) && l.v.Lines[l.i].FontSize <= l.v.body+1 {
			l.v.furniture[l.i] = true
		}
	}
}

// pageCount counts pages, each once, as they come in order.
type pageCount struct{ n, last int }

func (c *pageCount) add(page int) {
	if page != c.last {
		c.n, c.last = c.n+1, page
	}
}

// beginning returns the first three words of a longer text, ending its last
// three; "" of a shorter one.
func beginning(text string) string {
	n := 0
	for i, r := range text {
		if r == ' ' {
			if n++; n == 3 {
				return "^" + text[:i]
			}
		}
	}
	return ""
}

func ending(text string) string {
	n := 0
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == ' ' {
			if n++; n == 3 {
				return "$" + text[i+1:]
			}
		}
	}
	return ""
}

// band tells where in the margin a line stands.
func (v *page) band(i int) (band int, ok bool) {
	b := v.Lines[i].Box
	mid := (b.Y0 + b.Y1) / 2
	switch {
	case v.Height <= 0 || v.Lines[i].Count == 0:
		return 0, false
	case mid < margin*v.Height:
		return int(math.Round(mid/4)) + 1, true
	case mid > (1-margin)*v.Height:
		return int(math.Round((mid-v.Height)/4)) - 1, true
	}
	return 0, false
}

// withoutFigures folds a text and puts one mark for each number.
func withoutFigures(s string) string {
	var sb strings.Builder
	figure := false
	for _, r := range strings.ToLower(s) {
		if unicode.IsDigit(r) {
			if !figure {
				sb.WriteByte('#')
			}
			figure = true
			continue
		}
		figure = false
		sb.WriteRune(r)
	}
	return sb.String()
}
