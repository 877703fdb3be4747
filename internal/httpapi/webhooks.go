package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/webhook"
)

// WebhookBody is a receiver as the API shows it. It is exported because huma
// passes over embedded types that are not.
type WebhookBody struct {
	ID             uuid.UUID `json:"id" format:"uuid"`
	URL            string    `json:"url" example:"https://hooks.example.com/manuals"`
	Events         []string  `json:"events" doc:"What it is told of" example:"[\"manual.processed\"]"`
	Active         bool      `json:"active"`
	InactiveReason string    `json:"inactive_reason,omitempty" doc:"Why the server switched it off: the receiver answered 410"`
	CreatedAt      time.Time `json:"created_at"`
}

func newWebhookBody(h webhook.Hook) WebhookBody {
	return WebhookBody{h.ID, h.URL, h.Events, h.Active, h.InactiveReason, h.CreatedAt.UTC()}
}

// WebhookWithSecret is the one answer that shows a secret.
type WebhookWithSecret struct {
	WebhookBody
	Secret string `json:"secret" doc:"Verifies the signatures; keep it, it is not shown again" example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
}

type deliveryBody struct {
	ID          uuid.UUID  `json:"id" format:"uuid" doc:"The header webhook-id of all its attempts"`
	Event       string     `json:"event" example:"manual.processed"`
	Subject     uuid.UUID  `json:"subject" format:"uuid" doc:"Id of the manual; of the webhook for webhook.test"`
	State       string     `json:"state" enum:"waiting,delivered,failed"`
	Attempts    int        `json:"attempts" doc:"Made so far"`
	StatusCode  *int       `json:"status_code,omitempty" doc:"Of the last answer; absent when there was none"`
	Error       string     `json:"error,omitempty" doc:"What went wrong the last time, and what to do"`
	CreatedAt   time.Time  `json:"created_at"`
	AttemptedAt *time.Time `json:"attempted_at,omitempty" doc:"The last time"`
	NextAt      *time.Time `json:"next_at,omitempty" doc:"The next time; absent when there is none"`
	DeliveredAt *time.Time `json:"delivered_at,omitempty"`
}

func newDeliveryBody(d webhook.Delivery) deliveryBody {
	return deliveryBody{
		d.ID, d.Event, d.Subject, string(d.State), d.Attempts, d.StatusCode, d.Error,
		d.CreatedAt.UTC(), utc(d.AttemptedAt), utc(d.NextAt), utc(d.DeliveredAt),
	}
}

// utc returns the time, which may be missing, as the API shows times.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}

// WebhookPath names a webhook. It is exported because huma passes over embedded
// types that are not.
type WebhookPath struct {
	ID uuid.UUID `path:"id" format:"uuid" doc:"Id of the webhook"`
}

type addWebhookInput struct {
	Body struct {
		URL    string   `json:"url" maxLength:"2000" doc:"Address of the receiver, http or https. One that is not on the public internet must be in OUTBOUND_ALLOW" example:"https://hooks.example.com/manuals"`
		Events []string `json:"events,omitempty" enum:"manual.processed,manual.failed,manual.quarantined" doc:"What it is told of; everything when left out"`
		Secret string   `json:"secret,omitempty" maxLength:"200" doc:"whsec_ and 24 to 64 random bytes in base64; one is made when left out"`
	}
}

type patchWebhookInput struct {
	WebhookPath
	Body struct {
		Active *bool     `json:"active,omitempty" doc:"false switches it off: what waits for it fails, and what happens meanwhile it is not told"`
		Events *[]string `json:"events,omitempty" enum:"manual.processed,manual.failed,manual.quarantined" doc:"What it is told of; everything when empty"`
	}
}

type secretInput struct {
	WebhookPath
	Body struct {
		Secret string `json:"secret,omitempty" maxLength:"200" doc:"whsec_ and 24 to 64 random bytes in base64; one is made when left out"`
	}
}

type deliveriesInput struct {
	WebhookPath
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most deliveries in the answer"`
}

type webhookOutput struct{ Body WebhookBody }

type webhookSecretOutput struct{ Body WebhookWithSecret }

type webhooksOutput struct {
	Body struct {
		Webhooks []WebhookBody `json:"webhooks" doc:"Oldest first"`
	}
}

type deliveryOutput struct{ Body deliveryBody }

type deliveriesOutput struct {
	Body struct {
		Deliveries []deliveryBody `json:"deliveries" doc:"Newest first; those that are done are kept for 30 days"`
	}
}

func (a *api) webhookRoutes() {
	const tag, path = "webhooks", "/api/v1/webhooks"
	handle(a, route{
		id: "add-webhook", method: http.MethodPost, path: path, tag: tag, status: http.StatusCreated, summary: "Register a webhook",
		detail: "The receiver gets a POST for each event, signed as Standard Webhooks describe (headers webhook-id, webhook-timestamp, webhook-signature). " +
			"It answers 2xx within 15 s; otherwise it is told again with growing pauses for about a day, under the same webhook-id, by which it can tell repetitions. " +
			"410 switches the webhook off. Redirects are not followed.",
	}, a.addWebhook)
	handle(a, route{id: "list-webhooks", method: http.MethodGet, path: path, tag: tag, summary: "List webhooks"}, a.listWebhooks)
	handle(a, route{id: "get-webhook", method: http.MethodGet, path: path + "/{id}", tag: tag, summary: "A webhook"}, a.getWebhook)
	handle(a, route{
		id: "update-webhook", method: http.MethodPatch, path: path + "/{id}", tag: tag, summary: "Switch a webhook on or off, or change its events",
		detail: "Fields that are left out stay as they are.",
	}, a.updateWebhook)
	handle(a, route{
		id: "delete-webhook", method: http.MethodDelete, path: path + "/{id}", tag: tag, status: http.StatusNoContent,
		summary: "Remove a webhook", detail: "With its deliveries, also those that wait.",
	}, a.deleteWebhook)
	handle(a, route{
		id: "set-webhook-secret", method: http.MethodPost, path: path + "/{id}/secret", tag: tag,
		summary: "Give a webhook another secret", detail: "Deliveries that wait are signed with it too.",
	}, a.setWebhookSecret)
	handle(a, route{
		id: "test-webhook", method: http.MethodPost, path: path + "/{id}/test", tag: tag,
		summary: "Send a test to a webhook", detail: "The event webhook.test, once and at once, also to a webhook that is switched off. The answer says what came of it.",
	}, a.testWebhook)
	handle(a, route{
		id: "list-webhook-deliveries", method: http.MethodGet, path: path + "/{id}/deliveries", tag: tag,
		summary: "What a webhook was told lately",
	}, a.listDeliveries)
}

func (a *api) addWebhook(ctx context.Context, in *addWebhookInput) (*webhookSecretOutput, error) {
	h, secret, err := a.Webhooks.Add(ctx, webhook.Registration{URL: in.Body.URL, Events: in.Body.Events, Secret: in.Body.Secret}, a.User)
	if err != nil {
		return nil, err
	}
	return &webhookSecretOutput{WebhookWithSecret{newWebhookBody(h), secret}}, nil
}

func (a *api) listWebhooks(ctx context.Context, _ *struct{}) (*webhooksOutput, error) {
	hooks, err := a.Webhooks.List(ctx)
	if err != nil {
		return nil, err
	}
	out := &webhooksOutput{}
	out.Body.Webhooks = make([]WebhookBody, len(hooks))
	for i, h := range hooks {
		out.Body.Webhooks[i] = newWebhookBody(h)
	}
	return out, nil
}

func (a *api) getWebhook(ctx context.Context, in *WebhookPath) (*webhookOutput, error) {
	return newWebhookOutput(a.Webhooks.Get(ctx, in.ID))
}

func newWebhookOutput(h webhook.Hook, err error) (*webhookOutput, error) {
	if err != nil {
		return nil, err
	}
	return &webhookOutput{newWebhookBody(h)}, nil
}

func (a *api) updateWebhook(ctx context.Context, in *patchWebhookInput) (*webhookOutput, error) {
	return newWebhookOutput(a.Webhooks.Update(ctx, in.ID, webhook.Patch(in.Body), a.User))
}

func (a *api) deleteWebhook(ctx context.Context, in *WebhookPath) (*struct{}, error) {
	return nil, a.Webhooks.Remove(ctx, in.ID, a.User)
}

func (a *api) setWebhookSecret(ctx context.Context, in *secretInput) (*webhookSecretOutput, error) {
	h, secret, err := a.Webhooks.SetSecret(ctx, in.ID, in.Body.Secret, a.User)
	if err != nil {
		return nil, err
	}
	return &webhookSecretOutput{WebhookWithSecret{newWebhookBody(h), secret}}, nil
}

func (a *api) testWebhook(ctx context.Context, in *WebhookPath) (*deliveryOutput, error) {
	d, err := a.Webhooks.Test(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &deliveryOutput{newDeliveryBody(d)}, nil
}

func (a *api) listDeliveries(ctx context.Context, in *deliveriesInput) (*deliveriesOutput, error) {
	deliveries, err := a.Webhooks.Deliveries(ctx, in.ID, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &deliveriesOutput{}
	out.Body.Deliveries = make([]deliveryBody, len(deliveries))
	for i, d := range deliveries {
		out.Body.Deliveries[i] = newDeliveryBody(d)
	}
	return out, nil
}
