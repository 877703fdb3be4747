package demo

import "strings"

// cover is the first page; it carries no printed label.
type cover struct {
	maker, product string
	models         string
	kind           string // what the manual is
	number         string // document number and revision
	drawing        func(b *book, x, y, w, h float64)
	foot           string
}

func (c cover) draw(b *book) {
	b.barePage()
	b.labels[0] = "Cover"
	b.inChapter++ // the cover counts as the first page of the front matter
	b.fill(b.layout.accent)
	b.pdf.Rect(0, 0, b.pageWidth, 118, "F")
	b.ink(rgb{255, 255, 255})
	b.font("B", 30)
	b.put(margin, 66, c.maker)
	b.font("", 15)
	b.put(margin, 94, c.product)
	b.ink(rgb{})
	b.font("B", 24)
	b.put(margin, 176, c.kind)
	b.font("", 14)
	b.y = b.putLines(margin, 190, 14, b.wrap(c.models, b.width))
	c.drawing(b, margin+40, b.y+30, b.width-80, 300)
	b.font("", 10)
	b.put(margin, b.pageFloor-26, c.number)
	b.putLines(margin, b.pageFloor-16, 8, b.wrap(c.foot, b.width))
}

// tableOfContents lists chapters and sections with their printed labels.
type tableOfContents struct{}

func (tableOfContents) draw(b *book) {
	b.chapterTitle = b.layout.words.contents
	b.newPage()
	b.font("B", 18)
	b.put(b.x, b.y+18, b.layout.words.contents)
	b.y += 34
	for _, e := range b.previous {
		if e.level > 2 {
			continue
		}
		size, style, indent := 9.0, "", 16.0
		if e.level == 1 {
			size, style, indent = 10, "B", 0
			b.y += 3
		}
		b.need(size * leading)
		b.font(style, size)
		b.put(b.x+indent, b.y+size, e.title)
		dots := b.width - indent - b.widthOf(e.title) - b.widthOf(e.label) - 12
		if n := int(dots / b.widthOf(".")); n > 3 {
			b.pdf.Text(b.x+indent+b.widthOf(e.title)+5, b.y+size, strings.Repeat(".", n))
		}
		b.putRight(b.x+b.width, b.y+size, e.label)
		b.y += size * leading
	}
}
