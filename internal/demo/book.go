package demo

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// All lengths are points; y grows downwards.
const (
	margin       = 54.0
	headerHeight = 66.0
	footerHeight = 60.0
	columnGap    = 22.0
	leading      = 1.28 // of the font size

	// procedureStart is the room a procedure needs on the page where it starts:
	// a heading that stands apart from its warnings and first step is no help.
	procedureStart = 210.0
)

type rgb [3]int

// wording is what the layout itself prints, in the manual's language.
type wording struct {
	contents, continued, figure, table, tools, duration, expected string
	danger, warning, caution, note                                string
}

// layout is how a manual looks.
type layout struct {
	paper  string // as fpdf names it
	family string // core font of the running text
	size   float64
	accent rgb
	words  wording
	// label prints the label of the n-th page of a chapter that is the n-th page
	// of the body; chapter 0 is the front matter.
	label func(chapter, inChapter, inBody int) string
	// pageLabels writes the labels into the file too, not only on the paper.
	pageLabels bool
	header     string
}

// block is a piece of content that draws itself at the book's cursor.
type block interface{ draw(b *book) }

// book is a manual being typeset.
type book struct {
	pdf    *fpdf.Fpdf
	encode func(string) string // UTF-8 to the core fonts' code page
	layout layout

	x, y, width float64 // the cursor and the width of the present column
	top         float64 // where columns start
	deepest     float64 // where the finished columns of this page end
	column      int
	columns     int

	chapter, section     int
	chapterTitle         string
	inChapter, inBody    int
	labels               []string // printed label per page
	figures, tables      int
	codes                []PrintedCode
	contents             []contentsEntry // headings met so far
	previous             []contentsEntry // headings of the pass before, for the table of contents
	pageWidth, pageFloor float64
}

type contentsEntry struct {
	level        int
	title, label string
	page         int
}

// typeset lays the blocks out twice: the table of contents needs the page
// numbers that only a first pass knows.
func typeset(l layout, m Manual, blocks []block) (*book, error) {
	var b *book
	for range 2 {
		var previous []contentsEntry
		if b != nil {
			previous = b.contents
		}
		b = newBook(l, m)
		b.previous = previous
		for _, bl := range blocks {
			bl.draw(b)
		}
		if err := b.pdf.Error(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func newBook(l layout, m Manual) *book {
	pdf := fpdf.New("P", "pt", l.paper, "")
	b := &book{pdf: pdf, layout: l, columns: 1}
	b.encode = pdf.UnicodeTranslatorFromDescriptor("cp1252")
	w, h := pdf.GetPageSize()
	b.pageWidth, b.pageFloor = w, h-footerHeight
	pdf.SetAutoPageBreak(false, 0)
	// A fixed date and sorted objects make the file the same each time.
	released := time.Date(2026, time.January, 15, 9, 0, 0, 0, time.UTC)
	pdf.SetCreationDate(released)
	pdf.SetModificationDate(released)
	pdf.SetCatalogSort(true)
	pdf.SetTitle(b.encode(m.Title), false)
	pdf.SetAuthor(b.encode(m.Manufacturer), false)
	pdf.SetCreator("Tech Copilot demo library", false)
	pdf.SetLang(m.Language)
	return b
}

// writeTo writes the finished file.
func (b *book) writeTo(w io.Writer) error {
	var file bytes.Buffer
	if err := b.pdf.Output(&file); err != nil {
		return err
	}
	out := file.Bytes()
	if b.layout.pageLabels {
		var err error
		if out, err = withPageLabels(out, b.labels); err != nil {
			return err
		}
	}
	_, err := w.Write(out)
	return err
}

// newPage starts a page with header and footer.
func (b *book) newPage() {
	label := b.numberedPage()
	b.rule(margin, 44, b.pageWidth-margin, 44, 0.8, b.layout.accent)
	b.font("", 8)
	b.put(margin, 38, b.layout.header)
	b.putRight(b.pageWidth-margin, 38, b.chapterTitle)
	floor := b.pageFloor + 26
	b.rule(margin, floor-12, b.pageWidth-margin, floor-12, 0.4, rgb{120, 120, 120})
	b.font("", 9)
	b.putCentered(b.pageWidth/2, floor, label)
}

// numberedPage starts a page that has a label, which it returns, but does not
// print it.
func (b *book) numberedPage() string {
	b.barePage()
	b.inChapter++
	if b.chapter > 0 {
		b.inBody++
	}
	label := b.layout.label(b.chapter, b.inChapter, b.inBody)
	b.labels[len(b.labels)-1] = label
	return label
}

// barePage starts a page with nothing on it.
func (b *book) barePage() {
	b.pdf.AddPage()
	b.labels = append(b.labels, "")
	b.x, b.y, b.width = margin, headerHeight, b.pageWidth-2*margin
	b.column, b.top, b.deepest = 0, headerHeight, 0
	if b.columns == 2 {
		b.width = (b.width - columnGap) / 2
	}
}

// need makes room for h points: in this column, the next one, or a new page.
func (b *book) need(h float64) {
	if b.y+h <= b.pageFloor {
		return
	}
	if b.columns == 2 && b.column == 0 {
		b.deepest = b.y
		b.column = 1
		b.x += b.width + columnGap
		b.y = b.top
		return
	}
	b.newPage()
}

func (b *book) font(style string, size float64) {
	b.pdf.SetFont(b.layout.family, style, size)
}

func (b *book) ink(c rgb)  { b.pdf.SetTextColor(c[0], c[1], c[2]) }
func (b *book) fill(c rgb) { b.pdf.SetFillColor(c[0], c[1], c[2]) }

// put prints one line with its base line at y.
func (b *book) put(x, y float64, s string) {
	b.pdf.Text(x, y, b.encode(s))
}

func (b *book) putRight(x, y float64, s string)    { b.put(x-b.widthOf(s), y, s) }
func (b *book) putCentered(x, y float64, s string) { b.put(x-b.widthOf(s)/2, y, s) }

func (b *book) widthOf(s string) float64 { return b.pdf.GetStringWidth(b.encode(s)) }

func (b *book) rule(x0, y0, x1, y1, width float64, c rgb) {
	b.pdf.SetDrawColor(c[0], c[1], c[2])
	b.pdf.SetLineWidth(width)
	b.pdf.Line(x0, y0, x1, y1)
}

// wrap breaks s into lines no wider than width in the present font. A line feed
// in s breaks too; a word wider than the line stands out of it.
func (b *book) wrap(s string, width float64) []string {
	var lines []string
	for _, part := range strings.Split(s, "\n") {
		line := ""
		for _, word := range strings.Fields(part) {
			longer := word
			if line != "" {
				longer = line + " " + word
			}
			if line != "" && b.widthOf(longer) > width {
				lines = append(lines, line)
				longer = word
			}
			line = longer
		}
		lines = append(lines, line)
	}
	return lines
}

// putLines prints wrapped lines from y downwards and returns where they end.
func (b *book) putLines(x, y, size float64, lines []string) float64 {
	for _, l := range lines {
		b.pdf.Text(x, y+size, b.encode(l))
		y += size * leading
	}
	return y
}

// flow prints text at the cursor, indented, breaking columns and pages.
func (b *book) flow(s, style string, size, indent float64) {
	b.font(style, size)
	for _, l := range b.wrap(s, b.width-indent) {
		b.need(size * leading)
		b.font(style, size)
		b.put(b.x+indent, b.y+size, l)
		b.y += size * leading
	}
}

type (
	// chapter starts a numbered chapter on a new page.
	chapter string
	// section is a numbered heading inside a chapter.
	section string
	// topic is a heading without a number, one level deeper.
	topic string
	// para is a paragraph.
	para string
	// bullets is a list; each entry may wrap.
	bullets []string
	// columns sets its blocks in two columns.
	columns []block
	// columnBreak goes on in the second column.
	columnBreak struct{}
	// step is one step of a procedure and what is seen when it went well.
	step struct{ do, expect string }
	// procedure is a numbered work instruction; its warnings come first.
	procedure struct {
		title, tools, duration string
		warnings               []notice
		steps                  []step
		after                  string
	}
	// notice is a boxed safety message.
	notice struct {
		level severity
		text  string
	}
	severity int
)

const (
	danger severity = iota
	warning
	caution
	note
)

func (c chapter) draw(b *book) {
	b.chapter++
	b.section, b.inChapter = 0, 0
	b.chapterTitle = string(c)
	b.newPage()
	title := fmt.Sprintf("%d  %s", b.chapter, string(c))
	b.heading(1, title, 20)
	b.rule(b.x, b.y, b.x+b.width, b.y, 2, b.layout.accent)
	b.y += 14
}

func (s section) draw(b *book) {
	b.section++
	b.y += 8
	b.need(70)
	b.heading(2, fmt.Sprintf("%d.%d  %s", b.chapter, b.section, string(s)), 13)
}

func (t topic) draw(b *book) {
	b.y += 4
	b.need(56)
	b.heading(3, string(t), 10.5)
}

func (b *book) heading(level int, title string, size float64) {
	b.font("B", size)
	b.ink(b.layout.accent)
	for i, l := range b.wrap(title, b.width) {
		if i == 0 {
			b.pdf.Bookmark(b.encode(title), level-1, b.y)
			b.contents = append(b.contents, contentsEntry{level, title, b.labels[len(b.labels)-1], b.pdf.PageNo()})
		}
		b.pdf.Text(b.x, b.y+size, b.encode(l))
		b.y += size * leading
	}
	b.y += 3
	b.ink(rgb{})
}

func (p para) draw(b *book) {
	b.flow(string(p), "", b.layout.size, 0)
	b.y += 6
}

func (l bullets) draw(b *book) {
	for _, s := range l {
		b.need(b.layout.size * leading)
		b.font("", b.layout.size)
		b.put(b.x+4, b.y+b.layout.size, "•")
		b.flow(s, "", b.layout.size, 16)
		b.y += 2
	}
	b.y += 4
}

func (c columns) draw(b *book) {
	b.need(120)
	b.top, b.deepest, b.columns = b.y, 0, 2
	full := b.width
	b.width = (full - columnGap) / 2
	for _, bl := range c {
		bl.draw(b)
	}
	b.columns, b.column = 1, 0
	b.x, b.width = margin, full
	b.y = max(b.y, b.deepest)
}

func (columnBreak) draw(b *book) { b.need(b.pageFloor) }

func (p procedure) draw(b *book) {
	b.need(procedureStart)
	section(p.title).draw(b)
	w := b.layout.words
	for _, line := range [][2]string{{w.tools, p.tools}, {w.duration, p.duration}} {
		if line[1] != "" {
			b.flow(line[0]+": "+line[1], "I", b.layout.size, 0)
		}
	}
	b.y += 4
	for _, n := range p.warnings {
		n.draw(b)
	}
	for i, s := range p.steps {
		b.step(i+1, s)
	}
	if p.after != "" {
		b.y += 2
		para(p.after).draw(b)
	}
	b.y += 4
}

func (b *book) step(n int, s step) {
	size := b.layout.size
	b.font("", size)
	height := float64(len(b.wrap(s.do, b.width-22))) * size * leading
	b.need(height)
	b.font("B", size)
	b.put(b.x, b.y+size, fmt.Sprintf("%d.", n))
	b.flow(s.do, "", size, 22)
	if s.expect != "" {
		b.flow(b.layout.words.expected+": "+s.expect, "I", size, 22)
	}
	b.y += 3
}

func (n notice) draw(b *book) {
	w := b.layout.words
	name := [...]string{w.danger, w.warning, w.caution, w.note}[n.level]
	band := [...]rgb{{200, 16, 30}, {240, 130, 20}, {250, 205, 40}, {40, 90, 170}}[n.level]
	size := b.layout.size
	b.font("", size)
	lines := b.wrap(n.text, b.width-16)
	height := 17 + float64(len(lines))*size*leading + 9
	b.need(height + 6)
	b.fill(band)
	b.pdf.Rect(b.x, b.y, b.width, 17, "F")
	b.pdf.SetDrawColor(band[0], band[1], band[2])
	b.pdf.SetLineWidth(1)
	b.pdf.Rect(b.x, b.y, b.width, height, "D")
	textColour := rgb{255, 255, 255}
	if n.level == warning || n.level == caution {
		textColour = rgb{}
	}
	b.ink(textColour)
	b.font("B", 10.5)
	b.put(b.x+24, b.y+12.5, name)
	b.alertSign(b.x+8, b.y+3, textColour)
	b.ink(rgb{})
	b.font("", size)
	b.putLines(b.x+8, b.y+20, size, lines)
	b.y += height + 7
}

// alertSign draws the triangle with the exclamation mark.
func (b *book) alertSign(x, y float64, c rgb) {
	b.pdf.SetDrawColor(c[0], c[1], c[2])
	b.pdf.SetLineWidth(1)
	b.pdf.Polygon([]fpdf.PointType{{X: x, Y: y + 11}, {X: x + 6, Y: y}, {X: x + 12, Y: y + 11}}, "D")
	b.pdf.Line(x+6, y+4, x+6, y+7.5)
	b.pdf.Line(x+6, y+8.8, x+6, y+9.6)
}
