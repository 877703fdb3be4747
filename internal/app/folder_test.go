package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/techcopilot/techcopilot/internal/app"
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
	if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_RDONLY, "size=1m"); err != nil {
		t.Skipf("needs the right to mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
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
