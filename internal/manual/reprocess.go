package manual

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// A manual that is read again is read beside itself. A draft, a row of its own that
// nobody is shown, goes through the stages of every manual; when it is complete, the
// job "manual.adopt" gives its pages and its index to the manual in one transaction.
// Until then the manual is asked and shown as it was, so that a kill leaves the old
// or the new, and a draft that fails changes nothing but what is said of it. Whoever
// locks both locks the manual first.

// The versions of the code that reads. A manual is outdated when an older one has
// read it.
const (
	// ExtractorVersion is to be raised whenever the pages, the index or the rows of a
	// manual would come out better. Version 1 is release 0.1.0, which screened nothing
	// and saw no pictures.
	ExtractorVersion = 2
	// PicturesVersion is to be raised when the OCR of the same page would come out
	// better: until then it is not repeated.
	PicturesVersion = 1
)

// Reprocessing is how far a manual that is read again is.
type Reprocessing struct {
	Status Status // Queued, Processing, Ready for what waits for OCR, or Failed
	// Error says why the reading failed or waits; the manual is as it was. Nil otherwise.
	Error      *Failure
	Pages      int // 0 until the file was opened
	PagesDone  int
	OCRWaiting int
	Progress   Progress
	StartedAt  time.Time
	UpdatedAt  time.Time
}

// Running reports whether there is more to come without anybody's doing.
func (r *Reprocessing) Running() bool { return r != nil && r.Status != Failed }

// ReprocessOptions say how a manual is read again.
type ReprocessOptions struct {
	User uuid.UUID // who wants it; LocalUser when zero
	// Pictures has OCR read all pictures again too. Otherwise it reads those that it
	// has not read, or that the page is now divided into otherwise.
	Pictures bool
}

// Outdated reports whether the manual was read by older code than there is.
func (m *Manual) Outdated() bool {
	return m.ExtractorVersion > 0 && m.ExtractorVersion < ExtractorVersion
}

// Reprocess has a manual read again from its original, in the background, and
// returns at once. It is asked as it was until the new text is complete. A manual
// that is being read again is left to it; a reading that failed goes on from where it
// failed, or begins anew when it was another program's.
//
// Errors: MANUAL_NOT_FOUND, MANUAL_QUARANTINED, MANUAL_NOT_READ before it was read
// for the first time.
func (s *Service) Reprocess(ctx context.Context, id uuid.UUID, o ReprocessOptions) (Manual, error) {
	if o.User == uuid.Nil {
		o.User = LocalUser
	}
	available := s.ocrAvailable(ctx)
	var out Manual
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		row, err := lockShown(ctx, q, id)
		if err != nil {
			return err
		}
		if err := s.reprocess(ctx, tx, row, o, available); err != nil {
			return err
		}
		if row, err = q.GetManual(ctx, id); err != nil {
			return err
		}
		out, err = s.one(ctx, tx, row)
		return err
	})
	return out, err
}

// lockShown locks a manual that is no draft.
func lockShown(ctx context.Context, q *db.Queries, id uuid.UUID) (db.Manual, error) {
	row, err := q.LockManual(ctx, id)
	if err == nil && row.DraftOf.Valid {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return row, rowError(err)
	}
	return row, nil
}

// reprocess begins or resumes the reading of a locked manual.
func (s *Service) reprocess(ctx context.Context, tx pgx.Tx, row db.Manual, o ReprocessOptions, available bool) error {
	switch {
	case Status(row.Status) == Quarantined:
		return errdefs.New(errdefs.Conflict, codeQuarantined,
			"%q is in quarantine and is not read. Look at what was found in it, and release it if it can be trusted.", row.Title)
	case row.Pages == 0:
		return errdefs.New(errdefs.Conflict, "MANUAL_NOT_READ",
			"%q was not read for the first time yet. Wait until it is, or retry it if it has failed.", row.Title)
	}
	q := db.New(tx)
	draft, err := q.LockDraft(ctx, row.ID)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return err
	case draft.ExtractorVersion == 0 || draft.ExtractorVersion == ExtractorVersion && draft.KeepsPictures == !o.Pictures:
		if Status(draft.Status) == Failed || Status(draft.Status) != Ready && draft.ErrorCode != "" {
			return s.resume(ctx, tx, draft, available)
		}
		return nil
	}
	// A draft that is left is an older program's, or one that was to do other things.
	if _, err := q.DeleteDraft(ctx, row.ID); err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if err := q.InsertDraft(ctx, db.InsertDraftParams{ID: id, ManualID: row.ID, KeepsPictures: !o.Pictures, CreatedBy: o.User}); err != nil {
		return err
	}
	return s.enqueue(ctx, tx, screenArgs{runArgs{ManualID: id, Draft: true}})
}

// CancelReprocessing ends the reading again of a manual, which stays as it is; also
// one that has failed. Where there is none it changes nothing.
//
// Errors: MANUAL_NOT_FOUND.
func (s *Service) CancelReprocessing(ctx context.Context, id uuid.UUID) (Manual, error) {
	var out Manual
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		row, err := lockShown(ctx, q, id)
		if err != nil {
			return err
		}
		n, err := q.DeleteDraft(ctx, id)
		if err != nil {
			return err
		}
		if n > 0 {
			if err := s.judgeAgain(ctx, tx, id); err != nil {
				return err
			}
			if row, err = q.GetManual(ctx, id); err != nil {
				return err
			}
		}
		out, err = s.one(ctx, tx, row)
		return err
	})
	return out, err
}

// Reprocessed counts what ReprocessAll did.
type Reprocessed struct {
	Begun   int // manuals that are read again now, those that were before among them
	Refused int // manuals that were deleted or held back meanwhile
}

// ReprocessAll has all manuals that were read once read again, or the outdated ones,
// each on its own: what was begun before an error goes on, and doing it again begins
// the others.
func (s *Service) ReprocessAll(ctx context.Context, outdated bool, o ReprocessOptions) (n Reprocessed, err error) {
	ids, err := db.New(s.pool).Rereadable(ctx, db.RereadableParams{Outdated: outdated, ExtractorVersion: ExtractorVersion})
	if err != nil {
		return n, postgres.Translate(err)
	}
	for _, id := range ids {
		switch _, err := s.Reprocess(ctx, id, o); {
		case err == nil:
			n.Begun++
		case errdefs.Is(err, errdefs.Conflict), errdefs.Is(err, errdefs.NotFound):
			n.Refused++
		default:
			return n, err
		}
	}
	return n, nil
}

// keepPictures takes over what OCR has made of pictures that are the same as before.
func keepPictures(ctx context.Context, tx pgx.Tx, row db.Manual) error {
	if !row.DraftOf.Valid || !row.KeepsPictures {
		return nil
	}
	_, err := db.New(tx).KeepPictures(ctx, row.ID)
	return err
}

// reprocessing adds to the manuals how far their drafts are.
func reprocessing(drafts []db.Manual, at map[uuid.UUID]*Manual) {
	for _, d := range drafts {
		r := &Reprocessing{
			Status: Status(d.Status), Pages: int(d.Pages), PagesDone: int(d.PagesDone), OCRWaiting: int(d.OcrWaiting),
			Progress: progress(d, time.Now()), StartedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
		}
		if d.ErrorCode != "" {
			r.Error = &Failure{d.ErrorCode, d.ErrorMessage}
		}
		at[uuid.UUID(d.DraftOf.Bytes)].Reprocessing = r
	}
}

// adoptArgs name a draft, and its run that came to an end.
type adoptArgs struct{ runArgs }

// Kind implements river.JobArgs.
func (adoptArgs) Kind() string { return "manual.adopt" }

// codeReadWorse is the error of a draft that must not replace what there is.
const codeReadWorse = "READ_WORSE"

const actionReprocessed audit.Action = "manual.reprocessed"

// adopt gives the manual what its draft has read, or says of it what became of that.
// It may be killed and run again: the draft is there until it is done.
func (s *Service) adopt(ctx context.Context, args adoptArgs) error {
	available := s.ocrAvailable(ctx)
	draft, err := db.New(s.pool).GetReading(ctx, args.ManualID)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !draft.DraftOf.Valid {
		return errOvertaken
	}
	if err != nil {
		return postgres.Translate(err)
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		row, err := q.LockManual(ctx, uuid.UUID(draft.DraftOf.Bytes))
		if err == nil {
			draft, err = q.LockDraft(ctx, row.ID)
		}
		if errors.Is(err, pgx.ErrNoRows) || err == nil && (draft.ID != args.ManualID || draft.Run != args.Run) {
			return errOvertaken
		}
		if err != nil {
			return err
		}
		switch Status(draft.Status) {
		case Ready:
			return s.take(ctx, tx, row, draft, available)
		case Quarantined:
			return s.quarantineRead(ctx, tx, row, draft)
		case Failed:
			return s.judgeAgain(ctx, tx, row.ID)
		case Queued, Processing:
		}
		return errOvertaken // it was resumed
	})
}

// take decides about a locked manual's complete draft, which is locked too.
func (s *Service) take(ctx context.Context, tx pgx.Tx, row, draft db.Manual, available bool) error {
	q := db.New(tx)
	switch {
	case Status(row.Status) == Quarantined:
		_, err := q.DeleteDraft(ctx, row.ID)
		return err
	case row.LanguageTold && (!draft.LanguageTold || draft.Language != row.Language), !row.LanguageTold && draft.LanguageTold:
		// Somebody has said another language meanwhile: the index is to be made for it.
		draft.Language, draft.LanguageTold = row.Language, row.LanguageTold
		if err := q.UpdateManual(ctx, db.UpdateManualParams{
			ID: draft.ID, Title: draft.Title, Type: draft.Type, Revision: draft.Revision,
			Language: draft.Language, LanguageTold: draft.LanguageTold,
		}); err != nil {
			return err
		}
		return s.settle(ctx, tx, draft, facts{newText: true, ocr: available})
	case draft.OcrWaiting > 0 && draft.OcrDone < row.OcrDone:
		return nil // its turn comes when there is tesseract again
	case draft.PagesFailed > row.PagesFailed, draft.OcrFailed > row.OcrFailed, draft.Pages < row.Pages:
		if err := q.FailDraft(ctx, db.FailDraftParams{ID: draft.ID, Code: codeReadWorse, Message: readWorse(row, draft)}); err != nil {
			return err
		}
		return s.judgeAgain(ctx, tx, row.ID)
	}
	return s.exchange(ctx, tx, row, draft)
}

func readWorse(row, draft db.Manual) string {
	if draft.Pages < row.Pages {
		return errdefs.New(errdefs.Invalid, codeReadWorse,
			"The manual has %d pages as it is read now and had %d, so that nothing was exchanged. Look at its original.", draft.Pages, row.Pages).Message
	}
	return errdefs.New(errdefs.Invalid, codeReadWorse,
		"%d pages could not be read this time that could be before, so that nothing was exchanged. Start it again; if it ends the same way, report it with the file.",
		max(draft.PagesFailed-row.PagesFailed, draft.OcrFailed-row.OcrFailed)).Message
}

// exchange puts the draft's pages and index in the place of the manual's.
func (s *Service) exchange(ctx context.Context, tx pgx.Tx, row, draft db.Manual) error {
	q := db.New(tx)
	if err := s.index.Adopt(ctx, tx, row.ID, draft.ID); err != nil {
		return err
	}
	if err := q.DeletePages(ctx, row.ID); err != nil {
		return err
	}
	if err := q.MovePages(ctx, db.MovePagesParams{ManualID: row.ID, DraftID: draft.ID}); err != nil {
		return err
	}
	if err := q.DeletePrints(ctx, row.ID); err != nil {
		return err
	}
	if err := q.MovePrints(ctx, db.MovePrintsParams{ManualID: row.ID, DraftID: draft.ID}); err != nil {
		return err
	}
	if err := q.TakeDraft(ctx, row.ID); err != nil {
		return err
	}
	if _, err := q.DeleteDraft(ctx, row.ID); err != nil {
		return err
	}
	before := row.ExtractorVersion
	row, err := q.GetManual(ctx, row.ID)
	if err != nil {
		return err
	}
	if err := s.proposeAgain(ctx, tx, row); err != nil {
		return err
	}
	c, err := q.CountPages(ctx, db.CountPagesParams{ManualID: row.ID, Doubtful: doubtful})
	if err != nil {
		return err
	}
	row.PagesDone, row.PagesFailed = int32(c.Done), int32(c.Failed)
	row.OcrWaiting, row.OcrDone, row.OcrFailed = int32(c.Waiting+c.Queued), int32(c.OcrDone), int32(c.OcrFailed)
	if err := s.save(ctx, tx, &row, c); err != nil {
		return err
	}
	err = audit.Record(ctx, tx, draft.CreatedBy, actionReprocessed, row.ID, map[string]any{
		"title": row.Title, "file_name": row.FileName, "from_version": before, "to_version": row.ExtractorVersion, "generation": row.Generation,
	})
	if err != nil {
		return err
	}
	if err := s.enqueueCompare(ctx, tx, row.ID); err != nil {
		return err
	}
	return s.tell(ctx, tx, EventReprocessed, row)
}

// proposeAgain renews the proposal that a manual without models has, from the pages
// that it has now.
func (s *Service) proposeAgain(ctx context.Context, tx pgx.Tx, row db.Manual) error {
	q := db.New(tx)
	if has, err := q.HasModels(ctx, row.ID); err != nil || has {
		return err
	}
	pages, err := storedPages(ctx, q, row.ID, true)
	if err != nil {
		return err
	}
	return s.propose(ctx, tx, row, pages)
}

// quarantineRead holds a manual back in which something was found when it was read
// again: a release before 0.2 did not look, and scanners learn.
func (s *Service) quarantineRead(ctx context.Context, tx pgx.Tx, row, draft db.Manual) error {
	if _, err := db.New(tx).DeleteDraft(ctx, row.ID); err != nil {
		return err
	}
	if Status(row.Status) == Quarantined {
		return nil
	}
	v := verdict{all: findings(draft)}
	for _, f := range v.all {
		if !f.Released {
			v.fresh = append(v.fresh, f)
		}
	}
	row.Run++ // what is still being read of it has nothing to do
	c, err := db.New(tx).CountPages(ctx, db.CountPagesParams{ManualID: row.ID, Doubtful: doubtful})
	if err != nil {
		return err
	}
	if err := s.save(ctx, tx, &row, c); err != nil {
		return err
	}
	return s.quarantine(ctx, tx, row, v)
}

// failAdopt notes that a draft could not be taken over.
func (s *Service) failAdopt(ctx context.Context, args adoptArgs, cause error) error {
	e := errdefs.As(cause)
	ctx, cancel := outliving(ctx)
	defer cancel()
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		draft, err := q.GetReading(ctx, args.ManualID)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := q.LockManual(ctx, uuid.UUID(draft.DraftOf.Bytes)); err != nil {
			return rowError(err)
		}
		if err := q.FailDraft(ctx, db.FailDraftParams{ID: draft.ID, Code: e.Code, Message: noNUL(e.Message)}); err != nil {
			return err
		}
		return s.judgeAgain(ctx, tx, uuid.UUID(draft.DraftOf.Bytes))
	})
}

func nullable(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: id != uuid.Nil} }
