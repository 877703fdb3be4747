package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// A node is a process that works on jobs. It holds an advisory lock, made of
// its River client id, on a connection of its own for as long as it lives: the
// operating system closes the connection of a killed process, and PostgreSQL
// then frees the lock. River writes the client id into the jobs it takes, so
// the running jobs of an id whose lock is free are nobody's.
//
// (River itself gives such jobs back after an hour: it only knows how long they
// have been running.)
type node struct {
	id     string
	config *pgx.ConnConfig
	log    *slog.Logger

	cancel context.CancelFunc
	done   chan struct{}
}

const (
	// sweepEvery is how often orphans are looked for. A job is given back when
	// two sweeps in a row see it orphaned: after a restart of the database,
	// living nodes need a moment to take their locks again.
	sweepEvery = time.Second
	// lockSpace keeps our keys apart from other users of advisory locks.
	lockSpace = 0x7463_6e6f_6465 // "tcnode"
)

func (n *node) start(ctx context.Context) error {
	conn, err := n.connect(ctx)
	if err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	n.cancel, n.done = cancel, make(chan struct{})
	go n.run(run, conn)
	return nil
}

func (n *node) stop() {
	if n.cancel != nil {
		n.cancel()
		<-n.done
	}
}

// connect opens the node's connection and takes its lock.
func (n *node) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, n.config)
	if err != nil {
		return nil, fmt.Errorf("jobs: connect to the database: %w", err)
	}
	// Waits, in vain or not: another session holds the key only while it tests
	// whether this node lives, or until PostgreSQL has noticed that the node's
	// former connection is gone.
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtextextended($1, $2))`, n.id, int64(lockSpace)); err != nil {
		closeConn(conn)
		return nil, fmt.Errorf("jobs: lock the node's id: %w", err)
	}
	return conn, nil
}

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // nothing to be done about it
}

func (n *node) run(ctx context.Context, conn *pgx.Conn) {
	defer close(n.done)
	defer func() {
		if conn != nil {
			closeConn(conn)
		}
	}()
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	var suspects map[int64]bool
	for {
		if conn == nil {
			var err error
			if conn, err = n.connect(ctx); err != nil && ctx.Err() == nil {
				n.log.WarnContext(ctx, "no connection for the node's lock; trying again", "error", err)
			}
		}
		if conn != nil {
			next, err := n.sweep(ctx, conn, suspects)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				n.log.WarnContext(ctx, "looking for orphaned jobs failed; trying again", "error", err)
				if conn.IsClosed() || conn.Ping(ctx) != nil {
					closeConn(conn)
					conn = nil
				}
			}
			suspects = next
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// sweep gives back the jobs that it and the sweep before saw orphaned, and
// returns those it saw for the first time.
func (n *node) sweep(ctx context.Context, conn *pgx.Conn, suspects map[int64]bool) (map[int64]bool, error) {
	rows, err := conn.Query(ctx, `
		SELECT attempted_by[array_upper(attempted_by, 1)], array_agg(id)
		FROM river_job
		WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] <> $1
		GROUP BY 1`, n.id)
	if err != nil {
		return nil, err
	}
	type held struct {
		Owner string
		Jobs  []int64
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[held])
	if err != nil {
		return nil, err
	}
	next := map[int64]bool{}
	for _, h := range all {
		var certain []int64
		for _, id := range h.Jobs {
			if suspects[id] {
				certain = append(certain, id)
			}
		}
		free, given, err := n.reclaim(ctx, conn, h.Owner, certain)
		if err != nil {
			return nil, err
		}
		if given > 0 {
			n.log.InfoContext(ctx, "jobs of a process that ended go on", "process", h.Owner, "jobs", given)
		}
		if free {
			for _, id := range h.Jobs {
				next[id] = true
			}
		}
	}
	return next, nil
}

// reclaim gives the jobs back to the queue if their owner's lock is free. A job
// that has used up its attempts gets one more, so that its worker, and not the
// accident, has the last word. The lock is held until the end of the
// transaction, so that two nodes do not do it twice.
func (n *node) reclaim(ctx context.Context, conn *pgx.Conn, owner string, jobs []int64) (free bool, given int64, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended($1, $2))`,
			owner, int64(lockSpace)).Scan(&free); err != nil || !free || len(jobs) == 0 {
			return err
		}
		tag, err := tx.Exec(ctx, `
			UPDATE river_job
			SET state = 'available', scheduled_at = now(), max_attempts = greatest(max_attempts, attempt + 1),
			    errors = array_append(errors, jsonb_build_object('at', now(), 'attempt', attempt,
			        'error', $3::text, 'trace', ''))
			WHERE id = ANY ($2) AND state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1`,
			owner, jobs, processEnded)
		given = tag.RowsAffected()
		return err
	})
	return free, given, err
}
