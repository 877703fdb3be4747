package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/correction"
	"github.com/techcopilot/techcopilot/internal/search"
)

// FlagBody says that something is wrong in a row or in an answer, as the API shows it.
type FlagBody struct {
	ID           uuid.UUID       `json:"id" format:"uuid"`
	ManualID     *uuid.UUID      `json:"manual_id,omitempty" format:"uuid" doc:"Absent of an answer that cites none"`
	Title        string          `json:"title,omitempty" doc:"Of the manual"`
	AnswerID     *uuid.UUID      `json:"answer_id,omitempty" format:"uuid" doc:"Of a flag about an answer"`
	Item         string          `json:"item,omitempty" doc:"Of the answer; absent of the whole" example:"steps/0"`
	Table        string          `json:"table,omitempty" enum:"codes,parts,settings" doc:"Of a flag about a row"`
	Row          *printedRowBody `json:"row,omitempty" doc:"The row as it was when it was flagged"`
	Reason       string          `json:"reason" enum:"wrong_page,wrong_row,wrong_model"`
	Note         string          `json:"note,omitempty"`
	State        string          `json:"state" enum:"open,resolved,dismissed"`
	CorrectionID *uuid.UUID      `json:"correction_id,omitempty" format:"uuid" doc:"The correction that has resolved it"`
	Resolution   string          `json:"resolution,omitempty" doc:"What the reviewer says to it"`
	CreatedBy    string          `json:"created_by" doc:"Name"`
	CreatedAt    time.Time       `json:"created_at"`
	DecidedBy    string          `json:"decided_by,omitempty" doc:"Name"`
	DecidedAt    *time.Time      `json:"decided_at,omitempty"`
}

// NewFlagBody returns a flag as the API shows it.
func NewFlagBody(f correction.Flag) FlagBody {
	b := FlagBody{
		ID: f.ID, ManualID: notZero(f.ManualID), Title: f.Title, AnswerID: notZero(f.AnswerID), Item: f.Item, Table: string(f.Table),
		Reason: string(f.Reason), Note: f.Note, State: string(f.State), CorrectionID: notZero(f.CorrectionID), Resolution: f.Resolution,
		CreatedBy: f.CreatedBy, CreatedAt: f.CreatedAt.UTC(), DecidedBy: f.DecidedBy, DecidedAt: utc(f.DecidedAt),
	}
	if f.Table != "" {
		b.Row = newPrintedRow(f.Row)
	}
	return b
}

// notZero returns nil for the id of nothing.
func notZero(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

type addFlagInput struct {
	Body struct {
		ID       uuid.UUID   `json:"id,omitempty" format:"uuid" doc:"UUIDv7 made by the client, so that it may retry"`
		AnswerID uuid.UUID   `json:"answer_id,omitempty" format:"uuid" doc:"Of the answer that is wrong; otherwise name the row"`
		Item     string      `json:"item,omitempty" maxLength:"50" doc:"error_code, or a list of the answer and a number counted from 0; the whole answer when left out" example:"steps/0"`
		ManualID uuid.UUID   `json:"manual_id,omitempty" format:"uuid" doc:"Of the row that is wrong"`
		Table    string      `json:"table,omitempty" enum:"codes,parts,settings" doc:"Of the row that is wrong"`
		Row      *rowRefBody `json:"row,omitempty"`
		Reason   string      `json:"reason" enum:"wrong_page,wrong_row,wrong_model"`
		Note     string      `json:"note,omitempty" maxLength:"4000"`
	}
}

type flagOutput struct {
	Status int
	Body   FlagBody
}

// FlagPath names a flag. It is exported because huma passes over embedded types that
// are not.
type FlagPath struct {
	ID uuid.UUID `path:"id" format:"uuid" doc:"Id of the flag"`
}

type decideFlagInput struct {
	FlagPath
	Body struct {
		State        string    `json:"state" enum:"open,resolved,dismissed" doc:"resolved: it was right and is seen to; dismissed: what it is about is as it should be; open: look at it again"`
		CorrectionID uuid.UUID `json:"correction_id,omitempty" format:"uuid" doc:"The correction that resolves it"`
		Resolution   string    `json:"resolution,omitempty" maxLength:"4000" doc:"For who has flagged it"`
	}
}

type flagsInput struct {
	State  string    `query:"state" enum:"open,resolved,dismissed" default:"open"`
	Manual uuid.UUID `query:"manual" format:"uuid" doc:"Only flags about this manual's rows, and about answers out of it"`
	Answer uuid.UUID `query:"answer" format:"uuid" doc:"Only flags about this answer"`
	Reason string    `query:"reason" enum:"wrong_page,wrong_row,wrong_model"`
	Limit  int       `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most flags in one answer"`
	Cursor string    `query:"cursor" maxLength:"200" doc:"next_cursor of the previous answer"`
}

type flagsOutput struct {
	Body struct {
		Flags      []FlagBody `json:"flags" doc:"Oldest first"`
		NextCursor string     `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
	}
}

func (a *api) flagRoutes() {
	const tag, path = "corrections", "/api/v1/flags"
	handle(a, route{
		id: "add-flag", method: http.MethodPost, path: path, tag: tag, status: http.StatusCreated, summary: "Say that a row or an answer is wrong",
		detail: "Anyone may. The same id again is answered with 200 and what has become of the flag. A row need not be there as it was: a flag may come late.",
	}, a.addFlag)
	handle(a, route{
		id: "list-flags", method: http.MethodGet, path: path, tag: tag, summary: "List flags",
		detail: "Oldest first. With next_cursor as cursor the list goes on.",
	}, a.listFlags)
	handle(a, route{id: "get-flag", method: http.MethodGet, path: path + "/{id}", tag: tag, summary: "A flag"}, a.getFlag)
	handle(a, route{
		id: "decide-flag", method: http.MethodPatch, path: path + "/{id}", tag: tag, summary: "Resolve or dismiss a flag, or open it again",
		detail: "A flag that somebody has decided otherwise is answered with 409.",
	}, a.decideFlag)
}

func (a *api) addFlag(ctx context.Context, in *addFlagInput) (*flagOutput, error) {
	b := in.Body
	n := correction.NewFlag{
		ID: b.ID, Answer: b.AnswerID, Item: b.Item, Manual: b.ManualID, Table: search.RowTable(b.Table),
		Reason: correction.Reason(b.Reason), Note: b.Note, User: a.User,
	}
	if b.Row != nil {
		n.Row = correction.RowRef(*b.Row)
	}
	f, created, err := a.Corrections.Flag(ctx, n)
	if err != nil {
		return nil, err
	}
	out := &flagOutput{Status: http.StatusOK, Body: NewFlagBody(f)}
	if created {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (a *api) listFlags(ctx context.Context, in *flagsInput) (*flagsOutput, error) {
	found, next, err := a.Corrections.Flags(ctx, correction.FlagFilter{
		State: correction.FlagState(in.State), Manual: in.Manual, Answer: in.Answer, Reason: correction.Reason(in.Reason), Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	out := &flagsOutput{}
	out.Body.Flags, out.Body.NextCursor = make([]FlagBody, len(found)), next
	for i, f := range found {
		out.Body.Flags[i] = NewFlagBody(f)
	}
	return out, nil
}

func (a *api) getFlag(ctx context.Context, in *FlagPath) (*flagOutput, error) {
	return newFlagOutput(a.Corrections.GetFlag(ctx, in.ID))
}

func newFlagOutput(f correction.Flag, err error) (*flagOutput, error) {
	if err != nil {
		return nil, err
	}
	return &flagOutput{Status: http.StatusOK, Body: NewFlagBody(f)}, nil
}

func (a *api) decideFlag(ctx context.Context, in *decideFlagInput) (*flagOutput, error) {
	return newFlagOutput(a.Corrections.DecideFlag(ctx, in.ID, correction.FlagDecision{
		State: correction.FlagState(in.Body.State), Resolution: in.Body.Resolution, CorrectionID: in.Body.CorrectionID, User: a.User,
	}))
}
