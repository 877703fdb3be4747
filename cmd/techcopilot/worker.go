package main

import (
	"context"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/config"
)

type workerCmd struct {
	config.Node
}

// Run works on what is queued until it is told to stop. What it is at then, the
// other nodes or the next start go on with.
func (c *workerCmd) Run(e *env) error {
	e.log.Info("starting", "build", e.build, "config", e.library, "node", c.Node)
	if err := app.CheckWatched(e.library, c.Node); err != nil {
		return err
	}
	listener, err := app.ListenHealth(e.ctx, c.Node)
	if err != nil {
		return err
	}
	if listener != nil {
		defer listener.Close() // once more than needed, unless nothing has served
	}
	a, err := app.Open(e.ctx, e.library, app.Options{Workers: true, Node: c.Node, Log: e.log, Build: e.build})
	if err != nil {
		return err
	}
	e.log.Info("working", "slots", a.Slots())
	context.AfterFunc(e.ctx, func() { e.log.Info("stopping") })
	err = a.ServeHealth(e.ctx, listener)
	if closed := a.Close(); err == nil {
		err = closed
	}
	e.log.Info("stopped")
	return err
}
