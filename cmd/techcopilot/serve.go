package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"

	"golang.org/x/sync/errgroup"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

type serveCmd struct {
	config.Node
	config.Server
	NoWorkers bool `help:"Answer only: leave what is queued to other nodes (techcopilot worker)."`
	Demo      bool `help:"Add the demo library, unless it is there already, and print questions to try."`
}

// Validate checks the settings of both embedded structs.
func (c *serveCmd) Validate() error { return errors.Join(c.Node.Validate(), c.Server.Validate()) }

// Run serves until it is told to stop.
func (c *serveCmd) Run(e *env) error {
	e.log.Info("starting", "build", e.build, "config", config.Config{Library: e.library, Node: c.Node, Server: c.Server})
	if err := app.CheckWatched(e.library, c.Node); err != nil {
		return err
	}
	listener, err := app.Listen(e.ctx, c.Server)
	if err != nil {
		return err
	}
	defer listener.Close() // once more than needed, unless nothing has served
	health, err := app.ListenHealth(e.ctx, c.Node)
	if err != nil {
		return err
	}
	if health != nil {
		defer health.Close()
	}
	a, err := app.Open(e.ctx, e.library, app.Options{Workers: !c.NoWorkers, Node: c.Node, Log: e.log, Build: e.build})
	if err != nil {
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
	context.AfterFunc(e.ctx, func() { e.log.Info("stopping") })
	both, stop := errgroup.WithContext(e.ctx)
	both.Go(func() error { return a.Serve(stop, listener, c.Server) })
	both.Go(func() error { return a.ServeHealth(stop, health) })
	err = both.Wait()
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
	fmt.Fprintln(e.stdout, "\nTo try, in another terminal:")
	for _, q := range demo.Questions() {
		fmt.Fprintf(e.stdout, "  %s\n", askCommand(e, q))
	}
	body, err := json.Marshal(troubleshootRequest(demo.Questions()[0]))
	if err != nil {
		return
	}
	fmt.Fprintf(e.stdout, "\n  curl -H 'Content-Type: application/json' %s/api/v1/troubleshoot -d %s\n", address, shellQuote(string(body)))
}

func troubleshootRequest(q demo.Question) troubleshoot.Question {
	return troubleshoot.Question{Manufacturer: q.Manufacturer, Model: q.Model, Code: q.Code, Symptom: q.Symptom}
}

// askCommand is what to type to ask the question of this library.
func askCommand(e *env, q demo.Question) string {
	words := []string{os.Args[0], "ask"}
	if e.library.DataDir != config.DefaultDataDir() {
		words = append(words, "--data", e.library.DataDir)
	}
	words = append(words, "--manufacturer", q.Manufacturer, "--model", q.Model)
	if q.Code != "" {
		words = append(words, "--code", q.Code)
	}
	if q.Symptom != "" {
		words = append(words, q.Symptom)
	}
	for i, w := range words {
		words[i] = shellQuote(w)
	}
	return strings.Join(words, " ")
}

// shellQuote quotes what a shell would not take as one word.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:=@%+,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
