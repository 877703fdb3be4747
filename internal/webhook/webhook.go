// Package webhook tells other programs of what happens here: a signed request to
// each address that was registered for an event.
//
// It promises that an event is told if and only if the transaction that caused
// it commits, at least once, with an id that stays the same over repetitions, and
// that what could not be told can be seen. Requests are signed as Standard
// Webhooks describe (https://www.standardwebhooks.com), so that their libraries
// verify them. Deliveries are in no particular order. What the events mean, their
// owners say.
package webhook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/safehttp"
	"github.com/techcopilot/techcopilot/internal/secret"
)

// Deps is what a Service works with. All fields are needed but Pauses and Log.
type Deps struct {
	DB   *pgxpool.Pool
	Jobs queue       // *jobs.Runner
	Keys *secret.Box // the secrets of the receivers are sealed with it
	HTTP *safehttp.Client
	// Events are the names of the events there are.
	Events []string
	// Pauses are those between the attempts of a delivery, whose number is one
	// more. About a day in all when nil: a receiver that is down over night misses
	// nothing.
	Pauses []time.Duration
	Log    *slog.Logger
}

type queue interface {
	InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) error
	Every(pause time.Duration, args river.JobArgs)
}

const (
	// maxHooks bounds what one event costs.
	maxHooks = 50
	maxURL   = 2000
	// secretPrefix marks secrets so that they are recognised where they leak.
	secretPrefix               = "whsec_"
	minSecret, maxSecret, size = 24, 64, 32 // bytes
)

func pauses() []time.Duration {
	return []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	}
}

// Service registers receivers and tells them. It may be used concurrently, and
// by several processes on the same database.
type Service struct {
	pool   *pgxpool.Pool
	jobs   queue
	keys   *secret.Box
	http   *safehttp.Client
	events []string
	pauses []time.Duration
	log    *slog.Logger
}

// New returns the service. Register its worker with Service.Register to have
// this process deliver.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Pauses == nil {
		d.Pauses = pauses()
	}
	return &Service{pool: d.DB, jobs: d.Jobs, keys: d.Keys, http: d.HTTP, events: d.Events, pauses: d.Pauses, log: d.Log}
}

// Hook is one registered receiver.
type Hook struct {
	ID     uuid.UUID `json:"id"`
	URL    string    `json:"url"`
	Events []string  `json:"events"`
	Active bool      `json:"active"`
	// InactiveReason says why the program switched the hook off; "" when it is
	// active or a person did.
	InactiveReason string    `json:"inactive_reason,omitempty"`
	CreatedAt      time.Time `json:"created_at"`
}

// Registration is what is known of a new receiver.
type Registration struct {
	URL    string
	Events []string // all when empty
	// Secret is the receiver's own, "whsec_" and 24 to 64 bytes in base64; one is
	// made when it is empty.
	Secret string
}

// Add registers a receiver and returns it with its secret, which is not shown
// again. The address is resolved and checked now, and at each delivery.
func (s *Service) Add(ctx context.Context, r Registration, by uuid.UUID) (Hook, string, error) {
	events, err := s.checkEvents(r.Events)
	if err != nil {
		return Hook{}, "", err
	}
	if len(r.URL) > maxURL {
		return Hook{}, "", errdefs.New(errdefs.Invalid, "URL_INVALID", "The address is longer than %d characters. Use a shorter one.", maxURL)
	}
	if err := s.http.Check(ctx, r.URL); err != nil {
		return Hook{}, "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Hook{}, "", err
	}
	shown, sealed, err := s.newSecret(id, r.Secret)
	if err != nil {
		return Hook{}, "", err
	}
	var h Hook
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var n int
		if _, err := tx.Exec(ctx, `LOCK TABLE webhook IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM webhook`).Scan(&n); err != nil {
			return err
		}
		if n >= maxHooks {
			return errdefs.New(errdefs.Conflict, "TOO_MANY_WEBHOOKS", "There are %d webhooks already. Remove one that is not needed any more.", n)
		}
		h, err = one(tx.Query(ctx, `INSERT INTO webhook (id, url, events, secret, created_by) VALUES ($1, $2, $3, $4, $5) RETURNING `+hookColumns,
			id, r.URL, events, sealed, by))
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, actionAdded, id, about(h))
	})
	return h, shown, err
}

func (s *Service) checkEvents(events []string) ([]string, error) {
	if len(events) == 0 {
		return s.events, nil
	}
	for _, e := range events {
		if !slices.Contains(s.events, e) {
			return nil, errdefs.New(errdefs.Invalid, "EVENT_UNKNOWN", "There is no event %q. Choose among %s.", e, strings.Join(s.events, ", "))
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(events))), nil
}

// newSecret returns a hook's secret, as given or new, and what is stored of it.
func (s *Service) newSecret(id uuid.UUID, given string) (shown string, sealed []byte, err error) {
	if given == "" {
		random := make([]byte, size)
		if _, err := rand.Read(random); err != nil {
			return "", nil, err
		}
		given = secretPrefix + base64.StdEncoding.EncodeToString(random)
	}
	if _, err := signingKey(given); err != nil {
		return "", nil, err
	}
	sealed, err = s.keys.Seal([]byte(given), binding(id))
	return given, sealed, err
}

// binding ties a sealed secret to its hook.
func binding(id uuid.UUID) string { return "webhook:" + id.String() }

// signingKey returns the bytes that a secret stands for.
func signingKey(secret string) ([]byte, error) {
	text, marked := strings.CutPrefix(secret, secretPrefix)
	data, err := base64.StdEncoding.DecodeString(text)
	if !marked || err != nil || len(data) < minSecret || len(data) > maxSecret {
		return nil, errdefs.New(errdefs.Invalid, "SECRET_INVALID",
			"The secret must be %q followed by %d to %d random bytes in base64. Leave it out to have one made.", secretPrefix, minSecret, maxSecret)
	}
	return data, nil
}

const hookColumns = "id, url, events, active, inactive_reason, created_at"

// one reads the one hook of a query.
func one(rows pgx.Rows, err error) (Hook, error) {
	if err != nil {
		return Hook{}, err
	}
	h, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Hook])
	if errors.Is(err, pgx.ErrNoRows) {
		return Hook{}, notFound()
	}
	return h, postgres.Translate(err)
}

func notFound() error {
	return errdefs.New(errdefs.NotFound, "WEBHOOK_NOT_FOUND", "There is no webhook with this id. List the webhooks to find the one you need.")
}

// Get returns the hook with the id.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (Hook, error) {
	return one(s.pool.Query(ctx, `SELECT `+hookColumns+` FROM webhook WHERE id = $1`, id))
}

// List returns all hooks, oldest first.
func (s *Service) List(ctx context.Context) ([]Hook, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+hookColumns+` FROM webhook ORDER BY id`)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	hooks, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Hook])
	return hooks, postgres.Translate(err)
}

// Remove deletes a hook with its deliveries, also those that wait.
func (s *Service) Remove(ctx context.Context, id, by uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		h, err := one(tx.Query(ctx, `DELETE FROM webhook WHERE id = $1 RETURNING `+hookColumns, id))
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, actionRemoved, id, about(h))
	})
}

// Patch is a change of a hook; nil leaves a field as it is.
type Patch struct {
	// Active switches the hook on or off. What waits for one that is switched off
	// fails; of what happens meanwhile it is not told.
	Active *bool
	Events *[]string // all when empty
}

// Update changes a hook.
func (s *Service) Update(ctx context.Context, id uuid.UUID, p Patch, by uuid.UUID) (Hook, error) {
	var events []string // nil: unchanged
	if p.Events != nil {
		var err error
		if events, err = s.checkEvents(*p.Events); err != nil {
			return Hook{}, err
		}
	}
	var h Hook
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		h, err = one(tx.Query(ctx, `UPDATE webhook SET events = coalesce($2, events), active = coalesce($3, active),
				inactive_reason = CASE WHEN $3 IS NULL THEN inactive_reason ELSE '' END
			WHERE id = $1 RETURNING `+hookColumns, id, events, p.Active))
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, actionChanged, id, about(h))
	})
	return h, err
}

// SetSecret gives a hook another secret, the given or a new one, and returns it;
// it is not shown again. What waits is signed with it too.
func (s *Service) SetSecret(ctx context.Context, id uuid.UUID, given string, by uuid.UUID) (Hook, string, error) {
	shown, sealed, err := s.newSecret(id, given)
	if err != nil {
		return Hook{}, "", err
	}
	var h Hook
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if h, err = one(tx.Query(ctx, `UPDATE webhook SET secret = $2 WHERE id = $1 RETURNING `+hookColumns, id, sealed)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, actionSecret, id, about(h))
	})
	if err != nil {
		return Hook{}, "", err
	}
	return h, shown, nil
}

// What is noted in the audit.
const (
	actionAdded   audit.Action = "webhook.added"
	actionChanged audit.Action = "webhook.changed"
	actionSecret  audit.Action = "webhook.secret_changed"
	actionRemoved audit.Action = "webhook.removed"
)

// about is the audit's detail. Of the address it has the host only: the path is a
// secret with many receivers.
func about(h Hook) map[string]any {
	host := ""
	if u, err := url.Parse(h.URL); err == nil {
		host = u.Host
	}
	return map[string]any{"host": host, "events": h.Events, "active": h.Active}
}
