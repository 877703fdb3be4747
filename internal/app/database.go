package app

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/embedded"
)

// openDatabase connects to the configured database, or starts the private one.
func (a *App) openDatabase(ctx context.Context) (*pgxpool.Pool, error) {
	url := a.cfg.DatabaseURL.Reveal()
	if url == "" {
		server, err := embedded.Start(ctx, embedded.Options{
			Dir: filepath.Join(a.cfg.DataDir, "postgres"), BinDir: a.cfg.PostgresBinDir, Log: a.log,
		})
		if err != nil {
			return nil, err
		}
		a.server = server
		a.onClose(func(context.Context) error { return server.Close() })
		url = server.URL()
	}
	pool, err := postgres.Open(ctx, url, a.log)
	if err != nil {
		return nil, err
	}
	a.onClose(func(context.Context) error { pool.Close(); return nil })
	return pool, nil
}

// MigrateUp brings the schema up to date and returns what was applied.
func MigrateUp(ctx context.Context, cfg config.Library, log *slog.Logger) ([]postgres.Migration, error) {
	return withDatabase(ctx, cfg, log, postgres.Migrate)
}

// MigrationStatus lists all migrations and changes nothing.
func MigrationStatus(ctx context.Context, cfg config.Library, log *slog.Logger) ([]postgres.Migration, error) {
	return withDatabase(ctx, cfg, log, postgres.Status)
}

func withDatabase(ctx context.Context, cfg config.Library, log *slog.Logger,
	do func(context.Context, *pgxpool.Pool) ([]postgres.Migration, error),
) (migrations []postgres.Migration, err error) {
	a := &App{cfg: cfg, log: log}
	defer func() { err = errors.Join(err, a.Close()) }()
	pool, err := a.openDatabase(ctx)
	if err != nil {
		return nil, err
	}
	return do(ctx, pool)
}
