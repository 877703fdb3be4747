package pdf

import "slices"

// Reading is what OCR found on a page.
type Reading struct {
	Words []ReadWord // in the order in which they are read
	// Rulings are the straight lines of the picture, each as a thin box: borders of
	// tables, most of them.
	Rulings []Box
	// Skew is how far lines of the scan fall (climb, where it is negative) from left
	// to right, in points per point. Boxes are where the words are seen all the same.
	Skew float64
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
	if r.Skew == 0 {
		return layOutWords(p, words, rules)
	}
	return layOutSkewed(p, words, rules, r.Skew)
}

// layOutSkewed lays out the words as if the page had been scanned straight, and
// leaves them where they are.
func layOutSkewed(p Page, words []styledWord, rules []rule, skew float64) Page {
	level := func(x, y float64) (dx, dy float64) { return skew * (y - p.Height/2), -skew * (x - p.Width/2) }
	seen := map[Word][]Box{} // by the straightened word
	for i := range words {
		b := words[i].Box
		dx, dy := level((b.X0+b.X1)/2, (b.Y0+b.Y1)/2)
		words[i].Box = Box{b.X0 + dx, b.Y0 + dy, b.X1 + dx, b.Y1 + dy}
		seen[words[i].Word] = append(seen[words[i].Word], b)
	}
	for i, r := range rules {
		mid := (r.from + r.to) / 2
		x, y := mid, r.pos
		if r.vertical {
			x, y = r.pos, mid
		}
		dx, dy := level(x, y)
		if r.vertical {
			dx, dy = dy, dx
		}
		rules[i] = rule{vertical: r.vertical, pos: r.pos + dy, from: r.from + dx, to: r.to + dx}
	}
	p = layOutWords(p, words, rules)
	for i, w := range p.Words {
		at := seen[w]
		p.Words[i].Box, seen[w] = at[0], at[1:]
	}
	for i, l := range p.Lines {
		for k, w := range p.Words[l.First : l.First+l.Count] {
			if k == 0 {
				p.Lines[i].Box = w.Box
			} else {
				p.Lines[i].Box = p.Lines[i].Box.Union(w.Box)
			}
		}
	}
	return p
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
