package manual

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// Page returns the text of page n (PDF page number, 1 is the first) and its
// printed label, "" when that is not known. PAGE_NOT_FOUND says how many pages
// there are, PAGE_NOT_READY that the page has not been read yet.
func (s *Service) Page(ctx context.Context, id uuid.UUID, n int) (p pdf.Page, label string, err error) {
	row, err := s.rowWithPage(ctx, id, n)
	if err != nil {
		return pdf.Page{}, "", err
	}
	stored, err := db.New(s.pool).GetPage(ctx, db.GetPageParams{ManualID: row.ID, Number: int32(n)})
	if errors.Is(err, pgx.ErrNoRows) {
		return pdf.Page{}, "", pageNotReady(n)
	}
	if err != nil {
		return pdf.Page{}, "", postgres.Translate(err)
	}
	p, err = decodePage(stored.Layout)
	return p.Trusted(), stored.Label, err
}

// rowWithPage returns the manual if it has a page n.
func (s *Service) rowWithPage(ctx context.Context, id uuid.UUID, n int) (db.Manual, error) {
	row, err := db.New(s.pool).GetManual(ctx, id)
	if err != nil {
		return row, rowError(err)
	}
	if err := servable(row); err != nil {
		return row, err
	}
	switch {
	case n < 1, row.Pages > 0 && n > int(row.Pages):
		return row, errdefs.New(errdefs.NotFound, "PAGE_NOT_FOUND",
			"%q has no page %d: it has the pages 1 to %d, counted from the first of the file.", row.Title, n, row.Pages).
			With("pages", row.Pages)
	case row.Pages == 0:
		return row, pageNotReady(n)
	}
	return row, nil
}

func pageNotReady(n int) error {
	return errdefs.New(errdefs.Unavailable, "PAGE_NOT_READY", "Page %d has not been read yet. Try again when the manual is ready.", n)
}

// ImageOptions say how a page is shown.
type ImageOptions struct {
	// Width is the image's width in pixels, MinImageWidth to MaxImageWidth;
	// DefaultImageWidth when 0.
	Width      int
	Highlights []pdf.Box // drawn in; points, as in pdf.Page
	// IfNoneMatch is an ETag that the caller has the image for, or empty.
	IfNoneMatch string
}

// The widths of a page image, in pixels. The default shows the small print of
// an A4 page on a phone when zoomed once; the most is 350 dpi on A4.
const (
	MinImageWidth     = 200
	DefaultImageWidth = 1200
	MaxImageWidth     = 3000
)

const (
	maxHighlights = 500
	// imageVersion is part of each ETag and cache key: raise it when the same
	// page would be drawn differently.
	imageVersion = 1
)

// PageImage returns page n (PDF page number) as a PNG, and its ETag, quoted as
// in HTTP. With the ETag of ImageOptions.IfNoneMatch it returns no image. Each
// image is drawn once and then kept within ImageBudget.
func (s *Service) PageImage(ctx context.Context, id uuid.UUID, n int, o ImageOptions) (png []byte, etag string, err error) {
	if o.Width == 0 {
		o.Width = DefaultImageWidth
	}
	if o.Width < MinImageWidth || o.Width > MaxImageWidth {
		return nil, "", errdefs.New(errdefs.Invalid, "IMAGE_WIDTH_INVALID", "The width must be %d to %d pixels.", MinImageWidth, MaxImageWidth)
	}
	if err := checkHighlights(o.Highlights); err != nil {
		return nil, "", err
	}
	row, err := s.rowWithPage(ctx, id, n)
	if err != nil {
		return nil, "", err
	}
	name, err := imageName(row.Sha256, n, o)
	if err != nil {
		return nil, "", err
	}
	etag = `"` + name + `"`
	if o.IfNoneMatch == etag {
		return nil, etag, nil
	}
	png, err = s.images.get(ctx, row.Sha256, name, func(ctx context.Context) ([]byte, error) {
		file, release, err := s.blobs.LocalFile(ctx, originalKey(row.Sha256))
		if err != nil {
			return nil, err
		}
		defer release()
		return s.pdf.Render(ctx, file, pdf.RenderOptions{Page: n, Width: o.Width, Highlights: o.Highlights})
	})
	return png, etag, err
}

func checkHighlights(boxes []pdf.Box) error {
	if len(boxes) > maxHighlights {
		return errdefs.New(errdefs.Invalid, "HIGHLIGHTS_INVALID", "At most %d boxes can be highlighted on a page.", maxHighlights)
	}
	for _, b := range boxes {
		for _, v := range []float64{b.X0, b.Y0, b.X1, b.Y1} {
			if math.IsNaN(v) || math.Abs(v) > 1e5 {
				return errdefs.New(errdefs.Invalid, "HIGHLIGHTS_INVALID", "A highlighted box lies off any page. Give x0, y0, x1, y1 in points.")
			}
		}
	}
	return nil
}

// imageName identifies an image by everything that it is made of.
func imageName(sha string, page int, o ImageOptions) (string, error) {
	boxes, err := json.Marshal(o.Highlights)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %d %d %s", imageVersion, sha, page, o.Width, boxes))
	return hex.EncodeToString(sum[:16]), nil
}

// PageInfo is what is known about how a page was read.
type PageInfo struct {
	Number  int    // PDF page number, 1 is the first
	Label   string // printed page label, "" when not known
	Quality PageQuality
	// Confidence is the mean confidence of the words read by OCR, 0 to 100; 0 when
	// there are none.
	Confidence float64
	OCR        string // "", waiting, queued, done or failed
	OCRError   string // why the OCR failed
	Error      string // why the page could not be read
}

// PageFilter selects pages.
type PageFilter struct {
	Quality PageQuality // "" for all
	After   int         // the last page number of the page before
	Limit   int         // 100 when 0, 1,000 at most
}

// Pages returns the pages of a manual that have been read, in order, and the
// After of the next ones, 0 after the last.
func (s *Service) Pages(ctx context.Context, id uuid.UUID, f PageFilter) (pages []PageInfo, next int, err error) {
	if f.Quality != "" && !slices.Contains(PageQualities, f.Quality) {
		return nil, 0, errdefs.New(errdefs.Invalid, "QUALITY_INVALID", "%q is no quality of a page. Use text, ocr, mixed, unreadable or blank.", string(f.Quality))
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	f.Limit = min(f.Limit, 1000)
	q := db.New(s.pool)
	row, err := q.GetManual(ctx, id)
	if err != nil {
		return nil, 0, rowError(err)
	}
	rows, err := q.ListPages(ctx, db.ListPagesParams{ManualID: row.ID, After: int32(f.After), Quality: string(f.Quality), MaxRows: int32(f.Limit) + 1})
	if err != nil {
		return nil, 0, postgres.Translate(err)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = int(rows[f.Limit-1].Number)
	}
	pages = make([]PageInfo, len(rows))
	for i, r := range rows {
		pages[i] = PageInfo{int(r.Number), r.Label, PageQuality(r.Quality), confidence(r.Confidence), r.Ocr, r.OcrError, r.Error}
	}
	return pages, next, nil
}

// PageInfo returns what is known about how page n was read.
func (s *Service) PageInfo(ctx context.Context, id uuid.UUID, n int) (PageInfo, error) {
	row, err := s.rowWithPage(ctx, id, n)
	if err != nil {
		return PageInfo{}, err
	}
	r, err := db.New(s.pool).GetPage(ctx, db.GetPageParams{ManualID: row.ID, Number: int32(n)})
	if errors.Is(err, pgx.ErrNoRows) {
		return PageInfo{}, pageNotReady(n)
	}
	if err != nil {
		return PageInfo{}, postgres.Translate(err)
	}
	return PageInfo{n, r.Label, PageQuality(r.Quality), confidence(r.Confidence), r.Ocr, r.OcrError, r.Error}, nil
}

func confidence(c pgtype.Float4) float64 {
	return math.Round(10*float64(c.Float32)) / 10
}
