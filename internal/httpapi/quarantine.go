package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/manual"
)

// findingBody is something in a manual's file that it does not need.
type findingBody struct {
	Kind     string `json:"kind" doc:"virus, javascript, launch, submit-form, import-data, rich-media, embedded-executable, …" example:"javascript"`
	Object   int    `json:"object,omitempty" doc:"Number of the PDF's object"`
	Detail   string `json:"detail,omitempty" doc:"The virus' name, or the beginning of what was found" example:"app.launchURL("`
	Released bool   `json:"released,omitempty" doc:"Somebody has let it in nevertheless"`
}

func newFindings(found []manual.Finding) []findingBody {
	out := make([]findingBody, len(found))
	for i, f := range found {
		out[i] = findingBody{f.Kind, f.Object, f.Detail, f.Released}
	}
	return out
}

type releaseInput struct {
	ManualPath
	Body *struct {
		Note string `json:"note,omitempty" maxLength:"1000" doc:"Why it is let in; kept in the audit" example:"From the maker's own site"`
	}
}

type auditOutput struct {
	Body struct {
		Entries []auditEntry `json:"entries" doc:"Oldest first"`
	}
}

// auditEntry is a decision about a manual.
type auditEntry struct {
	ID     uuid.UUID  `json:"id" format:"uuid"`
	At     time.Time  `json:"at"`
	Actor  *uuid.UUID `json:"actor,omitempty" format:"uuid" doc:"The user; absent when the program itself decided"`
	Action string     `json:"action" example:"manual.released"`
	// Detail differs by action.
	Detail map[string]any `json:"detail" doc:"Which file it was about (title, file_name, sha256), and why: findings, note, …"`
}

func (a *api) quarantineRoutes() {
	handle(a, route{
		id: "release-manual", method: http.MethodPost, path: "/api/v1/manuals/{id}/release", tag: "manuals", status: http.StatusAccepted,
		summary: "Let a manual out of quarantine",
		detail: "A manual with active content or a virus has the status quarantined: it is not read, shown or searched, and its file and pages are answered with 409 MANUAL_QUARANTINED. " +
			"GET /api/v1/manuals?status=quarantined lists them, with what was found. " +
			"Released, it is screened once more and then read; what is found only then puts it back. The audit keeps who released what. " +
			"Releasing it again changes nothing; a manual that never was in quarantine is a 409 MANUAL_NOT_QUARANTINED.",
	}, a.releaseManual)
	handle(a, route{
		id: "get-manual-audit", method: http.MethodGet, path: "/api/v1/manuals/{id}/audit", tag: "manuals",
		summary: "What was decided about a manual",
		detail:  "Each time it was put into quarantine, released or deleted. Entries are never changed, and stay when the manual is deleted.",
	}, a.getManualAudit)
}

func (a *api) releaseManual(ctx context.Context, in *releaseInput) (*manualOutput, error) {
	note := ""
	if in.Body != nil {
		note = in.Body.Note
	}
	m, err := a.Manuals.Release(ctx, in.ID, a.User, note)
	if err != nil {
		return nil, err
	}
	return newManualOutput(m), nil
}

func (a *api) getManualAudit(ctx context.Context, in *ManualPath) (*auditOutput, error) {
	entries, err := a.Manuals.Audit(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &auditOutput{}
	out.Body.Entries = make([]auditEntry, len(entries))
	for i, e := range entries {
		to := &out.Body.Entries[i]
		*to = auditEntry{ID: e.ID, At: e.At.UTC(), Action: string(e.Action)}
		if e.Actor != uuid.Nil {
			to.Actor = &e.Actor
		}
		if err := json.Unmarshal(e.Detail, &to.Detail); err != nil {
			return nil, err
		}
	}
	return out, nil
}
