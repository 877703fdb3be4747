package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"golang.org/x/term"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

type manualsCmd struct {
	List manualsListCmd `cmd:"" default:"withargs" help:"List the manuals of the library, the latest first."`
	Show manualsShowCmd `cmd:"" help:"Show a manual, how its pages were read, and what is wrong with it."`
	Diff manualsDiffCmd `cmd:"" help:"Show what the tables of two manuals say differently."`

	Supersede manualsSupersedeCmd `cmd:"" help:"Have another manual asked instead of one, as it is proposed or not."`
	Reinstate manualsReinstateCmd `cmd:"" help:"Have a superseded manual asked again."`
	Reprocess manualsReprocessCmd `cmd:"" help:"Read manuals again from their originals, in the background: a running server or worker does it."`

	Retry  manualsRetryCmd  `cmd:"" help:"Read again what failed about a manual: a running server or worker does it."`
	Delete manualsDeleteCmd `cmd:"" help:"Delete a manual with its original and everything read from it."`
}

// listedManual is a manual as JSON.
type listedManual struct {
	ID          uuid.UUID             `json:"id"`
	Title       string                `json:"title"`
	FileName    string                `json:"file_name"`
	Models      []string              `json:"models"`
	Language    string                `json:"language,omitempty"`
	Status      manual.Status         `json:"status"`
	Stage       manual.Stage          `json:"stage,omitempty"`
	Searchable  bool                  `json:"searchable"`
	Pages       int                   `json:"pages"`
	PagesDone   int                   `json:"pages_done"`
	PagesFailed int                   `json:"pages_failed"`
	OCRWaiting  int                   `json:"ocr_waiting"`
	OCRDone     int                   `json:"ocr_done"`
	OCRFailed   int                   `json:"ocr_failed"`
	Quality     manual.Quality        `json:"ocr_quality"`
	NeedsReview bool                  `json:"needs_review"`
	Reasons     []manual.ReviewReason `json:"review_reasons,omitempty"`
	ErrorCode   string                `json:"error_code,omitempty"`
	Error       string                `json:"error,omitempty"`
	Serials     string                `json:"serial_range,omitempty"`
	Superseded  *listedSuccessor      `json:"superseded_by,omitempty"`
	Outdated    bool                  `json:"outdated"` // an older version has read it
	Reread      *listedReread         `json:"reprocessing,omitempty"`
	Added       time.Time             `json:"created_at"`
	Updated     time.Time             `json:"updated_at"`
	ReadyAt     *time.Time            `json:"ready_at,omitempty"`
	Progress    *listedProgress       `json:"progress,omitempty"` // while a stage is worked on
	Failed      []failedPage          `json:"failed_pages,omitempty"`
	Sections    []listedSection       `json:"sections,omitempty"` // of one that is shown
}

// listedProgress is how far the stage of a manual is.
type listedProgress struct {
	Done       int     `json:"done"`
	Total      int     `json:"total"`
	Rate       float64 `json:"pages_per_second"`
	ETASeconds int     `json:"eta_seconds"` // of all stages; 0 when it cannot be told
}

// listedSuccessor is the manual that is asked instead.
type listedSuccessor struct {
	ID       uuid.UUID `json:"id"`
	Title    string    `json:"title"`
	Revision string    `json:"revision,omitempty"`
}

// listedReread is how far a manual that is read again is.
type listedReread struct {
	Status    manual.Status   `json:"status"`
	Stage     manual.Stage    `json:"stage,omitempty"`
	ErrorCode string          `json:"error_code,omitempty"`
	Error     string          `json:"error,omitempty"`
	Progress  *listedProgress `json:"progress,omitempty"`
}

type failedPage struct {
	Page  int    `json:"page"`
	Error string `json:"error"`
}

func newListedManual(m manual.Manual) listedManual {
	out := listedManual{
		ID: m.ID, Title: m.Title, FileName: m.FileName, Models: []string{}, Language: m.Language, Status: m.Status, Stage: m.Progress.Stage,
		Searchable: m.Searchable(), Pages: m.Pages, PagesDone: m.PagesDone, PagesFailed: m.PagesFailed,
		OCRWaiting: m.OCRWaiting, OCRDone: m.OCRDone, OCRFailed: m.OCRFailed, Quality: m.Quality,
		NeedsReview: m.NeedsReview, Reasons: m.ReviewReasons,
		Serials: m.SerialRange, Outdated: m.Outdated(),
		Added: m.CreatedAt.UTC(), Updated: m.UpdatedAt.UTC(),
	}
	if n := m.SupersededBy; n != nil {
		out.Superseded = &listedSuccessor{n.ID, n.Title, n.Revision}
	}
	if r := m.Reprocessing; r != nil {
		out.Reread = &listedReread{Status: r.Status, Stage: r.Progress.Stage}
		if r.Error != nil {
			out.Reread.ErrorCode, out.Reread.Error = r.Error.Code, r.Error.Message
		}
		if p := r.Progress; p.Stage != "" && r.Status == manual.Processing {
			out.Reread.Progress = &listedProgress{p.Done, p.Total, p.Rate, int(p.ETA.Round(time.Second).Seconds())}
		}
	}
	if m.ReadyAt != nil {
		out.ReadyAt = new(m.ReadyAt.UTC())
	}
	if p := m.Progress; p.Stage != "" && m.Status == manual.Processing {
		out.Progress = &listedProgress{p.Done, p.Total, p.Rate, int(p.ETA.Round(time.Second).Seconds())}
	}
	for _, model := range m.Models {
		out.Models = append(out.Models, model.Manufacturer+" "+model.Name)
	}
	if m.Error != nil {
		out.ErrorCode, out.Error = m.Error.Code, m.Error.Message
	}
	return out
}

// state says in a few words how far a manual is.
func (m *listedManual) state() string {
	if m.Stage == "" || m.Status == manual.Quarantined {
		return string(m.Status)
	}
	return fmt.Sprintf("%s (%s)", m.Status, m.Stage)
}

type manualsListCmd struct {
	Status string `enum:",queued,processing,ready,failed,quarantined" default:"" help:"Only manuals of this status: queued, processing, ready, failed or quarantined."`
	Review bool   `help:"Only manuals that somebody should look at."`

	Outdated   bool `help:"Only manuals that an older version of the program has read."`
	Superseded bool `help:"Only manuals instead of which another is asked."`

	Query string `help:"Only manuals with this in title, file name or model."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// Run lists manuals.
func (c *manualsListCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		all := []listedManual{}
		f := manual.Filter{Status: manual.Status(c.Status), Query: c.Query}
		if c.Review {
			f.NeedsReview = new(true)
		}
		if f.Outdated = c.Outdated; c.Superseded {
			f.Superseded = new(true)
		}
		err := eachManual(e, a, f, func(m manual.Manual) error {
			all = append(all, newListedManual(m))
			return nil
		})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, all)
		}
		if len(all) == 0 {
			none := "No manual is like that."
			if *c == (manualsListCmd{}) {
				none = "The library is empty. Add manuals with techcopilot import FILE-OR-FOLDER, or upload them to a running server."
			}
			fmt.Fprintln(e.stdout, none)
			return nil
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tSTATUS\tPAGES\tQUALITY\tREVIEW\tTITLE")
		for i := range all {
			m := &all[i]
			codes := make([]string, len(m.Reasons))
			for k, r := range m.Reasons {
				codes[k] = r.Code
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", m.ID, m.state(), m.pages(), m.Quality, strings.Join(codes, " "), oneLine(m.Title))
		}
		return w.Flush()
	})
}

// eachManual calls do with the manuals that a filter selects, the latest first.
func eachManual(e *env, a *app.App, f manual.Filter, do func(manual.Manual) error) error {
	f.Limit = 200
	for {
		found, next, err := a.Manuals.List(e.ctx, f)
		if err != nil {
			return err
		}
		for _, m := range found {
			if err := do(m); err != nil {
				return err
			}
		}
		if f.Cursor = next; next == "" {
			return nil
		}
	}
}

// pages says how many pages were read, of how many.
func (m *listedManual) pages() string {
	read := m.PagesDone - m.PagesFailed - m.OCRWaiting
	if read == m.Pages {
		return strconv.Itoa(m.Pages)
	}
	return fmt.Sprintf("%d of %d", max(read, 0), m.Pages)
}

type manualsShowCmd struct {
	ID   idArg `arg:"" help:"Id of the manual."`
	JSON bool  `name:"json" help:"Print JSON."`
}

// Run shows a manual.
func (c *manualsShowCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		found, err := a.Manuals.Get(e.ctx, uuid.UUID(c.ID))
		if err != nil {
			return err
		}
		m := newListedManual(found)
		counts := map[manual.PageQuality]int{}
		for f := (manual.PageFilter{Limit: 1000}); ; {
			pages, next, err := a.Manuals.Pages(e.ctx, uuid.UUID(c.ID), f)
			if err != nil {
				return err
			}
			for _, p := range pages {
				counts[p.Quality]++
				if reason := p.Error + p.OCRError; reason != "" {
					m.Failed = append(m.Failed, failedPage{p.Number, reason})
				}
			}
			if f.After = next; next == 0 {
				break
			}
		}
		if m.Sections, err = sectionsOf(e.ctx, a, uuid.UUID(c.ID)); err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, m)
		}
		m.print(e.stdout, counts)
		printSections(e.stdout, m.Sections)
		return nil
	})
}

func (m *listedManual) print(w io.Writer, counts map[manual.PageQuality]int) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-10s%s\n", name, oneLine(value))
		}
	}
	var kinds []string
	for _, q := range manual.PageQualities {
		if n := counts[q]; n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", n, q))
		}
	}
	line("id", m.ID.String())
	line("title", m.Title)
	line("file", m.FileName)
	line("models", strings.Join(m.Models, ", "))
	line("language", m.Language)
	line("serials", m.Serials)
	if m.Superseded != nil {
		line("replaced", fmt.Sprintf("%s (%s) is asked instead", m.Superseded.Title, m.Superseded.ID))
	}
	line("status", m.state())
	line("progress", m.Progress.String())
	if m.Reread != nil {
		line("rereading", strings.TrimSpace(m.Reread.state()+" "+m.Reread.Progress.String()))
	} else if m.Outdated {
		line("outdated", "an older version has read it: techcopilot manuals reprocess "+m.ID.String())
	}
	line("added", m.Added.Format(time.DateTime)+" UTC")
	line("changed", m.Updated.Format(time.DateTime)+" UTC")
	if m.ReadyAt != nil {
		line("ready", m.ReadyAt.Format(time.DateTime)+" UTC")
	}
	line("pages", m.pages()+" read: "+strings.Join(kinds, ", "))
	line("quality", string(m.Quality))
	line("error", m.Error)
	for _, r := range m.Reasons {
		if r.Message != m.Error {
			line("review", r.Message)
		}
	}
	for _, p := range m.Failed {
		line(fmt.Sprintf("page %d", p.Page), p.Error)
	}
}

// String says it in a few words, "" when there is nothing to say.
func (p *listedProgress) String() string {
	if p == nil || p.Total == 0 {
		return ""
	}
	s := fmt.Sprintf("%d of %d pages", p.Done, p.Total)
	if p.Rate > 0 {
		s += fmt.Sprintf(", %.1f/s", p.Rate)
	}
	if p.ETASeconds > 0 {
		s += ", about " + (time.Duration(p.ETASeconds) * time.Second).String() + " left"
	}
	return s
}

type manualsRetryCmd struct {
	ID     idArg `arg:"" optional:"" help:"Id of the manual."`
	Page   int   `help:"Only this page (PDF page number)."`
	Failed bool  `help:"All manuals that have failed, or have pages that have."`
	JSON   bool  `name:"json" help:"Print JSON."`
}

// Run has a running server or worker try again.
func (c *manualsRetryCmd) Run(e *env) error {
	if c.Failed == (c.ID != idArg{}) || c.Failed && c.Page != 0 {
		fmt.Fprintln(e.stderr, "techcopilot: Name one manual, with a page if need be, or try all again with --failed.")
		return exit(exitUsage)
	}
	return withLibrary(e, func(a *app.App) error {
		if c.Failed {
			return c.retryFailed(e, a)
		}
		retry := a.Manuals.Retry
		if c.Page != 0 {
			retry = func(ctx context.Context, id uuid.UUID) (manual.Manual, error) {
				return a.Manuals.RetryPage(ctx, id, c.Page)
			}
		}
		found, err := retry(e.ctx, uuid.UUID(c.ID))
		if err != nil {
			return err
		}
		m := newListedManual(found)
		if c.JSON {
			return printJSON(e, m)
		}
		fmt.Fprintln(e.stdout, m.retried())
		return nil
	})
}

// retryFailed tries all manuals again that have failed, if only in part. One that
// cannot be tried again does not keep the others from it.
func (c *manualsRetryCmd) retryFailed(e *env, a *app.App) error {
	// Listed before any is changed.
	var ids []uuid.UUID
	err := eachManual(e, a, manual.Filter{}, func(m manual.Manual) error {
		if m.Status == manual.Failed || m.Status != manual.Quarantined && m.PagesFailed+m.OCRFailed > 0 {
			ids = append(ids, m.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	all, refused := []listedManual{}, 0
	for _, id := range ids {
		found, err := a.Manuals.Retry(e.ctx, id)
		if e.ctx.Err() != nil {
			return e.ctx.Err()
		}
		if err != nil {
			refused++
			fmt.Fprintf(e.stderr, "techcopilot: %s: %s\n", id, oneLine(userMessage(errdefs.As(err))))
			continue
		}
		m := newListedManual(found)
		all = append(all, m)
		if !c.JSON {
			fmt.Fprintln(e.stdout, m.retried())
		}
	}
	switch {
	case c.JSON:
		err = printJSON(e, all)
	case len(ids) == 0:
		fmt.Fprintln(e.stdout, "Nothing has failed.")
	}
	if err == nil && refused > 0 {
		err = exit(exitFailure)
	}
	return err
}

// retried says what came of trying again.
func (m *listedManual) retried() string {
	if m.Status == manual.Queued || m.Status == manual.Processing {
		return fmt.Sprintf("%s is %s; a running server or worker goes on with it.", oneLine(m.Title), m.state())
	}
	return fmt.Sprintf("%s is %s; there is nothing to try again.", oneLine(m.Title), m.state())
}

type manualsDeleteCmd struct {
	ID   idArg `arg:"" help:"Id of the manual."`
	Yes  bool  `short:"y" help:"Do not ask, which is done in a terminal only."`
	JSON bool  `name:"json" help:"Print JSON."`
}

// Run deletes a manual.
func (c *manualsDeleteCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		m, err := a.Manuals.Get(e.ctx, uuid.UUID(c.ID))
		if err != nil {
			return err
		}
		if !c.Yes && e.terminal && term.IsTerminal(int(os.Stdin.Fd())) {
			fmt.Fprintf(e.stderr, "Delete %s (%s) with everything read from it? [y/N] ", oneLine(m.Title), oneLine(m.FileName))
			if !confirmed(os.Stdin) {
				fmt.Fprintln(e.stderr, "Nothing was deleted.")
				return exit(exitFailure)
			}
		}
		if err := a.Manuals.Delete(e.ctx, m.ID); err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, newListedManual(m))
		}
		fmt.Fprintf(e.stdout, "%s is deleted.\n", oneLine(m.Title))
		return nil
	})
}

// confirmed reads one line and reports whether it says yes.
func confirmed(r io.Reader) bool {
	line, err := bufio.NewReader(r).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	return err == nil && (answer == "y" || answer == "yes")
}
