package pdf

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	// labelMargin is the part of the page's height, at its top and bottom, in
	// which page numbers are looked for.
	labelMargin = 0.12
	// minLabelRun is how many pages must count on before a number is taken for
	// a page number, minRomanRun before a Roman one is, which count by chance even
	// less, and maxLabelGap how many may lack it in between.
	minLabelRun = 4
	minRomanRun = 3
	maxLabelGap = 3
	// spreadRatio is how much wider than high a page is that shows two printed pages
	// side by side, and acrossShare the part of its words that may cross their fold.
	spreadRatio = 1.15
	acrossShare = 0.03
	// labelShift is how far, in points, page numbers may be from the place of the
	// others.
	labelShift = 6
)

// pageNumber matches a printed page number: 12, A12, 3-12, EN-12.
var pageNumber = regexp.MustCompile(`^(?:([A-Za-z]{0,3})|([A-Za-z0-9]{1,3})([-–.]))(\d{1,4})$`)

// captionWord matches what stands before a number that is not the page's.
var captionWord = regexp.MustCompile(`^(fig|figs|figure|figura|abb|abbildung|bild|image|table|tab|tabelle|tableau|tabla|chapter|kapitel|chapitre|section|abschnitt|step|schritt|part|teil|note|item|no|nr|rev|revision|version|ver|v)[.:]?$`)

// PrintedLabels returns the label that is printed on each page of a document,
// "" where it is not known. The file's own labels are taken where it has any
// that say more than the count of pages; else the numbers in the pages' headers
// and footers that prove to be page numbers: at least four, in the same place of
// their pages (or mirrored), that count on with the pages, by one each or, such
// as 3-12, within a chapter and from one chapter to the next. A number that
// begins a text, such as a chapter's heading, is none unless the same text goes
// with other numbers. Nothing is filled in: a page between numbered ones that
// does not show its own number has no label, and neither has one of which two
// numbers are equally likely. A document that the manual encloses, and that counts
// its own pages, does not name them.
func PrintedLabels(pages []Page) []string {
	out := make([]string, len(pages))
	own := false
	for i, p := range pages {
		out[i] = p.Label
		own = own || p.Label != "" && p.Label != strconv.Itoa(p.Number)
	}
	if own {
		return out
	}
	clear(out)

	leaves, of := printedPages(pages)
	for i, label := range countingLabels(leaves) {
		switch k := of[i]; {
		case label == "":
		case out[k] == "":
			out[k] = label
		default:
			out[k] += "–" + label
		}
	}
	return out
}

// printedPages divides the pages that show two printed pages side by side into
// their halves, and numbers all in reading order. of tells which of the pages each
// is of.
func printedPages(pages []Page) (out []Page, of []int) {
	for i := range pages {
		p := &pages[i]
		halves := []Page{*p}
		if p.isSpread() {
			left, right := Page{Width: p.Width / 2, Height: p.Height}, Page{Width: p.Width / 2, Height: p.Height}
			for _, w := range p.Words {
				if w.Box.X0+w.Box.X1 < p.Width {
					left.Words = append(left.Words, w)
					continue
				}
				w.Box = w.Box.move(-p.Width/2, 0)
				right.Words = append(right.Words, w)
			}
			halves = []Page{left, right}
		}
		for _, h := range halves {
			h.Number = len(out) + 1
			out, of = append(out, h), append(of, i)
		}
	}
	if len(out) == len(pages) {
		return pages, of // as they are numbered: some may be missing
	}
	return out, of
}

// isSpread reports whether the page shows two printed pages side by side: it is
// wide, and hardly a word crosses its middle.
func (p *Page) isSpread() bool {
	if p.Height <= 0 || p.Width < spreadRatio*p.Height {
		return false
	}
	left, right, across := 0, 0, 0
	for _, w := range p.Words {
		switch {
		case w.Box.X1 <= p.Width/2:
			left++
		case w.Box.X0 >= p.Width/2:
			right++
		default:
			across++
		}
	}
	return left > 0 && right > 0 && float64(across) <= acrossShare*float64(len(p.Words))
}

// countingLabels returns the numbers in headers and footers that prove to be page
// numbers, see PrintedLabels.
func countingLabels(pages []Page) []string {
	out := make([]string, len(pages))
	numbers := make([][]*marginNumber, len(pages))
	for i := range pages {
		numbers[i] = marginNumbers(&pages[i])
	}
	for i, drop := range changingTexts(numbers) {
		numbers[i] = slices.DeleteFunc(numbers[i], func(n *marginNumber) bool { return drop[n] })
	}
	chain(numbers)
	bound := spans(numbers)
	for i, all := range numbers {
		best := 0
		for _, n := range all {
			switch run := n.run(); {
			case run < n.least() || inLonger(bound, n):
			case run > best:
				out[i], best = n.text, run
			case run == best && out[i] != n.text:
				out[i] = ""
			}
		}
	}
	return out
}

// marginNumber is a number in the header or footer of a page.
type marginNumber struct {
	text    string // as printed
	style   string // what stays the same: the letters before it, the separator
	chapter string // of a number by chapter
	number  int
	roman   bool
	page    int    // PDF page number
	beside  string // the text that it is part of, in lower case, without the number

	width, y, x0, x1 float64 // of the page; y is from the nearer edge, negative from the bottom

	before, after int // how many pages count up to it, and on from it
}

// run is how many pages show numbers that count up to this one and on from it.
func (n *marginNumber) run() int { return n.before + n.after + 1 }

// least is how long the run must be for n to be a page number.
func (n *marginNumber) least() int {
	if n.roman {
		return minRomanRun
	}
	return minLabelRun
}

// marginNumbers returns what can be a page number in the page's header and footer.
func marginNumbers(p *Page) []*marginNumber {
	var out []*marginNumber
	for i, w := range p.Words {
		mid := (w.Box.Y0 + w.Box.Y1) / 2
		if mid > labelMargin*p.Height && mid < (1-labelMargin)*p.Height {
			continue
		}
		text := strings.Trim(w.Text, "-–—|•·[]()")
		if before, _, ok := strings.Cut(text, "/"); ok { // 5/13
			text = before
		}
		n := &marginNumber{text: text, page: p.Number, width: p.Width, y: mid, x0: w.Box.X0, x1: w.Box.X1}
		if mid > p.Height/2 {
			n.y = mid - p.Height
		}
		if m := pageNumber.FindStringSubmatch(text); m != nil {
			var err error
			if n.number, err = strconv.Atoi(m[4]); err != nil {
				continue
			}
			n.style, n.chapter = m[1]+m[3], m[2]
		} else if n.number = romanNumber(text); n.number == 0 {
			continue
		} else {
			n.roman, n.style = true, "roman"
			if text == strings.ToUpper(text) {
				n.style = "ROMAN"
			}
		}
		var caption bool
		if n.beside, caption = besides(p, i); !caption {
			out = append(out, n)
		}
	}
	return out
}

// romanNumber reads a Roman number in one case, up to 89; 0 when it is none.
func romanNumber(s string) int {
	if len(s) == 0 || len(s) > 7 || s != strings.ToLower(s) && s != strings.ToUpper(s) {
		return 0
	}
	digits := map[byte]int{'i': 1, 'v': 5, 'x': 10, 'l': 50}
	n := 0
	lower := strings.ToLower(s)
	for i := range len(lower) {
		d := digits[lower[i]]
		switch {
		case d == 0:
			return 0
		case i+1 < len(lower) && digits[lower[i+1]] > d:
			n -= d
		default:
			n += d
		}
	}
	if n < 1 || roman(n) != lower {
		return 0
	}
	return n
}

// roman writes a number below 90 as a Roman one.
func roman(n int) string {
	var sb strings.Builder
	for _, d := range []struct {
		value int
		text  string
	}{{50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"}, {5, "v"}, {4, "iv"}, {1, "i"}} {
		for ; n >= d.value; n -= d.value {
			sb.WriteString(d.text)
		}
	}
	return sb.String()
}

// besides returns the text that goes on at the word without a wide gap, to its
// left and right, and whether the word before says that the number is no page's.
func besides(p *Page, at int) (text string, caption bool) {
	box := p.Words[at].Box
	height := box.Y1 - box.Y0
	var left, right []Word
	for i, w := range p.Words {
		if mid := (w.Box.Y0 + w.Box.Y1) / 2; i == at || mid < box.Y0 || mid > box.Y1 {
			continue
		}
		if w.Box.X0 >= box.X1-1 {
			right = append(right, w)
		} else if w.Box.X1 <= box.X0+1 {
			left = append(left, w)
		}
	}
	slices.SortFunc(left, func(a, b Word) int { return int(math.Copysign(1, b.Box.X1-a.Box.X1)) })
	slices.SortFunc(right, func(a, b Word) int { return int(math.Copysign(1, a.Box.X0-b.Box.X0)) })
	const wide = 2.5 // heights: more than the space behind a heading's number
	var words []string
	for edge := box.X0; len(left) > 0 && edge-left[0].Box.X1 < wide*height; left = left[1:] {
		if len(words) == 0 {
			caption = captionWord.MatchString(strings.ToLower(left[0].Text))
		}
		words, edge = append(words, left[0].Text), left[0].Box.X0
	}
	slices.Reverse(words)
	words = append(words, "#")
	for edge := box.X1; len(right) > 0 && right[0].Box.X0-edge < wide*height; right = right[1:] {
		words, edge = append(words, right[0].Text), right[0].Box.X1
	}
	if len(words) == 1 {
		return "", caption
	}
	return strings.ToLower(strings.Join(words, " ")), caption
}

// changingTexts returns the numbers, per page, that are part of a text which no
// other page nearby has with another number: headings, steps, sentences.
func changingTexts(numbers [][]*marginNumber) []map[*marginNumber]bool {
	out := make([]map[*marginNumber]bool, len(numbers))
	for i, all := range numbers {
		out[i] = map[*marginNumber]bool{}
		for _, n := range all {
			if n.beside == "" {
				continue
			}
			recurs := false
			for j := max(0, i-1-maxLabelGap); j <= min(len(numbers)-1, i+1+maxLabelGap) && !recurs; j++ {
				recurs = j != i && slices.ContainsFunc(numbers[j], func(o *marginNumber) bool { return o.beside == n.beside && o.text != n.text })
			}
			out[i][n] = !recurs
		}
	}
	return out
}

// chain finds for each number the longest run of pages that counts up to it and
// on from it.
func chain(numbers [][]*marginNumber) {
	for i, all := range numbers {
		for _, n := range all {
			for j := max(0, i-1-maxLabelGap); j < i; j++ {
				for _, o := range numbers[j] {
					if n.follows(o) {
						n.before = max(n.before, o.before+1)
					}
				}
			}
		}
	}
	for i := len(numbers) - 1; i >= 0; i-- {
		for _, n := range numbers[i] {
			for j := i + 1; j <= min(len(numbers)-1, i+1+maxLabelGap); j++ {
				for _, o := range numbers[j] {
					if o.follows(n) {
						n.after = max(n.after, o.after+1)
					}
				}
			}
		}
	}
}

// follows reports whether n is what the page of n shows when the page of o, which
// is before it, shows o.
func (n *marginNumber) follows(o *marginNumber) bool {
	pages := n.page - o.page
	if pages < 1 || n.style != o.style || !n.inPlaceOf(o) {
		return false
	}
	if n.chapter == o.chapter {
		return n.number-o.number == pages
	}
	chapters := chapterNumber(n.chapter) - chapterNumber(o.chapter)
	return chapterNumber(o.chapter) > 0 && chapters >= 1 && n.number >= 1 && chapters-1+n.number <= pages
}

// chapterNumber counts chapters that are numbered or lettered; other prefixes,
// such as a language, do not count on.
func chapterNumber(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	if len(s) == 1 {
		return int(strings.ToUpper(s)[0]-'A') + 1
	}
	return -1
}

// inPlaceOf reports whether both numbers stand in the same place of their pages,
// as printed on one side or, mirrored, on both.
func (n *marginNumber) inPlaceOf(o *marginNumber) bool {
	near := func(a, b float64) bool { return math.Abs(a-b) <= labelShift }
	if math.Signbit(n.y) != math.Signbit(o.y) || !near(n.y, o.y) {
		return false
	}
	if near(n.x0, o.x0) || near(n.x1, o.x1) || near((n.x0+n.x1)/2, (o.x0+o.x1)/2) {
		return true
	}
	return (n.page-o.page)%2 == 1 && (near(n.x0, o.width-o.x1) || near(n.x1, o.width-o.x0))
}

// series names the numbers that may belong together although pages without any
// part them: the same difference from the PDF page number, or by chapter.
type series struct {
	style     string
	byChapter bool
	offset    int
}

func (n *marginNumber) series() series {
	if n.chapter != "" {
		return series{style: n.style, byChapter: true}
	}
	return series{style: n.style, offset: n.number - n.page}
}

// labelSpan is where in the document a series is, and on how many pages.
type labelSpan struct{ first, last, pages int }

// spans returns the series that have a run of pages that is long enough.
func spans(numbers [][]*marginNumber) map[series]labelSpan {
	out := map[series]labelSpan{}
	for _, all := range numbers {
		seen := map[series]bool{}
		for _, n := range all {
			key := n.series()
			if n.run() < n.least() || seen[key] {
				continue
			}
			seen[key] = true
			x, ok := out[key]
			if !ok {
				x.first = n.page
			}
			x.last, x.pages = n.page, x.pages+1
			out[key] = x
		}
	}
	return out
}

// inLonger reports whether the number stands amid a longer series: a document
// counts its pages in one way, and what it encloses may count in another.
func inLonger(all map[series]labelSpan, n *marginNumber) bool {
	own := all[n.series()].pages
	for _, x := range all {
		if x.first <= n.page && n.page <= x.last && x.pages > own {
			return true
		}
	}
	return false
}
