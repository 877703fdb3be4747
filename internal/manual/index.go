package manual

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
)

// indexText makes the pages that are stored by now searchable, and reads their codes,
// or changes nothing. It holds the manual's lock throughout: pages that come meanwhile
// wait for it, some seconds at worst.
//
// Where only the text could be indexed, the codes have a job of their own, which fails
// by itself.
func (s *Service) indexText(ctx context.Context, args indexArgs) error {
	if err := s.showBegin(ctx, args.runArgs, StageIndex); err != nil {
		return err
	}
	f := facts{ocr: s.ocrAvailable(ctx), indexed: true}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := lockRun(ctx, tx, args.runArgs)
		if err != nil {
			return err
		}
		if row.IndexedVersion == row.TextVersion {
			return errOvertaken
		}
		began := time.Now()
		q := db.New(tx)
		pages, err := s.textOf(ctx, q, row)
		if err != nil {
			return err
		}
		if err := markIndexed(ctx, q, row.ID, pages); err != nil {
			return err
		}
		source, err := sourceOf(row, pages)
		if err != nil {
			return err
		}
		indexed, err := s.index.Index(ctx, tx, source)
		if err != nil {
			return err
		}
		if err := s.propose(ctx, tx, row, pages); err != nil {
			return err
		}
		if !row.LanguageTold {
			row.Language = indexed.Language
		}
		row.IndexQueued, row.IndexedVersion = false, row.TextVersion
		row.IndexSeconds = float32(time.Since(began).Seconds())
		row.Generation++
		if indexed.Codes != nil {
			s.log.WarnContext(ctx, "the error codes are read by a job of their own", "manual", row.ID, "error", indexed.Codes)
			if err := s.enqueue(ctx, tx, codesArgs(args)); err != nil {
				return err
			}
			return s.settle(ctx, tx, row, f)
		}
		return s.codesRead(ctx, tx, row, pages, f)
	})
}

// textOf returns the pages of a locked manual as they are to be indexed, with what
// OCR has found by now.
func (s *Service) textOf(ctx context.Context, q *db.Queries, row db.Manual) ([]pdf.Page, error) {
	taken, err := takeOCR(ctx, q, row.ID)
	if err != nil {
		return nil, err
	}
	if pages := s.justRead.take(row); pages != nil && taken == 0 {
		return pages, nil
	}
	return storedPages(ctx, q, row.ID, false)
}

// indexCodes makes the error-code index of the text that is indexed, where that failed
// when the text was.
func (s *Service) indexCodes(ctx context.Context, args codesArgs) error {
	if err := s.showBegin(ctx, args.runArgs, StageCodes); err != nil {
		return err
	}
	f := facts{ocr: s.ocrAvailable(ctx)}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := lockRun(ctx, tx, args.runArgs)
		if err != nil {
			return err
		}
		if row.CodesVersion == row.IndexedVersion {
			return errOvertaken
		}
		// Not those that were stored since: their turn comes with their index.
		pages, err := storedPages(ctx, db.New(tx), row.ID, true)
		if err != nil {
			return err
		}
		source, err := sourceOf(row, pages)
		if err != nil {
			return err
		}
		if _, err := s.index.IndexCodes(ctx, tx, source); err != nil {
			return err
		}
		row.Generation++
		return s.codesRead(ctx, tx, row, pages, f)
	})
}

// codesRead notes that the codes of the indexed text are read, and settles the rest.
func (s *Service) codesRead(ctx context.Context, tx pgx.Tx, row db.Manual, pages []pdf.Page, f facts) error {
	row.CodesVersion = row.IndexedVersion
	if err := printPages(ctx, db.New(tx), row, pages); err != nil {
		return err
	}
	f.covered = s.hasCover(ctx, row)
	return s.settle(ctx, tx, row, f)
}

// showBegin shows that a stage is worked on if the manual has come to it; index
// and codes are also made in between.
func (s *Service) showBegin(ctx context.Context, args runArgs, stage Stage) error {
	_, err := s.begin(ctx, args, stage)
	if errors.Is(err, errOvertaken) {
		return nil
	}
	return err
}

// takeOCR makes what OCR has found the text of its pages, and says of how many.
func takeOCR(ctx context.Context, q *db.Queries, id uuid.UUID) (pages int, err error) {
	const fetch = 32
	for {
		rows, err := q.OCRResults(ctx, db.OCRResultsParams{ManualID: id, MaxRows: fetch})
		if err != nil {
			return pages, err
		}
		for _, r := range rows {
			p, err := decodePage(r.OcrLayout)
			if err != nil {
				return pages, fmt.Errorf("manual: OCR of page %d: %w", r.Number, err)
			}
			if err := q.TakeOCR(ctx, db.TakeOCRParams{
				ManualID: id, Number: r.Number, Quality: string(judgePage(&p)), Untrusted: untrusted(&p),
			}); err != nil {
				return pages, err
			}
		}
		if pages += len(rows); len(rows) < fetch {
			return pages, nil
		}
	}
}

// markIndexed notes that the pages are in the index, and stores their printed
// labels, which can only be told from all pages together.
func markIndexed(ctx context.Context, q *db.Queries, id uuid.UUID, pages []pdf.Page) error {
	set := db.MarkIndexedParams{ManualID: id, Numbers: make([]int32, len(pages)), Labels: make([]string, len(pages))}
	for i, label := range pdf.PrintedLabels(pages) {
		set.Numbers[i], set.Labels[i] = int32(pages[i].Number), noNUL(label)
	}
	return q.MarkIndexed(ctx, set)
}

func sourceOf(row db.Manual, pages []pdf.Page) (search.Source, error) {
	entries, err := outline(row)
	source := search.Source{ManualID: row.ID, Title: row.Title, Outline: entries, Pages: inOrder(pages)}
	if row.LanguageTold {
		source.Language = row.Language
	}
	return source, err
}

func inOrder(pages []pdf.Page) iter.Seq2[pdf.Page, error] {
	return func(yield func(pdf.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	}
}
