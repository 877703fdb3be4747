package ocr

import (
	"context"
	"image"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// pageMode is how tesseract divides a picture (--psm).
type pageMode int

const (
	modeDirection pageMode = 0  // nothing is read, only which way is up
	modeAuto      pageMode = 3  // columns and blocks
	modeSparse    pageMode = 11 // as much text as there is, anywhere
)

// work reads one page.
type work struct {
	run      tesseract
	status   Status
	sheet    picture
	page     *pdf.Page
	language string
}

const (
	// minPicture is the size in pixels below which a picture holds no text.
	minPicture = 12
	// minTableRulings is how many rulings of each direction tables have. With them a
	// page is read as sparse text: tesseract's own idea of columns loses cells, and
	// the rulings say better what belongs together.
	minTableRulings = 2
)

func (w *work) read(ctx context.Context) (pdf.Reading, error) {
	var out pdf.Reading
	for _, region := range w.page.OCR {
		part := w.sheet.crop(region)
		if part.Rect.Dx() < minPicture || part.Rect.Dy() < minPicture {
			continue
		}
		r, err := w.readPart(ctx, part, w.wholePage(region))
		if err != nil {
			return pdf.Reading{}, err
		}
		out.Words = append(out.Words, r.Words...)
		out.Rulings = append(out.Rulings, r.Rulings...)
		if len(w.page.OCR) == 1 {
			out.Skew = r.Skew
		}
	}
	return out, nil
}

// wholePage reports whether a region is most of the page: only then may it lie on
// its side.
func (w *work) wholePage(b pdf.Box) bool {
	return (b.X1-b.X0)*(b.Y1-b.Y0) > 0.8*w.page.Width*w.page.Height
}

// readPart reads one region.
func (w *work) readPart(ctx context.Context, part picture, whole bool) (pdf.Reading, error) {
	limit := inkLevel(part.Gray)
	level, upright := part.rulings(limit)
	part.erase(level, limit, false)
	part.erase(upright, limit, true)
	mode := modeAuto
	if !whole || len(level) >= minTableRulings && len(upright) >= minTableRulings {
		mode = modeSparse
	}
	pack := w.status.pack(w.language)
	words, err := w.run.read(ctx, part.encode(), pack, mode, part.dpi())
	if err != nil {
		return pdf.Reading{}, err
	}
	quarters := 0
	if whole && doubtful(words) && w.status.packs[orientation] {
		quarters, err = w.run.direction(ctx, part.encode(), part.dpi())
		if err != nil {
			return pdf.Reading{}, err
		}
		if quarters != 0 {
			turned := part.turned(quarters)
			again, err := w.run.read(ctx, turned.encode(), pack, mode, part.dpi())
			if err != nil {
				return pdf.Reading{}, err
			}
			if worth(again) > worth(words) {
				words = again
			} else {
				quarters = 0
			}
		}
	}
	out := pdf.Reading{Rulings: part.boxes(level, upright), Skew: skew(words)}
	words = credible(words, part.table(level, upright))
	turns := turnsOf(words)
	if quarters != 0 || slices.ContainsFunc(turns, func(t uint8) bool { return t != 0 }) {
		out.Skew = 0 // was measured along the picture's rows
	}
	for i, x := range words {
		b := part.turnBack(x.box, quarters)
		out.Words = append(out.Words, pdf.ReadWord{
			Word: pdf.Word{Text: x.text, Box: part.box(b), Confidence: uint8(max(x.confidence, 1))},
			// Text that has to be turned clockwise runs counter-clockwise on the page.
			Turn: (turns[i] + uint8(quarters)) & 3,
		})
	}
	return out, nil
}

// What is taken for text. Tesseract reads letters into hatching, threads and
// dust: such words stand alone, or in lines of their kind, and it is not sure of
// them. A doubtful word in a sound line stays, with its confidence: a sentence
// without one of its numbers would say something else.
const (
	minLineConfidence = 60 // mean of a line
	minLoneConfidence = 70 // of a word that stands alone
	minCellConfidence = 40 // of a line in a table
	minSignConfidence = 85 // of signs without a letter or digit
)

// credible returns the words that are text. Inside of a table even a digit that
// stands alone is likely to be one.
func credible(words []word, table image.Rectangle) []word {
	var out []word
	for from := 0; from < len(words); {
		to := from + 1
		for to < len(words) && words[to].line == words[from].line {
			to++
		}
		line := slices.DeleteFunc(slices.Clone(words[from:to]), func(w word) bool {
			return !lettered(w.text) && w.confidence < minSignConfidence
		})
		from = to
		limit := float64(minLineConfidence)
		if len(line) == 1 || signs(line) <= 2 {
			limit = minLoneConfidence
		}
		if len(line) > 0 && line[0].box.In(table) {
			limit = minCellConfidence
		}
		if len(line) > 0 && mean(line) >= limit {
			out = append(out, line...)
		}
	}
	return out
}

// turnsOf returns in which direction each word runs, as pdf.Line.Turn: tesseract
// reads lines that run up or down, and does not tell.
func turnsOf(words []word) []uint8 {
	out := make([]uint8, len(words))
	var count [4]int
	var unsure []int
	for from := 0; from < len(words); {
		to := from + 1
		for to < len(words) && words[to].line == words[from].line {
			to++
		}
		high, wide := 0, 0
		for _, w := range words[from:to] {
			if n := utf8.RuneCountInString(w.text); n < 3 {
				continue
			}
			if w.box.Dy() > w.box.Dx() {
				high++
			} else {
				wide++
			}
		}
		turn := uint8(0)
		if high > wide {
			const up, down = 1, 3
			switch a, b := words[from].box, words[to-1].box; {
			case a.Min.Y > b.Min.Y:
				turn = up
			case a.Min.Y < b.Min.Y:
				turn = down
			default:
				turn = up
				unsure = append(unsure, from)
			}
		}
		count[turn] += to - from
		for i := from; i < to; i++ {
			out[i] = turn
		}
		from = to
	}
	for _, i := range unsure { // a word that stands alone runs as the others do
		if count[3] > count[1] {
			out[i] = 3
		}
	}
	return out
}

func lettered(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return true
		}
	}
	return false
}

// mean returns the mean confidence of words, weighted by their length.
func mean(words []word) float64 {
	sum := 0.0
	for _, w := range words {
		sum += w.confidence * float64(utf8.RuneCountInString(w.text))
	}
	return sum / float64(max(signs(words), 1))
}

// signs counts the characters of words.
func signs(words []word) int {
	n := 0
	for _, w := range words {
		n += utf8.RuneCountInString(w.text)
	}
	return n
}

const (
	// doubtfulMean is the mean confidence below which a page may be upside down;
	// sound scans have 80 and more, those on their side 30 to 60.
	doubtfulMean = 70
	// minDoubtful is how many characters are enough to tell.
	minDoubtful = 40
)

func doubtful(words []word) bool { return signs(words) >= minDoubtful && mean(words) < doubtfulMean }

// worth counts the characters that were read for certain, in words of some length.
func worth(words []word) int {
	n := 0
	for _, w := range words {
		if k := utf8.RuneCountInString(w.text); k >= 3 && w.confidence >= 75 {
			n += k
		}
	}
	return n
}

// skew returns how much the lines climb or fall: pixels down per pixel to the
// right.
func skew(words []word) float64 {
	type slope struct {
		value float64
		width int
	}
	var slopes []slope
	for from := 0; from < len(words); {
		to := from + 1
		for to < len(words) && words[to].line == words[from].line {
			to++
		}
		line := words[from:to]
		from = to
		const enough = 5
		if len(line) < enough || mean(line) < minLineConfidence {
			continue
		}
		// Least squares through the middles of the words' lower halves would do; the
		// ends of the line are as good, seen over many lines.
		a, b := middleOf(line[:2]), middleOf(line[len(line)-2:])
		if width := b.X - a.X; width > 0 {
			slopes = append(slopes, slope{float64(b.Y-a.Y) / float64(width), width})
		}
	}
	const lines = 4
	if len(slopes) < lines {
		return 0
	}
	slices.SortFunc(slopes, func(a, b slope) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	total := 0
	for _, s := range slopes {
		total += s.width
	}
	sum := 0
	for _, s := range slopes {
		if sum += s.width; 2*sum >= total {
			const level, most = 0.002, 0.1 // a tenth is no scan but a drawing
			if s.value > -level && s.value < level || s.value > most || s.value < -most {
				return 0
			}
			return s.value
		}
	}
	return 0
}

func middleOf(words []word) image.Point {
	b := words[0].box
	for _, w := range words[1:] {
		b = b.Union(w.box)
	}
	return image.Pt((b.Min.X+b.Max.X)/2, (b.Min.Y+b.Max.Y)/2)
}
