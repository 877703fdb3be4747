package correction_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/correction"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// library has one manual, whose rows a test says.
type library struct {
	*correction.Service
	t     *testing.T
	db    *pgxpool.Pool
	store *correction.Store
	index *search.Store
	id    uuid.UUID
}

// shelf holds the one manual of the id.
type shelf uuid.UUID

func (s shelf) Get(context.Context, uuid.UUID) (manual.Manual, error) {
	return manual.Manual{ID: uuid.UUID(s), Title: "M", Pages: 9, Generation: 1}, nil
}

func (shelf) Page(context.Context, uuid.UUID, int) (pdf.Page, string, error) {
	return pdf.Page{}, "", nil
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	db := pgtest.New(t)
	l := &library{t: t, db: db, store: correction.NewStore(db), id: uuid.Must(uuid.NewV7())}
	l.index = search.New(db, slog.New(slog.DiscardHandler), search.WithCorrections(l.store))
	l.exec(`INSERT INTO manual (id, sha256, source_sha256, size_bytes, file_name, title, type, status, generation, created_by)
		VALUES ($1::uuid, repeat('a', 64), repeat('a', 64), 1, 'm.pdf', 'M', 'service', 'ready', 1, (SELECT id FROM users))`, l.id)
	l.Service = correction.New(correction.Deps{DB: db, Rows: l.index, Manuals: shelf(l.id)})
	return l
}

func (l *library) exec(query string, args ...any) {
	l.t.Helper()
	if _, err := l.db.Exec(l.t.Context(), query, args...); err != nil {
		l.t.Fatal(err)
	}
}

// row is a row of a code as a reading makes it.
type row struct {
	code    string
	page    int
	meaning string
}

// read replaces the rows of the manual, as every indexing does.
func (l *library) read(rows ...row) {
	l.t.Helper()
	l.exec(`DELETE FROM error_code WHERE manual_id = $1`, l.id)
	for i, r := range rows {
		c := search.CodeRow{Code: r.code, Key: textnorm.Key(r.code), Page: r.page, LastPage: r.page, Fields: []search.Field{
			{Role: search.RoleCode, Words: []int{0}, Printed: r.code}, {Role: search.RoleMeaning, Words: []int{1}, Printed: r.meaning},
		}}
		data, err := json.Marshal(c)
		if err != nil {
			l.t.Fatal(err)
		}
		l.exec(`INSERT INTO error_code (manual_id, ordinal, code, code_key, loose_key, page, row) VALUES ($1, $2, $3, $4, $4, $5, $6)`, l.id, i, c.Code, c.Key, c.Page, data)
	}
}

// means looks a code up and returns what its rows say.
func (l *library) means(code string) []string {
	l.t.Helper()
	found, err := l.index.LookUpCodes(l.t.Context(), search.CodeFilter{Code: code, Manual: l.id})
	if err != nil {
		l.t.Fatal(err)
	}
	out := []string{}
	for _, r := range found.Rows {
		text, told := r.Corrected.Text("meaning")
		for _, f := range r.Fields {
			if f.Role == search.RoleMeaning && !told {
				text = f.Printed
			}
		}
		out = append(out, text)
	}
	return out
}

func (l *library) want(code string, want ...string) {
	l.t.Helper()
	if got := l.means(code); !slices.Equal(got, want) {
		l.t.Errorf("%s: %q, want %q", code, got, want)
	}
}

func (l *library) make(kind search.CorrectionKind, code string, says search.Says) correction.Correction {
	l.t.Helper()
	c, created, err := l.Make(l.t.Context(), correction.Draft{
		ManualID: l.id, Table: search.RowCodes, Kind: kind, Row: correction.RowRef{Name: code}, Says: says,
	})
	if err != nil || !created {
		l.t.Fatalf("created %v, %v", created, err)
	}
	return c
}

func (l *library) wantFit(c correction.Correction, want search.Fit) {
	l.t.Helper()
	got, err := l.Get(l.t.Context(), c.ID)
	if err != nil || got.Fit != want {
		l.t.Errorf("it %s (%v), want that it %s", got.Fit, err, want)
	}
	again, _, err := l.List(l.t.Context(), correction.Filter{State: correction.LookAgain})
	if err != nil || (len(again) == 1) != (want != search.FitHolds) {
		l.t.Errorf("%d to be looked at again, %v", len(again), err)
	}
}

func meaning(text string) search.Says {
	return search.Says{Fields: map[string]string{"meaning": text}}
}

func TestACorrectionKeepsToItsRowWhateverIsReadAnew(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	first := []row{{"E1", 3, "Water pressure is too low"}, {"E1", 7, "Drain pump runs dry"}, {"E2", 3, "Door open"}}
	l.read(first...)
	c, _, err := l.Make(t.Context(), correction.Draft{
		ManualID: l.id, Table: search.RowCodes, Kind: search.CorrectionReplace, Row: correction.RowRef{Name: "e-1", Page: 3}, Says: meaning("Strainer clogged"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		rows []row
		want []string
		fit  search.Fit
	}{
		{"as it was", first, []string{"Strainer clogged", "Drain pump runs dry"}, search.FitHolds},
		{"other typography", []row{{"E1", 3, "Water pressure is too low."}, {"E1", 7, "Drain pump runs dry"}}, []string{"Strainer clogged", "Drain pump runs dry"}, search.FitHolds},
		{"on another page", []row{{"E1", 4, "Water pressure is too low"}, {"E1", 7, "Drain pump runs dry"}}, []string{"Strainer clogged", "Drain pump runs dry"}, search.FitHolds},
		{"in another order", []row{{"E1", 7, "Drain pump runs dry"}, {"E1", 3, "Water pressure is too low"}}, []string{"Drain pump runs dry", "Strainer clogged"}, search.FitHolds},
		{"read differently", []row{{"E1", 3, "Water pressure is too low see 4.2"}, {"E1", 7, "Drain pump runs dry"}}, []string{"Strainer clogged", "Drain pump runs dry"}, search.FitChanged},
		{"another row in its place", []row{{"E1", 3, "Heater relay welded shut"}, {"E1", 7, "Drain pump runs dry"}}, []string{"Strainer clogged", "Heater relay welded shut", "Drain pump runs dry"}, search.FitGone},
		{"only the other row left", []row{{"E1", 7, "Drain pump runs dry"}}, []string{"Strainer clogged", "Drain pump runs dry"}, search.FitGone},
		{"two rows alike", []row{{"E1", 3, "Water pressure is low"}, {"E1", 3, "Water pressure too low"}}, []string{"Strainer clogged", "Water pressure is low", "Water pressure too low"}, search.FitGone},
		{"nothing read yet", nil, []string{"Strainer clogged"}, search.FitGone},
		{"as it was again", first, []string{"Strainer clogged", "Drain pump runs dry"}, search.FitHolds},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l.read(tt.rows...)
			l.want("E1", tt.want...)
			l.wantFit(c, tt.fit)
		})
	}
	if _, err := l.Undo(t.Context(), c.ID, 0, uuid.Nil); err != nil {
		t.Fatal(err)
	}
	l.want("E1", "Water pressure is too low", "Drain pump runs dry")
}

func TestASuppressedRowStaysSuppressedAndNoOtherIs(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.read(row{"E5", 2, "Page number of the index"}, row{"E6", 2, "Fan blocked"})
	c := l.make(search.CorrectionSuppress, "E5", search.Says{})
	l.want("E5")
	l.want("E6", "Fan blocked")
	l.read(row{"E5", 2, "Page number of the index 14"})
	l.want("E5")
	l.wantFit(c, search.FitChanged)
	l.read(row{"E5", 2, "Ignition failed"})
	l.want("E5", "Ignition failed")
	l.wantFit(c, search.FitGone)
}

func TestAnAddedRowIsToBeLookedAtOnceTheProgramReadsIt(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.read(row{"E1", 2, "Fan blocked"})
	says := meaning("Drip tray flooded")
	says.Name, says.Page = "E9", 4
	c := l.make(search.CorrectionAdd, "", says)
	l.want("E-9", "Drip tray flooded")
	l.wantFit(c, search.FitHolds)
	l.read(row{"E1", 2, "Fan blocked"}, row{"E9", 4, "Tray flooded"})
	l.want("E9", "Drip tray flooded", "Tray flooded")
	l.wantFit(c, search.FitChanged)
}

func TestEveryChangeIsKeptAndGivesAnotherVersion(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.read(row{"E1", 2, "Fan blocked"})
	seen := map[string]bool{}
	another := func(after string) {
		t.Helper()
		v, err := l.store.Version(t.Context(), []uuid.UUID{l.id})
		if err != nil || seen[v] {
			t.Errorf("after it was %s: version %q again, %v", after, v, err)
		}
		seen[v] = true
	}
	another("nothing")
	c := l.make(search.CorrectionReplace, "E1", meaning("Belt worn"))
	another("made")
	if _, err := l.Change(t.Context(), c.ID, correction.Edit{Version: 1, Says: new(meaning("Belt torn"))}); err != nil {
		t.Fatal(err)
	}
	another("changed")
	if _, err := l.Undo(t.Context(), c.ID, 2, uuid.Nil); err != nil {
		t.Fatal(err)
	}
	another("undone")
	if again, err := l.Undo(t.Context(), c.ID, 0, uuid.Nil); err != nil || again.Version != 3 {
		t.Errorf("undone twice: version %d, %v", again.Version, err)
	}
	other := l.make(search.CorrectionReplace, "E1", meaning("Bearing dry"))
	if _, err := l.Redo(t.Context(), c.ID, 0, uuid.Nil); errdefs.Code(err) != "CORRECTION_EXISTS" || errdefs.As(err).Details["correction_id"] != other.ID {
		t.Errorf("redone beside another: %v", err)
	}
	another("another made")
	history, err := l.History(t.Context(), c.ID)
	if err != nil || len(history) != 3 || history[0].Says.Fields["meaning"] != "Belt worn" || history[1].Says.Fields["meaning"] != "Belt torn" || history[2].By != "Local user" {
		t.Errorf("%+v, %v", history, err)
	}
	entries, err := audit.Of(t.Context(), l.db, l.id)
	var actions []audit.Action
	for _, e := range entries {
		actions = append(actions, e.Action)
	}
	if want := []audit.Action{"correction.made", "correction.changed", "correction.undone", "correction.made"}; err != nil || !slices.Equal(actions, want) {
		t.Errorf("audit %v, %v", actions, err)
	}
}

func TestTechniciansFlagAndAdministratorsCorrect(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.read(row{"E1", 2, "Fan blocked"})
	technician := uuid.Must(uuid.NewV7())
	l.exec(`INSERT INTO users (id, username, role) VALUES ($1, 'kim', 'technician')`, technician)
	if _, _, err := l.Make(t.Context(), correction.Draft{
		ManualID: l.id, Table: search.RowCodes, Kind: search.CorrectionSuppress, Row: correction.RowRef{Name: "E1"}, User: technician,
	}); !errdefs.Is(err, errdefs.Forbidden) {
		t.Errorf("a technician corrects: %v", err)
	}
	// Of a row that is not there any more when the phone is in reach again.
	f, created, err := l.Flag(t.Context(), correction.NewFlag{
		Manual: l.id, Table: search.RowCodes, Row: correction.RowRef{Name: "E7", Page: 4}, Reason: correction.WrongPage, User: technician,
	})
	if err != nil || !created || f.CreatedBy != "kim" || f.Row.Name != "E7" {
		t.Errorf("%+v, %v", f, err)
	}
	decision := correction.FlagDecision{State: correction.FlagDismissed, User: technician}
	if _, err := l.DecideFlag(t.Context(), f.ID, decision); !errdefs.Is(err, errdefs.Forbidden) {
		t.Errorf("a technician decides: %v", err)
	}
	if n, err := l.Totals(t.Context()); err != nil || n.OpenFlags != 1 {
		t.Errorf("%+v, %v", n, err)
	}
}
