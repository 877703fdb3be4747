package manual_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

// addRow puts a manual into the database as if it were being read.
func addRow(t *testing.T, pool *pgxpool.Pool) uuid.UUID {
	t.Helper()
	id := uuid.New()
	sha := strings.Repeat(strings.ReplaceAll(id.String(), "-", ""), 2)
	exec(t, pool, `INSERT INTO manual (id, sha256, source_sha256, size_bytes, file_name, title, type, revision, language, status, created_by)
		VALUES ($1, $2, $2, 1, 'a.pdf', 'Oven', 'service', '', 'en', 'processing', $3)`, id, sha, manual.LocalUser)
	return id
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func TestProgressClaimsOnlyWhatItHasSeen(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := manual.New(manual.Deps{DB: pool})
	id := addRow(t, pool)
	const second = time.Second
	for _, tc := range []struct {
		name string
		set  string
		want manual.Progress
	}{
		{"queued", `status = 'queued', stage = 'screen'`, manual.Progress{Stage: manual.StageScreen}},
		{"not opened yet", `stage = 'extract'`, manual.Progress{Stage: manual.StageExtract}},
		{"no page yet", `stage = 'extract', pages = 100`, manual.Progress{Stage: manual.StageExtract, Total: 100}},
		{"one page is no evidence", `stage = 'extract', pages = 100, pages_done = 1`, manual.Progress{Stage: manual.StageExtract, Done: 1, Total: 100}},
		{
			"text", `stage = 'extract', pages = 100, pages_done = 50`,
			manual.Progress{Stage: manual.StageExtract, Done: 50, Total: 100, Rate: 5, ETA: 10*second + second/2},
		},
		{
			"what was done before a restart took no time", `stage = 'extract', pages = 100, pages_done = 60, stage_base = 40`,
			manual.Progress{Stage: manual.StageExtract, Done: 60, Total: 100, Rate: 2, ETA: 20*second + second/2},
		},
		{
			"scans that are not read yet cannot be foreseen", `stage = 'extract', pages = 100, pages_done = 50, ocr_waiting = 10`,
			manual.Progress{Stage: manual.StageExtract, Done: 50, Total: 100, Rate: 5},
		},
		{
			"scans beside text hold it up", `stage = 'extract', pages = 100, pages_done = 50, ocr_waiting = 15, ocr_done = 4, ocr_failed = 1`,
			manual.Progress{Stage: manual.StageExtract, Done: 50, Total: 100, Rate: 5, ETA: 70*second + second/2},
		},
		{
			"scans", `stage = 'ocr', pages = 100, pages_done = 100, ocr_waiting = 30, ocr_done = 19, ocr_failed = 1, stage_base = 10`,
			manual.Progress{Stage: manual.StageOCR, Done: 20, Total: 50, Rate: 1, ETA: 30*second + second/2},
		},
		{
			"nothing moves", `stage = 'ocr', pages = 100, pages_done = 100, ocr_waiting = 30, ocr_done = 20, updated_at = now() - interval '40 s', stage_started_at = now() - interval '1 min'`,
			manual.Progress{Stage: manual.StageOCR, Done: 20, Total: 50},
		},
		{
			"failed", `status = 'failed', stage = 'extract', pages = 100, pages_done = 50`,
			manual.Progress{Stage: manual.StageExtract, Done: 50, Total: 100},
		},
		{"ready", `status = 'ready', stage = '', pages = 100, pages_done = 100`, manual.Progress{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			exec(t, pool, `UPDATE manual SET status = 'processing', stage = '', pages = 0, pages_done = 0, stage_base = 0,
				ocr_waiting = 0, ocr_done = 0, ocr_failed = 0, stage_started_at = now() - interval '10 s', updated_at = now()`)
			exec(t, pool, `UPDATE manual SET `+tc.set)
			m, err := s.Get(t.Context(), id)
			if err != nil || m.Progress != tc.want {
				t.Errorf("%+v, %v; want %+v", m.Progress, err, tc.want)
			}
		})
	}
	t.Run("the index is awaited for as long as it takes", func(t *testing.T) {
		exec(t, pool, `UPDATE manual SET status = 'processing', stage = 'index', pages = 1000, stage_started_at = now(), updated_at = now()`)
		if m, err := s.Get(t.Context(), id); err != nil || m.Progress.ETA <= 0 || m.Progress.ETA > 5*second {
			t.Errorf("%+v, %v", m.Progress, err)
		}
		exec(t, pool, `UPDATE manual SET stage_started_at = now() - interval '9 s'`)
		if m, err := s.Get(t.Context(), id); err != nil || m.Progress.ETA != 0 {
			t.Errorf("it takes longer than foreseen, and still: %+v, %v", m.Progress, err)
		}
	})
}

func TestWatcherSeesEveryStateToTheLast(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := manual.New(manual.Deps{DB: pool})
	id := addRow(t, pool)
	steps := []string{`stage = 'extract'`, `pages = 7`, `title = 'Better'`, `status = 'failed'`}
	seen := 0
	for m, err := range s.Watch(t.Context(), id) {
		if err != nil {
			t.Fatal(err)
		}
		if seen < len(steps) {
			exec(t, pool, `UPDATE manual SET `+steps[seen]) // without the time of the change
		}
		if seen++; m.Settled() != (seen == 5) {
			t.Errorf("state %d: %+v", seen, m)
		}
	}
	if seen != 5 {
		t.Errorf("%d states were seen", seen)
	}
}

func TestWatcherIsToldThatTheManualIsGone(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := manual.New(manual.Deps{DB: pool})
	id := addRow(t, pool)
	var last error
	for _, err := range s.Watch(t.Context(), id) {
		if last = err; err == nil {
			exec(t, pool, `DELETE FROM manual`)
		}
	}
	if errdefs.Code(last) != "MANUAL_NOT_FOUND" {
		t.Errorf("ended with %v", last)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	id = addRow(t, pool)
	for _, err := range s.Watch(ctx, id) {
		last = err
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("ended with %v", last)
	}
}

func TestWatcherOutlivesAMomentWithoutDatabase(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	id := addRow(t, pool)
	var away atomic.Bool
	config := pool.Config()
	dial := config.ConnConfig.DialFunc
	var mu sync.Mutex
	var open []net.Conn
	config.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if away.Load() {
			return nil, syscall.ECONNREFUSED
		}
		conn, err := dial(ctx, network, addr)
		mu.Lock()
		defer mu.Unlock()
		open = append(open, conn)
		return conn, err
	}
	config.MinConns = 0
	watched, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer watched.Close()
	var states []manual.Status
	for m, err := range manual.New(manual.Deps{DB: watched}).Watch(t.Context(), id) {
		if err != nil {
			t.Fatal(err)
		}
		if states = append(states, m.Status); len(states) == 1 {
			exec(t, pool, `UPDATE manual SET status = 'ready'`)
			away.Store(true)
			mu.Lock()
			for _, c := range open {
				c.Close()
			}
			mu.Unlock()
			time.AfterFunc(1500*time.Millisecond, func() { away.Store(false) })
		}
	}
	if len(states) != 2 || states[1] != manual.Ready {
		t.Errorf("saw %v", states)
	}
}
