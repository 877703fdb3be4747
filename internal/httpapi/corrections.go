package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/correction"
	"github.com/techcopilot/techcopilot/internal/search"
)

// CorrectionBody is what the shop says of a row of a manual. It is exported because
// huma passes over embedded types that are not.
type CorrectionBody struct {
	ID        uuid.UUID       `json:"id" format:"uuid"`
	ManualID  uuid.UUID       `json:"manual_id" format:"uuid"`
	Table     string          `json:"table" enum:"codes,parts,settings"`
	Kind      string          `json:"kind" enum:"replace,add,suppress"`
	Row       *printedRowBody `json:"row,omitempty" doc:"The row as the manual printed it when it was corrected; absent of a row that was added"`
	Says      saysBody        `json:"says"`
	OwnWords  bool            `json:"own_words" doc:"The shop's own words: no quote of the manual stands for them"`
	Note      string          `json:"note,omitempty" doc:"Why"`
	State     string          `json:"state" enum:"active,undone"`
	Fit       string          `json:"fit,omitempty" enum:"holds,changed,gone" doc:"How it fits what is read now; changed and gone are to be looked at again, and count nevertheless"`
	LookAgain bool            `json:"look_again" doc:"The manual is read differently since it was made"`
	Version   int             `json:"version" doc:"To be sent with a change, so that nobody overwrites another's"`
	CreatedBy string          `json:"created_by" doc:"Name"`
	CreatedAt time.Time       `json:"created_at"`
	UpdatedBy string          `json:"updated_by" doc:"Name"`
	UpdatedAt time.Time       `json:"updated_at"`
	Links     correctionLinks `json:"links"`
}

type correctionLinks struct {
	Self   string `json:"self"`
	Manual string `json:"manual"`
}

type printedRowBody struct {
	Name        string             `json:"name" doc:"The code, part number or setting as printed" example:"E12"`
	Page        int                `json:"page" doc:"PDF page number"`
	Fingerprint string             `json:"fingerprint" doc:"Stands for what the row says, whatever the typography"`
	Fields      []diffRowFieldBody `json:"fields"`
	Models      []string           `json:"models,omitempty"`
}

// saysBody are the words of the shop.
type saysBody struct {
	Name   string            `json:"name,omitempty" maxLength:"200" doc:"The code, part number or setting; as printed when left out" example:"E13"`
	Page   int               `json:"page,omitempty" minimum:"0" doc:"PDF page number; as printed when left out"`
	Models []string          `json:"models,omitempty" maxItems:"50" doc:"That the row is for; as printed when left out"`
	Fields map[string]string `json:"fields,omitempty" doc:"Of codes meaning, cause and remedy, with a line for each cause or remedy (cause/2 and remedy/2 are those of the second solution alone, where a row has several); of parts description and quantity; of settings meaning and default" example:"{\"meaning\": \"Door switch open\"}"`
	Quote  string            `json:"quote,omitempty" maxLength:"4000" doc:"Of a row that is added: what its page prints of it. Without one the row is in the shop's own words"`
}

// NewCorrectionBody returns a correction as the API shows it.
func NewCorrectionBody(c correction.Correction) CorrectionBody {
	b := CorrectionBody{
		ID: c.ID, ManualID: c.ManualID, Table: string(c.Table), Kind: string(c.Kind), Says: saysBody(c.Says),
		OwnWords: c.Kind != search.CorrectionSuppress && c.Says.Quote == "", Note: c.Note, State: "active", Fit: string(c.Fit), LookAgain: c.LookAgain(),
		Version: c.Version, CreatedBy: c.CreatedBy, CreatedAt: c.CreatedAt.UTC(), UpdatedBy: c.By, UpdatedAt: c.At.UTC(),
		Links: correctionLinks{"/api/v1/corrections/" + c.ID.String(), manualURL(c.ManualID)},
	}
	if c.Undone {
		b.State = "undone"
	}
	if c.Kind != search.CorrectionAdd {
		b.Row = newPrintedRow(c.Anchor)
	}
	return b
}

func newPrintedRow(a search.Anchor) *printedRowBody {
	b := &printedRowBody{Name: a.Name, Page: a.Page, Fingerprint: a.Fingerprint, Fields: make([]diffRowFieldBody, len(a.Fields)), Models: a.Models}
	for i, f := range a.Fields {
		b.Fields[i] = diffRowFieldBody(f)
	}
	return b
}

// RowCorrectionBody marks a row as the shop's.
type RowCorrectionBody struct {
	ID        uuid.UUID       `json:"id" format:"uuid"`
	Kind      string          `json:"kind" enum:"replace,add"`
	By        string          `json:"by" doc:"Name of who corrected it last"`
	At        time.Time       `json:"at"`
	Says      saysBody        `json:"says"`
	Printed   *printedRowBody `json:"printed,omitempty" doc:"The row as the manual printed it when it was corrected; absent of a row that was added"`
	LookAgain bool            `json:"look_again,omitempty" doc:"The manual is read differently since"`
}

func newRowCorrection(c *search.Corrected) *RowCorrectionBody {
	if c == nil {
		return nil
	}
	b := &RowCorrectionBody{ID: c.ID, Kind: string(c.Kind), By: c.By, At: c.At.UTC(), Says: saysBody(c.Says), LookAgain: c.Fit != search.FitHolds}
	if c.Kind != search.CorrectionAdd {
		b.Printed = newPrintedRow(c.Anchor)
	}
	return b
}

// rowRefBody names a row that was read.
type rowRefBody struct {
	Name        string `json:"name" minLength:"1" maxLength:"200" doc:"The code, part number or setting, as printed or typed" example:"E12"`
	Page        int    `json:"page,omitempty" minimum:"0" doc:"PDF page number; needed where several pages have such a row"`
	Fingerprint string `json:"fingerprint,omitempty" maxLength:"100" doc:"Of the row; needed where a page has several such rows"`
}

type addCorrectionInput struct {
	Body struct {
		ID       uuid.UUID   `json:"id,omitempty" format:"uuid" doc:"UUIDv7 made by the client, so that it may retry"`
		ManualID uuid.UUID   `json:"manual_id" format:"uuid"`
		Table    string      `json:"table" enum:"codes,parts,settings"`
		Kind     string      `json:"kind" enum:"replace,add,suppress" doc:"replace: fields of a row are others; add: a row was not read; suppress: what was read is no row"`
		Row      *rowRefBody `json:"row,omitempty" doc:"The row to replace or suppress"`
		Says     saysBody    `json:"says,omitempty"`
		Note     string      `json:"note,omitempty" maxLength:"4000" doc:"Why, for other people"`
	}
}

type correctionOutput struct {
	Status int
	Body   CorrectionBody
}

type correctionDetailOutput struct {
	Body struct {
		CorrectionBody
		History []correctionChangeBody `json:"history" doc:"Its states, the first first"`
	}
}

type correctionChangeBody struct {
	Version int       `json:"version"`
	Action  string    `json:"action" enum:"made,changed,undone,redone"`
	Says    saysBody  `json:"says" doc:"From then on"`
	Note    string    `json:"note,omitempty"`
	By      string    `json:"by" doc:"Name"`
	At      time.Time `json:"at"`
}

// CorrectionPath names a correction. It is exported because huma passes over embedded
// types that are not.
type CorrectionPath struct {
	ID uuid.UUID `path:"id" format:"uuid" doc:"Id of the correction"`
}

type patchCorrectionInput struct {
	CorrectionPath
	Body struct {
		Version int       `json:"version" minimum:"1" doc:"Of the correction that was looked at; when it is another by now, nothing is changed (409 CORRECTION_CHANGED)"`
		Says    *saysBody `json:"says,omitempty" doc:"Replaces all that it says"`
		Note    *string   `json:"note,omitempty" maxLength:"4000"`
	}
}

type undoCorrectionInput struct {
	CorrectionPath
	Version int `query:"version" minimum:"1" doc:"Of the correction that was looked at; whatever it says by now when left out"`
}

type redoCorrectionInput struct {
	CorrectionPath
	Body *struct {
		Version int `json:"version,omitempty" minimum:"1" doc:"Of the correction that was looked at"`
	}
}

type correctionsInput struct {
	Manual uuid.UUID `query:"manual" format:"uuid" doc:"Only those of this manual"`
	Table  string    `query:"table" enum:"codes,parts,settings" doc:"Only those of this table"`
	State  string    `query:"state" enum:"active,look_again,undone,all" default:"active" doc:"look_again: those whose manual is read differently since"`
	Limit  int       `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most corrections in one answer"`
	Cursor string    `query:"cursor" maxLength:"200" doc:"next_cursor of the previous answer"`
}

type correctionsOutput struct {
	Body struct {
		Corrections []CorrectionBody `json:"corrections" doc:"Newest first"`
		NextCursor  string           `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
	}
}

func (a *api) correctionRoutes() {
	const tag, path = "corrections", "/api/v1/corrections"
	handle(a, route{
		id: "add-correction", method: http.MethodPost, path: path, tag: tag, status: http.StatusCreated, summary: "Correct a row",
		detail: "It holds for everyone from now on, also when the manual is indexed or read again, and answers say that it is the shop's. " +
			"The same id again is answered with 200 and what the correction has become.",
	}, a.addCorrection)
	handle(a, route{
		id: "list-corrections", method: http.MethodGet, path: path, tag: tag,
		summary: "List corrections", detail: "Newest first. With next_cursor as cursor the list goes on.",
	}, a.listCorrections)
	handle(a, route{id: "get-correction", method: http.MethodGet, path: path + "/{id}", tag: tag, summary: "A correction and its history"}, a.getCorrection)
	handle(a, route{
		id: "update-correction", method: http.MethodPatch, path: path + "/{id}", tag: tag, summary: "Change what a correction says",
		detail: "Fields that are left out stay as they are.",
	}, a.updateCorrection)
	handle(a, route{
		id: "undo-correction", method: http.MethodDelete, path: path + "/{id}", tag: tag, status: http.StatusNoContent,
		summary: "Undo a correction", detail: "What was read counts again. The correction and its history are kept.",
	}, a.undoCorrection)
	handle(a, route{
		id: "redo-correction", method: http.MethodPost, path: path + "/{id}/redo", tag: tag,
		summary: "Have a correction hold again that was undone",
	}, a.redoCorrection)
}

func (a *api) addCorrection(ctx context.Context, in *addCorrectionInput) (*correctionOutput, error) {
	b := in.Body
	d := correction.Draft{
		ID: b.ID, ManualID: b.ManualID, Table: search.RowTable(b.Table), Kind: search.CorrectionKind(b.Kind),
		Says: search.Says(b.Says), Note: b.Note, User: a.User,
	}
	if b.Row != nil {
		d.Row = correction.RowRef(*b.Row)
	}
	c, created, err := a.Corrections.Make(ctx, d)
	if err != nil {
		return nil, err
	}
	out := &correctionOutput{Status: http.StatusOK, Body: NewCorrectionBody(c)}
	if created {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (a *api) listCorrections(ctx context.Context, in *correctionsInput) (*correctionsOutput, error) {
	found, next, err := a.Corrections.List(ctx, correction.Filter{
		Manual: in.Manual, Table: search.RowTable(in.Table), State: correction.State(in.State), Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	out := &correctionsOutput{}
	out.Body.Corrections, out.Body.NextCursor = make([]CorrectionBody, len(found)), next
	for i, c := range found {
		out.Body.Corrections[i] = NewCorrectionBody(c)
	}
	return out, nil
}

func (a *api) getCorrection(ctx context.Context, in *CorrectionPath) (*correctionDetailOutput, error) {
	c, err := a.Corrections.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	history, err := a.Corrections.History(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &correctionDetailOutput{}
	out.Body.CorrectionBody, out.Body.History = NewCorrectionBody(c), make([]correctionChangeBody, len(history))
	for i, h := range history {
		out.Body.History[i] = correctionChangeBody{h.Version, h.Action, saysBody(h.Says), h.Note, h.By, h.At.UTC()}
	}
	return out, nil
}

func newCorrectionOutput(c correction.Correction, err error) (*correctionOutput, error) {
	if err != nil {
		return nil, err
	}
	return &correctionOutput{Status: http.StatusOK, Body: NewCorrectionBody(c)}, nil
}

func (a *api) updateCorrection(ctx context.Context, in *patchCorrectionInput) (*correctionOutput, error) {
	e := correction.Edit{Version: in.Body.Version, Note: in.Body.Note, User: a.User}
	if in.Body.Says != nil {
		e.Says = new(search.Says(*in.Body.Says))
	}
	return newCorrectionOutput(a.Corrections.Change(ctx, in.ID, e))
}

func (a *api) undoCorrection(ctx context.Context, in *undoCorrectionInput) (*struct{}, error) {
	_, err := a.Corrections.Undo(ctx, in.ID, in.Version, a.User)
	return nil, err
}

func (a *api) redoCorrection(ctx context.Context, in *redoCorrectionInput) (*correctionOutput, error) {
	version := 0
	if in.Body != nil {
		version = in.Body.Version
	}
	return newCorrectionOutput(a.Corrections.Redo(ctx, in.ID, version, a.User))
}
