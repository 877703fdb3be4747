package search

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// LibraryQuery is a search of all manuals or a selection of them. What is zero selects
// all; manuals in quarantine are never searched.
type LibraryQuery struct {
	Text         string // as typed, any language
	Manufacturer string // of all its models; may be typed short
	ModelID      uuid.UUID
	Equipment    string    // the name of the model, whose words then say little
	Manual       uuid.UUID // also a superseded one
	Type         string    // manual.Type
	Language     string    // ISO 639-1, of the passages
	Superseded   bool      // also manuals instead of which another is asked
	Reader       string    // language that is preferred between copies, ISO 639-1
	Limit        int       // passages; 20 when 0, 50 at most
	Cursor       string    // LibraryResult.Next of the search that goes on
}

// LibraryResult is what a search of the library found.
type LibraryResult struct {
	// Codes and Parts are the rows of the codes and part numbers in the question. They
	// come with the first passages only.
	Codes    []FoundCode
	Parts    []FoundPart
	Passages []Passage // best first, one of a page
	Next     string    // cursor of the next passages, "" after the last that can be had
	Terms    []Term    // of the text, in its order
	// Searched and Answering are how many manuals were searched, and how many of these
	// have a passage that holds most of the question; Facets counts the latter.
	Searched, Answering int
	Facets              Facets
}

// Passage is a part of a page that holds words of the question.
type Passage struct {
	ManualID uuid.UUID
	Title    string // of the manual
	Revision string // of the manual, as printed
	Type     string // manual.Type
	Models   []LibraryModel
	Page     int    // PDF page number
	Label    string // printed page label, "" when it is not known for a fact
	Section  string
	Language string
	Score    float64
	// FirstWord is the index into the page's words of the first of Words, Highlighted
	// those of the question's words.
	FirstWord   int
	Words       []string
	Highlighted []int
}

// Facets count manuals by what they can be narrowed by, the most frequent first.
type Facets struct {
	Manufacturers []Facet
	Models        []ModelFacet
	Types         []Facet
}

// Facet is a value with the number of its manuals.
type Facet struct {
	Value   string
	Manuals int
}

// ModelFacet is a model with the number of its manuals.
type ModelFacet struct {
	LibraryModel
	Manuals int
}

// The limits of a search of the library.
const (
	defaultPassages = 20
	maxPassages     = 50
	reachable       = 100 // passages that can be had by cursors; more are no answer but a list
	maxFacets       = 50
	maxLibraryText  = 500 // characters
	libraryRows     = 10  // codes and parts that are shown
)

// libraryState is what a process keeps between searches of the library. All of it can
// be lost, and none of it is ever out of date: the database says at each search what
// the manuals are.
type libraryState struct {
	catalogue atomic.Pointer[catalogue]
	postings  postingCache
	lexicon   lexicon
	stems     stemCache
}

// SearchLibrary ranks the passages of all manuals that a query selects, by the ranking
// that Search has within a manual.
//
// Errors: SEARCH_EMPTY, SEARCH_TOO_LONG, SEARCH_TOO_COMMON, CURSOR_INVALID,
// MANUFACTURER_NOT_FOUND with the detail "closest", MANUAL_NOT_FOUND.
func (s *Store) SearchLibrary(ctx context.Context, q LibraryQuery) (LibraryResult, error) {
	q.Text = textnorm.Clean(q.Text)
	switch {
	case textnorm.Key(q.Text) == "":
		return LibraryResult{}, errdefs.New(errdefs.Invalid, "SEARCH_EMPTY", "There is nothing to search for. Type words, a code or a part number.")
	case utf8.RuneCountInString(q.Text) > maxLibraryText:
		return LibraryResult{}, errdefs.New(errdefs.Invalid, "SEARCH_TOO_LONG", "A search takes %d characters at most. Leave out what is not about the fault or the part.", maxLibraryText)
	}
	var after *passageCursor
	if q.Cursor != "" {
		c, err := parsePassageCursor(q.Cursor)
		if err != nil {
			return LibraryResult{}, err
		}
		after = &c
	}
	q.Limit = min(cmp.Or(q.Limit, defaultPassages), maxPassages)
	var out LibraryResult
	var sc *scope
	var codes []string
	err := s.inSnapshot(ctx, func(tx pgx.Tx) error {
		c, err := s.catalogue(ctx, tx)
		if err != nil {
			return err
		}
		if sc, err = c.selected(q); err != nil {
			return err
		}
		out.Searched = len(sc.manuals)
		if len(sc.manuals) == 0 {
			return nil
		}
		codes, err = s.searchScope(ctx, tx, sc, q, after, &out)
		return err
	})
	if err != nil {
		return LibraryResult{}, postgres.Translate(err)
	}
	if after == nil && out.Searched > 0 {
		err = s.searchRows(ctx, sc, q, codes, &out)
	}
	return out, err
}

// selected returns the scope of a query whose manual and manufacturer are known.
func (c *catalogue) selected(q LibraryQuery) (*scope, error) {
	if q.Manual != uuid.Nil && c.at(q.Manual) < 0 {
		return nil, errdefs.New(errdefs.NotFound, "MANUAL_NOT_FOUND", "There is no manual with this id that can be searched. List the manuals to see the known ones.")
	}
	sc := c.scope(q)
	if q.Manufacturer == "" || len(sc.manuals) > 0 {
		return sc, nil
	}
	if only := c.scope(LibraryQuery{Manufacturer: q.Manufacturer, Superseded: true}); len(only.manuals) > 0 {
		return sc, nil
	}
	closest := c.closestMakers(q.Manufacturer)
	known := "List the models to see the known ones."
	if len(closest) > 0 {
		known = "The closest known are " + strings.Join(closest, ", ") + "."
	}
	return nil, errdefs.New(errdefs.NotFound, "MANUFACTURER_NOT_FOUND", "The library has no manual of %q. %s", q.Manufacturer, known).With("closest", closest)
}

// closestMakers returns the manufacturers that are written like a name.
func (c *catalogue) closestMakers(name string) []string {
	key := textnorm.Key(name)
	type maker struct {
		name     string
		distance int
	}
	var all []maker
	seen := map[string]bool{}
	limit := max(2, utf8.RuneCountInString(key)/2)
	for i := range c.manuals {
		for _, m := range c.manuals[i].models {
			if seen[m.Manufacturer] {
				continue
			}
			seen[m.Manufacturer] = true
			if d := textnorm.EditDistance(key, textnorm.Key(m.Manufacturer), limit); d <= limit {
				all = append(all, maker{m.Manufacturer, d})
			}
		}
	}
	slices.SortFunc(all, func(a, b maker) int { return cmp.Or(a.distance-b.distance, strings.Compare(a.name, b.name)) })
	out := []string{}
	for _, m := range all[:min(5, len(all))] {
		out = append(out, m.name)
	}
	return out
}

// searchScope finds the passages and returns the codes that are asked about.
func (s *Store) searchScope(ctx context.Context, tx pgx.Tx, sc *scope, q LibraryQuery, after *passageCursor, out *LibraryResult) ([]string, error) {
	p, postings, err := s.readLibrary(ctx, tx, sc, Query{Manuals: sc.ids(), Text: q.Text, Equipment: q.Equipment, Language: cmp.Or(q.Language, q.Reader)})
	if err != nil {
		return nil, err
	}
	if len(p.terms) == 0 {
		return nil, errdefs.New(errdefs.Invalid, "SEARCH_TOO_COMMON", "These words stand on every page. Add what it is about: a part, a fault, a code.")
	}
	ranking, err := rankScope(ctx, sc, &p, postings)
	if err != nil {
		return nil, err
	}
	for _, t := range p.terms {
		out.Terms = append(out.Terms, t.Term)
	}
	out.Answering, out.Facets = len(ranking.answers), sc.facets(ranking.answers)
	if err := (snapshot{tx, s.corrections}).addPhrases(ctx, ranking.best, p.terms); err != nil {
		return nil, err
	}
	var res Result
	(snapshot{tx, s.corrections}).boostCodes(&res, ranking.best, p)
	hits := sc.pages(&res, ranking.best, p)
	if after != nil {
		hits = slices.DeleteFunc(hits, func(h pageOfLibrary) bool { return !after.before(h.PageHit) })
	}
	if len(hits) > q.Limit {
		hits = hits[:q.Limit]
		out.Next = passageCursor{hits[q.Limit-1].Score, hits[q.Limit-1].ManualID, hits[q.Limit-1].Page}.String()
	}
	return p.codes, s.showPassages(ctx, tx, sc, hits, p.terms, out)
}

// pageOfLibrary is a page with the ordinal of its best chunk.
type pageOfLibrary struct {
	PageHit
	ordinal int32
}

// pages takes the best window of each page, in the order in which they are shown.
func (s *scope) pages(res *Result, chunks []*scored, p parsed) []pageOfLibrary {
	ordinals := map[PageRef]int32{}
	for _, c := range chunks {
		m := &s.catalogue.manuals[s.at(c.key.manual)]
		page := PageRef{c.key.manual, int(m.chunks.pages[c.key.ordinal])}
		if _, seen := ordinals[page]; seen || len(res.Pages) == reachable {
			continue
		}
		ordinals[page] = c.key.ordinal
		res.Pages = append(res.Pages, PageHit{ManualID: page.Manual, Page: page.Page, Language: m.language(c.key.ordinal), Score: c.score, Matched: c.matched})
	}
	res.preferLanguage(p)
	slices.SortStableFunc(res.Pages, comparePages)
	out := make([]pageOfLibrary, len(res.Pages))
	for i, h := range res.Pages {
		out[i] = pageOfLibrary{h, ordinals[PageRef{h.ManualID, h.Page}]}
	}
	return out
}

// PageRef names a page.
type PageRef struct {
	Manual uuid.UUID
	Page   int
}

func comparePages(a, b PageHit) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ManualID.String(), b.ManualID.String()), a.Page-b.Page)
}

// showPassages reads what users see of pages.
func (s *Store) showPassages(ctx context.Context, tx pgx.Tx, sc *scope, hits []pageOfLibrary, terms []queryTerm, out *LibraryResult) error {
	ids, ordinals := make([]uuid.UUID, len(hits)), make([]int32, len(hits))
	for i, h := range hits {
		ids[i], ordinals[i] = h.ManualID, h.ordinal
	}
	rows, err := tx.Query(ctx, `
		SELECT c.first_word, c.section, c.body, coalesce(p.label, '')
		FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS k(m, o, n)
		JOIN chunk c ON c.manual_id = k.m AND c.ordinal = k.o -- primary keys
		LEFT JOIN page p ON p.manual_id = c.manual_id AND p.number = c.page
		ORDER BY k.n`, ids, ordinals)
	if err != nil {
		return postgres.Translate(err)
	}
	defer rows.Close()
	var texts []string
	for i := 0; rows.Next(); i++ {
		h, m := hits[i], &sc.catalogue.manuals[sc.at(hits[i].ManualID)]
		p := Passage{
			ManualID: h.ManualID, Title: m.title, Revision: m.revision, Type: m.kind, Models: m.models,
			Page: h.Page, Language: h.Language, Score: h.Score,
		}
		var text string
		if err := rows.Scan(&p.FirstWord, &p.Section, &text, &p.Label); err != nil {
			return postgres.Translate(err)
		}
		out.Passages, texts = append(out.Passages, p), append(texts, text)
	}
	if err := rows.Err(); err != nil {
		return postgres.Translate(err)
	}
	return s.highlight(ctx, tx, out.Passages, texts, terms)
}

// facets counts the manuals.
func (s *scope) facets(manuals []int32) Facets {
	makers, types, models := map[string]int{}, map[string]int{}, make([]int, len(s.models))
	for _, at := range manuals {
		m := &s.catalogue.manuals[at]
		types[m.kind]++
		for i, x := range m.models {
			models[m.modelAt[i]]++
			if !slices.ContainsFunc(m.models[:i], func(o LibraryModel) bool { return o.Manufacturer == x.Manufacturer }) {
				makers[x.Manufacturer]++
			}
		}
	}
	var out Facets
	for _, f := range []struct {
		counts map[string]int
		to     *[]Facet
	}{{makers, &out.Manufacturers}, {types, &out.Types}} {
		for v, n := range f.counts {
			*f.to = append(*f.to, Facet{v, n})
		}
		slices.SortFunc(*f.to, func(a, b Facet) int { return cmp.Or(b.Manuals-a.Manuals, strings.Compare(a.Value, b.Value)) })
		*f.to = (*f.to)[:min(maxFacets, len(*f.to))]
	}
	for i, n := range models {
		if n > 0 {
			out.Models = append(out.Models, ModelFacet{s.models[i], n})
		}
	}
	slices.SortStableFunc(out.Models, func(a, b ModelFacet) int { return b.Manuals - a.Manuals }) // the others stand by name
	out.Models = out.Models[:min(maxFacets, len(out.Models))]
	return out
}

// searchRows finds the rows of the codes and part numbers of a question.
func (s *Store) searchRows(ctx context.Context, sc *scope, q LibraryQuery, codes []string, out *LibraryResult) error {
	words := strings.Fields(q.Text)
	if len(codes) == 0 && len(words) <= 2 && textnorm.HasDigit(q.Text) {
		codes = []string{q.Text} // typed with another zero or letter O than is printed
	}
	inScope := func(id uuid.UUID) bool {
		at := sc.at(id)
		if at < 0 {
			return false
		}
		_, found := slices.BinarySearch(sc.manuals, int32(at))
		return found
	}
	for _, code := range codes {
		f := CodeFilter{Code: code, ModelID: q.ModelID, Manual: q.Manual, Language: q.Language, Limit: libraryRows}
		if !sc.whole {
			f.Limit = 20 * libraryRows // some of them are of other manuals
		}
		found, err := s.LookUpCodes(ctx, f)
		if err != nil && errdefs.Code(err) != "CODE_INVALID" {
			return err
		}
		for _, r := range found.Rows {
			if len(out.Codes) < libraryRows && inScope(r.ManualID) {
				out.Codes = append(out.Codes, r)
			}
		}
	}
	for _, number := range typedNumbers(words) {
		if len(out.Parts) > 0 {
			break
		}
		parts, _, err := s.Parts(ctx, RowQuery{Manuals: sc.ids(), Name: number, Limit: libraryRows})
		if err != nil {
			return err
		}
		out.Parts = parts
	}
	return nil
}

// typedNumbers returns what may be part numbers in a question, the longest first: a
// number may be typed in several words.
func typedNumbers(words []string) []string {
	const longest, shortest = 3, 5 // in words, in characters
	var out []string
	for n := min(longest, len(words)); n > 0; n-- {
		for i := range len(words) - n + 1 {
			number := strings.Join(words[i:i+n], "")
			digits := strings.Count(strings.Map(func(r rune) rune {
				if unicode.IsDigit(r) {
					return '0'
				}
				return r
			}, number), "0")
			if digits >= 3 && utf8.RuneCountInString(textnorm.Key(number)) >= shortest && len(out) < 6 {
				out = append(out, number)
			}
		}
	}
	return out
}

// passageCursor is the last passage of a part of the result.
type passageCursor struct {
	score  float64
	manual uuid.UUID
	page   int
}

// before reports whether a page comes after the cursor.
func (c passageCursor) before(h PageHit) bool {
	return comparePages(PageHit{Score: c.score, ManualID: c.manual, Page: c.page}, h) < 0
}

func (c passageCursor) String() string {
	data := binary.BigEndian.AppendUint64(nil, math.Float64bits(c.score))
	data = append(data, c.manual[:]...)
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(data, uint32(c.page)))
}

func parsePassageCursor(s string) (passageCursor, error) {
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(data) != 28 {
		return passageCursor{}, errdefs.New(errdefs.Invalid, "CURSOR_INVALID", "The cursor is not one of ours. Start again without it.")
	}
	return passageCursor{
		math.Float64frombits(binary.BigEndian.Uint64(data)), uuid.UUID(data[8:24]), int(binary.BigEndian.Uint32(data[24:])),
	}, nil
}
