package search

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/postgres"
)

// manualTables are the tables whose rows Index, IndexCodes and their kind make of
// a manual's pages. A table that is added is to be named here, so that a manual which
// is read again brings its rows along.
var manualTables = []string{"chunk", "manual_term", "manual_index", "error_code", "part", "manual_setting", "section", "manual_table", "drawing", "manual_structure"}

// Adopt puts the index of a draft in the place of a manual's, inside tx.
func (s *Store) Adopt(ctx context.Context, tx pgx.Tx, manual, draft uuid.UUID) error {
	for _, table := range manualTables {
		name := pgx.Identifier{table}.Sanitize()
		if _, err := tx.Exec(ctx, "DELETE FROM "+name+" WHERE manual_id = $1", manual); err != nil {
			return postgres.Translate(err)
		}
		if _, err := tx.Exec(ctx, "UPDATE "+name+" SET manual_id = $1 WHERE manual_id = $2", manual, draft); err != nil {
			return postgres.Translate(err)
		}
	}
	return nil
}
