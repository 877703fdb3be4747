package httpapi

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

type searchInput struct {
	Query        string    `query:"q" required:"true" maxLength:"20000" doc:"Words in any of the library's languages, codes, part numbers; 500 characters at most" example:"drain pump does not run"`
	Manufacturer string    `query:"manufacturer" maxLength:"200" doc:"Only manuals for this manufacturer's models" example:"Cindervale"`
	Model        string    `query:"model" maxLength:"200" doc:"Only manuals for this model; case, spaces and signs do not matter" example:"RX-440"`
	Type         string    `query:"type" enum:"service,parts,installation,user,wiring,bulletin,unknown" doc:"Only manuals of this type"`
	Language     string    `query:"language" maxLength:"8" doc:"Only passages in this language, ISO 639-1"`
	Manual       uuid.UUID `query:"manual" format:"uuid" doc:"Only this manual, also when it is superseded"`
	Superseded   bool      `query:"superseded" doc:"Also manuals instead of which another is asked"`
	Boxes        bool      `query:"boxes" doc:"Tell where on the page the highlighted words stand; takes longer"`
	Limit        int       `query:"limit" minimum:"1" maximum:"50" default:"20" doc:"Most passages in one answer"`
	Cursor       string    `query:"cursor" maxLength:"100" doc:"next_cursor of the previous answer"`
}

type searchOutput struct {
	Body SearchBody
}

// SearchBody is what a search of the library found.
type SearchBody struct {
	Codes      []CodeBody     `json:"codes,omitempty" doc:"Rows of the error codes in the question, with the first passages only"`
	Parts      []PartBody     `json:"parts,omitempty" doc:"Rows of the part numbers in the question, with the first passages only"`
	Passages   []PassageBody  `json:"passages" doc:"Best first, one of a page"`
	NextCursor string         `json:"next_cursor,omitempty" doc:"Absent after the last; the best 100 passages can be had, narrow the search for others"`
	Terms      []SearchedTerm `json:"terms" doc:"How the question was read"`
	Searched   int            `json:"manuals_searched"`
	Answering  int            `json:"manuals_answering" doc:"Those with a passage that holds most of what the question says; the facets count them"`
	Facets     SearchFacets   `json:"facets"`
}

// PassageBody is a part of a page with words of the question.
type PassageBody struct {
	ManualID    uuid.UUID     `json:"manual_id" format:"uuid"`
	Title       string        `json:"title" doc:"Of the manual"`
	Revision    string        `json:"revision,omitempty" doc:"Of the manual, as printed"`
	Type        string        `json:"type" doc:"Of the manual"`
	Models      []modelBody   `json:"models" doc:"Models the manual is for"`
	Page        int           `json:"page" doc:"PDF page number, 1 is the first"`
	PageLabel   string        `json:"page_label,omitempty" doc:"Page number as printed; absent when not known for a fact"`
	Section     string        `json:"section,omitempty" doc:"Headings over it"`
	Language    string        `json:"language,omitempty" doc:"ISO 639-1"`
	Score       float64       `json:"score" doc:"To compare the passages of one search by"`
	Text        string        `json:"text" doc:"As printed"`
	Parts       []PassagePart `json:"parts" doc:"The same text in parts, highlighted or not, that belong together with a space between"`
	FirstWord   int           `json:"first_word" doc:"Index of its first word in the page's words"`
	Highlighted []int         `json:"highlighted_words" doc:"Indices of the highlighted words in the page's words"`
	Boxes       []pdf.Box     `json:"boxes,omitempty" doc:"Of the highlighted words, where boxes were asked for"`
	Links       pageLinks     `json:"links"`
}

// PassagePart is a part of a passage's text.
type PassagePart struct {
	Text        string `json:"text"`
	Highlighted bool   `json:"highlighted,omitempty"`
}

// SearchedTerm is a word of a question.
type SearchedTerm struct {
	Word     string `json:"word" doc:"As typed, folded"`
	Repaired string `json:"repaired,omitempty" doc:"What was searched instead, since no manual has the word"`
	Found    bool   `json:"found" doc:"A manual has it, or what was searched instead"`
}

// SearchFacets count manuals by what a search can be narrowed by.
type SearchFacets struct {
	Manufacturers []FacetBody      `json:"manufacturers" doc:"The most frequent first, 50 at most"`
	Models        []ModelFacetBody `json:"models" doc:"The most frequent first, 50 at most"`
	Types         []FacetBody      `json:"types" doc:"The most frequent first"`
}

// FacetBody is a value with the number of its manuals.
type FacetBody struct {
	Value   string `json:"value"`
	Manuals int    `json:"manuals"`
}

// ModelFacetBody is a model with the number of its manuals.
type ModelFacetBody struct {
	ID           uuid.UUID `json:"id" format:"uuid"`
	Manufacturer string    `json:"manufacturer"`
	Name         string    `json:"name"`
	Manuals      int       `json:"manuals"`
}

func (a *api) searchRoutes() {
	handle(a, route{
		id: "search", method: http.MethodGet, path: "/api/v1/search", tag: "search",
		summary: "Search the pages of all manuals",
		detail: "Passages with the words of a question in any inflection, of the whole library or a selection of it. Words that no manual has are taken for " +
			"typing errors. Codes and part numbers are found however they are typed, their rows first. Manuals in quarantine are never searched, superseded ones when asked for. " +
			"With next_cursor as cursor the passages go on.",
	}, a.search)
}

func (a *api) search(ctx context.Context, in *searchInput) (*searchOutput, error) {
	q := search.LibraryQuery{
		Text: in.Query, Manufacturer: in.Manufacturer, Type: in.Type, Language: in.Language, Manual: in.Manual,
		Superseded: in.Superseded, Limit: in.Limit, Cursor: in.Cursor,
	}
	if in.Model != "" {
		m, err := a.Models.Resolve(ctx, in.Manufacturer, in.Model)
		if err != nil {
			return nil, err
		}
		q.ModelID, q.Manufacturer, q.Equipment = m.ID, "", m.String()
	}
	found, err := a.Search.SearchLibrary(ctx, q)
	if err != nil {
		return nil, err
	}
	body := NewSearchBody(found)
	if in.Boxes {
		for i := range body.Passages {
			if err := a.addBoxes(ctx, &body.Passages[i]); err != nil {
				return nil, err
			}
		}
	}
	return &searchOutput{body}, nil
}

// addBoxes adds where a passage's highlighted words stand.
func (a *api) addBoxes(ctx context.Context, p *PassageBody) error {
	page, _, err := a.Manuals.Page(ctx, p.ManualID, p.Page)
	if err != nil {
		return err
	}
	for _, w := range p.Highlighted {
		if w < len(page.Words) { // of a page that was read anew meanwhile it may not be
			p.Boxes = append(p.Boxes, page.Words[w].Box)
		}
	}
	return nil
}

// NewSearchBody returns what a search found as the API shows it.
func NewSearchBody(found search.LibraryResult) SearchBody {
	b := SearchBody{
		Passages: make([]PassageBody, len(found.Passages)), NextCursor: found.Next, Terms: make([]SearchedTerm, len(found.Terms)),
		Searched: found.Searched, Answering: found.Answering,
		Facets: SearchFacets{newFacets(found.Facets.Manufacturers), make([]ModelFacetBody, len(found.Facets.Models)), newFacets(found.Facets.Types)},
	}
	for i := range found.Codes {
		b.Codes = append(b.Codes, newCodeBody(&found.Codes[i]))
	}
	if len(found.Parts) > 0 {
		b.Parts = NewPartsBody(found.Parts, "").Parts
	}
	for i := range found.Passages {
		b.Passages[i] = newPassageBody(&found.Passages[i])
	}
	for i, t := range found.Terms {
		b.Terms[i] = SearchedTerm{t.Word, t.Repaired, len(t.Forms) > 0 || t.Found}
	}
	for i, m := range found.Facets.Models {
		b.Facets.Models[i] = ModelFacetBody{m.ID, m.Manufacturer, m.Name, m.Manuals}
	}
	return b
}

func newFacets(facets []search.Facet) []FacetBody {
	out := make([]FacetBody, len(facets))
	for i, f := range facets {
		out[i] = FacetBody(f)
	}
	return out
}

func newPassageBody(p *search.Passage) PassageBody {
	self := fmt.Sprintf("%s/pages/%d", manualURL(p.ManualID), p.Page)
	b := PassageBody{
		ManualID: p.ManualID, Title: p.Title, Revision: p.Revision, Type: p.Type, Models: make([]modelBody, len(p.Models)),
		Page: p.Page, PageLabel: p.Label, Section: p.Section, Language: p.Language, Score: math.Round(p.Score*1000) / 1000,
		Text: strings.Join(p.Words, " "), FirstWord: p.FirstWord, Highlighted: notNil(p.Highlighted), Links: pageLinks{self, self + "/image"},
	}
	for i, m := range p.Models {
		b.Models[i] = modelBody{m.ID, m.Manufacturer, m.Name}
	}
	marked := make([]bool, len(p.Words))
	for _, w := range p.Highlighted {
		marked[w-p.FirstWord] = true
	}
	for i, w := range p.Words {
		if last := len(b.Parts) - 1; last >= 0 && b.Parts[last].Highlighted == marked[i] {
			b.Parts[last].Text += " " + w
		} else {
			b.Parts = append(b.Parts, PassagePart{w, marked[i]})
		}
	}
	return b
}
