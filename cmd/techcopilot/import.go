package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/watch"
)

type importCmd struct {
	Paths         []string `arg:"" name:"file-or-folder" help:"PDF files, and folders that are searched for PDF files, with all folders below."`
	Manufacturer  string   `help:"Manufacturer of the models. Without it the names of the folders (Manufacturer/Model/file.pdf) and the first pages make a proposal: see review." placeholder:"NAME"`
	Model         []string `help:"Model the manuals are for; may be repeated." placeholder:"NAME" sep:"none"`
	Type          string   `help:"service, parts, installation, user, wiring, bulletin or unknown." enum:",service,parts,installation,user,wiring,bulletin,unknown" default:"" placeholder:"TYPE"`
	Revision      string   `help:"Revision as printed." placeholder:"TEXT"`
	SerialRange   string   `help:"Serial numbers that the manual is for; read from its text when left out." placeholder:"RANGE"`
	Title         string   `help:"Title, for a single file; otherwise the file's own." placeholder:"TEXT"`
	Language      string   `help:"Language of the manuals, ISO 639-1; found out when left out." placeholder:"CODE"`
	PasswordStdin bool     `help:"Read the password of PDFs that need one from the standard input, as one line. In a terminal it is asked for otherwise."`
	NoWait        bool     `help:"Return when the files are taken in. They are read by the running server or worker, or by the next."`
	JSON          bool     `name:"json" help:"Print the result as JSON."`

	passwords passwords
}

// Help says what the exit code means.
func (*importCmd) Help() string {
	return "The exit code is 1 when a file could not be imported or is held in quarantine, of which the result tells, and 0 otherwise."
}

// importedFile is what became of one file.
type importedFile struct {
	File    string  `json:"file"`
	Result  string  `json:"result"` // imported, accepted (not read yet), known, quarantined or failed
	ID      string  `json:"id,omitempty"`
	Title   string  `json:"title,omitempty"`
	Pages   int     `json:"pages,omitempty"`
	NoText  int     `json:"pages_no_text,omitempty"` // that wait for OCR
	Review  bool    `json:"needs_review,omitempty"`
	Code    string  `json:"code,omitempty"`
	Error   string  `json:"error,omitempty"`
	Seconds float64 `json:"seconds"`
	// NotApplied names what was given for a known file and differs from what the
	// library says of it, which stays.
	NotApplied []string `json:"not_applied,omitempty"`
}

// Run takes the files in and waits until they are read. A file that fails does not
// keep the others from being added; an interruption leaves what was stored to
// the next import, server or worker.
func (c *importCmd) Run(e *env) error {
	if len(c.Model) > 0 && c.Manufacturer == "" {
		fmt.Fprintln(e.stderr, "techcopilot: --model needs --manufacturer.")
		return exit(exitUsage)
	}
	found, err := findPDFs(e.ctx, c.Paths)
	if err != nil {
		return err
	}
	if c.Title != "" && len(found.files) > 1 {
		fmt.Fprintln(e.stderr, "techcopilot: --title is for a single file.")
		return exit(exitUsage)
	}
	if c.PasswordStdin {
		if c.passwords.given, err = readPassword(os.Stdin); err != nil {
			return err
		}
	}
	a, err := app.Open(e.ctx, e.library, app.Options{Workers: !c.NoWait, Log: e.log, Build: e.build})
	if err != nil {
		return err
	}
	show := newProgress(e, c.JSON, len(found.files))
	if !c.JSON && !c.PasswordStdin {
		c.passwords.ask = askInTerminal(e, show.hold)
	}
	results, err := c.importAll(e.ctx, a, found.files, show)
	show.finish()
	open := 0
	if err == nil {
		open, err = c.review(e.ctx, a, results)
	}
	if closed := a.Close(); err == nil {
		err = closed
	}
	if err != nil {
		if e.ctx.Err() != nil {
			fmt.Fprintln(e.stderr, "Interrupted. What was stored so far is read by the next import, server or worker; import the same files again to go on.")
		}
		return err
	}
	return c.report(e, append(results, found.problems...), found.noEnding, open)
}

// review returns how much there is to decide about, of what was imported too.
func (c *importCmd) review(ctx context.Context, a *app.App, results []importedFile) (int, error) {
	for _, r := range results {
		if id, err := uuid.Parse(r.ID); err == nil && !c.NoWait {
			if err := a.Manuals.Compare(ctx, id); err != nil {
				return 0, err
			}
		}
	}
	proposals, _, err := a.Manuals.CountProposals(ctx)
	if err != nil {
		return 0, err
	}
	supersessions, err := a.Manuals.CountSupersessions(ctx)
	return proposals + supersessions, err
}

// importAll takes the files in, a few at once, while those before are read: what
// is read never waits for copying.
func (c *importCmd) importAll(ctx context.Context, a *app.App, files []string, show *progress) ([]importedFile, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := newTracker(len(files), show)
	following, fctx := errgroup.WithContext(ctx)
	if !c.NoWait {
		following.Go(func() error { return t.follow(fctx, a.Manuals) })
	}
	intake, ictx := errgroup.WithContext(fctx)
	intake.SetLimit(max(2, runtime.NumCPU()))
	for i, path := range files {
		if ictx.Err() != nil {
			break
		}
		intake.Go(func() error {
			started := time.Now()
			accepted, err := c.accept(ictx, a, path)
			if err == nil {
				t.accepted(i, path, started, accepted, c.NoWait)
				return nil
			}
			if ictx.Err() != nil {
				return ictx.Err()
			}
			known := errdefs.As(err)
			if known.Kind == errdefs.Internal {
				show.log.Error("a file cannot be imported", "file", path, "error", err)
			}
			// The rest would meet the same end.
			if known.Kind == errdefs.StorageFull {
				return err
			}
			t.done(i, importedFile{File: path, Result: "failed", Code: known.Code, Error: userMessage(known), Seconds: since(started)})
			return nil
		})
	}
	err := intake.Wait()
	if err != nil {
		cancel()
	} else {
		t.close()
	}
	if followed := following.Wait(); err == nil {
		err = followed
	}
	return t.results, err
}

func since(t time.Time) float64 { return time.Since(t).Round(10 * time.Millisecond).Seconds() }

func (c *importCmd) accept(ctx context.Context, a *app.App, path string) (manual.Accepted, error) {
	f, err := watch.Open(path)
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
		FileName: filepath.Base(path), Title: c.Title, Type: manual.Type(c.Type), Revision: c.Revision, SerialRange: c.SerialRange,
		Language: c.Language, Manufacturer: c.Manufacturer, Models: c.Model, Folders: watch.Folders(path),
	}, path)
}

// importSummary is the result as JSON.
type importSummary struct {
	Imported    int            `json:"imported"`
	Accepted    int            `json:"accepted"`
	Known       int            `json:"known"`
	Quarantined int            `json:"quarantined"`
	Failed      int            `json:"failed"`
	WaitForOCR  int            `json:"pages_waiting_for_ocr"`
	NeedReview  int            `json:"need_review"` // of these files' manuals
	Proposals   int            `json:"proposals"`   // open ones of the library
	NoEnding    []string       `json:"passed_over"` // files that begin as PDFs and have no ending
	Files       []importedFile `json:"files"`
}

func (c *importCmd) report(e *env, results []importedFile, noEnding []string, proposals int) error {
	s := importSummary{Files: results, Proposals: proposals, NoEnding: append([]string{}, noEnding...)}
	scans := 0
	for _, r := range results {
		switch r.Result {
		case "imported":
			s.Imported++
		case "accepted":
			s.Accepted++
		case "known":
			s.Known++
		case "quarantined":
			s.Quarantined++
		default:
			s.Failed++
		}
		if r.NoText > 0 {
			scans++
			s.WaitForOCR += r.NoText
		}
		if r.Review {
			s.NeedReview++
		}
	}
	if c.JSON {
		if err := printJSON(e, s); err != nil {
			return err
		}
	} else {
		c.summarize(e, s, scans)
	}
	if s.Failed+s.Quarantined > 0 {
		return exit(exitFailure)
	}
	return nil
}

// manyFiles is from when on failures are said once more at the end.
const manyFiles = 20

func (c *importCmd) summarize(e *env, s importSummary, scans int) {
	if len(s.Files) >= manyFiles && s.Failed > 0 {
		fmt.Fprintln(e.stdout)
		for _, r := range s.Files {
			if r.Result == "failed" {
				fmt.Fprintf(e.stdout, "failed    %s: %s\n", oneLine(r.File), oneLine(r.Error))
			}
		}
	}
	if c.NoWait {
		fmt.Fprintf(e.stdout, "%d taken in, %d already there, %d failed\n", s.Accepted, s.Known, s.Failed)
	} else {
		fmt.Fprintf(e.stdout, "%d imported, %d already there, %d failed\n", s.Imported, s.Known, s.Failed)
	}
	if s.Quarantined > 0 {
		fmt.Fprintf(e.stdout, "%d in quarantine: techcopilot quarantine shows them, and releases or deletes them\n", s.Quarantined)
	}
	if s.WaitForOCR > 0 {
		fmt.Fprintf(e.stdout, "%s of %s wait for OCR: install tesseract, and they are read by themselves\n", count(s.WaitForOCR, "page"), count(scans, "manual"))
	}
	if s.Proposals > 0 {
		fmt.Fprintf(e.stdout, "%s to look at: techcopilot review\n", count(s.Proposals, "proposal"))
	}
	if n := len(s.NoEnding); n > 0 {
		fmt.Fprintf(e.stdout, "%s without the ending .pdf looks like a PDF; name what is to be imported: %s\n", count(n, "file"), someOf(s.NoEnding))
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func someOf(names []string) string {
	const most = 5
	var out []string
	for _, n := range names[:min(len(names), most)] {
		out = append(out, oneLine(n))
	}
	if len(names) > most {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// foundFiles is what the arguments name.
type foundFiles struct {
	files    []string
	noEnding []string       // that look like PDFs and were not named
	problems []importedFile // folders below that cannot be read
}

// findPDFs lists the files that are named, and the PDF files in folders that are
// named, in their order.
func findPDFs(ctx context.Context, paths []string) (out foundFiles, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return out, errdefs.Wrap(err, errdefs.NotFound, "FILE_NOT_FOUND", "There is no file or folder %s. Check the path.", oneLine(path))
		}
		if !info.IsDir() {
			out.files = append(out.files, path)
			continue
		}
		before := len(out.files)
		err = watch.Walk(ctx, path, func(f watch.File) error {
			if f.NoEnding {
				out.noEnding = append(out.noEnding, f.Path)
			} else {
				out.files = append(out.files, f.Path)
			}
			return nil
		}, func(p string, _ error) {
			out.problems = append(out.problems, importedFile{
				File: p, Result: "failed", Code: "FOLDER_UNREADABLE", Error: "The folder cannot be read. Check its owner and mode.",
			})
		})
		switch {
		case ctx.Err() != nil:
			return out, ctx.Err()
		case err != nil:
			return out, errdefs.Wrap(err, errdefs.Invalid, "FOLDER_UNREADABLE", "The folder %s cannot be read. Check its owner and mode.", oneLine(path))
		case len(out.files) == before:
			return out, errdefs.New(errdefs.NotFound, "NO_PDF_FOUND", "There is no PDF file in %s. Name a folder with PDF files, or the files themselves.", oneLine(path))
		}
	}
	return out, nil
}
