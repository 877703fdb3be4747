package ocr

import (
	"context"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// pageMode is how tesseract divides a picture (--psm).
type pageMode int

const (
	modeAuto  pageMode = 3 // columns, blocks, tables
	modeBlock pageMode = 6 // one block of lines
)

// work reads one page.
type work struct {
	run      tesseract
	status   Status
	sheet    picture
	page     *pdf.Page
	language string
}

// minPicture is the size in pixels below which a picture holds no text.
const minPicture = 12

func (w *work) read(ctx context.Context) (pdf.Reading, error) {
	var out pdf.Reading
	for _, region := range w.page.OCR {
		part := w.sheet.crop(region)
		if part.Rect.Dx() < minPicture || part.Rect.Dy() < minPicture {
			continue
		}
		words, err := w.run.read(ctx, part.encode(), w.status.pack(w.language), modeAuto, part.dpi())
		if err != nil {
			return pdf.Reading{}, err
		}
		for _, x := range words {
			out.Words = append(out.Words, pdf.ReadWord{Word: pdf.Word{
				Text: x.text, Box: part.box(x.x0, x.y0, x.x1, x.y1), Confidence: uint8(max(x.confidence, 1)),
			}})
		}
	}
	return out, nil
}
