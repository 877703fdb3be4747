package manual_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/search"
)

const doubled = `
	SELECT (SELECT count(*) FROM (SELECT 1 FROM page GROUP BY manual_id, number HAVING count(*) > 1) p)
	     + (SELECT count(*) FROM (SELECT 1 FROM chunk GROUP BY manual_id, page HAVING count(*) > 1) c)`

// checkComplete fails the test unless the manual is ready with all its pages,
// each once, and found by the codes on the first and the last.
func checkComplete(t *testing.T, l *library, m manual.Manual, pages int) {
	t.Helper()
	if m.Status != manual.Ready || m.Pages != pages || m.PagesDone != pages || m.PagesFailed != 0 || m.Error != nil || m.ReadyAt == nil {
		t.Errorf("the manual is not complete: %+v", m)
	}
	if n := l.count(t, `SELECT count(*) FROM page WHERE manual_id = $1`, m.ID); n != pages {
		t.Errorf("%d pages are stored, want %d", n, pages)
	}
	if n := l.count(t, doubled); n != 0 {
		t.Errorf("%d pages or chunks are there twice", n)
	}
	for _, n := range []int{1, pages} {
		p, _, err := l.Page(t.Context(), m.ID, n)
		if err != nil || p.Number != n || len(p.Words) == 0 {
			t.Errorf("page %d: %+v, %v", n, p, err)
		}
	}
}

func TestAnIngestedManualIsReadyAndSearchable(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	m := l.add(t, manual.Upload{Manufacturer: "Ohlenbach", Models: []string{"KD 61 E"}}, file(20, "x"))
	if m.Status != manual.Queued {
		t.Errorf("status %s after intake", m.Status)
	}
	var seen []int
	ready, err := l.Wait(t.Context(), m.ID, func(m manual.Manual) { seen = append(seen, m.PagesDone) })
	if err != nil {
		t.Fatal(err)
	}
	checkComplete(t, l, ready, 20)
	if ready.Generation != 1 || ready.Language != "en" {
		t.Errorf("generation %d, language %q", ready.Generation, ready.Language)
	}
	if !slices.IsSorted(seen) || seen[len(seen)-1] != 20 {
		t.Errorf("progress: %v", seen)
	}
	found, err := search.New(l.pool, nil).Search(t.Context(), search.Query{Manuals: []uuid.UUID{m.ID}, Code: "E17"})
	if err != nil || len(found.Pages) == 0 || found.Pages[0].Page != 17 {
		t.Errorf("searching E17: %+v, %v", found.Pages, err)
	}
	for _, id := range []uuid.UUID{m.Models[0].ID, uuid.Nil} {
		of, err := l.ForModel(t.Context(), id)
		if err != nil || (len(of) == 1) != (id != uuid.Nil) {
			t.Errorf("ForModel(%s): %v, %v", id, of, err)
		}
	}
}

func TestAStoppedIngestGoesOnAfterTheLastStoredPage(t *testing.T) {
	t.Parallel()
	reached := make(chan bool, 1)
	slow := &engine{at: func(ctx context.Context, page int) error {
		if page < 14 {
			return nil
		}
		reached <- true
		<-ctx.Done()
		return context.Cause(ctx)
	}}
	one := newLibrary(t, setup{engine: slow})
	m := one.add(t, manual.Upload{}, file(30, "x"))
	stop := one.begin(t)
	await(t, reached, "page 14")
	one.until(t, m.ID, "stored pages", func(m manual.Manual) bool { return m.PagesDone == 8 })
	stop()
	half, err := one.Get(t.Context(), m.ID)
	if err != nil || half.Status != manual.Processing || half.PagesDone != 8 || half.Pages != 30 {
		t.Fatalf("after the stop: %+v, %v", half, err)
	}

	two := newLibrary(t, setup{pool: one.pool, dir: one.dir})
	two.start(t)
	checkComplete(t, two, two.wait(t, m.ID), 30)
	if read := two.engine.pagesRead(); read[0] != 9 || len(read) != 22 {
		t.Errorf("the second run read the pages %v", read)
	}
}

func TestTheIngestOfADeadProcessIsTakenOver(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	m := l.add(t, manual.Upload{}, file(3, "x"))
	// As a killed process leaves it: taken, and nobody's.
	if _, err := l.pool.Exec(t.Context(), `
		UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now(), attempted_by = '{gone}'`); err != nil {
		t.Fatal(err)
	}
	l.start(t)
	checkComplete(t, l, l.wait(t, m.ID), 3)
}

func TestAManualThatEndsTheProgramEachTimeFails(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	m := l.add(t, manual.Upload{}, file(3, "x"))
	if _, err := l.pool.Exec(t.Context(), `
		UPDATE river_job SET state = 'running', attempt = max_attempts, attempted_at = now(), attempted_by = '{gone}'`); err != nil {
		t.Fatal(err)
	}
	l.start(t)
	if m = l.wait(t, m.ID); m.Status != manual.Failed || m.Error.Code != "INGEST_FAILED" {
		t.Errorf("%+v", m)
	}
}

func TestRunningTwiceAtOnceDoublesNothing(t *testing.T) {
	t.Parallel()
	// Both runs read the whole file: neither has stored a page when the other
	// begins.
	both := make(chan bool)
	meet := func(ctx context.Context) error {
		select {
		case both <- true:
		case <-both:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	one := newLibrary(t, setup{engine: &engine{document: meet}})
	two := newLibrary(t, setup{pool: one.pool, dir: one.dir, engine: &engine{document: meet}})
	// Every job comes twice.
	if _, err := one.pool.Exec(t.Context(), `
		CREATE FUNCTION double() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO river_job (kind, args, max_attempts, queue, priority, metadata, state)
			VALUES (NEW.kind, NEW.args, NEW.max_attempts, NEW.queue, NEW.priority, NEW.metadata, NEW.state);
			RETURN NEW;
		END $$;
		CREATE TRIGGER double AFTER INSERT ON river_job FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION double()`); err != nil {
		t.Fatal(err)
	}
	m := one.add(t, manual.Upload{}, file(25, "x"))
	one.start(t)
	two.start(t)
	m = one.wait(t, m.ID)
	checkComplete(t, one, m, 25)
	one.stop(t)
	two.stop(t)
	if m, err := one.Get(t.Context(), m.ID); err != nil || m.Generation != 1 {
		t.Errorf("after both runs: %+v, %v", m, err)
	}
	checkComplete(t, one, m, 25)
}

func TestAFileThatCannotBeReadFailsAlone(t *testing.T) {
	t.Parallel()
	damaged := errdefs.New(errdefs.Invalid, "PDF_DAMAGED", "The file is damaged.")
	l := newLibrary(t, setup{engine: &engine{at: func(_ context.Context, page int) error {
		if page == 13 {
			return damaged
		}
		return nil
	}}})
	l.start(t)
	bad := l.add(t, manual.Upload{}, file(13, "bad"))
	good := l.add(t, manual.Upload{}, file(12, "good"))
	if m := l.wait(t, bad.ID); m.Status != manual.Failed || m.Error == nil || m.Error.Code != "PDF_DAMAGED" || m.Error.Message != "The file is damaged." {
		t.Errorf("the bad one: %+v, %+v", m, m.Error)
	}
	checkComplete(t, l, l.wait(t, good.ID), 12)
}

func TestAFailedManualIsReadAgainWhenAskedOrGivenAgain(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	broken.Store(true)
	l := newLibrary(t, setup{engine: &engine{document: func(context.Context) error {
		if broken.Load() {
			return errdefs.New(errdefs.Unsupported, "PDF_ENCRYPTED", "It needs a password.")
		}
		return nil
	}}})
	l.start(t)
	m := l.add(t, manual.Upload{}, file(2, "x"))
	if m = l.wait(t, m.ID); m.Status != manual.Failed {
		t.Fatalf("%+v", m)
	}
	if m, err := l.Retry(t.Context(), m.ID); err != nil || m.Status != manual.Queued || m.Error != nil {
		t.Fatalf("Retry: %+v, %v", m, err)
	}
	if m = l.wait(t, m.ID); m.Status != manual.Failed {
		t.Fatalf("%+v", m)
	}
	broken.Store(false)
	again, created, err := l.Intake(t.Context(), manual.Upload{}, reader(file(2, "x")))
	if err != nil || created || again.ID != m.ID || again.Status != manual.Queued {
		t.Fatalf("given again: %+v, %v, %v", again, created, err)
	}
	checkComplete(t, l, l.wait(t, m.ID), 2)
	if m, err := l.Retry(t.Context(), m.ID); err != nil || m.Status != manual.Ready {
		t.Errorf("Retry of a ready manual: %+v, %v", m, err)
	}
}

func TestPagesThatCouldNotBeReadAreReadAgainByARetry(t *testing.T) {
	t.Parallel()
	var healed atomic.Bool
	l := newLibrary(t, setup{engine: &engine{broken: func(page int) string {
		if healed.Load() {
			return ""
		}
		return fmt.Sprint("page ", page, " took too long")
	}}})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{}, file(20, "x")).ID)
	if m.Status != manual.Failed || m.Error.Code != "PAGES_UNREADABLE" || m.PagesFailed != 20 {
		t.Fatalf("%+v %+v", m, m.Error)
	}
	healed.Store(true)
	if _, err := l.Retry(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	checkComplete(t, l, l.wait(t, m.ID), 20)
}

func TestAPageThatCannotBeReadDoesNotFailTheManual(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{engine: &engine{broken: func(page int) string {
		if page == 7 {
			return "took\x00 too long"
		}
		return ""
	}}})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{}, file(20, "x")).ID)
	if m.Status != manual.Ready || m.PagesDone != 20 || m.PagesFailed != 1 {
		t.Errorf("%+v", m)
	}
	if p, _, err := l.Page(t.Context(), m.ID, 7); err != nil || p.Error != "took too long" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAPassingErrorIsShownAndTriedAgain(t *testing.T) {
	t.Parallel()
	var failed atomic.Bool
	l := newLibrary(t, setup{engine: &engine{at: func(_ context.Context, page int) error {
		if page == 10 && failed.CompareAndSwap(false, true) {
			return errdefs.New(errdefs.StorageFull, "STORAGE_FULL", "The disk is full.")
		}
		return nil
	}}})
	m := l.add(t, manual.Upload{}, file(12, "x"))
	l.start(t)
	var shown []string
	m, err := l.Wait(t.Context(), m.ID, func(m manual.Manual) {
		if m.Error != nil {
			shown = append(shown, string(m.Status)+" "+m.Error.Code)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	checkComplete(t, l, m, 12)
	if !slices.Equal(shown, []string{"queued STORAGE_FULL"}) {
		t.Errorf("shown while waiting: %q", shown)
	}
}

func TestAPanicFailsTheManualOnly(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{engine: &engine{document: func(context.Context) error { panic("surprise") }}})
	m := l.add(t, manual.Upload{}, file(1, "x"))
	// The next attempt is the last: of the extraction, which is not enqueued yet.
	if _, err := l.pool.Exec(t.Context(), `
		CREATE FUNCTION tried() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			NEW.attempt := 2;
			NEW.errors := ARRAY['{"error": "a", "attempt": 1, "at": "2026-01-01T00:00:00Z"}', '{"error": "b", "attempt": 2, "at": "2026-01-01T00:00:00Z"}']::jsonb[];
			RETURN NEW;
		END $$;
		CREATE TRIGGER tried BEFORE INSERT ON river_job FOR EACH ROW EXECUTE FUNCTION tried()`); err != nil {
		t.Fatal(err)
	}
	l.start(t)
	if m = l.wait(t, m.ID); m.Status != manual.Failed || m.Error.Code != "INTERNAL" {
		t.Errorf("%+v", m)
	}
}

func TestDeletingDuringTheIngestIsClean(t *testing.T) {
	t.Parallel()
	reached, deleted := make(chan bool, 1), make(chan bool)
	l := newLibrary(t, setup{engine: &engine{at: func(_ context.Context, page int) error {
		if page == 10 {
			reached <- true
			<-deleted
		}
		return nil
	}}})
	l.start(t)
	m := l.add(t, manual.Upload{}, file(40, "x"))
	await(t, reached, "page 10")
	if err := l.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	close(deleted)

	// The worker is free again, and nothing of the manual is left.
	other := l.add(t, manual.Upload{}, file(5, "other"))
	checkComplete(t, l, l.wait(t, other.ID), 5)
	if read := len(l.engine.pagesRead()); read > 40 {
		t.Errorf("%d pages were read", read)
	}
	if n := l.count(t, `SELECT count(*) FROM manual`) + l.count(t, `SELECT count(*) FROM page`); n != 6 {
		t.Errorf("%d rows, want those of the other manual", n)
	}
	l.stop(t) // so that the state of the jobs is written
	if n := l.count(t, `SELECT count(*) FROM river_job WHERE state <> 'completed' AND (args->>'manual_id')::uuid = $1`, m.ID); n != 0 {
		t.Errorf("the job of the deleted manual is not completed")
	}
}

func TestDeleteTakesEverythingButAnswers(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{Manufacturer: "Ohlenbach", Models: []string{"KD 61 E"}}, file(3, "x")).ID)
	if _, _, err := l.PageImage(t.Context(), m.ID, 1, manual.ImageOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.pool.Exec(t.Context(), `INSERT INTO answer (id, cache_key, request, response, created_by)
		VALUES ($1, 'k', '{}', jsonb_build_object('manual', $2::text), $3)`, uuid.New(), m.ID.String(), manual.LocalUser); err != nil {
		t.Fatal(err)
	}
	if err := l.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	if err := l.Delete(t.Context(), m.ID); errdefs.Code(err) != "MANUAL_NOT_FOUND" {
		t.Errorf("deleting again: %v", err)
	}
	for _, table := range []string{"manual", "page", "chunk", "manual_term", "manual_index", "error_code", "manual_model"} {
		if n := l.count(t, `SELECT count(*) FROM `+table); n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
	if n := l.count(t, `SELECT count(*) FROM answer`); n != 1 {
		t.Errorf("%d answers, want 1", n)
	}
	if left := append(l.files(t, "blobs"), l.files(t, "images")...); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	if _, created, err := l.Intake(t.Context(), manual.Upload{}, reader(file(3, "x"))); err != nil || !created {
		t.Errorf("adding it again: %v, %v", created, err)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	m := l.add(t, manual.Upload{}, file(1, "x"))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := l.Wait(ctx, m.ID, func(manual.Manual) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: %v", err)
	}
	if _, err := l.Wait(t.Context(), uuid.New(), nil); errdefs.Code(err) != "MANUAL_NOT_FOUND" {
		t.Errorf("Wait for nothing: %v", err)
	}
}

func TestAnIngestSurvivesTheLossOfItsDatabaseConnections(t *testing.T) {
	t.Parallel()
	reached, goOn := make(chan bool, 1), make(chan bool)
	var cut atomic.Bool
	l := newLibrary(t, setup{engine: &engine{at: func(_ context.Context, page int) error {
		if page == 12 && cut.CompareAndSwap(false, true) {
			reached <- true
			<-goOn
		}
		return nil
	}}})
	m := l.add(t, manual.Upload{}, file(30, "x"))
	l.start(t)
	await(t, reached, "page 12")
	if _, err := l.pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	deadline := time.Now().Add(limit)
	for {
		// A connection of the pool may still be one of those that were cut.
		got, err := l.Wait(t.Context(), m.ID, nil)
		if err == nil {
			checkComplete(t, l, got, 30)
			return
		}
		if !errdefs.Is(err, errdefs.Unavailable) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
