// Package blob stores large immutable files, such as the originals of manuals,
// under keys.
//
// It promises that a key is either absent or holds a whole file that survives a
// power cut, that a stored file can be read while it is replaced or deleted,
// and that whatever a killed process left half-written is invisible and goes
// away. It does not know what the files are, and it does not decide when one is
// no longer needed.
package blob

import (
	"context"
	"io"
	"strings"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// Store keeps files under keys. A key is a relative slash-separated path of
// letters, digits, '.', '-' and '_'; see ContentKey. Every implementation
// passes the suite of package blobtest and may be used concurrently.
//
// An absent key is an error of kind NotFound, a full disk one of kind
// StorageFull; neither leaves anything behind.
type Store interface {
	// Stage reads r to its end and keeps it aside under no key, so that a file's
	// content can be known before it is decided what becomes of it. It reads at
	// most limit bytes (0: no limit): a longer r is an error of kind TooLarge.
	// The caller ends with Staged.Discard.
	Stage(ctx context.Context, r io.Reader, limit int64) (Staged, error)
	// Put stores r under key, in place of what is there, and returns its size.
	Put(ctx context.Context, key string, r io.Reader) (int64, error)
	// Open reads the file of key.
	Open(ctx context.Context, key string) (File, error)
	// LocalFile makes the file of key available under a path on this machine,
	// for a program that can only read paths. The file must not be changed, and
	// the path is valid until release is called.
	LocalFile(ctx context.Context, key string) (path string, release func(), err error)
	// Delete removes the file of key; that there is none is not an error.
	Delete(ctx context.Context, key string) error
}

// Staged is a file that was read and has no key yet.
type Staged interface {
	SHA256() string // of the content, lower case hex
	Size() int64    // bytes
	// LocalFile is Store.LocalFile for a file that has no key yet. The path is valid
	// until release is called, or the file is stored or discarded.
	LocalFile(ctx context.Context) (path string, release func(), err error)
	// Store puts the file under key, in place of what is there. When it returns
	// nil the file survives a power cut. It may be called once.
	Store(ctx context.Context, key string) error
	// Discard gives up the file unless it was stored. It may be called again.
	Discard()
}

// File is an open file of a Store.
type File interface {
	io.ReadSeekCloser
	Size() int64 // bytes
}

// ContentKey returns the key for a file with the given hash (lower case hex),
// such as originals/ab/cd/abcd…: two levels keep folders small with millions of
// files.
func ContentKey(prefix, sha256 string) string {
	return prefix + "/" + sha256[:2] + "/" + sha256[2:4] + "/" + sha256
}

// CheckKey returns an error unless key has the form that every Store accepts.
func CheckKey(key string) error {
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || part[0] == '.' || len(part) > 200 {
			return badKey(key)
		}
		for _, c := range []byte(part) {
			switch {
			case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '_':
			default:
				return badKey(key)
			}
		}
	}
	return nil
}

func badKey(key string) error {
	return errdefs.New(errdefs.Internal, "BLOB_KEY_INVALID", "The storage key %q is not well-formed.", key)
}

func notFound(key string, cause error) error {
	return errdefs.Wrap(cause, errdefs.NotFound, "FILE_NOT_FOUND",
		"The stored file %s is missing. Restore it from a backup, or add the file again.", key)
}
