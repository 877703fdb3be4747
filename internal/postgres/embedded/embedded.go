//go:build unix

// Package embedded runs a private PostgreSQL server from the machine's own
// binaries, for installations that name no database.
//
// Below its folder lie the database (data), the server's messages (log) and two
// lock files. The server listens on a unix socket that only its user can reach,
// never on the network. Any number of processes may start the same folder: the
// first starts the server, the others share it, the last one to close stops it.
// It outlives a process that is killed, and the next one takes it over; when the
// server itself is killed, the processes that use it start it again.
//
// A data folder is never deleted and never upgraded: one of another major
// version is served by binaries of that version or refused.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

const (
	superuser = "techcopilot" // role and database of the program
	database  = "techcopilot"
	port      = "5432" // only a part of the socket's name; nothing listens on it

	socketName = ".s.PGSQL." + port
)

// Options say which server to run. Only Dir is needed.
type Options struct {
	// Dir is the server's folder; it is made when missing.
	Dir string
	// BinDir is the folder of PostgreSQL's server programs (initdb, postgres).
	// Empty: they are looked for in PATH and where packages put them.
	BinDir string
	// User is the system user that runs the server when this process is root,
	// because PostgreSQL refuses to run as root. Empty: "postgres", else
	// "nobody". A data folder that exists is run by its owner.
	User string
	// Log gets the server's starts, stops and failures. Nil: nothing is logged.
	Log *slog.Logger
	// NoSync gives up durability for speed: after a power cut the data may be
	// lost. For tests.
	NoSync bool
	// Settings are further settings of the server (postgresql.conf), for a
	// server that this process starts. One that is running keeps its own.
	Settings map[string]string
}

// Server is one process's share in a running server.
type Server struct {
	options Options
	account *account // nil: this process's own user
	log     *slog.Logger

	// share is the lock that all processes hold that use the server. Start
	// and Close alone deal with it.
	share *os.File

	socketDir string
	stop      context.CancelFunc
	watched   sync.WaitGroup
	problem   atomic.Pointer[error]
	closeOnce sync.Once
	closeErr  error
}

// Start makes sure that the server of options.Dir runs and returns once it takes
// connections and the program's database exists. A first start creates the
// database, which takes seconds; so may one after a crash. The server keeps
// running after ctx ends; Close stops it.
//
// Errors: POSTGRES_NOT_FOUND, POSTGRES_VERSION_MISMATCH, POSTGRES_START_FAILED,
// DATA_FOLDER_DENIED and STORAGE_FULL, each saying what to do.
func Start(ctx context.Context, options Options) (*Server, error) {
	dir, err := makeFolder(options.Dir)
	if err != nil {
		return nil, explainFolder(err, options.Dir)
	}
	options.Dir = dir
	s := &Server{options: options, log: options.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.account, err = chooseAccount(options); err != nil {
		return nil, explainFolder(err, dir)
	}
	unlock, err := s.lockTransition(ctx)
	if err != nil {
		return nil, explainFolder(err, dir)
	}
	defer unlock()
	if err := s.enter(ctx); err != nil {
		// A server that came up half-way is not left behind.
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		return nil, errors.Join(err, s.stopUnused(stop))
	}
	watch, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.watched.Go(func() { s.watch(watch) })
	return s, nil
}

// enter brings the server up and counts this process among its users. The
// caller holds the transition lock.
func (s *Server) enter(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		if err := s.ensureRunning(ctx); err != nil {
			return err
		}
		err := s.ensureDatabase(ctx)
		if err == nil {
			s.share, err = lockFile(ctx, s.usersFile(), syscall.LOCK_SH)
			return err
		}
		// Somebody may have stopped the server just after it was found
		// running.
		if attempt == 3 || ctx.Err() != nil {
			return s.startFailed(err, "")
		}
	}
}

// makeFolder makes the server's folder, if it is missing, and returns the one
// name that all processes know it by.
func makeFolder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		// The server's own user has to pass through to its data folder.
		mode = 0o711
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, mode); err != nil {
			return "", err
		}
		// Whatever the umask says.
		if err := os.Chmod(dir, mode); err != nil {
			return "", err
		}
	}
	return filepath.EvalSymlinks(dir)
}

// explainFolder gives what the file system says about the folder a way out.
func explainFolder(err error, dir string) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return errdefs.Wrap(err, errdefs.Unavailable, "DATA_FOLDER_DENIED",
			"The database folder %s cannot be used by this user. Start the program as the user who made the folder, or choose another one (--data or DATA_DIR).", dir)
	case noSpace(err):
		return storageFull(err, dir)
	}
	return err
}

// URL is the address of the program's database, for postgres.Open. It stays the
// same when the server is restarted.
func (s *Server) URL() string { return s.url(database) }

// AdminURL is the address of the server's maintenance database, where other
// databases are created and dropped.
func (s *Server) AdminURL() string { return s.url("postgres") }

func (s *Server) url(name string) string { return socketURL(s.socketDir, name) }

func socketURL(socketDir, name string) string {
	query := url.Values{"host": {socketDir}, "port": {port}, "sslmode": {"disable"}}
	return "postgres://" + superuser + "@/" + name + "?" + query.Encode()
}

// Problem returns why a server that went down could not be started again, such
// as a full disk, and nil while it runs. It is tried again by itself.
func (s *Server) Problem() error {
	if err := s.problem.Load(); err != nil {
		return *err
	}
	return nil
}

func (s *Server) usersFile() string { return filepath.Join(s.options.Dir, "lock.users") }

// lockTransition waits until no other process starts or stops the server.
func (s *Server) lockTransition(ctx context.Context) (unlock func(), err error) {
	file, err := lockFile(ctx, filepath.Join(s.options.Dir, "lock"), syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	return func() { _ = unlockFile(file) }, nil
}

func (s *Server) data() string { return filepath.Join(s.options.Dir, "data") }

// Close gives up this process's share; the last one stops the server and waits
// until it is down. Connections that are still open are cut, their transactions
// rolled back. Close may be called more than once.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		s.stop()
		s.watched.Wait()
		s.closeErr = s.leave()
	})
	return s.closeErr
}

func (s *Server) leave() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	unlock, err := s.lockTransition(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("stop the database server: %w", err), unlockFile(s.share))
	}
	defer unlock()
	return s.stopUnused(ctx)
}

// stopUnused gives up the own share and stops the server if that was the last.
// The caller holds the transition lock, so nobody enters meanwhile.
func (s *Server) stopUnused(ctx context.Context) error {
	if s.share != nil {
		if err := unlockFile(s.share); err != nil {
			return err
		}
	}
	last, err := tryLockFile(s.usersFile(), syscall.LOCK_EX)
	if err != nil || last == nil {
		return err
	}
	defer func() { _ = unlockFile(last) }()
	p, err := readPostmaster(s.data())
	if err != nil || p == nil || !p.alive() {
		return err
	}
	began := time.Now()
	if err := p.terminate(ctx); err != nil {
		return err
	}
	// A socket's folder outside the server's own is not left behind. It is
	// empty now, and anything else in it would stay.
	if filepath.Dir(p.socketDir) != s.options.Dir {
		_ = os.Remove(p.socketDir)
	}
	s.log.Info("database server stopped", "folder", s.options.Dir, "seconds", time.Since(began).Seconds())
	return nil
}

// ensureDatabase creates the program's database at the first start.
func (s *Server) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize())
	return err
}

// watch restarts the server when it goes down while this process uses it. It
// learns of that from an idle connection, which breaks in that moment whoever
// started the server.
func (s *Server) watch(ctx context.Context) {
	var wait time.Duration
	for {
		connected, err := s.untilBroken(ctx)
		if ctx.Err() != nil {
			return
		}
		if connected {
			wait = 0
		}
		s.log.WarnContext(ctx, "connection to the database server lost", "error", err)
		err = s.revive(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.log.ErrorContext(ctx, "the database server could not be restarted; it is tried again", "error", err)
			s.problem.Store(&err)
		} else {
			s.problem.Store(nil)
			if connected {
				continue
			}
		}
		wait = min(max(2*wait, 200*time.Millisecond), 10*time.Second)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// untilBroken holds a connection until it breaks. It reports whether there was
// one at all.
func (s *Server) untilBroken(ctx context.Context) (connected bool, err error) {
	conn, err := pgx.Connect(ctx, s.url("postgres")+"&application_name=techcopilot-watch")
	if err != nil {
		return false, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return true, err
		}
	}
}

func (s *Server) revive(ctx context.Context) error {
	unlock, err := s.lockTransition(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return s.ensureRunning(ctx)
}
