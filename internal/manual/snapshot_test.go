package manual_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

// between calls do once, after the first query of a pool that names the table of
// manuals.
type between struct {
	once sync.Once
	do   func()
}

func (b *between) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, b, strings.Contains(data.SQL, "FROM manual"))
}

func (b *between) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if reads, _ := ctx.Value(b).(bool); reads {
		b.once.Do(b.do)
	}
}

func TestAManualAndItsDraftAreReadAtOneMoment(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for name, read := range map[string]func(s *manual.Service, id uuid.UUID) (manual.Manual, error){
		"one": func(s *manual.Service, id uuid.UUID) (manual.Manual, error) { return s.Get(t.Context(), id) },
		"list": func(s *manual.Service, id uuid.UUID) (manual.Manual, error) {
			all, _, err := s.List(t.Context(), manual.Filter{})
			for _, m := range all {
				if m.ID == id {
					return m, err
				}
			}
			return manual.Manual{}, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			id, draft := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
			exec := func(query string, args ...any) {
				t.Helper()
				if _, err := pool.Exec(t.Context(), query, args...); err != nil {
					t.Error(err)
				}
			}
			const insert = `INSERT INTO manual (id, sha256, source_sha256, size_bytes, file_name, title, type, status, generation, draft_of, created_by)
				VALUES ($1, md5($2::text) || md5($2::text), md5($2::text) || md5($2::text), 1, 'm.pdf', 'M', 'service', $3, $4, $5, (SELECT id FROM users))`
			exec(insert, id, id.String(), "ready", 1, nil)
			exec(insert, draft, id.String(), "processing", 0, id)
			b := &between{do: func() { // what the exchange does
				exec(`WITH gone AS (DELETE FROM manual WHERE id = $1) UPDATE manual SET generation = 2 WHERE id = $2`, draft, id)
			}}
			config := pool.Config()
			config.ConnConfig.Tracer = b
			traced, err := pgxpool.NewWithConfig(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			defer traced.Close()
			s := manual.New(manual.Deps{DB: traced})
			for _, want := range []int{1, 2} {
				m, err := read(s, id)
				if err != nil || m.Generation != want || (m.Reprocessing != nil) != (want == 1) {
					t.Errorf("generation %d, read again %v, %v; want generation %d", m.Generation, m.Reprocessing != nil, err, want)
				}
			}
		})
	}
}
