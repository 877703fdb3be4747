package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/webhook"
)

type webhookCmd struct {
	List       webhookListCmd       `cmd:"" default:"withargs" help:"List the webhooks."`
	Add        webhookAddCmd        `cmd:"" help:"Register the address of a receiver and print its secret, which is not shown again."`
	Test       webhookTestCmd       `cmd:"" help:"Send a test to a receiver and say what came of it."`
	Deliveries webhookDeliveriesCmd `cmd:"" help:"List what a receiver was told lately."`
	Enable     webhookEnableCmd     `cmd:"" help:"Switch a webhook on."`
	Disable    webhookDisableCmd    `cmd:"" help:"Switch a webhook off: it is told nothing until it is switched on."`
	Secret     webhookSecretCmd     `cmd:"" help:"Give a webhook another secret and print it."`
	Remove     webhookRemoveCmd     `cmd:"" help:"Remove a webhook with its deliveries."`
}

type webhookListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the webhooks, oldest first.
func (c *webhookListCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		hooks, err := a.Webhooks.List(e.ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, hooks)
		}
		if len(hooks) == 0 {
			fmt.Fprintln(e.stdout, "There are no webhooks.")
		}
		for _, h := range hooks {
			printHook(e, h)
		}
		return nil
	})
}

func printHook(e *env, h webhook.Hook) {
	state := "on"
	if !h.Active {
		state = strings.TrimSpace("off " + oneLine(h.InactiveReason))
	}
	fmt.Fprintf(e.stdout, "%s  %s\n    %s; %s\n", h.ID, oneLine(h.URL), strings.Join(h.Events, ", "), state)
}

// secretFile is a secret that is given; not as an argument, which others on the
// machine could read.
type secretFile struct {
	SecretFile string `help:"File that holds the receiver's own secret (whsec_ and base64); one is made without it." placeholder:"FILE"`
}

func (f secretFile) read() (string, error) {
	if f.SecretFile == "" {
		return "", nil
	}
	data, err := os.ReadFile(f.SecretFile)
	if err != nil || len(data) > 4<<10 {
		return "", errdefs.Wrap(err, errdefs.Invalid, "FILE_UNREADABLE", "The file of the secret cannot be read, or is far too large. Check its path, owner and mode.")
	}
	return strings.TrimSpace(string(data)), nil
}

// hookWithSecret is a webhook when its secret is shown.
type hookWithSecret struct {
	webhook.Hook
	Secret string `json:"secret"`
}

func printSecret(e *env, asJSON bool, h webhook.Hook, secret string) error {
	if asJSON {
		return printJSON(e, hookWithSecret{h, secret})
	}
	printHook(e, h)
	fmt.Fprintf(e.stdout, "secret: %s\nKeep it: it verifies the signatures and is not shown again.\n", secret)
	return nil
}

type webhookAddCmd struct {
	URL   string   `arg:"" name:"url" help:"Address of the receiver. One that is not on the public internet must be in OUTBOUND_ALLOW."`
	Event []string `help:"manual.processed, manual.failed or manual.quarantined; may be repeated. Everything without it." placeholder:"EVENT"`
	secretFile
	JSON bool `name:"json" help:"Print JSON."`
}

// Run registers a webhook.
func (c *webhookAddCmd) Run(e *env) error {
	secret, err := c.read()
	if err != nil {
		return err
	}
	return withLibrary(e, func(a *app.App) error {
		h, secret, err := a.Webhooks.Add(e.ctx, webhook.Registration{URL: c.URL, Events: c.Event, Secret: secret}, manual.LocalUser)
		if err != nil {
			return err
		}
		return printSecret(e, c.JSON, h, secret)
	})
}

type webhookSecretCmd struct {
	ID idArg `arg:"" help:"Id of the webhook."`
	secretFile
	JSON bool `name:"json" help:"Print JSON."`
}

// Run gives a webhook another secret.
func (c *webhookSecretCmd) Run(e *env) error {
	secret, err := c.read()
	if err != nil {
		return err
	}
	return withLibrary(e, func(a *app.App) error {
		h, secret, err := a.Webhooks.SetSecret(e.ctx, uuid.UUID(c.ID), secret, manual.LocalUser)
		if err != nil {
			return err
		}
		return printSecret(e, c.JSON, h, secret)
	})
}

type webhookTestCmd struct {
	ID   idArg `arg:"" help:"Id of the webhook."`
	JSON bool  `name:"json" help:"Print JSON."`
}

// Run sends a test. It fails when the receiver did not take it.
func (c *webhookTestCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		d, err := a.Webhooks.Test(e.ctx, uuid.UUID(c.ID))
		if err != nil {
			return err
		}
		if c.JSON {
			err = printJSON(e, d)
		} else if d.State == webhook.Delivered {
			fmt.Fprintf(e.stdout, "delivered, answered %d\n", *d.StatusCode)
		} else {
			fmt.Fprintf(e.stdout, "failed: %s\n", oneLine(d.Error))
		}
		if err == nil && d.State != webhook.Delivered {
			err = exit(exitFailure)
		}
		return err
	})
}

type webhookDeliveriesCmd struct {
	ID    idArg `arg:"" help:"Id of the webhook."`
	Limit int   `help:"Most deliveries that are listed." default:"20"`
	JSON  bool  `name:"json" help:"Print JSON."`
}

// Run lists deliveries, newest first.
func (c *webhookDeliveriesCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		deliveries, err := a.Webhooks.Deliveries(e.ctx, uuid.UUID(c.ID), min(max(c.Limit, 1), 1000))
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, deliveries)
		}
		if len(deliveries) == 0 {
			fmt.Fprintln(e.stdout, "It was told nothing yet.")
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		for _, d := range deliveries {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", d.CreatedAt.UTC().Format(time.DateTime), d.Event, d.Subject, stateOf(d))
		}
		return w.Flush()
	})
}

func stateOf(d webhook.Delivery) string {
	switch {
	case d.State == webhook.Delivered:
		return fmt.Sprintf("delivered after %d", d.Attempts)
	case d.State == webhook.Failed:
		return fmt.Sprintf("failed after %d: %s", d.Attempts, oneLine(d.Error))
	case d.Attempts == 0:
		return "waits for a server or worker"
	case d.NextAt != nil:
		return fmt.Sprintf("again at %s: %s", d.NextAt.UTC().Format(time.TimeOnly), oneLine(d.Error))
	}
	return string(d.State)
}

type webhookEnableCmd struct {
	ID idArg `arg:"" help:"Id of the webhook."`
}

// Run switches a webhook on.
func (c *webhookEnableCmd) Run(e *env) error { return switchHook(e, uuid.UUID(c.ID), true) }

type webhookDisableCmd struct {
	ID idArg `arg:"" help:"Id of the webhook."`
}

// Run switches a webhook off.
func (c *webhookDisableCmd) Run(e *env) error { return switchHook(e, uuid.UUID(c.ID), false) }

func switchHook(e *env, id uuid.UUID, active bool) error {
	return withLibrary(e, func(a *app.App) error {
		h, err := a.Webhooks.Update(e.ctx, id, webhook.Patch{Active: &active}, manual.LocalUser)
		if err != nil {
			return err
		}
		printHook(e, h)
		return nil
	})
}

type webhookRemoveCmd struct {
	ID idArg `arg:"" help:"Id of the webhook."`
}

// Run removes a webhook.
func (c *webhookRemoveCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		if err := a.Webhooks.Remove(e.ctx, uuid.UUID(c.ID), manual.LocalUser); err != nil {
			return err
		}
		fmt.Fprintln(e.stdout, "removed")
		return nil
	})
}
