//go:build unix

// Package pgtest gives each test a PostgreSQL database of its own with the
// current schema.
//
// The databases are clones of a template that is migrated once per state of the
// migrations, so a new one costs about a tenth of a second. They live on a
// server that all test processes of the user share, in a folder below the one
// for temporary files; it starts with the first test and ends by itself some
// seconds after the last process that used it, also when that was killed. Where
// TEST_DATABASE_URL is set, the tests use that server instead; its user needs
// the right to create databases.
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/postgres"
)

// patience covers the first test's start of the server and its template.
const patience = 2 * time.Minute

// New returns a pool on a new database with the current schema and nothing but
// what the migrations put in. Pool and database go when the test ends.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), URL(t), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("pgtest: open the test's database: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// URL is New for a test that opens the database itself, or in another process.
func URL(t testing.TB) string {
	t.Helper()
	s := start(t)
	return s.newDatabase(t, s.template)
}

// Empty returns the address of a new database without any schema.
func Empty(t testing.TB) string {
	t.Helper()
	return start(t).newDatabase(t, func(context.Context) (string, error) { return "template0", nil })
}

func start(t testing.TB) *server {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return s
}

// shared is the process's one way to the server, opened by the first test.
var shared = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return connect(ctx)
})

func (s *server) newDatabase(t testing.TB, template func(context.Context) (string, error)) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	name := fmt.Sprintf("%s%x_%s", testPrefix, time.Now().Unix(), strings.ToLower(rand.Text()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			t.Errorf("pgtest: drop the test's database: %v", err)
		}
	})
	if err := s.create(ctx, name, template); err != nil {
		t.Fatalf("pgtest: create the test's database: %v", err)
	}
	return s.url(name)
}

// ServerFolder returns an empty folder for a test that runs an embedded server
// itself, removed at the test's end. Unlike testing's own temporary folder it
// lets the server's user pass when the tests run as root, and its name is short
// enough for a socket.
func ServerFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "techcopilot-")
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return dir
}
