package correction

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
)

// State selects corrections.
type State string

// The states that lists can be asked for.
const (
	Active    State = "active"     // they hold
	LookAgain State = "look_again" // they hold, and the manual is read differently since
	Undone    State = "undone"
	All       State = "all"
)

// Filter selects corrections. Empty fields select all.
type Filter struct {
	Manual uuid.UUID
	Table  search.RowTable
	State  State  // Active when empty
	Limit  int    // 50 when 0, 200 at most
	Cursor string // as returned with the page before
}

const (
	defaultLimit = 50
	maxLimit     = 200
)

// List returns the corrections that a filter selects, the latest first, and the cursor
// of the next page, "" after the last.
//
// Errors: STATE_INVALID, CURSOR_INVALID.
func (s *Service) List(ctx context.Context, f Filter) (found []Correction, next string, err error) {
	if f.Limit <= 0 {
		f.Limit = defaultLimit
	}
	f.Limit = min(f.Limit, maxLimit)
	terms, args := []string{"true"}, pgx.NamedArgs{}
	switch f.State {
	case "", Active, LookAgain:
		terms = append(terms, "NOT c.undone")
	case Undone:
		terms = append(terms, "c.undone")
	case All:
	default:
		return nil, "", errdefs.New(errdefs.Invalid, "STATE_INVALID", "%q is no state of a correction. Use active, look_again, undone or all.", string(f.State))
	}
	if f.Manual != uuid.Nil {
		terms, args["manual"] = append(terms, "c.manual_id = @manual"), f.Manual
	}
	if f.Table != "" {
		terms, args["table"] = append(terms, "c.row_table = @table"), string(f.Table)
	}
	after := postgres.Cursor{Time: time.Now().AddDate(1, 0, 0)}
	if f.Cursor != "" {
		if after, err = postgres.ParseCursor(f.Cursor); err != nil {
			return nil, "", err
		}
	}
	terms = append(terms, "(c.created_at, c.id) < (@time, @id)")
	known := map[tableOf][]search.Row{}
	for {
		args["time"], args["id"] = after.Time, after.ID
		// In the order of the index correction_created.
		rows, err := s.pool.Query(ctx, `SELECT `+columns+` FROM `+tables+` WHERE `+strings.Join(terms, " AND ")+
			` ORDER BY c.created_at DESC, c.id DESC LIMIT `+strconv.Itoa(maxLimit+1), args)
		if err != nil {
			return nil, "", postgres.Translate(err)
		}
		batch, err := pgx.CollectRows(rows, scanRecord)
		if err != nil {
			return nil, "", postgres.Translate(err)
		}
		for i, r := range batch {
			if len(found) == f.Limit {
				return found, after.String(), nil
			}
			if i == maxLimit {
				break
			}
			c, err := s.fitted(ctx, r, known)
			if err != nil {
				return nil, "", err
			}
			after = postgres.Cursor{Time: r.CreatedAt, ID: r.ID}
			if f.State != LookAgain || c.LookAgain() {
				found = append(found, c)
			}
		}
		if len(batch) <= maxLimit {
			return found, "", nil
		}
	}
}

// Totals count what waits for somebody.
type Totals struct {
	OpenFlags int
	LookAgain int // corrections whose manual is read differently since
}

// Totals counts what waits in the library.
func (s *Service) Totals(ctx context.Context) (Totals, error) {
	var t Totals
	if err := s.pool.QueryRow(ctx, `SELECT count(*) FROM flag WHERE state = 'open'`).Scan(&t.OpenFlags); err != nil {
		return t, postgres.Translate(err)
	}
	for f := (Filter{State: LookAgain, Limit: maxLimit}); ; {
		found, next, err := s.List(ctx, f)
		if err != nil {
			return t, err
		}
		t.LookAgain += len(found)
		if f.Cursor = next; next == "" {
			return t, nil
		}
	}
}
