package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// The states of SQLSTATE that mean something else than "a bug in a query".
const (
	codeUniqueViolation     = "23505"
	codeForeignKeyViolation = "23503"
	codeSerialization       = "40001"
	codeDeadlock            = "40P01"
	codeNoSuchDatabase      = "3D000"
	codeReadOnly            = "25006"
	codeDiskFull            = "53100"
	codeTooManyConnections  = "53300"
	codeLockNotAvailable    = "55P03"
	codeQueryCanceled       = "57014"
	codeIdleInTransaction   = "25P03"
	codePrivilege           = "42501"
	classInsufficient       = "53"
	classOperator           = "57P"
	classConnection         = "08"
	classAuthorization      = "28"
	classSystem             = "58"
)

// Translate gives a database error the kind and the message that its receiver
// can act on; err stays in the tree as the cause. nil stays nil. Errors that
// already have a kind, pgx.ErrNoRows, a passed deadline and a cancelled context
// come back as they are, and so do violated constraints and wrong queries: what
// they mean only the domain knows, and else they are internal.
func Translate(err error) error {
	if err == nil || errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if _, ok := errors.AsType[*errdefs.Error](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return translateState(err, pg)
	}
	if lostConnection(err) {
		return errdefs.Wrap(err, errdefs.Unavailable, "DATABASE_UNAVAILABLE",
			"The database cannot be reached. Check that it runs and that DATABASE_URL is right, then try again.")
	}
	return err
}

func translateState(err error, pg *pgconn.PgError) error {
	switch code := pg.Code; {
	// PostgreSQL reports some full disks as an I/O error with the reason in
	// the text.
	case code == codeDiskFull, strings.HasPrefix(code, classSystem) && strings.Contains(pg.Message, "No space left on device"):
		return errdefs.Wrap(err, errdefs.StorageFull, "STORAGE_FULL",
			"The database's disk is full. Free space on it, then try again; nothing that was stored is lost.")
	case code == codeTooManyConnections:
		return errdefs.Wrap(err, errdefs.Unavailable, "DATABASE_BUSY",
			"The database has no free connection. Try again in a moment; if it happens often, raise the server's max_connections.")
	case code == codeSerialization, code == codeDeadlock, code == codeLockNotAvailable:
		return errdefs.Wrap(err, errdefs.Unavailable, "DATABASE_BUSY",
			"The same data is being changed elsewhere. Try again.")
	case code == codeQueryCanceled:
		return errdefs.Wrap(err, errdefs.Timeout, "TIMEOUT",
			"The database took too long and the query was stopped. Try again.")
	case code == codeNoSuchDatabase:
		return errdefs.Wrap(err, errdefs.Unavailable, "DATABASE_MISSING",
			"The database that DATABASE_URL names does not exist on this server. Create it (createdb) or correct the address.")
	case code == codeReadOnly:
		return errdefs.Wrap(err, errdefs.Unavailable, "DATABASE_READ_ONLY",
			"The database accepts no changes at the moment: it is a standby or set to read-only. Point DATABASE_URL at the primary server.")
	case strings.HasPrefix(code, classAuthorization):
		return errdefs.Wrap(err, errdefs.Unavailable, "DATABASE_DENIED",
			"The database server refused the user or the password. Check the user and password in DATABASE_URL.")
	case code == codePrivilege:
		return errdefs.Wrap(err, errdefs.Unavailable, "DATABASE_DENIED",
			"The database user may not do this. Give it the rights on the database's schema, or make it the owner.")
	case strings.HasPrefix(code, classOperator), strings.HasPrefix(code, classConnection), code == codeIdleInTransaction:
		return errdefs.Wrap(err, errdefs.Unavailable, "DATABASE_UNAVAILABLE",
			"The database is starting, stopping or was restarted. Try again in a moment.")
	case strings.HasPrefix(code, classInsufficient):
		return errdefs.Wrap(err, errdefs.Unavailable, "DATABASE_BUSY",
			"The database server is out of memory or another resource. Try again in a moment.")
	}
	return err
}

// comesBack reports whether err may go away by itself soon.
func comesBack(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(pg.Code, classOperator) || strings.HasPrefix(pg.Code, classConnection) || pg.Code == codeTooManyConnections
	}
	return lostConnection(err)
}

// lostConnection reports whether err is of the connection, not of a query.
func lostConnection(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNREFUSED) ||
		strings.Contains(err.Error(), "conn closed")
}
