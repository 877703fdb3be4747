package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/manual"
)

// proposalBody is what was found out about a manual that came without models.
type proposalBody struct {
	Manual       ManualBody     `json:"manual"`
	State        string         `json:"state" enum:"waiting,open,accepted,dismissed,superseded" doc:"waiting for the text; open until somebody decides; superseded when the models were told in another way"`
	Manufacturer string         `json:"manufacturer,omitempty" example:"Cindervale"`
	Models       []string       `json:"models" example:"[\"RX-280\"]"`
	Type         string         `json:"type,omitempty" enum:"service,parts,installation,user,wiring,bulletin"`
	Title        string         `json:"title,omitempty"`
	Revision     string         `json:"revision,omitempty" doc:"As printed"`
	Sure         bool           `json:"sure" doc:"Manufacturer and models are printed on the first pages, and a source that is independent of them says the same"`
	Evidence     []evidenceBody `json:"evidence" doc:"By field, the reasons for what is proposed"`
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at" doc:"When it last came to say something else"`
	DecidedAt    *time.Time     `json:"decided_at,omitempty"`
	DecidedBy    *uuid.UUID     `json:"decided_by,omitempty" format:"uuid"`
}

type evidenceBody struct {
	Field  string `json:"field" enum:"manufacturer,model,type,title,revision"`
	Value  string `json:"value"`
	Source string `json:"source" enum:"folder,file,title,cover,text,library" doc:"The name of a folder or the file, the PDF's title or outline, the text of the first or another page, or a name the library knows"`
	Page   int    `json:"page,omitempty" doc:"PDF page number"`
	Quote  string `json:"quote,omitempty" doc:"What stands there"`
}

func newProposalBody(p manual.Proposal) proposalBody {
	b := proposalBody{
		Manual: newManualBody(p.Manual), State: string(p.State), Manufacturer: p.Manufacturer, Models: notNil(p.Models),
		Type: string(p.Type), Title: p.Title, Revision: p.Revision, Sure: p.Sure,
		CreatedAt: p.CreatedAt.UTC(), UpdatedAt: p.UpdatedAt.UTC(),
	}
	b.Evidence = make([]evidenceBody, len(p.Evidence))
	for i, e := range p.Evidence {
		b.Evidence[i] = evidenceBody{e.Field, e.Value, string(e.Source), e.Page, e.Quote}
	}
	b.DecidedAt = utc(p.DecidedAt)
	if p.DecidedBy != uuid.Nil {
		b.DecidedBy = &p.DecidedBy
	}
	return b
}

type proposalsInput struct {
	State  string `query:"state" enum:"waiting,open,accepted,dismissed,superseded" default:"open"`
	Sure   string `query:"sure" enum:"true,false" doc:"Only those that are sure, or only those that are not"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most proposals in one answer"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next_cursor of the previous answer"`
}

type proposalsOutput struct {
	Body struct {
		Proposals  []proposalBody `json:"proposals" doc:"Oldest first"`
		NextCursor string         `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
		Open       int            `json:"open" doc:"How many proposals are open in all"`
		Sure       int            `json:"sure" doc:"How many of the open ones are sure"`
	}
}

type proposalOutput struct {
	ETag string `header:"ETag"`
	Body proposalBody
}

func newProposalOutput(p manual.Proposal) *proposalOutput {
	return &proposalOutput{ETag: proposalTag(p), Body: newProposalBody(p)}
}

// proposalTag changes with what a proposal says, and with its state.
func proposalTag(p manual.Proposal) string {
	return quoteETag(strconv.FormatInt(p.UpdatedAt.UnixMicro(), 36) + "-" + string(p.State))
}

// DecideInput names a proposal. It is exported because huma passes over embedded
// types that are not.
type DecideInput struct {
	ManualPath
	IfMatch string `header:"If-Match" doc:"ETag of the proposal that was looked at; without it whatever it says is decided about"`
}

type acceptInput struct {
	DecideInput
	Body *struct {
		Manufacturer *string   `json:"manufacturer,omitempty" minLength:"1" maxLength:"200"`
		Models       *[]string `json:"models,omitempty" minItems:"1" maxItems:"200"`
		Type         *string   `json:"type,omitempty" enum:"service,parts,installation,user,wiring,bulletin,unknown"`
		Title        *string   `json:"title,omitempty" minLength:"1" maxLength:"300"`
		Revision     *string   `json:"revision,omitempty" maxLength:"100" doc:"As printed"`
	}
}

type acceptSureOutput struct {
	Body struct {
		Accepted int `json:"accepted" doc:"Manuals that have their models now"`
		Passed   int `json:"passed" doc:"Proposals that somebody else decided meanwhile"`
		Open     int `json:"open" doc:"Proposals that are left to look at"`
	}
}

func (a *api) reviewRoutes() {
	handle(a, route{
		id: "list-proposals", method: http.MethodGet, path: "/api/v1/proposals", tag: "review",
		summary: "Manuals that wait to be told what they are for",
		detail: "A manual that comes without models gets a proposal when its first pages are read: nothing is proposed that they do not print. " +
			"Oldest first. With next_cursor as cursor the list goes on.",
	}, a.listProposals)
	handle(a, route{
		id: "accept-sure-proposals", method: http.MethodPost, path: "/api/v1/proposals/accept-sure", tag: "review", timeout: 5 * time.Minute,
		summary: "Accept all proposals that are sure", detail: "Each on its own: doing it again after an error goes on, and changes nothing when there are none.",
	}, a.acceptSure)
	handle(a, route{
		id: "get-proposal", method: http.MethodGet, path: "/api/v1/manuals/{id}/proposal", tag: "review",
		summary: "What a manual seems to be for, with the evidence",
	}, a.getProposal)
	handle(a, route{
		id: "accept-proposal", method: http.MethodPost, path: "/api/v1/manuals/{id}/proposal/accept", tag: "review",
		summary: "Accept a proposal, as it is or with changes",
		detail: "Fields that are sent replace what is proposed. Title, type and revision that somebody has told already stay, unless they are sent. " +
			"A proposal that somebody else has decided is answered with 409.",
	}, a.acceptProposal)
	handle(a, route{
		id: "dismiss-proposal", method: http.MethodPost, path: "/api/v1/manuals/{id}/proposal/dismiss", tag: "review",
		summary: "Dismiss a proposal", detail: "The manual stays as it is, and is found by its id only until it is given models.",
	}, a.dismissProposal)
	handle(a, route{
		id: "get-watched-folders", method: http.MethodGet, path: "/api/v1/watch", tag: "review",
		summary: "The watched folders, and the files of them that could not be imported",
		detail:  "With those of all nodes (WATCH_DIR). Nothing in a watched folder is ever changed.",
	}, a.getWatch)
}

func (a *api) listProposals(ctx context.Context, in *proposalsInput) (*proposalsOutput, error) {
	f := manual.ProposalFilter{State: manual.ProposalState(in.State), Limit: in.Limit, Cursor: in.Cursor}
	if in.Sure != "" {
		sure := in.Sure == "true"
		f.Sure = &sure
	}
	proposals, next, err := a.Manuals.Proposals(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &proposalsOutput{}
	if out.Body.Open, out.Body.Sure, err = a.Manuals.CountProposals(ctx); err != nil {
		return nil, err
	}
	out.Body.Proposals, out.Body.NextCursor = make([]proposalBody, len(proposals)), next
	for i, p := range proposals {
		out.Body.Proposals[i] = newProposalBody(p)
	}
	return out, nil
}

func (a *api) getProposal(ctx context.Context, in *ManualPath) (*proposalOutput, error) {
	p, err := a.Manuals.Proposal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return newProposalOutput(p), nil
}

// decision begins the decision about the proposal that was looked at.
func (a *api) decision(ctx context.Context, in *DecideInput) (manual.Decision, error) {
	d := manual.Decision{User: a.User}
	if in.IfMatch == "" {
		return d, nil
	}
	p, err := a.Manuals.Proposal(ctx, in.ID)
	if err != nil {
		return d, err
	}
	if !matchesETag(in.IfMatch, proposalTag(p)) {
		return d, newProblem(http.StatusPreconditionFailed, "CHANGED_MEANWHILE",
			"The proposal was changed or decided since you read it. Look at it again.")
	}
	d.Seen = p.UpdatedAt
	return d, nil
}

func (a *api) acceptProposal(ctx context.Context, in *acceptInput) (*proposalOutput, error) {
	d, err := a.decision(ctx, &in.DecideInput)
	if err != nil {
		return nil, err
	}
	if b := in.Body; b != nil {
		d.Manufacturer, d.Models, d.Title, d.Revision = b.Manufacturer, b.Models, b.Title, b.Revision
		if b.Type != nil {
			t := manual.Type(*b.Type)
			d.Type = &t
		}
	}
	p, err := a.Manuals.Accept(ctx, in.ID, d)
	if err != nil {
		return nil, err
	}
	return newProposalOutput(p), nil
}

func (a *api) dismissProposal(ctx context.Context, in *DecideInput) (*proposalOutput, error) {
	d, err := a.decision(ctx, in)
	if err != nil {
		return nil, err
	}
	p, err := a.Manuals.Dismiss(ctx, in.ID, d)
	if err != nil {
		return nil, err
	}
	return newProposalOutput(p), nil
}

func (a *api) acceptSure(ctx context.Context, _ *struct{}) (*acceptSureOutput, error) {
	n, err := a.Manuals.AcceptAllSure(ctx, a.User)
	if err != nil {
		return nil, err
	}
	out := &acceptSureOutput{}
	out.Body.Accepted, out.Body.Passed, out.Body.Open = n.Accepted, n.Passed, n.Open
	return out, nil
}

type watchOutput struct {
	Body struct {
		Folders []watchedFolder `json:"folders"`
	}
}

// watchedFolder is a folder whose files are imported.
type watchedFolder struct {
	Folder      string        `json:"folder"`
	Node        string        `json:"node,omitempty" doc:"Host and process that looked last"`
	LookedAt    *time.Time    `json:"looked_at,omitempty" doc:"Absent before the first look"`
	Files       int           `json:"files" doc:"PDF files in it at the last look"`
	Waiting     int           `json:"waiting" doc:"Of these, new or changing and not imported yet"`
	Imported    int           `json:"imported" doc:"Files that were ever imported"`
	Failed      int           `json:"failed" doc:"Files that could not be imported or, once they were, not be read"`
	Error       string        `json:"error,omitempty" doc:"Why the folder could not be read at the last look"`
	FailedFiles []watchedFile `json:"failed_files" doc:"The latest of the failed ones, 100 at most"`
}

// watchedFile is a file of a watched folder that failed.
type watchedFile struct {
	File    string      `json:"file" doc:"Below the folder"`
	Error   failureBody `json:"error"`
	SeenAt  time.Time   `json:"seen_at"`
	RetryAt *time.Time  `json:"retry_at,omitempty" doc:"When it is tried again; absent when only a change of the file can help"`
	Manual  *uuid.UUID  `json:"manual,omitempty" format:"uuid" doc:"Of a file that was imported and could not be read"`
}

func (a *api) getWatch(ctx context.Context, _ *struct{}) (*watchOutput, error) {
	folders, err := a.Watch.Status(ctx)
	if err != nil {
		return nil, err
	}
	out := &watchOutput{}
	out.Body.Folders = make([]watchedFolder, len(folders))
	for i, f := range folders {
		b := watchedFolder{
			Folder: f.Path, Node: f.Node, Files: f.Files, Waiting: f.Waiting, Imported: f.Imported, Failed: f.FailedFiles,
			Error: f.Error, FailedFiles: make([]watchedFile, len(f.Failed)),
		}
		if !f.LookedAt.IsZero() {
			b.LookedAt = utc(&f.LookedAt)
		}
		for k, x := range f.Failed {
			to := &b.FailedFiles[k]
			*to = watchedFile{File: x.Path, Error: failureBody{x.Code, x.Message}, SeenAt: x.SeenAt.UTC(), RetryAt: utc(x.RetryAt)}
			if x.ManualID != uuid.Nil {
				to.Manual = &x.ManualID
			}
		}
		out.Body.Folders[i] = b
	}
	return out, nil
}
