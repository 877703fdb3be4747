package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

// listener is a receiver of webhooks, and a program that may call it.
func listener(t *testing.T) (got chan map[string]any, url string, c client, db *pgxpool.Pool) {
	t.Helper()
	got = make(chan map[string]any, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		var body map[string]any
		if err := json.Unmarshal(data, &body); err != nil || !strings.HasPrefix(r.Header.Get("webhook-signature"), "v1,") {
			t.Errorf("%s, %v, %v", data, err, r.Header)
		}
		got <- body
	}))
	t.Cleanup(receiver.Close)
	db = pgtest.New(t)
	a := open(t, func(cfg *config.Library, o *app.Options) {
		o.DB, cfg.OutboundAllow = db, []string{strings.TrimPrefix(receiver.URL, "http://")}
	})
	return got, receiver.URL, serve(t, a), db
}

func TestFinishedManualsAreTold(t *testing.T) {
	t.Parallel()
	got, url, c, _ := listener(t)
	hook := c.post("/api/v1/webhooks", fmt.Sprintf(`{"url": %q, "events": ["manual.processed", "manual.quarantined"]}`, url)).want(t, http.StatusCreated).json(t)
	if secret, ok := hook["secret"].(string); !ok || !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("%v", hook)
	}
	where := "/api/v1/webhooks/" + hook["id"].(string)
	m, data := demoPDF()
	up := c.upload(part{"manufacturer", m.Manufacturer}, part{"model", m.Models[0]}, file(data)).want(t, http.StatusAccepted)
	ready := c.settled(up.Header.Get("Location"))
	told := <-got
	about := told["data"].(map[string]any)
	model := about["models"].([]any)[0].(map[string]any)
	if told["type"] != "manual.processed" || about["id"] != ready["id"] || about["pages"] != 24.0 || about["status"] != "ready" ||
		model["name"] != m.Models[0] || about["ocr_quality"] != ready["ocr_quality"] || about["links"].(map[string]any)["self"] != up.Header.Get("Location") {
		t.Errorf("told of %v as %v", ready, told)
	}

	script := pdftest.Assemble(
		`<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\(1\))>>>>`,
		`<</Type/Pages/Kids[3 0 R]/Count 1>>`,
		`<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>`)
	held := c.upload(file(script)).want(t, http.StatusAccepted).json(t)
	told = <-got
	about = told["data"].(map[string]any)
	if told["type"] != "manual.quarantined" || about["id"] != held["id"] || about["status"] != "quarantined" || about["error"].(map[string]any)["code"] == "" {
		t.Errorf("told of %v as %v", held, told)
	}

	var deliveries []any
	eventually(t, "both are noted as delivered", func() bool {
		deliveries = c.get(where+"/deliveries").want(t, http.StatusOK).json(t)["deliveries"].([]any)
		return len(deliveries) == 2 && deliveries[0].(map[string]any)["state"] == "delivered" && deliveries[1].(map[string]any)["state"] == "delivered"
	})
	if listed := c.get("/api/v1/webhooks").want(t, http.StatusOK); strings.Contains(string(listed.body), "whsec_") || len(listed.json(t)["webhooks"].([]any)) != 1 {
		t.Errorf("%s", listed.body)
	}
	if d := c.post(where+"/test", "").want(t, http.StatusOK).json(t); d["state"] != "delivered" || (<-got)["type"] != "webhook.test" {
		t.Errorf("%v", d)
	}
	off := c.do(http.MethodPatch, where, strings.NewReader(`{"active": false}`), "Content-Type", "application/json").want(t, http.StatusOK).json(t)
	if on, ok := off["active"].(bool); !ok || on || len(off["events"].([]any)) != 2 {
		t.Errorf("%v", off)
	}
	if other := c.post(where+"/secret", `{}`).want(t, http.StatusOK).json(t); other["secret"] == hook["secret"] || other["secret"] == nil {
		t.Errorf("%v", other)
	}
	c.do(http.MethodDelete, where, nil).want(t, http.StatusNoContent)
	c.get(where).wantProblem(t, http.StatusNotFound, "WEBHOOK_NOT_FOUND")
	c.post("/api/v1/webhooks", `{"url": "http://169.254.169.254/latest"}`).wantProblem(t, http.StatusUnprocessableEntity, "ADDRESS_NOT_ALLOWED")
	c.post("/api/v1/webhooks", `{"url": "https://example.com", "events": ["x"]}`).wantProblem(t, http.StatusUnprocessableEntity, "VALIDATION_FAILED")
}

func TestManualIsNotReadyBeforeItIsNotedWhoIsTold(t *testing.T) {
	t.Parallel()
	got, url, c, db := listener(t)
	c.post("/api/v1/webhooks", fmt.Sprintf(`{"url": %q}`, url)).want(t, http.StatusCreated)
	for _, sql := range []string{
		`CREATE SEQUENCE refusals`,
		`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('refusals'); RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$`,
		`CREATE TRIGGER refuse BEFORE INSERT ON webhook_delivery FOR EACH ROW EXECUTE FUNCTION refuse()`,
	} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_, data := demoPDF()
	where := c.upload(file(data)).want(t, http.StatusAccepted).Header.Get("Location")
	eventually(t, "the emission was refused", func() bool {
		var refused bool
		if err := db.QueryRow(t.Context(), `SELECT is_called FROM refusals`).Scan(&refused); err != nil {
			t.Fatal(err)
		}
		return refused
	})
	if m := c.get(where).want(t, http.StatusOK).json(t); m["status"] == "ready" {
		t.Errorf("ready although nobody would be told: %v", m)
	}
	if _, err := db.Exec(t.Context(), `DROP TRIGGER refuse ON webhook_delivery`); err != nil {
		t.Fatal(err)
	}
	if m := c.settled(where); m["status"] != "ready" {
		t.Errorf("%v", m)
	}
	if told := <-got; told["type"] != "manual.processed" {
		t.Errorf("told %v", told)
	}
	var n int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM webhook_delivery`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d deliveries, %v", n, err)
	}
}
