package manual_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/ocr"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

// tesseract stands in for OCR: what a page shows is its code.
type tesseract struct {
	missing atomic.Bool
	// read, if set, is called before each page that is read.
	read func(ctx context.Context, page int) error

	mu        sync.Mutex
	languages map[int]string // that the pages were read in
}

func (r *tesseract) Available(context.Context) (ocr.Status, error) {
	if r.missing.Load() {
		return ocr.Status{}, errdefs.New(errdefs.Unavailable, "OCR_UNAVAILABLE", "Install it.")
	}
	return ocr.Status{Version: "5"}, nil
}

func (r *tesseract) Read(ctx context.Context, _ string, p pdf.Page, language string) (pdf.Page, ocr.Stats, error) {
	if _, err := r.Available(ctx); err != nil {
		return pdf.Page{}, ocr.Stats{}, err
	}
	if r.read != nil {
		if err := r.read(ctx, p.Number); err != nil {
			return pdf.Page{}, ocr.Stats{}, err
		}
	}
	r.mu.Lock()
	if r.languages == nil {
		r.languages = map[int]string{}
	}
	r.languages[p.Number] = language
	r.mu.Unlock()
	out := page(p.Number, fmt.Sprintf("Drawn error D%d: the pump of the machine is not on, and that is it. Check the fuse.", p.Number))
	for i := range out.Words {
		out.Words[i].Confidence = 90
	}
	out.ImageShare = p.ImageShare
	return out, ocr.Stats{Words: len(out.Words), Confidence: 90}, nil
}

// told keeps the events that others are told of.
type told struct{ events chan string }

func (h *told) Emit(_ context.Context, _ pgx.Tx, event string, _ uuid.UUID, _ any) error {
	h.events <- event
	return nil
}

func (r *tesseract) languageOf(page int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.languages[page]
}

func even(page int) bool { return page%2 == 0 }

func every(int) bool { return true }

// until waits for the manual to be as said.
func (l *library) until(t *testing.T, id uuid.UUID, what string, is func(manual.Manual) bool) manual.Manual {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(limit)
	for {
		m, err := l.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if is(m) {
			return m
		}
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("waited in vain for a manual that %s: %+v", what, m)
		}
	}
}

// finds reports whether a search for the code finds the page.
func (l *library) finds(t *testing.T, id uuid.UUID, code string, page int) bool {
	t.Helper()
	found, err := search.New(l.pool, nil).Search(t.Context(), search.Query{Manuals: []uuid.UUID{id}, Code: code})
	if err != nil {
		t.Fatal(err)
	}
	return len(found.Pages) > 0 && found.Pages[0].Page == page
}

// content is all that is stored of a manual's text, for comparison.
func (l *library) content(t *testing.T, id uuid.UUID) string {
	t.Helper()
	var out string
	if err := l.pool.QueryRow(t.Context(), `SELECT concat_ws(E'\n',
		(SELECT json_agg((number, label, layout, error, quality, ocr, confidence, indexed, ocr_layout) ORDER BY number) FROM page WHERE manual_id = $1),
		(SELECT json_agg((ordinal, page, first_word, word_count, language, section, body, tsv) ORDER BY ordinal) FROM chunk WHERE manual_id = $1),
		(SELECT json_agg((term, postings) ORDER BY term) FROM manual_term WHERE manual_id = $1),
		(SELECT json_agg((ordinal, code, page, row - 'manual_id') ORDER BY ordinal) FROM error_code WHERE manual_id = $1))`, id).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheStagesFollowEachOther(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{engine: &engine{scanned: even}, ocr: &tesseract{}})
	if _, err := l.pool.Exec(t.Context(), `
		CREATE TABLE seen (n int GENERATED ALWAYS AS IDENTITY, status text, stage text);
		CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO seen (status, stage) VALUES (NEW.status, NEW.stage);
			RETURN NEW;
		END $$;
		CREATE TRIGGER see AFTER INSERT OR UPDATE ON manual FOR EACH ROW EXECUTE FUNCTION see()`); err != nil {
		t.Fatal(err)
	}
	m := l.add(t, manual.Upload{Language: "en"}, file(6, "x"))
	l.start(t)
	m = l.wait(t, m.ID)
	if m.Status != manual.Ready || m.OCRDone != 3 || m.OCRWaiting != 0 || m.Quality != manual.QualityExcellent || !m.Searchable() {
		t.Errorf("%+v", m)
	}
	var stages []string
	if err := l.pool.QueryRow(t.Context(), `SELECT array_agg(stage ORDER BY n) FROM seen`).Scan(&stages); err != nil {
		t.Fatal(err)
	}
	// The cover is drawn beside the others, and a stage only when it takes longer.
	stages = slices.DeleteFunc(stages, func(stage string) bool { return stage == "cover" })
	if got := slices.Compact(stages); !slices.Equal(got, []string{"screen", "extract", "ocr", "index", ""}) {
		t.Errorf("stages %q", got)
	}
	for page, quality := range map[int]manual.PageQuality{1: manual.PageText, 2: manual.PageOCR} {
		pages, _, err := l.Pages(t.Context(), m.ID, manual.PageFilter{Quality: quality})
		if err != nil || len(pages) != 3 || pages[0].Number != page || pages[0].Confidence != map[int]float64{1: 0, 2: 90}[page] {
			t.Errorf("pages of quality %s: %+v, %v", quality, pages, err)
		}
	}
	if !l.finds(t, m.ID, "E5", 5) || !l.finds(t, m.ID, "D6", 6) {
		t.Error("the pages are not found")
	}
}

func TestTextIsSearchedWhenItsTablesCannotBeStored(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	if _, err := l.pool.Exec(t.Context(), `
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no tables today'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON manual_structure FOR EACH ROW EXECUTE FUNCTION refuse()`); err != nil {
		t.Fatal(err)
	}
	l.start(t)
	m := l.add(t, manual.Upload{}, file(5, "x"))
	m = l.until(t, m.ID, "waits for its codes", func(m manual.Manual) bool { return m.Progress.Stage == manual.StageCodes && m.Error != nil })
	if m.Status != manual.Queued || !m.Searchable() || !l.finds(t, m.ID, "E5", 5) {
		t.Errorf("%+v", m)
	}
	if n := l.count(t, `SELECT count(*) FROM error_code`); n != 0 {
		t.Errorf("%d codes without the structure that they were read with", n)
	}
	if _, err := l.pool.Exec(t.Context(), `DROP TRIGGER refuse ON manual_structure`); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Retry(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	checkComplete(t, l, l.wait(t, m.ID), 5)
	if read := l.engine.pagesRead(); len(read) != 5 {
		t.Errorf("pages were read again: %v", read)
	}
}

func TestPagesThatAreReadAreAskedWhileOthersAreInOCR(t *testing.T) {
	t.Parallel()
	reading, goOn := make(chan int, 10), make(chan bool)
	reader := &tesseract{read: func(_ context.Context, page int) error {
		reading <- page
		<-goOn
		return nil
	}}
	l := newLibrary(t, setup{engine: &engine{scanned: even}, ocr: reader})
	l.start(t)
	m := l.add(t, manual.Upload{}, file(8, "x"))
	first := await(t, reading, "the first page in OCR")
	m = l.until(t, m.ID, "can be asked", func(m manual.Manual) bool { return m.Generation == 1 })
	if !m.Searchable() || m.Status != manual.Processing || m.OCRWaiting != 4 || m.Progress.Stage != manual.StageOCR {
		t.Errorf("%+v", m)
	}
	if !l.finds(t, m.ID, "E5", 5) || l.finds(t, m.ID, "D6", 6) {
		t.Error("a page of text is not found, or a picture is")
	}
	if of, err := l.ForModel(t.Context(), uuid.Nil); err != nil || len(of) != 0 {
		t.Error(of, err)
	}
	close(goOn)
	m = l.wait(t, m.ID)
	if m.Status != manual.Ready || m.OCRDone != 4 || !l.finds(t, m.ID, "D6", 6) || !l.finds(t, m.ID, "E5", 5) {
		t.Errorf("%+v", m)
	}
	if reader.languageOf(first) != "en" {
		t.Errorf("the pictures were read in %q", reader.languageOf(first))
	}
}

func TestTheFirstPagesOfAScanTellItsLanguage(t *testing.T) {
	t.Parallel()
	reader := &tesseract{}
	l := newLibrary(t, setup{engine: &engine{scanned: every}, ocr: reader})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{}, file(9, "x")).ID)
	if m.Status != manual.Ready || m.OCRDone != 9 || m.Language != "en" {
		t.Errorf("%+v", m)
	}
	for n := 1; n <= 9; n++ {
		want := "en"
		if n <= 4 {
			want = ""
		}
		if got := reader.languageOf(n); got != want {
			t.Errorf("page %d was read in %q", n, got)
		}
	}
}

func TestPagesWaitForOCRUntilThereIsOne(t *testing.T) {
	t.Parallel()
	reader := &tesseract{}
	reader.missing.Store(true)
	l := newLibrary(t, setup{engine: &engine{scanned: even}, ocr: reader})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{Manufacturer: "Ohlenbach", Models: []string{"KD 61 E"}}, file(6, "x")).ID)
	if m.Status != manual.Ready || m.OCRWaiting != 3 || m.Quality != manual.QualityPending || !m.NeedsReview ||
		len(m.ReviewReasons) != 1 || m.ReviewReasons[0].Code != "OCR_WAITING" {
		t.Errorf("without OCR: %+v", m)
	}
	reader.missing.Store(false)
	m = l.until(t, m.ID, "is read", func(m manual.Manual) bool { return m.Status == manual.Ready && m.OCRWaiting == 0 })
	if m.OCRDone != 3 || m.NeedsReview || !l.finds(t, m.ID, "D6", 6) {
		t.Errorf("with OCR: %+v", m)
	}
	// As if it had been there from the beginning.
	other := l.wait(t, l.add(t, manual.Upload{}, file(6, "x ")).ID)
	if l.content(t, m.ID) != l.content(t, other.ID) {
		t.Error("the manual that waited was read differently")
	}
}

func TestAPageWhoseOCRFailsIsToldAndReadAgainByARetry(t *testing.T) {
	t.Parallel()
	var healed atomic.Bool
	reader := &tesseract{read: func(_ context.Context, page int) error {
		if page == 4 && !healed.Load() {
			return errdefs.New(errdefs.Invalid, "OCR_FAILED", "The picture is\x00 black.")
		}
		return nil
	}}
	l := newLibrary(t, setup{engine: &engine{scanned: even}, ocr: reader})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{Manufacturer: "Ohlenbach", Models: []string{"KD 61 E"}}, file(6, "x")).ID)
	if m.Status != manual.Ready || m.OCRDone != 2 || m.OCRFailed != 1 || !m.NeedsReview || m.ReviewReasons[0].Code != "OCR_FAILED" {
		t.Errorf("%+v", m)
	}
	pages, _, err := l.Pages(t.Context(), m.ID, manual.PageFilter{Quality: manual.PageUnreadable})
	if err != nil || len(pages) != 1 || pages[0].Number != 4 || pages[0].OCR != "failed" || pages[0].OCRError != "The picture is black." {
		t.Errorf("unreadable pages: %+v, %v", pages, err)
	}
	healed.Store(true)
	if m, err := l.RetryPage(t.Context(), m.ID, 2); err != nil || m.Status != manual.Ready {
		t.Errorf("retrying a good page: %+v, %v", m, err)
	}
	if _, err := l.RetryPage(t.Context(), m.ID, 7); errdefs.Code(err) != "PAGE_NOT_FOUND" {
		t.Errorf("retrying a page that is not there: %v", err)
	}
	if m, err := l.RetryPage(t.Context(), m.ID, 4); err != nil || m.Status != manual.Queued {
		t.Errorf("retrying the bad page: %+v, %v", m, err)
	}
	m = l.wait(t, m.ID)
	if m.Status != manual.Ready || m.OCRFailed != 0 || m.OCRDone != 3 || m.NeedsReview || !l.finds(t, m.ID, "D4", 4) {
		t.Errorf("after the retry: %+v", m)
	}
}

func TestAScanOfWhichNothingCouldBeReadFailsAndIsReadByARetry(t *testing.T) {
	t.Parallel()
	var healed atomic.Bool
	reader := &tesseract{read: func(context.Context, int) error {
		if !healed.Load() {
			return errdefs.New(errdefs.Invalid, "OCR_FAILED", "It is black.")
		}
		return nil
	}}
	var log bytes.Buffer
	hooks := &told{make(chan string, 10)}
	l := newLibrary(t, setup{engine: &engine{scanned: every}, ocr: reader, hooks: hooks, log: slog.New(slog.NewTextHandler(&log, nil))})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{Manufacturer: "Ohlenbach", Models: []string{"KD 61 E"}}, file(6, "x")).ID)
	if m.Status != manual.Failed || m.Error == nil || m.Error.Code != "OCR_FAILED" || m.Progress.Stage != manual.StageOCR ||
		m.OCRFailed != 6 || m.Quality != manual.QualityFailed {
		t.Errorf("%+v", m)
	}
	if len(m.ReviewReasons) != 1 || m.ReviewReasons[0].Code != "OCR_FAILED" {
		t.Errorf("to be reviewed: %+v", m.ReviewReasons)
	}
	if event := await(t, hooks.events, "an event"); event != manual.EventFailed {
		t.Errorf("told of %s", event)
	}
	healed.Store(true)
	if m, err := l.Retry(t.Context(), m.ID); err != nil || m.Status != manual.Queued || m.Progress.Stage != manual.StageOCR || m.Error != nil {
		t.Errorf("%+v, %v", m, err)
	}
	m = l.wait(t, m.ID)
	if m.Status != manual.Ready || m.OCRDone != 6 || m.OCRFailed != 0 || !l.finds(t, m.ID, "D6", 6) {
		t.Errorf("after the retry: %+v", m)
	}
	if read := l.engine.pagesRead(); len(read) != 6 {
		t.Errorf("pages were extracted again: %v", read)
	}
	l.stop(t)
	if got := log.String(); strings.Contains(got, "manual is given up") || !strings.Contains(got, "page=6") {
		t.Errorf("log:\n%s", got)
	}
}

func TestAResumedManualIsProcessedOnceAPageIsInOCR(t *testing.T) {
	t.Parallel()
	var healed atomic.Bool
	reading, goOn := make(chan int, 10), make(chan bool)
	reader := &tesseract{read: func(_ context.Context, page int) error {
		if !healed.Load() {
			return errdefs.New(errdefs.Invalid, "OCR_FAILED", "It is black.")
		}
		reading <- page
		<-goOn
		return nil
	}}
	l := newLibrary(t, setup{engine: &engine{scanned: even}, ocr: reader})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{Language: "en"}, file(6, "x")).ID)
	if m.Status != manual.Ready || m.OCRFailed != 3 {
		t.Fatalf("with pages of text: %+v", m)
	}
	healed.Store(true)
	if m, err := l.Retry(t.Context(), m.ID); err != nil || m.Status != manual.Queued {
		t.Errorf("%+v, %v", m, err)
	}
	await(t, reading, "a page in OCR")
	if m, err := l.Get(t.Context(), m.ID); err != nil || m.Status != manual.Processing || m.Progress.Stage != manual.StageOCR {
		t.Errorf("while a page is read: %+v, %v", m, err)
	}
	close(goOn)
	if m = l.wait(t, m.ID); m.Status != manual.Ready || m.OCRDone != 3 {
		t.Errorf("%+v", m)
	}
}

func TestDeletingAManualEndsItsOCR(t *testing.T) {
	t.Parallel()
	reading, ended := make(chan int, 10), make(chan error, 10)
	reader := &tesseract{read: func(ctx context.Context, page int) error {
		reading <- page
		<-ctx.Done() // as a tesseract that hangs
		ended <- context.Cause(ctx)
		return context.Cause(ctx)
	}}
	l := newLibrary(t, setup{engine: &engine{scanned: even}, ocr: reader})
	l.start(t)
	m := l.add(t, manual.Upload{}, file(2, "x"))
	await(t, reading, "a page in OCR")
	began := time.Now()
	if err := l.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	await(t, ended, "the end of the page's OCR")
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}

func TestARetryGoesOnFromTheStageThatFailed(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	broken.Store(true)
	l := newLibrary(t, setup{})
	// The index fails as it does when the disk is full for good.
	if _, err := l.pool.Exec(t.Context(), `ALTER TABLE chunk ADD CONSTRAINT full_disk CHECK (false) NOT VALID`); err != nil {
		t.Fatal(err)
	}
	m := l.add(t, manual.Upload{}, file(12, "x"))
	// One attempt is enough.
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
	m = l.wait(t, m.ID)
	if m.Status != manual.Failed || m.Progress.Stage != manual.StageIndex || m.PagesDone != 12 || m.Searchable() || !m.NeedsReview {
		t.Fatalf("%+v", m)
	}
	if _, err := l.pool.Exec(t.Context(), `ALTER TABLE chunk DROP CONSTRAINT full_disk`); err != nil {
		t.Fatal(err)
	}
	if m, err := l.Retry(t.Context(), m.ID); err != nil || m.Status != manual.Queued || m.Progress.Stage != manual.StageIndex {
		t.Fatalf("%+v, %v", m, err)
	}
	checkComplete(t, l, l.wait(t, m.ID), 12)
	if read := l.engine.pagesRead(); len(read) != 12 {
		t.Errorf("pages were read again: %v", read)
	}
}

func TestJobsOfAnEarlierRunDoNothing(t *testing.T) {
	t.Parallel()
	reading, goOn := make(chan int, 10), make(chan bool)
	reader := &tesseract{read: func(_ context.Context, page int) error {
		reading <- page
		<-goOn
		return nil
	}}
	l := newLibrary(t, setup{engine: &engine{scanned: even}, ocr: reader})
	l.start(t)
	m := l.add(t, manual.Upload{Language: "en"}, file(4, "x"))
	await(t, reading, "a page in OCR")
	l.until(t, m.ID, "is indexed", func(m manual.Manual) bool { return m.Generation == 1 })
	// Somebody else begins it anew while its pages are in OCR.
	if _, err := l.pool.Exec(t.Context(), `UPDATE manual SET run = 7, status = 'failed', stage = 'ocr', error_code = 'X' WHERE id = $1`, m.ID); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	if _, err := l.Retry(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	m = l.wait(t, m.ID)
	if m.Status != manual.Ready || m.OCRDone != 2 {
		t.Errorf("%+v", m)
	}
	l.quiet(t)
	if n := l.count(t, `SELECT count(*) FROM river_job WHERE state <> 'completed'`); n != 0 {
		t.Errorf("%d jobs failed", n)
	}
}

func TestTheSameInEveryOrderAndNumberOfRuns(t *testing.T) {
	t.Parallel()
	calm := newLibrary(t, setup{engine: &engine{scanned: even}, ocr: &tesseract{}})
	calm.start(t)
	want := calm.content(t, calm.wait(t, calm.add(t, manual.Upload{}, file(30, "x")).ID).ID)

	one := newLibrary(t, setup{engine: &engine{scanned: even}, ocr: &tesseract{}})
	two := newLibrary(t, setup{pool: one.pool, dir: one.dir, engine: &engine{scanned: even}, ocr: &tesseract{}})
	if _, err := one.pool.Exec(t.Context(), `
		CREATE FUNCTION double() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO river_job (kind, args, max_attempts, queue, priority, metadata, state)
			VALUES (NEW.kind, NEW.args, NEW.max_attempts, NEW.queue, NEW.priority, NEW.metadata, NEW.state);
			RETURN NEW;
		END $$;
		CREATE TRIGGER double AFTER INSERT ON river_job FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION double()`); err != nil {
		t.Fatal(err)
	}
	m := one.add(t, manual.Upload{}, file(30, "x"))
	one.start(t)
	two.start(t)
	m = one.wait(t, m.ID)
	if m.Status != manual.Ready || m.PagesDone != 30 || m.OCRDone != 15 {
		t.Errorf("%+v", m)
	}
	if got := one.content(t, m.ID); got != want {
		t.Errorf("doubled jobs made something else:\n%s\nwant\n%s", got, want)
	}
}

func TestACoverIsMadeOnceAndWhenItIsMissing(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{}, file(2, "x")).ID)
	if files := l.files(t, "blobs/covers"); !slices.Equal(files, []string{m.SHA256}) {
		t.Errorf("covers: %q", files)
	}
	data, kind, etag, err := l.Cover(t.Context(), m.ID)
	if err != nil || string(data) != "png" || kind == "" || !strings.HasPrefix(etag, `"`) {
		t.Errorf("%q, %s, %s, %v", data, kind, etag, err)
	}
	if err := l.blobs.Delete(t.Context(), "covers/"+m.SHA256[:2]+"/"+m.SHA256[2:4]+"/"+m.SHA256); err != nil {
		t.Fatal(err)
	}
	if _, _, again, err := l.Cover(t.Context(), m.ID); err != nil || again != etag {
		t.Errorf("%s, %v", again, err)
	}
	if err := l.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	if files := l.files(t, "blobs"); len(files) != 0 {
		t.Errorf("left: %q", files)
	}
}

func TestDeletingDuringOCRIsClean(t *testing.T) {
	t.Parallel()
	reading, goOn := make(chan int, 10), make(chan bool)
	reader := &tesseract{read: func(_ context.Context, page int) error {
		reading <- page
		<-goOn
		return errors.New("the file is gone")
	}}
	l := newLibrary(t, setup{engine: &engine{scanned: even}, ocr: reader})
	l.start(t)
	m := l.add(t, manual.Upload{}, file(8, "x"))
	await(t, reading, "a page in OCR")
	if err := l.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	other := l.add(t, manual.Upload{}, file(5, "other"))
	l.until(t, other.ID, "is asked", func(m manual.Manual) bool { return m.Searchable() })
	if n := l.count(t, `SELECT count(*) FROM page WHERE manual_id = $1`, m.ID); n != 0 {
		t.Errorf("%d pages are left", n)
	}
}

func TestAPictureWithoutTextIsNotSentToOCR(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{ocr: &tesseract{}, engine: &engine{pictured: even}})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{}, file(4, "x")).ID)
	if m.Status != manual.Ready || m.OCRDone+m.OCRWaiting+m.OCRFailed != 0 || m.Quality != manual.QualityExcellent {
		t.Errorf("%+v", m)
	}
	if p, err := l.PageInfo(t.Context(), m.ID, 2); err != nil || p.Quality != manual.PageBlank {
		t.Errorf("%+v, %v", p, err)
	}
}
