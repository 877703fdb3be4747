package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

// node starts a node without workers on the database and the folder, and stops
// it. It returns the code of what it said.
func node(t *testing.T, db *pgxpool.Pool, dir string, change func(*config.Library)) string {
	t.Helper()
	cfg, err := config.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&cfg.Library)
	}
	a, err := app.Open(t.Context(), cfg.Library, app.Options{DB: db, PDFCache: pdfCache(t)})
	if err != nil {
		return errdefs.Code(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return ""
}

func adopt(l *config.Library) { l.AdoptFolder = true }

func TestNodesOfALibraryNeedItsFolder(t *testing.T) {
	t.Parallel()
	db, first, second := pgtest.New(t), t.TempDir(), t.TempDir()
	for _, step := range []struct {
		name, dir string
		change    func(*config.Library)
		want      string
	}{
		{"the first folder of an empty library", first, nil, ""},
		{"it again", first, nil, ""},
		{"another folder, before there is a manual", second, nil, "FOLDER_NOT_SHARED"},
		{"another folder that is to be the library's", second, adopt, ""},
		{"that one again", second, nil, ""},
		{"the first has the library's id still", first, nil, ""},
	} {
		if got := node(t, db, step.dir, step.change); got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
}

func TestAFolderOfAnotherLibraryIsRefused(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "library.id"), []byte("0b1e7c1a-0000-4000-8000-000000000000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := node(t, db, dir, nil); got != "FOLDER_OF_ANOTHER_LIBRARY" {
		t.Errorf("%q", got)
	}
	if got := node(t, db, dir, adopt); got != "" {
		t.Errorf("adopted: %q", got)
	}
	if got := node(t, db, dir, nil); got != "" {
		t.Errorf("after it was adopted: %q", got)
	}
}

// A library of the first version has manuals and no ids.
func TestTheFolderOfAnOlderLibraryIsKnownByItsOriginals(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), t.TempDir()
	cfg, err := config.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), cfg.Library, app.Options{DB: db, PDFCache: pdfCache(t)})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Manuals.Intake(t.Context(), manual.Upload{FileName: "x.pdf"}, bytes.NewReader(document("x").Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	forget := func() {
		t.Helper()
		if _, err := db.Exec(t.Context(), `DELETE FROM setting WHERE name = 'data_folder'`); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, "library.id")); err != nil {
			t.Fatal(err)
		}
	}
	forget()
	if got := node(t, db, t.TempDir(), nil); got != "FOLDER_NOT_SHARED" {
		t.Errorf("an empty folder: %q", got)
	}
	if got := node(t, db, dir, nil); got != "" {
		t.Errorf("the folder with the originals: %q", got)
	}
	id, err := os.ReadFile(filepath.Join(dir, "library.id"))
	if err != nil || len(strings.TrimSpace(string(id))) != 36 {
		t.Errorf("its id: %q, %v", id, err)
	}
}
