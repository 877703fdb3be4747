package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/search"
)

// supersessionBody says that one manual is asked instead of another, or proposes it.
type supersessionBody struct {
	ID          uuid.UUID          `json:"id" format:"uuid"`
	Predecessor ManualBody         `json:"predecessor" doc:"The manual that is not asked any more once this is confirmed; it can still be read, and asked by its id"`
	Successor   ManualBody         `json:"successor" doc:"The manual that is asked instead"`
	Kind        string             `json:"kind" enum:"revision,duplicate,told" doc:"A newer revision; the same text in another file; or said by somebody without a proposal"`
	State       string             `json:"state" enum:"open,confirmed,dismissed,undone" doc:"open until somebody decides; undone when the predecessor was reinstated"`
	Reason      string             `json:"reason,omitempty" enum:"revision,date,added,text" doc:"What tells the newer of the two: the printed revision or date, or only that it was added later; text of a duplicate"`
	Facts       []comparedFactBody `json:"facts" doc:"What the two say of themselves"`
	Pages       pageOverlapBody    `json:"pages" doc:"What the pages with text have in common"`
	CreatedAt   time.Time          `json:"created_at"`
	UpdatedAt   time.Time          `json:"updated_at" doc:"When it last came to say something else"`
	DecidedAt   *time.Time         `json:"decided_at,omitempty"`
	DecidedBy   *uuid.UUID         `json:"decided_by,omitempty" format:"uuid"`
	Links       supersessionLinks  `json:"links"`
}

type supersessionLinks struct {
	Self string `json:"self"`
	Diff string `json:"diff" doc:"What the tables of the two say differently"`
}

type comparedFactBody struct {
	Field       string `json:"field" enum:"title,revision,date,models,type,language,serial_range,added"`
	Predecessor string `json:"predecessor,omitempty"`
	Successor   string `json:"successor,omitempty"`
}

type pageOverlapBody struct {
	Same            int `json:"same" doc:"Pages with the same words"`
	Similar         int `json:"similar" doc:"Pages that were changed"`
	OnlyPredecessor int `json:"only_predecessor"`
	OnlySuccessor   int `json:"only_successor"`
}

func newSupersessionBody(x manual.Supersession) supersessionBody {
	b := supersessionBody{
		ID: x.ID, Predecessor: newManualBody(x.Predecessor), Successor: newManualBody(x.Successor), Kind: string(x.Kind), State: string(x.State),
		Reason: x.Evidence.Reason, Facts: make([]comparedFactBody, len(x.Evidence.Facts)),
		Pages:     pageOverlapBody{x.Evidence.Pages.Same, x.Evidence.Pages.Similar, x.Evidence.Pages.OnlyOld, x.Evidence.Pages.OnlyNew},
		CreatedAt: x.CreatedAt.UTC(), UpdatedAt: x.UpdatedAt.UTC(),
		Links: supersessionLinks{
			Self: "/api/v1/supersessions/" + x.ID.String(),
			Diff: manualURL(x.Predecessor.ID) + "/diff?with=" + x.Successor.ID.String(),
		},
	}
	for i, f := range x.Evidence.Facts {
		b.Facts[i] = comparedFactBody(f)
	}
	if x.DecidedAt != nil {
		b.DecidedAt = new(x.DecidedAt.UTC())
	}
	if x.DecidedBy != uuid.Nil {
		b.DecidedBy = &x.DecidedBy
	}
	return b
}

type supersessionsInput struct {
	State  string    `query:"state" enum:"open,confirmed,dismissed,undone" default:"open"`
	Manual uuid.UUID `query:"manual" format:"uuid" doc:"Only those of this manual, as predecessor or successor"`
	Limit  int       `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most supersessions in one answer"`
	Cursor string    `query:"cursor" maxLength:"200" doc:"next_cursor of the previous answer"`
}

type supersessionsOutput struct {
	Body struct {
		Supersessions []supersessionBody `json:"supersessions" doc:"Oldest first"`
		NextCursor    string             `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
		Open          int                `json:"open" doc:"How many are open in all"`
	}
}

type supersessionOutput struct {
	Body supersessionBody
}

type supersessionInput struct {
	ID uuid.UUID `path:"id" format:"uuid" doc:"Id of the supersession"`
}

type decideSupersessionInput struct {
	ID   uuid.UUID `path:"id" format:"uuid" doc:"Id of the supersession"`
	Body *struct {
		Seen *time.Time `json:"seen,omitempty" doc:"updated_at of what was looked at; when it says something else by now, nothing is decided (409 SUPERSESSION_CHANGED)"`
	}
}

func (in *decideSupersessionInput) decision(a *api) manual.SupersessionDecision {
	d := manual.SupersessionDecision{User: a.User}
	if in.Body != nil && in.Body.Seen != nil {
		d.Seen = *in.Body.Seen
	}
	return d
}

type supersedeInput struct {
	ManualPath
	Body struct {
		By uuid.UUID `json:"by" format:"uuid" doc:"Id of the manual that is asked instead"`
	}
}

type diffInput struct {
	ManualPath
	With uuid.UUID `query:"with" format:"uuid" required:"true" doc:"Id of the other manual, usually the newer revision"`
}

type diffOutput struct {
	Body struct {
		From   ManualBody      `json:"from"`
		To     ManualBody      `json:"to" doc:"The manual of the parameter with"`
		Tables []tableDiffBody `json:"tables" doc:"Those that one of the two has rows of"`
	}
}

type tableDiffBody struct {
	Table   string          `json:"table" enum:"codes,parts,settings"`
	Added   []diffRowBody   `json:"added" doc:"Rows that only the other manual has"`
	Removed []diffRowBody   `json:"removed" doc:"Rows that only this manual has"`
	Changed []rowChangeBody `json:"changed"`
	Same    int             `json:"same" doc:"Rows that say the same in both, on whatever page"`
}

type diffRowBody struct {
	Name   string             `json:"name" doc:"The code, part number or setting as printed" example:"E12"`
	Page   int                `json:"page" doc:"PDF page number"`
	Fields []diffRowFieldBody `json:"fields"`
}

type diffRowFieldBody struct {
	Name string `json:"name" doc:"What it is: meaning, cause, remedy, …" example:"meaning"`
	Text string `json:"text" doc:"As printed"`
}

type rowChangeBody struct {
	Name     string            `json:"name" doc:"The code, part number or setting as printed" example:"E12"`
	FromPage int               `json:"from_page"`
	ToPage   int               `json:"to_page"`
	Fields   []fieldChangeBody `json:"fields" doc:"Those that say something else"`
}

type fieldChangeBody struct {
	Name string `json:"name" example:"remedy"`
	From string `json:"from,omitempty" doc:"Absent where this manual says nothing"`
	To   string `json:"to,omitempty" doc:"Absent where the other says nothing"`
}

type reprocessInput struct {
	ManualPath
	Body *struct {
		Pictures bool `json:"pictures,omitempty" doc:"Have OCR read all pictures again too, not only those it has not read or that are others now"`
	}
}

type reprocessAllInput struct {
	Body struct {
		Which    string `json:"which" enum:"outdated,all" doc:"outdated: those that an older version of the program has read"`
		Pictures bool   `json:"pictures,omitempty" doc:"Have OCR read all pictures again too"`
	}
}

type reprocessAllOutput struct {
	Body struct {
		Begun   int `json:"begun" doc:"Manuals that are read again by now"`
		Refused int `json:"refused" doc:"Manuals that were deleted or put in quarantine meanwhile"`
	}
}

func (a *api) revisionRoutes() {
	handle(a, route{
		id: "list-supersessions", method: http.MethodGet, path: "/api/v1/supersessions", tag: "review",
		summary: "Manuals that seem to be another revision or a copy of one there is",
		detail: "A manual for the same models, of the same type, in the same language and for the same serial numbers as another is proposed as its revision; " +
			"one with the same text in another file as its duplicate. Both are asked until somebody confirms.",
	}, a.listSupersessions)
	handle(a, route{
		id: "get-supersession", method: http.MethodGet, path: "/api/v1/supersessions/{id}", tag: "review",
		summary: "What speaks for a supersession, and what was decided",
	}, a.getSupersession)
	handle(a, route{
		id: "confirm-supersession", method: http.MethodPost, path: "/api/v1/supersessions/{id}/confirm", tag: "review",
		summary: "Have the successor asked instead of the predecessor",
		detail:  "The predecessor can be read as before, and its citations stay. Confirming again changes nothing.",
	}, a.confirmSupersession)
	handle(a, route{
		id: "dismiss-supersession", method: http.MethodPost, path: "/api/v1/supersessions/{id}/dismiss", tag: "review",
		summary: "Have both manuals asked", detail: "The same two are not proposed again.",
	}, a.dismissSupersession)
	handle(a, route{
		id: "supersede-manual", method: http.MethodPost, path: "/api/v1/manuals/{id}/supersede", tag: "manuals",
		summary: "Have another manual asked instead of this one", detail: "Whether it was proposed or not.",
	}, a.supersedeManual)
	handle(a, route{
		id: "reinstate-manual", method: http.MethodPost, path: "/api/v1/manuals/{id}/reinstate", tag: "manuals",
		summary: "Have a superseded manual asked again",
	}, a.reinstateManual)
	handle(a, route{
		id: "diff-manuals", method: http.MethodGet, path: "/api/v1/manuals/{id}/diff", tag: "manuals",
		summary: "What the tables of two manuals say differently",
		detail:  "Rows of error codes, parts and settings, paired by their code, part number or setting. Differences in typography do not count.",
	}, a.diffManuals)
	handle(a, route{
		id: "reprocess-manual", method: http.MethodPost, path: "/api/v1/manuals/{id}/reprocess", tag: "manuals", status: http.StatusAccepted,
		summary: "Read a manual again from its original",
		detail: "In the background; until the new text is complete the manual is asked as it was. What became of it is in the manual's reprocessing. " +
			"A reading that failed goes on.",
	}, a.reprocessManual)
	handle(a, route{
		id: "cancel-reprocessing", method: http.MethodDelete, path: "/api/v1/manuals/{id}/reprocess", tag: "manuals", status: http.StatusNoContent,
		summary: "Give up reading a manual again", detail: "It stays as it is.",
	}, a.cancelReprocessing)
	handle(a, route{
		id: "reprocess-manuals", method: http.MethodPost, path: "/api/v1/manuals/reprocess", tag: "manuals", status: http.StatusAccepted, timeout: 5 * time.Minute,
		summary: "Read all or all outdated manuals again", detail: "Each on its own: doing it again after an error goes on.",
	}, a.reprocessManuals)
}

func (a *api) listSupersessions(ctx context.Context, in *supersessionsInput) (*supersessionsOutput, error) {
	found, next, err := a.Manuals.Supersessions(ctx, manual.SupersessionFilter{
		State: manual.SupersessionState(in.State), Manual: in.Manual, Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	out := &supersessionsOutput{}
	if out.Body.Open, err = a.Manuals.CountSupersessions(ctx); err != nil {
		return nil, err
	}
	out.Body.Supersessions, out.Body.NextCursor = make([]supersessionBody, len(found)), next
	for i, x := range found {
		out.Body.Supersessions[i] = newSupersessionBody(x)
	}
	return out, nil
}

func (a *api) getSupersession(ctx context.Context, in *supersessionInput) (*supersessionOutput, error) {
	return newSupersessionOutput(a.Manuals.Supersession(ctx, in.ID))
}

func newSupersessionOutput(x manual.Supersession, err error) (*supersessionOutput, error) {
	if err != nil {
		return nil, err
	}
	return &supersessionOutput{newSupersessionBody(x)}, nil
}

func (a *api) confirmSupersession(ctx context.Context, in *decideSupersessionInput) (*supersessionOutput, error) {
	return newSupersessionOutput(a.Manuals.Confirm(ctx, in.ID, in.decision(a)))
}

func (a *api) dismissSupersession(ctx context.Context, in *decideSupersessionInput) (*supersessionOutput, error) {
	return newSupersessionOutput(a.Manuals.DismissSupersession(ctx, in.ID, in.decision(a)))
}

func (a *api) supersedeManual(ctx context.Context, in *supersedeInput) (*supersessionOutput, error) {
	return newSupersessionOutput(a.Manuals.Supersede(ctx, in.ID, in.Body.By, manual.SupersessionDecision{User: a.User}))
}

func (a *api) reinstateManual(ctx context.Context, in *ManualPath) (*manualOutput, error) {
	m, err := a.Manuals.Reinstate(ctx, in.ID, manual.SupersessionDecision{User: a.User})
	if err != nil {
		return nil, err
	}
	return newManualOutput(m), nil
}

func (a *api) diffManuals(ctx context.Context, in *diffInput) (*diffOutput, error) {
	d, err := a.Manuals.Diff(ctx, in.ID, in.With)
	if err != nil {
		return nil, err
	}
	out := &diffOutput{}
	out.Body.From, out.Body.To, out.Body.Tables = newManualBody(d.From), newManualBody(d.To), make([]tableDiffBody, len(d.Tables))
	for i, t := range d.Tables {
		b := &out.Body.Tables[i]
		b.Table, b.Same, b.Added, b.Removed = string(t.Table), t.Same, newDiffRows(t.Added), newDiffRows(t.Removed)
		b.Changed = make([]rowChangeBody, len(t.Changed))
		for k, c := range t.Changed {
			b.Changed[k] = rowChangeBody{Name: c.To.Name, FromPage: c.From.Page, ToPage: c.To.Page, Fields: make([]fieldChangeBody, len(c.Fields))}
			for n, f := range c.Fields {
				b.Changed[k].Fields[n] = fieldChangeBody(f)
			}
		}
	}
	return out, nil
}

func newDiffRows(rows []search.Row) []diffRowBody {
	out := make([]diffRowBody, len(rows))
	for i, r := range rows {
		out[i] = diffRowBody{Name: r.Name, Page: r.Page, Fields: make([]diffRowFieldBody, len(r.Fields))}
		for k, f := range r.Fields {
			out[i].Fields[k] = diffRowFieldBody(f)
		}
	}
	return out
}

func (a *api) reprocessManual(ctx context.Context, in *reprocessInput) (*manualOutput, error) {
	o := manual.ReprocessOptions{User: a.User}
	if in.Body != nil {
		o.Pictures = in.Body.Pictures
	}
	m, err := a.Manuals.Reprocess(ctx, in.ID, o)
	if err != nil {
		return nil, err
	}
	return newManualOutput(m), nil
}

func (a *api) cancelReprocessing(ctx context.Context, in *ManualPath) (*struct{}, error) {
	_, err := a.Manuals.CancelReprocessing(ctx, in.ID)
	return nil, err
}

func (a *api) reprocessManuals(ctx context.Context, in *reprocessAllInput) (*reprocessAllOutput, error) {
	n, err := a.Manuals.ReprocessAll(ctx, in.Body.Which == "outdated", manual.ReprocessOptions{User: a.User, Pictures: in.Body.Pictures})
	if err != nil {
		return nil, err
	}
	out := &reprocessAllOutput{}
	out.Body.Begun, out.Body.Refused = n.Begun, n.Refused
	return out, nil
}
