package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Sheet is a page of WriteScans.
type Sheet struct {
	Lines []string // 74 characters at most, 43 of them at most; one that starts with # is bold
	// Turned is how many quarter turns clockwise the sheet lay on the glass.
	Turned int
	// Stamp is a line of text over the picture, such as web sites add.
	Stamp string
}

// WriteScans writes a PDF file of typed, copied and scanned sheets without a text
// layer, the same bytes each time.
func WriteScans(w io.Writer, title string, sheets []Sheet) error {
	pdf := fpdf.New("P", "pt", "Letter", "")
	made := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	pdf.SetCreationDate(made)
	pdf.SetModificationDate(made)
	pdf.SetCatalogSort(true)
	pdf.SetTitle(title, true)
	pdf.SetFont("Helvetica", "", 8)
	pdf.SetAutoPageBreak(false, 0)
	for i, s := range sheets {
		picture, err := scan{lines: s.Lines}.picture()
		if err != nil {
			return err
		}
		size := fpdf.SizeType{Wd: 612, Ht: 792}
		if s.Turned&1 == 1 {
			size = fpdf.SizeType{Wd: 792, Ht: 612}
		}
		if s.Turned&3 != 0 {
			if picture, err = turned(picture, s.Turned&3); err != nil {
				return err
			}
		}
		pdf.AddPageFormat("P", size)
		name := fmt.Sprint("sheet", i)
		options := fpdf.ImageOptions{ImageType: "JPEG"}
		pdf.RegisterImageOptionsReader(name, options, bytes.NewReader(picture))
		pdf.ImageOptions(name, 0, 0, size.Wd, size.Ht, false, options, 0, "")
		if s.Stamp != "" {
			pdf.Text(8, size.Ht-8, s.Stamp)
		}
	}
	return pdf.Output(w)
}

// turned turns a JPEG clockwise by quarters of a full turn.
func turned(picture []byte, quarters int) ([]byte, error) {
	img, err := jpeg.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	for range quarters {
		b := img.Bounds()
		out := image.NewGray(image.Rect(0, 0, b.Dy(), b.Dx()))
		for y := range b.Dy() {
			for x := range b.Dx() {
				out.Set(b.Dy()-1-y, x, img.At(x, y))
			}
		}
		img = out
	}
	var out bytes.Buffer
	err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 70})
	return out.Bytes(), err
}
