package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/blob/blobtest"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/embedded"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// smallDisk is a file system of a few megabytes with a folder in which a
// database can keep tables.
type smallDisk struct{ mount, tables string }

// mountSmall mounts one, or skips the test where this user may not.
func mountSmall(t *testing.T, owner string) smallDisk {
	t.Helper()
	d := smallDisk{mount: pgtest.ServerFolder(t)}
	blobtest.SmallDisk(t, d.mount, "size=48m,mode=711")
	d.tables = filepath.Join(d.mount, "tables")
	info, err := os.Stat(owner)
	if err == nil {
		err = os.Mkdir(d.tables, 0o700)
	}
	if err == nil {
		s := info.Sys().(*syscall.Stat_t)
		err = os.Chown(d.tables, int(s.Uid), int(s.Gid))
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fill leaves no room on the disk, and free makes it again.
func (d smallDisk) fill(t *testing.T) (free func()) {
	t.Helper()
	balloon, err := os.Create(filepath.Join(d.mount, "balloon"))
	if err != nil {
		t.Fatal(err)
	}
	defer balloon.Close()
	_, err = io.Copy(balloon, endless{})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	return func() {
		if err := os.Remove(balloon.Name()); err != nil {
			t.Error(err)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestFullDiskInEachStage moves the tables that a stage writes to a disk that
// becomes full. The manual has to say so and wait, and to go on when there is
// room.
func TestFullDiskInEachStage(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(pgtest.ServerFolder(t), "postgres")
	server, err := embedded.Start(t.Context(), embedded.Options{Dir: folder, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, tc := range []struct {
		stage  string
		tables []string // that it writes beside the manual's own row
	}{
		{"extract", []string{"page"}},
		{"ocr", []string{"page"}},
		{"index", []string{"chunk", "manual_term", "manual_index", "section", "manual_table", "drawing", "manual_structure"}},
		{"codes", []string{"error_code", "part", "manual_setting", "page_print"}},
	} {
		t.Run(tc.stage, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath("tesseract"); err != nil && tc.stage == "ocr" {
				t.Skip("tesseract is not installed")
			}
			disk := mountSmall(t, filepath.Join(folder, "data"))
			db := newDatabase(t, server, tc.stage)
			_, data := demoPDF()
			dir := t.TempDir()

			a := start(t, db, dir, func(cfg *config.Library, o *app.Options) {
				o.Workers = tc.stage == "ocr" // which has pages that were extracted
				cfg.Tesseract = "/nowhere/tesseract"
			})
			m, _, err := a.Manuals.Intake(t.Context(), manual.Upload{FileName: "x.pdf", Manufacturer: "Tarnholm", Models: []string{"TI-350"}}, bytes.NewReader(data))
			if err == nil && tc.stage == "ocr" {
				m, err = a.Manuals.Wait(t.Context(), m.ID, nil)
				if err == nil && m.OCRWaiting == 0 {
					t.Fatal("no page waits for OCR")
				}
			}
			if err := errors.Join(err, a.Close()); err != nil {
				t.Fatal(err)
			}
			move(t, db, tc.tables, disk)
			free := disk.fill(t)

			a = start(t, db, dir, nil)
			t.Cleanup(func() {
				if err := a.Close(); err != nil {
					t.Error(err)
				}
			})
			waits(t, a, m.ID)
			free()
			answers(t, a, m.ID, tc.stage == "ocr")
		})
	}
	t.Run("screen", func(t *testing.T) {
		t.Parallel()
		disk := mountSmall(t, filepath.Join(folder, "data"))
		db := newDatabase(t, server, "screen")
		// It has to be in the audit that a file is held back.
		move(t, db, []string{"audit"}, disk)
		free := disk.fill(t)
		a := start(t, db, t.TempDir(), nil)
		t.Cleanup(func() {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
		m, _, err := a.Manuals.Intake(t.Context(), manual.Upload{FileName: "x.pdf"}, bytes.NewReader(scripted("E5")))
		if err != nil {
			t.Fatal(err)
		}
		waits(t, a, m.ID)
		if _, _, err := a.Manuals.Open(t.Context(), m.ID); errdefs.Code(err) != "MANUAL_NOT_SCREENED" {
			t.Errorf("the file is given out: %v", err)
		}
		free()
		eventually(t, "the manual is held back", func() bool {
			m, err = a.Manuals.Get(t.Context(), m.ID)
			return err != nil || m.Status == manual.Quarantined || m.Status == manual.Failed
		})
		if entries, told := a.Manuals.Audit(t.Context(), m.ID); err != nil || told != nil || m.Status != manual.Quarantined || len(entries) != 1 {
			t.Errorf("%s with %d entries in the audit: %v, %v", m.Status, len(entries), err, told)
		}
	})
	t.Run("adopt", func(t *testing.T) {
		t.Parallel()
		disk := mountSmall(t, filepath.Join(folder, "data"))
		db := newDatabase(t, server, "adopt")
		a := start(t, db, t.TempDir(), nil)
		t.Cleanup(func() {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
		_, data := demoPDF()
		m, _, err := a.Manuals.Intake(t.Context(), manual.Upload{FileName: "x.pdf", Manufacturer: "Tarnholm", Models: []string{"TI-350"}}, bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		answers(t, a, m.ID, false)
		before, err := a.Manuals.Get(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		// The manual is asked as it was until there is room for what was read again.
		move(t, db, []string{"chunk"}, disk)
		free := disk.fill(t)
		if _, err := a.Manuals.Reprocess(t.Context(), m.ID, manual.ReprocessOptions{}); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the manual says that the disk is full", func() bool {
			m, err = a.Manuals.Get(t.Context(), m.ID)
			if err != nil || m.Reprocessing == nil || m.Reprocessing.Status == manual.Failed {
				t.Fatalf("%+v, %v", m.Reprocessing, err)
			}
			return m.Reprocessing.Error != nil && m.Reprocessing.Error.Code == "STORAGE_FULL"
		})
		if m.Status != manual.Ready || m.Generation != before.Generation {
			t.Errorf("meanwhile the manual is %+v", m)
		}
		answers(t, a, m.ID, false)
		free()
		eventually(t, "the manual is read again", func() bool {
			m, err = a.Manuals.Get(t.Context(), m.ID)
			return err != nil || m.Reprocessing == nil
		})
		if err != nil || m.Generation <= before.Generation {
			t.Errorf("generation %d after %d, %v", m.Generation, before.Generation, err)
		}
		answers(t, a, m.ID, false)
	})
}

// TestFullDiskUnderTheCover has no room for the last stage's file: the manual is
// ready without a cover, which is made when it is asked for.
func TestFullDiskUnderTheCover(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	full.Store(true)
	a := open(t, func(_ *config.Library, o *app.Options) {
		o.WrapBlobs = func(b blob.Store) blob.Store { return noRoomToPut{b, &full} }
	})
	_, data := demoPDF()
	m, _, err := a.Manuals.Intake(t.Context(), manual.Upload{FileName: "x.pdf", Manufacturer: "Tarnholm", Models: []string{"TI-350"}}, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	answers(t, a, m.ID, false)
	full.Store(false)
	if _, _, _, err := a.Manuals.Cover(t.Context(), m.ID); err != nil {
		t.Errorf("the cover, when there is room again: %v", err)
	}
}

// noRoomToPut is a store that takes uploads and nothing else.
type noRoomToPut struct {
	blob.Store
	full *atomic.Bool
}

func (s noRoomToPut) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	if s.full.Load() {
		return 0, errdefs.As(syscall.ENOSPC)
	}
	return s.Store.Put(ctx, key, r)
}

// newDatabase returns a migrated database of the server.
func newDatabase(t *testing.T, server *embedded.Server, name string) *pgxpool.Pool {
	t.Helper()
	admin, err := postgres.Open(t.Context(), server.AdminURL(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		t.Fatal(err)
	}
	cfg := admin.Config().Copy()
	cfg.ConnConfig.Database = name
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return pool
}

// start is open for a test that has its own database and folder, and closes.
func start(t *testing.T, db *pgxpool.Pool, dir string, change func(*config.Library, *app.Options)) *app.App {
	t.Helper()
	cfg, err := config.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	o := app.Options{DB: db, Workers: true, PDFCache: pdfCache(t)}
	if change != nil {
		change(&cfg.Library, &o)
	}
	a, err := app.Open(t.Context(), cfg.Library, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// move puts tables on the disk.
func move(t *testing.T, db *pgxpool.Pool, tables []string, disk smallDisk) {
	t.Helper()
	space := pgx.Identifier{"small_" + uuid.NewString()}.Sanitize()
	if _, err := db.Exec(t.Context(), fmt.Sprintf("CREATE TABLESPACE %s LOCATION '%s'", space, disk.tables)); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if _, err := db.Exec(t.Context(), fmt.Sprintf("ALTER TABLE %s SET TABLESPACE %s", table, space)); err != nil {
			t.Fatal(err)
		}
	}
}

// waits wants the manual to say that the disk is full and not to fail.
func waits(t *testing.T, a *app.App, id uuid.UUID) {
	t.Helper()
	eventually(t, "the manual says that the disk is full", func() bool {
		m, err := a.Manuals.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if m.Status == manual.Failed {
			t.Fatalf("the manual failed: %+v", m.Error)
		}
		return m.Error != nil && m.Error.Code == "STORAGE_FULL"
	})
}

// answers wants the manual to become ready with nothing lost.
func answers(t *testing.T, a *app.App, id uuid.UUID, ocr bool) {
	t.Helper()
	var m manual.Manual
	eventually(t, "the manual is read", func() bool {
		var err error
		if m, err = a.Manuals.Get(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		return m.Status == manual.Failed || m.Status == manual.Ready && m.OCRWaiting == 0
	})
	if m.Status != manual.Ready || m.Error != nil || m.PagesDone != m.Pages || m.PagesFailed+m.OCRFailed > 0 || ocr && m.OCRDone == 0 {
		t.Errorf("the manual is %+v, %+v", m, m.Error)
	}
	q := demo.Questions()[1]
	answer, err := a.Ask(t.Context(), troubleshoot.Question{Manufacturer: q.Manufacturer, Model: "TI-350", Code: q.Code})
	if err != nil || answer.Kind == troubleshoot.Refused || len(answer.Citations) == 0 {
		t.Errorf("%+v, %v", answer, err)
	}
}
