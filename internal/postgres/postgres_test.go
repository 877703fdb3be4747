package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

var discard = slog.New(slog.DiscardHandler)

func open(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url, discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// with returns the address with one setting more.
func with(t *testing.T, address, key, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set(key, value)
	u.RawQuery = query.Encode()
	return u.String()
}

func TestOpenSetsUpThePool(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	pool := open(t, address)
	for setting, want := range map[string]string{
		"timezone":                            "UTC",
		"application_name":                    "techcopilot",
		"idle_in_transaction_session_timeout": "5min",
	} {
		var got string
		if err := pool.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if got := pool.Config().MaxConns; got < 10 {
		t.Errorf("the pool has %d connections", got)
	}
	if got := open(t, with(t, address, "pool_max_conns", "3")).Config().MaxConns; got != 3 {
		t.Errorf("the pool has %d connections, want those of the address", got)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	server := pgtest.Empty(t)
	tests := []struct{ name, url, code string }{
		{"address", "postgres://user:secret@host:port/x", "DATABASE_URL_INVALID"},
		{"database", with(t, server, "dbname", "no_such_database"), "DATABASE_MISSING"},
		{"user", with(t, server, "user", "no_such_user"), "DATABASE_DENIED"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pool, err := postgres.Open(t.Context(), test.url, discard)
			if err == nil {
				pool.Close()
				t.Fatal("opened")
			}
			if errdefs.Code(err) != test.code {
				t.Errorf("got %s: %v", errdefs.Code(err), err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the password is shown: %v", err)
			}
		})
	}
}

func TestOpenWaitsForAServerNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	// The first complaint about waiting is the event to give up at.
	log := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	}), nil))
	pool, err := postgres.Open(ctx, "postgres://u@"+address+"/x?sslmode=disable", log)
	if err == nil {
		pool.Close()
		t.Fatal("opened")
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestInTxCommitsOrRollsBack(t *testing.T) {
	t.Parallel()
	pool := open(t, pgtest.Empty(t))
	ctx := t.Context()
	if _, err := pool.Exec(ctx, "CREATE TABLE thing (name text CONSTRAINT thing_name UNIQUE)"); err != nil {
		t.Fatal(err)
	}
	insert := func(name string) func(tx pgx.Tx) error {
		return func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO thing VALUES ($1)", name)
			return err
		}
	}
	if err := postgres.InTx(ctx, pool, insert("a")); err != nil {
		t.Fatal(err)
	}
	failure := errors.New("changed my mind")
	err := postgres.InTx(ctx, pool, func(tx pgx.Tx) error { return errors.Join(insert("b")(tx), failure) })
	if !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = postgres.InTx(ctx, pool, func(tx pgx.Tx) error {
			_ = insert("c")(tx)
			panic("bug")
		})
	}()
	err = postgres.InTx(ctx, pool, insert("a"))
	if !postgres.UniqueViolation(err, "thing_name") || !postgres.UniqueViolation(err, "") || postgres.UniqueViolation(err, "other") {
		t.Errorf("a violated constraint came back as %v", err)
	}
	var names string
	if err := pool.QueryRow(ctx, "SELECT string_agg(name, ',') FROM thing").Scan(&names); err != nil || names != "a" {
		t.Errorf("stored %q, %v; want only what was committed", names, err)
	}
	if postgres.UniqueViolation(nil, "") {
		t.Error("nil violates nothing")
	}
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	state := func(code, message string) error {
		return fmt.Errorf("store: %w", &pgconn.PgError{Code: code, Message: message})
	}
	named := errdefs.New(errdefs.NotFound, "MANUAL_NOT_FOUND", "no")
	tests := []struct {
		name string
		err  error
		kind errdefs.Kind
		code string
	}{
		{"disk full", state("53100", "could not extend file"), errdefs.StorageFull, "STORAGE_FULL"},
		{"disk full as an I/O error", state("58030", "could not write: No space left on device"), errdefs.StorageFull, "STORAGE_FULL"},
		{"other I/O error", state("58030", "Input/output error"), errdefs.Internal, "INTERNAL"},
		{"shutting down", state("57P01", ""), errdefs.Unavailable, "DATABASE_UNAVAILABLE"},
		{"starting", state("57P03", ""), errdefs.Unavailable, "DATABASE_UNAVAILABLE"},
		{"connection broken", state("08006", ""), errdefs.Unavailable, "DATABASE_UNAVAILABLE"},
		{"connection cut", fmt.Errorf("receive: %w", io.ErrUnexpectedEOF), errdefs.Unavailable, "DATABASE_UNAVAILABLE"},
		{"connection refused", &net.OpError{Op: "dial", Err: errors.New("refused")}, errdefs.Unavailable, "DATABASE_UNAVAILABLE"},
		{"too many connections", state("53300", ""), errdefs.Unavailable, "DATABASE_BUSY"},
		{"out of memory", state("53200", ""), errdefs.Unavailable, "DATABASE_BUSY"},
		{"deadlock", state("40P01", ""), errdefs.Unavailable, "DATABASE_BUSY"},
		{"statement timeout", state("57014", ""), errdefs.Timeout, "TIMEOUT"},
		{"standby", state("25006", ""), errdefs.Unavailable, "DATABASE_READ_ONLY"},
		{"no rights", state("42501", ""), errdefs.Unavailable, "DATABASE_DENIED"},
		{"wrong query", state("42601", "syntax error"), errdefs.Internal, "INTERNAL"},
		{"constraint", state("23505", ""), errdefs.Internal, "INTERNAL"},
		{"named already", named, errdefs.NotFound, "MANUAL_NOT_FOUND"},
		{"deadline", context.DeadlineExceeded, errdefs.Timeout, "TIMEOUT"},
		{"cancelled", fmt.Errorf("query: %w", context.Canceled), errdefs.Canceled, "CANCELED"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := postgres.Translate(test.err)
			if e := errdefs.As(got); e.Kind != test.kind || e.Code != test.code {
				t.Errorf("got kind %d, %s; want %d, %s", e.Kind, e.Code, test.kind, test.code)
			}
			if !errors.Is(got, test.err) {
				t.Error("the cause is lost")
			}
		})
	}
	if postgres.Translate(nil) != nil {
		t.Error("nil did not stay nil")
	}
	if got := postgres.Translate(pgx.ErrNoRows); !errors.Is(got, pgx.ErrNoRows) || errdefs.As(got).Kind != errdefs.Internal {
		t.Errorf("pgx.ErrNoRows became %v", got)
	}
}

func TestQueryCancelledByItsContextIsNotATimeout(t *testing.T) {
	t.Parallel()
	pool := open(t, pgtest.Empty(t))
	ctx, cancel := context.WithCancel(t.Context())
	err := postgres.InTx(ctx, pool, func(tx pgx.Tx) error {
		cancel()
		_, err := tx.Exec(ctx, "SELECT pg_sleep(60)")
		return err
	})
	if !errdefs.Is(err, errdefs.Canceled) {
		t.Errorf("got %v", err)
	}
}
