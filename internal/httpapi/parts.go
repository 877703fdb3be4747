package httpapi

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

// PrintedBody is a text of a manual's page with its place.
type PrintedBody struct {
	Text    string    `json:"text" doc:"As printed"`
	Heading string    `json:"heading,omitempty" doc:"Of its column, or what the text stands for, as printed"`
	Page    int       `json:"page" doc:"PDF page number"`
	Boxes   []pdf.Box `json:"boxes" doc:"A box for each line, in points"`
}

// PartsBody is a part of a list of parts.
type PartsBody struct {
	Parts      []PartBody `json:"parts" doc:"By manual, in the order of its pages"`
	NextCursor string     `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
}

// PartBody is a row of a parts list as the API shows it.
type PartBody struct {
	Number        string             `json:"number,omitempty" doc:"To order by, as printed; absent for a part that is not sold by itself" example:"RX-30115"`
	Description   *PrintedBody       `json:"description,omitempty"`
	Item          *PrintedBody       `json:"item,omitempty" doc:"The number in the drawing"`
	ItemInherited bool               `json:"item_inherited,omitempty" doc:"The item is printed once for several rows"`
	PrintedNumber *PrintedBody       `json:"printed_number,omitempty" doc:"Where the number is printed; of a composed one, the pattern"`
	Quantity      *PrintedBody       `json:"quantity,omitempty"`
	OtherNumbers  []PrintedBody      `json:"other_numbers,omitempty" doc:"Of further columns: the maker's, another system's"`
	Notes         []PrintedBody      `json:"notes,omitempty"`
	Models        []PrintedBody      `json:"models,omitempty" doc:"That the row or its number's column names; all of the manual's when absent"`
	Group         []PrintedBody      `json:"group,omitempty" doc:"Headings above it inside of the list, outermost first"`
	Drawing       *PrintedBody       `json:"drawing,omitempty" doc:"Title of the list or its plate"`
	Composed      *ComposedBody      `json:"composed,omitempty" doc:"Of a number that the manual prints in parts only: the rule and the suffix that make it"`
	ManualID      uuid.UUID          `json:"manual_id" format:"uuid"`
	Title         string             `json:"title" doc:"Of the manual"`
	Page          int                `json:"page" doc:"PDF page number, 1 is the first"`
	PageLabel     string             `json:"page_label,omitempty" doc:"Page number as printed; absent when not known for a fact"`
	Section       string             `json:"section,omitempty"`
	Language      string             `json:"language,omitempty" doc:"ISO 639-1"`
	Confidence    int                `json:"confidence,omitempty" doc:"Lowest that OCR gave a word of the number or the description, 1 to 100; absent when they stand in the text layer"`
	Correction    *RowCorrectionBody `json:"correction,omitempty" doc:"Set when the shop has corrected the row: what differs from the printed row is the shop's"`
}

// ComposedBody is how a part number was composed.
type ComposedBody struct {
	Rule    PrintedBody `json:"rule"`
	Suffix  PrintedBody `json:"suffix"`
	Meaning PrintedBody `json:"meaning"`
}

// SettingsBody is a part of a list of settings.
type SettingsBody struct {
	Settings   []SettingBody `json:"settings" doc:"By manual, in the order of its pages"`
	NextCursor string        `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
}

// SettingBody is a switch, jumper or parameter as the API shows it.
type SettingBody struct {
	Name       PrintedBody        `json:"name"`
	Setting    *PrintedBody       `json:"setting,omitempty" doc:"What is set, in words"`
	Default    *PrintedBody       `json:"default,omitempty"`
	Range      *PrintedBody       `json:"range,omitempty"`
	Unit       *PrintedBody       `json:"unit,omitempty"`
	Options    []PrintedBody      `json:"options,omitempty" doc:"What the positions do; the heading is the position"`
	Values     []PrintedBody      `json:"values,omitempty" doc:"What the table prints under any other heading: often of a model"`
	Meanings   []PrintedBody      `json:"meanings,omitempty"`
	Cautions   []PrintedBody      `json:"cautions,omitempty" doc:"Footnotes that the name's mark points to"`
	Models     []PrintedBody      `json:"models,omitempty"`
	Group      []PrintedBody      `json:"group,omitempty" doc:"Headings above it inside of the table, outermost first"`
	Table      *PrintedBody       `json:"table,omitempty" doc:"Title of the table: often the block of switches"`
	ManualID   uuid.UUID          `json:"manual_id" format:"uuid"`
	Title      string             `json:"title" doc:"Of the manual"`
	Page       int                `json:"page" doc:"PDF page number, 1 is the first"`
	PageLabel  string             `json:"page_label,omitempty" doc:"Page number as printed; absent when not known for a fact"`
	Section    string             `json:"section,omitempty"`
	Language   string             `json:"language,omitempty" doc:"ISO 639-1"`
	Confidence int                `json:"confidence,omitempty" doc:"Lowest that OCR gave a word of the row, 1 to 100; absent when it stands in the text layer"`
	Correction *RowCorrectionBody `json:"correction,omitempty" doc:"Set when the shop has corrected the row: what differs from the printed row is the shop's"`
}

// RowsInput selects rows of either index. It is exported because huma passes over
// embedded types that are not.
type RowsInput struct {
	Manufacturer string    `query:"manufacturer" maxLength:"200" doc:"Of the model, or of all models" example:"Cindervale"`
	Model        string    `query:"model" maxLength:"200" doc:"Only rows of this model's manuals; case, spaces and signs do not matter" example:"RX-440"`
	Query        string    `query:"q" maxLength:"500" doc:"Only rows with all these words"`
	Manual       uuid.UUID `query:"manual" format:"uuid" doc:"Only rows of this manual"`
	Limit        int       `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"Most rows in one answer"`
	Cursor       string    `query:"cursor" maxLength:"1000" doc:"next_cursor of the previous answer"`
}

type partRowsInput struct {
	RowsInput
	Number string `query:"number" maxLength:"100" doc:"A part number in any way it can be typed; also the maker's, where the list has both" example:"rx 30115"`
}

type settingRowsInput struct {
	RowsInput
	Name string `query:"name" maxLength:"100" doc:"A setting in any way it can be typed; a switch with or without its block" example:"p12"`
}

type partRowsOutput struct {
	Body PartsBody
}

type settingRowsOutput struct {
	Body SettingsBody
}

func (a *api) rowRoutes() {
	handle(a, route{
		id: "list-parts", method: http.MethodGet, path: "/api/v1/parts", tag: "parts",
		summary: "Look up parts",
		detail: "The rows of the manuals' parts lists, by number or by words of the description, without asking a question. " +
			"A row of which the page does not tell for certain what belongs together is left out. With next_cursor as cursor the list goes on.",
	}, a.listParts)
	handle(a, route{
		id: "list-settings", method: http.MethodGet, path: "/api/v1/settings", tag: "parts",
		summary: "Look up switches and parameters",
		detail:  "The rows of the manuals' tables of DIP switches, jumpers and parameters. With next_cursor as cursor the list goes on.",
	}, a.listSettings)
}

func (a *api) rowQuery(ctx context.Context, in *RowsInput, name string) (search.RowQuery, error) {
	q := search.RowQuery{Manufacturer: in.Manufacturer, Name: name, Text: in.Query, Limit: in.Limit, Cursor: in.Cursor}
	if in.Model != "" {
		m, err := a.Models.Resolve(ctx, in.Manufacturer, in.Model)
		if err != nil {
			return q, err
		}
		q.Manufacturer, q.Model = m.Manufacturer, m.Name
	}
	if in.Manual != uuid.Nil {
		q.Manuals = []uuid.UUID{in.Manual}
	}
	return q, nil
}

func (a *api) listParts(ctx context.Context, in *partRowsInput) (*partRowsOutput, error) {
	q, err := a.rowQuery(ctx, &in.RowsInput, in.Number)
	if err != nil {
		return nil, err
	}
	found, next, err := a.Search.Parts(ctx, q)
	if err != nil {
		return nil, err
	}
	return &partRowsOutput{NewPartsBody(found, next)}, nil
}

func (a *api) listSettings(ctx context.Context, in *settingRowsInput) (*settingRowsOutput, error) {
	q, err := a.rowQuery(ctx, &in.RowsInput, in.Name)
	if err != nil {
		return nil, err
	}
	found, next, err := a.Search.Settings(ctx, q)
	if err != nil {
		return nil, err
	}
	return &settingRowsOutput{NewSettingsBody(found, next)}, nil
}

// NewPartsBody returns rows of parts lists as the API shows them.
func NewPartsBody(found []search.FoundPart, next string) PartsBody {
	b := PartsBody{Parts: make([]PartBody, len(found)), NextCursor: next}
	for i := range found {
		r := &found[i]
		p := PartBody{
			Number: r.OrderNumber(), Description: printedOrNil(r.Description), Item: printedOrNil(r.Item), ItemInherited: r.ItemInherited,
			PrintedNumber: printedOrNil(r.Number), Quantity: printedOrNil(r.Quantity), OtherNumbers: printedList(r.Others), Notes: printedList(r.Notes),
			Models: printedList(r.Models), Group: printedList(r.Group), Drawing: printedOrNil(r.Drawing),
			ManualID: r.ManualID, Title: r.ManualTitle, Page: r.Page, PageLabel: r.Label, Section: r.Section, Language: r.Language, Confidence: r.Confidence,
		}
		if c := r.Composed; c != nil {
			p.Composed = &ComposedBody{newPrinted(c.Rule), newPrinted(c.Suffix), newPrinted(c.Meaning)}
		}
		p.Correction = newRowCorrection(r.Corrected)
		b.Parts[i] = p
	}
	return b
}

// NewSettingsBody returns rows of settings as the API shows them.
func NewSettingsBody(found []search.FoundSetting, next string) SettingsBody {
	b := SettingsBody{Settings: make([]SettingBody, len(found)), NextCursor: next}
	for i := range found {
		r := &found[i]
		b.Settings[i] = SettingBody{
			Name: newPrinted(r.Name), Setting: printedOrNil(r.Title), Default: printedOrNil(r.Default), Range: printedOrNil(r.Range), Unit: printedOrNil(r.Unit),
			Options: printedList(r.Options), Values: printedList(r.Values), Meanings: printedList(r.Meanings), Cautions: printedList(r.Cautions),
			Models: printedList(r.Models), Group: printedList(r.Group), Table: printedOrNil(r.Table),
			ManualID: r.ManualID, Title: r.ManualTitle, Page: r.Page, PageLabel: r.Label, Section: r.Section, Language: r.Language, Confidence: r.Confidence,
			Correction: newRowCorrection(r.Corrected),
		}
	}
	return b
}

func newPrinted(p search.Printed) PrintedBody {
	b := PrintedBody{Text: p.Text, Heading: p.Heading, Boxes: []pdf.Box{}}
	for i, at := range p.Boxes {
		if i == 0 {
			b.Page = at.Page
		}
		if at.Page == b.Page { // what goes on over a page break is boxed where it begins
			b.Boxes = append(b.Boxes, at.Box)
		}
	}
	return b
}

func printedOrNil(p search.Printed) *PrintedBody {
	if p.Empty() && p.Text == "" { // what only the shop says is printed nowhere
		return nil
	}
	b := newPrinted(p)
	return &b
}

func printedList(list []search.Printed) []PrintedBody {
	var out []PrintedBody
	for _, p := range list {
		out = append(out, newPrinted(p))
	}
	return out
}
