package blob_test

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/blob/blobtest"
	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// childDir is set in a child of this test program, which writes a file there
// until it is killed.
const childDir = "BLOB_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		l, err := blob.NewLocal(dir)
		if err == nil {
			_, err = l.Put(context.Background(), "originals/x", &announcing{})
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// announcing says on stdout when its first bytes were taken, and stays open as
// long as the test holds stdin.
type announcing struct{ reads int }

func (a *announcing) Read(p []byte) (int, error) {
	a.reads++
	switch a.reads {
	case 1:
		return copy(p, "half of it"), nil
	case 2:
		fmt.Println("writing")
	}
	return os.Stdin.Read(p)
}

func newLocal(t *testing.T, dir string) *blob.Local {
	t.Helper()
	l, err := blob.NewLocal(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestLocal(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return newLocal(t, t.TempDir()) })
}

// files returns what lies in dir, except for the folder's lock.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != ".lock" {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestNothingIsLeftOfWhatWasNotStored(t *testing.T) {
	dir := t.TempDir()
	l := newLocal(t, dir)
	if _, err := l.Stage(t.Context(), strings.NewReader("too long"), 3); !errdefs.Is(err, errdefs.TooLarge) {
		t.Error(err)
	}
	staged, err := l.Stage(t.Context(), strings.NewReader("given up"), 0)
	if err != nil {
		t.Fatal(err)
	}
	staged.Discard()
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestFilesOfAKilledProcessGoAndThoseOfALivingOneStay(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "writing\n" {
		t.Fatalf("the child said %q, %v", line, err)
	}

	newLocal(t, dir)
	if n := len(files(t, dir)); n != 1 {
		t.Errorf("%d files while another process writes one", n)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	newLocal(t, dir)
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	l := newLocal(t, dir)
	if _, err := l.Put(t.Context(), "a/b", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{"a": 0o700 | fs.ModeDir, "a/b": 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestSymbolicLinksDoNotLeadOutOfTheFolder(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	l := newLocal(t, dir)
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if f, err := l.Open(t.Context(), "link/secret"); err == nil {
		f.Close()
		t.Error("a file outside was opened")
	}
	if _, err := l.Put(t.Context(), "link/new", strings.NewReader("x")); err == nil {
		t.Error("a file outside was written")
	}
}
