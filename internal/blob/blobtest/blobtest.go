// Package blobtest is what every blob.Store must do, as tests.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// Run tests the stores that newStore makes, each empty and for one test.
func Run(t *testing.T, newStore func(t *testing.T) blob.Store) {
	for _, tc := range []struct {
		name string
		test func(t *testing.T, s blob.Store)
	}{
		{"a stored file reads back", readsBack},
		{"a range can be read", seeks},
		{"a local path holds the content", localFile},
		{"an absent key is not found", absent},
		{"storing replaces, and open files stay", replaces},
		{"deleting is final and repeatable", deletes},
		{"a staged file has no key until it is stored", stages},
		{"a file over the limit is refused", limits},
		{"a broken source leaves nothing", brokenSource},
		{"a cancelled context stops the reading", cancelled},
		{"keys that are no keys are refused", badKeys},
		{"the same content stored at once is one file", concurrent},
	} {
		t.Run(tc.name, func(t *testing.T) { tc.test(t, newStore(t)) })
	}
}

const key = "originals/ab/cd/abcdef"

func put(t *testing.T, s blob.Store, key, content string) {
	t.Helper()
	// One byte at a time: no store may rely on full reads.
	n, err := s.Put(t.Context(), key, iotest.OneByteReader(strings.NewReader(content)))
	if err != nil || n != int64(len(content)) {
		t.Fatalf("Put = %d, %v", n, err)
	}
}

func read(t *testing.T, s blob.Store, key string) string {
	t.Helper()
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil || f.Size() != int64(len(data)) {
		t.Fatalf("read %d of %d bytes, %v", len(data), f.Size(), err)
	}
	return string(data)
}

func mustBeAbsent(t *testing.T, s blob.Store, key string) {
	t.Helper()
	if f, err := s.Open(t.Context(), key); !errdefs.Is(err, errdefs.NotFound) {
		if err == nil {
			f.Close()
		}
		t.Errorf("Open(%q) = %v, want not found", key, err)
	}
}

func readsBack(t *testing.T, s blob.Store) {
	big := strings.Repeat("0123456789abcdef", 1<<15) // more than one buffer
	for _, content := range []string{"", "x", big} {
		put(t, s, key, content)
		if got := read(t, s, key); got != content {
			t.Errorf("%d bytes came back as %d", len(content), len(got))
		}
	}
}

func seeks(t *testing.T, s blob.Store) {
	put(t, s, key, "0123456789")
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, tc := range []struct {
		offset int64
		whence int
		want   string
	}{{4, io.SeekStart, "456"}, {-2, io.SeekEnd, "89"}, {-5, io.SeekCurrent, "567"}} {
		if _, err := f.Seek(tc.offset, tc.whence); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 3)
		n, err := io.ReadFull(f, buf)
		if string(buf[:n]) != tc.want || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("after Seek(%d, %d): %q, %v", tc.offset, tc.whence, buf[:n], err)
		}
	}
}

func localFile(t *testing.T, s blob.Store) {
	put(t, s, key, "content")
	path, release, err := s.LocalFile(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if data, err := os.ReadFile(path); err != nil || string(data) != "content" {
		t.Errorf("%q, %v", data, err)
	}
}

func absent(t *testing.T, s blob.Store) {
	mustBeAbsent(t, s, key)
	put(t, s, key, "x")
	mustBeAbsent(t, s, "originals/ab") // a part of a key is no key
	mustBeAbsent(t, s, key+"0")
	if _, _, err := s.LocalFile(t.Context(), "no/such"); !errdefs.Is(err, errdefs.NotFound) {
		t.Errorf("LocalFile: %v", err)
	}
}

func replaces(t *testing.T, s blob.Store) {
	put(t, s, key, "first")
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	put(t, s, key, "second")
	if got := read(t, s, key); got != "second" {
		t.Errorf("read %q", got)
	}
	if data, err := io.ReadAll(f); err != nil || string(data) != "first" {
		t.Errorf("the open file reads %q, %v", data, err)
	}
}

func deletes(t *testing.T, s blob.Store) {
	put(t, s, key, "x")
	for range 2 {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
		mustBeAbsent(t, s, key)
	}
	if err := s.Delete(t.Context(), "never/was"); err != nil {
		t.Error(err)
	}
}

func stages(t *testing.T, s blob.Store) {
	staged, err := s.Stage(t.Context(), strings.NewReader("content"), 7)
	if err != nil {
		t.Fatal(err)
	}
	defer staged.Discard()
	sum := sha256.Sum256([]byte("content"))
	if staged.SHA256() != hex.EncodeToString(sum[:]) || staged.Size() != 7 {
		t.Errorf("%s, %d bytes", staged.SHA256(), staged.Size())
	}
	k := blob.ContentKey("originals", staged.SHA256())
	mustBeAbsent(t, s, k)
	path, release, err := staged.LocalFile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "content" {
		t.Errorf("the local path holds %q, %v", data, err)
	}
	release()
	if err := staged.Store(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	staged.Discard() // has no effect any more
	if got := read(t, s, k); got != "content" {
		t.Errorf("read %q", got)
	}

	given, err := s.Stage(t.Context(), strings.NewReader("given up"), 0)
	if err != nil {
		t.Fatal(err)
	}
	given.Discard()
	given.Discard()
	if _, _, err := given.LocalFile(t.Context()); !errdefs.Is(err, errdefs.NotFound) {
		t.Errorf("the local path of a discarded file: %v", err)
	}
}

func limits(t *testing.T, s blob.Store) {
	if staged, err := s.Stage(t.Context(), strings.NewReader("12345"), 5); err != nil {
		t.Error("a file of exactly the limit:", err)
	} else {
		staged.Discard()
	}
	// Endless: the limit must act while reading.
	_, err := s.Stage(t.Context(), endless{}, 1<<20)
	if !errdefs.Is(err, errdefs.TooLarge) {
		t.Errorf("an endless file: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func brokenSource(t *testing.T, s blob.Store) {
	broken := errors.New("the line is dead")
	_, err := s.Put(t.Context(), key, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("Put: %v", err)
	}
	mustBeAbsent(t, s, key)
}

func cancelled(t *testing.T, s blob.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, key, endless{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
	mustBeAbsent(t, s, key)
}

func badKeys(t *testing.T, s blob.Store) {
	for _, k := range []string{"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".hidden", "a/.b", `a\b`, "a b", "ä", "a\x00b", strings.Repeat("x", 300)} {
		if _, err := s.Put(t.Context(), k, strings.NewReader("x")); err == nil {
			t.Errorf("Put(%q) was accepted", k)
		}
		if f, err := s.Open(t.Context(), k); err == nil {
			f.Close()
			t.Errorf("Open(%q) was accepted", k)
		}
		if err := s.Delete(t.Context(), k); err == nil {
			t.Errorf("Delete(%q) was accepted", k)
		}
		if _, _, err := s.LocalFile(t.Context(), k); err == nil {
			t.Errorf("LocalFile(%q) was accepted", k)
		}
	}
}

func concurrent(t *testing.T, s blob.Store) {
	content := bytes.Repeat([]byte("content "), 1<<15)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := s.Put(t.Context(), key, bytes.NewReader(content)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := read(t, s, key); got != string(content) {
		t.Error("the content is damaged")
	}
}
