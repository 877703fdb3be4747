// Package correction keeps what the shop says of rows that were read from manuals:
// corrections, which hold for everyone until they are undone, and flags, with which
// anyone says that something is wrong.
//
// It promises that no indexing or reading again loses a correction or moves it to
// another row, that what the shop says is never passed off as the manual's word, and
// that each change is kept with who made it. It does not read manuals: package search
// lays the corrections over the rows that it has read.
package correction

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
)

// Store tells which corrections hold. It may be used concurrently.
type Store struct{ pool *pgxpool.Pool }

// NewStore returns the corrections kept in db.
func NewStore(db *pgxpool.Pool) *Store { return &Store{db} }

// record is a row of the table.
type record struct {
	ID                   uuid.UUID
	ManualID             uuid.UUID
	Table                search.RowTable
	Kind                 search.CorrectionKind
	Anchor               search.Anchor
	Says                 search.Says
	Note                 string
	Version              int
	Undone               bool
	CreatedBy, UpdatedBy uuid.UUID
	Author, Editor       string // names of who made it, and of who changed it last
	CreatedAt, UpdatedAt time.Time
}

// columns are those of a record, from the tables c (correction), u and e (users).
const (
	columns = `c.id, c.manual_id, c.row_table, c.kind, c.anchor, c.says, c.note, c.version, c.undone, c.created_by, c.updated_by,
		coalesce(nullif(u.full_name, ''), u.username), coalesce(nullif(e.full_name, ''), e.username), c.created_at, c.updated_at`
	tables = `correction c JOIN users u ON u.id = c.created_by JOIN users e ON e.id = c.updated_by`
)

func scanRecord(row pgx.CollectableRow) (record, error) {
	var r record
	var anchor, says []byte
	err := row.Scan(&r.ID, &r.ManualID, &r.Table, &r.Kind, &anchor, &says, &r.Note, &r.Version, &r.Undone, &r.CreatedBy, &r.UpdatedBy,
		&r.Author, &r.Editor, &r.CreatedAt, &r.UpdatedAt)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(anchor, &r.Anchor); err != nil {
		return r, fmt.Errorf("anchor of a correction: %w", err)
	}
	if err := json.Unmarshal(says, &r.Says); err != nil {
		return r, fmt.Errorf("words of a correction: %w", err)
	}
	return r, nil
}

// correction is the record as search lays it over rows.
func (r *record) correction() search.Correction {
	return search.Correction{
		ID: r.ID, ManualID: r.ManualID, Table: r.Table, Kind: r.Kind, Anchor: r.Anchor, Says: r.Says,
		Version: r.Version, By: r.Editor, At: r.UpdatedAt,
	}
}

// Corrections returns those of a table that hold and are found by one of the keys,
// the oldest first, as tx sees them; nil stands for all manuals, and for all keys.
func (s *Store) Corrections(ctx context.Context, tx pgx.Tx, table search.RowTable, manuals []uuid.UUID, keys []string) ([]search.Correction, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM `+tables+`
		WHERE NOT c.undone AND c.row_table = $1
		  AND ($2::uuid[] IS NULL OR c.manual_id = ANY($2)) -- correction_manual
		  AND ($3::text[] IS NULL OR c.keys && $3)          -- correction_keys
		ORDER BY c.created_at, c.id`, string(table), manuals, keys)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, scanRecord)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out := make([]search.Correction, len(found))
	for i := range found {
		out[i] = found[i].correction()
	}
	return out, nil
}

// Version returns a text that stands for all corrections of the manuals: it is another
// one after each change, and never again one that it was before. An answer that is
// kept under it was not written before what it stands for.
func (s *Store) Version(ctx context.Context, manuals []uuid.UUID) (string, error) {
	var version string
	err := s.pool.QueryRow(ctx, `
		SELECT coalesce(md5(string_agg(id::text || ':' || version, ',' ORDER BY id)), '')
		FROM correction WHERE manual_id = ANY($1)`, manuals).Scan(&version) // correction_manual
	return version, postgres.Translate(err)
}
