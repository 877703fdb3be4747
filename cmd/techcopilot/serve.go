package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/demo"
)

type serveCmd struct {
	config.Server
	Demo bool `help:"Add the demo library, unless it is there already, and print questions to try."`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(e *env) error {
	e.log.Info("starting", "build", e.build, "config", config.Config{Library: e.library, Server: c.Server})
	listener, err := app.Listen(e.ctx, c.Server)
	if err != nil {
		return err
	}
	a, err := app.Open(e.ctx, e.library, app.Options{Workers: true, Log: e.log, Build: e.build})
	if err != nil {
		listener.Close()
		return err
	}
	address := "http://" + listener.Addr().String()
	fmt.Fprintf(e.stdout, "Tech Copilot is at %s (API: %s/docs)\n", address, address)

	// The demo is read while the server already answers.
	ctx, cancel := context.WithCancel(e.ctx)
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		if c.Demo {
			c.loadDemo(ctx, e, a, address)
		}
	}()
	err = a.Serve(e.ctx, listener, c.Server)
	cancel()
	<-loaded
	if closed := a.Close(); err == nil {
		err = closed
	}
	e.log.Info("stopped")
	return err
}

func (c *serveCmd) loadDemo(ctx context.Context, e *env, a *app.App, address string) {
	fmt.Fprintln(e.stdout, "Reading the demo library …")
	if err := a.LoadDemo(ctx); err != nil {
		if ctx.Err() == nil {
			e.log.Error("the demo library could not be read", "error", err)
		}
		return
	}
	questions := demo.Questions()
	fmt.Fprintln(e.stdout, "\nTo try, in another terminal:")
	for _, q := range questions {
		fmt.Fprintf(e.stdout, "  bin/techcopilot ask%s\n", askArguments(q))
	}
	q := questions[0]
	fmt.Fprintf(e.stdout, "\n  curl -H 'Content-Type: application/json' %s/api/v1/troubleshoot \\\n    -d '{\"manufacturer\": %q, \"model\": %q, \"code\": %q, \"symptom\": %q}'\n",
		address, q.Manufacturer, q.Model, q.Code, q.Symptom)
}

func askArguments(q demo.Question) string {
	var b strings.Builder
	fmt.Fprintf(&b, " --manufacturer %s --model %q", q.Manufacturer, q.Model)
	if q.Code != "" {
		fmt.Fprintf(&b, " --code %s", q.Code)
	}
	if q.Symptom != "" {
		fmt.Fprintf(&b, " %q", q.Symptom)
	}
	return b.String()
}
