//go:build unix

package pgtest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/postgres/embedded"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

func databaseName(t *testing.T, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return config.Database
}

func TestTestsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	first, second := pgtest.New(t), pgtest.New(t)
	if _, err := first.Exec(t.Context(), "DELETE FROM users"); err != nil {
		t.Fatal(err)
	}
	var users int
	if err := second.QueryRow(t.Context(), "SELECT count(*) FROM users").Scan(&users); err != nil || users != 1 {
		t.Errorf("%d users (%v), want the one of the migrations", users, err)
	}
}

func TestDatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("test", func(t *testing.T) {
		url := pgtest.URL(t)
		name = databaseName(t, url)
		// A connection that the test forgot to close is in nobody's way.
		if _, err := pgx.Connect(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	})
	var exists bool
	if err := pgtest.New(t).QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		t.Fatal(err)
	}
	if exists || name == "" {
		t.Errorf("database %q is still there", name)
	}
}

// inOtherProcess is set for the test below when it runs in a process of its own.
const inOtherProcess = "PGTEST_IN_OTHER_PROCESS"

func TestProcessesShareTheServer(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	var server string
	if err := pool.QueryRow(t.Context(), "SELECT pg_postmaster_start_time()::text").Scan(&server); err != nil {
		t.Fatal(err)
	}
	if os.Getenv(inOtherProcess) != "" {
		fmt.Fprintf(os.Stdout, "server of %s\n", server)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcessesShareTheServer$", "-test.v")
	cmd.Env = append(os.Environ(), inOtherProcess+"=yes")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "server of "+server) {
		t.Errorf("another process did not use the server of %s: %v\n%s", server, err, out)
	}
}

func TestServerFolderServesAnEmbeddedServer(t *testing.T) {
	t.Parallel()
	server, err := embedded.Start(t.Context(), embedded.Options{Dir: pgtest.ServerFolder(t), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}
