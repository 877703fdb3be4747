package equipment_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

func ensure(t *testing.T, pool *pgxpool.Pool, s *equipment.Service, manufacturer, name string) equipment.Model {
	t.Helper()
	var m equipment.Model
	err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) (err error) {
		m, err = s.Ensure(t.Context(), tx, manufacturer, name)
		return err
	})
	if err != nil {
		t.Fatalf("Ensure(%q, %q): %v", manufacturer, name, err)
	}
	return m
}

func TestResolve(t *testing.T) {
	pool := pgtest.New(t)
	s := equipment.New(pool)
	for _, m := range [][2]string{
		{"Mitsubishi Electric", "PUZ-WM50/60/85/112"},
		{"Philips", "192E2 / 192EL2 (Meridian 2)"},
		{"Balboa", "EL/GL Mach 3 with ML700"},
		{"Sharp", "AH-AP9/12/18/24SMD, AH-A..SED"},
		{"Worksaver", "T25/T40/T55 rotary tiller"},
		{"Ohlenbach", "KD 61 E"},
		{"Ohlenbach", "KD 101 G"},
		{"Cindervale", "RX-280"},
		{"Cindervale", "RX-280 Pro"},
		{"Cindervale", "RX-280 Max"},
		{"Tarnholm", "TI-520A"},
		{"Kestrel", "T25"},
	} {
		ensure(t, pool, s, m[0], m[1])
	}

	for _, tc := range []struct{ manufacturer, name, want, code string }{
		{"Philips", "192el2", "192E2 / 192EL2 (Meridian 2)", ""},
		{"Mitsubishi Electric", "PUZ-WM85", "PUZ-WM50/60/85/112", ""},
		{"", "puz wm 85", "PUZ-WM50/60/85/112", ""},
		{"Mitsubishi", "PUZ-WM85VAA", "PUZ-WM50/60/85/112", ""},                  // nameplate goes on
		{"Mitsubishi Electric Europe", "PUZ-WM112YAA", "PUZ-WM50/60/85/112", ""}, // more words than known
		{"", "Mitsubishi Electric PUZ-WM60VAA(-BS)", "PUZ-WM50/60/85/112", ""},   // all in one field
		{"Philips", "Philips 192E2", "192E2 / 192EL2 (Meridian 2)", ""},
		{"", "PUZ-WM850", "", "MODEL_NOT_FOUND"}, // another number, not a continued one
		{"Sharp", "AH-AP18SMD", "AH-AP9/12/18/24SMD, AH-A..SED", ""},
		{"Balboa", "ML700", "EL/GL Mach 3 with ML700", ""},
		{"Worksaver", "T40", "T25/T40/T55 rotary tiller", ""},
		{"Ohlenbach", "KD 61", "KD 61 E", ""}, // typed short
		{"Ohlenbach", "KD 6", "", "MODEL_NOT_FOUND"},
		{"Cindervale", "RX 280", "RX-280", ""},            // a name beats what continues it
		{"Cindervale", "RX-280 P", "", "MODEL_AMBIGUOUS"}, // the Pro, or an RX-280 with a suffix
		{"", "T25", "T25", ""},                            // a name beats an alias
		{"Worksaver", "T25", "T25/T40/T55 rotary tiller", ""},
		{"Cindervale", "TI-520A", "", "MODEL_NOT_FOUND"}, // another maker's
		{"Tarnholm", "TI-520W", "", "MODEL_NOT_FOUND"},   // a sibling is not it
		{"", "...", "", "MODEL_INVALID"},
	} {
		got, err := s.Resolve(t.Context(), tc.manufacturer, tc.name)
		if errdefs.Code(err) != tc.code || got.Name != tc.want {
			t.Errorf("Resolve(%q, %q) = %q, %v; want %q, code %q", tc.manufacturer, tc.name, got.Name, err, tc.want, tc.code)
		}
	}
}

func TestResolveNamesTheClosestModels(t *testing.T) {
	pool := pgtest.New(t)
	s := equipment.New(pool)

	_, err := s.Resolve(t.Context(), "Tarnholm", "TI-520W")
	if !errdefs.Is(err, errdefs.NotFound) || !strings.Contains(err.Error(), "knows no models yet") {
		t.Errorf("in an empty library: %v", err)
	}

	want := ensure(t, pool, s, "Tarnholm", "TI-520A")
	ensure(t, pool, s, "Tarnholm", "TI-520B") // its manuals were deleted
	addManual(t, pool, want)
	addManual(t, pool, ensure(t, pool, s, "Ohlenbach", "KD 101 G"))
	_, err = s.Resolve(t.Context(), "Tarnholm", "TI-52OA")
	if errdefs.Code(err) != "MODEL_NOT_FOUND" || !strings.Contains(err.Error(), "Tarnholm TI-520A") {
		t.Errorf("the message does not name the closest: %v", err)
	}
	closest, _ := errdefs.As(err).Details["closest"].([]equipment.Model)
	if len(closest) != 1 || closest[0] != want {
		t.Errorf("closest = %v, want only %v", closest, want)
	}
}

func TestNothingIsCloseIsAnEmptyList(t *testing.T) {
	_, err := equipment.New(pgtest.New(t)).Resolve(t.Context(), "", "X-1")
	if closest, ok := errdefs.As(err).Details["closest"].([]equipment.Model); !ok || closest == nil || len(closest) > 0 {
		t.Errorf("closest = %#v", errdefs.As(err).Details["closest"])
	}
}

func TestModelsWithoutManualsAreNoChoice(t *testing.T) {
	pool := pgtest.New(t)
	s := equipment.New(pool)
	pro := ensure(t, pool, s, "Cindervale", "RX-280 Pro")
	ensure(t, pool, s, "Cindervale", "RX-280 Max")
	addManual(t, pool, pro)
	if got, err := s.Resolve(t.Context(), "", "RX-280"); err != nil || got != pro {
		t.Errorf("Resolve = %v, %v", got, err)
	}
}

// addManual gives a model a manual.
func addManual(t *testing.T, pool *pgxpool.Pool, m equipment.Model) {
	t.Helper()
	const insert = `WITH added AS (
		INSERT INTO manual (id, sha256, source_sha256, size_bytes, file_name, title, type, status, generation, created_by)
		SELECT $1::uuid, encode(sha256($1::uuid::text::bytea), 'hex'), encode(sha256($1::uuid::text::bytea), 'hex'), 1, 'x.pdf', 'x', 'service', 'ready', 1, id FROM users LIMIT 1 RETURNING id
	) INSERT INTO manual_model (manual_id, model_id) SELECT id, $2 FROM added`
	if tag, err := pool.Exec(t.Context(), insert, uuid.Must(uuid.NewV7()), m.ID); err != nil || tag.RowsAffected() != 1 {
		t.Fatal(tag, err)
	}
}

func TestResolveNeverChoosesBetweenTwoModels(t *testing.T) {
	pool := pgtest.New(t)
	s := equipment.New(pool)
	ensure(t, pool, s, "Cindervale", "RX-280 Pro")
	ensure(t, pool, s, "Cindervale", "RX-280 Max")
	ensure(t, pool, s, "Tarnholm", "RX-280 Max")

	for _, name := range []string{"RX-280", "RX-280 Max", "RX-280 Mini"} {
		_, err := s.Resolve(t.Context(), "", name)
		candidates, _ := errdefs.As(err).Details["candidates"].([]equipment.Model)
		if errdefs.Code(err) != "MODEL_AMBIGUOUS" || len(candidates) < 2 {
			t.Errorf("Resolve(%q) = %v with %v", name, err, candidates)
		}
	}
}

func TestEnsureMakesOneModelOfAllSpellings(t *testing.T) {
	pool := pgtest.New(t)
	s := equipment.New(pool)
	first := ensure(t, pool, s, "Ohlenbach", "KD 61 E")

	var wg sync.WaitGroup
	for _, spelling := range []string{"KD61E", "kd-61-e", "KD 61 E"} {
		wg.Go(func() {
			if got := ensure(t, pool, s, "OHLENBACH", spelling); got != first {
				t.Errorf("%q became %v, want %v", spelling, got, first)
			}
		})
	}
	wg.Wait()

	list, _, err := s.List(context.Background(), equipment.Filter{Text: "kd61"})
	if err != nil || len(list) != 1 || list[0].Model != first {
		t.Errorf("List = %v, %v", list, err)
	}
}

func TestListFindsByMakerNameAndAlias(t *testing.T) {
	pool := pgtest.New(t)
	s := equipment.New(pool)
	ensure(t, pool, s, "Mitsubishi Electric", "PUZ-WM50/60/85/112")
	ensure(t, pool, s, "Sharp", "AH-AP9/12SMD")
	for text, want := range map[string]int{"": 2, "mitsu": 1, "WM-85": 1, "AP12": 1, "sharp ah": 1, "%": 2, "nothing": 0} {
		list, _, err := s.List(t.Context(), equipment.Filter{Text: text, Limit: 10})
		if err != nil || len(list) != want {
			t.Errorf("List(%q) gave %d, %v; want %d", text, len(list), err, want)
		}
	}
}

func TestListGoesOnWhereItStopped(t *testing.T) {
	pool := pgtest.New(t)
	s := equipment.New(pool)
	var want, got []string
	for i := range 7 {
		want = append(want, ensure(t, pool, s, []string{"Acme", "Böhm & Co"}[i/4], fmt.Sprintf("K %d", i)).Name)
	}
	cursor := ""
	for {
		list, next, err := s.List(t.Context(), equipment.Filter{Limit: 3, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			got = append(got, m.Name)
		}
		if cursor = next; next == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, wrong := range []string{"!", "YQ", "YSBiIGM", "YQAgYg", "_yBh"} {
		if _, _, err := s.List(t.Context(), equipment.Filter{Cursor: wrong}); errdefs.Code(err) != "CURSOR_INVALID" {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
