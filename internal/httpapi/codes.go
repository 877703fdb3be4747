package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

type codesInput struct {
	Manufacturer string    `query:"manufacturer" maxLength:"200" doc:"Of the model, or of all models" example:"Cindervale"`
	Model        string    `query:"model" maxLength:"200" doc:"Only what holds for this model; case, spaces and signs do not matter" example:"RX-440"`
	Code         string    `query:"code" maxLength:"100" doc:"Code in any way it can be typed; all codes when left out" example:"e-12"`
	Language     string    `query:"language" maxLength:"8" doc:"Only rows in this language, ISO 639-1"`
	Manual       uuid.UUID `query:"manual" format:"uuid" doc:"Only rows of this manual"`
	Limit        int       `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"Most rows in one answer"`
	Cursor       string    `query:"cursor" maxLength:"1000" doc:"next_cursor of the previous answer"`
}

type codesOutput struct {
	Body CodesBody
}

// CodesBody is what a look-up of codes found.
type CodesBody struct {
	Codes      []CodeBody `json:"codes" doc:"By code, manual and page"`
	Match      string     `json:"match" enum:"exact,loose,none" doc:"loose: no row has the code as typed; those listed differ in zeros before a number, or in the letter O for a zero"`
	Near       []string   `json:"near,omitempty" doc:"Codes that look like the one that was not found, as printed"`
	NextCursor string     `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
}

// CodeBody is a place where a manual explains an error code, as the API shows it.
type CodeBody struct {
	Code         string             `json:"code" doc:"As printed; a sub-code follows its parent" example:"E12"`
	Key          string             `json:"key" doc:"What it is compared by" example:"e12"`
	Form         string             `json:"form" enum:"code,message,lamp" doc:"What names the row: a code, a text of the display, or a lamp's pattern"`
	Manufacturer string             `json:"manufacturer" example:"Cindervale"`
	Models       []string           `json:"models" doc:"Those that the row says it is for; all of its manual when it does not say"`
	Meaning      []CodeFieldBody    `json:"meaning"`
	Solutions    []CodeSolutionBody `json:"solutions" doc:"Causes with what helps, as the manual puts them together; to correct the second one's, name its fields cause/2 and remedy/2"`
	Other        []CodeFieldBody    `json:"other,omitempty" doc:"What other columns say, and the text of a section"`
	Section      string             `json:"section,omitempty" doc:"Headings over it"`
	IsSection    bool               `json:"is_section,omitempty" doc:"A section under a heading, not a row of a table"`
	Language     string             `json:"language,omitempty" doc:"ISO 639-1"`
	Source       string             `json:"source" enum:"text,ocr,drawn" doc:"How the code was read: in the text layer, by OCR, or from the drawn segments of a display"`
	Confidence   int                `json:"confidence,omitempty" doc:"Lowest that OCR gave a word of the row, 1 to 100; absent when all stand in the text layer"`
	ManualID     uuid.UUID          `json:"manual_id" format:"uuid"`
	Title        string             `json:"title" doc:"Of the manual"`
	Revision     string             `json:"revision,omitempty" doc:"Of the manual"`
	Page         int                `json:"page" doc:"PDF page number, 1 is the first"`
	PageLabel    string             `json:"page_label,omitempty" doc:"Page number as printed; absent when not known for a fact"`
	LastPage     int                `json:"last_page" doc:"PDF page number on which the row ends"`
	CodeBoxes    []pdf.Box          `json:"code_boxes" doc:"Where the code is printed"`
	Links        codeLinks          `json:"links"`
	Correction   *RowCorrectionBody `json:"correction,omitempty" doc:"Set when the shop has corrected the row: what differs from the printed row is the shop's"`
	Fingerprint  string             `json:"fingerprint,omitempty" doc:"Tells the row from others of its code and page, when it is flagged or corrected"`
}

// CodeSolutionBody are causes with their remedies.
type CodeSolutionBody struct {
	Causes   []CodeFieldBody `json:"causes"`
	Remedies []CodeFieldBody `json:"remedies"`
}

// CodeFieldBody is a cell of a row.
type CodeFieldBody struct {
	Text      string    `json:"text" doc:"As printed, or as the shop says"`
	Heading   string    `json:"heading,omitempty" doc:"Of its column"`
	Page      int       `json:"page" doc:"PDF page number"`
	Boxes     []pdf.Box `json:"boxes" doc:"A box for each line; none of what the shop says"`
	Corrected bool      `json:"corrected,omitempty" doc:"The shop says so: it is not printed"`
}

type codeLinks struct {
	Page  string `json:"page" doc:"The page's text"`
	Image string `json:"image" doc:"The page's picture"`
}

func (a *api) codeRoutes() {
	handle(a, route{
		id: "list-error-codes", method: http.MethodGet, path: "/api/v1/error-codes", tag: "codes",
		summary: "Look up error codes",
		detail: "What the manuals print about a code, without asking a question: of one model, of one manual, or of all. " +
			"Sibling models may print other limits for the same code, so each row names its models. With next_cursor as cursor the list goes on.",
	}, a.listCodes)
}

func (a *api) listCodes(ctx context.Context, in *codesInput) (*codesOutput, error) {
	f := search.CodeFilter{
		Code: in.Code, Manufacturer: in.Manufacturer, Manual: in.Manual, Language: in.Language, Limit: in.Limit, Cursor: in.Cursor,
	}
	if in.Model != "" {
		m, err := a.Models.Resolve(ctx, in.Manufacturer, in.Model)
		if err != nil {
			return nil, err
		}
		f.ModelID, f.Manufacturer = m.ID, ""
	}
	found, err := a.Search.LookUpCodes(ctx, f)
	if err != nil {
		return nil, err
	}
	return &codesOutput{NewCodesBody(found)}, nil
}

// NewCodesBody returns what a look-up found as the API shows it.
func NewCodesBody(found search.CodeList) CodesBody {
	b := CodesBody{Codes: make([]CodeBody, len(found.Rows)), Match: "exact", Near: found.Near, NextCursor: found.Next}
	for i := range found.Rows {
		b.Codes[i] = newCodeBody(&found.Rows[i])
	}
	switch {
	case len(found.Rows) == 0:
		b.Match = "none"
	case found.Loosely:
		b.Match = "loose"
	}
	return b
}

// newCodeBody returns a row as the API shows it.
func newCodeBody(r *search.FoundCode) CodeBody {
	b := CodeBody{
		Code: r.Code, Key: r.Key, Form: "code", Manufacturer: r.Manufacturer, Models: notNil(r.Models),
		Solutions: []CodeSolutionBody{}, Section: r.Section, IsSection: r.Heading, Language: r.Language,
		Source: string(search.SourceText), Confidence: int(r.Confidence), ManualID: r.ManualID, Title: r.Title, Revision: r.Revision,
		Page: r.Page, PageLabel: r.PageLabel, LastPage: max(r.Page, r.LastPage), CodeBoxes: []pdf.Box{},
		Links: codeLinks{
			Page:  fmt.Sprintf("/api/v1/manuals/%s/pages/%d", r.ManualID, r.Page),
			Image: fmt.Sprintf("/api/v1/manuals/%s/pages/%d/image", r.ManualID, r.Page),
		},
	}
	if len(r.Models) == 0 {
		b.Models = notNil(r.ManualModels)
	}
	if r.Form != search.FormCode {
		b.Form = string(r.Form)
	}
	if r.Source != "" {
		b.Source = string(r.Source)
	}
	for _, f := range r.Fields {
		switch f.Role {
		case search.RoleCode:
			b.CodeBoxes = append(b.CodeBoxes, f.Boxes...)
		case search.RoleMeaning, search.RoleSymptom, search.RoleCause, search.RoleRemedy:
		default:
			b.Other = append(b.Other, newCodeField(r, f))
		}
	}
	b.Meaning = newCodeFields(r, r.Meanings())
	for _, s := range r.Solutions() {
		b.Solutions = append(b.Solutions, CodeSolutionBody{newCodeFields(r, s.Causes), newCodeFields(r, s.Remedies)})
	}
	b.Correction = newRowCorrection(r.Corrected)
	printed := r.Printed()
	b.Fingerprint = printed.Fingerprint()
	return b
}

func newCodeFields(r *search.FoundCode, fields []search.Field) []CodeFieldBody {
	out := make([]CodeFieldBody, len(fields))
	for i, f := range fields {
		out[i] = newCodeField(r, f)
	}
	return out
}

func newCodeField(r *search.FoundCode, f search.Field) CodeFieldBody {
	return CodeFieldBody{Text: f.Printed, Heading: f.Header, Page: f.On(&r.CodeRow), Boxes: notNil(f.Boxes), Corrected: f.Shop}
}
