package postgres

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	// jobsVersion is the version of the job queue's own schema that the
	// queue's library in go.mod needs. It is raised together with the library.
	jobsVersion = 8

	// migrationLock is the key of the advisory lock that lets one process at
	// a time migrate a database: "tcmigrat" in ASCII.
	migrationLock = 0x74636d6967726174
)

// Set names the series that a migration belongs to. Each counts for itself.
type Set string

// The sets, in the order in which they are applied.
const (
	Schema Set = "schema" // the program's own tables
	Jobs   Set = "jobs"   // the job queue's tables, made by its library
)

// Migration is one step of the schema.
type Migration struct {
	Set     Set
	Version int64 // within the set, rising
	Name    string
	// AppliedAt is the zero time while the migration is pending.
	AppliedAt time.Time
}

// Pending reports whether the migration has still to be applied.
func (m Migration) Pending() bool { return m.AppliedAt.IsZero() }

// Migrate brings the schema up to what this program needs and returns the
// migrations that it applied, in their order; none when the schema is up to
// date already. Each migration is a transaction of its own, so a failure or a
// kill loses none of the finished ones and the next call goes on. Processes
// that call it at the same time take turns. A database that a newer program
// has migrated is refused with SCHEMA_NEWER and left as it is.
func Migrate(ctx context.Context, pool *pgxpool.Pool) ([]Migration, error) {
	// The usual start finds nothing to do and needs no lock.
	before, err := Status(ctx, pool)
	if err != nil || !slices.ContainsFunc(before, Migration.Pending) {
		return nil, err
	}
	unlock, err := lockMigrations(ctx, pool)
	if err != nil {
		return nil, Translate(err)
	}
	defer unlock()
	// Another process may have done the work while this one waited.
	if before, err = Status(ctx, pool); err != nil {
		return nil, err
	}
	if err := migrateSchema(ctx, pool); err != nil {
		return nil, err
	}
	if err := migrateJobs(ctx, pool); err != nil {
		return nil, err
	}
	after, err := Status(ctx, pool)
	if err != nil {
		return nil, err
	}
	var applied []Migration
	for i, m := range after {
		if before[i].Pending() && !m.Pending() {
			applied = append(applied, m)
		}
	}
	return applied, nil
}

// Status returns every migration that this program knows, in the order of
// application, without changing the database. Like Migrate it refuses a
// database that a newer program has migrated.
func Status(ctx context.Context, pool *pgxpool.Pool) ([]Migration, error) {
	known, err := knownMigrations()
	if err != nil {
		return nil, err
	}
	for set, query := range map[Set]string{
		// The first row of goose's table, version 0, marks the table's creation.
		Schema: "SELECT version_id, max(tstamp) FROM goose_db_version WHERE is_applied AND version_id > 0 GROUP BY version_id",
		// The first of River's own migrations have no column line yet, and another
		// process may be between them just now.
		Jobs: "SELECT version, created_at FROM river_migration m WHERE coalesce(to_jsonb(m)->>'line', 'main') = 'main'",
	} {
		applied, err := appliedVersions(ctx, pool, set, query)
		if err != nil {
			return nil, Translate(err)
		}
		for i := range known {
			if at, ok := applied[known[i].Version]; ok && known[i].Set == set {
				known[i].AppliedAt = at
				delete(applied, known[i].Version)
			}
		}
		for version := range applied {
			return nil, errdefs.New(errdefs.Conflict, "SCHEMA_NEWER",
				"This program is older than its database: a newer version has already changed the database's %s (version %d). Install the newer version of Tech Copilot and start that; nothing was changed.", set, version)
		}
	}
	return known, nil
}

// appliedVersions returns when each version of the set was applied; nothing when
// the set's table does not exist yet.
func appliedVersions(ctx context.Context, pool *pgxpool.Pool, set Set, query string) (map[int64]time.Time, error) {
	table := map[Set]string{Schema: "goose_db_version", Jobs: "river_migration"}[set]
	var exists bool
	if err := pool.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", table).Scan(&exists); err != nil || !exists {
		return nil, err
	}
	rows, err := pool.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	applied := map[int64]time.Time{}
	var version int64
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&version, &at}, func() error {
		applied[version] = at
		return nil
	})
	return applied, err
}

func knownMigrations() ([]Migration, error) {
	var known []Migration
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", file, err)
		}
		_, name, _ := strings.Cut(strings.TrimSuffix(file, ".sql"), "_")
		known = append(known, Migration{Set: Schema, Version: version, Name: name})
	}
	slices.SortFunc(known, func(a, b Migration) int { return int(a.Version - b.Version) })
	jobs, err := jobsMigrator(nil)
	if err != nil {
		return nil, err
	}
	for _, m := range jobs.AllVersions() {
		if m.Version <= jobsVersion {
			known = append(known, Migration{Set: Jobs, Version: int64(m.Version), Name: strings.ReplaceAll(m.Name, " ", "_")})
		}
	}
	return known, nil
}

// lockMigrations waits for the advisory lock, on a connection of its own so
// that a pool of one connection is enough. It asks again and again instead of
// queueing for the lock: a waiting session holds a snapshot, and a migration
// that builds an index concurrently would wait for that snapshot for ever.
func lockMigrations(ctx context.Context, pool *pgxpool.Pool) (unlock func(), err error) {
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return nil, err
	}
	closeConn := func() {
		// The lock ends with its session, also when ctx was cancelled.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}
	for {
		var got bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(migrationLock)).Scan(&got); err != nil {
			closeConn()
			return nil, err
		}
		if got {
			return closeConn, nil
		}
		select {
		case <-ctx.Done():
			closeConn()
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func migrateSchema(ctx context.Context, pool *pgxpool.Pool) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer func() { _ = db.Close() }()
	return upGoose(ctx, db, files)
}

func upGoose(ctx context.Context, db *sql.DB, files fs.FS) error {
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return migrationFailed(err)
	}
	return nil
}

func migrateJobs(ctx context.Context, pool *pgxpool.Pool) error {
	migrator, err := jobsMigrator(pool)
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: jobsVersion}); err != nil {
		return migrationFailed(err)
	}
	return nil
}

func jobsMigrator(pool *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	return rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
}

func migrationFailed(err error) error {
	translated := Translate(err)
	if _, ok := errors.AsType[*errdefs.Error](translated); ok {
		return translated
	}
	return fmt.Errorf("migrate the database: %w", translated)
}

// Fingerprint names the state of all migrations: it changes with each of them.
// A test server keeps a migrated template database under it.
func Fingerprint() (string, error) {
	sum := sha256.New()
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return "", err
	}
	for _, file := range files {
		content, err := migrations.ReadFile(file)
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", file, len(content), content)
	}
	jobs, err := jobsMigrator(nil)
	if err != nil {
		return "", err
	}
	for _, m := range jobs.AllVersions() {
		_, _ = fmt.Fprintf(sum, "%d of %d\n%s", m.Version, jobsVersion, m.SQLUp)
	}
	return hex.EncodeToString(sum.Sum(nil)[:12]), nil
}
