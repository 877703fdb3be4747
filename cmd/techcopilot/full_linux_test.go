package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/techcopilot/techcopilot/internal/blob/blobtest"
)

// TestNothingIsLostWhenTheDiskIsFull fills the disk of a whole library, with its
// database, while manuals are read.
func TestNothingIsLostWhenTheDiskIsFull(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	cache := filepath.Join(l.dir, "cache")
	kept := t.TempDir()
	if err := os.CopyFS(kept, os.DirFS(cache)); err != nil {
		t.Fatal(err)
	}
	blobtest.SmallDisk(t, l.dir, "size=320m,mode=711")
	if err := os.CopyFS(cache, os.DirFS(kept)); err != nil {
		t.Fatal(err)
	}

	s := l.start("serve", "--port", "0")
	address := s.address()
	files := originals(t)
	for _, f := range files {
		if status, body := f.send(t.Context(), address); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, body)
		}
	}
	balloon, err := os.Create(filepath.Join(l.dir, "balloon"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(balloon, zeros{}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	balloon.Close()
	// Where the database can still write, the manuals say it; where it cannot even
	// write its log it is down, and the server says that.
	until(t, limit, "somebody says that the disk is full", func() bool {
		if status := ask(t, address+"/health/live", nil); status != http.StatusOK {
			t.Fatalf("the server is not alive: %d", status)
		}
		if ask(t, address+"/health/ready", nil) != http.StatusOK {
			return true
		}
		for _, f := range files {
			var m struct{ Error struct{ Code string } }
			if ask(t, address+"/api/v1/manuals/"+f.id.String(), &m) == http.StatusOK && m.Error.Code == "STORAGE_FULL" {
				return true
			}
		}
		return false
	})
	if err := os.Remove(balloon.Name()); err != nil {
		t.Fatal(err)
	}
	until(t, limit, "all manuals are read", func() bool {
		for _, f := range files {
			var m struct{ Status string }
			if ask(t, address+"/api/v1/manuals/"+f.id.String(), &m) != http.StatusOK {
				return false
			}
			if m.Status == "failed" {
				t.Fatalf("%s failed", f.name)
			}
			if m.Status != "ready" {
				return false
			}
		}
		return true
	})
	if code := s.stop(syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, s.stderr)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// ask gets a JSON document, and returns its status, 0 for none.
func ask(t *testing.T, url string, v any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	if v != nil && res.StatusCode == http.StatusOK {
		if err := json.NewDecoder(res.Body).Decode(v); err != nil {
			t.Fatalf("%s: %v", url, err)
		}
	}
	return res.StatusCode
}
