package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/errdefs"
)

func TestWatchedFoldersLieBesideTheDataFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(data, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for name, refused := range map[string]bool{
		"data": true, "data/": true, "data/files/new": true, ".": true, "link": true, "link/new": true, "missing/../data": true,
		"data2": false, "..data": false, "inbox": false, "missing/inbox": false,
	} {
		err := app.CheckWatched(config.Library{DataDir: data}, config.Node{WatchDir: []string{"/nowhere", dir + "/" + name}})
		if refused != (errdefs.Code(err) == "CONFIGURATION") {
			t.Errorf("%s: %v, refused should be %t", name, err, refused)
		}
	}
}
