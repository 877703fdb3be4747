package manual_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

func TestTheSameFileTwiceIsOneManual(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	l.start(t)
	first, created, err := l.Intake(t.Context(), manual.Upload{FileName: "a.pdf", Manufacturer: "Ohlenbach", Models: []string{"KD 61 E"}}, reader(file(2, "same")))
	if err != nil || !created {
		t.Fatal(created, err)
	}
	ready := l.wait(t, first.ID)

	again, created, err := l.Intake(t.Context(), manual.Upload{FileName: "b.pdf", Title: "Another", Manufacturer: "Ohlenbach", Models: []string{"kd61e", "KD 101 G"}}, reader(file(2, "same")))
	if err != nil || created {
		t.Fatal(created, err)
	}
	if again.ID != first.ID || again.Title != "Another" || again.Status != manual.Ready || again.Generation != ready.Generation {
		t.Errorf("the second intake gave %+v", again)
	}
	if len(again.Models) != 2 {
		t.Errorf("models %v, want the first and the new one", again.Models)
	}
	if n := l.count(t, `SELECT count(*) FROM river_job WHERE kind = 'manual.screen'`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	if files := l.files(t, "blobs/originals"); len(files) != 1 || files[0] != first.SHA256 {
		t.Errorf("stored files: %q", files)
	}
}

func TestTheSameFileAtOnceIsOneManual(t *testing.T) {
	t.Parallel()
	one := newLibrary(t, setup{})
	two := newLibrary(t, setup{pool: one.pool, dir: one.dir})
	var created atomic.Int32
	var ids sync.Map
	var wg sync.WaitGroup
	for i := range 8 {
		l, models := one, []string{"A 1", "B 2", "C 3"}
		if i%2 == 1 {
			l, models = two, []string{"C 3", "B 2", "A 1"}
		}
		wg.Go(func() {
			m, fresh, err := l.Intake(t.Context(), manual.Upload{Manufacturer: "Maker", Models: models}, iotest.HalfReader(reader(file(3, "same"))))
			if err != nil {
				t.Error(err)
				return
			}
			if fresh {
				created.Add(1)
			}
			ids.Store(m.ID, true)
		})
	}
	wg.Wait()
	distinct := 0
	ids.Range(func(any, any) bool { distinct++; return true })
	if created.Load() != 1 || distinct != 1 {
		t.Errorf("created %d times, %d ids", created.Load(), distinct)
	}
	if n := one.count(t, `SELECT count(*) FROM river_job`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	if files := one.files(t, "blobs"); len(files) != 1 {
		t.Errorf("stored files: %q", files)
	}
}

func TestAClientMayTryAgainWithItsID(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	id := uuid.Must(uuid.NewV7())
	m := l.add(t, manual.Upload{ID: id}, file(1, "one"))
	if m.ID != id {
		t.Errorf("id %s, want %s", m.ID, id)
	}
	if again, created, err := l.Intake(t.Context(), manual.Upload{ID: id}, reader(file(1, "one"))); err != nil || created || again.ID != id {
		t.Errorf("again: %v, %v, %v", again.ID, created, err)
	}
	if _, _, err := l.Intake(t.Context(), manual.Upload{ID: id}, reader(file(1, "two"))); errdefs.Code(err) != "ID_TAKEN" {
		t.Errorf("another file with the id: %v", err)
	}
	if _, _, err := l.Intake(t.Context(), manual.Upload{ID: uuid.New()}, reader(file(1, "three"))); errdefs.Code(err) != "ID_INVALID" {
		t.Errorf("a random id: %v", err)
	}
}

func TestOnlyPDFsWithinTheLimitAreStored(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{maxFile: 1 << 20})
	endless := endlessPDF()
	broken := errors.New("the line is dead")
	for _, tc := range []struct {
		name string
		file io.Reader
		code string
	}{
		{"empty", strings.NewReader(""), "FILE_EMPTY"},
		{"text", strings.NewReader("hello"), "NOT_A_PDF"},
		{"header too late", strings.NewReader(strings.Repeat(" ", 1020) + "%PDF-1.7"), "NOT_A_PDF"},
		{"endless", endless, "FILE_TOO_LARGE"},
		{"broken off", io.MultiReader(reader(file(1, "x")), iotest.ErrReader(broken)), "INTERNAL"},
		{"broken off early", iotest.ErrReader(broken), "INTERNAL"},
	} {
		if _, _, err := l.Intake(t.Context(), manual.Upload{}, tc.file); errdefs.Code(err) != tc.code {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.code)
		}
	}
	if read := endless.n.Load(); read > 2<<20 {
		t.Errorf("%d bytes were read of a file over the limit", read)
	}
	if files := l.files(t, "blobs"); len(files) > 0 {
		t.Errorf("left: %q", files)
	}
	if _, _, err := l.Intake(t.Context(), manual.Upload{}, strings.NewReader(strings.Repeat("\n", 1000)+"%PDF-1.7 1 pages x")); err != nil {
		t.Errorf("a late header: %v", err)
	}
}

func TestAFullDiskIsToldAndLeavesNoManual(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{blobs: func(s blob.Store) blob.Store { return full{s} }})
	_, _, err := l.Intake(t.Context(), manual.Upload{}, reader(file(1, "x")))
	if !errdefs.Is(err, errdefs.StorageFull) {
		t.Errorf("Intake: %v", err)
	}
	if n := l.count(t, `SELECT count(*) FROM manual`) + l.count(t, `SELECT count(*) FROM river_job`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if files := l.files(t, "blobs"); len(files) > 0 {
		t.Errorf("left: %q", files)
	}
}

// full has no room left when a file is to be kept.
type full struct{ blob.Store }

func (f full) Stage(ctx context.Context, r io.Reader, limit int64) (blob.Staged, error) {
	s, err := f.Store.Stage(ctx, r, limit)
	return fullStaged{s}, err
}

type fullStaged struct{ blob.Staged }

func (fullStaged) Store(context.Context, string) error { return errdefs.As(syscall.ENOSPC) }

func TestAFileThatOnlyTheStoreKnowsIsTakenInLikeANewOne(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	staged, err := l.blobs.Stage(t.Context(), reader(file(1, "x")), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := staged.Store(t.Context(), blob.ContentKey("originals", staged.SHA256())); err != nil {
		t.Fatal(err)
	}
	if _, created, err := l.Intake(t.Context(), manual.Upload{}, reader(file(1, "x"))); err != nil || !created {
		t.Error(created, err)
	}
}

func TestALostOriginalIsReplacedWhenItIsGivenAgain(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	m := l.add(t, manual.Upload{}, file(1, "x"))
	if err := l.blobs.Delete(t.Context(), blob.ContentKey("originals", m.SHA256)); err != nil {
		t.Fatal(err)
	}
	l.add(t, manual.Upload{}, file(1, "x"))
	f, err := l.blobs.Open(t.Context(), blob.ContentKey("originals", m.SHA256))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if data, err := io.ReadAll(f); err != nil || string(data) != file(1, "x") {
		t.Errorf("%q, %v", data, err)
	}
}

func TestFileNamesAreCleaned(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	long := strings.Repeat("ü", 300)
	for i, tc := range []struct{ name, want, title string }{
		{"RX-280_service manual.pdf", "RX-280_service manual.pdf", "RX-280 service manual"},
		{"../../etc/passwd", "passwd", "passwd"},
		{`C:\manuals\x.PDF`, "x.PDF", "x"},
		{"a\x00b\r\nc\x1b[31m.pdf", "a b c [31m.pdf", "a b c [31m"},
		{"\u202egpj.pdf", "gpj.pdf", "gpj"}, // turns the text around
		{"\xff\xfe.pdf", "manual.pdf", "manual"},
		{"f\xfcr RX-280.pdf", "fr RX-280.pdf", "fr RX-280"},
		{"", "manual.pdf", "manual"},
		{"...", "manual.pdf", "manual"},
		{"手册.pdf", "手册.pdf", "手册"},
		{long + ".pdf", strings.Repeat("ü", 98) + ".pdf", strings.Repeat("ü", 98)},
	} {
		m := l.add(t, manual.Upload{FileName: tc.name}, file(i+1, "name"))
		if m.FileName != tc.want || m.Title != tc.title {
			t.Errorf("%q became %q, titled %q; want %q, %q", tc.name, m.FileName, m.Title, tc.want, tc.title)
		}
		if !utf8.ValidString(m.FileName) || len(m.FileName) > 200 {
			t.Errorf("%q is not fit to be shown", m.FileName)
		}
	}
}

func TestWrongFieldsAreRefusedBeforeTheFileIsRead(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	for code, u := range map[string]manual.Upload{
		"TYPE_INVALID":          {Type: "poem"},
		"LANGUAGE_INVALID":      {Language: "zz"},
		"TITLE_INVALID":         {Title: strings.Repeat("x", 301)},
		"REVISION_INVALID":      {Revision: strings.Repeat("x", 101)},
		"MANUFACTURER_REQUIRED": {Models: []string{"KD 61 E"}},
		"MODEL_REQUIRED":        {Manufacturer: "Ohlenbach"},
		"MODEL_INVALID":         {Manufacturer: "Ohlenbach", Models: []string{"---"}},
	} {
		source := endlessPDF()
		if _, _, err := l.Intake(t.Context(), u, source); errdefs.Code(err) != code {
			t.Errorf("%v, want %s", err, code)
		} else if source.n.Load() > 0 {
			t.Errorf("%s: the file was read", code)
		}
	}
	m := l.add(t, manual.Upload{Language: "de-AT", Revision: " B\n2 "}, file(1, "x"))
	if m.Language != "de" || m.Revision != "B 2" || m.Type != manual.TypeUnknown {
		t.Errorf("%+v", m)
	}
}

func TestAFileIsKeptAsideUntilAllIsKnown(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	receive := func() *manual.Incoming {
		t.Helper()
		in, err := l.Receive(t.Context(), reader(file(1, "x")))
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	for _, u := range []manual.Upload{{Models: []string{"KD 61 E"}}, {Language: "German"}} {
		in := receive()
		if _, err := in.Accept(t.Context(), u); !errdefs.Is(err, errdefs.Invalid) {
			t.Errorf("%+v: %v", u, err)
		}
		in.Discard()
		if n := l.count(t, `SELECT count(*) FROM manual`) + len(l.files(t, "blobs")); n != 0 {
			t.Errorf("%d rows and files are left of what was refused", n)
		}
	}
	in := receive()
	defer in.Discard()
	a, err := in.Accept(t.Context(), manual.Upload{Title: "T"})
	if err != nil || !a.Created || a.Manual.Title != "T" || len(a.Kept) > 0 {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestOfAKnownFileIsTakenOverWhatWasUnknown(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	accept := func(u manual.Upload) manual.Accepted {
		t.Helper()
		in, err := l.Receive(t.Context(), reader(file(1, "x")))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Discard()
		a, err := in.Accept(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	accept(manual.Upload{FileName: "rx_280.pdf"})
	full := manual.Upload{FileName: "b.pdf", Title: "RX-280 Service", Type: manual.TypeService, Revision: "C", Language: "de"}
	check := func(when string, a manual.Accepted, kept ...string) {
		t.Helper()
		m := a.Manual
		if a.Created || m.Title != "RX-280 Service" || m.Type != manual.TypeService || m.Revision != "C" || m.Language != "de" || m.FileName != "rx_280.pdf" {
			t.Errorf("%s: %+v", when, m)
		}
		if !slices.Equal(a.Kept, kept) {
			t.Errorf("%s: kept %q, want %q", when, a.Kept, kept)
		}
	}
	first := accept(full)
	check("unknown before", first)
	again := accept(full)
	check("the same again", again)
	if !again.Manual.UpdatedAt.Equal(first.Manual.UpdatedAt) {
		t.Error("that nothing is new changed the manual")
	}
	check("only the file", accept(manual.Upload{FileName: "c.pdf"}))
	check("something else", accept(manual.Upload{Title: "T", Type: manual.TypeParts, Revision: "D", Language: "en"}),
		"title", "type", "revision", "language")
}

func TestAFileThatIsDeletedAndGivenAtOnceIsNotLost(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{})
	id := l.add(t, manual.Upload{}, file(1, "x")).ID
	for range 20 {
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := l.Delete(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, _, err := l.Intake(t.Context(), manual.Upload{}, reader(file(1, "x"))); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		// Either the intake came first and met the manual that was then deleted, or
		// it made a new one, whose original must be there.
		found, _, err := l.List(t.Context(), manual.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			id = l.add(t, manual.Upload{}, file(1, "x")).ID
			continue
		}
		id = found[0].ID
		f, err := l.blobs.Open(t.Context(), blob.ContentKey("originals", found[0].SHA256))
		if err != nil {
			t.Fatalf("the original of a stored manual: %v", err)
		}
		f.Close()
	}
}
