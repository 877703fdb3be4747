package pdf

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/unicode/norm"
)

// A text layer is a cipher where a font's characters are not what is drawn: the
// file has no map to Unicode, and what is read is the number of a glyph. Such text
// is judged font by font, since all of a font's text is one or none is: by what
// the file lacks, by whether it becomes text when all its characters are moved by
// the same number, and by how little the letters follow each other as letters do.

// Judging a font by its text on a page. Scores are natural logarithms of
// probabilities.
const (
	minShown     = 0.3  // part of the characters that may lack a code
	shiftGain    = 25.0 // by which moved text must be likelier, of fonts with a map
	unmappedGain = 9.0  // and of fonts that lack one
	minPairs     = 6    // pairs of letters that show how letters follow each other
	textScore    = -3.2 // per pair; text in Latin letters scores higher
	manyPairs    = 60   // pairs to call a font a cipher that is no shift
	noTextScore  = -4.0 // per pair; where letters do not follow each other at all
	rareShare    = 0.4  // of Chinese, Japanese and Korean characters that hardly occur
)

// fontText is what a page has in one font.
type fontText struct {
	runes    []rune // with a space where another font or a word's end comes between
	chars    int    // without the spaces
	unmapped int    // of which the file does not say what they are
	unknown  int    // of which not even the code is a character
}

// judgement is what was found of a font.
type judgement struct {
	cipher bool
	shift  rune // by which its characters are moved, 0 for another reason
}

// decipher marks the characters of fonts whose text is not what is drawn, and
// drops those without a code where they are few, as bullets are.
func decipher(chars []char) []char {
	fonts := map[uint16]*fontText{}
	var last *fontText
	for _, c := range chars {
		if c.r == ' ' {
			if last != nil {
				last.space()
			}
			continue
		}
		f := fonts[c.font]
		if f == nil {
			f = &fontText{}
			fonts[c.font] = f
		}
		if f != last && last != nil {
			last.space()
			f.space()
		}
		last = f
		f.runes = append(f.runes, c.r)
		f.chars++
		if c.unmapped {
			f.unmapped++
		}
		if c.r == utf8.RuneError {
			f.unknown++
		}
	}
	verdicts := make(map[uint16]judgement, len(fonts))
	shifts := map[rune]bool{}
	foreign := false
	for id, f := range fonts {
		j := f.judge()
		verdicts[id] = j
		if j.cipher && j.shift != 0 {
			shifts[j.shift] = true
		}
		foreign = foreign || j.cipher && j.shift == 0
	}
	// What is too short to be judged goes with the other fonts of the page.
	for id, f := range fonts {
		if !verdicts[id].cipher && f.likeOthers(shifts, foreign) {
			verdicts[id] = judgement{cipher: true}
		}
	}
	out := chars[:0]
	for _, c := range chars {
		if c.r != ' ' {
			c.cipher = verdicts[c.font].cipher
			if c.r == utf8.RuneError && !c.cipher {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

func (f *fontText) space() {
	if n := len(f.runes); n > 0 && f.runes[n-1] != ' ' {
		f.runes = append(f.runes, ' ')
	}
}

// mapless reports whether the file lacks what most of the font's characters are.
func (f *fontText) mapless() bool { return 2*f.unmapped > f.chars }

func (f *fontText) judge() judgement {
	if f.unknown >= 3 && float64(f.unknown) > minShown*float64(f.chars) {
		return judgement{cipher: true}
	}
	private, odd, han, rare := 0, 0, 0, 0
	distinct := map[rune]bool{}
	for _, r := range f.runes {
		switch {
		case r == ' ' || r == utf8.RuneError:
			continue
		case unicode.Is(unicode.Co, r):
			private++
		case r >= 0x2b0 && r < 0x370:
			odd++
		case r >= 0x2e80:
			han++
			if !common(r) {
				rare++
			}
		}
		distinct[r] = true
	}
	switch {
	case private >= 8 && 2*private > f.chars && len(distinct) >= 5,
		odd >= 4 && 2*odd > f.chars && f.mapless(),
		han >= 4 && float64(rare) > rareShare*float64(han),
		rare > 0 && f.mapless() && 2*rare >= han:
		return judgement{cipher: true}
	}
	m := latin()
	plain := m.score(f.runes, 0)
	if len(distinct) < 4 || plain.pairs >= minPairs && plain.perPair() > textScore && !f.mapless() {
		return judgement{}
	}
	gain, least := shiftGain, manyPairs
	if f.mapless() {
		gain, least = unmappedGain, manyPairs/4
	}
	if f.numbers() {
		return judgement{}
	}
	best, shift := plain, rune(0)
	for _, k := range shiftsOf(f.runes) {
		if s := m.score(f.runes, k); s.total > best.total {
			best, shift = s, k
		}
	}
	if shift != 0 && best.total-plain.total > gain && best.pairs >= minPairs && 3*best.pairs > best.chars && best.perPair() > textScore {
		return judgement{cipher: true, shift: shift}
	}
	// Abbreviations and the names of signals are no words either, but capitals.
	prose := 2*plain.lower > plain.letters || 10*plain.amid > plain.pairs
	return judgement{cipher: prose && plain.pairs >= least && plain.perPair() < noTextScore}
}

// numbers reports whether most of the words are numbers: moved by some number,
// figures can pass for a text in a few letters.
func (f *fontText) numbers() bool {
	words, numbers := 0, 0
	for w := range strings.FieldsSeq(string(f.runes)) {
		words++
		if number.MatchString(w) {
			numbers++
		}
	}
	return 2*numbers > words
}

// number matches a figure, a range or a date, the dots that lead to it, or a sign.
var number = regexp.MustCompile(`^(?:[-+±~≤≥<>(.]*\d+(?:[.,:/x×°-]+\d+)*[°%).,]*|[[:punct:]•–])$`)

// likeOthers reports whether a font without a map, of which the page has little,
// is a cipher as others of the page are.
func (f *fontText) likeOthers(shifts map[rune]bool, foreign bool) bool {
	if !f.mapless() {
		return false
	}
	m := latin()
	plain := m.score(f.runes, 0)
	for k := range shifts {
		if m.score(f.runes, k).total > plain.total {
			return true
		}
	}
	if !foreign {
		return false
	}
	for _, r := range f.runes {
		if r >= 0x2b0 && r != utf8.RuneError {
			return true
		}
	}
	return false
}

// shiftsOf returns the numbers by which the characters may have been moved.
func shiftsOf(runes []rune) []rune {
	low, high := rune(math.MaxInt32), rune(0)
	for _, r := range runes {
		if r != ' ' && r != utf8.RuneError {
			low, high = min(low, r), max(high, r)
		}
	}
	var out []rune
	if high < 0x180 {
		for k := rune(-95); k <= 95; k++ {
			if k != 0 {
				out = append(out, k)
			}
		}
		return out
	}
	// Of another block: all that brings the lowest to where text can begin.
	for to := rune('!'); to <= 'z'; to++ {
		out = append(out, low-to)
	}
	return out
}

// Classes of characters in the model: 26 letters and these.
const (
	classDigit = 26 + iota
	classSpace
	classSign
	classOdd
	classes
)

// bigrams is what follows what in text in Latin letters.
type bigrams struct {
	class [0x180]uint8 // of the characters up to Latin Extended-A
	logp  [classes][classes]float64
}

// latin returns the model, made of latinSample at its first use.
var latin = sync.OnceValue(func() *bigrams {
	m := &bigrams{}
	for r := range rune(len(m.class)) {
		m.class[r] = classOf(r)
	}
	var count [classes][classes]float64
	prev := uint8(classSpace)
	for _, r := range latinSample {
		if r == '\n' {
			r = ' '
		}
		c := m.classOf(r)
		if c != classSpace || prev != classSpace {
			count[prev][c]++
		}
		prev = c
	}
	// How many characters share a class: a digit is one of ten.
	members := [classes]float64{classDigit: 10, classSign: 12, classOdd: 60}
	for a := range count {
		sum := 0.0
		for b := range count[a] {
			count[a][b] += 0.4
			sum += count[a][b]
		}
		for b := range count[a] {
			m.logp[a][b] = math.Log(count[a][b] / sum / max(members[b], 1))
		}
	}
	return m
})

func classOf(r rune) uint8 {
	if r >= 0x80 {
		r, _ = utf8.DecodeRuneInString(norm.NFD.String(string(r))) // without its accent
		switch r {
		case 'ß', 'ſ':
			r = 's'
		case 'æ', 'Æ', 'ł', 'Ł':
			r = 'a' + unicode.ToLower(r)%2*11
		case 'ø', 'Ø', 'œ', 'Œ':
			r = 'o'
		case 'ı':
			r = 'i'
		case 'đ', 'Đ', 'ð', 'Ð':
			r = 'd'
		}
	}
	switch {
	case r >= 'a' && r <= 'z':
		return uint8(r - 'a')
	case r >= 'A' && r <= 'Z':
		return uint8(r - 'A')
	case r >= '0' && r <= '9':
		return classDigit
	case r == ' ':
		return classSpace
	}
	for _, s := range `.,:;-()/'"%&+!?=*[]<>°’“”–·•` {
		if r == s {
			return classSign
		}
	}
	return classOdd
}

// score is how likely a text is.
type score struct {
	total          float64
	chars          int
	letters, lower int
	amid           int     // capitals amid words
	inWords        float64 // of the pairs of letters alone
	pairs          int
}

func (s score) perPair() float64 { return s.inWords / float64(max(s.pairs, 1)) }

// score returns how likely the text is when its characters are moved back by
// shift. Three and more of the same, as the dots of a leader, count as one.
func (m *bigrams) score(runes []rune, shift rune) score {
	var s score
	prev, prevLower := uint8(classSpace), false
	for i, r := range runes {
		if i > 1 && r == runes[i-1] && (r == runes[i-2] || i+1 < len(runes) && r == runes[i+1]) {
			continue
		}
		c, lower := uint8(classSpace), false
		if r != ' ' && r != utf8.RuneError {
			r -= shift
			c = m.classOf(r)
			s.chars++
			lower = c < classDigit && unicode.IsLower(r)
		}
		p := m.logp[prev][c]
		if c < classDigit {
			s.letters++
			if lower {
				s.lower++
			} else if prevLower {
				s.amid++
				p -= 3
			}
			if prev < classDigit {
				s.inWords += p
				s.pairs++
			}
		}
		s.total += p
		prev, prevLower = c, lower
	}
	return s
}

func (m *bigrams) classOf(r rune) uint8 {
	switch {
	case r > 0 && int(r) < len(m.class):
		return m.class[r]
	case r >= 0xfb00 && r <= 0xfb06: // ligatures
		return 'f' - 'a'
	case r >= 0x2010 && r < 0x2040, r >= 0x2190 && r < 0x2600: // quotation marks, dashes, bullets
		return classSign
	}
	return classOdd
}

// common reports whether a character beyond Latin is one that text has: the
// ideographs and syllables of the first level of their national standards, kana,
// forms of width and what is no symbol.
func common(r rune) bool {
	switch {
	case r < 0x3400:
		return r >= 0x3000 && r < 0x3030 || r >= 0x3040 && r < 0x3130
	case r < 0x4e00: // the first extension
		return false
	case r < 0xa000:
		return firstLevel(r, simplifiedchinese.GBK, 0xb0, 0xd7) || firstLevel(r, japanese.EUCJP, 0xb0, 0xcf) ||
			firstLevel(r, traditionalchinese.Big5, 0xa4, 0xc6)
	case r >= 0xac00 && r < 0xd7a4:
		return firstLevel(r, korean.EUCKR, 0xb0, 0xc8)
	}
	return r >= 0xff00 && r < 0xfff0
}

// firstLevel reports whether the encoding has the character in the rows from low
// to high.
func firstLevel(r rune, e encoding.Encoding, low, high byte) bool {
	b, err := e.NewEncoder().Bytes([]byte(string(r)))
	return err == nil && len(b) == 2 && b[0] >= low && b[0] <= high && (b[1] >= 0xa1 || low == 0xa4)
}

// minCipher is how many characters of a cipher make a line one, whatever else it
// has.
const minCipher = 3

// isCipher reports whether the line cannot be trusted.
func (l *layout) isCipher(line []int) bool {
	cipher, all := 0, 0
	for _, i := range line {
		t := &l.tokens[i]
		n := utf8.RuneCountInString(t.text)
		all += n
		if t.cipher {
			cipher += n
		}
	}
	return cipher >= minCipher || 3*cipher > all
}

// Trusted returns the page without the words and lines that are a cipher, for all
// that searches, quotes or shows text; their words have no place in the numbering
// of what is left.
func (p Page) Trusted() Page {
	if !slices.ContainsFunc(p.Lines, func(l Line) bool { return l.Cipher }) {
		return p
	}
	words, lines, tables := p.Words, p.Lines, p.Tables
	p.Words, p.Lines, p.Tables = []Word{}, []Line{}, nil
	index := make(map[int]int, len(words))
	for _, l := range lines {
		if l.Cipher {
			continue
		}
		first := len(p.Words)
		for k := l.First; k < l.First+l.Count; k++ {
			index[k] = len(p.Words)
			p.Words = append(p.Words, words[k])
		}
		l.First = first
		p.Lines = append(p.Lines, l)
	}
	for _, t := range tables {
		t.Rows = slices.Clone(t.Rows)
		for r := range t.Rows {
			cells := slices.Clone(t.Rows[r].Cells)
			for c := range cells {
				own := cells[c].Words
				cells[c].Words = nil
				for _, w := range own {
					if k, ok := index[w]; ok {
						cells[c].Words = append(cells[c].Words, k)
					}
				}
			}
			t.Rows[r].Cells = cells
		}
		p.Tables = append(p.Tables, t)
	}
	return p
}

// sameSign reports whether line i is but one character, repeated: a cipher of it
// has nothing to be read.
func (p *Page) sameSign(i int) bool {
	first := rune(-1)
	for _, r := range p.LineText(i) {
		if r == ' ' {
			continue
		}
		if first >= 0 && r != first {
			return false
		}
		first = r
	}
	return true
}
