package manual_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// extractor is an engine that reads more of a page in each of its versions.
type extractor struct {
	*engine
	version atomic.Int32
	// lost, if set, is what is wrong with a page in a later version, "" for nothing.
	lost func(page int) string
	// harmful has a later version find something.
	harmful atomic.Bool
}

func (x *extractor) Extract(ctx context.Context, path string, o pdf.ExtractOptions, v pdf.Visitor) error {
	version := x.version.Load()
	read := v.Page
	v.Page = func(p pdf.Page) error {
		switch {
		case version > 0 && x.lost != nil && x.lost(p.Number) != "":
			p = pdf.Page{Number: p.Number, Error: x.lost(p.Number)}
		case version > 0 && len(p.Words) > 0:
			p = page(p.Number, fmt.Sprintf("Error V%d%d: the valve has failed. Check the hose, as version %d says.", version, p.Number, version))
		}
		return read(p)
	}
	return x.engine.Extract(ctx, path, o, v)
}

func (x *extractor) Screen(ctx context.Context, path string) ([]pdf.Finding, error) {
	if x.harmful.Load() {
		return []pdf.Finding{{Kind: pdf.FindingJavaScript, Object: 7}}, nil
	}
	return x.engine.Screen(ctx, path)
}

// rereading is a library whose engine has a next version, with a manual that was read.
func rereading(t *testing.T, o setup, pages int) (*library, *extractor, manual.Manual) {
	t.Helper()
	if o.engine == nil {
		o.engine = &engine{}
	}
	x := &extractor{engine: o.engine}
	o.pdf = x
	l := newLibrary(t, o)
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{Title: "Oven", Language: "en", Manufacturer: "Ohlenbach", Models: []string{"KD 61 E"}}, file(pages, "x")).ID)
	if m.Status != manual.Ready || m.ExtractorVersion != manual.ExtractorVersion || m.Outdated() {
		t.Fatalf("%+v", m)
	}
	x.version.Store(1)
	return l, x, m
}

func (l *library) reprocess(t *testing.T, id uuid.UUID) manual.Manual {
	t.Helper()
	m, err := l.Reprocess(t.Context(), id, manual.ReprocessOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// reread waits for a manual that is read again to be exchanged, or to have failed at it.
func (l *library) reread(t *testing.T, id uuid.UUID) manual.Manual {
	t.Helper()
	return l.until(t, id, "is read again", func(m manual.Manual) bool { return !m.Reprocessing.Running() })
}

// quiet waits until no job is left to do.
func (l *library) quiet(t *testing.T) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for l.count(t, `SELECT count(*) FROM river_job WHERE finalized_at IS NULL`) > 0 {
		await(t, ticker.C, "the end of all jobs")
	}
}

// noDrafts fails the test if there is anything left of a draft.
func (l *library) noDrafts(t *testing.T) {
	t.Helper()
	if n := l.count(t, `SELECT count(*) FROM manual WHERE draft_of IS NOT NULL`); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
}

func TestAManualIsAskedAsItWasWhileItIsReadAgain(t *testing.T) {
	t.Parallel()
	h := &told{events: make(chan string, 20)}
	at, on := make(chan int), make(chan struct{})
	var holding atomic.Bool
	e := &engine{at: func(ctx context.Context, page int) error {
		if page == 10 && holding.Load() {
			at <- page
			<-on
		}
		return nil
	}}
	l, _, m := rereading(t, setup{engine: e, hooks: h}, 12)
	before := l.content(t, m.ID)
	holding.Store(true)

	if r := l.reprocess(t, m.ID); r.Status != manual.Ready || r.Reprocessing == nil || r.Reprocessing.Status != manual.Queued {
		t.Errorf("begun as %+v", r)
	}
	await(t, at, "page 10")
	meanwhile := l.until(t, m.ID, "has pages that are read again", func(m manual.Manual) bool { return m.Reprocessing.PagesDone > 0 })
	if meanwhile.Status != manual.Ready || meanwhile.Generation != m.Generation || l.content(t, m.ID) != before || !l.finds(t, m.ID, "E3", 3) {
		t.Errorf("it is not as it was: %+v", meanwhile)
	}
	if again := l.reprocess(t, m.ID); again.Reprocessing.StartedAt != meanwhile.Reprocessing.StartedAt {
		t.Error("it was begun twice")
	}
	// Nobody sees the draft.
	all, _, err := l.List(t.Context(), manual.Filter{})
	if err != nil || len(all) != 1 {
		t.Errorf("%d manuals are listed, %v", len(all), err)
	}
	if n, err := l.Totals(t.Context()); err != nil || n.Pages != 12 || n.Manuals[manual.Ready] != 1 || n.Manuals[manual.Processing] != 0 {
		t.Errorf("totals %+v, %v", n, err)
	}
	if asked, err := l.ForModel(t.Context(), m.Models[0].ID); err != nil || len(asked) != 1 {
		t.Errorf("%d manuals are asked, %v", len(asked), err)
	}
	if _, created, err := l.Intake(t.Context(), manual.Upload{}, reader(file(12, "x"))); err != nil || created {
		t.Errorf("the same file: created %v, %v", created, err)
	}
	if n, open, err := l.Proposals(t.Context(), manual.ProposalFilter{}); err != nil || len(n) != 0 || open != "" {
		t.Errorf("%d proposals, %v", len(n), err)
	}
	close(on)

	var now manual.Manual
	for seen, err := range l.Watch(t.Context(), m.ID) { // to its end
		if now = seen; err != nil {
			t.Fatal(err)
		}
	}
	if now.Reprocessing != nil || now.Generation <= m.Generation || now.Status != manual.Ready || now.PagesDone != 12 || now.NeedsReview {
		t.Errorf("read again as %+v", now)
	}
	if after := l.content(t, m.ID); after == before || strings.Contains(after, "pump") || !strings.Contains(after, "version 1") {
		t.Error("its text is not that of the new version")
	}
	if !l.finds(t, m.ID, "V13", 3) || l.finds(t, m.ID, "E3", 3) {
		t.Error("it is not found by what it says now")
	}
	l.noDrafts(t)
	if actions, _ := decisions(t, l, m.ID); !slices.Equal(actions, []string{"manual.reprocessed"}) {
		t.Errorf("audit %q", actions)
	}
	close(h.events)
	var events []string
	for event := range h.events {
		events = append(events, event)
	}
	if !slices.Equal(events, []string{manual.EventProcessed, manual.EventReprocessed}) {
		t.Errorf("told %q", events)
	}
}

// Killed anywhere, a reading goes on where it was, and until it is complete the manual
// is the old one in every row.
func TestAReadingThatIsCutOffGoesOn(t *testing.T) {
	t.Parallel()
	first := newLibrary(t, setup{})
	stop := first.begin(t)
	m := first.wait(t, first.add(t, manual.Upload{Language: "en"}, file(30, "x")).ID)
	stop()
	before := first.content(t, m.ID)
	first.reprocess(t, m.ID)
	read := map[int]int{}
	for _, kill := range []int{1, 9, 17, 30} {
		reached := make(chan struct{})
		var once sync.Once
		e := &engine{at: func(ctx context.Context, page int) error {
			if page != kill {
				return nil
			}
			once.Do(func() { close(reached) })
			<-ctx.Done()
			return ctx.Err()
		}}
		x := &extractor{engine: e}
		x.version.Store(1)
		l := newLibrary(t, setup{pool: first.pool, dir: first.dir, engine: e, pdf: x})
		stop := l.begin(t)
		await(t, reached, fmt.Sprint("page ", kill))
		stop()
		if l.content(t, m.ID) != before {
			t.Fatalf("cut off at page %d, it is not as it was", kill)
		}
		for _, n := range e.pagesRead() {
			read[n]++
		}
	}
	x := &extractor{engine: &engine{}}
	x.version.Store(1)
	l := newLibrary(t, setup{pool: first.pool, dir: first.dir, engine: x.engine, pdf: x})
	l.start(t)
	now := l.reread(t, m.ID)
	if now.PagesDone != 30 || now.Generation <= m.Generation || strings.Contains(l.content(t, m.ID), "pump") {
		t.Errorf("read again as %+v", now)
	}
	if read[1] > 2 {
		t.Errorf("page 1 was read %d times", read[1])
	}
	l.noDrafts(t)
}

func TestAnExchangeThatFailsLeavesTheOldAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	l, _, m := rereading(t, setup{}, 12)
	before := l.content(t, m.ID)
	if _, err := l.pool.Exec(t.Context(), `
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('refused') < 2 THEN RAISE EXCEPTION 'cut off' USING ERRCODE = 'admin_shutdown'; END IF;
			RETURN NEW;
		END $$;
		CREATE SEQUENCE refused MINVALUE 0;
		CREATE TRIGGER refuse BEFORE UPDATE OF manual_id ON page FOR EACH STATEMENT EXECUTE FUNCTION refuse()`); err != nil {
		t.Fatal(err)
	}
	l.reprocess(t, m.ID)
	half := l.until(t, m.ID, "is complete and was refused", func(manual.Manual) bool {
		return l.count(t, `SELECT last_value + is_called::int FROM refused`) > 0
	})
	if half.Generation != m.Generation || l.content(t, m.ID) != before {
		t.Error("half of it was exchanged")
	}
	if now := l.reread(t, m.ID); now.Reprocessing != nil || l.content(t, m.ID) == before {
		t.Errorf("not exchanged after all: %+v", now.Reprocessing)
	}
}

func TestAReadingThatFailsSaysSoAndChangesNothing(t *testing.T) {
	t.Parallel()
	var damaged atomic.Bool
	e := &engine{document: func(context.Context) error {
		if damaged.Load() {
			return errdefs.New(errdefs.Invalid, "PDF_DAMAGED", "It is damaged.")
		}
		return nil
	}}
	l, _, m := rereading(t, setup{engine: e}, 12)
	before := l.content(t, m.ID)
	damaged.Store(true)
	l.reprocess(t, m.ID)
	failed := l.until(t, m.ID, "failed at it", func(m manual.Manual) bool { return m.NeedsReview })
	if r := failed.Reprocessing; r == nil || r.Status != manual.Failed || r.Error == nil || r.Error.Code != "PDF_DAMAGED" {
		t.Fatalf("%+v", failed.Reprocessing)
	}
	if failed.Status != manual.Ready || failed.Error != nil || l.content(t, m.ID) != before || reasons(failed) != "REPROCESSING_FAILED" {
		t.Errorf("it is not as it was: %+v", failed)
	}
	damaged.Store(false)
	l.reprocess(t, m.ID)
	if now := l.reread(t, m.ID); now.Reprocessing != nil || now.NeedsReview || l.content(t, m.ID) == before {
		t.Errorf("the second time: %+v", now)
	}
}

func TestAReadingThatFailedCanBeGivenUp(t *testing.T) {
	t.Parallel()
	l, x, m := rereading(t, setup{}, 12)
	before := l.content(t, m.ID)
	x.lost = func(page int) string {
		if page == 5 {
			return "It trapped."
		}
		return ""
	}
	l.reprocess(t, m.ID)
	// A page that could be read before is not given up for one that cannot.
	worse := l.until(t, m.ID, "failed at it", func(m manual.Manual) bool { return m.NeedsReview })
	if worse.Reprocessing.Error.Code != "READ_WORSE" || l.content(t, m.ID) != before || worse.PagesFailed != 0 {
		t.Fatalf("%+v, %+v", worse.Reprocessing, worse)
	}
	now, err := l.CancelReprocessing(t.Context(), m.ID)
	if err != nil || now.Reprocessing != nil || now.NeedsReview || l.content(t, m.ID) != before {
		t.Errorf("%+v, %v", now, err)
	}
	l.noDrafts(t)
	if again, err := l.CancelReprocessing(t.Context(), m.ID); err != nil || !again.UpdatedAt.Equal(now.UpdatedAt) {
		t.Errorf("given up twice: %v", err)
	}
}

func TestOCRIsRepeatedOnlyForOtherPictures(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	read := map[int]int{}
	r := &tesseract{read: func(_ context.Context, page int) error {
		mu.Lock()
		defer mu.Unlock()
		read[page]++
		return nil
	}}
	times := func(page int) int {
		mu.Lock()
		defer mu.Unlock()
		return read[page]
	}
	l, x, m := rereading(t, setup{engine: &engine{scanned: even}, ocr: r}, 12)
	if m.OCRDone != 6 {
		t.Fatalf("%+v", m)
	}
	l.reprocess(t, m.ID)
	now := l.reread(t, m.ID)
	if now.Reprocessing != nil || now.OCRDone != 6 || times(4) != 1 || !l.finds(t, m.ID, "D4", 4) || !l.finds(t, m.ID, "V15", 5) {
		t.Errorf("page 4 was read %d times, %+v", times(4), now)
	}
	// The next time it is known of the pages that were taken over, too.
	x.version.Store(2)
	l.reprocess(t, m.ID)
	if l.reread(t, m.ID); times(4) != 1 || !l.finds(t, m.ID, "V25", 5) {
		t.Errorf("the next time page 4 was read again: %d", times(4))
	}
	if _, err := l.Reprocess(t.Context(), m.ID, manual.ReprocessOptions{Pictures: true}); err != nil {
		t.Fatal(err)
	}
	if now = l.reread(t, m.ID); times(4) != 2 || now.OCRDone != 6 {
		t.Errorf("asked to, page 4 was read %d times", times(4))
	}
}

// Scans that were read are not exchanged for pages that wait for tesseract.
func TestScansAreKeptWhileThereIsNoOCR(t *testing.T) {
	t.Parallel()
	r := &tesseract{}
	l, _, m := rereading(t, setup{engine: &engine{scanned: even}, ocr: r}, 12)
	before := l.content(t, m.ID)
	r.missing.Store(true)
	if _, err := l.Reprocess(t.Context(), m.ID, manual.ReprocessOptions{Pictures: true}); err != nil {
		t.Fatal(err)
	}
	waits := l.until(t, m.ID, "waits for OCR", func(m manual.Manual) bool { return m.Reprocessing.Status == manual.Ready })
	if waits.Reprocessing.OCRWaiting != 6 || l.content(t, m.ID) != before {
		t.Errorf("%+v", waits.Reprocessing)
	}
	r.missing.Store(false)
	if now := l.reread(t, m.ID); now.OCRDone != 6 || now.OCRWaiting != 0 || !l.finds(t, m.ID, "V15", 5) || !l.finds(t, m.ID, "D4", 4) {
		t.Errorf("%+v", now)
	}
}

func TestWhatIsFoundWhenAManualIsReadAgainHoldsItBack(t *testing.T) {
	t.Parallel()
	l, x, m := rereading(t, setup{}, 12)
	x.harmful.Store(true)
	l.reprocess(t, m.ID)
	now := l.until(t, m.ID, "is held back", func(m manual.Manual) bool { return m.Status == manual.Quarantined && m.Reprocessing == nil })
	if now.Searchable() || len(now.Findings) != 1 {
		t.Errorf("%+v", now)
	}
	if _, err := l.Reprocess(t.Context(), m.ID, manual.ReprocessOptions{}); errdefs.Code(err) != "MANUAL_QUARANTINED" {
		t.Errorf("read in quarantine: %v", err)
	}
	if _, err := l.Release(t.Context(), m.ID, manual.LocalUser, ""); err != nil {
		t.Fatal(err)
	}
	if now = l.wait(t, m.ID); now.Status != manual.Ready || !l.finds(t, m.ID, "E3", 3) {
		t.Errorf("released as %+v", now)
	}
	l.reprocess(t, m.ID)
	if now = l.reread(t, m.ID); now.Status != manual.Ready || now.Reprocessing != nil || !l.finds(t, m.ID, "V13", 3) {
		t.Errorf("what was released was held back again: %+v", now)
	}
}

// What happens to a manual while it is read again holds for what is read, too.
func TestAManualMayChangeWhileItIsReadAgain(t *testing.T) {
	t.Parallel()
	at, on := make(chan int), make(chan struct{})
	var holding atomic.Bool
	e := &engine{at: func(_ context.Context, page int) error {
		if page == 10 && holding.Load() {
			at <- page
			<-on
		}
		return nil
	}}
	l, _, m := rereading(t, setup{engine: e}, 12)
	other := l.wait(t, l.add(t, manual.Upload{Title: "Newer", Language: "en"}, file(2, "y")).ID)
	holding.Store(true)
	l.reprocess(t, m.ID)
	await(t, at, "page 10")
	if _, err := l.Update(t.Context(), m.ID, manual.Patch{Title: new("Stove"), Language: new("de"), SerialRange: new("100-200")}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Supersede(t.Context(), m.ID, other.ID, manual.SupersessionDecision{}); err != nil {
		t.Fatal(err)
	}
	close(on)
	now := l.reread(t, m.ID)
	if now.Title != "Stove" || now.Language != "de" || now.SerialRange != "100-200" || now.SupersededBy == nil || now.SupersededBy.ID != other.ID {
		t.Errorf("%+v", now)
	}
	if n := l.count(t, `SELECT count(*) FROM chunk WHERE manual_id = $1 AND language = 'de'`, m.ID); n == 0 {
		t.Error("the index is not of the language that was said meanwhile")
	}
	// The manual that is asked instead is deleted while it is read again itself.
	l.reprocess(t, other.ID)
	if err := l.Delete(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}
	if now, err := l.Get(t.Context(), m.ID); err != nil || now.SupersededBy != nil {
		t.Errorf("not asked again: %+v, %v", now.SupersededBy, err)
	}
	l.quiet(t)
	l.noDrafts(t)
}

func TestAManualThatIsDeletedIsNotReadAgain(t *testing.T) {
	t.Parallel()
	at, on := make(chan int), make(chan struct{})
	var holding atomic.Bool
	e := &engine{at: func(_ context.Context, page int) error {
		if page == 10 && holding.Load() {
			at <- page
			<-on
		}
		return nil
	}}
	l, _, m := rereading(t, setup{engine: e}, 12)
	holding.Store(true)
	l.reprocess(t, m.ID)
	await(t, at, "page 10")
	if err := l.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	close(on)
	l.quiet(t)
	if n := l.count(t, `SELECT (SELECT count(*) FROM manual) + (SELECT count(*) FROM page) + (SELECT count(*) FROM chunk)`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func TestAManualThatWasNeverReadIsNotReadAgain(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	m := l.add(t, manual.Upload{}, file(2, "x"))
	if _, err := l.Reprocess(t.Context(), m.ID, manual.ReprocessOptions{}); errdefs.Code(err) != "MANUAL_NOT_READ" {
		t.Errorf("%v", err)
	}
	if _, err := l.Reprocess(t.Context(), uuid.New(), manual.ReprocessOptions{}); errdefs.Code(err) != "MANUAL_NOT_FOUND" {
		t.Errorf("%v", err)
	}
}

// What release 0.1.0 has read, without screening and OCR, is outdated, and one command
// has it read by this program.
func TestALibraryOfTheFirstReleaseIsReadAnew(t *testing.T) {
	t.Parallel()
	old := newLibrary(t, setup{engine: &engine{scanned: func(page int) bool { return page > 12 }}})
	stop := old.begin(t)
	ready := old.wait(t, old.add(t, manual.Upload{}, file(12, "x")).ID)
	scan := old.wait(t, old.add(t, manual.Upload{Language: "en"}, file(14, "scan")).ID)
	old.reprocess(t, ready.ID) // a draft that the older schema does not know
	stop()

	schema, err := goose.NewProvider(goose.DialectPostgres, stdlib.OpenDBFromPool(old.pool), os.DirFS("../postgres/migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := schema.DownTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := old.pool.Exec(t.Context(), `UPDATE page SET layout = layout - 'ocr'; DELETE FROM river_job`); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Migrate(t.Context(), old.pool); err != nil {
		t.Fatal(err)
	}
	l := newLibrary(t, setup{pool: old.pool, dir: old.dir, ocr: &tesseract{}, engine: old.engine})
	if m, err := l.Get(t.Context(), ready.ID); err != nil || !m.Outdated() || m.ExtractorVersion != 1 {
		t.Fatalf("%+v, %v", m, err)
	}
	if all, _, err := l.List(t.Context(), manual.Filter{Outdated: true}); err != nil || len(all) != 2 {
		t.Errorf("%d outdated, %v", len(all), err)
	}
	if err := l.CompareUncompared(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := l.ReprocessAll(t.Context(), true, manual.ReprocessOptions{})
	if err != nil || n != (manual.Reprocessed{Begun: 2}) {
		t.Fatalf("%+v, %v", n, err)
	}
	l.start(t)
	for _, id := range []uuid.UUID{ready.ID, scan.ID} {
		if m := l.reread(t, id); m.Outdated() || m.Status != manual.Ready {
			t.Errorf("%+v", m)
		}
	}
	m := l.until(t, scan.ID, "has its scans read", func(m manual.Manual) bool { return m.OCRDone == 2 && m.Status == manual.Ready })
	if !l.finds(t, scan.ID, "D13", 13) {
		t.Errorf("a scan is not found: %+v", m)
	}
	if n, err := l.ReprocessAll(t.Context(), true, manual.ReprocessOptions{}); err != nil || n.Begun != 0 {
		t.Errorf("%d are outdated still, %v", n.Begun, err)
	}
}

// Every table that tells something of a manual either goes along with what is read
// anew or stays; that was decided for each.
func TestEveryTableOfAManualIsExchangedOrKept(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	rows, err := l.pool.Query(t.Context(), `
		SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
		WHERE contype = 'f' AND confrelid = 'manual'::regclass ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		found = append(found, name)
	}
	// page and page_print here, the others in search.Store.Adopt.
	exchanged := strings.Fields("chunk drawing error_code manual_index manual_setting manual_structure manual_table manual_term page page_print part section")
	kept := strings.Fields("correction flag manual manual_model proposal supersession watched_file")
	for _, name := range found {
		if !slices.Contains(exchanged, name) && !slices.Contains(kept, name) {
			t.Errorf("what becomes of %s when a manual is read again? Name it in search.Store.Adopt, or say here that it is kept", name)
		}
	}
}

func TestAnEventNamesWhatIsAskedInstead(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	data, err := json.Marshal(manual.Announcement{SupersededBy: &id})
	if err != nil || !strings.Contains(string(data), `"superseded_by":"`+id.String()+`"`) {
		t.Errorf("%s, %v", data, err)
	}
}
