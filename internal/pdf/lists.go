package pdf

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// bullets reports whether a column holds the bullets or numbers of a list.
func (l *layout) bullets(col []item) bool {
	n := 0
	for _, p := range col {
		if len(p.tokens) == 1 && isBullet(l.tokens[p.tokens[0]].text) {
			n++
		}
	}
	return 3*n >= 2*len(col)
}

// marks reports whether the pieces of a column start with the bullets of a list.
func (l *layout) marks(col []item) bool {
	n := 0
	for _, p := range col {
		if isMark(l.tokens[p.tokens[0]].text) {
			n++
		}
	}
	return 3*n >= 2*len(col)
}

func isMark(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return size == len(s) && (unicode.Is(unicode.So, r) || unicode.Is(unicode.Co, r) || strings.ContainsRune("•‣▪◦·", r))
}

// numbered reports whether the first column holds the numbers of sections, as 2.1,
// and the second their titles.
func (l *layout) numbered(col []item, rs []textRow, xs []float64) bool {
	n := 0
	for _, p := range col {
		if len(p.tokens) == 1 && sectionNumber(l.tokens[p.tokens[0]].text) {
			n++
		}
	}
	if n < len(col) {
		return false
	}
	for _, r := range rs {
		for _, p := range r.pieces {
			if first, _ := utf8.DecodeRuneInString(l.tokens[p.tokens[0]].text); column(xs, p) == 1 && !unicode.IsLetter(first) {
				return false
			}
		}
	}
	return true
}

// sectionNumber reports whether s is whole numbers with points between them.
func sectionNumber(s string) bool {
	parts := strings.Split(strings.TrimSuffix(s, "."), ".")
	for _, p := range parts {
		if _, err := strconv.ParseUint(p, 10, 8); err != nil {
			return false
		}
	}
	return len(parts) > 1
}

func isBullet(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	if size == len(s) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return true
	}
	body := strings.TrimRight(strings.TrimLeft(s, "(["), ".):]")
	return body != s && utf8.RuneCountInString(body) <= 2
}

// contents reports whether dots lead from most rows to a page number.
func (l *layout) contents(rs []textRow) bool {
	n := 0
	for _, r := range rs {
		var sb strings.Builder
		for _, p := range r.pieces {
			for _, i := range p.tokens {
				sb.WriteString(l.tokens[i].text)
				sb.WriteByte(' ')
			}
		}
		last := r.pieces[len(r.pieces)-1].tokens
		if _, err := strconv.ParseUint(strings.TrimLeft(l.tokens[last[len(last)-1]].text, ".…_"), 10, 16); err == nil && dottedLeader.MatchString(sb.String()) {
			n++
		}
	}
	return n > 2 && 2*n > len(rs)
}

// onDrawing reports whether a good part of the box is that of drawings.
func (l *layout) onDrawing(b Box) bool {
	covered := 0.0
	for _, d := range l.drawings {
		covered += d.within(b).area()
	}
	return 4*covered > b.area()
}

// sparse reports whether rows leave most cells of three columns and more empty, as
// the labels of a picture and the lines of its legend do.
func sparse(rs []textRow, xs []float64) bool {
	filled := 0
	for _, r := range rs {
		last := -1
		for _, p := range r.pieces {
			if c := column(xs, p); c != last && len(r.pieces) > 1 {
				filled, last = filled+1, c
			}
		}
	}
	return len(xs) > 3 && 2*filled < (len(xs)-1)*len(rs)
}

// scattered reports whether most of the rows are made of pieces that share no base
// line: labels of a drawing, or text of columns that go on each by itself.
func (l *layout) scattered(rs []textRow) bool {
	off, all := 0, 0
	for _, r := range rs {
		if len(r.pieces) < 2 {
			continue
		}
		all++
		high, low := math.Inf(1), math.Inf(-1)
		for _, p := range r.pieces {
			base := l.baseLine(p)
			high, low = min(high, base), max(low, base)
		}
		if low-high > l.baseSlack(r.pieces[0]) {
			off++
		}
	}
	return 2*off > all
}

// flowsOn reports whether rows often start amid a sentence: then they are lines
// of columns of text that happen to be side by side.
func (l *layout) flowsOn(rs []textRow, starts []int) bool {
	amid := 0
	for _, s := range starts {
		if first := rs[s].pieces[0]; len(first.tokens) == 1 && first.chars <= maxCodeChars && strings.ContainsAny(l.tokens[first.tokens[0]].text, "0123456789") {
			continue // a number or code heads the row
		}
		for c, p := range rs[s].pieces {
			r, _ := utf8.DecodeRuneInString(l.tokens[p.tokens[0]].text)
			if unicode.IsLower(r) && (p.chars > minColChars || c == 0 && p.chars <= 2) {
				amid++
				break
			}
		}
	}
	return amid > 1 && 5*amid > len(starts)
}
