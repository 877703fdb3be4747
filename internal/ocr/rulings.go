package ocr

import (
	"image"
	"slices"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// Rulings of tables, in inches unless said otherwise. Tesseract takes them for
// letters (| and l beside numbers) and loses the text of narrow cells beside them,
// so they are found here, painted over, and handed on as what they are.
const (
	minStroke   = 0.18 // pieces of a ruling that is not quite level
	minRuling   = 0.3
	maxThick    = 0.035
	rulingLevel = 0.02 // how far pieces of one ruling may be apart
)

// stroke is a ruling in pixels, upright or level.
type stroke struct {
	box    image.Rectangle
	thick  float64
	pieces []piece
}

// piece is a run of ink in one row, or in one column of an upright ruling.
type piece struct{ from, to, at, stroke int }

// inkLevel returns the brightness below which a pixel is ink: half-way between the
// paper and the darkest twentieth of what is not paper (after Otsu, but for two
// classes of very different size).
func inkLevel(g *image.Gray) uint8 {
	var hist [256]int
	w, h := g.Rect.Dx(), g.Rect.Dy()
	for y := 0; y < h; y += 3 {
		for _, v := range g.Pix[y*g.Stride : y*g.Stride+w] {
			hist[v]++
		}
	}
	total, sum := 0, 0.0
	for v, n := range hist {
		total += n
		sum += float64(v) * float64(n)
	}
	best, level := -1.0, 128
	below, belowSum := 0, 0.0
	for v, n := range hist {
		below += n
		belowSum += float64(v) * float64(n)
		if below == 0 || below == total {
			continue
		}
		a, b := belowSum/float64(below), (sum-belowSum)/float64(total-below)
		between := float64(below) * float64(total-below) * (a - b) * (a - b)
		if between > best {
			best, level = between, v
		}
	}
	return uint8(min(max(level+1, 60), 215))
}

// rulings finds the level and the upright rulings of the picture, whose ink is
// darker than limit.
func (p picture) rulings(limit uint8) (level, upright []stroke) {
	dpi := p.dpi()
	return strokes(p.Gray, limit, dpi, false), strokes(p.Gray, limit, dpi, true)
}

// strokes finds long thin ink along rows, or along columns.
func strokes(g *image.Gray, limit uint8, dpi float64, columns bool) []stroke {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	step, jump, n, m := 1, g.Stride, w, h
	if columns {
		step, jump, n, m = g.Stride, 1, h, w
	}
	shortest, level := int(minStroke*dpi), max(int(rulingLevel*dpi), 2)
	type open struct {
		from, to, at0, at1, ink int
		parent                  int
	}
	var all []open
	find := func(i int) int {
		for all[i].parent != i {
			i = all[i].parent
		}
		return i
	}
	var pieces, recent []piece // all, and those of the last rows
	for at := range m {
		keep := recent[:0]
		for _, r := range recent {
			if at-r.at <= 2 {
				keep = append(keep, r)
			}
		}
		recent = keep
		old := len(recent)
		row := g.Pix[at*jump:]
		for i := 0; i < n; i++ {
			// Look at one pixel in `shortest`: a run that long cannot hide between.
			probe := i + shortest - 1
			if probe >= n {
				break
			}
			if row[probe*step] >= limit {
				i = probe
				continue
			}
			from := probe
			for from > i && row[(from-1)*step] < limit {
				from--
			}
			to := probe + 1
			for to < n && row[to*step] < limit {
				to++
			}
			i = to
			if to-from < shortest {
				continue
			}
			own := -1
			for _, r := range recent[:old] {
				if r.from <= to+level && from <= r.to+level {
					s := find(r.stroke)
					if own < 0 {
						own = s
					} else if s != own {
						a, b := &all[own], all[s]
						a.from, a.to = min(a.from, b.from), max(a.to, b.to)
						a.at0, a.at1 = min(a.at0, b.at0), max(a.at1, b.at1)
						a.ink += b.ink
						all[s].parent = own
					}
				}
			}
			if own < 0 {
				own = len(all)
				all = append(all, open{from: from, to: to, at0: at, at1: at + 1, parent: own})
			}
			a := &all[own]
			a.from, a.to, a.at1 = min(a.from, from), max(a.to, to), max(a.at1, at+1)
			a.ink += to - from
			recent = append(recent, piece{from, to, at, own})
			pieces = append(pieces, piece{from, to, at, own})
		}
	}
	of := map[int][]piece{}
	for _, p := range pieces {
		root := find(p.stroke)
		of[root] = append(of[root], p)
	}
	var out []stroke
	for i, s := range all {
		length, spread := s.to-s.from, s.at1-s.at0
		thick := float64(s.ink) / float64(max(length, 1))
		if s.parent != i || float64(length) < minRuling*dpi || thick > maxThick*dpi {
			continue
		}
		// What the pieces climb beside their thickness is a tilt of at most two degrees.
		if climb := float64(spread) - thick; climb > 0.035*float64(length)+float64(level) {
			continue
		}
		b := image.Rect(s.from, s.at0, s.to, s.at1)
		if columns {
			b = image.Rect(s.at0, s.from, s.at1, s.to)
		}
		out = append(out, stroke{box: b, thick: thick, pieces: of[i]})
	}
	return out
}

// erase paints the rulings over with paper. Where a letter touches one, the ink
// across is thicker than the ruling, and stays.
func (p picture) erase(list []stroke, limit uint8, columns bool) {
	g := p.Gray
	step, jump, n := 1, g.Stride, g.Rect.Dy()
	if columns {
		step, jump, n = g.Stride, 1, g.Rect.Dx()
	}
	for _, s := range list {
		paper := p.paperBeside(s.box, columns)
		most := int(1.5*s.thick) + 2
		for _, c := range s.pieces {
			for i := c.from; i < c.to; i++ {
				a, b := c.at, c.at
				for a > 0 && c.at-a <= most && g.Pix[(a-1)*jump+i*step] < limit {
					a--
				}
				for b < n-1 && b-c.at <= most && g.Pix[(b+1)*jump+i*step] < limit {
					b++
				}
				if b-a >= most {
					continue
				}
				// A pixel more on both sides: the edge of a ruling is grey.
				for k := max(a-1, 0); k <= min(b+1, n-1); k++ {
					g.Pix[k*jump+i*step] = paper
				}
			}
		}
	}
}

// paperBeside returns the usual brightness beside a ruling.
func (p picture) paperBeside(b image.Rectangle, columns bool) uint8 {
	const away = 4
	var v []uint8
	at := func(x, y int) {
		if (image.Point{x, y}).In(p.Rect) {
			v = append(v, p.GrayAt(x, y).Y)
		}
	}
	if columns {
		for y := b.Min.Y; y < b.Max.Y; y += 5 {
			at(b.Min.X-away, y)
			at(b.Max.X+away, y)
		}
	} else {
		for x := b.Min.X; x < b.Max.X; x += 5 {
			at(x, b.Min.Y-away)
			at(x, b.Max.Y+away)
		}
	}
	if len(v) == 0 {
		return 255
	}
	slices.Sort(v)
	return v[len(v)*3/4]
}

// boxes returns the rulings as boxes of the page.
func (p picture) boxes(lists ...[]stroke) []pdf.Box {
	var out []pdf.Box
	for _, list := range lists {
		for _, s := range list {
			out = append(out, p.box(s.box))
		}
	}
	return out
}

// table returns what the rulings enclose, nothing where they are too few. After
// the picture was turned it is of no use, and the words are judged as others are.
func (p picture) table(level, upright []stroke) image.Rectangle {
	if len(level) < minTableRulings || len(upright) < minTableRulings {
		return image.Rectangle{}
	}
	var rows, columns image.Rectangle
	for _, s := range level {
		rows = rows.Union(s.box)
	}
	for _, s := range upright {
		columns = columns.Union(s.box)
	}
	return rows.Intersect(columns)
}
