package postgres_test

import (
	"testing"

	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

func TestDatabaseOfATestHasTheSchema(t *testing.T) {
	pool := pgtest.New(t)
	var users, jobs int
	if err := pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM river_job)").Scan(&users, &jobs); err != nil {
		t.Fatal(err)
	}
	if users != 1 || jobs != 0 {
		t.Errorf("got %d users and %d jobs, want the local user and no job", users, jobs)
	}
}
