// Command techcopilot answers technicians' questions out of service manuals:
// the server, the import, a question on the command line, and what an operator
// needs around them.
//
// Exit codes: 0 done or answered, 1 failure, 2 wrong usage or settings,
// 3 the manuals do not answer the question, 4 the model is not known or the
// library has no manual of it, 130 interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/telemetry"
)

// Set by the linker; see the Makefile.
var version, commit, date string

// Exit codes.
const (
	exitOK           = 0
	exitFailure      = 1
	exitUsage        = 2
	exitRefused      = 3
	exitUnknownModel = 4
	exitInterrupted  = 130
)

func main() {
	// The worker that reads PDFs is this program again. It must not read settings
	// or touch anything else.
	if len(os.Args) > 1 && os.Args[1] == pdf.WorkerCommand {
		os.Exit(pdf.WorkerMain())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default is restored: a second one ends the
	// program at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// cli is the command line.
type cli struct {
	config.Library

	Serve       serveCmd       `cmd:"" help:"Run the server: API, documentation, reading of new manuals."`
	Worker      workerCmd      `cmd:"" help:"Work on what is queued, without an API: a second node on the same database and data folder."`
	Import      importCmd      `cmd:"" help:"Add PDF manuals to the library and wait until they can be asked."`
	Manuals     manualsCmd     `cmd:"" help:"Look at the manuals of the library, and retry or delete them."`
	Review      reviewCmd      `cmd:"" help:"See what new manuals seem to be for, and accept or dismiss that."`
	Quarantine  quarantineCmd  `cmd:"" help:"Look at the manuals that were held back, and release or delete them."`
	Corrections correctionsCmd `cmd:"" help:"See, make and undo what the shop says of rows that were read."`
	Flags       flagsCmd       `cmd:"" help:"See and decide what somebody has seen to be wrong in a row or an answer."`
	Webhook     webhookCmd     `cmd:"" help:"Have other programs told of finished manuals."`
	Search      searchCmd      `cmd:"" help:"Search the pages of all manuals, or of a selection."`
	Ask         askCmd         `cmd:"" help:"Ask a question about a model of equipment."`
	Codes       codesCmd       `cmd:"" help:"Look up error codes: what the manuals print about them."`
	Parts       partsCmd       `cmd:"" help:"Look up parts: the rows of the manuals' parts lists."`
	Settings    settingsCmd    `cmd:"" help:"Look up DIP switches, jumpers and parameters."`
	Migrate     migrateCmd     `cmd:"" help:"Bring the database's schema up to date, or show how far it is."`
	Eval        evalCmd        `cmd:"" help:"Measure retrieval and answers on manuals with known answers, in a scratch library."`
	Demo        demoCmd        `cmd:"" help:"Write the demo manuals as PDF files."`
	OpenAPI     openAPICmd     `cmd:"" name:"openapi" help:"Print the OpenAPI document of the API."`
	Version     versionCmd     `cmd:"" help:"Print version, commit and build date."`
}

// env is what commands get beside their flags.
type env struct {
	ctx            context.Context
	stdout, stderr io.Writer
	terminal       bool // stdout is one
	library        config.Library
	build          telemetry.Build
	log            *slog.Logger
}

// exit ends the program with a code; what there is to say was said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	parser, err := newParser(&c, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "techcopilot:", err)
		return exitUsage
	}
	code, exited := 0, false
	parser.Exit = func(n int) { code, exited = n, true }
	command, err := parser.Parse(args)
	if exited { // --help
		return code
	}
	if err != nil {
		fmt.Fprintf(stderr, "techcopilot: %v\nRun techcopilot --help to see what there is.\n", err)
		return exitUsage
	}
	e := &env{ctx: ctx, stdout: stdout, stderr: stderr, library: c.Library, build: telemetry.NewBuild(version, commit, date)}
	e.terminal = isTerminal(stdout)
	name := command.Selected().Name
	e.log = newLogger(c.Library, stderr, name == "serve" || name == "worker")
	return exitCode(e, command.Run(e))
}

func newParser(c *cli, stdout, stderr io.Writer) (*kong.Kong, error) {
	dotEnv, err := config.ReadDotEnv(".env")
	if err != nil {
		return nil, err
	}
	options := append(config.Sources{Environ: os.LookupEnv, DotEnv: dotEnv}.Options(),
		kong.Name("techcopilot"),
		kong.Description("Answers out of service manuals, each line with the page it stands on.\n\n"+
			"Exit codes: 0 done or answered, 1 failure, 2 wrong usage or settings, 3 the manuals do not answer, "+
			"4 unknown model, 130 interrupted."),
		kong.Writers(stdout, stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	return kong.New(c, options...)
}

// newLogger logs to w. A server's log tells what it does; a command has its own
// output, and logs what went wrong unless more is asked for.
func newLogger(l config.Library, w io.Writer, server bool) *slog.Logger {
	level := l.Level()
	if !server && level == slog.LevelInfo {
		level = slog.LevelWarn
	}
	json := l.LogFormat == "json"
	if l.LogFormat == "auto" && server {
		json = l.Environment == "production" || !isTerminal(w)
	}
	return telemetry.NewLogger(w, json, level)
}

// exitCode says what went wrong and returns the code for it.
func exitCode(e *env, err error) int {
	if err == nil {
		return exitOK
	}
	if code, ok := errors.AsType[exit](err); ok {
		return int(code)
	}
	if errors.Is(err, context.Canceled) && e.ctx.Err() != nil {
		return exitInterrupted
	}
	known := errdefs.As(err)
	fmt.Fprintf(e.stderr, "techcopilot: %s\n", oneLine(userMessage(known)))
	if known.Err != nil {
		e.log.Error("command failed", "code", known.Code, "error", known.Err)
	}
	switch known.Code {
	case "MODEL_NOT_FOUND", "MODEL_AMBIGUOUS", "NO_MANUAL_FOR_MODEL":
		return exitUnknownModel
	case "CONFIGURATION":
		return exitUsage
	}
	return exitFailure
}

// userMessage is what a command says of an error. Error ids are the API's: here
// the cause is logged to the same terminal.
func userMessage(e *errdefs.Error) string {
	if e.Code == "INTERNAL" {
		return "Something went wrong on our side. Try again; if it happens again, report the log entry that goes with this."
	}
	return e.Message
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && telemetry.IsTerminal(f)
}
