package manual

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// Totals count what is in the library, whichever process read it.
type Totals struct {
	Manuals   map[Status]int
	Pages     int // of the documents that were opened
	Read      int // pages whose text was extracted
	Failed    int // of these, pages that could not be read
	OCRWaits  int // pages that wait for OCR or are in it
	OCRDone   int
	OCRFailed int
}

// Totals returns the totals. It reads a row per manual, none per page.
func (s *Service) Totals(ctx context.Context) (Totals, error) {
	t := Totals{Manuals: map[Status]int{}}
	for _, status := range []Status{Queued, Processing, Ready, Failed, "quarantined"} {
		t.Manuals[status] = 0
	}
	rows, err := s.pool.Query(ctx, `
		SELECT status, count(*), sum(pages), sum(pages_done), sum(pages_failed), sum(ocr_waiting), sum(ocr_done), sum(ocr_failed)
		FROM manual WHERE draft_of IS NULL GROUP BY status`)
	if err != nil {
		return t, postgres.Translate(err)
	}
	var status Status
	var n, pages, read, failed, waits, done, ocrFailed int
	_, err = pgx.ForEachRow(rows, []any{&status, &n, &pages, &read, &failed, &waits, &done, &ocrFailed}, func() error {
		t.Manuals[status] = n
		t.Pages += pages
		t.Read += read
		t.Failed += failed
		t.OCRWaits += waits
		t.OCRDone += done
		t.OCRFailed += ocrFailed
		return nil
	})
	return t, postgres.Translate(err)
}

// Originals reports whether the library has manuals, and whether an original of
// those that were added last is stored here: the store of another library has
// none of them.
func (s *Service) Originals(ctx context.Context) (expected, found bool, err error) {
	rows, err := s.pool.Query(ctx, `SELECT sha256 FROM manual WHERE draft_of IS NULL ORDER BY created_at DESC, id DESC LIMIT 20`)
	if err != nil {
		return false, false, postgres.Translate(err)
	}
	hashes, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return false, false, postgres.Translate(err)
	}
	for _, sha := range hashes {
		f, err := s.blobs.Open(ctx, originalKey(sha))
		if err == nil {
			f.Close()
			return true, true, nil
		}
		if !errdefs.Is(err, errdefs.NotFound) {
			return true, false, err
		}
	}
	return len(hashes) > 0, false, nil
}
