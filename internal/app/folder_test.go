package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/blob/blobtest"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/errdefs"
)

func TestUnusableDataFolderIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("circle", filepath.Join(dir, "circle")); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{file, filepath.Join(file, "data"), filepath.Join(dir, "circle"), "/proc/data"} {
		refusesFolder(t, folder)
	}
}

func TestDataFolderOnAReadOnlyDiskIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	blobtest.ReadOnlyDisk(t, dir)
	refusesFolder(t, dir)
	refusesFolder(t, filepath.Join(dir, "data"))
}

func refusesFolder(t *testing.T, folder string) {
	t.Helper()
	a, err := app.Open(t.Context(), config.Library{DataDir: folder}, app.Options{})
	if err == nil {
		a.Close()
		t.Fatalf("%s: opened", folder)
	}
	if known := errdefs.As(err); known.Code != "DATA_FOLDER_UNUSABLE" || !strings.Contains(known.Message, folder) {
		t.Errorf("%s: %v", folder, err)
	}
}
