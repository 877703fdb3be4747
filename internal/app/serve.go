package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/httpapi"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/telemetry"
)

// drain is how long Serve waits for requests that are being answered when it is
// told to stop.
const drain = 8 * time.Second

// Listen opens the server's port. It comes before everything that takes time,
// so that a second server on the same port ends at once.
func Listen(ctx context.Context, cfg config.Server) (net.Listener, error) {
	if err := cfg.Validate(); err != nil {
		return nil, errdefs.New(errdefs.Invalid, "CONFIGURATION", "%s", err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Address())
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, errdefs.Wrap(err, errdefs.Conflict, "PORT_IN_USE", "Something else listens on %s already. Stop it, or choose another port with --port (PORT).", cfg.Address())
	case err != nil:
		return nil, errdefs.Wrap(err, errdefs.Unavailable, "CANNOT_LISTEN", "It is not possible to listen on %s. Choose an address of this machine with --host (LISTEN_HOST), and a port above 1023 with --port (PORT).", cfg.Address())
	}
	return l, nil
}

// Handler is the HTTP face of the program.
func (a *App) Handler(allowedHosts []string) http.Handler {
	return httpapi.New(httpapi.Deps{
		Manuals: a.Manuals, Models: a.Models, Troubleshoot: a.Troubleshoot,
		Ping: a.db.Ping, Log: a.log, Metrics: telemetry.NewMetrics(a.build),
		MaxUpload: int64(a.cfg.MaxUpload), AllowedHosts: allowedHosts, User: manual.LocalUser,
	})
}

// Serve answers requests until ctx ends, then finishes those it has begun. It
// closes the listener, not the App.
func (a *App) Serve(ctx context.Context, l net.Listener, cfg config.Server) error {
	server := httpapi.NewServer(a.Handler(cfg.AllowedHosts), a.log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	a.log.Info("listening", "address", l.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	a.log.Info("stopping")
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(wait); err != nil {
		// Clients that take longer are cut off; a broken upload leaves nothing.
		a.log.Warn("requests were cut off", "error", err)
		return server.Close()
	}
	return nil
}

// OpenAPI returns the document of the API. It needs no database.
func OpenAPI() ([]byte, error) { return httpapi.Spec() }
