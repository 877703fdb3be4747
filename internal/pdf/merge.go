package pdf

import "slices"

// Reading is what OCR found on a page.
type Reading struct {
	Words []ReadWord // in the order in which they are read
	// Rulings are the straight lines of the picture, each as a thin box: borders of
	// tables, most of them.
	Rulings []Box
}

// ReadWord is a word that OCR found.
type ReadWord struct {
	Word
	Turn uint8 // as Line.Turn
}

// Merge returns the page with what OCR read of it: words of ciphered lines are
// left out, words that were read where the text layer has its own are too, and
// lines, their order and tables are found anew. The page has no OCR regions left.
// It is a pure function and accepts any reading.
func Merge(p Page, r Reading) Page {
	p.OCR = nil
	var words []styledWord
	var kept []Box
	ciphered := false
	for i, l := range p.Lines {
		if l.Cipher {
			ciphered = true
			continue
		}
		words = append(words, p.styled(i)...)
		for _, w := range p.Words[l.First : l.First+l.Count] {
			kept = append(kept, w.Box)
		}
	}
	slices.SortFunc(kept, func(a, b Box) int {
		switch {
		case a.Y0 < b.Y0:
			return -1
		case a.Y0 > b.Y0:
			return 1
		}
		return 0
	})
	tallest := 0.0
	for _, b := range kept {
		tallest = max(tallest, b.Y1-b.Y0)
	}
	page := Box{0, 0, p.Width, p.Height}
	added := false
	for _, w := range r.Words {
		w.Box = w.Box.within(page)
		if w.Text == "" || w.Confidence == 0 || w.Box.area() == 0 || known(kept, tallest, w.Box) {
			continue
		}
		words = append(words, styledWord{Word: w.Word, turn: w.Turn & 3})
		added = true
	}
	if !added && !ciphered {
		return p
	}
	rules := p.rulings()
	for _, b := range r.Rulings {
		if b = b.within(page); b.X1-b.X0 >= b.Y1-b.Y0 {
			rules = append(rules, rule{pos: (b.Y0 + b.Y1) / 2, from: b.X0, to: b.X1})
		} else {
			rules = append(rules, rule{vertical: true, pos: (b.X0 + b.X1) / 2, from: b.Y0, to: b.Y1})
		}
	}
	return layOutWords(p, words, rules)
}

// known reports whether most of the box is covered by words of the text layer,
// which are sorted by their upper edge; none is higher than tallest.
func known(words []Box, tallest float64, b Box) bool {
	from, _ := slices.BinarySearchFunc(words, b.Y0-tallest, func(w Box, y float64) int {
		if w.Y0 < y {
			return -1
		}
		return 1
	})
	covered := 0.0
	for _, w := range words[from:] {
		if w.Y0 > b.Y1 {
			break
		}
		covered += w.within(b).area()
	}
	return covered > 0.4*b.area()
}

func (b Box) area() float64 { return max(b.X1-b.X0, 0) * max(b.Y1-b.Y0, 0) }
