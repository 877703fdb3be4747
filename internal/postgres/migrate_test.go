package postgres_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

func TestMigrateBuildsTheSchemaOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := open(t, pgtest.Empty(t))

	before, err := postgres.Status(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(before, func(m postgres.Migration) bool { return !m.Pending() }) {
		t.Errorf("applied in an empty database: %+v", before)
	}
	if first := before[0]; first.Set != postgres.Schema || first.Version != 1 || first.Name != "library" {
		t.Errorf("the first migration is %+v", first)
	}
	var tables int
	if err := pool.QueryRow(ctx, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil || tables != 0 {
		t.Errorf("the status made %d tables (%v)", tables, err)
	}

	applied, err := postgres.Migrate(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	if len(applied) != len(before) {
		t.Errorf("applied %d of %d migrations", len(applied), len(before))
	}
	for i, m := range applied {
		if m.Pending() || m.Set != before[i].Set || m.Version != before[i].Version {
			t.Errorf("number %d is %+v, want %+v applied", i, m, before[i])
		}
	}
	if again, err := postgres.Migrate(ctx, pool); err != nil || len(again) != 0 {
		t.Errorf("a second run applied %+v, %v", again, err)
	}
	after, err := postgres.Status(ctx, pool)
	if err != nil || slices.ContainsFunc(after, postgres.Migration.Pending) {
		t.Errorf("status %+v, %v", after, err)
	}
	if err := pool.QueryRow(ctx, "SELECT count(*) FROM users").Scan(&tables); err != nil || tables != 1 {
		t.Errorf("%d users, %v; want the local one", tables, err)
	}
}

func TestProcessesThatMigrateAtOnceTakeTurns(t *testing.T) {
	t.Parallel()
	// A pool of one connection each, as small as a pool can be.
	address := with(t, pgtest.Empty(t), "pool_max_conns", "1")
	var group sync.WaitGroup
	var mutex sync.Mutex
	var applied []postgres.Migration
	for range 4 {
		pool := open(t, address)
		group.Go(func() {
			mine, err := postgres.Migrate(t.Context(), pool)
			if err != nil {
				t.Error(err)
			}
			mutex.Lock()
			defer mutex.Unlock()
			applied = append(applied, mine...)
		})
	}
	group.Wait()
	all, err := postgres.Status(t.Context(), open(t, address))
	if err != nil {
		t.Fatal(err)
	}
	if len(applied) != len(all) {
		t.Errorf("%d migrations were reported as applied, want each of the %d once", len(applied), len(all))
	}
}

func TestMigrationGoesOnWhereItWasStopped(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := open(t, pgtest.URL(t))
	// As if the program had been killed before the last of the queue's steps.
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: discard})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionDown, nil); err != nil {
		t.Fatal(err)
	}
	applied, err := postgres.Migrate(ctx, pool)
	if err != nil || len(applied) != 1 || applied[0].Set != postgres.Jobs {
		t.Errorf("applied %+v, %v; want the one that was missing", applied, err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	for set, statement := range map[postgres.Set]string{
		postgres.Schema: "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)",
		postgres.Jobs:   "INSERT INTO river_migration (line, version) VALUES ('main', 99999)",
	} {
		t.Run(string(set), func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			if _, err := pool.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
			_, migrateErr := postgres.Migrate(t.Context(), pool)
			_, statusErr := postgres.Status(t.Context(), pool)
			for _, err := range []error{migrateErr, statusErr} {
				if errdefs.Code(err) != "SCHEMA_NEWER" {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestQueueSchemaIsTheOneOfItsLibrary(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	migrator, err := rivermigrate.New[pgx.Tx](riverpgxv5.New(pool), &rivermigrate.Config{Logger: discard})
	if err != nil {
		t.Fatal(err)
	}
	result, err := migrator.Validate(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !result.OK {
		t.Errorf("raise the pinned version with the library: %v", result.Messages)
	}
}
