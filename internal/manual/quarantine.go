package manual

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// What the audit says of manuals. The detail of each entry is a decision.
const (
	actionQuarantined audit.Action = "manual.quarantined"
	actionReleased    audit.Action = "manual.released"
	actionDeleted     audit.Action = "manual.deleted"
)

// decision is the detail of an audit entry: which file it is about, since the
// manual may be gone when somebody asks, and why.
type decision struct {
	Title    string    `json:"title"`
	FileName string    `json:"file_name"`
	SHA256   string    `json:"sha256"` // of the file as it came
	Findings []Finding `json:"findings,omitempty"`
	Note     string    `json:"note,omitempty"`
}

func decisionOn(row db.Manual, found []Finding, note string) decision {
	return decision{row.Title, row.FileName, row.SourceSha256, found, note}
}

// maxNote is the longest note to a release, in bytes.
const maxNote = 1000

// Release lets a manual out of quarantine on the word of user: what was found in
// it so far holds it back no longer. It is screened once more before it is read,
// since what is found by then, such as a virus that the scanner did not know,
// nobody has released. The audit keeps who did it and the note, which may be
// empty. Releasing a manual again changes nothing.
//
// Errors: MANUAL_NOT_QUARANTINED when there is nothing to release, NOTE_INVALID.
func (s *Service) Release(ctx context.Context, id, user uuid.UUID, note string) (Manual, error) {
	note = cleanText(note)
	if len(note) > maxNote {
		return Manual{}, errdefs.New(errdefs.Invalid, "NOTE_INVALID", "The note can have %d bytes at most.", maxNote)
	}
	var out Manual
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := db.New(tx).LockManual(ctx, id)
		if err != nil {
			return rowError(err)
		}
		switch {
		case Status(row.Status) == Quarantined:
			row, err = s.release(ctx, tx, row, user, note)
		case row.ReleasedAt == nil:
			err = errdefs.New(errdefs.Conflict, "MANUAL_NOT_QUARANTINED",
				"This manual is not in quarantine, so there is nothing to release. List the manuals with the status quarantined.")
		}
		if err != nil {
			return err
		}
		out, err = s.one(ctx, tx, row)
		return err
	})
	return out, err
}

func (s *Service) release(ctx context.Context, tx pgx.Tx, row db.Manual, user uuid.UUID, note string) (db.Manual, error) {
	all := findings(row)
	var let []Finding // by this release
	for i := range all {
		if !all[i].Released {
			let = append(let, all[i])
		}
		all[i].Released = true
	}
	data, err := json.Marshal(all)
	if err != nil {
		return row, err
	}
	row, err = db.New(tx).Release(ctx, db.ReleaseParams{
		ID: row.ID, Findings: data, ReleasedBy: pgtype.UUID{Bytes: user, Valid: true},
	})
	if err != nil {
		return row, err
	}
	if err := audit.Record(ctx, tx, user, actionReleased, row.ID, decisionOn(row, let, note)); err != nil {
		return row, err
	}
	return row, s.enqueue(ctx, tx, screenArgs{runOf(row)})
}

// Audit returns what people and the program decided about a manual, oldest first;
// of a deleted one too.
func (s *Service) Audit(ctx context.Context, id uuid.UUID) ([]audit.Entry, error) {
	entries, err := audit.Of(ctx, s.pool, id)
	if err != nil || len(entries) > 0 {
		return entries, err
	}
	if _, err := db.New(s.pool).GetManual(ctx, id); err != nil {
		return nil, rowError(err)
	}
	return nil, nil
}
