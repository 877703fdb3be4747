package structure

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

const (
	// titleGap is how far above or below a drawing its title stands at most, in line
	// heights, and captionGap a numbered caption.
	titleGap, captionGap = 2.5, 4
	// scanShare is the part of a page that a picture of all of it covers, and
	// scanWords how many words such a page has at most when it is a drawing: more
	// are text.
	scanShare, scanWords = 0.6, 90
	// sameDrawing is how far the boxes of a picture that is on every page, such as a
	// logo, may differ, in points, and logoPages on how many pages it is.
	sameDrawing, logoPages = 6, 3
)

// figureCaption matches the numbered captions of figures.
var figureCaption = regexp.MustCompile(`(?i)^[<(]?(?:fig(?:ure|ura|\.)?|abb(?:ildung|\.)?|bild|ill(?:ustration|\.)?|drawing|diagram|schema|zeichnung|plate|afb(?:eelding|\.)?|rys\.?|рис\.?|kuva|ábra|şekil)\s*[A-Z]?\d+(?:[-–.]\d+)*\b`)

// drawingWords tell what a drawing shows, from its title or its section's: words
// and phrases.
var drawingWords = []struct {
	kind  DrawingKind
	words []string
}{
	{DrawingWiring, split("wiring, schematic, schematics, circuit diagram, ladder diagram, electrical diagram, connection diagram, block diagram, schaltplan, schaltpläne, stromlaufplan, verdrahtung, klemmenplan, anschlussplan, schaltschema, esquema eléctrico, diagrama eléctrico, cableado, schéma électrique, câblage, schema elettrico, bedrading")},
	{DrawingExploded, split("exploded, explosion view, explosion views, exploded view, parts view, parts breakdown, explosionszeichnung, explosionsdarstellung, einzelteile, despiece, vista explosionada, vue éclatée, éclaté, esploso, vista esplosa, subcomponents")},
	{DrawingLayout, split("layout, location, locations, dimensions, dimensional, outline, positions, components, identification, part names, clearances, board, terminal, front, rear, right side, left side, bottom, top, panel, piping, refrigerant circuit, water circuit, abmessungen, maße, anordnung, lage, übersicht, ansicht, frontansicht, kältekreislauf, dimensiones, medidas, disposición, ubicación, dimensions, disposition, emplacement, dimensioni, disposizione, afmetingen")},
}

// kindsOfSections are the drawings that sections of a type are made of.
var kindsOfSections = map[SectionType]DrawingKind{
	SectionWiring: DrawingWiring, SectionParts: DrawingExploded, SectionOverview: DrawingLayout, SectionSpecifications: DrawingLayout, SectionInstallation: DrawingLayout,
}

// readDrawings finds the drawings of a manual: the pictures on its pages but for
// those that every page has, and pages of a scan that are hardly text.
func (d *Document) readDrawings(pages []*page) {
	for i, v := range pages {
		boxes := slices.Clone(v.Drawings)
		if len(boxes) == 0 && v.ImageShare >= scanShare && len(v.Words) > 0 && len(v.Words) <= scanWords {
			boxes = []pdf.Box{{X1: v.Width, Y1: v.Height}}
		}
		slices.SortStableFunc(boxes, func(a, b pdf.Box) int {
			if math.Abs(a.Y0-b.Y0) > 10 {
				return int(math.Copysign(1, a.Y0-b.Y0))
			}
			return int(math.Copysign(1, a.X0-b.X0))
		})
		var used []int // lines that title a drawing of the page
		for _, b := range boxes {
			if isLogo(pages, i, b) || v.doubled(b) {
				continue
			}
			x := Drawing{Page: v.Number, Box: b, Section: sectionAt(d.Sections, pages, v.Number, b.Y1)}
			line := v.drawingTitle(b, used)
			if line >= 0 {
				used = append(used, line)
				x.Title = v.fact(v.lineWords(line))
			}
			x.Kind = d.kindOfDrawing(&x)
			if x.Title.Text == "" {
				x.Title = d.sectionTitle(&x)
			}
			d.Drawings = append(d.Drawings, x)
		}
	}
}

// isLogo reports whether a picture of page i is in the same place of other pages
// around it.
func isLogo(pages []*page, i int, b pdf.Box) bool {
	near := func(a, b float64) bool { return math.Abs(a-b) <= sameDrawing }
	n := 0
	for k := max(0, i-4); k <= min(len(pages)-1, i+4); k++ {
		if slices.ContainsFunc(pages[k].Drawings, func(o pdf.Box) bool {
			return near(o.X0, b.X0) && near(o.Y0, b.Y0) && near(o.X1, b.X1) && near(o.Y1, b.Y1)
		}) {
			n++
		}
	}
	small := (b.X1-b.X0)*(b.Y1-b.Y0) < 0.15*pages[i].Width*pages[i].Height
	return n >= logoPages && small
}

// drawingTitle returns the line that is the title of a picture: the nearest
// numbered caption below or above it, else a heading right above; -1 for none.
func (v *page) drawingTitle(b pdf.Box, used []int) int {
	best, near := -1, math.Inf(1)
	height := v.lineHeight()
	for i, l := range v.Lines {
		if v.furniture[i] || l.Cipher || l.Turn != 0 || l.Count == 0 || l.Count > titleWords || l.Box.X1 < b.X0-5 || l.Box.X0 > b.X1+5 || slices.Contains(used, i) || v.inTable(i) {
			continue
		}
		above, below := b.Y0-l.Box.Y1, l.Box.Y0-b.Y1
		gap := max(above, below)
		switch {
		case figureCaption.MatchString(v.texts[i]) && gap < captionGap*height:
			// Also inside, where the picture's frame is around it. Before any heading.
			if g := math.Abs(gap) - 10*height; g < near {
				best, near = i, g
			}
		case above >= -3 && above < titleGap*height && above < near && (l.Bold || l.FontSize > v.body+0.9) && !sentence(v.texts[i]) && !isSignal(v.texts[i]):
			best, near = i, above
		}
	}
	return best
}

// kindOfDrawing tells what a drawing shows from its title, else from its section.
func (d *Document) kindOfDrawing(x *Drawing) DrawingKind {
	kind := kindByWords(x.Title.Text)
	if x.Section < 0 {
		return kind
	}
	s := &d.Sections[x.Section]
	switch {
	case kind == DrawingWiring || kind == DrawingExploded:
		return kind
	case s.Type == SectionWiring || s.Type == SectionParts:
		return kindsOfSections[s.Type]
	case kind != DrawingOther:
		return kind
	}
	if kind := kindByWords(s.Title); kind != DrawingOther {
		return kind
	}
	if kind, ok := kindsOfSections[s.Type]; ok {
		return kind
	}
	return DrawingOther
}

func kindByWords(title string) DrawingKind {
	if title == "" {
		return DrawingOther
	}
	padded := " " + strings.Join(titleTokens(folded(title)), " ") + " "
	for _, k := range drawingWords {
		if slices.ContainsFunc(k.words, func(w string) bool { return strings.Contains(padded, " "+w+" ") }) {
			return k.kind
		}
	}
	return DrawingOther
}

// sectionTitle is the heading of the section that a drawing stands in, where the
// section begins on its page; zero otherwise.
func (d *Document) sectionTitle(x *Drawing) Fact {
	if x.Section < 0 {
		return Fact{}
	}
	s := &d.Sections[x.Section]
	if s.FirstPage != x.Page || len(s.Heading.Words) == 0 {
		return Fact{}
	}
	return Fact{Text: s.Title, Span: s.Heading}
}
