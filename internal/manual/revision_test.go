package manual_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

// printer is an engine whose files print what stands behind their tag: pages between
// bars, lines between slashes. "=n" stands for a page of text of its own.
type printer struct{ *engine }

func (p printer) Extract(ctx context.Context, path string, o pdf.ExtractOptions, v pdf.Visitor) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	_, printed, _ := strings.Cut(string(data), "prints ")
	texts := strings.Split(strings.TrimRight(printed, " "), "|")
	if err := v.Document(pdf.Document{Pages: len(texts)}); err != nil {
		return err
	}
	for n, text := range texts {
		if !asked(o, n+1) {
			continue
		}
		if topic, ok := strings.CutPrefix(text, "="); ok {
			var b strings.Builder
			for i := range 40 {
				fmt.Fprintf(&b, "%s%d ", topic, i)
			}
			text = b.String() + "and the pump is to be checked with the other hand"
		}
		out := pdf.Page{Number: n + 1, Width: 595, Height: 842}
		for l := range strings.SplitSeq(text, "/") {
			q := page(n+1, l)
			line := q.Lines[0]
			line.First = len(out.Words)
			out.Words, out.Lines = append(out.Words, q.Words...), append(out.Lines, line)
		}
		if err := v.Page(out); err != nil {
			return err
		}
	}
	return nil
}

// shelf is a library that compares manuals.
func shelf(t *testing.T) *library {
	t.Helper()
	e := &engine{}
	l := newLibrary(t, setup{engine: e, pdf: printer{e}})
	l.start(t)
	return l
}

// put adds a service manual that prints something, and waits until it was compared.
func (l *library) put(t *testing.T, u manual.Upload, printed string) manual.Manual {
	t.Helper()
	if u.Type == "" {
		u.Type = manual.TypeService
	}
	if u.Language == "" {
		u.Language = "en"
	}
	if u.Models == nil {
		u.Manufacturer, u.Models = "Ohlenbach", []string{"KD 61 E"}
	}
	m := l.wait(t, l.add(t, u, file(1, "x prints "+printed)).ID)
	if m.Status != manual.Ready {
		t.Fatalf("%+v", m)
	}
	l.quiet(t)
	return m
}

// open returns the open supersessions as "kind predecessor<successor", by title.
func (l *library) open(t *testing.T) (names []string, all []manual.Supersession) {
	t.Helper()
	all, _, err := l.Supersessions(t.Context(), manual.SupersessionFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		names = append(names, fmt.Sprintf("%s %s<%s", x.Kind, x.Predecessor.Title, x.Successor.Title))
	}
	slices.Sort(names)
	return names, all
}

// askedTitles are the manuals that a question about the model is answered from.
func (l *library) askedTitles(t *testing.T, model manual.Model) string {
	t.Helper()
	all, err := l.ForModel(t.Context(), model.ID)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range all {
		out = append(out, m.Title)
	}
	return strings.Join(out, " ")
}

const first10, next10 = "Service Manual / Rev. A|=a|=b|=c|=d|=e|=f|=g|=h|=i", "Service Manual / Rev. B|=a|=b|=c|=d|=e|=f|=g|=x|=y"

func TestANewerRevisionIsProposedAndTakesEffectWhenItIsConfirmed(t *testing.T) {
	t.Parallel()
	l := shelf(t)
	// The newer one comes first: what is printed decides.
	b := l.put(t, manual.Upload{Title: "B"}, next10)
	a := l.put(t, manual.Upload{Title: "A"}, first10)
	names, all := l.open(t)
	if !slices.Equal(names, []string{"revision A<B"}) {
		t.Fatalf("proposed: %q", names)
	}
	x := all[0]
	if x.Evidence.Reason != "revision" || x.Evidence.Pages != (manual.PageOverlap{Same: 7, OnlyOld: 2, OnlyNew: 2}) ||
		!slices.Contains(x.Evidence.Facts, manual.ComparedFact{Field: "revision", Predecessor: "Rev. A", Successor: "Rev. B"}) {
		t.Errorf("evidence: %+v", x.Evidence)
	}
	if m, _ := l.Get(t.Context(), a.ID); reasons(m) != "SUPERSESSION_OPEN" {
		t.Errorf("reasons to look at it: %q", reasons(m))
	}
	if got := l.askedTitles(t, a.Models[0]); got != "B A" {
		t.Errorf("asked before the decision: %q", got)
	}

	done, err := l.Confirm(t.Context(), x.ID, manual.SupersessionDecision{})
	if err != nil || done.State != manual.SupersessionConfirmed || done.DecidedBy != manual.LocalUser {
		t.Fatalf("%+v, %v", done, err)
	}
	if got := l.askedTitles(t, a.Models[0]); got != "B" {
		t.Errorf("asked now: %q", got)
	}
	m, err := l.Get(t.Context(), a.ID)
	if err != nil || m.SupersededBy == nil || m.SupersededBy.ID != b.ID || m.NeedsReview || !m.Searchable() {
		t.Errorf("the older one: %+v, %v", m, err)
	}
	if _, _, err := l.Page(t.Context(), a.ID, 2); err != nil {
		t.Errorf("the older one cannot be read: %v", err)
	}
	if only, _, err := l.List(t.Context(), manual.Filter{Superseded: new(true)}); err != nil || len(only) != 1 || only[0].ID != a.ID {
		t.Errorf("listed as superseded: %d, %v", len(only), err)
	}
	if actions, _ := decisions(t, l, a.ID); !slices.Equal(actions, []string{"manual.superseded"}) {
		t.Errorf("audit: %q", actions)
	}
	again, err := l.Confirm(t.Context(), x.ID, manual.SupersessionDecision{})
	if err != nil || !again.DecidedAt.Equal(*done.DecidedAt) {
		t.Errorf("confirmed twice: %v", err)
	}
	if _, err := l.DismissSupersession(t.Context(), x.ID, manual.SupersessionDecision{}); errdefs.Code(err) != "SUPERSESSION_DECIDED" {
		t.Errorf("dismissed after that: %v", err)
	}

	if m, err = l.Reinstate(t.Context(), a.ID, manual.SupersessionDecision{}); err != nil || m.SupersededBy != nil {
		t.Errorf("%+v, %v", m.SupersededBy, err)
	}
	l.quiet(t)
	if got := l.askedTitles(t, a.Models[0]); got != "B A" {
		t.Errorf("asked after it was undone: %q", got)
	}
	if names, _ := l.open(t); len(names) != 0 {
		t.Errorf("what was undone is proposed again: %q", names)
	}
}

func TestOnlyManualsForTheSameAreRevisionsOfEachOther(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		b       manual.Upload
		printed string
		want    string
	}{
		{"the same", manual.Upload{}, "=p|=q", "revision A<B"},
		{"more models", manual.Upload{Manufacturer: "Ohlenbach", Models: []string{"KD 61 E", "KD 62 E"}}, "=p|=q", "revision A<B"},
		{"other models", manual.Upload{Manufacturer: "Ohlenbach", Models: []string{"KD 62 E"}}, "=a|=b|=c", ""},
		{"another type", manual.Upload{Type: manual.TypeParts}, "=a|=b|=c", ""},
		{"another language", manual.Upload{Language: "de"}, "=a|=b|=c", ""},
		{"another range", manual.Upload{SerialRange: "1000-1999"}, "=a|=b|=c", ""},
		{"a printed range", manual.Upload{}, "For serial numbers 1000 to 1999 of this machine and no others|=a|=b|=c", ""},
		{"the same text", manual.Upload{Manufacturer: "Other", Models: []string{"X9"}, Type: manual.TypeUser, Language: "de"}, first10, "duplicate B<A"},
		{"a date", manual.Upload{}, "=p|printed May 2009 by Ohlenbach in the town of the same name", "revision A<B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := shelf(t)
			l.put(t, manual.Upload{Title: "A"}, first10)
			c.b.Title = "B"
			l.put(t, c.b, c.printed+" ") // other bytes, the same words
			names, _ := l.open(t)
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("proposed: %q", got)
			}
		})
	}
}

// Of one type a model has several that have nothing to do with each other.
func TestBulletinsAreRevisionsWhenTheyShareText(t *testing.T) {
	t.Parallel()
	l := shelf(t)
	l.put(t, manual.Upload{Title: "1", Type: manual.TypeBulletin}, "=a|=b")
	l.put(t, manual.Upload{Title: "2", Type: manual.TypeBulletin}, "=c|=d")
	if names, _ := l.open(t); len(names) != 0 {
		t.Errorf("proposed: %q", names)
	}
	l.put(t, manual.Upload{Title: "3", Type: manual.TypeBulletin}, "=c|=e")
	if names, _ := l.open(t); !slices.Equal(names, []string{"revision 2<3"}) {
		t.Errorf("proposed: %q", names)
	}
}

func TestManualsOfWhichNothingIsKnownAreProposedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	l := shelf(t)
	for i, printed := range []string{"=p|=q", "=r|=s", "=t|=u", "=v|=w"} {
		l.put(t, manual.Upload{Title: fmt.Sprint(i)}, printed)
	}
	if names, _ := l.open(t); !slices.Equal(names, []string{"revision 0<1", "revision 1<2", "revision 2<3"}) {
		t.Errorf("proposed: %q", names)
	}
}

func TestOfManyCopiesAllAreDuplicatesOfTheFirst(t *testing.T) {
	t.Parallel()
	l := shelf(t)
	for i := range 4 {
		l.put(t, manual.Upload{Title: fmt.Sprint(i)}, first10+strings.Repeat(" ", i))
	}
	if names, _ := l.open(t); !slices.Equal(names, []string{"duplicate 1<0", "duplicate 2<0", "duplicate 3<0"}) {
		t.Errorf("proposed: %q", names)
	}
}

func TestAProposalIsWithdrawnWhenItNoLongerHolds(t *testing.T) {
	t.Parallel()
	l := shelf(t)
	a := l.put(t, manual.Upload{Title: "A"}, first10)
	l.put(t, manual.Upload{Title: "B"}, next10)
	_, all := l.open(t)
	if _, err := l.Update(t.Context(), a.ID, manual.Patch{SerialRange: new("up to 999")}); err != nil {
		t.Fatal(err)
	}
	l.quiet(t)
	if names, _ := l.open(t); len(names) != 0 {
		t.Errorf("proposed still: %q", names)
	}
	if _, err := l.Confirm(t.Context(), all[0].ID, manual.SupersessionDecision{}); errdefs.Code(err) != "SUPERSESSION_NOT_FOUND" {
		t.Errorf("confirmed: %v", err)
	}
	if m, _ := l.Get(t.Context(), a.ID); m.NeedsReview {
		t.Errorf("to be looked at: %q", reasons(m))
	}
	if _, err := l.Update(t.Context(), a.ID, manual.Patch{SerialRange: new("")}); err != nil {
		t.Fatal(err)
	}
	l.quiet(t)
	_, again := l.open(t)
	if len(again) != 1 {
		t.Fatal("not proposed again")
	}
	if _, err := l.Update(t.Context(), a.ID, manual.Patch{Revision: new("Rev. 0")}); err != nil {
		t.Fatal(err)
	}
	l.quiet(t)
	seen := manual.SupersessionDecision{Seen: again[0].UpdatedAt}
	if _, err := l.Confirm(t.Context(), again[0].ID, seen); errdefs.Code(err) != "SUPERSESSION_CHANGED" {
		t.Errorf("confirmed what nobody has seen: %v", err)
	}
}

func TestADismissedProposalIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	l := shelf(t)
	a := l.put(t, manual.Upload{Title: "A"}, first10)
	l.put(t, manual.Upload{Title: "B"}, next10)
	_, all := l.open(t)
	if x, err := l.DismissSupersession(t.Context(), all[0].ID, manual.SupersessionDecision{}); err != nil || x.State != manual.SupersessionDismissed {
		t.Fatalf("%+v, %v", x, err)
	}
	if _, err := l.Update(t.Context(), a.ID, manual.Patch{Revision: new("Rev. C")}); err != nil {
		t.Fatal(err)
	}
	l.quiet(t)
	if names, _ := l.open(t); len(names) != 0 {
		t.Errorf("proposed: %q", names)
	}
	if got := l.askedTitles(t, a.Models[0]); got != "A B" {
		t.Errorf("asked: %q", got)
	}
}

// A superseded manual stays the one for models that its successor does not know.
func TestASupersededManualIsAskedAboutItsOtherModels(t *testing.T) {
	t.Parallel()
	l := shelf(t)
	a := l.put(t, manual.Upload{Title: "A", Manufacturer: "Ohlenbach", Models: []string{"KD 61 E", "KD 99"}}, first10)
	b := l.put(t, manual.Upload{Title: "B"}, next10)
	if _, err := l.Supersede(t.Context(), a.ID, b.ID, manual.SupersessionDecision{}); err != nil {
		t.Fatal(err)
	}
	for _, m := range a.Models {
		want := map[string]string{"KD 61 E": "B", "KD 99": "A"}[m.Name]
		if got := l.askedTitles(t, m); got != want {
			t.Errorf("asked about %s: %q", m.Name, got)
		}
	}
	// Nobody asks a manual in quarantine.
	if _, err := l.pool.Exec(t.Context(), `UPDATE manual SET status = 'quarantined' WHERE id = $1`, b.ID); err != nil {
		t.Fatal(err)
	}
	if got := l.askedTitles(t, a.Models[0]); got != "A" {
		t.Errorf("asked while the successor is held back: %q", got)
	}
}

func TestWhatADeletedManualHasSupersededIsPassedOn(t *testing.T) {
	t.Parallel()
	l := shelf(t)
	a := l.put(t, manual.Upload{Title: "A"}, first10)
	b := l.put(t, manual.Upload{Title: "B"}, next10)
	c := l.put(t, manual.Upload{Title: "C"}, strings.Replace(next10, "Rev. B", "Rev. C", 1))
	for _, x := range [][2]uuid.UUID{{a.ID, b.ID}, {b.ID, c.ID}} {
		if _, err := l.Supersede(t.Context(), x[0], x[1], manual.SupersessionDecision{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Supersede(t.Context(), c.ID, a.ID, manual.SupersessionDecision{}); errdefs.Code(err) != "MANUAL_SUPERSEDED" {
		t.Errorf("in a circle: %v", err)
	}
	if _, err := l.Supersede(t.Context(), c.ID, c.ID, manual.SupersessionDecision{}); errdefs.Code(err) != "SUPERSESSION_INVALID" {
		t.Errorf("by itself: %v", err)
	}
	if err := l.Delete(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	m, err := l.Get(t.Context(), a.ID)
	if err != nil || m.SupersededBy == nil || m.SupersededBy.ID != c.ID {
		t.Fatalf("%+v, %v", m.SupersededBy, err)
	}
	if err := l.Delete(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if got := l.askedTitles(t, a.Models[0]); got != "A" {
		t.Errorf("asked at last: %q", got)
	}
	if actions, _ := decisions(t, l, a.ID); !slices.Equal(actions, []string{"manual.superseded", "manual.superseded", "manual.reinstated"}) {
		t.Errorf("audit: %q", actions)
	}
}

func TestOfTwoDecisionsAtOnceOneHolds(t *testing.T) {
	t.Parallel()
	l := shelf(t)
	a := l.put(t, manual.Upload{Title: "A"}, first10)
	b := l.put(t, manual.Upload{Title: "B"}, next10)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			x := [2]uuid.UUID{a.ID, b.ID}
			if i%2 == 1 {
				x[0], x[1] = x[1], x[0]
			}
			_, errs[i] = l.Supersede(t.Context(), x[0], x[1], manual.SupersessionDecision{})
		})
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		switch {
		case err == nil:
			won++
		case errdefs.Code(err) != "MANUAL_SUPERSEDED":
			t.Errorf("decision %d: %v", i, err)
		}
	}
	if won != len(errs)/2 {
		t.Errorf("%d of %d decisions were taken", won, len(errs))
	}
	if n := l.count(t, `SELECT count(*) FROM manual WHERE superseded_by IS NOT NULL`); n != 1 {
		t.Errorf("%d manuals are superseded", n)
	}
}

// rowsOf is an index that has read other rows than there are, by the title.
type rowsOf struct {
	*search.Store
	pool *pgxpool.Pool
	rows map[string][]search.Row
}

func (r *rowsOf) Rows(ctx context.Context, id uuid.UUID, _ func(int) (*pdf.Page, error)) ([]search.Row, error) {
	var title string
	err := r.pool.QueryRow(ctx, `SELECT title FROM manual WHERE id = $1`, id).Scan(&title)
	return r.rows[title], err
}

func TestTheTablesOfTwoRevisionsAreCompared(t *testing.T) {
	t.Parallel()
	row := func(table search.RowTable, key string, page int, texts ...string) search.Row {
		r := search.Row{Table: table, Key: key, Name: strings.ToUpper(key), Page: page}
		for i := 0; i+1 < len(texts); i += 2 {
			r.Fields = append(r.Fields, search.RowField{Name: texts[i], Text: texts[i+1]})
		}
		return r
	}
	rows := map[string][]search.Row{
		"A": {
			row(search.RowCodes, "e1", 3, "meaning", "Pump blocked", "remedy", "Clean the pump"),
			row(search.RowCodes, "e2", 3, "meaning", "Fan  “blocked”"),
			row(search.RowCodes, "e3", 4, "meaning", "Door open"),
			row(search.RowCodes, "e4", 4, "meaning", "Of the left chamber"),
			row(search.RowCodes, "e4", 5, "meaning", "Of the right chamber"),
			row(search.RowParts, "100-1", 9, "description", "Hose", "quantity", "2"),
		},
		"B": {
			row(search.RowCodes, "e4", 6, "meaning", "Of the right chamber, upper"),
			row(search.RowCodes, "e4", 6, "meaning", "Of the left chamber"),
			row(search.RowCodes, "e1", 4, "meaning", "Pump blocked", "remedy", "Replace the pump", "cause", "Dirt"),
			row(search.RowCodes, "e2", 7, "meaning", "fan \"blocked\""),
			row(search.RowCodes, "e5", 7, "meaning", "Drain blocked"),
			row(search.RowParts, "100-1", 9, "description", "Hose", "quantity", "3"),
			row(search.RowSettings, "p1", 12, "default", "20"),
		},
	}
	e := &engine{}
	l := newLibrary(t, setup{engine: e, pdf: printer{e}, rows: rows})
	l.start(t)
	a, b := l.put(t, manual.Upload{Title: "A"}, first10), l.put(t, manual.Upload{Title: "B"}, next10)
	d, err := l.Diff(t.Context(), a.ID, b.ID)
	if err != nil || d.From.ID != a.ID || d.To.ID != b.ID {
		t.Fatal(err)
	}
	var got []string
	for _, x := range d.Tables {
		got = append(got, fmt.Sprintf("%s: %d the same", x.Table, x.Same))
		for _, r := range x.Added {
			got = append(got, fmt.Sprintf("+ %s p. %d", r.Name, r.Page))
		}
		for _, r := range x.Removed {
			got = append(got, fmt.Sprintf("- %s p. %d", r.Name, r.Page))
		}
		for _, c := range x.Changed {
			got = append(got, fmt.Sprintf("~ %s p. %d, %d %v", c.To.Name, c.From.Page, c.To.Page, c.Fields))
		}
	}
	want := []string{
		"codes: 2 the same", "+ E5 p. 7", "- E3 p. 4",
		"~ E1 p. 3, 4 [{remedy Clean the pump Replace the pump} {cause  Dirt}]",
		"~ E4 p. 5, 6 [{meaning Of the right chamber Of the right chamber, upper}]",
		"parts: 0 the same", "~ 100-1 p. 9, 9 [{quantity 2 3}]",
		"settings: 0 the same", "+ P1 p. 12",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if same, err := l.Diff(t.Context(), a.ID, a.ID); err != nil || len(same.Tables) != 2 || len(same.Tables[0].Changed)+len(same.Tables[0].Added) != 0 {
		t.Errorf("of a manual and itself: %+v, %v", same, err)
	}
	if _, err := l.Diff(t.Context(), a.ID, uuid.New()); errdefs.Code(err) != "MANUAL_NOT_FOUND" {
		t.Errorf("with none: %v", err)
	}
}
