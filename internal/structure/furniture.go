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
	// furniturePages is on how many pages a line must stand to be one.
	furniturePages = 3
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
	type place struct {
		text string
		y    int // bands of 4 points from the nearer edge, negative from the foot
	}
	seen := map[place]map[int]bool{}
	each := func(do func(v *page, i int, text string, band int)) {
		for _, v := range pages {
			for i, l := range v.Lines {
				if band, ok := v.band(i); ok && l.Count <= furnitureWords {
					do(v, i, withoutFigures(v.texts[i]), band)
				}
			}
		}
	}
	each(func(v *page, _ int, text string, band int) {
		for y := band - 1; y <= band+1; y++ {
			k := place{text, y}
			if seen[k] == nil {
				seen[k] = map[int]bool{}
			}
			seen[k][v.Number] = true
		}
	})
	bands := map[int]map[int]bool{}
	each(func(v *page, i int, text string, band int) {
		if len(seen[place{text, band}]) < furniturePages {
			return
		}
		v.furniture[i] = true
		if bands[band] == nil {
			bands[band] = map[int]bool{}
		}
		bands[band][v.Number] = true
	})
	least := max(furniturePages, int(bandShare*float64(len(pages))))
	each(func(v *page, i int, _ string, band int) {
		if len(bands[band]) >= least && v.Lines[i].FontSize <= v.body+1 {
			v.furniture[i] = true
		}
	})
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
