package manual

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
)

// openFlags adds to the manuals how many flags about them wait for somebody. Package
// correction takes them.
func openFlags(ctx context.Context, conn db.DBTX, ids []uuid.UUID, at map[uuid.UUID]*Manual) error {
	rows, err := conn.Query(ctx, `SELECT manual_id, count(*) FROM flag WHERE manual_id = ANY($1) AND state = 'open' GROUP BY manual_id`, ids) // flag_manual
	if err != nil {
		return err
	}
	var id uuid.UUID
	var n int
	_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error {
		at[id].OpenFlags = n
		return nil
	})
	return err
}
