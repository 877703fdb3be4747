//go:build !linux

package blobtest

import "testing"

// SmallDisk skips the test: only Linux mounts a disk in memory on any folder.
func SmallDisk(t *testing.T, _, _ string) {
	t.Helper()
	t.Skip("needs a disk of its own, which tests mount on Linux only")
}

// ReadOnlyDisk skips the test, as SmallDisk does.
func ReadOnlyDisk(t *testing.T, _ string) {
	t.Helper()
	SmallDisk(t, "", "")
}
