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

// indexText makes the pages that are stored by now searchable, or changes
// nothing. It holds the manual's lock throughout: pages that come meanwhile wait
// for it, some seconds at worst.
//
// The codes' job is enqueued with it. It finds its work done, since the pages are at
// hand here, unless that failed or this process has ended meanwhile.
func (s *Service) indexText(ctx context.Context, args indexArgs) error {
	if err := s.showBegin(ctx, args.runArgs, StageIndex); err != nil {
		return err
	}
	of, err := s.storeIndex(ctx, args)
	if err != nil {
		return err
	}
	if err := s.storeCodes(ctx, codesArgs(args), of); err != nil && !errors.Is(err, errOvertaken) && ctx.Err() == nil {
		s.log.WarnContext(ctx, "the error codes are read by a job of their own", "manual", args.ManualID, "error", err)
	}
	return nil
}

// indexedText is what the index was made of last.
type indexedText struct {
	version int32
	pages   []pdf.Page
}

func (s *Service) storeIndex(ctx context.Context, args indexArgs) (of indexedText, err error) {
	available := s.ocrAvailable(ctx)
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := lockRun(ctx, tx, args.runArgs)
		if err != nil {
			return err
		}
		if row.IndexedVersion == row.TextVersion {
			return errOvertaken
		}
		began := time.Now()
		q := db.New(tx)
		if err := takeOCR(ctx, q, row.ID); err != nil {
			return err
		}
		pages, err := storedPages(ctx, q, row.ID, false)
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
		indexed, err := s.index.IndexText(ctx, tx, source)
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
		of = indexedText{row.IndexedVersion, pages}
		if err := s.enqueue(ctx, tx, codesArgs(args)); err != nil {
			return err
		}
		return s.settle(ctx, tx, row, facts{ocr: available, indexed: true})
	})
	return of, err
}

// indexCodes makes the error-code index of the text that is indexed.
func (s *Service) indexCodes(ctx context.Context, args codesArgs) error {
	if err := s.showBegin(ctx, args.runArgs, StageCodes); err != nil {
		return err
	}
	return s.storeCodes(ctx, args, indexedText{})
}

// storeCodes reads the error codes of the indexed text, which is read from the
// database when it is not what of holds.
func (s *Service) storeCodes(ctx context.Context, args codesArgs, of indexedText) error {
	f := facts{ocr: s.ocrAvailable(ctx)}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := lockRun(ctx, tx, args.runArgs)
		if err != nil {
			return err
		}
		if row.CodesVersion == row.IndexedVersion {
			return errOvertaken
		}
		if of.version != row.IndexedVersion {
			// Not those that were stored since: their turn comes with their index.
			if of.pages, err = storedPages(ctx, db.New(tx), row.ID, true); err != nil {
				return err
			}
		}
		source, err := sourceOf(row, of.pages)
		if err != nil {
			return err
		}
		if _, err := s.index.IndexCodes(ctx, tx, source); err != nil {
			return err
		}
		row.CodesVersion = row.IndexedVersion
		row.Generation++
		if err := printPages(ctx, db.New(tx), row, of.pages); err != nil {
			return err
		}
		f.covered = s.hasCover(ctx, row)
		return s.settle(ctx, tx, row, f)
	})
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

// takeOCR makes what OCR has found the text of its pages.
func takeOCR(ctx context.Context, q *db.Queries, id uuid.UUID) error {
	const fetch = 32
	for {
		rows, err := q.OCRResults(ctx, db.OCRResultsParams{ManualID: id, MaxRows: fetch})
		if err != nil {
			return err
		}
		for _, r := range rows {
			p, err := decodePage(r.OcrLayout)
			if err != nil {
				return fmt.Errorf("manual: OCR of page %d: %w", r.Number, err)
			}
			if err := q.TakeOCR(ctx, db.TakeOCRParams{
				ManualID: id, Number: r.Number, Quality: string(judgePage(&p)), Untrusted: untrusted(&p),
			}); err != nil {
				return err
			}
		}
		if len(rows) < fetch {
			return nil
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
