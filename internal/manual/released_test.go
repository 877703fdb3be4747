package manual_test

import (
	"os"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// A library of version 0.1, which read a manual in one job and could not read
// pictures, goes on.
func TestALibraryOfTheFirstReleaseGoesOn(t *testing.T) {
	t.Parallel()
	old := newLibrary(t, setup{engine: &engine{scanned: func(page int) bool { return page > 12 }}})
	stop := old.begin(t)
	ready := old.wait(t, old.add(t, manual.Upload{Manufacturer: "Ohlenbach", Models: []string{"KD 61 E"}}, file(12, "x")).ID)
	scan := old.wait(t, old.add(t, manual.Upload{Language: "en"}, file(14, "scan")).ID)
	stop()
	half := old.add(t, manual.Upload{}, file(12, "x "))
	before := old.content(t, ready.ID)

	schema, err := goose.NewProvider(goose.DialectPostgres, stdlib.OpenDBFromPool(old.pool), os.DirFS("../postgres/migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := schema.DownTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`UPDATE manual SET generation = 1 WHERE status = 'ready'`,
		`UPDATE page SET layout = layout - 'ocr'`,
		`UPDATE manual SET status = 'processing', pages = 12, pages_done = 8 WHERE id = '` + half.ID.String() + `'`,
		`INSERT INTO page (manual_id, number, layout) SELECT '` + half.ID.String() + `', number, layout FROM page
			WHERE manual_id = '` + ready.ID.String() + `' AND number <= 8`,
		`DELETE FROM river_job`,
		`INSERT INTO river_job (kind, args, state, max_attempts, queue, priority, metadata)
			VALUES ('manual.ingest', '{"manual_id": "` + half.ID.String() + `", "generation": 0}', 'available', 36, 'default', 1, '{}')`,
	} {
		if _, err := old.pool.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if _, err := postgres.Migrate(t.Context(), old.pool); err != nil {
		t.Fatal(err)
	}

	l := newLibrary(t, setup{pool: old.pool, dir: old.dir, ocr: &tesseract{}})
	l.start(t)
	checkComplete(t, l, l.wait(t, half.ID), 12)
	if read := l.engine.pagesRead(); !slices.Equal(read, []int{9, 10, 11, 12}) {
		t.Errorf("the half-read manual's pages %v were read", read)
	}
	scan = l.until(t, scan.ID, "is read", func(m manual.Manual) bool { return m.Status == manual.Ready && m.OCRDone == 2 })
	if !l.finds(t, scan.ID, "D13", 13) || !l.finds(t, scan.ID, "E3", 3) {
		t.Error("the scan is not found")
	}
	now, err := l.Get(t.Context(), ready.ID)
	if err != nil || now.Status != manual.Ready || !now.Searchable() || now.Generation != 1 || now.SourceSHA256 != ready.SHA256 {
		t.Errorf("the ready manual: %+v, %v", now, err)
	}
	if now.Quality != manual.QualityPending {
		t.Fatalf("graded %s by the migration alone", now.Quality)
	}
	if err := l.JudgeUngraded(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now, err = l.Get(t.Context(), ready.ID); err != nil || now.Quality != manual.QualityExcellent || now.NeedsReview {
		t.Errorf("the ready manual: %s, %q, %v", now.Quality, reasons(now), err)
	}
	if l.content(t, ready.ID) != before {
		t.Error("the ready manual's text is another one")
	}
}
