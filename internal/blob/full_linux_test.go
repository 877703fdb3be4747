package blob_test

import (
	"io"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/blob/blobtest"
	"github.com/techcopilot/techcopilot/internal/errdefs"
)

func TestAFullDiskIsToldAndLeavesNoPart(t *testing.T) {
	dir := t.TempDir()
	blobtest.SmallDisk(t, dir, "size=1m")
	l := newLocal(t, dir)
	if _, err := l.Put(t.Context(), "a/small", strings.NewReader("fits")); err != nil {
		t.Fatal(err)
	}
	_, err := l.Put(t.Context(), "a/big", io.LimitReader(zeros{}, 8<<20))
	if !errdefs.Is(err, errdefs.StorageFull) {
		t.Errorf("Put: %v", err)
	}
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("left: %q", left)
	}
	if _, err := l.Put(t.Context(), "a/small", strings.NewReader("goes on")); err != nil {
		t.Errorf("after the failure: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
