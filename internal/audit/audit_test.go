package audit_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

func TestEntriesComeWithTheirTransactionAndStay(t *testing.T) {
	pool := pgtest.New(t)
	user := uuid.MustParse("00000000-0000-7000-8000-000000000001")
	subject, other := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	record := func(actor uuid.UUID, action audit.Action, about uuid.UUID, detail any, end error) {
		t.Helper()
		err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			if err := audit.Record(t.Context(), tx, actor, action, about, detail); err != nil {
				t.Fatal(err)
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
	}
	record(uuid.Nil, "manual.quarantined", subject, map[string]any{"n": 1}, nil)
	record(user, "manual.released", subject, nil, nil)
	record(user, "manual.released", other, nil, nil)
	record(user, "manual.deleted", subject, nil, errors.New("the decision did not come true"))

	check := func() {
		t.Helper()
		entries, err := audit.Of(t.Context(), pool, subject)
		if err != nil || len(entries) != 2 {
			t.Fatalf("%v, %v", entries, err)
		}
		first, second := entries[0], entries[1]
		var detail map[string]any
		if err := json.Unmarshal(first.Detail, &detail); err != nil || detail["n"] != 1.0 {
			t.Errorf("detail %s, %v", first.Detail, err)
		}
		if first.Action != "manual.quarantined" || first.Actor != uuid.Nil || second.Actor != user || string(second.Detail) != "{}" {
			t.Errorf("%+v", entries)
		}
		if second.At.Before(first.At) {
			t.Error("the entries are not in their order")
		}
	}
	check()

	for _, statement := range []string{
		`UPDATE audit SET action = 'nothing'`, `UPDATE audit SET detail = '{}' WHERE false`,
		`DELETE FROM audit`, `TRUNCATE audit`, `TRUNCATE users CASCADE`,
	} {
		if _, err := pool.Exec(t.Context(), statement); err == nil {
			t.Errorf("%s was done", statement)
		}
	}
	check()
}
