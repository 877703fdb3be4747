package manual

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

const (
	// batchPages and batchTime say how many pages are stored at once, and how
	// long the first of them waits for that: progress is to be seen.
	batchPages = 8
	batchTime  = 500 * time.Millisecond
)

// extract stores the text of the pages that are not stored yet.
func (s *Service) extract(ctx context.Context, args extractArgs) error {
	row, err := s.begin(ctx, args.runArgs, StageExtract)
	if err != nil {
		return err
	}
	missing, err := missingPages(ctx, db.New(s.pool), row)
	if err != nil {
		return err
	}
	b := &batch{service: s, args: args.runArgs, whole: row.Pages == 0 && !row.DraftOf.Valid}
	defer func() { _ = b.wait() }() // it says the same to whoever adds pages
	if row.Pages == 0 || len(missing) > 0 {
		file, release, err := s.blobs.LocalFile(ctx, originalKey(row.Sha256))
		if err != nil {
			return err
		}
		defer release()
		err = s.pdf.Extract(ctx, file, pdf.ExtractOptions{Pages: missing}, pdf.Visitor{
			Document: func(d pdf.Document) error { return s.setDocument(ctx, args.runArgs, d) },
			Page:     func(p pdf.Page) error { return b.add(ctx, p) },
		})
		if err != nil {
			return err
		}
	}
	if err := b.flush(ctx); err != nil {
		return err
	}
	if err := b.wait(); err != nil {
		return err
	}
	// By itself: that the manual fails must not take pages along.
	return b.store(ctx, db.InsertPagesParams{}, facts{extracted: true, ocr: s.ocrAvailable(ctx)})
}

// missingPages returns the pages of an opened manual that are not stored, nil of
// one that was not opened.
func missingPages(ctx context.Context, q *db.Queries, row db.Manual) ([]pdf.Range, error) {
	if row.Pages == 0 {
		return nil, nil
	}
	stored, err := q.PageNumbers(ctx, row.ID)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	missing := []pdf.Range{}
	next := int32(1)
	for _, n := range append(stored, row.Pages+1) {
		if n > next {
			missing = append(missing, pdf.Range{First: int(next), Last: int(n - 1)})
		}
		next = n + 1
	}
	return missing, nil
}

func (s *Service) setDocument(ctx context.Context, args runArgs, d pdf.Document) error {
	if d.Pages <= 0 {
		return errdefs.New(errdefs.Invalid, "PDF_NO_PAGES", "The PDF has no pages. Check that it was downloaded or copied completely.")
	}
	for i := range d.Outline {
		d.Outline[i].Title = noNUL(d.Outline[i].Title)
	}
	if d.Outline == nil {
		d.Outline = []pdf.OutlineEntry{}
	}
	data, err := json.Marshal(d.Outline)
	if err != nil {
		return err
	}
	n, err := db.New(s.pool).SetDocument(ctx, db.SetDocumentParams{
		ID: args.ManualID, Run: args.Run, Pages: int32(d.Pages), Outline: data,
		ExtractorVersion: ExtractorVersion, PicturesVersion: PicturesVersion,
	})
	if err != nil {
		return postgres.Translate(err)
	}
	if n == 0 {
		return errOvertaken
	}
	return s.noteTitle(ctx, db.New(s.pool), args.ManualID, d.Title)
}

// batch collects pages until it is worth a transaction, and stores them while the
// next are read.
type batch struct {
	service *Service
	args    runArgs
	since   time.Time
	pages   db.InsertPagesParams
	storing chan error // of the pages before; nil when they are stored
	// whole says that all pages of the manual were added, and are in read.
	whole bool
	read  []pdf.Page
}

func (b *batch) add(ctx context.Context, p pdf.Page) error {
	layout, err := encodePage(&p)
	if err != nil {
		return err
	}
	if b.whole = b.whole && len(b.read) < justReadPages; b.whole {
		b.read = append(b.read, p)
	} else {
		b.read = nil
	}
	if len(b.pages.Numbers) == 0 {
		b.since = time.Now()
	}
	b.pages.Numbers = append(b.pages.Numbers, int32(p.Number))
	b.pages.Layouts = append(b.pages.Layouts, layout)
	b.pages.Errors = append(b.pages.Errors, noNUL(p.Error))
	b.pages.Qualities = append(b.pages.Qualities, string(judgePage(&p)))
	b.pages.Untrusted = append(b.pages.Untrusted, untrusted(&p))
	ocr := ""
	if len(p.OCR) > 0 && p.Error == "" {
		ocr = "waiting" // then queued, and done or failed
	}
	b.pages.Ocr = append(b.pages.Ocr, ocr)
	if len(b.pages.Numbers) < batchPages && time.Since(b.since) < batchTime {
		return nil
	}
	return b.flush(ctx)
}

// flush has the pages stored, once those before are.
func (b *batch) flush(ctx context.Context) error {
	if len(b.pages.Numbers) == 0 {
		return nil
	}
	if err := b.wait(); err != nil {
		return err
	}
	pages, done := b.pages, make(chan error, 1)
	b.pages, b.storing = db.InsertPagesParams{}, done
	go func() { done <- b.store(ctx, pages, facts{}) }()
	return nil
}

// wait returns when all pages that were to be stored are, or why they are not.
func (b *batch) wait() error {
	if b.storing == nil {
		return nil
	}
	err := <-b.storing
	b.storing = nil
	return err
}

// store stores pages and what follows from it.
func (b *batch) store(ctx context.Context, pages db.InsertPagesParams, f facts) error {
	return postgres.InTx(ctx, b.service.pool, func(tx pgx.Tx) error {
		row, err := lockStage(ctx, tx, b.args, StageExtract)
		if err != nil {
			return err
		}
		if len(pages.Numbers) > 0 {
			pages.ManualID = row.ID
			added, err := db.New(tx).InsertPages(ctx, pages)
			if err != nil {
				return err
			}
			f.newText = added > 0
			if err := keepPictures(ctx, tx, row); err != nil {
				return err
			}
		}
		if f.extracted && b.whole {
			b.service.justRead.put(row, b.read)
		}
		return b.service.settle(ctx, tx, row, f)
	})
}

// storedPages reads the stored pages of a manual in order, a few at a time: a
// page is up to some 100 kB of JSON. Labels and index both need all of them at
// once. With indexed it leaves out those that are not in the index yet.
func storedPages(ctx context.Context, q *db.Queries, id uuid.UUID, indexed bool) ([]pdf.Page, error) {
	const fetch = 32
	var pages []pdf.Page
	next := int32(1)
	for {
		rows, err := q.PagesFrom(ctx, db.PagesFromParams{ManualID: id, First: next, Indexed: indexed, MaxRows: fetch})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			p, err := decodePage(r.Layout)
			if err != nil {
				return nil, fmt.Errorf("manual: page %d: %w", r.Number, err)
			}
			pages = append(pages, p.Trusted())
			next = r.Number + 1
		}
		if len(rows) < fetch {
			return pages, nil
		}
	}
}

// encodePage returns the page as PostgreSQL takes it: its jsonb holds no NUL,
// which some PDFs have between letters.
func encodePage(p *pdf.Page) (string, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	if bytes.Contains(data, []byte(`\u0000`)) {
		p.Label, p.Error = noNUL(p.Label), noNUL(p.Error)
		for i := range p.Words {
			p.Words[i].Text = noNUL(p.Words[i].Text)
		}
		for _, t := range p.Tables {
			for _, r := range t.Rows {
				for i := range r.Cells {
					r.Cells[i].Text = noNUL(r.Cells[i].Text)
				}
			}
		}
		if data, err = json.Marshal(p); err != nil {
			return "", err
		}
	}
	return string(data), nil
}

func noNUL(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "")
}

func decodePage(layout []byte) (pdf.Page, error) {
	var p pdf.Page
	err := json.Unmarshal(layout, &p)
	return p, err
}
