package watch

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/postgres"
)

// lockSpace keeps our keys apart from other users of advisory locks.
const lockSpace = 0x7463_7764 // "tcwd"

// lock holds the advisory locks of the folders that this process watches, on a
// connection of its own for as long as it lives: PostgreSQL frees them when the
// process is killed.
type lock struct {
	config *pgx.ConnConfig
	conn   *pgx.Conn
	held   map[string]bool
}

// take reports whether this process watches the folder, and whether it did not
// before.
func (l *lock) take(ctx context.Context, path string) (held, fresh bool, err error) {
	if l.conn != nil && l.conn.Ping(ctx) != nil {
		l.release()
	}
	if l.conn == nil {
		if l.conn, err = pgx.ConnectConfig(ctx, l.config.Copy()); err != nil {
			l.conn = nil
			return false, false, postgres.Translate(err)
		}
		l.held = map[string]bool{}
	}
	if l.held[path] {
		return true, false, nil
	}
	err = l.conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtextextended($1, $2))`, path, int64(lockSpace)).Scan(&held)
	if held {
		l.held[path] = true
	}
	return held, held, postgres.Translate(err)
}

func (l *lock) release() {
	if l.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.conn.Close(ctx) // nothing to be done about it
	l.conn, l.held = nil, nil
}

// records reads what became of the folder's files.
func records(ctx context.Context, pool *pgxpool.Pool, path string) (map[string]record, error) {
	rows, err := pool.Query(ctx, `SELECT path, size_bytes, modified_at, attempts, retry_at FROM watched_file WHERE folder = $1`, path)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out := map[string]record{}
	var (
		name     string
		size     int64
		modified time.Time
		attempts int
		retry    *time.Time
	)
	_, err = pgx.ForEachRow(rows, []any{&name, &size, &modified, &attempts, &retry}, func() error {
		r := record{stamp: stampOf(size, modified), attempts: attempts}
		if retry != nil {
			r.retry = *retry
		}
		out[name] = r
		return nil
	})
	return out, postgres.Translate(err)
}

func save(ctx context.Context, pool *pgxpool.Pool, folder, key string, r record) error {
	var retry *time.Time
	if !r.retry.IsZero() {
		retry = &r.retry
	}
	// The manual may be deleted already.
	_, err := pool.Exec(ctx, `
		INSERT INTO watched_file (folder, path, size_bytes, modified_at, manual_id, error_code, error_message, attempts, retry_at)
		VALUES ($1, $2, $3, $4, (SELECT id FROM manual WHERE id = $5), $6, $7, $8, $9)
		ON CONFLICT (folder, path) DO UPDATE
		SET size_bytes = excluded.size_bytes, modified_at = excluded.modified_at, manual_id = excluded.manual_id,
		    error_code = excluded.error_code, error_message = excluded.error_message,
		    attempts = excluded.attempts, retry_at = excluded.retry_at, seen_at = now()`,
		folder, key, r.size, r.modified, uuid.NullUUID{UUID: r.manual, Valid: r.manual != uuid.Nil}, r.code, r.message, r.attempts, retry)
	return postgres.Translate(err)
}

// note keeps when a folder was looked at, for every process to show.
func (w *Watcher) note(ctx context.Context, f *folder, files, waiting int, problem string) error {
	_, err := w.config.DB.Exec(ctx, `
		INSERT INTO watched_folder (folder, node, looked_at, files, waiting, error) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (folder) DO UPDATE
		SET node = excluded.node, looked_at = excluded.looked_at, files = excluded.files, waiting = excluded.waiting, error = excluded.error`,
		f.path, w.node, w.config.Now(), files, waiting, problem)
	return postgres.Translate(err)
}

// Folder is the state of a watched folder.
type Folder struct {
	Path     string
	Node     string    // host and process that looked last
	LookedAt time.Time // zero before the first look
	Files    int       // PDF files in it at the last look
	Waiting  int       // of these, that are new or changing and not imported yet
	Imported int       // files that were ever imported
	Error    string    // why it could not be read at the last look, "" when it could
	// Failed are the latest of the files that could not be imported or, once they
	// were, not be read; FailedFiles counts them all.
	Failed      []Failed
	FailedFiles int
}

// Failed is a file that could not be imported.
type Failed struct {
	Path     string // below the folder
	Code     string
	Message  string
	SeenAt   time.Time
	RetryAt  *time.Time // nil: not before it changes
	ManualID uuid.UUID  // of a file that was imported and could not be read
}

// maxFailed is how many failed files of a folder are shown.
const maxFailed = 100

// Status returns the state of all folders that any process watches or watched,
// with those of this one first.
func (w *Watcher) Status(ctx context.Context) ([]Folder, error) {
	var own []string
	for _, f := range w.folders {
		own = append(own, f.path)
	}
	rows, err := w.config.DB.Query(ctx, `
		SELECT coalesce(f.folder, o.folder), coalesce(f.node, ''), coalesce(f.looked_at, '-infinity'::timestamptz) = '-infinity',
		       coalesce(f.looked_at, now()), coalesce(f.files, 0), coalesce(f.waiting, 0), coalesce(f.error, ''), n.imported, n.failed
		FROM watched_folder f FULL JOIN unnest($1::text[]) AS o(folder) ON o.folder = f.folder
		CROSS JOIN LATERAL (
			SELECT count(*) FILTER (WHERE w.error_code = '') AS imported,
			       count(*) FILTER (WHERE w.error_code <> '' OR m.status = 'failed') AS failed
			FROM watched_file w LEFT JOIN manual m ON m.id = w.manual_id WHERE w.folder = coalesce(f.folder, o.folder)
		) n
		ORDER BY o.folder IS NULL, 1`, own)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	folders, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Folder, err error) {
		var never bool
		err = row.Scan(&f.Path, &f.Node, &never, &f.LookedAt, &f.Files, &f.Waiting, &f.Error, &f.Imported, &f.FailedFiles)
		if never {
			f.LookedAt = time.Time{}
		}
		return f, err
	})
	if err != nil {
		return nil, postgres.Translate(err)
	}
	for i := range folders {
		if folders[i].FailedFiles == 0 {
			continue
		}
		if folders[i].Failed, err = failed(ctx, w.config.DB, folders[i].Path); err != nil {
			return nil, err
		}
	}
	return folders, nil
}

func failed(ctx context.Context, pool *pgxpool.Pool, folder string) ([]Failed, error) {
	rows, err := pool.Query(ctx, `
		SELECT w.path, CASE WHEN w.error_code <> '' THEN w.error_code ELSE m.error_code END,
		       CASE WHEN w.error_code <> '' THEN w.error_message ELSE m.error_message END, w.seen_at, w.retry_at,
		       coalesce(w.manual_id, '00000000-0000-0000-0000-000000000000')
		FROM watched_file w LEFT JOIN manual m ON m.id = w.manual_id
		WHERE w.folder = $1 AND (w.error_code <> '' OR m.status = 'failed')
		ORDER BY w.seen_at DESC, w.path LIMIT $2`, folder, maxFailed)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Failed])
	return out, postgres.Translate(err)
}
