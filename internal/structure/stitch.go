package structure

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How alike two pieces of a table are.
const (
	// widthSlack is how far the widths of a table and of its columns may differ from
	// page to page, as a part of the table's width. Scans are skewed.
	widthSlack = 0.03
	// shiftLimit is how far to the side a table may stand on the next page, in
	// points: left and right pages have other margins.
	shiftLimit = 45
	// nearby is how far below another, in line heights, a piece may begin that goes
	// on with it.
	nearby = 1.8
)

// stitched is a table on its way: its pieces, and the rows of each that are not
// its headings.
type stitched struct {
	pieces []*piece
	// repeats is how many rows at the top of each piece repeat the headings.
	repeats []int
}

// stitch joins the pieces of all pages, in reading order, to tables.
func stitch(pages []*page) []*stitched {
	var out []*stitched
	var open []*stitched // whose last piece is on this page or the one before
	for _, v := range pages {
		var next []*stitched
		all := pieces(v)
		for i, x := range all {
			var into *stitched
			repeats := 0
			// The nearest before it counts: last of this page, else last of the page before.
			for _, t := range slices.Backward(slices.Concat(open, next)) {
				last := t.pieces[len(t.pieces)-1]
				if ok, n := goesOn(last, x, i, all); ok {
					into, repeats = t, n
					break
				}
				if last.page == v {
					continue
				}
				break // a table before the last of a page has ended
			}
			if into == nil {
				into = &stitched{}
				out = append(out, into)
			} else {
				next = slices.DeleteFunc(next, func(t *stitched) bool { return t == into })
			}
			into.pieces, into.repeats = append(into.pieces, x), append(into.repeats, repeats)
			next = append(next, into)
		}
		open = next
	}
	return out
}

// goesOn reports whether piece x, the i-th of its page, goes on with the table that
// ends with a, and how many of x's rows repeat the headings.
func goesOn(a, x *piece, i int, all []*piece) (ok bool, repeats int) {
	if a.n != x.n || len(x.rows) == 0 {
		return false, 0
	}
	repeated := x.repeats(a)
	if a.page == x.page {
		switch {
		case a.table == x.table:
			return repeated > 0, repeated // the other half
		case x.below(a):
			return x.header == 0 && x.sameColumns(a), 0
		case x.beside(a):
			return (repeated > 0 || x.header == 0 && !x.page.titled(x)) && x.sameColumns(a), repeated
		}
		return false, 0
	}
	if x.page.Number != a.page.Number+1 {
		return false, 0
	}
	for _, other := range all[:i] {
		if other.table != x.table && !other.page.inFurniture(other.words()) {
			return false, 0 // another table is above it
		}
	}
	if !a.endsPage() || !x.beginsPage() || x.newTable(a) {
		return false, 0
	}
	// Columns without rulings are where their words are: the headings tell better.
	return repeated > 0 || x.header == 0 && x.sameColumns(a), repeated
}

// repeats returns how many rows at the top of x have the headings of a, 0 if they
// do not. How their words are divided among the columns may differ.
func (x *piece) repeats(a *piece) int {
	if a.header == 0 {
		return 0
	}
	want := a.headerText(a.title, a.header)
	for _, skip := range []int{x.title, 0} {
		if len(x.rows) >= skip+a.header && want != "" && x.headerText(skip, a.header) == want {
			return skip + a.header
		}
	}
	return 0
}

// headerText is the text of some rows, folded.
func (x *piece) headerText(from, rows int) string {
	var sb strings.Builder
	for _, r := range x.rows[from : from+rows] {
		for k := range r.cells {
			if c := &r.cells[k]; c.filled() && !c.above {
				sb.WriteString(folded(c.text))
				sb.WriteByte(' ')
			}
		}
	}
	return sb.String()
}

func (x *piece) words() []int {
	var out []int
	for i := range x.rows {
		out = append(out, x.rows[i].words()...)
	}
	return out
}

// sameColumns reports whether the borders of the columns are the same, but for a
// shift of the whole table.
func (x *piece) sameColumns(a *piece) bool {
	p, q := a.borders(), x.borders()
	width := max(p[len(p)-1]-p[0], 1)
	slack := widthSlack * width
	if math.Abs(q[0]-p[0]) > shiftLimit && a.page != x.page || math.Abs((q[len(q)-1]-q[0])-width) > 2*slack {
		return false
	}
	for k := range p {
		if math.Abs((q[k]-q[0])-(p[k]-p[0])) > slack+2 {
			return false
		}
	}
	return true
}

// borders returns where the columns begin, and where the last ends, in points.
func (x *piece) borders() []float64 {
	out := make([]float64, x.n+1)
	known := make([]bool, x.n+1)
	out[0], known[0], out[x.n], known[x.n] = x.box.X0, true, x.box.X1, true
	for i := range x.rows {
		for k := range x.rows[i].cells {
			if c := &x.rows[i].cells[k]; c.span > 0 && !known[k] && c.box.X1 > c.box.X0 {
				out[k], known[k] = c.box.X0, true
			}
		}
	}
	for k := 1; k < x.n; k++ {
		if !known[k] {
			out[k] = out[k-1]
		}
	}
	return out
}

// below reports whether x follows directly below a in the same columns, with no
// text between.
func (x *piece) below(a *piece) bool {
	gap := x.box.Y0 - a.box.Y1
	if gap < -2 || gap > nearby*x.page.lineHeight() {
		return false
	}
	return !x.page.textBetween(a.box.Y1, x.box.Y0, x.box.X0, x.box.X1)
}

// beside reports whether x is at the top of the column of text to the right of a,
// which ends at the foot of its own.
func (x *piece) beside(a *piece) bool {
	if x.box.X0 < a.box.X1-2 || x.box.Y0 >= a.box.Y1 {
		return false
	}
	v := x.page
	return !v.textBetween(a.box.Y1, v.Height, a.box.X0, a.box.X1) && !v.textBetween(0, x.box.Y0, x.box.X0, x.box.X1)
}

// endsPage reports whether nothing but running feet and notes stands below a.
func (x *piece) endsPage() bool {
	return x.page.wordsBetween(x.box.Y1, x.page.Height, x.box.X0, x.box.X1, x.table) <= footWords
}

// beginsPage reports whether nothing but running heads and a line that the table
// is continued stands above x.
func (x *piece) beginsPage() bool {
	return x.box.Y0 < topShare*x.page.Height && x.page.wordsBetween(0, x.box.Y0, x.box.X0, x.box.X1, x.table) <= headWords
}

const (
	topShare  = 0.22 // of the page's height: what begins further down is below something
	footWords = 60   // of notes below a table that goes on: "* Not all models"
	headWords = 8    // of a line that says that it does, or of a running head that is not known
)

// newTable reports whether a piece without headings of its own is another table
// than a all the same: it has a title.
func (x *piece) newTable(a *piece) bool {
	title := x.page.titleAbove(x)
	if len(title) == 0 {
		return false
	}
	text := folded(x.page.text(title))
	if continued(text) {
		return false
	}
	if prior := a.page.titleAbove(a); len(prior) > 0 && folded(a.page.text(prior)) == text {
		return false
	}
	return caption.MatchString(text) || x.page.bold(title)
}

// continuedWords say that a table goes on.
var continuedWords = strings.Fields("continued cont cont'd cont'd. (continued) (cont.) (cont'd) (cont'd.) fortsetzung (fortsetzung) forts. continuación (continuación) suite (suite) continuazione (continua) segue vervolg")

func continued(text string) bool {
	return slices.ContainsFunc(strings.Fields(text), func(w string) bool { return slices.Contains(continuedWords, w) })
}

// lineHeight is that of the page's text, in points.
func (v *page) lineHeight() float64 {
	if v.body > 0 {
		return 1.2 * v.body
	}
	return 12
}

// textBetween reports whether anything but running heads stands in the strip.
func (v *page) textBetween(y0, y1, x0, x1 float64) bool {
	return v.wordsBetween(y0, y1, x0, x1, -1) > 0
}

// wordsBetween counts the words, but those of running heads and of the table, in
// a strip of the page.
func (v *page) wordsBetween(y0, y1, x0, x1 float64, table int) int {
	n := 0
	for i, l := range v.Lines {
		mid := (l.Box.Y0 + l.Box.Y1) / 2
		if v.furniture[i] || mid <= y0 || mid >= y1 || l.Box.X1 < x0 || l.Box.X0 > x1 {
			continue
		}
		for _, w := range v.lineWords(i) {
			if table < 0 || v.tableOf[w] != table {
				n++
			}
		}
	}
	return n
}

// titled reports whether a line above the piece is its title.
func (v *page) titled(x *piece) bool { return len(v.titleAbove(x)) > 0 }

const titleWords = 16

// heads reports whether a line may be a title: set apart, or begun as one and not
// part of running text.
func (v *page) heads(i int) bool {
	l, text := v.Lines[i], v.texts[i]
	if l.Bold || l.FontSize > v.body+0.9 {
		return !sentence(text) || l.Bold && l.FontSize > v.body
	}
	first, _ := utf8.DecodeRuneInString(text)
	if unicode.IsLower(first) || strings.Contains(text, ". ") && !caption.MatchString(text) || strings.HasSuffix(strings.TrimRight(text, "\"”“"), ".") {
		return false
	}
	if strings.HasSuffix(text, ":") && l.Count > 6 {
		return false
	}
	// The last line of a paragraph has another right above it, in the same size.
	if i > 0 {
		o := v.Lines[i-1]
		if gap := l.Box.Y0 - o.Box.Y1; gap > -2 && gap < 0.5*(l.Box.Y1-l.Box.Y0) && o.FontSize == l.FontSize && !o.Bold && o.Count > 5 && math.Abs(o.Box.X0-l.Box.X0) < 3 && !sentence(v.texts[i-1]) {
			return false
		}
	}
	return true
}

// titleAbove returns the words of the line that is the title of a piece: a
// numbered caption within a few lines above it, else a line right above that is
// set as a heading, or is short and no sentence.
func (v *page) titleAbove(x *piece) []int {
	if len(x.caption) > 0 {
		return x.caption
	}
	best, near := -1, math.Inf(1)
	height := v.lineHeight()
	for i, l := range v.Lines {
		gap := x.box.Y0 - l.Box.Y1
		if v.furniture[i] || l.Turn != 0 || l.Cipher || gap < -3 || gap > 4*height || l.Box.X1 < x.box.X0-2 || l.Box.X0 > x.box.X1 || l.Count == 0 || v.inTable(i) {
			continue
		}
		text := v.texts[i]
		switch {
		case caption.MatchString(text):
			if gap < near {
				best, near = i, gap-4*height // before any other line
			}
		case l.Count > titleWords || gap > 2.5*height:
		case gap < near && v.heads(i):
			best, near = i, gap
		case gap < near:
			best, near = -1, gap // running text is right above the table
		}
	}
	if best < 0 {
		return nil
	}
	return v.lineWords(best)
}
