// Package postgres is the program's way to PostgreSQL: the connection pool,
// transactions, the translation of database errors into errors that a user can
// act on, and the schema's migrations, which are the only way the schema
// changes. It knows no table of any domain.
//
// Package embedded runs a private server where no other is configured, package
// pgtest gives a test a database of its own.
package postgres

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// MinMajor is the oldest major version of PostgreSQL that the queries need.
const MinMajor = 15

// connectPatience is how long Open waits for a server that is not there yet: a
// database that starts together with this program takes seconds to be ready.
const connectPatience = 20 * time.Second

// Open connects to the server at url, in either form that libpq reads, and
// returns the pool once a connection has worked. It waits up to 20 s for a
// server that is starting, and refuses one that is too old. The pool's size can
// be set in the url (pool_max_conns); the default serves many small queries
// from this process and leaves room for others. log gets a warning when the
// server lets the caller wait.
func Open(ctx context.Context, url string, log *slog.Logger) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The parser's message may hold the password: it is not shown.
		return nil, errdefs.New(errdefs.Invalid, "DATABASE_URL_INVALID",
			"The address of the database cannot be read. It looks like postgres://user:password@host:5432/database; signs such as @ or / in the password are written %%40 and %%2F.")
	}
	if !poolSizeGiven(url) {
		config.MaxConns = int32(max(10, 4*runtime.GOMAXPROCS(0)))
	}
	config.MaxConnIdleTime = 5 * time.Minute
	// Connections are renewed now and then so that a server behind a load
	// balancer is not held for ever, and not all in the same moment.
	config.MaxConnLifetime = time.Hour
	config.MaxConnLifetimeJitter = 10 * time.Minute
	config.HealthCheckPeriod = 15 * time.Second
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	params := config.ConnConfig.RuntimeParams
	setDefault(params, "application_name", "techcopilot")
	// Times are read back as they were stored, wherever the server stands.
	setDefault(params, "timezone", "UTC")
	config.AfterConnect = prepareConn

	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, Translate(err)
	}
	if err := awaitServer(ctx, pool, log); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// prepareConn sets what holds for a connection. These are no parameters of it, because
// connection poolers refuse those they do not know.
//
// A transaction that a stuck process left open is ended: it would keep its locks and
// stop vacuum from cleaning up. What is long is compressed by LZ4 where the server has
// it, which takes a fifth of the time of PostgreSQL's own way and a quarter more room.
func prepareConn(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
		SELECT set_config(name, CASE name WHEN 'default_toast_compression' THEN 'lz4' ELSE '5min' END, false)
		FROM pg_settings
		WHERE name = 'idle_in_transaction_session_timeout' OR name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)`)
	return err
}

func setDefault(params map[string]string, key, value string) {
	if _, ok := params[key]; !ok {
		params[key] = value
	}
}

// poolSizeGiven tells a size in the url from the pool's own default.
func poolSizeGiven(url string) bool {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return false
	}
	_, ok := config.RuntimeParams["pool_max_conns"]
	return ok
}

func awaitServer(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) error {
	deadline := time.Now().Add(connectPatience)
	wait := 50 * time.Millisecond
	for attempt := 0; ; attempt++ {
		var version int
		err := pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version)
		if err == nil {
			if version/10000 < MinMajor {
				return errdefs.New(errdefs.Unavailable, "POSTGRES_TOO_OLD",
					"The database server is PostgreSQL %d; version %d or newer is needed. Upgrade the server or use another one.", version/10000, MinMajor)
			}
			return nil
		}
		if !comesBack(err) || time.Now().After(deadline) {
			return Translate(err)
		}
		if attempt == 5 {
			log.WarnContext(ctx, "waiting for the database server", "error", err)
		}
		select {
		case <-ctx.Done():
			return Translate(ctx.Err())
		case <-time.After(wait):
		}
		wait = min(2*wait, time.Second)
	}
}

// InTx runs f in a transaction, commits when f returns nil and rolls back
// otherwise or when f panics. Errors come back translated. Inside f nothing may
// use the pool: with all connections inside such functions they would wait for
// each other for ever.
func InTx(ctx context.Context, pool *pgxpool.Pool, f func(tx pgx.Tx) error) error {
	return Translate(pgx.BeginFunc(ctx, pool, f))
}

// InSnapshot runs f in a transaction that only reads and sees the database as it was
// at its first statement. Otherwise it is like InTx.
func InSnapshot(ctx context.Context, pool *pgxpool.Pool, f func(tx pgx.Tx) error) error {
	return Translate(pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, f))
}

// UniqueViolation reports whether err says that the named unique constraint or
// index was violated; an empty constraint stands for any.
func UniqueViolation(err error, constraint string) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == codeUniqueViolation && (constraint == "" || pg.ConstraintName == constraint)
}
