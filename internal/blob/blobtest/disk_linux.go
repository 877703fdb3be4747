package blobtest

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// SmallDisk mounts a file system in memory on the folder for the rest of the
// test. The options are those of tmpfs, such as size=1m. The test is skipped
// where this user may not mount anything, as all but root.
func SmallDisk(t *testing.T, dir, options string) {
	t.Helper()
	mount(t, dir, 0, options)
}

// ReadOnlyDisk is a SmallDisk to which nothing can be written.
func ReadOnlyDisk(t *testing.T, dir string) {
	t.Helper()
	mount(t, dir, unix.MS_RDONLY, "size=1m")
}

func mount(t *testing.T, dir string, flags uintptr, options string) {
	t.Helper()
	err := unix.Mount("tmpfs", dir, "tmpfs", flags, options)
	if errors.Is(err, os.ErrPermission) || errors.Is(err, unix.ENOSYS) {
		t.Skipf("needs a disk of its own, and the right to mount one: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}
