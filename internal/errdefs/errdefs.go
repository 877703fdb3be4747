// Package errdefs holds the kinds of error that this program distinguishes and
// the message a user may read for each. An Error carries three things: a kind
// that decides the HTTP status and the exit code, a stable code and a message
// that are safe to show and say what to do next, and a cause that goes to the
// log only. Errors of any other type are internal: their text never leaves the
// process.
package errdefs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Kind classifies an error by what its receiver can do about it.
type Kind uint8

// The kinds, in no order.
const (
	Internal     Kind = iota // our fault; the user can only report it
	Invalid                  // the input is wrong; change it
	NotFound                 // there is no such thing
	Conflict                 // it contradicts what is stored
	TooLarge                 // the input exceeds a limit
	Unsupported              // the input is of a type that is not handled
	Forbidden                // the caller may not do this
	RateLimited              // too many requests; wait
	Unavailable              // a needed part is missing or not ready; retry or install it
	StorageFull              // the disk or the database has no room left
	Timeout                  // it took longer than it may
	Canceled                 // the caller gave up
	Unauthorized             // the caller must say who they are
)

// Error is an error with a kind, and a code and message meant for users.
type Error struct {
	Kind    Kind
	Code    string // stable, upper snake case: MANUAL_NOT_FOUND
	Message string // one or two sentences: what is wrong and what to do
	Err     error  // the cause, for the log; may be nil
	// Details are shown to the user beside the message, such as the closest
	// known models. Nil for most errors.
	Details map[string]any
}

// Error returns the message, followed by the cause when there is one.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error without a cause; args fill the message's verbs.
func New(kind Kind, code, message string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(message, args...)}
}

// Wrap returns an error with a cause that is logged but not shown.
func Wrap(err error, kind Kind, code, message string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(message, args...), Err: err}
}

// With adds a detail for the user and returns e.
func (e *Error) With(key string, value any) *Error {
	if e.Details == nil {
		e.Details = map[string]any{}
	}
	e.Details[key] = value
	return e
}

// As finds the Error in err's tree. When there is none it returns one that
// stands for err: a full or read-only disk, a passed deadline or a cancelled context keep
// their meaning, everything else is internal.
func As(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return Wrap(err, StorageFull, "STORAGE_FULL", "The disk is full. Free space on the data folder's disk, then try again; nothing that was stored is lost.")
	case errors.Is(err, context.DeadlineExceeded):
		return Wrap(err, Timeout, "TIMEOUT", "This took too long and was stopped. Try again.")
	case errors.Is(err, context.Canceled):
		return Wrap(err, Canceled, "CANCELED", "The request was cancelled.")
	case errors.Is(err, syscall.EROFS):
		return Wrap(err, Unavailable, "READ_ONLY", "A disk is read-only. Make the disk of the data folder writable, then try again; nothing that was stored is lost.")
	case errors.Is(err, fs.ErrPermission):
		return Wrap(err, Unavailable, "PERMISSION_DENIED", "A file or folder cannot be accessed. Check the owner and the mode of the data folder.")
	}
	return Wrap(err, Internal, "INTERNAL", "Something went wrong on our side. Try again; if it happens again, report the error id.")
}

// Is reports whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && As(err).Kind == kind }

// Code returns the stable code of err, or "" for nil.
func Code(err error) string {
	if err == nil {
		return ""
	}
	return As(err).Code
}
