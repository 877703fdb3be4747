package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/embedded"
	"github.com/techcopilot/techcopilot/internal/search"
)

// libraryFigures are how long searches of a large library take over HTTP, and what its
// indexes cost.
type libraryFigures struct {
	Manuals  int            `json:"manuals"`
	Chunks   int            `json:"chunks"`
	Setup    float64        `json:"setup_seconds"`
	Searches []searchFigure `json:"searches"`
	Build    float64        `json:"build_seconds_per_100_pages"`
	Sizes    []sizeFigure   `json:"sizes"`
	PeakMB   int64          `json:"server_peak_mb"`
}

type searchFigure struct {
	Name   string  `json:"name"`
	Count  int     `json:"count"`
	P50    float64 `json:"p50_ms"`
	P95    float64 `json:"p95_ms"`
	Max    float64 `json:"max_ms"`
	Target float64 `json:"target_p95_ms,omitempty"`
}

type sizeFigure struct {
	Table  string  `json:"table"`
	MB     float64 `json:"mb"`
	Per100 float64 `json:"kb_per_100_pages"` // kilobytes
}

// library measures searches of generated manuals. Their rows are generated too: text
// and posting lists are copied into the tables of the index, in the form in which
// IndexText writes them, codes go through IndexCodes. Pages are not stored, so that a
// label is looked for and not found.
func (b *bench) library(ctx context.Context, manuals int) (f libraryFigures, err error) {
	f.Manuals = manuals
	data := filepath.Join(b.scratch, "library")
	started := time.Now()
	server, err := embedded.Start(ctx, embedded.Options{Dir: filepath.Join(data, "postgres"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	db, err := postgres.Open(ctx, server.URL(), slog.New(slog.DiscardHandler))
	if err != nil {
		return f, err
	}
	defer db.Close()
	if _, err := postgres.Migrate(ctx, db); err != nil {
		return f, err
	}
	words, err := newWords(ctx, db)
	if err != nil {
		return f, err
	}
	if err := fillLibrary(ctx, db, words, manuals); err != nil {
		return f, err
	}
	f.Setup = time.Since(started).Seconds()
	f.Chunks = manuals * manualChunks
	if f.Sizes, err = indexSizes(ctx, db, manuals*manualPages); err != nil {
		return f, err
	}
	if f.Build, err = buildTime(ctx, db, words); err != nil {
		return f, err
	}
	s, err := b.serve(ctx, data)
	if err != nil {
		return f, err
	}
	defer s.stop()
	for _, kind := range words.searches(manuals) {
		times := make([]time.Duration, len(kind.paths))
		for i, path := range kind.paths {
			if times[i], err = fetch(ctx, s.base+path); err != nil {
				return f, err
			}
		}
		f.Searches = append(f.Searches, searchFigure{
			kind.name, len(times), milliseconds(percentile(times, 50)), milliseconds(percentile(times, 95)), milliseconds(percentile(times, 100)), kind.target,
		})
	}
	f.PeakMB, err = peakMB(s.cmd.Process.Pid)
	return f, err
}

// peakMB returns the most memory that a process has had.
func peakMB(pid int) (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kb, err := strconv.ParseInt(f[1], 10, 64)
			return kb >> 10, err
		}
	}
	return 0, errors.New("the system does not tell the memory of a process")
}

// searchKind are searches of one kind, by their path and parameters.
type searchKind struct {
	name   string
	target float64 // of the 95th percentile, in milliseconds; 0 for none
	paths  []string
}

// searches makes the searches that are measured, in this order: the first of them meet
// a server that has searched nothing yet.
func (w *words) searches(manuals int) []searchKind {
	random := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // the same searches each time
	pick := func(from, to int) string { return w.printed[from+random.IntN(to-from)] }
	find := func(q string, more ...string) string {
		v := url.Values{"q": {q}}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return "/api/v1/search?" + v.Encode()
	}
	make300 := func(f func() string) []string {
		out := make([]string, 300)
		for i := range out {
			out[i] = f()
		}
		return out
	}
	return []searchKind{
		{"common words", 30, make300(func() string {
			q := []string{pick(0, 60), pick(0, 60), pick(0, 60), pick(0, 60)}
			return find(strings.Join(q[:2+random.IntN(3)], " "))
		})},
		{"common and rare words", 30, make300(func() string { return find(pick(0, 60) + " " + pick(0, 200) + " " + pick(1000, len(w.printed))) })},
		{"common words of a manufacturer", 30, make300(func() string {
			return find(pick(0, 60)+" "+pick(0, 60), "manufacturer", makerName(random.IntN(manuals)))
		})},
		{"typing errors", 0, make300(func() string {
			word := pick(100, 5000)
			return find(pick(0, 60) + " " + word[:2] + word[3:])
		})},
		{"codes, searched", 0, make300(func() string { return find(fmt.Sprintf("E%d", 1+random.IntN(40))) })},
		{"code look-up of a model", 5, make300(func() string {
			m := random.IntN(manuals)
			return "/api/v1/error-codes?" + url.Values{
				"manufacturer": {makerName(m)}, "model": {modelName(m)}, "code": {fmt.Sprintf("E-%d", 1+random.IntN(codesOfManual))},
			}.Encode()
		})},
		{"code look-up in the library", 5, make300(func() string {
			return "/api/v1/error-codes?" + url.Values{"code": {fmt.Sprintf("e %d", 1+random.IntN(40))}, "limit": {"20"}}.Encode()
		})},
	}
}

func fetch(ctx context.Context, url string) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	started := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s %s", url, resp.Status, text)
	}
	return time.Since(started), nil
}

// buildTime indexes a manual of 100 pages several times, beside the others, and
// returns the median in seconds.
func buildTime(ctx context.Context, db *pgxpool.Pool, w *words) (float64, error) {
	const pages, rounds = 100, 5
	store := search.New(db, slog.New(slog.DiscardHandler))
	m := newBook(w, 1<<20, pages)
	if err := registerBook(ctx, db, m); err != nil {
		return 0, err
	}
	var times []float64
	for range rounds {
		started := time.Now()
		if err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
			source := search.Source{ManualID: m.id, Language: "en", Pages: m.printed()}
			if _, err := store.IndexText(ctx, tx, source); err != nil {
				return err
			}
			_, err := store.IndexCodes(ctx, tx, source)
			return err
		}); err != nil {
			return 0, err
		}
		times = append(times, time.Since(started).Seconds())
	}
	_, err := db.Exec(ctx, "DELETE FROM manual WHERE id = $1", m.id)
	return middle(times), err
}

func indexSizes(ctx context.Context, db *pgxpool.Pool, pages int) ([]sizeFigure, error) {
	rows, err := db.Query(ctx, `
		SELECT t, pg_total_relation_size(t::regclass)::float8 FROM unnest($1::text[]) AS t`,
		[]string{"chunk", "manual_term", "manual_index", "error_code"})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s sizeFigure, err error) {
		var bytes float64
		err = row.Scan(&s.Table, &bytes)
		s.MB, s.Per100 = bytes/(1<<20), bytes/1024/float64(pages)*100
		return s, err
	})
}

func (f libraryFigures) print() {
	fmt.Printf("\n%d generated manuals, %d chunks, made in %.0f s: searches over HTTP, milliseconds\n", f.Manuals, f.Chunks, f.Setup)
	for _, s := range f.Searches {
		fmt.Printf("  %-32s p50 %6.1f   p95 %6.1f   slowest %6.1f", s.Name, s.P50, s.P95, s.Max)
		if s.Target > 0 {
			fmt.Printf("   (p95 at most %.0f)", s.Target)
		}
		fmt.Println()
	}
	fmt.Printf("  server's peak memory %d MB\n", f.PeakMB)
	fmt.Printf("per 100 pages: indexing %.2f s", f.Build)
	for _, s := range f.Sizes {
		fmt.Printf(", %s %.0f kB", s.Table, s.Per100)
	}
	fmt.Println()
}
