package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

type askCmd struct {
	Manufacturer string   `help:"Needed only when two manufacturers have a model of that name." placeholder:"NAME"`
	Model        string   `help:"As on the nameplate; case, spaces and signs do not matter." placeholder:"NAME"`
	Code         string   `help:"Error code in any way it can be typed: E12, e-12, F21/E3." placeholder:"CODE"`
	Manual       string   `help:"Ask this manual only." placeholder:"ID"`
	Language     string   `help:"Of the question; found out when left out." placeholder:"CODE"`
	JSON         bool     `name:"json" help:"Print the whole answer as JSON."`
	Open         bool     `help:"Write the cited page with the quoted lines highlighted as a PNG, and show it on a desktop."`
	Symptom      []string `arg:"" optional:"" help:"What the machine does, or what you want to know."`
}

// Run asks and prints the answer.
func (c *askCmd) Run(e *env) (err error) {
	q := troubleshoot.Question{
		Manufacturer: c.Manufacturer, Model: c.Model, Code: c.Code, Language: c.Language,
		Symptom: strings.Join(c.Symptom, " "),
	}
	if c.Manual != "" {
		id, err := uuid.Parse(c.Manual)
		if err != nil {
			return c.usage(e, "--manual takes the id of a manual, as import and the API print it.")
		}
		q.ManualID = &id
	}
	if q.Model == "" && q.ManualID == nil {
		return c.usage(e, "Say which machine it is: --model, or --manual for one manual.")
	}
	if q.Code == "" && q.Symptom == "" {
		return c.usage(e, "Say what is wrong: --code, a symptom, or both.")
	}
	if err := app.RequireLibrary(e.library); err != nil {
		return err
	}
	a, err := app.Open(e.ctx, e.library, app.Options{Log: e.log, Build: e.build})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	answer, err := a.Ask(e.ctx, q)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(e, answer)
	} else {
		err = printAnswer(e.stdout, answer, e.terminal)
	}
	if err != nil {
		return err
	}
	if c.Open {
		if err := openPage(e, a, answer); err != nil {
			return err
		}
	}
	if answer.Kind == troubleshoot.Refused {
		return exit(exitRefused)
	}
	return nil
}

func (c *askCmd) usage(e *env, message string) error {
	fmt.Fprintf(e.stderr, "techcopilot: %s\nRun techcopilot ask --help to see how.\n", message)
	return exit(exitUsage)
}

// openPage writes the first cited page with its quotes highlighted.
func openPage(e *env, a *app.App, answer *troubleshoot.Answer) error {
	if len(answer.Citations) == 0 {
		return errdefs.New(errdefs.NotFound, "NO_CITATION", "The answer cites no page, so there is none to show.")
	}
	c := answer.Citations[0]
	png, _, err := a.Manuals.PageImage(e.ctx, c.ManualID, c.Page, manual.ImageOptions{Width: 1400, Highlights: c.Boxes})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "techcopilot-")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, fmt.Sprintf("page-%d.png", c.Page))
	if err := os.WriteFile(path, png, 0o600); err != nil {
		return err
	}
	// With --json stdout holds the answer alone.
	fmt.Fprintf(e.stderr, "Page %s: %s\n", oneLine(pageName(c)), path)
	if viewer := desktopViewer(); viewer != "" {
		// The viewer outlives this command; the path was printed if it fails.
		if err := exec.Command(viewer, path).Start(); err != nil { //nolint:noctx // it is to outlive the command
			e.log.Debug("no viewer started", "error", err)
		}
	}
	return nil
}

// desktopViewer is the program that shows a file on a desktop, "" off one.
func desktopViewer() string {
	name := "xdg-open"
	switch {
	case runtime.GOOS == "darwin":
		name = "open"
	case os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		return ""
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}
