package app

import (
	"path/filepath"

	"github.com/techcopilot/techcopilot/internal/jobs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/safehttp"
	"github.com/techcopilot/techcopilot/internal/secret"
	"github.com/techcopilot/techcopilot/internal/webhook"
)

// newWebhooks builds what tells other programs of manuals.
func (a *App) newWebhooks(runner *jobs.Runner, version string) (*webhook.Service, error) {
	keys, err := secret.New(a.cfg.SecretsKey.Reveal(), filepath.Join(a.cfg.DataDir, "secrets.key"))
	if err != nil {
		return nil, err
	}
	client, err := safehttp.New(safehttp.Config{Allow: a.cfg.OutboundAllow, UserAgent: "TechCopilot/" + version})
	if err != nil {
		return nil, err
	}
	return webhook.New(webhook.Deps{DB: a.db, Jobs: runner, Keys: keys, HTTP: client, Events: manual.Events, Log: a.log}), nil
}
