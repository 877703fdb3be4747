package manual

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// The events that others are told of, each with an Announcement.
const (
	EventProcessed   = "manual.processed"   // it is ready
	EventFailed      = "manual.failed"      // and its error says why
	EventQuarantined = "manual.quarantined" // until somebody releases it
	EventReprocessed = "manual.reprocessed" // it was read again, and its pages may say more
	EventSuperseded  = "manual.superseded"  // another manual is asked instead, see Announcement.SupersededBy
)

// Events lists every event.
var Events = []string{EventProcessed, EventFailed, EventQuarantined, EventReprocessed, EventSuperseded}

// hooks tells others. *webhook.Service is one.
type hooks interface {
	// Emit has the event told if and when tx commits.
	Emit(ctx context.Context, tx pgx.Tx, event string, subject uuid.UUID, payload any) error
}

// Announcement is what is told of a settled manual. It is JSON to the outside:
// fields may be added, none changes its meaning.
type Announcement struct {
	ID          uuid.UUID        `json:"id"`
	Title       string           `json:"title"`
	FileName    string           `json:"file_name"`
	Models      []announcedModel `json:"models"`
	Status      Status           `json:"status"`
	Error       *announcedError  `json:"error,omitempty"`
	Pages       int              `json:"pages"`
	PagesFailed int              `json:"pages_failed"`
	OCRQuality  string           `json:"ocr_quality"`
	NeedsReview bool             `json:"needs_review"`
	// SupersededBy is the id of the manual that is asked instead.
	SupersededBy *uuid.UUID          `json:"superseded_by,omitempty"`
	Links        announcedManualLink `json:"links"`
}

type announcedModel struct {
	Manufacturer string `json:"manufacturer"`
	Name         string `json:"name"`
}

type announcedError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type announcedManualLink struct {
	Self string `json:"self"` // below the server's own address, which the server does not know
}

// announce tells of a manual that tx settles; row is the manual as tx leaves it.
// Of one that is not settled it tells nothing. A draft is nobody's business: what
// became of it is made its manual's.
func (s *Service) announce(ctx context.Context, tx pgx.Tx, row db.Manual) error {
	event := map[Status]string{Ready: EventProcessed, Failed: EventFailed, Quarantined: EventQuarantined}[Status(row.Status)]
	if event == "" {
		return nil
	}
	if row.DraftOf.Valid {
		return s.enqueue(ctx, tx, adoptArgs{runOf(row)})
	}
	if event == EventProcessed {
		if err := s.enqueueCompare(ctx, tx, row.ID); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, event, row)
}

// tell has those told of an event who want to hear of it.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, event string, row db.Manual) error {
	if s.hooks == nil {
		return nil
	}
	models, err := db.New(tx).ModelsOf(ctx, []uuid.UUID{row.ID})
	if err != nil {
		return postgres.Translate(err)
	}
	a := Announcement{
		ID: row.ID, Title: row.Title, FileName: row.FileName, Models: make([]announcedModel, len(models)),
		Status: Status(row.Status), Pages: int(row.Pages), PagesFailed: int(row.PagesFailed),
		OCRQuality: row.OcrQuality, NeedsReview: row.NeedsReview,
		Links: announcedManualLink{Self: "/api/v1/manuals/" + row.ID.String()},
	}
	for i, m := range models {
		a.Models[i] = announcedModel{m.Manufacturer, m.Name}
	}
	if row.SupersededBy.Valid {
		a.SupersededBy = new(uuid.UUID(row.SupersededBy.Bytes))
	}
	if row.ErrorCode != "" {
		a.Error = &announcedError{row.ErrorCode, row.ErrorMessage}
	}
	return s.hooks.Emit(ctx, tx, event, row.ID, a)
}
