package webhook_test

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/jobs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
	"github.com/techcopilot/techcopilot/internal/safehttp"
	"github.com/techcopilot/techcopilot/internal/secret"
	"github.com/techcopilot/techcopilot/internal/webhook"
)

const (
	processed = "manual.processed"
	failed    = "manual.failed"
	// limit is how long a test waits for an event that should come within seconds.
	limit = 2 * time.Minute
	// stall is how long a receiver may answer nothing in the test of one that does.
	stall = 2 * time.Second
	// In a child of this test program, which delivers until it is killed.
	childURL, childKey = "WEBHOOK_TEST_CHILD_URL", "WEBHOOK_TEST_CHILD_KEY"
)

var localUser = uuid.MustParse("00000000-0000-7000-8000-000000000001")

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		if err := deliverUntilKilled(url, os.Getenv(childKey)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func deliverUntilKilled(url, keyFile string) error {
	ctx := context.Background()
	pool, err := postgres.Open(ctx, url, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	_, runner, err := newService(pool, keyFile, nil, limit)
	if err != nil {
		return err
	}
	if err := runner.Start(ctx); err != nil {
		return err
	}
	fmt.Println("delivering")
	select {}
}

func newService(pool *pgxpool.Pool, keyFile string, pauses []time.Duration, timeout time.Duration) (*webhook.Service, *jobs.Runner, error) {
	keys, err := secret.New("", keyFile)
	if err != nil {
		return nil, nil, err
	}
	client, err := safehttp.New(safehttp.Config{Allow: []string{"127.0.0.1"}, Timeout: timeout})
	if err != nil {
		return nil, nil, err
	}
	runner, err := jobs.New(pool, jobs.Options{Queues: map[string]int{"default": 4}, Grace: time.Second})
	if err != nil {
		return nil, nil, err
	}
	s := webhook.New(webhook.Deps{
		DB: pool, Jobs: runner, Keys: keys, HTTP: client, Events: []string{failed, processed}, Pauses: pauses,
	})
	s.Register(runner.Workers())
	return s, runner, nil
}

// lab is a service on a database of its own.
type lab struct {
	*webhook.Service
	t       *testing.T
	pool    *pgxpool.Pool
	runner  *jobs.Runner
	keyFile string
}

func newLab(t *testing.T, pauses ...time.Duration) *lab {
	t.Helper()
	return newHastyLab(t, limit, pauses...)
}

// newHastyLab is newLab with a time in which a receiver has to answer.
func newHastyLab(t *testing.T, timeout time.Duration, pauses ...time.Duration) *lab {
	t.Helper()
	l := &lab{t: t, pool: pgtest.New(t), keyFile: filepath.Join(t.TempDir(), "secrets.key")}
	var err error
	if l.Service, l.runner, err = newService(l.pool, l.keyFile, pauses, timeout); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lab) start() {
	l.t.Helper()
	if err := l.runner.Start(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		if err := l.runner.Stop(context.Background()); err != nil {
			l.t.Error(err)
		}
	})
}

func (l *lab) add(r *receiver, events ...string) (webhook.Hook, string) {
	l.t.Helper()
	h, secret, err := l.Add(l.t.Context(), webhook.Registration{URL: r.URL + "/hook", Events: events}, localUser)
	if err != nil {
		l.t.Fatal(err)
	}
	return h, secret
}

func (l *lab) emit(event string, then error) uuid.UUID {
	l.t.Helper()
	subject := uuid.New()
	err := postgres.InTx(l.t.Context(), l.pool, func(tx pgx.Tx) error {
		if err := l.Emit(l.t.Context(), tx, event, subject, map[string]any{"id": subject, "title": "Öl & <Gas>"}); err != nil {
			return err
		}
		return then
	})
	if !errors.Is(err, then) {
		l.t.Fatal(err)
	}
	return subject
}

// delivery waits until the hook's only delivery is as wanted.
func (l *lab) delivery(hook uuid.UUID, wanted func(webhook.Delivery) bool) webhook.Delivery {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		all, err := l.Deliveries(l.t.Context(), hook, 10)
		if err != nil {
			l.t.Fatal(err)
		}
		if len(all) == 1 && wanted(all[0]) {
			return all[0]
		}
		select {
		case <-ctx.Done():
			l.t.Fatalf("deliveries are %+v", all)
		case <-tick.C:
		}
	}
}

func in(state webhook.State) func(webhook.Delivery) bool {
	return func(d webhook.Delivery) bool { return d.State == state }
}

// request is what a receiver got.
type request struct {
	header http.Header
	body   []byte
}

// receiver keeps what it gets and answers with the next of its handlers, the last
// of them from then on.
type receiver struct {
	*httptest.Server
	got chan request

	mu      sync.Mutex
	answers []http.HandlerFunc
}

func newReceiver(t *testing.T, answers ...http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{got: make(chan request, 100), answers: answers}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.got <- request{req.Header, body}
		r.mu.Lock()
		var answer http.HandlerFunc
		if len(r.answers) > 0 {
			answer = r.answers[0]
		}
		if len(r.answers) > 1 {
			r.answers = r.answers[1:]
		}
		r.mu.Unlock()
		if answer != nil {
			answer(w, req)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) next(t *testing.T) request {
	t.Helper()
	select {
	case got := <-r.got:
		return got
	case <-time.After(limit):
		t.Fatal("nothing was delivered")
		return request{}
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func active(on bool) webhook.Patch { return webhook.Patch{Active: &on} }

// hang answers nothing until the other side gives up.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if errdefs.Code(err) != code {
		t.Errorf("error %v, want %s", err, code)
	}
}

func TestEventIsToldOnceCommittedAndSigned(t *testing.T) {
	l := newLab(t)
	r, other := newReceiver(t), newReceiver(t)
	hook, secret := l.add(r, processed)
	l.add(other, failed)
	if !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("secret %q", secret)
	}
	l.start()
	l.emit(processed, errors.New("rolled back"))
	subject := l.emit(processed, nil)

	got := r.next(t)
	// As a receiver does it who has read the specification, and none of our code.
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(got.header.Get("webhook-id") + "." + got.header.Get("webhook-timestamp") + "." + string(got.body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.header.Get("webhook-signature") != want {
		t.Errorf("signature %s, want %s", got.header.Get("webhook-signature"), want)
	}
	if sent, err := strconv.ParseInt(got.header.Get("webhook-timestamp"), 10, 64); err != nil || time.Since(time.Unix(sent, 0)).Abs() > time.Minute {
		t.Errorf("timestamp %s", got.header.Get("webhook-timestamp"))
	}
	var body struct {
		Type      string
		Timestamp time.Time
		Data      struct{ ID, Title string }
	}
	if err := json.Unmarshal(got.body, &body); err != nil || body.Type != processed || body.Data.ID != subject.String() || body.Data.Title != "Öl & <Gas>" || time.Since(body.Timestamp) > time.Minute {
		t.Errorf("body %s, %v", got.body, err)
	}
	d := l.delivery(hook.ID, in(webhook.Delivered))
	if d.ID.String() != got.header.Get("webhook-id") || d.Subject != subject || d.Attempts != 1 || d.StatusCode == nil || *d.StatusCode != 200 || d.DeliveredAt == nil || d.NextAt != nil {
		t.Errorf("delivery %+v", d)
	}
	if len(r.got) > 0 || len(other.got) > 0 {
		t.Error("more was told than what happened")
	}
}

func TestReceiverThatIsDownIsToldLaterUnderTheSameID(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"answers 500": status(500),
		"redirects":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"stalls":      hang,
		"breaks off":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"asks to wait": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := limit
			if name == "stalls" {
				timeout = stall
			}
			l := newHastyLab(t, timeout, 10*time.Millisecond, 10*time.Millisecond)
			r := newReceiver(t, answer, answer, status(204))
			hook, _ := l.add(r)
			l.start()
			l.emit(failed, nil)
			waits := l.delivery(hook.ID, func(d webhook.Delivery) bool { return d.Attempts > 0 })
			if waits.State == webhook.Waiting && (waits.Error == "" || waits.NextAt == nil) {
				t.Errorf("what waits does not say why: %+v", waits)
			}
			ids := map[string]bool{}
			for range 3 {
				got := r.next(t)
				ids[got.header.Get("webhook-id")] = true
			}
			d := l.delivery(hook.ID, in(webhook.Delivered))
			if len(ids) != 1 || !ids[d.ID.String()] || d.Attempts != 3 || *d.StatusCode != 204 || d.Error != "" {
				t.Errorf("ids %v, delivery %+v", ids, d)
			}
			if len(r.got) > 0 {
				t.Error("it was told again, or the redirect was followed")
			}
		})
	}
}

func TestHugeAnswerCountsButIsNotRead(t *testing.T) {
	l := newLab(t)
	cut := make(chan int64, 1)
	r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
		var sent int64
		for block := make([]byte, 1<<20); sent < 1<<30; {
			n, err := w.Write(block)
			if sent += int64(n); err != nil {
				break
			}
		}
		cut <- sent
	})
	hook, _ := l.add(r)
	l.start()
	l.emit(processed, nil)
	l.delivery(hook.ID, in(webhook.Delivered))
	if sent := <-cut; sent > 100<<20 {
		t.Errorf("%d MB were taken of the answer", sent>>20)
	}
}

func TestDeliveryThatNeverWorksIsShown(t *testing.T) {
	l := newLab(t, time.Millisecond)
	r := newReceiver(t, status(500))
	hook, _ := l.add(r)
	l.start()
	l.emit(processed, nil)
	d := l.delivery(hook.ID, in(webhook.Failed))
	if d.Attempts != 2 || *d.StatusCode != 500 || !strings.Contains(d.Error, "500") || d.NextAt != nil {
		t.Errorf("delivery %+v", d)
	}
	if h, err := l.Get(t.Context(), hook.ID); err != nil || !h.Active {
		t.Errorf("hook %+v, %v", h, err)
	}
}

func TestReceiverThatIsGoneIsSwitchedOff(t *testing.T) {
	l := newLab(t)
	r := newReceiver(t, status(410), status(200))
	hook, _ := l.add(r)
	l.start()
	l.emit(processed, nil)
	l.delivery(hook.ID, in(webhook.Failed))
	h, err := l.Get(t.Context(), hook.ID)
	if err != nil || h.Active || !strings.Contains(h.InactiveReason, "410") {
		t.Fatalf("hook %+v, %v", h, err)
	}
	l.emit(processed, nil) // is told nobody
	if all, err := l.Deliveries(t.Context(), hook.ID, 10); err != nil || len(all) != 1 {
		t.Errorf("deliveries %+v, %v", all, err)
	}
	if h, err = l.Update(t.Context(), hook.ID, active(true), localUser); err != nil || !h.Active || h.InactiveReason != "" {
		t.Errorf("hook %+v, %v", h, err)
	}
}

func TestWhatWaitsForAHookThatIsSwitchedOffFails(t *testing.T) {
	l := newLab(t)
	r := newReceiver(t)
	hook, _ := l.add(r)
	l.emit(processed, nil)
	if _, err := l.Update(t.Context(), hook.ID, active(false), localUser); err != nil {
		t.Fatal(err)
	}
	l.start()
	l.delivery(hook.ID, in(webhook.Failed))
	if len(r.got) > 0 {
		t.Error("it was told")
	}
	if err := l.Remove(t.Context(), hook.ID, localUser); err != nil {
		t.Fatal(err)
	}
	_, err := l.Deliveries(t.Context(), hook.ID, 10)
	wantCode(t, err, "WEBHOOK_NOT_FOUND")
	wantCode(t, l.Remove(t.Context(), hook.ID, localUser), "WEBHOOK_NOT_FOUND")
}

func TestKilledProcessTellsNothingLess(t *testing.T) {
	pool := pgtest.URL(t)
	keyFile := filepath.Join(t.TempDir(), "secrets.key")
	db, err := postgres.Open(t.Context(), pool, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	l := &lab{t: t, pool: db, keyFile: keyFile}
	if l.Service, l.runner, err = newService(db, keyFile, nil, limit); err != nil {
		t.Fatal(err)
	}
	r := newReceiver(t, hang, status(200))
	hook, _ := l.add(r)
	l.emit(processed, nil) // committed by a process that never delivers

	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childURL+"="+pool, childKey+"="+keyFile)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	first := r.next(t) // the child is in the middle of the request
	child.Process.Kill()
	child.Wait()

	l.start()
	second := r.next(t)
	if first.header.Get("webhook-id") != second.header.Get("webhook-id") || string(first.body) != string(second.body) {
		t.Errorf("it was told differently: %s %s, %s %s", first.header.Get("webhook-id"), first.body, second.header.Get("webhook-id"), second.body)
	}
	l.delivery(hook.ID, in(webhook.Delivered))
}

func TestSecretsAreNotInTheDatabase(t *testing.T) {
	l := newLab(t)
	r := newReceiver(t)
	own := "whsec_" + base64.StdEncoding.EncodeToString([]byte("hunter2 hunter2 hunter2 hunter2"))
	hook, shown, err := l.Add(t.Context(), webhook.Registration{URL: r.URL, Secret: own}, localUser)
	if err != nil || shown != own {
		t.Fatalf("%q, %v", shown, err)
	}
	var stored []byte
	if err := l.pool.QueryRow(t.Context(), `SELECT secret FROM webhook`).Scan(&stored); err != nil || strings.Contains(string(stored), "hunter2") || strings.Contains(string(stored), own[6:]) {
		t.Errorf("stored as %q, %v", stored, err)
	}
	// A node with another key cannot sign, and says what to do.
	if err := os.Remove(l.keyFile); err != nil {
		t.Fatal(err)
	}
	other, _, err := newService(l.pool, l.keyFile, nil, limit)
	if err != nil {
		t.Fatal(err)
	}
	d, err := other.Test(t.Context(), hook.ID)
	if err != nil || d.State != webhook.Failed || !strings.Contains(d.Error, "SECRETS_KEY") {
		t.Errorf("delivery %+v, %v", d, err)
	}
	if _, shown, err = other.SetSecret(t.Context(), hook.ID, "", localUser); err != nil || shown == own {
		t.Fatalf("%q, %v", shown, err)
	}
	if d, err = other.Test(t.Context(), hook.ID); err != nil || d.State != webhook.Delivered {
		t.Errorf("delivery %+v, %v", d, err)
	}
}

func TestTestTellsWhatIsWrong(t *testing.T) {
	l := newLab(t)
	r := newReceiver(t, status(401), status(200))
	hook, _ := l.add(r)
	if _, err := l.Update(t.Context(), hook.ID, active(false), localUser); err != nil {
		t.Fatal(err)
	}
	d, err := l.Test(t.Context(), hook.ID)
	if err != nil || d.State != webhook.Failed || *d.StatusCode != 401 || d.Event != webhook.TestEvent || d.NextAt != nil {
		t.Errorf("delivery %+v, %v", d, err)
	}
	if d, err = l.Test(t.Context(), hook.ID); err != nil || d.State != webhook.Delivered {
		t.Errorf("delivery %+v, %v", d, err)
	}
	r.Close()
	if d, err = l.Test(t.Context(), hook.ID); err != nil || d.State != webhook.Failed || d.StatusCode != nil || d.Error == "" {
		t.Errorf("delivery %+v, %v", d, err)
	}
	_, err = l.Test(t.Context(), uuid.New())
	wantCode(t, err, "WEBHOOK_NOT_FOUND")
}

func TestRegistrationIsChecked(t *testing.T) {
	l := newLab(t)
	for _, tc := range []struct {
		name string
		r    webhook.Registration
		code string
	}{
		{"inside", webhook.Registration{URL: "http://10.0.0.1/hook"}, "ADDRESS_NOT_ALLOWED"},
		{"no address", webhook.Registration{URL: "hook"}, "URL_INVALID"},
		{"too long", webhook.Registration{URL: "http://127.0.0.1/" + strings.Repeat("x", 2000)}, "URL_INVALID"},
		{"event", webhook.Registration{URL: "http://127.0.0.1/", Events: []string{processed, "manual.eaten"}}, "EVENT_UNKNOWN"},
		{"secret without its mark", webhook.Registration{URL: "http://127.0.0.1/", Secret: "aHVudGVyMg=="}, "SECRET_INVALID"},
		{"short secret", webhook.Registration{URL: "http://127.0.0.1/", Secret: "whsec_aHVudGVyMg=="}, "SECRET_INVALID"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := l.Add(t.Context(), tc.r, localUser)
			wantCode(t, err, tc.code)
		})
	}
	r := newReceiver(t)
	for i := range 50 {
		if h, _ := l.add(r); i == 0 && strings.Join(h.Events, " ") != "manual.failed manual.processed" {
			t.Errorf("told of %v", h.Events)
		}
	}
	_, _, err := l.Add(t.Context(), webhook.Registration{URL: r.URL}, localUser)
	wantCode(t, err, "TOO_MANY_WEBHOOKS")
	all, err := l.List(t.Context())
	if err != nil || len(all) != 50 || all[0].ID.String() > all[1].ID.String() {
		t.Fatalf("%d hooks, %v", len(all), err)
	}
	id := all[7].ID
	if h, err := l.Update(t.Context(), id, webhook.Patch{Events: &[]string{failed, failed}}, localUser); err != nil || !h.Active || len(h.Events) != 1 {
		t.Errorf("hook %+v, %v", h, err)
	}
	if h, err := l.Update(t.Context(), id, active(false), localUser); err != nil || h.Active || len(h.Events) != 1 {
		t.Errorf("hook %+v, %v", h, err)
	}
	_, err = l.Update(t.Context(), id, webhook.Patch{Events: &[]string{"manual.eaten"}}, localUser)
	wantCode(t, err, "EVENT_UNKNOWN")
	_, err = l.Update(t.Context(), uuid.New(), active(true), localUser)
	wantCode(t, err, "WEBHOOK_NOT_FOUND")
}

func TestOldDeliveriesAreRemovedByThemselves(t *testing.T) {
	l := newLab(t)
	hook, _ := l.add(newReceiver(t))
	old := "01900000-0000-7000-8000-000000000000" // of June 2024
	for _, state := range []string{"delivered", "failed", "waiting"} {
		id := old[:35] + strconv.Itoa(len(state))
		if _, err := l.pool.Exec(t.Context(), `INSERT INTO webhook_delivery (id, webhook_id, event, subject, payload, state) VALUES ($1, $2, $3, $1, '{}', $4)`,
			id, hook.ID, processed, state); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Test(t.Context(), hook.ID); err != nil {
		t.Fatal(err)
	}
	l.start()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(limit); ; {
		all, err := l.Deliveries(t.Context(), hook.ID, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 2 && all[0].Event == webhook.TestEvent && all[1].State == webhook.Waiting {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("deliveries %+v", all)
		}
	}
}

func TestChangesOfAWebhookAreAudited(t *testing.T) {
	l := newLab(t)
	r := newReceiver(t)
	hook, secret := l.add(r, processed)
	if _, err := l.Update(t.Context(), hook.ID, active(false), localUser); err != nil {
		t.Fatal(err)
	}
	_, other, err := l.SetSecret(t.Context(), hook.ID, "", localUser)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Remove(t.Context(), hook.ID, localUser); err != nil {
		t.Fatal(err)
	}
	entries, err := audit.Of(t.Context(), l.pool, hook.ID)
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, e := range entries {
		actions = append(actions, string(e.Action))
		for _, hidden := range []string{secret, other, "/hook"} {
			if strings.Contains(string(e.Detail), hidden) {
				t.Errorf("%s tells %s", e.Action, hidden)
			}
		}
		if e.Actor != localUser || !strings.Contains(string(e.Detail), strings.TrimPrefix(r.URL, "http://")) {
			t.Errorf("%s by %s: %s", e.Action, e.Actor, e.Detail)
		}
	}
	if got := strings.Join(actions, " "); got != "webhook.added webhook.changed webhook.secret_changed webhook.removed" {
		t.Errorf("audited: %s", got)
	}
}
