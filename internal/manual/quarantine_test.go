package manual_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// Screen finds JavaScript in the test files that say so, and gets differently far
// with those that are opaque.
func (e *engine) Screen(_ context.Context, path string) ([]pdf.Finding, error) {
	data, err := os.ReadFile(path)
	if err == nil && strings.Contains(string(data), "opaque") {
		return []pdf.Finding{{Kind: pdf.FindingUnscreenable, Detail: fmt.Sprintf("given up after %d objects", e.copies.Add(1))}}, nil
	}
	if err != nil || !strings.Contains(string(data), "javascript") {
		return nil, err
	}
	return []pdf.Finding{{Kind: "javascript", Object: 7, Detail: "app.\u202ealert(\n1)" + strings.Repeat("ü", 200)}}, nil
}

// scan is a virus scanner.
type scan func(io.Reader) (string, error)

func (s scan) Scan(_ context.Context, r io.Reader) (string, error) { return s(r) }

// held adds a manual with active content and waits until it is held back.
func held(t *testing.T, l *library, tag string) manual.Manual {
	t.Helper()
	m := l.add(t, manual.Upload{FileName: "x.pdf", Manufacturer: "Ohlenbach", Models: []string{"KD 61 E"}}, file(2, "javascript-"+tag))
	m = l.wait(t, m.ID)
	if m.Status != manual.Quarantined {
		t.Fatalf("status %s, %+v", m.Status, m.Error)
	}
	return m
}

// decisions returns the actions of the audit of a manual and their details.
func decisions(t *testing.T, l *library, id uuid.UUID) (actions []string, details []map[string]any) {
	t.Helper()
	entries, err := l.Audit(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		var d map[string]any
		if err := json.Unmarshal(e.Detail, &d); err != nil {
			t.Fatal(err)
		}
		actions, details = append(actions, string(e.Action)), append(details, d)
		if program := e.Actor == uuid.Nil; program != (e.Action == "manual.quarantined") {
			t.Errorf("%s by %s", e.Action, e.Actor)
		}
	}
	return actions, details
}

func TestAManualWithActiveContentIsNeitherReadNorShown(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	m := held(t, l, "a")
	if len(l.engine.pagesRead()) > 0 || l.count(t, `SELECT count(*) FROM page`)+l.count(t, `SELECT count(*) FROM chunk`) > 0 {
		t.Error("it was read")
	}
	if m.Error == nil || m.Error.Code != "MANUAL_QUARANTINED" || !strings.Contains(m.Error.Message, "JavaScript") {
		t.Errorf("the reason: %+v", m.Error)
	}
	if len(m.Findings) != 1 {
		t.Fatalf("findings %+v", m.Findings)
	}
	f := m.Findings[0]
	if f.Kind != "javascript" || f.Object != 7 || !strings.HasPrefix(f.Detail, "app.alert( 1)ü") || len(f.Detail) > 200 || f.Released {
		t.Errorf("the finding: %+v", f)
	}

	refused := func(what string, err error) {
		t.Helper()
		if errdefs.Code(err) != "MANUAL_QUARANTINED" || !strings.Contains(err.Error(), "JavaScript") || errdefs.As(err).Details["findings"] == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, _, err := l.Open(t.Context(), m.ID)
	refused("the file", err)
	_, _, err = l.PageImage(t.Context(), m.ID, 1, manual.ImageOptions{})
	refused("a page's image", err)
	_, _, err = l.Page(t.Context(), m.ID, 1)
	refused("a page's text", err)
	_, _, _, err = l.Cover(t.Context(), m.ID)
	refused("the cover", err)
	if asked, err := l.ForModel(t.Context(), m.Models[0].ID); err != nil || len(asked) > 0 {
		t.Errorf("it is asked: %v, %v", asked, err)
	}

	l.wait(t, l.add(t, manual.Upload{}, file(1, "harmless")).ID)
	listed, _, err := l.List(t.Context(), manual.Filter{Status: manual.Quarantined})
	if err != nil || len(listed) != 1 || listed[0].ID != m.ID || len(listed[0].Findings) != 1 {
		t.Errorf("listed: %+v, %v", listed, err)
	}
	actions, details := decisions(t, l, m.ID)
	if !slices.Equal(actions, []string{"manual.quarantined"}) || details[0]["sha256"] != m.SourceSHA256 || details[0]["findings"] == nil {
		t.Errorf("audit %q, %v", actions, details)
	}

	jobs := l.count(t, `SELECT count(*) FROM river_job`)
	again, created, err := l.Intake(t.Context(), manual.Upload{}, reader(file(2, "javascript-a")))
	if err != nil || created || again.ID != m.ID || again.Status != manual.Quarantined {
		t.Errorf("the same file again: %+v, %v, %v", again, created, err)
	}
	if _, err := l.Retry(t.Context(), m.ID); errdefs.Code(err) != "MANUAL_QUARANTINED" {
		t.Errorf("a retry: %v", err)
	}
	if n := l.count(t, `SELECT count(*) FROM river_job`); n != jobs {
		t.Errorf("%d jobs, of %d", n, jobs)
	}
}

func TestAReleasedManualIsRead(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	m := held(t, l, "a")
	if _, err := l.Release(t.Context(), m.ID, manual.LocalUser, strings.Repeat("x", 1001)); errdefs.Code(err) != "NOTE_INVALID" {
		t.Errorf("a long note: %v", err)
	}
	released, err := l.Release(t.Context(), m.ID, manual.LocalUser, " from the\nmaker ")
	if err != nil || released.Status == manual.Quarantined || released.Error != nil || released.ReleasedAt == nil || released.ReleasedBy != manual.LocalUser {
		t.Fatalf("%+v, %v", released, err)
	}
	ready := l.wait(t, m.ID)
	if ready.Status != manual.Ready || ready.PagesDone != 2 || len(ready.Findings) != 1 || !ready.Findings[0].Released {
		t.Fatalf("%+v", ready)
	}
	if f, _, err := l.Open(t.Context(), m.ID); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
	if _, err := l.Release(t.Context(), m.ID, manual.LocalUser, "twice"); err != nil {
		t.Errorf("again: %v", err)
	}
	actions, details := decisions(t, l, m.ID)
	if !slices.Equal(actions, []string{"manual.quarantined", "manual.released"}) || details[1]["note"] != "from the maker" || details[1]["findings"] == nil {
		t.Errorf("audit %q, %v", actions, details)
	}

	harmless := l.wait(t, l.add(t, manual.Upload{}, file(1, "harmless")).ID)
	if _, err := l.Release(t.Context(), harmless.ID, manual.LocalUser, ""); errdefs.Code(err) != "MANUAL_NOT_QUARANTINED" {
		t.Errorf("nothing to release: %v", err)
	}
	if actions, _ := decisions(t, l, harmless.ID); len(actions) > 0 {
		t.Errorf("audit of a harmless manual: %q", actions)
	}
	none := uuid.Must(uuid.NewV7())
	_, err = l.Release(t.Context(), none, manual.LocalUser, "")
	_, aerr := l.Audit(t.Context(), none)
	if errdefs.Code(err) != "MANUAL_NOT_FOUND" || errdefs.Code(aerr) != "MANUAL_NOT_FOUND" {
		t.Errorf("an unknown manual: %v, %v", err, aerr)
	}
}

func TestWhatIsFoundAfterAReleaseHoldsTheManualBackAgain(t *testing.T) {
	t.Parallel()
	var signature atomic.Value
	signature.Store("")
	l := newLibrary(t, setup{scanner: scan(func(r io.Reader) (string, error) {
		data, err := io.ReadAll(r)
		if !strings.HasPrefix(string(data), "%PDF-1.7 2 pages") {
			t.Errorf("scanned: %q", data)
		}
		return signature.Load().(string), err
	})})
	l.start(t)
	m := held(t, l, "a")
	release := func() manual.Manual {
		t.Helper()
		if _, err := l.Release(t.Context(), m.ID, manual.LocalUser, ""); err != nil {
			t.Fatal(err)
		}
		return l.wait(t, m.ID)
	}
	signature.Store("Eicar-Signature")
	m = release()
	if m.Status != manual.Quarantined || !strings.Contains(m.Error.Message, "Eicar-Signature") || strings.Contains(m.Error.Message, "JavaScript") {
		t.Fatalf("with a virus: %s, %+v", m.Status, m.Error)
	}
	if want := []manual.Finding{{Kind: m.Findings[0].Kind, Object: 7, Detail: m.Findings[0].Detail, Released: true}, {Kind: manual.FindingVirus, Detail: "Eicar-Signature"}}; !slices.Equal(m.Findings, want) {
		t.Errorf("findings %+v", m.Findings)
	}
	if m = release(); m.Status != manual.Ready {
		t.Errorf("released once more: %+v", m)
	}
	actions, _ := decisions(t, l, m.ID)
	if want := []string{"manual.quarantined", "manual.released", "manual.quarantined", "manual.released"}; !slices.Equal(actions, want) {
		t.Errorf("audit %q", actions)
	}
}

func TestAFileThatCannotBeLookedThroughIsReleasedOnce(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{}, file(1, "opaque")).ID)
	if m.Status != manual.Quarantined || !strings.Contains(m.Error.Message, "cannot be looked into") {
		t.Fatalf("%s, %+v", m.Status, m.Error)
	}
	if _, err := l.Release(t.Context(), m.ID, manual.LocalUser, ""); err != nil {
		t.Fatal(err)
	}
	if m = l.wait(t, m.ID); m.Status != manual.Ready {
		t.Errorf("%s, %+v", m.Status, m.Findings)
	}
}

func TestNothingIsLetInUnscanned(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 100)
	var away atomic.Bool
	away.Store(true)
	l := newLibrary(t, setup{scanner: scan(func(io.Reader) (string, error) {
		asked <- struct{}{}
		if away.Load() {
			return "", errdefs.New(errdefs.Unavailable, "CLAMD_UNAVAILABLE", "The virus scanner does not answer.")
		}
		return "", nil
	})})
	m := l.add(t, manual.Upload{}, file(2, "x"))
	unscreened := func(when string) {
		t.Helper()
		if _, _, err := l.Open(t.Context(), m.ID); errdefs.Code(err) != "MANUAL_NOT_SCREENED" {
			t.Errorf("%s: %v", when, err)
		}
	}
	unscreened("before the screening")
	l.start(t)
	await(t, asked, "the first scan")
	unscreened("without the scanner")
	if n := len(l.engine.pagesRead()); n > 0 {
		t.Errorf("%d pages were read", n)
	}
	away.Store(false)
	if m = l.wait(t, m.ID); m.Status != manual.Ready {
		t.Errorf("%+v", m)
	}
}

func TestAScannerThatDoesNotWorkIsWaitedForHoweverLong(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"CLAMD_UNAVAILABLE", "CLAMD_FAILED"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			var broken atomic.Bool
			broken.Store(true)
			l := newLibrary(t, setup{scanner: scan(func(io.Reader) (string, error) {
				if broken.Load() {
					return "", errdefs.New(errdefs.Unavailable, code, "The virus scanner gives no verdict.")
				}
				return "", nil
			})})
			// As after many attempts.
			if _, err := l.pool.Exec(t.Context(), `
				CREATE FUNCTION tried() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
					NEW.attempt := 20;
					NEW.errors := array_fill('{"error": "a", "attempt": 1, "at": "2026-01-01T00:00:00Z"}'::jsonb, ARRAY[11]);
					RETURN NEW;
				END $$;
				CREATE TRIGGER tried BEFORE INSERT ON river_job FOR EACH ROW EXECUTE FUNCTION tried()`); err != nil {
				t.Fatal(err)
			}
			m := l.add(t, manual.Upload{}, file(2, "x"))
			l.start(t)
			m = l.until(t, m.ID, "says why it waits", func(m manual.Manual) bool { return m.Error != nil })
			if m.Status != manual.Queued || m.Error.Code != code {
				t.Fatalf("%s, %+v", m.Status, m.Error)
			}
			broken.Store(false)
			if _, err := l.Retry(t.Context(), m.ID); err != nil {
				t.Fatal(err)
			}
			if m = l.wait(t, m.ID); m.Status != manual.Ready {
				t.Errorf("%s, %+v", m.Status, m.Error)
			}
		})
	}
}

func TestAManualInQuarantineCanBeDeleted(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	m := held(t, l, "a")
	if err := l.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	if files := l.files(t, "blobs/originals"); len(files) > 0 {
		t.Errorf("left: %q", files)
	}
	actions, details := decisions(t, l, m.ID)
	if !slices.Equal(actions, []string{"manual.quarantined", "manual.deleted"}) || details[1]["file_name"] != "x.pdf" {
		t.Errorf("audit %q, %v", actions, details)
	}
	if again := held(t, l, "a"); again.ID == m.ID {
		t.Error("the same file again is not a new manual")
	}
}

func TestReleaseDeletionAndUploadAtOnceEndInOneOrder(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	m := held(t, l, "a")
	for range 5 {
		var wg sync.WaitGroup
		var released, deleted error
		wg.Go(func() { _, released = l.Release(t.Context(), m.ID, manual.LocalUser, "") })
		wg.Go(func() { deleted = l.Delete(t.Context(), m.ID) })
		wg.Go(func() {
			if _, _, err := l.Intake(t.Context(), manual.Upload{}, reader(file(2, "javascript-a"))); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		if deleted != nil || released != nil && errdefs.Code(released) != "MANUAL_NOT_FOUND" {
			t.Fatalf("deleted: %v, released: %v", deleted, released)
		}
		// Whatever came first: what is there now nobody has released.
		m = held(t, l, "a")
		if m.ReleasedAt != nil {
			t.Fatalf("%+v", m)
		}
		if files := l.files(t, "blobs/originals"); len(files) != 1 || files[0] != m.SHA256 {
			t.Fatalf("files %q", files)
		}
	}
}

func TestAScannerThatRefusesAFileFailsTheManual(t *testing.T) {
	t.Parallel()
	var small atomic.Bool
	small.Store(true)
	l := newLibrary(t, setup{scanner: scan(func(io.Reader) (string, error) {
		if small.Load() {
			return "", errdefs.New(errdefs.TooLarge, "CLAMD_SIZE_LIMIT", "Raise StreamMaxLength.")
		}
		return "", nil
	})})
	l.start(t)
	m := l.wait(t, l.add(t, manual.Upload{}, file(1, "x")).ID)
	if m.Status != manual.Failed || m.Error.Code != "CLAMD_SIZE_LIMIT" {
		t.Fatalf("%s, %+v", m.Status, m.Error)
	}
	if _, _, err := l.Open(t.Context(), m.ID); errdefs.Code(err) != "MANUAL_NOT_SCREENED" || !errdefs.Is(err, errdefs.Conflict) {
		t.Errorf("its file: %v", err)
	}
	small.Store(false)
	if _, err := l.Retry(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	if m = l.wait(t, m.ID); m.Status != manual.Ready {
		t.Errorf("retried: %+v", m)
	}
}

func TestAProcessWithoutTheScannerLetsNothingIn(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 100)
	server := newLibrary(t, setup{scanner: scan(func(io.Reader) (string, error) {
		asked <- struct{}{}
		return "", nil
	})})
	if err := server.RequireScanner(t.Context()); err != nil {
		t.Fatal(err)
	}
	// One began after the library had asked for a scanner, and one takes its jobs
	// although it must not, as if it had begun before.
	bare := newLibrary(t, setup{pool: server.pool, dir: server.dir})
	if err := bare.runner.AddQueue(manual.QueueScreen, 1); err != nil {
		t.Fatal(err)
	}
	stop := bare.begin(t)
	m := bare.add(t, manual.Upload{}, file(2, "x"))
	watch, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for seen, err := range bare.Watch(watch, m.ID) {
		if err != nil {
			t.Fatalf("nobody says why the manual waits: %+v, %v", m, err)
		}
		if m = seen; m.Error != nil {
			break
		}
	}
	if m.Error.Code != "VIRUS_SCANNER_REQUIRED" {
		t.Errorf("%+v", m)
	}
	if _, _, err := bare.Open(t.Context(), m.ID); errdefs.Code(err) != "MANUAL_NOT_SCREENED" {
		t.Error(err)
	}
	stop()
	server.start(t)
	await(t, asked, "the scan")
	if m = server.wait(t, m.ID); m.Status != manual.Ready {
		t.Errorf("%+v", m)
	}
}

func TestAScannerIsRequiredUntilThatIsTakenBack(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	for range 2 { // the second changes nothing
		if err := l.RequireScanner(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := l.WaiveScanner(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := l.Audit(t.Context(), uuid.Nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Action != "virus_scanner.required" || entries[1].Action != "virus_scanner.waived" {
		t.Errorf("audit %v", entries)
	}
	l.start(t)
	if m := l.wait(t, l.add(t, manual.Upload{}, file(2, "x")).ID); m.Status != manual.Ready {
		t.Errorf("%+v", m)
	}
}
