//go:build unix

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/embedded"
)

const (
	testPrefix     = "tctest_"
	templatePrefix = "tctemplate_"
	buildingSuffix = "_building"

	// keepTemplates is how many templates of other states of the migrations
	// stay, for other checkouts and branches.
	keepTemplates = 4

	// abandonedAfter is the age at which the database of a killed test goes.
	abandonedAfter = time.Hour

	// keeperSeconds is how long the server stays after its last user: longer
	// than go test takes from one package to the next, mostly.
	keeperSeconds = 10

	// Keys of advisory locks in the database of the server's address.
	lockTemplate = 0x74637465_00000001 // making templates and tidying up
	lockUse      = 0x74637465_00000002 // shared by the processes that use the server
	lockKeeper   = 0x74637465_00000003 // held by the session that stops the server

	codeNoSuchDatabase = "3D000"
	codeObjectInUse    = "55006"
)

// server is where the test databases are made.
type server struct {
	address *url.URL
	admin   *pgxpool.Pool

	// user counts this process among the users of the server. It is kept here
	// because a connection that nothing refers to is collected and closed.
	user *pgx.Conn

	templateMutex sync.Mutex
	templateName  string // "" until it is known to exist
}

// connect returns the server of TEST_DATABASE_URL, else the users' own one.
func connect(ctx context.Context) (*server, error) {
	if address := os.Getenv("TEST_DATABASE_URL"); address != "" {
		return open(ctx, address)
	}
	// Each user has a server of their own: root's tests and another user's
	// may run on one machine.
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("techcopilot-test-%d", os.Geteuid()))
	// The share in the server is never closed: only the end of the process
	// tells that no further test will come. The keeper stops the server.
	share, err := embedded.Start(ctx, embedded.Options{
		Dir:    dir,
		NoSync: true,
		Settings: map[string]string{
			"max_connections": "400",
			"autovacuum":      "off", // the databases live for seconds
		},
	})
	if err != nil {
		return nil, err
	}
	address := share.AdminURL()
	for {
		var user *pgx.Conn
		if user, err = use(ctx, address); err == nil {
			s, err := open(ctx, address)
			if err == nil {
				s.user = user
			}
			return s, err
		}
		// The keeper may have been about to stop the server that was just
		// found running; the share starts it again.
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// use counts this process among the users of the server until it ends, and sees
// to it that a keeper is there.
func use(ctx context.Context, address string) (*pgx.Conn, error) {
	user, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	if _, err := user.Exec(ctx, "SELECT pg_advisory_lock_shared($1)", int64(lockUse)); err != nil {
		return nil, errors.Join(err, user.Close(ctx))
	}
	keeper, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, errors.Join(err, user.Close(ctx))
	}
	// A session does not look at its client while it executes a statement: the
	// keeper stays when this process has ended. The connections are left to
	// the end of the process.
	go func() {
		_, _ = keeper.Exec(context.WithoutCancel(ctx), keeperScript)
	}()
	return user, nil
}

// keeperScript stops the server some seconds after its last user has gone, while
// holding the lock that a new user has to get. It returns at once where another
// session does so already.
var keeperScript = fmt.Sprintf(`DO $$
DECLARE
    idle int := 0;
BEGIN
    IF NOT pg_try_advisory_lock(%d) THEN
        RETURN;
    END IF;
    LOOP
        PERFORM pg_sleep(1);
        IF pg_try_advisory_lock(%d) THEN
            idle := idle + 1;
            EXIT WHEN idle >= %d;
            PERFORM pg_advisory_unlock(%[2]d);
        ELSE
            idle := 0;
        END IF;
    END LOOP;
    EXECUTE format('COPY (SELECT 1) TO PROGRAM ''kill -INT %%s''', split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int);
END $$`, lockKeeper, lockUse, keeperSeconds)

func open(ctx context.Context, address string) (*server, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme == "" {
		return nil, errors.New("the server's address is not of the form postgres://user:password@host:5432/database")
	}
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("the server's address: %w", err)
	}
	config.MaxConns = 4
	admin, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	s := &server{address: parsed, admin: admin}
	return s, s.removeAbandoned(ctx)
}

// url returns the address of one of the server's databases.
func (s *server) url(name string) string {
	address := *s.address
	address.Path = "/" + name
	return address.String()
}

// create makes the database name as a clone of what template returns.
func (s *server) create(ctx context.Context, name string, template func(context.Context) (string, error)) error {
	for attempt := 0; ; attempt++ {
		source, err := template(ctx)
		if err != nil {
			return err
		}
		_, err = s.admin.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE "+pgx.Identifier{source}.Sanitize())
		if err == nil || attempt == 3 || (!hasState(err, codeNoSuchDatabase) && !hasState(err, codeObjectInUse)) {
			return err
		}
		// Another process tidied the template away: make it again.
		s.templateMutex.Lock()
		s.templateName = ""
		s.templateMutex.Unlock()
	}
}

func (s *server) drop(ctx context.Context, name string) error {
	_, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
	return err
}

// template returns the name of the database with the current schema; the first
// process that needs it makes it, the others wait.
func (s *server) template(ctx context.Context) (string, error) {
	s.templateMutex.Lock()
	defer s.templateMutex.Unlock()
	if s.templateName != "" {
		return s.templateName, nil
	}
	fingerprint, err := postgres.Fingerprint()
	if err != nil {
		return "", err
	}
	name := templatePrefix + fingerprint
	err = s.locked(ctx, func(conn *pgxpool.Conn) error {
		var exists bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
			return err
		}
		return s.makeTemplate(ctx, conn, name)
	})
	if err != nil {
		return "", fmt.Errorf("make the template: %w", err)
	}
	s.templateName = name
	return name, nil
}

// locked runs f while no other process makes templates or tidies up.
func (s *server) locked(ctx context.Context, f func(conn *pgxpool.Conn) error) error {
	conn, err := s.admin.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(lockTemplate)); err != nil {
		return err
	}
	defer func() {
		_, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(lockTemplate))
	}()
	return f(conn)
}

// makeTemplate migrates a database under another name and gives it its own when
// it is complete, so that a kill leaves no half-made template.
func (s *server) makeTemplate(ctx context.Context, conn *pgxpool.Conn, name string) error {
	building := name + buildingSuffix
	if err := s.drop(ctx, building); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{building}.Sanitize()+" TEMPLATE template0"); err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, s.url(building), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	_, err = postgres.Migrate(ctx, pool)
	pool.Close()
	if err != nil {
		return err
	}
	for {
		_, err := conn.Exec(ctx, "ALTER DATABASE "+pgx.Identifier{building}.Sanitize()+" RENAME TO "+pgx.Identifier{name}.Sanitize())
		if !hasState(err, codeObjectInUse) {
			return errors.Join(err, s.removeOldTemplates(ctx, conn, name))
		}
		// The pool's sessions are still ending.
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// removeOldTemplates drops the oldest templates of other states of the schema.
func (s *server) removeOldTemplates(ctx context.Context, conn *pgxpool.Conn, current string) error {
	names, err := s.databases(ctx, conn, templatePrefix)
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return name == current || strings.HasSuffix(name, buildingSuffix)
	})
	for i := range max(0, len(names)-keepTemplates) {
		if err := s.drop(ctx, names[i]); err != nil {
			return err
		}
	}
	return nil
}

// removeAbandoned drops what tests that were killed have left.
func (s *server) removeAbandoned(ctx context.Context) error {
	return s.locked(ctx, func(conn *pgxpool.Conn) error {
		names, err := s.databases(ctx, conn, testPrefix)
		if err != nil {
			return err
		}
		for _, name := range names {
			stamp, _, _ := strings.Cut(strings.TrimPrefix(name, testPrefix), "_")
			seconds, err := strconv.ParseInt(stamp, 16, 64)
			if err != nil || time.Since(time.Unix(seconds, 0)) < abandonedAfter {
				continue
			}
			if err := s.drop(ctx, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// databases returns those with the prefix, oldest first.
func (s *server) databases(ctx context.Context, conn *pgxpool.Conn, prefix string) ([]string, error) {
	rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE starts_with(datname, $1) ORDER BY oid", prefix)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func hasState(err error, code string) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == code
}
