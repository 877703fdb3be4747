// Package audit keeps what people and the program decided: an append-only list
// of entries, each written by the transaction that makes the decision true.
//
// It does not decide who may read it.
package audit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/postgres"
)

// Action names what was decided, as subject.verb: "manual.released".
type Action string

// Entry is one decision.
type Entry struct {
	ID      uuid.UUID // UUIDv7; rises with time
	At      time.Time
	Actor   uuid.UUID // the user; zero for the program itself
	Action  Action
	Subject uuid.UUID // of the manual, user, … ; it may be gone by now
	Detail  json.RawMessage
}

// Record adds an entry within tx: it exists if and when tx commits. A zero actor
// is the program itself; detail is encoded as JSON, nil as {}.
func Record(ctx context.Context, tx pgx.Tx, actor uuid.UUID, action Action, subject uuid.UUID, detail any) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	data := []byte("{}")
	if detail != nil {
		if data, err = json.Marshal(detail); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit (id, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)`,
		id, uuid.NullUUID{UUID: actor, Valid: actor != uuid.Nil}, string(action), subject, data)
	return postgres.Translate(err)
}

// Of returns the entries about a subject, oldest first.
func Of(ctx context.Context, db *pgxpool.Pool, subject uuid.UUID) ([]Entry, error) {
	rows, err := db.Query(ctx, `SELECT id, at, coalesce(actor, '00000000-0000-0000-0000-000000000000'), action, subject, detail
		FROM audit WHERE subject = $1 ORDER BY id`, subject)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Entry, err error) {
		err = row.Scan(&e.ID, &e.At, &e.Actor, &e.Action, &e.Subject, &e.Detail)
		return e, err
	})
	return entries, postgres.Translate(err)
}
