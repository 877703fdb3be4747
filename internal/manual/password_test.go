package manual_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

const password = "correct horse"

// locked is a test file that opens with the password only.
func locked(pages int, tag string) string {
	return fmt.Sprintf("%%PDF-1.7 locked with %x %s", password, file(pages, tag))
}

var lockedFile = regexp.MustCompile(`^%PDF-1.7 locked with ([0-9a-f]+) (?s:(.*))$`)

// Probe tells of a test file what the engine would.
func (*engine) Probe(_ context.Context, path, _ string) (pdf.Document, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return pdf.Document{}, err
	}
	content := strings.TrimSpace(string(data))
	var pages int
	_, err = fmt.Sscanf(content, "%%PDF-1.7 %d pages", &pages)
	switch {
	case lockedFile.MatchString(content):
		return pdf.Document{}, errdefs.New(errdefs.Invalid, "PDF_ENCRYPTED", "The PDF needs a password.")
	case strings.Contains(content, "nobody-home"):
		return pdf.Document{}, errdefs.New(errdefs.Unavailable, "PDF_ENGINE_UNAVAILABLE", "The PDF engine does not start.")
	case err != nil, strings.Contains(content, "damaged"):
		return pdf.Document{}, errdefs.New(errdefs.Invalid, "PDF_DAMAGED", "The PDF is damaged.")
	case pages == 0:
		return pdf.Document{}, errdefs.New(errdefs.Invalid, "PDF_NO_PAGES", "The PDF has no pages.")
	}
	return pdf.Document{Pages: pages}, nil
}

// Decrypt writes other bytes each time, like real encryption tools do.
func (e *engine) Decrypt(_ context.Context, path, password string, w io.Writer) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	m := lockedFile.FindSubmatch(data)
	if m == nil || string(m[1]) != fmt.Sprintf("%x", password) {
		return errdefs.New(errdefs.Invalid, "PDF_PASSWORD_WRONG", "The password is wrong.")
	}
	if strings.Contains(string(m[2]), "bomb") {
		_, err = io.Copy(w, endlessPDF())
		return err
	}
	_, err = fmt.Fprintf(w, "%s copy %d", m[2], e.copies.Add(1))
	return err
}

func receive(t *testing.T, l *library, content string) *manual.Incoming {
	t.Helper()
	in, err := l.Receive(t.Context(), reader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Discard)
	return in
}

// empty fails the test if anything is left of files that were refused.
func (l *library) empty(t *testing.T) {
	t.Helper()
	if n := l.count(t, `SELECT count(*) FROM manual`) + l.count(t, `SELECT count(*) FROM river_job`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if files := l.files(t, "blobs"); len(files) > 0 {
		t.Errorf("left: %q", files)
	}
}

func TestAFileWithAPasswordIsStoredWithoutIt(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	in := receive(t, l, locked(2, "x"))
	_, err := in.Accept(t.Context(), manual.Upload{})
	if errdefs.Code(err) != "PDF_ENCRYPTED" || !errdefs.Is(err, errdefs.Invalid) {
		t.Fatalf("without a password: %v", err)
	}
	if _, err = in.Accept(t.Context(), manual.Upload{Password: "wrong"}); errdefs.Code(err) != "PDF_PASSWORD_WRONG" {
		t.Fatalf("with a wrong one: %v", err)
	}
	if n := l.count(t, `SELECT count(*) FROM manual`); n != 0 {
		t.Errorf("%d manuals of what was refused", n)
	}
	a, err := in.Accept(t.Context(), manual.Upload{Password: password})
	if err != nil || !a.Created {
		t.Fatalf("%+v, %v", a, err)
	}
	in.Discard()
	m := l.wait(t, a.Manual.ID)
	if m.Status != manual.Ready || m.Pages != 2 || m.SHA256 == m.SourceSHA256 {
		t.Fatalf("%+v", m)
	}
	f, _, err := l.Open(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil || string(data) != file(2, "x")+" copy 1" || int64(len(data)) != m.SizeBytes {
		t.Errorf("stored %q, %v", data, err)
	}
	if files := l.files(t, "blobs/originals"); len(files) != 1 || files[0] != m.SHA256 {
		t.Errorf("files %q", files)
	}

	// It is known by the file as it came, and by the file as it is stored.
	for what, content := range map[string]string{"as it came": locked(2, "x"), "as it is stored": string(data)} {
		again, created, err := l.Intake(t.Context(), manual.Upload{}, reader(content))
		if err != nil || created || again.ID != m.ID {
			t.Errorf("%s: %v, %v, %v", what, again.ID, created, err)
		}
	}
	if err := l.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	if files := l.files(t, "blobs"); len(files) > 0 {
		t.Errorf("left: %q", files)
	}
}

func TestAPasswordForAFileThatNeedsNoneIsIgnored(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	m := l.add(t, manual.Upload{Password: password}, file(1, "x"))
	if m.SHA256 != m.SourceSHA256 {
		t.Errorf("%+v", m)
	}
}

func TestAFileThatNobodyGetsOpenLeavesNothing(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	for name, tc := range map[string]struct {
		content string
		code    string
	}{
		"no password":             {locked(1, "x"), "PDF_ENCRYPTED"},
		"damaged":                 {file(1, "damaged"), "PDF_DAMAGED"},
		"no pages":                {file(0, "x"), "PDF_NO_PAGES"},
		"the engine out of order": {file(1, "nobody-home"), "PDF_ENGINE_UNAVAILABLE"},
	} {
		in := receive(t, l, tc.content)
		if _, err := in.Accept(t.Context(), manual.Upload{}); errdefs.Code(err) != tc.code {
			t.Errorf("%s: %v, want %s", name, err, tc.code)
		}
		in.Discard()
	}
	// Damaged below its password.
	in := receive(t, l, locked(1, "damaged"))
	if _, err := in.Accept(t.Context(), manual.Upload{Password: password}); errdefs.Code(err) != "PDF_DAMAGED" {
		t.Errorf("damaged behind its password: %v", err)
	}
	in.Discard()
	l.empty(t)
}

func TestACopyWithoutPasswordIsLimitedToo(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{maxFile: 1 << 20})
	in := receive(t, l, locked(1, "bomb"))
	if _, err := in.Accept(t.Context(), manual.Upload{Password: password}); errdefs.Code(err) != "FILE_TOO_LARGE" {
		t.Errorf("%v", err)
	}
	in.Discard()
	l.empty(t)
}

func TestALockedFileAndItsCopiesAtOnceAreOneManual(t *testing.T) {
	t.Parallel()
	one := newLibrary(t, setup{})
	two := newLibrary(t, setup{pool: one.pool, dir: one.dir})
	var wg sync.WaitGroup
	var created atomic.Int32
	for i := range 6 {
		l := one
		if i%2 == 1 {
			l = two
		}
		wg.Go(func() {
			_, fresh, err := l.Intake(t.Context(), manual.Upload{Password: password}, reader(locked(1, "x")))
			if err != nil {
				t.Error(err)
			}
			if fresh {
				created.Add(1)
			}
		})
	}
	wg.Wait()
	if n := one.count(t, `SELECT count(*) FROM manual`); n != 1 || created.Load() != 1 {
		t.Errorf("%d manuals, created %d times", n, created.Load())
	}
	if files := one.files(t, "blobs"); len(files) != 1 {
		t.Errorf("files %q", files)
	}
}

func TestALockedFileThatIsDeletedAndGivenAtOnceIsNotLost(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	give := func() manual.Manual {
		t.Helper()
		m, _, err := l.Intake(t.Context(), manual.Upload{Password: password}, reader(locked(1, "x")))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := give()
	for range 10 {
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := l.Delete(t.Context(), m.ID); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, _, err := l.Intake(t.Context(), manual.Upload{Password: password}, reader(locked(1, "x"))); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		m = give()
		if files := l.files(t, "blobs/originals"); len(files) != 1 || files[0] != m.SHA256 {
			t.Fatalf("files %q of %s", files, m.SHA256)
		}
	}
}

func TestALostOriginalIsReplacedByANewCopyWithoutPassword(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	first, _, err := l.Intake(t.Context(), manual.Upload{Password: password}, reader(locked(1, "x")))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.blobs.Delete(t.Context(), blob.ContentKey("originals", first.SHA256)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Intake(t.Context(), manual.Upload{}, reader(locked(1, "x"))); errdefs.Code(err) != "PDF_ENCRYPTED" {
		t.Errorf("without the password: %v", err)
	}
	again, created, err := l.Intake(t.Context(), manual.Upload{Password: password}, reader(locked(1, "x")))
	if err != nil || created || again.ID != first.ID || again.SHA256 == first.SHA256 || again.SourceSHA256 != first.SourceSHA256 {
		t.Fatalf("%+v, %v, %v", again, created, err)
	}
	if files := l.files(t, "blobs/originals"); len(files) != 1 || files[0] != again.SHA256 {
		t.Errorf("files %q, want %s", files, again.SHA256)
	}
	l.start(t)
	if m := l.wait(t, first.ID); m.Status != manual.Ready {
		t.Errorf("%+v", m)
	}
}

func TestThePasswordIsNowhereToBeRead(t *testing.T) {
	t.Parallel()
	u := manual.Upload{FileName: "x.pdf", Password: password}
	var log bytes.Buffer
	l := newLibrary(t, setup{log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	l.start(t)
	m, _, err := l.Intake(t.Context(), u, reader(locked(1, "x")))
	if err != nil {
		t.Fatal(err)
	}
	m = l.wait(t, m.ID)
	if err := l.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	u.Password = "wrong" + password
	_, _, err = l.Intake(t.Context(), u, reader(locked(1, "x")))
	if err == nil {
		t.Fatal("a wrong password opens the file")
	}
	l.stop(t)

	slog.New(slog.NewTextHandler(&log, nil)).Info("upload", "upload", u, "password", u.Password)
	encoded, _ := json.Marshal(u)
	printed := fmt.Sprintf("%v %+v %#v %s %q %x %s %v", u, u, u, u.Password, u.Password, u.Password, encoded, err)
	rows, err := l.pool.Query(t.Context(), `SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
		WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	var stored strings.Builder
	for _, name := range tables {
		var all string
		if err := l.pool.QueryRow(t.Context(), `SELECT coalesce(string_agg(t::text, ' '), '') FROM `+name+` t`).Scan(&all); err != nil {
			t.Fatal(err)
		}
		stored.WriteString(all)
	}
	if len(tables) < 10 || !strings.Contains(stored.String(), m.SourceSHA256) { // in the audit
		t.Fatalf("the tables %q were not read", tables)
	}
	for where, text := range map[string]string{"the log": log.String(), "what was printed": printed, "the database": stored.String()} {
		for _, form := range []string{password, fmt.Sprintf("%x", password)} {
			if strings.Contains(text, form) {
				t.Errorf("%s holds the password", where)
			}
		}
	}
}
