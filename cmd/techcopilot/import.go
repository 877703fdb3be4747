package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

// importWindow is how many files are on their way at once: enough that reading
// never waits for copying, few enough that an interruption leaves little half-done.
const importWindow = 4

type importCmd struct {
	Paths         []string `arg:"" name:"file-or-folder" help:"PDF files, and folders that are searched for PDF files."`
	Manufacturer  string   `help:"Manufacturer of the models." placeholder:"NAME"`
	Model         []string `help:"Model the manuals are for; may be repeated." placeholder:"NAME" sep:"none"`
	Type          string   `help:"service, parts, installation, user, wiring, bulletin or unknown." enum:",service,parts,installation,user,wiring,bulletin,unknown" default:"" placeholder:"TYPE"`
	Revision      string   `help:"Revision as printed." placeholder:"TEXT"`
	Title         string   `help:"Title, for a single file; otherwise the file's own." placeholder:"TEXT"`
	Language      string   `help:"Language of the manuals, ISO 639-1; found out when left out." placeholder:"CODE"`
	PasswordStdin bool     `help:"Read the password of PDFs that need one from the standard input, as one line. In a terminal it is asked for otherwise."`
	JSON          bool     `name:"json" help:"Print the result as JSON."`

	passwords passwords
}

// importedFile is what became of one file.
type importedFile struct {
	File    string  `json:"file"`
	Result  string  `json:"result"` // imported, known, quarantined or failed
	ID      string  `json:"id,omitempty"`
	Title   string  `json:"title,omitempty"`
	Pages   int     `json:"pages,omitempty"`
	NoText  int     `json:"pages_no_text,omitempty"`
	Code    string  `json:"code,omitempty"`
	Error   string  `json:"error,omitempty"`
	Seconds float64 `json:"seconds"`
	// NotApplied names what was given for a known file and differs from what the
	// library says of it, which stays.
	NotApplied []string `json:"not_applied,omitempty"`
}

// Run adds the files and waits until they are read. A file that fails does not
// keep the others from being added; an interruption leaves what was stored to
// the next import or server.
func (c *importCmd) Run(e *env) error {
	if len(c.Model) > 0 && c.Manufacturer == "" {
		fmt.Fprintln(e.stderr, "techcopilot: --model needs --manufacturer.")
		return exit(exitUsage)
	}
	files, err := findPDFs(c.Paths)
	if err != nil {
		return err
	}
	if c.Title != "" && len(files) > 1 {
		fmt.Fprintln(e.stderr, "techcopilot: --title is for a single file.")
		return exit(exitUsage)
	}
	if c.PasswordStdin {
		if c.passwords.given, err = readPassword(os.Stdin); err != nil {
			return err
		}
	}
	a, err := app.Open(e.ctx, e.library, app.Options{Workers: true, Log: e.log, Build: e.build})
	if err != nil {
		return err
	}
	show := newProgress(e, c.JSON, len(files))
	if !c.JSON && !c.PasswordStdin {
		c.passwords.ask = askInTerminal(e, show.hold)
	}
	results, err := c.importAll(e.ctx, a, files, show)
	show.finish()
	if closed := a.Close(); err == nil {
		err = closed
	}
	if err != nil {
		if e.ctx.Err() != nil {
			fmt.Fprintln(e.stderr, "Interrupted. What was stored so far is read by the next import or server; import the same files again to go on.")
		}
		return err
	}
	return c.report(e, results)
}

func (c *importCmd) importAll(ctx context.Context, a *app.App, files []string, show *progress) ([]importedFile, error) {
	results := make([]importedFile, len(files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(importWindow)
	for i, path := range files {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			started := time.Now()
			r, err := c.importOne(ctx, a, path, show)
			if err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				known := errdefs.As(err)
				r.Result, r.Code, r.Error = "failed", known.Code, userMessage(known)
				if known.Kind == errdefs.Internal {
					show.log.Error("a file cannot be imported", "file", path, "error", err)
				}
				// The rest would meet the same end.
				if known.Kind == errdefs.StorageFull {
					return err
				}
			}
			r.File, r.Seconds = path, time.Since(started).Round(10*time.Millisecond).Seconds()
			results[i] = r
			show.done(r)
			return nil
		})
	}
	return results, group.Wait()
}

func (c *importCmd) importOne(ctx context.Context, a *app.App, path string, show *progress) (importedFile, error) {
	accepted, err := c.accept(ctx, a, path)
	if err != nil {
		return importedFile{}, err
	}
	m, err := a.Manuals.Wait(ctx, accepted.Manual.ID, func(m manual.Manual) { show.page(path, m) })
	if err != nil {
		return importedFile{}, err
	}
	r := importedFile{
		Result: "imported", ID: m.ID.String(), Title: m.Title, Pages: m.Pages, NoText: m.OCRWaiting, NotApplied: accepted.Kept,
	}
	switch {
	case m.Status == manual.Failed && m.Error != nil:
		r.Result, r.Code, r.Error = "failed", m.Error.Code, m.Error.Message
	case m.Status == manual.Quarantined && m.Error != nil:
		r.Result, r.Code, r.Error = "quarantined", m.Error.Code, m.Error.Message
	case !accepted.Created:
		r.Result = "known"
	}
	return r, nil
}

func (c *importCmd) accept(ctx context.Context, a *app.App, path string) (manual.Accepted, error) {
	f, err := openRegular(path)
	if err != nil {
		return manual.Accepted{}, err
	}
	defer f.Close()
	in, err := a.Manuals.Receive(ctx, f)
	if err != nil {
		return manual.Accepted{}, err
	}
	defer in.Discard()
	return c.passwords.accept(ctx, in, manual.Upload{
		FileName: filepath.Base(path), Title: c.Title, Type: manual.Type(c.Type), Revision: c.Revision,
		Language: c.Language, Manufacturer: c.Manufacturer, Models: c.Model,
	}, path)
}

// openRegular opens a regular file, and nothing that would keep its reader
// waiting: a pipe, a socket or a device.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, notRegular()
	}
	var f *os.File
	if err == nil {
		// What lies there may have been replaced: opening must not wait either.
		f, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	}
	if errors.Is(err, syscall.ELOOP) {
		return nil, errdefs.Wrap(err, errdefs.Invalid, "FILE_UNREADABLE", "This is a symbolic link that leads in a circle. Name the file itself.")
	}
	if err != nil {
		return nil, errdefs.Wrap(err, errdefs.Invalid, "FILE_UNREADABLE", "The file cannot be opened. Check its path, owner and mode.")
	}
	if info, err = f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, notRegular()
	}
	return f, nil
}

func notRegular() error {
	return errdefs.New(errdefs.Invalid, "NOT_A_FILE", "This is a folder, a pipe or a device, not a file. Name a PDF file.")
}

func (c *importCmd) report(e *env, results []importedFile) error {
	count := map[string]int{}
	for _, r := range results {
		count[r.Result]++
	}
	if c.JSON {
		err := printJSON(e, map[string]any{
			"imported": count["imported"], "known": count["known"], "quarantined": count["quarantined"], "failed": count["failed"], "files": results,
		})
		if err != nil {
			return err
		}
	} else {
		fmt.Fprintf(e.stdout, "%d imported, %d already there, %d failed\n", count["imported"], count["known"], count["failed"])
		if n := count["quarantined"]; n > 0 {
			fmt.Fprintf(e.stdout, "%d in quarantine: techcopilot quarantine shows them, and releases or deletes them\n", n)
		}
	}
	if count["failed"]+count["quarantined"] > 0 {
		return exit(exitFailure)
	}
	return nil
}

// findPDFs lists the files that are named, and the PDF files in folders that are
// named, in their order.
func findPDFs(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, errdefs.Wrap(err, errdefs.NotFound, "FILE_NOT_FOUND", "There is no file or folder %s. Check the path.", oneLine(path))
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		before := len(files)
		root := path + string(filepath.Separator) // also behind a link
		err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			// A folder that is named is meant, even when its name begins with a dot.
			if strings.HasPrefix(d.Name(), ".") && p != root {
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			if !d.IsDir() && strings.EqualFold(filepath.Ext(p), ".pdf") {
				files = append(files, p)
			}
			return nil
		})
		if err != nil {
			return nil, errdefs.Wrap(err, errdefs.Invalid, "FOLDER_UNREADABLE", "The folder %s cannot be read to its end. Check its owner and mode.", oneLine(path))
		}
		if len(files) == before {
			return nil, errdefs.New(errdefs.NotFound, "NO_PDF_FOUND", "There is no PDF file in %s. Name a folder with PDF files, or the files themselves.", oneLine(path))
		}
	}
	return files, nil
}

// progress shows how far the import is: a bar in a terminal, a line for each
// file otherwise, nothing when the result is to be JSON. It is safe for
// concurrent use.
type progress struct {
	mu    sync.Mutex
	out   io.Writer
	quiet bool
	log   *slog.Logger
	bar   *progressbar.ProgressBar
	// Pages per file, to count on the bar; files that are not open yet count as
	// if they were as long as the average of the others.
	pages, read map[string]int
	files       int
}

func newProgress(e *env, quiet bool, files int) *progress {
	p := &progress{out: e.stdout, quiet: quiet, log: e.log, files: files, pages: map[string]int{}, read: map[string]int{}}
	if e.terminal && !quiet {
		p.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(e.stderr), progressbar.OptionSetDescription("reading"),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("pages"),
			progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetRenderBlankState(true)) // the first page may take seconds
	}
	return p
}

// page notes how far a file is.
func (p *progress) page(path string, m manual.Manual) {
	if p.bar == nil || m.Pages == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages[path], p.read[path] = m.Pages, m.PagesDone
	total, read := 0, 0
	for _, n := range p.pages {
		total += n
	}
	for _, n := range p.read {
		read += n
	}
	total = total * p.files / len(p.pages)
	p.bar.ChangeMax(total)
	p.note(p.bar.Set(min(read, total-1)))
}

// hold has the terminal to itself while f runs.
func (p *progress) hold(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.note(p.bar.Clear())
	}
	f()
}

// done shows what became of a file.
func (p *progress) done(r importedFile) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.note(p.bar.Clear())
	}
	name := oneLine(r.File)
	switch r.Result {
	case "failed":
		fmt.Fprintf(p.out, "failed    %s: %s\n", name, oneLine(r.Error))
	case "quarantined":
		fmt.Fprintf(p.out, "held back %s: %s (%s)\n", name, oneLine(r.Error), r.ID)
	case "known":
		fmt.Fprintf(p.out, "known     %s (%d pages, %s)\n", name, r.Pages, r.ID)
		if len(r.NotApplied) > 0 {
			fmt.Fprintf(p.out, "          not changed, since it says something else: %s; the API's PATCH /api/v1/manuals/%s changes it\n",
				strings.Join(r.NotApplied, ", "), r.ID)
		}
	default:
		fmt.Fprintf(p.out, "imported  %s (%d pages in %.1f s, %s)\n", name, r.Pages, r.Seconds, r.ID)
		if r.NoText > 0 {
			fmt.Fprintf(p.out, "          %d of its pages are pictures without text, and cannot be asked\n", r.NoText)
		}
	}
}

func (p *progress) finish() {
	if p.bar != nil {
		p.note(p.bar.Finish())
	}
}

// note drops the bar when it cannot be drawn: the import matters, not the bar.
func (p *progress) note(err error) {
	if err != nil && !errors.Is(err, io.EOF) {
		p.bar = nil
	}
}
