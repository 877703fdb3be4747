package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/eval"
)

type evalCmd struct {
	Manuals        string `help:"Folder with the manuals that the cases name; the demo manuals when left out." placeholder:"DIR"`
	Cases          string `help:"File with a case per line, as JSON; DIR/cases.jsonl when left out." placeholder:"FILE"`
	JSON           bool   `name:"json" help:"Print the report as JSON."`
	Baseline       string `help:"Report to compare with: exit code 1 when more was lost than the tolerance." placeholder:"FILE"`
	UpdateBaseline bool   `help:"Write the report to the baseline instead."`
}

// Run measures in a scratch library, which is removed afterwards. A configured
// database is left alone.
func (c *evalCmd) Run(e *env) (err error) {
	if c.UpdateBaseline && c.Baseline == "" || c.Cases != "" && c.Manuals == "" {
		fmt.Fprintln(e.stderr, "techcopilot: --update-baseline needs --baseline, and --cases needs --manuals.")
		return exit(exitUsage)
	}
	scratch, err := os.MkdirTemp("", "techcopilot-eval-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	// The database server of a root process runs as another user.
	if err := os.Chmod(scratch, 0o711); err != nil {
		return err
	}
	cases, err := c.prepare(scratch)
	if err != nil {
		return err
	}
	library := e.library
	library.DataDir, library.DatabaseURL = filepath.Join(scratch, "library"), ""
	a, err := app.Open(e.ctx, library, app.Options{Workers: true, Log: e.log, Build: e.build})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	report, err := eval.Run(e.ctx, a.Evaluation(), eval.Options{Dir: c.Manuals, Cases: cases, Progress: evalProgress(e)})
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(e, report)
	} else {
		err = report.WriteTable(e.stdout)
	}
	if err != nil || c.Baseline == "" {
		return err
	}
	return c.compare(e, report)
}

// prepare reads the cases; those of the demo come with their manuals.
func (c *evalCmd) prepare(scratch string) ([]eval.Case, error) {
	if c.Manuals == "" {
		c.Manuals = filepath.Join(scratch, "manuals")
		if err := os.Mkdir(c.Manuals, 0o700); err != nil {
			return nil, err
		}
		if err := demo.WriteAll(c.Manuals); err != nil {
			return nil, err
		}
		return eval.ReadCases(bytes.NewReader(demo.Cases))
	}
	if c.Cases == "" {
		c.Cases = filepath.Join(c.Manuals, "cases.jsonl")
	}
	f, err := os.Open(c.Cases)
	if err != nil {
		return nil, errdefs.Wrap(err, errdefs.NotFound, "CASES_UNREADABLE", "The cases file %s cannot be opened. Check its path and mode.", c.Cases)
	}
	defer f.Close()
	return eval.ReadCases(f)
}

func (c *evalCmd) compare(e *env, report *eval.Report) error {
	if c.UpdateBaseline {
		var out bytes.Buffer
		if err := report.WriteBaseline(&out); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(c.Baseline), 0o755); err != nil {
			return err
		}
		return os.WriteFile(c.Baseline, out.Bytes(), 0o644)
	}
	f, err := os.Open(c.Baseline)
	if err != nil {
		return errdefs.Wrap(err, errdefs.NotFound, "BASELINE_UNREADABLE", "The baseline %s cannot be opened. Check its path, or write it with --update-baseline.", c.Baseline)
	}
	defer f.Close()
	losses, err := report.Losses(f)
	if err != nil {
		return err
	}
	for _, l := range losses {
		fmt.Fprintf(e.stderr, "lost: %s\n", l)
	}
	if len(losses) > 0 {
		return exit(exitFailure)
	}
	fmt.Fprintf(e.stderr, "Nothing was lost against %s.\n", c.Baseline)
	return nil
}

// evalProgress draws a bar in a terminal, and a line per stage otherwise.
func evalProgress(e *env) func(what string, done, total int) {
	var bar *progressbar.ProgressBar
	var stage string
	return func(what string, done, total int) {
		if what != stage {
			stage = what
			if bar = nil; isTerminal(e.stderr) {
				bar = newBar(e.stderr, total, what)
			} else {
				fmt.Fprintf(e.stderr, "%s: %d\n", what, total)
			}
		}
		if bar != nil && bar.Set(done) != nil {
			bar = nil
		}
	}
}

func newBar(w io.Writer, total int, what string) *progressbar.ProgressBar {
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(100*time.Millisecond))
}
