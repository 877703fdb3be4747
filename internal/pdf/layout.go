package pdf

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// softHyphen is how PDFium reports a hyphen at which a word was divided.
const softHyphen = '\u0002'

// token is a word while the page is laid out. Boxes are in the layout frame: the
// page turned so that most of its text is upright.
type token struct {
	text  string
	box   Box
	local Box // the box in the frame in which this token is upright
	size  float64
	dir   uint8 // quarter turns against the layout frame
	bold  bool
	soft  bool // ends with a soft hyphen
	// most of its characters are not what is drawn
	cipher bool
	drawn  bool // read from drawn segments
	// The content stream has white space before or after it.
	spaceBefore, spaceAfter bool
	word                    *Word // as it is to be written; nil for text and box
}

// turn maps the displayed page, or another frame, to the frame in which text of
// a direction is upright.
type turn struct {
	quarters uint8 // counter-clockwise direction of the text that becomes upright
	w, h     float64
}

func (t turn) point(x, y float64) (float64, float64) {
	switch t.quarters {
	case 1:
		return t.h - y, x
	case 2:
		return t.w - x, t.h - y
	case 3:
		return y, t.w - x
	}
	return x, y
}

func (t turn) box(b Box) Box {
	ax, ay := t.point(b.X0, b.Y0)
	bx, by := t.point(b.X1, b.Y1)
	return Box{min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)}
}

// size returns the size of the turned page.
func (t turn) size() (w, h float64) {
	if t.quarters&1 == 1 {
		return t.h, t.w
	}
	return t.w, t.h
}

// inverse returns the turn back.
func (t turn) inverse() turn {
	w, h := t.size()
	return turn{(4 - t.quarters) & 3, w, h}
}

func (t turn) rule(r rule) rule {
	b := Box{r.from, r.pos, r.to, r.pos}
	if r.vertical {
		b = Box{r.pos, r.from, r.pos, r.to}
	}
	b = t.box(b)
	if b.X1-b.X0 >= b.Y1-b.Y0 {
		return rule{pos: b.Y0, from: b.X0, to: b.X1}
	}
	return rule{vertical: true, pos: b.X0, from: b.Y0, to: b.Y1}
}

// layOut finds the words, lines and tables of a page. It is a pure function and
// accepts any content.
func layOut(c content) Page {
	p := Page{Width: c.width, Height: c.height, ImageShare: c.imageShare, Words: []Word{}, Lines: []Line{}}
	c.chars = append(decipher(c.chars), c.segments...)
	t := turn{dominant(c.chars), c.width, c.height}
	layOutTokens(&p, tokenize(c.chars, t), c.rules, c.lamps, t)
	p.OCR = ocrRegions(&p, c.drawn)
	p.Drawings = drawings(&p, c.ink, c.rules)
	return p
}

// layOutTokens writes the words, lines and tables to the page. Tokens are in the
// frame that t turns to, rulings and lamps on the page as displayed.
func layOutTokens(p *Page, tokens []token, displayed []rule, lamps []disc, t turn) {
	rules := make([]rule, len(displayed))
	for i, r := range displayed {
		rules[i] = t.rule(r)
	}
	w, h := t.size()
	l := &layout{tokens: tokens, width: w, height: h, em: medianSize(tokens)}
	l.hrules, l.vrules = mergeRules(rules)
	for _, c := range lamps {
		c.box = t.box(c.box)
		l.lamps = append(l.lamps, c)
	}
	l.findRuled()
	l.findLegends()
	l.findFold()
	l.findAligned()
	l.order()
	l.emit(p, t)
}

// layout is a page on its way from words to lines in reading order.
type layout struct {
	tokens         []token
	width, height  float64
	em             float64 // the usual font size
	hrules, vrules []rule  // merged, sorted by position
	lamps          []disc
	grids          []grid  // the tables
	inGrid         []bool  // per token: it belongs to a table
	drawings       []Box   // whose lines cross like those of tables
	fold           float64 // x of the fold of a spread of two printed pages, else 0
	lines          []textLine
}

// textLine is a line of tokens, in reading order.
type textLine struct {
	tokens []int
	grid   int // 1 + index of its table, 0 for none
	cell   int // index of its cell
}

func dominant(chars []char) uint8 {
	var count [4]int
	for _, c := range chars {
		if c.r != ' ' {
			count[c.dir&3]++
		}
	}
	return most(count)
}

// most returns the direction with the highest count.
func most(count [4]int) uint8 {
	best := 0
	for d, n := range count {
		if n > count[best] {
			best = d
		}
	}
	return uint8(best)
}

func medianSize(tokens []token) float64 {
	var sizes []float64
	for _, t := range tokens {
		sizes = append(sizes, t.size)
	}
	if len(sizes) == 0 {
		return 10
	}
	slices.Sort(sizes)
	return min(max(sizes[len(sizes)/2], 3), 40)
}

// Word breaks, in ems.
const (
	wordGap = 0.3 // a wider gap ends a word, as in PDFium's own heuristics
	joinGap = 0.1 // a smaller one joins letters that are drawn out of order
)

// tokenize makes words of the characters, upright in the turned frame.
func tokenize(chars []char, t turn) []token {
	w, h := t.size()
	var all []token
	for dir := range uint8(4) {
		back := turn{dir, w, h}.inverse()
		b := wordBuilder{}
		for _, c := range chars {
			if c.r == ' ' {
				b.space()
				continue
			}
			if (c.dir-t.quarters)&3 != dir {
				b.flush()
				continue
			}
			c.box = turn{dir, w, h}.box(t.box(c.box))
			b.add(c)
		}
		b.flush()
		words := joinLetters(dropRepeated(b.words), dir != 0)
		for i := range words {
			words[i].dir = dir
			words[i].box = back.box(words[i].local)
		}
		all = append(all, words...)
	}
	return all
}

// wordBuilder joins characters in the order of the content stream.
type wordBuilder struct {
	words  []token
	text   strings.Builder
	cur    token
	last   char
	open   bool
	chars  int
	bolds  int
	cipher int // characters of one
	spaced bool
}

func (b *wordBuilder) space() {
	if b.open {
		b.cur.spaceAfter = true
	}
	b.flush()
	b.spaced = true
}

func (b *wordBuilder) flush() {
	if !b.open {
		return
	}
	b.cur.text = b.text.String()
	b.cur.bold = 2*b.bolds > b.chars
	b.cur.cipher = 2*b.cipher > b.chars
	b.words = append(b.words, b.cur)
	b.text.Reset()
	b.open, b.chars, b.bolds, b.cipher = false, 0, 0, 0
}

func (b *wordBuilder) add(c char) {
	em := c.size
	if em <= 0 {
		em = c.box.Y1 - c.box.Y0
	}
	if b.open {
		last := b.last
		gap := c.box.X0 - last.box.X1
		overlap := min(c.box.Y1, last.box.Y1) - max(c.box.Y0, last.box.Y0)
		low := min(c.box.Y1-c.box.Y0, last.box.Y1-last.box.Y0)
		switch {
		case c.r == last.r && c.box != last.box && math.Abs(c.box.X0-last.box.X0) < 0.15*em && overlap > 0.8*low:
			return // drawn twice to look bold; the letters of a ligature share a box
		case max(em, b.cur.size) > 2.2*min(em, b.cur.size): // more than a superscript
			b.flush()
		case unicode.IsDigit(c.r) && unicode.IsDigit(last.r) && max(c.size, last.size) > 1.25*min(c.size, last.size):
			b.flush() // 7½ is no 71
		case gap > wordGap*em, c.box.X0 < last.box.X0-0.3*em, overlap < 0.5*low, b.cur.soft:
			b.flush()
		}
	}
	if !b.open {
		b.cur = token{local: c.box, size: em, spaceBefore: b.spaced, drawn: c.drawn}
		b.open, b.spaced = true, false
	}
	if c.r == softHyphen {
		b.cur.soft = true
		b.text.WriteByte('-')
	} else {
		b.text.WriteRune(c.r)
	}
	b.cur.local = b.cur.local.Union(c.box)
	b.cur.size = max(b.cur.size, em)
	b.chars++
	if c.bold {
		b.bolds++
	}
	if c.cipher {
		b.cipher++
	}
	b.last = c
}

// dropRepeated removes words that are drawn again at the same place, as shadows
// and fake bold type are.
func dropRepeated(words []token) []token {
	type key struct {
		text string
		x, y int
	}
	seen := map[key]Box{}
	out := words[:0]
	for _, w := range words {
		const cell = 8.0 // points; neighbouring cells are looked up too
		x, y := int(w.local.X0/cell), int(w.local.Y0/cell)
		repeated := false
		for dx := -1; dx <= 1 && !repeated; dx++ {
			for dy := -1; dy <= 1 && !repeated; dy++ {
				b, ok := seen[key{w.text, x + dx, y + dy}]
				slack := 0.2 * w.size
				repeated = ok && math.Abs(b.X0-w.local.X0) < slack && math.Abs(b.Y0-w.local.Y0) < slack && math.Abs(b.X1-w.local.X1) < slack
			}
		}
		if repeated {
			continue
		}
		seen[key{w.text, x, y}] = w.local
		out = append(out, w)
	}
	return out
}

// joinLetters joins words of a line between which there is neither a space in
// the content nor room on the page. In turned text PDFium takes letters that are
// drawn one by one for words: there only room tells.
func joinLetters(words []token, turned bool) []token {
	drop := make([]bool, len(words))
	all := make([]int, len(words))
	for i := range all {
		all[i] = i
	}
	for _, row := range rows(words, all) {
		a := -1
		for _, i := range row {
			if a >= 0 && words[a].joins(&words[i], turned) {
				b := words[i]
				words[a].text += b.text
				words[a].local = words[a].local.Union(b.local)
				words[a].soft, words[a].spaceAfter = b.soft, b.spaceAfter
				words[a].cipher = words[a].cipher || b.cipher
				drop[i] = true
				continue
			}
			a = i
		}
	}
	out := words[:0]
	for i, w := range words {
		if !drop[i] {
			out = append(out, w)
		}
	}
	return out
}

func (t *token) joins(u *token, turned bool) bool {
	gap := u.local.X0 - t.local.X1
	em := min(t.size, u.size)
	return (turned || !t.spaceAfter && !u.spaceBefore) && !t.soft && gap < joinGap*em && gap > -joinGap*em &&
		max(t.size, u.size) < 1.2*em
}

// rows groups tokens into rows, by overlap of more than half their height in
// their local frame; rows run from top to bottom, tokens from left to right.
func rows(tokens []token, which []int) [][]int {
	heights := make([]float64, len(which))
	for k, i := range which {
		heights[k] = tokens[i].local.Y1 - tokens[i].local.Y0
	}
	slices.Sort(heights)
	tall := math.Inf(1)
	if len(heights) > 0 {
		tall = 1.6 * heights[len(heights)/2]
	}
	sorted := slices.Clone(which)
	slices.SortStableFunc(sorted, func(a, b int) int {
		p, q := tokens[a].local, tokens[b].local
		return cmp.Or(compareBool(p.Y1-p.Y0 > tall, q.Y1-q.Y0 > tall), cmp.Compare(p.Y0+p.Y1, q.Y0+q.Y1))
	})
	var open []openRow
	for _, i := range sorted {
		b := tokens[i].local
		// Tall letters, such as the number of a step over two lines of text, come
		// last: they join a row, and must not join two.
		isTall, look := b.Y1-b.Y0 > tall, 8
		if isTall {
			look = len(open)
		}
		best, share := -1, 0.5
		for k := len(open) - 1; k >= max(0, len(open)-look); k-- {
			if s := open[k].overlap(b); s > share || best >= 0 && s >= share-0.05 && isTall {
				best, share = k, max(s, share)
			}
		}
		if best < 0 {
			open = append(open, openRow{b.Y0, b.Y1, []int{i}})
			continue
		}
		r := &open[best]
		r.tokens = append(r.tokens, i)
		if !isTall && b.Y1-b.Y0 > r.y1-r.y0 { // small print does not decide where the row is
			r.y0, r.y1 = b.Y0, b.Y1
		}
	}
	slices.SortStableFunc(open, func(a, b openRow) int { return cmp.Compare(a.y0+a.y1, b.y0+b.y1) })
	out := make([][]int, len(open))
	for k, r := range open {
		slices.SortStableFunc(r.tokens, func(a, b int) int { return cmp.Compare(tokens[a].local.X0, tokens[b].local.X0) })
		out[k] = r.tokens
	}
	return out
}

// openRow is a row that tokens are added to.
type openRow struct {
	y0, y1 float64
	tokens []int
}

// overlap returns the part of the lower of both that they have in common.
func (r *openRow) overlap(b Box) float64 {
	low := min(b.Y1-b.Y0, r.y1-r.y0)
	return (min(b.Y1, r.y1) - max(b.Y0, r.y0)) / max(low, 0.1)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// linesOf returns the lines of a cell or block: the upright ones from top to
// bottom, then those of the other directions.
func (l *layout) linesOf(which []int) [][]int {
	var out [][]int
	for dir := range uint8(4) {
		var of []int
		for _, i := range which {
			if l.tokens[i].dir == dir {
				of = append(of, i)
			}
		}
		if len(of) > 0 {
			out = append(out, rows(l.tokens, of)...)
		}
	}
	return out
}

func (l *layout) boxOf(which []int) Box {
	b := l.tokens[which[0]].box
	for _, i := range which[1:] {
		b = b.Union(l.tokens[i].box)
	}
	return b
}

// emit writes the lines and tables to the page as displayed.
func (l *layout) emit(p *Page, t turn) {
	back := t.inverse()
	page := Box{0, 0, p.Width, p.Height}
	out := func(b Box) Box { return back.box(b).within(page) }
	index := make([]int, len(l.tokens))
	for _, tl := range l.lines {
		line := Line{First: len(p.Words), Count: len(tl.tokens), Box: out(l.boxOf(tl.tokens))}
		line.Turn = (l.tokens[tl.tokens[0]].dir + t.quarters) & 3
		sizes := map[float64]int{}
		bold, chars := 0, 0
		for _, i := range tl.tokens {
			t := &l.tokens[i]
			index[i] = len(p.Words)
			w := Word{Text: t.text, Box: out(t.box), Drawn: t.drawn}
			if t.word != nil {
				w = *t.word
			}
			p.Words = append(p.Words, w)
			n := len(t.text)
			sizes[math.Round(t.size*10)/10] += n
			chars += n
			if t.bold {
				bold += n
			}
			line.SoftHyphen = t.soft
		}
		most := 0
		for size, n := range sizes {
			if n > most || n == most && size > line.FontSize {
				line.FontSize, most = size, n
			}
		}
		line.Bold = 2*bold > chars
		line.Cipher = l.isCipher(tl.tokens)
		p.Lines = append(p.Lines, line)
	}
	for gi := range l.grids {
		p.Tables = append(p.Tables, l.table(gi, index, out))
	}
}

// within returns the part of b inside of c.
func (b Box) within(c Box) Box {
	x0, y0 := min(max(b.X0, c.X0), c.X1), min(max(b.Y0, c.Y0), c.Y1)
	return Box{x0, y0, max(min(b.X1, c.X1), x0), max(min(b.Y1, c.Y1), y0)}
}
