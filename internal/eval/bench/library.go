package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// libraryOptions say which library is searched.
type libraryOptions struct {
	manuals int
	data    string // folder that keeps it for later measures; "" for none
	against string // another build of the program, "" for none
}

// libraryFigures are how long searches of a large library take over HTTP, and what its
// indexes cost.
type libraryFigures struct {
	Manuals  int              `json:"manuals"`
	Chunks   int              `json:"chunks"`
	Setup    float64          `json:"setup_seconds"` // when it was made
	Rounds   int              `json:"rounds"`
	Load     [2]float64       `json:"load"` // least and most of the machine before a round, over a minute
	Programs []programFigures `json:"programs"`
	Build    float64          `json:"build_seconds_per_100_pages"`
	Sizes    []sizeFigure     `json:"sizes"`
}

// programFigures are those of one build of the program.
type programFigures struct {
	Program  string         `json:"program"`
	Searches []searchFigure `json:"searches"`
	PeakMB   int64          `json:"server_peak_mb"` // of all rounds
}

// searchFigure is a kind of search: the medians of the rounds.
type searchFigure struct {
	Name   string  `json:"name"`
	Count  int     `json:"count"` // in each round
	P50    float64 `json:"p50_ms"`
	P95    float64 `json:"p95_ms"`
	Max    float64 `json:"max_ms"` // of all rounds
	CPU    float64 `json:"cpu_ms"` // mean of a search, the server's and its database's
	Target float64 `json:"target_p95_ms,omitempty"`
}

type sizeFigure struct {
	Table  string  `json:"table"`
	MB     float64 `json:"mb"`
	Per100 float64 `json:"kb_per_100_pages"` // kilobytes
}

// library measures searches of generated manuals, in each round by a server that has
// just started; builds of the program take turns. The rows are generated too: text and
// posting lists are copied into the tables of the index, in the form in which Index
// writes them, codes and parts go through IndexCodes. Pages are not stored, so that a
// label is looked for and not found.
func (b *bench) library(ctx context.Context, o libraryOptions, rounds int) (f libraryFigures, err error) {
	f.Manuals, f.Chunks, f.Rounds = o.manuals, o.manuals*manualChunks, rounds
	data := cmp.Or(o.data, filepath.Join(b.scratch, "library"))
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
	if f.Setup, err = makeLibrary(ctx, db, words, o.manuals, filepath.Join(data, "library.json")); err != nil {
		return f, err
	}
	if f.Sizes, err = indexSizes(ctx, db, o.manuals*manualPages); err != nil {
		return f, err
	}
	if f.Build, err = buildTime(ctx, db, words); err != nil {
		return f, err
	}
	programs := []string{b.program}
	if o.against != "" {
		programs = append(programs, o.against)
	}
	main, err := postmaster(filepath.Join(data, "postgres"))
	if err != nil {
		return f, err
	}
	times := make([]searchTimes, len(programs))
	for _, p := range programs {
		f.Programs = append(f.Programs, programFigures{Program: p})
	}
	for round := range rounds {
		kinds := words.searches(o.manuals, round)
		for i := range programs {
			i = (i + round) % len(programs) // each is the first in turn
			if err := f.noteLoad(); err != nil {
				return f, err
			}
			peak, err := b.searchAll(ctx, programs[i], data, main, kinds, &times[i])
			if err != nil {
				return f, err
			}
			f.Programs[i].PeakMB = max(f.Programs[i].PeakMB, peak)
		}
		for i := range programs {
			f.Programs[i].Searches = times[i].figures(kinds)
		}
	}
	return f, nil
}

// makeLibrary fills the database, unless the file says that it is full, and returns how
// many seconds that took.
func makeLibrary(ctx context.Context, db *pgxpool.Pool, w *words, manuals int, file string) (float64, error) {
	var kept struct {
		Manuals int     `json:"manuals"`
		Seconds float64 `json:"seconds"`
	}
	note, err := os.ReadFile(file)
	switch {
	case err == nil:
		if err := json.Unmarshal(note, &kept); err != nil {
			return 0, err
		}
		if kept.Manuals != manuals {
			return 0, fmt.Errorf("%s is of %d manuals: say so with --library-manuals, or choose another folder", file, kept.Manuals)
		}
		return kept.Seconds, nil
	case !errors.Is(err, fs.ErrNotExist):
		return 0, err
	}
	started := time.Now()
	if err := fillLibrary(ctx, db, w, manuals); err != nil {
		return 0, err
	}
	kept.Manuals, kept.Seconds = manuals, time.Since(started).Seconds()
	if note, err = json.Marshal(kept); err != nil {
		return 0, err
	}
	return kept.Seconds, os.WriteFile(file, note, 0o600)
}

// noteLoad notes how busy the machine is, where it tells.
func (f *libraryFigures) noteLoad() error {
	data, err := os.ReadFile("/proc/loadavg")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(data), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return err
	}
	if f.Load[1] == 0 {
		f.Load[0] = load
	}
	f.Load = [2]float64{min(f.Load[0], load), max(f.Load[1], load)}
	return nil
}

// postmaster returns the main process of the database server of a folder.
func postmaster(dir string) (int, error) {
	data, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	pid, _, _ := strings.Cut(string(data), "\n")
	return strconv.Atoi(pid)
}

// searchTimes are what the searches of each kind took, by kind and round.
type searchTimes [][]searchTime

type searchTime struct {
	each []time.Duration
	cpu  time.Duration // of all
}

func (t searchTimes) figures(kinds []searchKind) []searchFigure {
	out := make([]searchFigure, len(kinds))
	for i, kind := range kinds {
		var p50, p95, cpu []float64
		var slowest time.Duration
		for _, round := range t[i] {
			p50, p95 = append(p50, milliseconds(percentile(round.each, 50))), append(p95, milliseconds(percentile(round.each, 95)))
			cpu = append(cpu, milliseconds(round.cpu/time.Duration(len(round.each))))
			slowest = max(slowest, percentile(round.each, 100))
		}
		out[i] = searchFigure{kind.name, len(kind.paths), middle(p50), middle(p95), milliseconds(slowest), middle(cpu), kind.target}
	}
	return out
}

// searchAll makes the searches of a round at a server that it starts, and returns the
// most memory that the server has had. database is the main process of its database.
func (b *bench) searchAll(ctx context.Context, program, data string, database int, kinds []searchKind, times *searchTimes) (int64, error) {
	s, err := b.serveBy(ctx, program, data)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	if *times == nil {
		*times = make(searchTimes, len(kinds))
	}
	cpu := func() (sum time.Duration) {
		for _, p := range append(family(database), family(s.cmd.Process.Pid)...) {
			sum += p.cpu
		}
		return sum
	}
	for i, kind := range kinds {
		round := searchTime{each: make([]time.Duration, len(kind.paths)), cpu: -cpu()}
		for k, path := range kind.paths {
			if round.each[k], err = fetch(ctx, s.base+path); err != nil {
				return 0, err
			}
		}
		round.cpu += cpu()
		(*times)[i] = append((*times)[i], round)
	}
	return peakMB(s.cmd.Process.Pid)
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
func (w *words) searches(manuals, round int) []searchKind {
	random := rand.New(rand.NewPCG(7, uint64(round))) //nolint:gosec // the same searches each time
	pick := func(from, to int) string { return w.printed[from+random.IntN(to-from)] }
	find := func(q string, more ...string) string {
		v := url.Values{"q": {q}}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return "/api/v1/search?" + v.Encode()
	}
	several := func(n int, f func() string) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = f()
		}
		return out
	}
	common := func() string {
		q := []string{pick(0, 60), pick(0, 60), pick(0, 60), pick(0, 60)}
		return find(strings.Join(q[:2+random.IntN(3)], " "))
	}
	typo := func() string {
		word := pick(100, 5000)
		return find(pick(0, 60) + " " + word[:2] + word[3:])
	}
	const many = 300
	return []searchKind{
		{"common words, just started", 0, several(50, common)},
		{"typing error, the first", 0, several(1, typo)},
		{"common words", 30, several(many, common)},
		{"common and rare words", 30, several(many, func() string { return find(pick(0, 60) + " " + pick(0, 200) + " " + pick(1000, len(w.printed))) })},
		{"common words of a manufacturer", 30, several(many, func() string {
			return find(pick(0, 60)+" "+pick(0, 60), "manufacturer", makerName(random.IntN(manuals)))
		})},
		{"typing errors", 0, several(many, typo)},
		{"codes, searched", 0, several(many, func() string { return find(fmt.Sprintf("E%d", 1+random.IntN(40))) })},
		{"part numbers, searched", 0, several(many, func() string { return find(partNumber(random.IntN(manuals), random.IntN(partsOfManual))) })},
		{"code look-up of a model", 5, several(many, func() string {
			m := random.IntN(manuals)
			return "/api/v1/error-codes?" + url.Values{
				"manufacturer": {makerName(m)}, "model": {modelName(m)}, "code": {fmt.Sprintf("E-%d", 1+random.IntN(codesOfManual))},
			}.Encode()
		})},
		{"code look-up in the library", 5, several(many, func() string {
			return "/api/v1/error-codes?" + url.Values{"code": {fmt.Sprintf("e %d", 1+random.IntN(40))}, "limit": {"20"}}.Encode()
		})},
		{"part look-up in the library", 0, several(many, func() string {
			return "/api/v1/parts?" + url.Values{"number": {partNumber(random.IntN(manuals), random.IntN(partsOfManual))}}.Encode()
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
	if err := removeBook(ctx, db, m); err != nil { // left by a measure that was stopped
		return 0, err
	}
	if err := registerBook(ctx, db, m); err != nil {
		return 0, err
	}
	var times []float64
	for range rounds {
		started := time.Now()
		if err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
			source := search.Source{ManualID: m.id, Language: "en", Pages: m.printed()}
			indexed, err := store.Index(ctx, tx, source)
			return errors.Join(err, indexed.Codes)
		}); err != nil {
			return 0, err
		}
		times = append(times, time.Since(started).Seconds())
	}
	return middle(times), removeBook(ctx, db, m)
}

func indexSizes(ctx context.Context, db *pgxpool.Pool, pages int) ([]sizeFigure, error) {
	rows, err := db.Query(ctx, `
		SELECT t, pg_total_relation_size(t::regclass)::float8 FROM unnest($1::text[]) AS t`,
		[]string{"chunk", "manual_term", "manual_index", "error_code", "part"})
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
	fmt.Printf("\n%d generated manuals, %d chunks, made in %.0f s: searches over HTTP, milliseconds, medians of %d rounds at a load of %.1f to %.1f\n",
		f.Manuals, f.Chunks, f.Setup, f.Rounds, f.Load[0], f.Load[1])
	for _, p := range f.Programs {
		fmt.Printf("%s, at most %d MB of memory\n", p.Program, p.PeakMB)
		for _, s := range p.Searches {
			fmt.Printf("  %-32s p50 %6.1f   p95 %6.1f   slowest %6.1f   CPU %5.1f", s.Name, s.P50, s.P95, s.Max, s.CPU)
			if s.Target > 0 {
				fmt.Printf("   (p95 at most %.0f)", s.Target)
			}
			fmt.Println()
		}
	}
	fmt.Printf("per 100 pages: indexing %.2f s", f.Build)
	for _, s := range f.Sizes {
		fmt.Printf(", %s %.0f kB", s.Table, s.Per100)
	}
	fmt.Println()
}
