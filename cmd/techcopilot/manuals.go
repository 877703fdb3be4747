package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/manual"
)

type manualsCmd struct {
	List   manualsListCmd   `cmd:"" default:"withargs" help:"List the manuals of the library, the latest first."`
	Show   manualsShowCmd   `cmd:"" help:"Show a manual, how its pages were read, and what is wrong with it."`
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
	Added       time.Time             `json:"created_at"`
	Failed      []failedPage          `json:"failed_pages,omitempty"`
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
		NeedsReview: m.NeedsReview, Reasons: m.ReviewReasons, Added: m.CreatedAt.UTC(),
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
	Query  string `help:"Only manuals with this in title, file name or model."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run lists manuals.
func (c *manualsListCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		all := []listedManual{}
		f := manual.Filter{Status: manual.Status(c.Status), Query: c.Query, Limit: 200}
		if c.Review {
			f.NeedsReview = new(true)
		}
		for {
			found, next, err := a.Manuals.List(e.ctx, f)
			if err != nil {
				return err
			}
			for _, m := range found {
				all = append(all, newListedManual(m))
			}
			if f.Cursor = next; next == "" {
				break
			}
		}
		if c.JSON {
			return printJSON(e, all)
		}
		if len(all) == 0 {
			fmt.Fprintln(e.stdout, "No manual is like that.")
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

// pages says how many pages were read, of how many.
func (m *listedManual) pages() string {
	read := m.PagesDone - m.PagesFailed - m.OCRWaiting
	if read == m.Pages {
		return strconv.Itoa(m.Pages)
	}
	return fmt.Sprintf("%d of %d", max(read, 0), m.Pages)
}

type manualsShowCmd struct {
	ID   uuid.UUID `arg:"" help:"Id of the manual."`
	JSON bool      `name:"json" help:"Print JSON."`
}

// Run shows a manual.
func (c *manualsShowCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		found, err := a.Manuals.Get(e.ctx, c.ID)
		if err != nil {
			return err
		}
		m := newListedManual(found)
		counts := map[manual.PageQuality]int{}
		for f := (manual.PageFilter{Limit: 1000}); ; {
			pages, next, err := a.Manuals.Pages(e.ctx, c.ID, f)
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
		if c.JSON {
			return printJSON(e, m)
		}
		m.print(e.stdout, counts)
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
	line("title", m.Title)
	line("file", m.FileName)
	line("models", strings.Join(m.Models, ", "))
	line("language", m.Language)
	line("status", m.state())
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

type manualsRetryCmd struct {
	ID   uuid.UUID `arg:"" help:"Id of the manual."`
	Page int       `help:"Only this page (PDF page number)."`
	JSON bool      `name:"json" help:"Print JSON."`
}

// Run has a running server or worker try again.
func (c *manualsRetryCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		retry := a.Manuals.Retry
		if c.Page != 0 {
			retry = func(ctx context.Context, id uuid.UUID) (manual.Manual, error) {
				return a.Manuals.RetryPage(ctx, id, c.Page)
			}
		}
		found, err := retry(e.ctx, c.ID)
		if err != nil {
			return err
		}
		m := newListedManual(found)
		if c.JSON {
			return printJSON(e, m)
		}
		switch m.Status {
		case manual.Queued, manual.Processing:
			fmt.Fprintf(e.stdout, "%s is %s; a running server or worker goes on with it.\n", oneLine(m.Title), m.state())
		default:
			fmt.Fprintf(e.stdout, "%s is %s; there is nothing to try again.\n", oneLine(m.Title), m.state())
		}
		return nil
	})
}

type manualsDeleteCmd struct {
	ID   uuid.UUID `arg:"" help:"Id of the manual."`
	JSON bool      `name:"json" help:"Print JSON."`
}

// Run deletes a manual.
func (c *manualsDeleteCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		m, err := a.Manuals.Get(e.ctx, c.ID)
		if err != nil {
			return err
		}
		if err := a.Manuals.Delete(e.ctx, c.ID); err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, newListedManual(m))
		}
		fmt.Fprintf(e.stdout, "%s is deleted.\n", oneLine(m.Title))
		return nil
	})
}
