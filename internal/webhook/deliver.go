package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// TestEvent is what Test sends; nothing else happened.
const TestEvent = "webhook.test"

const (
	// keep is how long finished deliveries can be looked up.
	keep = 30 * 24 * time.Hour
	// pruneEvery is how often older ones are removed.
	pruneEvery = 6 * time.Hour
	// retryAfterLimit bounds how long a receiver may have us wait.
	retryAfterLimit = 12 * time.Hour
	// recordTime bounds noting what became of an attempt, also when the program is
	// about to stop.
	recordTime = 10 * time.Second
)

// State is how far a delivery is.
type State string

// The states of a delivery.
const (
	Waiting   State = "waiting" // for its first or next attempt
	Delivered State = "delivered"
	Failed    State = "failed" // for good
)

// Delivery is one event that one receiver is told of.
type Delivery struct {
	ID         uuid.UUID `json:"id"` // of all its attempts: the receiver's webhook-id
	WebhookID  uuid.UUID `json:"webhook_id"`
	Event      string    `json:"event"`
	Subject    uuid.UUID `json:"subject"` // of the manual; it may be gone by now
	State      State     `json:"state"`
	Attempts   int       `json:"attempts"`
	StatusCode *int      `json:"status_code,omitempty"` // of the last answer, nil when there was none
	Error      string    `json:"error,omitempty"`       // of the last attempt: what is wrong and what to do
	CreatedAt  time.Time `json:"created_at"`
	// AttemptedAt is when the last attempt ended, NextAt when the next is due.
	AttemptedAt *time.Time `json:"attempted_at,omitempty"`
	NextAt      *time.Time `json:"next_at,omitempty"`
	DeliveredAt *time.Time `json:"delivered_at,omitempty"`
}

const deliveryColumns = "id, webhook_id, event, subject, state, attempts, status_code, error, created_at, attempted_at, next_at, delivered_at"

// message is the body of a request.
type message struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // of the event
	Data      any       `json:"data"`
}

// Emit has the active hooks of the event told, if and when tx commits. payload
// is sent as JSON.
func (s *Service) Emit(ctx context.Context, tx pgx.Tx, event string, subject uuid.UUID, payload any) error {
	// The lock keeps a hook that is just being removed from taking tx with it.
	rows, err := tx.Query(ctx, `SELECT id FROM webhook WHERE active AND $1 = ANY (events) ORDER BY id FOR KEY SHARE`, event)
	if err != nil {
		return postgres.Translate(err)
	}
	hooks, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(hooks) == 0 {
		return postgres.Translate(err)
	}
	body, err := newMessage(event, payload)
	if err != nil {
		return err
	}
	for _, hook := range hooks {
		id, err := insert(ctx, tx, hook, event, subject, body)
		if err != nil {
			return err
		}
		if err := s.jobs.InsertTx(ctx, tx, deliverArgs{id}, nil); err != nil {
			return err
		}
	}
	return nil
}

// newMessage returns the body of the requests that tell of an event which happens
// now: the same for all receivers.
func newMessage(event string, payload any) (string, error) {
	body, err := json.Marshal(message{event, time.Now().UTC().Truncate(time.Millisecond), payload})
	if err != nil {
		return "", fmt.Errorf("webhook: %w", err)
	}
	return string(body), nil
}

func insert(ctx context.Context, tx pgx.Tx, hook uuid.UUID, event string, subject uuid.UUID, body string) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return id, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO webhook_delivery (id, webhook_id, event, subject, payload, next_at) VALUES ($1, $2, $3, $4, $5, now())`,
		id, hook, event, subject, body)
	return id, postgres.Translate(err)
}

// Deliveries returns the latest deliveries of a hook, newest first.
func (s *Service) Deliveries(ctx context.Context, hook uuid.UUID, limit int) ([]Delivery, error) {
	if _, err := s.Get(ctx, hook); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT `+deliveryColumns+` FROM webhook_delivery WHERE webhook_id = $1 ORDER BY id DESC LIMIT $2`, hook, limit)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Delivery])
	return all, postgres.Translate(err)
}

// Test sends a TestEvent to a hook, active or not, once and at once, and returns
// what came of it.
func (s *Service) Test(ctx context.Context, hook uuid.UUID) (Delivery, error) {
	body, err := newMessage(TestEvent, map[string]string{"message": "This is a test: nothing has happened."})
	if err != nil {
		return Delivery{}, err
	}
	var id uuid.UUID
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := one(tx.Query(ctx, `SELECT `+hookColumns+` FROM webhook WHERE id = $1 FOR KEY SHARE`, hook))
		if err != nil {
			return err
		}
		id, err = insert(ctx, tx, hook, TestEvent, hook, body)
		return err
	})
	if err != nil {
		return Delivery{}, err
	}
	if _, err := s.attempt(ctx, id); err != nil {
		return Delivery{}, err
	}
	rows, err := s.pool.Query(ctx, `SELECT `+deliveryColumns+` FROM webhook_delivery WHERE id = $1`, id)
	if err != nil {
		return Delivery{}, postgres.Translate(err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Delivery])
	if errors.Is(err, pgx.ErrNoRows) {
		return Delivery{}, notFound() // removed meanwhile
	}
	return d, postgres.Translate(err)
}

// deliverArgs name a delivery.
type deliverArgs struct {
	DeliveryID uuid.UUID `json:"delivery_id"`
}

// Kind implements river.JobArgs.
func (deliverArgs) Kind() string { return "webhook.deliver" }

// Register adds the workers: that delivers, and that removes old deliveries.
func (s *Service) Register(w *river.Workers) {
	river.AddWorker(w, &deliverer{service: s})
	river.AddWorker(w, &pruner{service: s})
	s.jobs.Every(pruneEvery, pruneArgs{})
}

type pruneArgs struct{}

// Kind implements river.JobArgs.
func (pruneArgs) Kind() string { return "webhook.prune" }

// pruner removes the deliveries that are done for so long that nobody looks them up.
type pruner struct {
	river.WorkerDefaults[pruneArgs]
	service *Service
}

// Work implements river.Worker.
func (w *pruner) Work(ctx context.Context, _ *river.Job[pruneArgs]) error {
	// UUIDv7 rise with time: those below this one are older than it says.
	_, err := w.service.pool.Exec(ctx, `DELETE FROM webhook_delivery WHERE id < $1 AND (state <> 'waiting' OR event = $2)`,
		firstAt(time.Now().Add(-keep)), TestEvent)
	return postgres.Translate(err)
}

// deliverer makes the attempts of one delivery, with pauses for which the job is
// put off. When it is killed between the request and the note of what came of
// it, the receiver is told again, under the same id.
type deliverer struct {
	river.WorkerDefaults[deliverArgs]
	service *Service
}

// Timeout implements river.Worker: the client's own limit and the notes.
func (*deliverer) Timeout(*river.Job[deliverArgs]) time.Duration { return time.Minute }

// Work implements river.Worker. It fails only when the database does.
func (w *deliverer) Work(ctx context.Context, job *river.Job[deliverArgs]) error {
	pause, err := w.service.attempt(ctx, job.Args.DeliveryID)
	if err == nil && pause > 0 {
		return river.JobSnooze(pause)
	}
	return err
}

// pending is a delivery that is to be attempted.
type pending struct {
	id       uuid.UUID
	hook     uuid.UUID
	event    string
	payload  []byte
	attempts int
	url      string
	secret   []byte // sealed
	active   bool
}

// attempt tells the receiver once and returns the pause before the next attempt,
// 0 when there is none.
func (s *Service) attempt(ctx context.Context, id uuid.UUID) (time.Duration, error) {
	p := pending{id: id}
	err := s.pool.QueryRow(ctx, `SELECT w.id, d.event, d.payload::text, d.attempts, w.url, w.secret, w.active
		FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id WHERE d.id = $1 AND d.state = 'waiting'`, id).
		Scan(&p.hook, &p.event, &p.payload, &p.attempts, &p.url, &p.secret, &p.active)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil // removed with its hook, or done by another worker
	}
	if err != nil {
		return 0, postgres.Translate(err)
	}
	var o outcome
	if p.active || p.event == TestEvent {
		o = s.send(ctx, p)
	} else {
		o = outcome{final: true, text: "The webhook is switched off."}
	}
	if ctx.Err() != nil && !o.delivered && o.status == nil {
		return 0, ctx.Err() // the program stops; this was no attempt of the receiver's
	}
	return s.record(ctx, p, o)
}

// outcome is what came of an attempt.
type outcome struct {
	delivered bool
	final     bool // no further attempt will help
	gone      bool // the receiver wants no more of them
	status    *int
	text      string
	wait      time.Duration // that the receiver asks for
}

func (s *Service) send(ctx context.Context, p pending) outcome {
	secret, err := s.keys.Open(p.secret, binding(p.hook))
	if err != nil {
		// Another node may have the key.
		return outcome{text: errdefs.As(err).Message}
	}
	key, err := signingKey(string(secret))
	if err != nil {
		return outcome{final: true, text: errdefs.As(err).Message}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(p.payload))
	if err != nil {
		return outcome{final: true, text: "The address cannot be used. Register the webhook again."}
	}
	now := time.Now()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Webhook-Id", p.id.String())
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	req.Header.Set("Webhook-Signature", sign(key, p.id.String(), now, p.payload))
	res, err := s.http.Do(req)
	if err != nil {
		return outcome{text: errdefs.As(err).Message}
	}
	res.Body.Close() // what it says is nobody's business, however much it is
	return judge(res, now)
}

// sign returns the signature of Standard Webhooks, version 1.
func sign(key []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func judge(res *http.Response, now time.Time) outcome {
	o := outcome{status: &res.StatusCode}
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		o.delivered = true
	case code == http.StatusGone:
		o.final, o.gone = true, true
		o.text = "The receiver answered 410 (gone): it wants no more deliveries."
	case code >= 300 && code < 400:
		o.text = fmt.Sprintf("The receiver answered %d and leads elsewhere. Redirects are not followed: register the address it leads to.", code)
	default:
		o.text = fmt.Sprintf("The receiver answered %d instead of 2xx.", code)
		o.wait = retryAfter(res.Header.Get("Retry-After"), now)
	}
	return o
}

// retryAfter reads the header of that name, in seconds or as a date.
func retryAfter(value string, now time.Time) time.Duration {
	var d time.Duration
	if n, err := strconv.ParseInt(value, 10, 32); err == nil {
		d = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), retryAfterLimit)
}

// spread makes the pause up to a fifth longer or shorter, by the random bits of
// the delivery's id, so that what failed together does not come together.
func spread(pause time.Duration, id uuid.UUID) time.Duration {
	return pause*4/5 + pause*2/5*time.Duration(id[15])/255
}

// record notes what came of an attempt and returns the pause before the next.
func (s *Service) record(ctx context.Context, p pending, o outcome) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	state, pause := Waiting, time.Duration(0)
	switch {
	case o.delivered:
		state = Delivered
	case o.final, p.event == TestEvent, p.attempts >= len(s.pauses):
		state = Failed
	default:
		pause = max(spread(s.pauses[p.attempts], p.id), o.wait)
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE webhook_delivery SET state = $2, attempts = attempts + 1, status_code = $3, error = $4, attempted_at = now(),
				next_at = CASE WHEN $2 = 'waiting' THEN now() + $5::interval END, delivered_at = CASE WHEN $2 = 'delivered' THEN now() END
			WHERE id = $1 AND state = 'waiting'`, p.id, string(state), o.status, o.text, pause)
		if err != nil {
			return err
		}
		if o.gone {
			tag, err := tx.Exec(ctx, `UPDATE webhook SET active = false, inactive_reason = $2 WHERE id = $1 AND active`, p.hook, o.text)
			if err != nil || tag.RowsAffected() == 0 {
				return err
			}
			return audit.Record(ctx, tx, uuid.Nil, actionChanged, p.hook, map[string]any{"active": false, "reason": o.text})
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if state == Failed && p.event != TestEvent {
		s.log.WarnContext(ctx, "a webhook could not be delivered", "webhook", p.hook, "delivery", p.id, "event", p.event,
			"attempts", p.attempts+1, "error", o.text)
	}
	return pause, nil
}

// firstAt returns the lowest UUIDv7 of a time.
func firstAt(t time.Time) uuid.UUID {
	var id uuid.UUID
	ms := uint64(t.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6], id[8] = 0x70, 0x80
	return id
}
