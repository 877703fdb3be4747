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
	return listen(ctx, cfg.Address(), "an address of this machine with --host (LISTEN_HOST), and a port above 1023 with --port (PORT)")
}

// ListenHealth opens the port of health and metrics, if there is to be one.
func ListenHealth(ctx context.Context, cfg config.Node) (net.Listener, error) {
	if cfg.HealthAddress == "" {
		return nil, nil
	}
	return listen(ctx, cfg.HealthAddress, "an address of this machine and a port above 1023 with --health-address (HEALTH_ADDRESS)")
}

func listen(ctx context.Context, address, choice string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, errdefs.Wrap(err, errdefs.Conflict, "PORT_IN_USE", "Something else listens on %s already. Stop it, or choose %s.", address, choice)
	case err != nil:
		return nil, errdefs.Wrap(err, errdefs.Unavailable, "CANNOT_LISTEN", "It is not possible to listen on %s. Choose %s.", address, choice)
	}
	return l, nil
}

// Handler is the HTTP face of the program.
func (a *App) Handler(allowedHosts []string) http.Handler {
	return httpapi.New(httpapi.Deps{
		Manuals: a.Manuals, Models: a.Models, Troubleshoot: a.Troubleshoot, Corrections: a.Corrections, Search: a.Search, Webhooks: a.Webhooks, Watch: a.Watch,
		Health: a.health(), Log: a.log, Metrics: a.metrics,
		MaxUpload: int64(a.cfg.MaxUpload), AllowedHosts: allowedHosts, User: manual.LocalUser,
	})
}

// health says how this process finds out whether it can do its work.
func (a *App) health() httpapi.Health { return httpapi.Health{Ping: a.ping, Parts: a.parts} }

// ping reports whether the database answers, and why the private one cannot.
func (a *App) ping(ctx context.Context) error {
	err := a.db.Ping(ctx)
	if err != nil && a.server != nil {
		if problem := a.server.Problem(); problem != nil {
			return problem
		}
	}
	return err
}

// Serve answers requests until ctx ends, then finishes those it has begun. It
// closes the listener, not the App.
func (a *App) Serve(ctx context.Context, l net.Listener, cfg config.Server) error {
	a.background(ctx, a.Search.Warm)
	return a.serve(ctx, l, a.Handler(cfg.AllowedHosts))
}

// ServeHealth serves health and metrics alone until ctx ends. Without a listener
// it waits for that.
func (a *App) ServeHealth(ctx context.Context, l net.Listener) error {
	if l == nil {
		<-ctx.Done()
		return nil
	}
	return a.serve(ctx, l, httpapi.Monitor(a.health(), a.metrics, a.log))
}

func (a *App) serve(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := httpapi.NewServer(handler, a.log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	a.log.Info("listening", "address", l.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
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
