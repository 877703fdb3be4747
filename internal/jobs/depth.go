package jobs

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Depth is how many jobs of a kind there are.
type Depth struct {
	Kind    string
	Waiting int // to be worked on, now or later
	Running int
}

// Depths counts the jobs that are not done, of all processes together.
func (r *Runner) Depths(ctx context.Context) ([]Depth, error) {
	// The index river_job_state_and_finalized_at_index leaves the finished out.
	rows, err := r.pool.Query(ctx, `
		SELECT kind, count(*) FILTER (WHERE state <> 'running'), count(*) FILTER (WHERE state = 'running')
		FROM river_job
		WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled')
		GROUP BY kind ORDER BY kind`)
	if err != nil {
		return nil, fmt.Errorf("jobs: count: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Depth])
	if err != nil {
		return nil, fmt.Errorf("jobs: count: %w", err)
	}
	return all, nil
}
