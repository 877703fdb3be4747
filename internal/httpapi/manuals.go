package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

// ManualBody is a manual as the API shows it. It is exported because huma
// passes over embedded types that are not.
type ManualBody struct {
	ID          uuid.UUID     `json:"id" format:"uuid"`
	Title       string        `json:"title" example:"RX-280 Service Manual"`
	Type        string        `json:"type" enum:"service,parts,installation,user,wiring,bulletin,unknown"`
	Revision    string        `json:"revision,omitempty" doc:"As printed" example:"Rev. B"`
	Language    string        `json:"language,omitempty" doc:"ISO 639-1; absent until known" example:"en"`
	Serials     string        `json:"serial_range,omitempty" doc:"Serial numbers it is for, as printed or told; absent for all" example:"100200–100999"`
	Models      []modelBody   `json:"models" doc:"Models the manual is for"`
	FileName    string        `json:"file_name" doc:"As it was given"`
	SHA256      string        `json:"sha256" doc:"Of the original file as it is stored, in hex"`
	Source      string        `json:"source_sha256" doc:"Of the file as it came: another one where a password was taken off"`
	SizeBytes   int64         `json:"size_bytes"`
	Status      string        `json:"status" enum:"queued,processing,ready,failed,quarantined"`
	Error       *failureBody  `json:"error,omitempty" doc:"Why the manual failed, is in quarantine or, while it is queued, could not be read yet"`
	Pages       int           `json:"pages" doc:"0 until the file was opened"`
	PagesDone   int           `json:"pages_done" doc:"Pages that were read so far"`
	PagesFailed int           `json:"pages_failed" doc:"Pages that could not be read"`
	OCRWaiting  int           `json:"ocr_waiting" doc:"Pages with pictures of text that wait for OCR or are in it"`
	OCRDone     int           `json:"ocr_done" doc:"Pages whose pictures were read"`
	OCRFailed   int           `json:"ocr_failed" doc:"Pages whose pictures could not be read"`
	OCRQuality  string        `json:"ocr_quality" enum:"pending,excellent,good,fair,poor,failed" doc:"How well the pages could be read; pending until all are"`
	Searchable  bool          `json:"searchable" doc:"It can be asked, if only for the pages read so far"`
	NeedsReview bool          `json:"needs_review" doc:"Somebody should look at it"`
	Reasons     []reasonBody  `json:"review_reasons,omitempty" doc:"Why somebody should"`
	OpenFlags   int           `json:"open_flags" doc:"How often somebody has said that a row of it, or an answer out of it, is wrong, and nobody has seen to it yet; see /api/v1/flags"`
	Progress    *progressBody `json:"progress,omitempty" doc:"Of the reading; absent when it is done"`
	CreatedAt   time.Time     `json:"created_at"`
	UpdatedAt   time.Time     `json:"updated_at"`
	ReadyAt     *time.Time    `json:"ready_at,omitempty"`
	Findings    []findingBody `json:"findings,omitempty" doc:"What the file holds that a manual does not need"`
	ReleasedAt  *time.Time    `json:"released_at,omitempty" doc:"When it was let out of quarantine, the last time"`
	// What is asked instead, and what reads it anew.
	SupersededBy *referenceBody    `json:"superseded_by,omitempty" doc:"The manual that is asked instead of this one; see /api/v1/supersessions"`
	SupersededAt *time.Time        `json:"superseded_at,omitempty"`
	Outdated     bool              `json:"outdated" doc:"An older version of the program has read it: reprocess it to have it read by this one"`
	Reprocessing *reprocessingBody `json:"reprocessing,omitempty" doc:"While it is read again, and when that has failed; it is asked as it was meanwhile"`
	Links        manualLinks       `json:"links"`
}

// referenceBody names a manual.
type referenceBody struct {
	ID       uuid.UUID `json:"id" format:"uuid"`
	Title    string    `json:"title"`
	Revision string    `json:"revision,omitempty" doc:"As printed"`
}

// reprocessingBody is how far a manual that is read again is.
type reprocessingBody struct {
	Status     string        `json:"status" enum:"queued,processing,ready,failed" doc:"ready: it waits for OCR that the manual has had and this server has not"`
	Error      *failureBody  `json:"error,omitempty" doc:"Why it failed or waits"`
	Pages      int           `json:"pages" doc:"0 until the file was opened"`
	PagesDone  int           `json:"pages_done"`
	OCRWaiting int           `json:"ocr_waiting"`
	Progress   *progressBody `json:"progress,omitempty"`
	StartedAt  time.Time     `json:"started_at"`
	UpdatedAt  time.Time     `json:"updated_at"`
}

func newReprocessingBody(r *manual.Reprocessing) *reprocessingBody {
	if r == nil {
		return nil
	}
	b := &reprocessingBody{
		Status: string(r.Status), Pages: r.Pages, PagesDone: r.PagesDone, OCRWaiting: r.OCRWaiting,
		Progress: newProgressBody(r.Progress), StartedAt: r.StartedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
	if r.Error != nil {
		b.Error = &failureBody{r.Error.Code, r.Error.Message}
	}
	return b
}

type reasonBody struct {
	Code    string `json:"code" doc:"PAGES_FAILED, OCR_WAITING, OCR_FAILED, OCR_LOW_CONFIDENCE, TEXT_UNTRUSTED, PROPOSAL_OPEN, NO_MODEL, or of a manual that failed its error's" example:"OCR_WAITING"`
	Message string `json:"message" doc:"What is wrong and what to do"`
}

type progressBody struct {
	Stage string  `json:"stage" enum:"screen,extract,ocr,index,codes,cover" doc:"What is worked on or, of a manual that failed, what failed"`
	Done  int     `json:"done" doc:"Pages the stage has done"`
	Total int     `json:"total" doc:"Pages of the stage; 0 when it does not count pages or does not know them yet"`
	Rate  float64 `json:"rate,omitempty" doc:"Pages per second; absent until known, and while nothing moves"`
	ETA   int     `json:"eta_seconds,omitempty" doc:"Until the manual is ready, all stages together; absent until known"`
}

func newProgressBody(p manual.Progress) *progressBody {
	if p.Stage == "" {
		return nil
	}
	return &progressBody{string(p.Stage), p.Done, p.Total, math.Round(p.Rate*100) / 100, int(math.Ceil(p.ETA.Seconds()))}
}

type failureBody struct {
	Code    string `json:"code" example:"PDF_ENCRYPTED"`
	Message string `json:"message" doc:"What is wrong and what to do"`
}

type manualLinks struct {
	Self  string `json:"self" doc:"The manual and its status"`
	File  string `json:"file" doc:"The original file"`
	Pages string `json:"pages" doc:"How each page was read"`
	Cover string `json:"cover,omitempty" doc:"Small picture of the first page; absent until the file was opened"`
}

func manualURL(id uuid.UUID) string { return "/api/v1/manuals/" + id.String() }

func newManualBody(m manual.Manual) ManualBody {
	b := ManualBody{
		ID: m.ID, Title: m.Title, Type: string(m.Type), Revision: m.Revision, Language: m.Language,
		FileName: m.FileName, SHA256: m.SHA256, Source: m.SourceSHA256, Findings: newFindings(m.Findings), SizeBytes: m.SizeBytes, Status: string(m.Status),
		Pages: m.Pages, PagesDone: m.PagesDone, PagesFailed: m.PagesFailed, OCRWaiting: m.OCRWaiting, OCRDone: m.OCRDone, OCRFailed: m.OCRFailed,
		OCRQuality: string(m.Quality), Searchable: m.Searchable(), NeedsReview: m.NeedsReview, OpenFlags: m.OpenFlags,
		Progress: newProgressBody(m.Progress), Serials: m.SerialRange, Outdated: m.Outdated(), Reprocessing: newReprocessingBody(m.Reprocessing),
		CreatedAt: m.CreatedAt.UTC(), UpdatedAt: m.UpdatedAt.UTC(),
		Links: manualLinks{Self: manualURL(m.ID), File: manualURL(m.ID) + "/file", Pages: manualURL(m.ID) + "/pages"},
	}
	b.Models = make([]modelBody, len(m.Models))
	for i, x := range m.Models {
		b.Models[i] = modelBody{x.ID, x.Manufacturer, x.Name}
	}
	if m.Pages > 0 {
		b.Links.Cover = manualURL(m.ID) + "/cover"
	}
	for _, r := range m.ReviewReasons {
		b.Reasons = append(b.Reasons, reasonBody{r.Code, r.Message})
	}
	if m.Error != nil {
		b.Error = &failureBody{m.Error.Code, m.Error.Message}
	}
	b.ReadyAt, b.ReleasedAt, b.SupersededAt = utc(m.ReadyAt), utc(m.ReleasedAt), utc(m.SupersededAt)
	if n := m.SupersededBy; n != nil {
		b.SupersededBy = &referenceBody{n.ID, n.Title, n.Revision}
	}
	return b
}

// manualTag changes with everything that a manual's body shows, but for what only
// the time makes of it.
func manualTag(m manual.Manual) string {
	m.Progress.Rate, m.Progress.ETA = 0, 0
	if r := m.Reprocessing; r != nil {
		m.Reprocessing = new(*r)
		m.Reprocessing.Progress.Rate, m.Reprocessing.Progress.ETA = 0, 0
	}
	data, err := json.Marshal(newManualBody(m))
	if err != nil { // it has nothing that JSON has not
		return quoteETag(uuid.NewString())
	}
	sum := sha256.Sum256(fmt.Appendf(data, " %d", m.Generation))
	return quoteETag(hex.EncodeToString(sum[:16]))
}

// ManualPath names a manual. It is exported because huma passes over embedded
// types that are not.
type ManualPath struct {
	ID uuid.UUID `path:"id" format:"uuid" doc:"Id of the manual"`
}

type manualOutput struct {
	ETag string `header:"ETag"`
	Body ManualBody
}

func newManualOutput(m manual.Manual) *manualOutput {
	return &manualOutput{ETag: manualTag(m), Body: newManualBody(m)}
}

type listInput struct {
	Manufacturer string `query:"manufacturer" maxLength:"200" doc:"Only manuals for this manufacturer's models"`
	Model        string `query:"model" maxLength:"200" doc:"Only manuals for this model"`
	Type         string `query:"type" enum:"service,parts,installation,user,wiring,bulletin,unknown" doc:"Only this type"`
	Status       string `query:"status" enum:"queued,processing,ready,failed,quarantined" doc:"Only this status"`
	NeedsReview  string `query:"needs_review" enum:"true,false" doc:"Only manuals that somebody should look at, or only the others"`
	Outdated     bool   `query:"outdated" doc:"Only manuals that an older version of the program has read"`
	Superseded   string `query:"superseded" enum:"true,false" doc:"Only manuals instead of which another is asked, or only the others"`
	Query        string `query:"query" maxLength:"200" doc:"Only manuals with this in title or file name"`
	Limit        int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most manuals in one answer"`
	Cursor       string `query:"cursor" maxLength:"200" doc:"next_cursor of the previous answer"`
}

type listOutput struct {
	Body struct {
		Manuals    []ManualBody `json:"manuals" doc:"Newest first"`
		NextCursor string       `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
	}
}

type patchInput struct {
	ManualPath
	IfMatch string `header:"If-Match" doc:"ETag of the manual that is to be changed; without it whatever is there is changed"`
	Body    struct {
		Title        *string   `json:"title,omitempty" minLength:"1" maxLength:"300"`
		Type         *string   `json:"type,omitempty" enum:"service,parts,installation,user,wiring,bulletin,unknown"`
		Revision     *string   `json:"revision,omitempty" maxLength:"100" doc:"As printed"`
		Language     *string   `json:"language,omitempty" maxLength:"8" doc:"ISO 639-1; the manual is then indexed anew"`
		SerialRange  *string   `json:"serial_range,omitempty" maxLength:"300" doc:"Serial numbers it is for; empty has them read from the text" example:"100200-100999"`
		Manufacturer *string   `json:"manufacturer,omitempty" minLength:"1" maxLength:"200" doc:"Of the models; needed with them" example:"Cindervale"`
		Models       *[]string `json:"models,omitempty" maxItems:"200" doc:"Replaces the models the manual is for; unknown ones are added to the library" example:"[\"RX-280\"]"`
	}
}

func (a *api) manualRoutes() {
	handle(a, route{
		id: "list-manuals", method: http.MethodGet, path: "/api/v1/manuals", tag: "manuals",
		summary: "List manuals", detail: "Newest first. With next_cursor as cursor the list goes on.",
	}, a.listManuals)
	handle(a, route{
		id: "get-manual", method: http.MethodGet, path: "/api/v1/manuals/{id}", tag: "manuals",
		summary: "A manual and its status",
	}, a.getManual)
	handle(a, route{
		id: "update-manual", method: http.MethodPatch, path: "/api/v1/manuals/{id}", tag: "manuals",
		summary: "Change what is known of a manual", detail: "Fields that are left out stay as they are.",
	}, a.updateManual)
	handle(a, route{
		id: "delete-manual", method: http.MethodDelete, path: "/api/v1/manuals/{id}", tag: "manuals", status: http.StatusNoContent,
		summary: "Delete a manual", detail: "With its original, its pages and its index. Answers that were shown keep their quotes.",
	}, a.deleteManual)
	handle(a, route{
		id: "retry-manual", method: http.MethodPost, path: "/api/v1/manuals/{id}/retry", tag: "manuals", status: http.StatusAccepted,
		summary: "Read again what failed", detail: "A manual that failed goes on from the stage that failed; of any other, the pages that could " +
			"not be read are read again. Where nothing has failed nothing changes. A manual in quarantine is refused (409 MANUAL_QUARANTINED).",
	}, a.retryManual)
	file := handle(a, route{
		id: "get-manual-file", method: http.MethodGet, path: "/api/v1/manuals/{id}/file", tag: "manuals", timeout: -1,
		summary: "The original file", detail: "Ranges and conditional requests are answered. " +
			"The file of a manual in quarantine is not given out (409 MANUAL_QUARANTINED), nor one that was not checked for harmful content yet (503 MANUAL_NOT_SCREENED).",
	}, a.getFile)
	binary := map[string]*huma.MediaType{"application/pdf": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}
	file.Responses["200"] = &huma.Response{Description: "The file", Content: binary}
	file.Responses["206"] = &huma.Response{Description: "The part that Range asked for", Content: binary}
	file.Responses["304"] = &huma.Response{Description: "The file that If-None-Match names is still right"}
}

func (a *api) listManuals(ctx context.Context, in *listInput) (*listOutput, error) {
	var needsReview *bool
	if in.NeedsReview != "" {
		needsReview = new(in.NeedsReview == "true")
	}
	var superseded *bool
	if in.Superseded != "" {
		superseded = new(in.Superseded == "true")
	}
	manuals, next, err := a.Manuals.List(ctx, manual.Filter{
		Manufacturer: in.Manufacturer, Model: in.Model, Type: manual.Type(in.Type), Status: manual.Status(in.Status),
		NeedsReview: needsReview, Outdated: in.Outdated, Superseded: superseded, Query: in.Query, Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Manuals, out.Body.NextCursor = make([]ManualBody, len(manuals)), next
	for i, m := range manuals {
		out.Body.Manuals[i] = newManualBody(m)
	}
	return out, nil
}

func (a *api) getManual(ctx context.Context, in *ManualPath) (*manualOutput, error) {
	m, err := a.Manuals.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return newManualOutput(m), nil
}

func (a *api) updateManual(ctx context.Context, in *patchInput) (*manualOutput, error) {
	if in.IfMatch != "" {
		m, err := a.Manuals.Get(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		if !matchesETag(in.IfMatch, manualTag(m)) {
			return nil, newProblem(http.StatusPreconditionFailed, "CHANGED_MEANWHILE",
				"The manual was changed since you read it. Read it again and repeat your change.")
		}
	}
	b := in.Body
	patch := manual.Patch{Title: b.Title, Revision: b.Revision, Language: b.Language, SerialRange: b.SerialRange, Manufacturer: b.Manufacturer, Models: b.Models}
	if b.Type != nil {
		t := manual.Type(*b.Type)
		patch.Type = &t
	}
	m, err := a.Manuals.Update(ctx, in.ID, patch)
	if err != nil {
		return nil, err
	}
	return newManualOutput(m), nil
}

func (a *api) deleteManual(ctx context.Context, in *ManualPath) (*struct{}, error) {
	return nil, a.Manuals.Delete(ctx, in.ID)
}

func (a *api) retryManual(ctx context.Context, in *ManualPath) (*manualOutput, error) {
	m, err := a.Manuals.Retry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return newManualOutput(m), nil
}

func (a *api) getFile(ctx context.Context, in *fileInput) (*huma.StreamResponse, error) {
	file, m, err := a.Manuals.Open(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(huma.Context) {
		defer file.Close()
		h := in.w.Header()
		h.Set("Content-Type", "application/pdf")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": m.FileName}))
		h.Set("ETag", quoteETag(m.SHA256))
		h.Set("Cache-Control", "private, no-cache")
		http.ServeContent(&downloadWriter{transfer: newTransfer(in.w), ResponseWriter: in.w}, in.r, "", m.CreatedAt, file)
	}}, nil
}

type fileInput struct {
	ManualPath
	rawRequest
	Range string `header:"Range" doc:"Part of the file, such as bytes=0-1023"`
}

// errNoFile is what a client gets that sends no file.
func errNoFile() error {
	return errdefs.New(errdefs.Invalid, "FILE_MISSING", "There is no file in the request. Send the PDF as the form field \"file\" of a multipart/form-data body.")
}
