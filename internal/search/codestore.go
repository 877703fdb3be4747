package search

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/postgres"
)

// CodesOf returns all rows of error codes of a manual, in the order of its pages.
func (s *Store) CodesOf(ctx context.Context, manual uuid.UUID) ([]CodeRow, error) {
	rows, err := s.db.Query(ctx, `SELECT manual_id, row FROM error_code WHERE manual_id = $1 ORDER BY ordinal`, manual)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, scanCodeRow)
	return out, postgres.Translate(err)
}

// scanCodeRow reads manual_id and row.
func scanCodeRow(row pgx.CollectableRow) (CodeRow, error) {
	var id uuid.UUID
	var data []byte
	var r CodeRow
	if err := row.Scan(&id, &data); err != nil {
		return r, err
	}
	err := json.Unmarshal(data, &r)
	r.ManualID = id
	return r, err
}
