package pdf

import (
	"strings"
	"unicode"
)

// styledWord is a word of a page that is laid out again, with what the layout
// goes by beside its place.
type styledWord struct {
	Word
	size float64 // points; 0 where only the ink is known, as with OCR
	turn uint8   // as Line.Turn
	bold bool
	soft bool // ends with the hyphen at which it was divided
	// of a line that is a cipher
	cipher bool
}

// styled returns the words of line i.
func (p *Page) styled(i int) []styledWord {
	l := p.Lines[i]
	out := make([]styledWord, l.Count)
	for k := range out {
		out[k] = styledWord{Word: p.Words[l.First+k], size: l.FontSize, turn: l.Turn, bold: l.Bold, cipher: l.Cipher}
	}
	if l.SoftHyphen && l.Count > 0 {
		out[l.Count-1].soft = true
	}
	return out
}

// layOutWords finds the lines, their order and the tables of a page anew, from
// other words than it had and the rulings that are known of it. Of p it keeps
// what is not layout: its number, label, size and pictures. It is a pure function,
// accepts any words, and returns each of them once, unchanged.
func layOutWords(p Page, words []styledWord, rules []rule) Page {
	var chars [4]int
	for _, w := range words {
		chars[w.turn&3] += len(w.Text)
	}
	t := turn{most(chars), p.Width, p.Height}
	width, height := t.size()
	tokens := make([]token, 0, len(words))
	for i, w := range words {
		tok := token{text: w.Text, size: w.size, dir: (w.turn - t.quarters) & 3, bold: w.bold, soft: w.soft, cipher: w.cipher, word: &words[i].Word}
		own := turn{tok.dir, width, height}
		tok.local = own.box(t.box(w.Box))
		if tok.size <= 0 {
			tok.size, tok.local = lineBox(w.Text, tok.local)
		}
		tok.box = own.inverse().box(tok.local)
		tokens = append(tokens, tok)
	}
	p.Words, p.Lines, p.Tables = []Word{}, []Line{}, nil
	layOutTokens(&p, tokens, rules, nil, t)
	return p
}

// Where the ink of letters reaches, in ems above and below the base line.
const (
	xHeight   = 0.5
	ascender  = 0.72
	descender = 0.21
)

// lineBox estimates the font size of a word from its ink, and the box that its
// letters would have in a text layer: from ascent to descent, whatever they are.
func lineBox(text string, ink Box) (size float64, box Box) {
	up, down := xHeight, 0.0
	for _, r := range text {
		switch {
		case unicode.IsUpper(r), unicode.IsDigit(r), unicode.IsLetter(r) && r > unicode.MaxASCII, strings.ContainsRune("bdfhijklt()[]{}/|!?&%$€§'\"°*", r):
			up = ascender
		}
		if strings.ContainsRune("gjpqy,;()[]{}|_Q§ç", r) {
			down = descender
		}
	}
	if strings.Trim(text, ".,;:-–—_=~·•'\"°*") == "" { // says nothing of the size
		mid := (ink.Y0 + ink.Y1) / 2
		size = max(2*(ink.Y1-ink.Y0), (ink.X1-ink.X0)/2, 4)
		return size, Box{ink.X0, mid - size/2, ink.X1, mid + size/2}
	}
	size = max((ink.Y1-ink.Y0)/(up+down), 1)
	base := ink.Y1 - down*size
	return size, Box{ink.X0, base - 0.8*size, ink.X1, base + 0.2*size}
}

// rulings returns the borders of the page's tables as rulings, for a layout that
// is to find them again.
func (p *Page) rulings() []rule {
	var out []rule
	for _, t := range p.Tables {
		for r, row := range t.Rows {
			var span Box
			for c, cell := range row.Cells {
				b := cell.Box
				if c > 0 && len(cell.Words) == 0 && b.X1 <= span.X1+0.5 {
					continue // the first of its cells reaches over it
				}
				span = b
				out = append(out, rule{vertical: true, pos: b.X0, from: b.Y0, to: b.Y1}, rule{vertical: true, pos: b.X1, from: b.Y0, to: b.Y1})
				if above := r > 0 && c < len(t.Rows[r-1].Cells) && len(cell.Words) > 0 && sameWords(cell.Words, t.Rows[r-1].Cells[c].Words); !above {
					out = append(out, rule{pos: b.Y0, from: b.X0, to: b.X1})
				}
				if r == len(t.Rows)-1 {
					out = append(out, rule{pos: b.Y1, from: b.X0, to: b.X1})
				}
			}
		}
	}
	return out
}

func sameWords(a, b []int) bool { return len(a) == len(b) && a[0] == b[0] }
