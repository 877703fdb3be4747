package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/structure"
)

// ManualParts selects parts of a manual. Huma fills embedded types that are exported only.
type ManualParts struct {
	ManualPath
	Page   int    `query:"page" minimum:"0" maximum:"100000" doc:"Only what is on this PDF page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"200" doc:"Most entries in one answer"`
	Cursor string `query:"cursor" pattern:"^[0-9]{0,9}$" doc:"next_cursor of the previous answer"`
}

func (in *ManualParts) filter(kind string) search.PartFilter {
	f := search.PartFilter{Type: kind, Page: in.Page, After: -1, Limit: in.Limit}
	if in.Cursor != "" {
		_, _ = fmt.Sscan(in.Cursor, &f.After) // digits only, by its pattern
	}
	return f
}

// cursorOf writes the ordinal behind which a list goes on, "" for none.
func cursorOf(next int) string {
	if next < 0 {
		return ""
	}
	return fmt.Sprint(next)
}

// FactBody is something printed, with its place.
type FactBody struct {
	Text string `json:"text" doc:"As printed"`
	Page int    `json:"page" doc:"PDF page number"`
}

// rangeBody is a range of serial numbers.
type rangeBody struct {
	From string `json:"from,omitempty" doc:"Absent when it is open"`
	To   string `json:"to,omitempty" doc:"Absent when it is open"`
	FactBody
}

// appliesBody is what a section holds for.
type appliesBody struct {
	Models       []FactBody  `json:"models,omitempty"`
	Serials      []rangeBody `json:"serials,omitempty" doc:"Serial numbers or dates of manufacture"`
	Voltages     []FactBody  `json:"voltages,omitempty"`
	Refrigerants []FactBody  `json:"refrigerants,omitempty"`
}

// sectionBody is a section of a manual.
type sectionBody struct {
	Section   int          `json:"section" doc:"Counts the manual's sections in printed order, from 0"`
	Parent    *int         `json:"parent,omitempty" doc:"The section that it is part of"`
	Level     int          `json:"level" doc:"1 is the top"`
	Type      string       `json:"type" enum:"overview,specifications,installation,operation,error_codes,troubleshooting,maintenance,wiring_diagrams,parts_list,safety,other"`
	Title     string       `json:"title"`
	FirstPage int          `json:"first_page" doc:"PDF page number"`
	LastPage  int          `json:"last_page" doc:"PDF page number"`
	Language  string       `json:"language,omitempty" doc:"ISO 639-1; absent when not known"`
	CopyOf    *int         `json:"copy_of,omitempty" doc:"The section that it repeats in another language"`
	Source    string       `json:"source" enum:"outline,heading" doc:"The file's bookmarks, or what is set as a heading"`
	Applies   *appliesBody `json:"applies,omitempty" doc:"What it says that it holds for; absent when it says nothing"`
}

type sectionsInput struct {
	ManualParts
	Type string `query:"type" enum:"overview,specifications,installation,operation,error_codes,troubleshooting,maintenance,wiring_diagrams,parts_list,safety,other" doc:"Only sections of this type"`
}

type sectionsOutput struct {
	Body struct {
		Sections   []sectionBody `json:"sections" doc:"In printed order; none before the manual is indexed"`
		NextCursor string        `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
	}
}

// placeBody is where a piece of a table stands.
type placeBody struct {
	Page int     `json:"page" doc:"PDF page number"`
	Box  pdf.Box `json:"box"`
}

// TableSummary is a table without its rows.
type TableSummary struct {
	Table     int         `json:"table" doc:"Counts the manual's tables in printed order, from 0"`
	Type      string      `json:"type" enum:"values,codes,parts,settings,troubleshooting,contents,other"`
	Title     string      `json:"title,omitempty"`
	Language  string      `json:"language,omitempty" doc:"ISO 639-1; absent when not known"`
	Section   *int        `json:"section,omitempty" doc:"The section that it stands in"`
	FirstPage int         `json:"first_page" doc:"PDF page number"`
	LastPage  int         `json:"last_page" doc:"PDF page number"`
	Places    []placeBody `json:"places" doc:"The pieces that it is printed in"`
	Headings  []string    `json:"headings" doc:"Of its columns, one each; empty where there is none"`
	Rows      int         `json:"rows" doc:"Below the headings"`
	Self      string      `json:"self" doc:"The table with its rows"`
}

type tablesInput struct {
	ManualParts
	Type string `query:"type" enum:"values,codes,parts,settings,troubleshooting,contents,other" doc:"Only tables of this type"`
}

type tablesOutput struct {
	Body struct {
		Tables     []TableSummary `json:"tables" doc:"In printed order; none before the manual is indexed"`
		NextCursor string         `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
	}
}

// columnBody is a column of a table.
type columnBody struct {
	Heading    string   `json:"heading" doc:"As printed; those that span several columns first"`
	Holds      string   `json:"holds" doc:"What its cells are: code, meaning, cause, remedy, symptom, item, part_number, quantity, model, parameter, position, default, range, unit, page or other"`
	Names      bool     `json:"names,omitempty" doc:"Its cells name their rows"`
	Unit       string   `json:"unit,omitempty"`
	Conditions []string `json:"conditions,omitempty" doc:"Under which its values hold"`
}

// rowBody is a row of a table.
type rowBody struct {
	Places     []placeBody `json:"places" doc:"Two when it goes on over a page break"`
	Cells      []string    `json:"cells" doc:"One per column; one that spans columns is in the first of them"`
	Heading    bool        `json:"heading,omitempty" doc:"It is a heading between the rows"`
	Unit       string      `json:"unit,omitempty" doc:"Of its values, where the row tells it"`
	Conditions []string    `json:"conditions,omitempty" doc:"Under which its values hold"`
}

// tableBody is a table with its rows.
type tableBody struct {
	TableSummary
	Unit       string       `json:"unit,omitempty" doc:"Of all its values"`
	Conditions []string     `json:"conditions,omitempty" doc:"Under which all of it holds"`
	Columns    []columnBody `json:"columns"`
	Content    []rowBody    `json:"content" doc:"The rows below the headings"`
}

type tablePath struct {
	ManualPath
	Table int `path:"n" minimum:"0" maximum:"1000000" doc:"Number of the table, as the list gives it" example:"3"`
}

type tableOutput struct {
	Body tableBody
}

// drawingBody is a drawing.
type drawingBody struct {
	Type    string  `json:"type" enum:"wiring,exploded_view,layout,other"`
	Title   string  `json:"title,omitempty"`
	Page    int     `json:"page" doc:"PDF page number"`
	Box     pdf.Box `json:"box"`
	Section *int    `json:"section,omitempty" doc:"The section that it stands in"`
	Image   string  `json:"image" doc:"Its page as a picture"`
}

type drawingsInput struct {
	ManualParts
	Type string `query:"type" enum:"wiring,exploded_view,layout,other" doc:"Only drawings of this type"`
}

type drawingsOutput struct {
	Body struct {
		Drawings   []drawingBody `json:"drawings" doc:"In printed order; none before the manual is indexed"`
		NextCursor string        `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
	}
}

func (a *api) structureRoutes() {
	const goesOn = " With next_cursor as cursor the list goes on."
	handle(a, route{
		id: "list-sections", method: http.MethodGet, path: "/api/v1/manuals/{id}/sections", tag: "manuals",
		summary: "Sections of a manual", detail: "The chapters and their parts with their pages, and what they hold for." + goesOn,
	}, a.listSections)
	handle(a, route{
		id: "list-tables", method: http.MethodGet, path: "/api/v1/manuals/{id}/tables", tag: "manuals",
		summary: "Tables of a manual", detail: "A table that goes on over pages is one. Without the rows." + goesOn,
	}, a.listTables)
	handle(a, route{
		id: "get-table", method: http.MethodGet, path: "/api/v1/manuals/{id}/tables/{n}", tag: "manuals",
		summary: "A table of a manual", detail: "With its rows, and the headings, units and conditions of its values.",
	}, a.getTable)
	handle(a, route{
		id: "list-drawings", method: http.MethodGet, path: "/api/v1/manuals/{id}/drawings", tag: "manuals",
		summary: "Drawings of a manual", detail: "Wiring diagrams, exploded views, layouts and other pictures, as regions of pages." + goesOn,
	}, a.listDrawings)
}

func (a *api) listSections(ctx context.Context, in *sectionsInput) (*sectionsOutput, error) {
	sections, next, err := a.Manuals.Sections(ctx, in.ID, in.filter(in.Type))
	if err != nil {
		return nil, err
	}
	out := &sectionsOutput{}
	out.Body.Sections, out.Body.NextCursor = make([]sectionBody, len(sections)), cursorOf(next)
	for i := range sections {
		s := &sections[i]
		out.Body.Sections[i] = sectionBody{
			Section: s.Ordinal, Parent: listIndex(s.Parent), Level: s.Level, Type: string(s.Type), Title: s.Title, FirstPage: s.FirstPage, LastPage: s.LastPage,
			Language: s.Language, CopyOf: listIndex(s.CopyOf), Source: s.Source, Applies: newAppliesBody(&s.Applies),
		}
	}
	return out, nil
}

func newAppliesBody(a *structure.Applicability) *appliesBody {
	if a.Empty() {
		return nil
	}
	facts := func(all []structure.Fact) []FactBody {
		var out []FactBody
		for _, f := range all {
			out = append(out, FactBody{f.Text, f.Page})
		}
		return out
	}
	out := &appliesBody{Models: facts(a.Models), Voltages: facts(a.Voltages), Refrigerants: facts(a.Refrigerants)}
	for _, r := range a.Serials {
		out.Serials = append(out.Serials, rangeBody{r.From, r.To, FactBody{r.Text, r.Page}})
	}
	return out
}

func (a *api) listTables(ctx context.Context, in *tablesInput) (*tablesOutput, error) {
	tables, next, err := a.Manuals.Tables(ctx, in.ID, in.filter(in.Type))
	if err != nil {
		return nil, err
	}
	out := &tablesOutput{}
	out.Body.Tables, out.Body.NextCursor = make([]TableSummary, len(tables)), cursorOf(next)
	for i := range tables {
		out.Body.Tables[i] = newTableSummary(in.ID, &tables[i])
	}
	return out, nil
}

func newTableSummary(manual uuid.UUID, t *search.Table) TableSummary {
	out := TableSummary{
		Table: t.Ordinal, Type: string(t.Kind), Title: t.Title.Text, Language: t.Language, Section: listIndex(t.Section),
		FirstPage: t.Parts[0].Page, LastPage: t.Parts[len(t.Parts)-1].Page, Rows: len(t.Rows),
		Headings: make([]string, len(t.Columns)), Self: fmt.Sprintf("%s/tables/%d", manualURL(manual), t.Ordinal),
	}
	for _, p := range t.Parts {
		out.Places = append(out.Places, placeBody{p.Page, p.Box})
	}
	for k := range t.Columns {
		out.Headings[k] = t.Columns[k].Heading
	}
	return out
}

func (a *api) getTable(ctx context.Context, in *tablePath) (*tableOutput, error) {
	t, err := a.Manuals.Table(ctx, in.ID, in.Table)
	if err != nil {
		return nil, err
	}
	texts := func(facts []structure.Fact) []string {
		var out []string
		for _, f := range facts {
			out = append(out, f.Text)
		}
		return out
	}
	body := tableBody{
		TableSummary: newTableSummary(in.ID, &t), Unit: t.Unit.Text, Conditions: texts(t.Conditions),
		Columns: make([]columnBody, len(t.Columns)), Content: make([]rowBody, len(t.Rows)),
	}
	for k := range t.Columns {
		c := &t.Columns[k]
		body.Columns[k] = columnBody{c.Heading, string(c.Role), c.Names, c.Unit.Text, texts(c.Conditions)}
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		row := rowBody{Cells: make([]string, len(r.Cells)), Heading: r.Heading, Unit: r.Unit.Text, Conditions: texts(r.Conditions)}
		for _, at := range r.At {
			row.Places = append(row.Places, placeBody{at.Page, at.Box})
		}
		for k := range r.Cells {
			row.Cells[k] = r.Cells[k].Text
		}
		body.Content[i] = row
	}
	return &tableOutput{body}, nil
}

func (a *api) listDrawings(ctx context.Context, in *drawingsInput) (*drawingsOutput, error) {
	drawings, next, err := a.Manuals.Drawings(ctx, in.ID, in.filter(in.Type))
	if err != nil {
		return nil, err
	}
	out := &drawingsOutput{}
	out.Body.Drawings, out.Body.NextCursor = make([]drawingBody, len(drawings)), cursorOf(next)
	for i := range drawings {
		d := &drawings[i]
		out.Body.Drawings[i] = drawingBody{
			string(d.Kind), d.Title.Text, d.Page, d.Box, listIndex(d.Section), fmt.Sprintf("%s/pages/%d/image", manualURL(in.ID), d.Page),
		}
	}
	return out, nil
}

// listIndex is a position in a list, absent for -1.
func listIndex(i int) *int {
	if i < 0 {
		return nil
	}
	return &i
}
