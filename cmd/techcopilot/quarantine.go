package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

type quarantineCmd struct {
	List    quarantineListCmd    `cmd:"" default:"withargs" help:"List the manuals in quarantine and why they are there."`
	Show    quarantineShowCmd    `cmd:"" help:"Show what was found in a manual and what was decided about it."`
	Release quarantineReleaseCmd `cmd:"" help:"Let a manual in: it is screened once more and then read."`
	Delete  quarantineDeleteCmd  `cmd:"" help:"Delete a manual that is in quarantine."`
}

// quarantined is a manual in quarantine as JSON.
type quarantined struct {
	ID       uuid.UUID        `json:"id"`
	Title    string           `json:"title"`
	FileName string           `json:"file_name"`
	SHA256   string           `json:"sha256"` // of the file as it came
	Status   manual.Status    `json:"status"`
	Reason   string           `json:"reason,omitempty"`
	Findings []manual.Finding `json:"findings"`
	Added    time.Time        `json:"created_at"`
	Audit    []auditEntry     `json:"audit,omitempty"`
}

type auditEntry struct {
	At     time.Time  `json:"at"`
	Actor  *uuid.UUID `json:"actor,omitempty"` // absent for the program itself
	Action string     `json:"action"`
	Detail any        `json:"detail"`
}

func newQuarantined(m manual.Manual) quarantined {
	q := quarantined{
		ID: m.ID, Title: m.Title, FileName: m.FileName, SHA256: m.SourceSHA256, Status: m.Status,
		Findings: append([]manual.Finding{}, m.Findings...), Added: m.CreatedAt.UTC(),
	}
	if m.Status == manual.Quarantined && m.Error != nil {
		q.Reason = m.Error.Message
	}
	return q
}

// withLibrary runs f on the library, which is not worked on meanwhile. It makes
// none where there is none.
func withLibrary(e *env, f func(a *app.App) error) error {
	if err := app.RequireLibrary(e.library); err != nil {
		return err
	}
	a, err := app.Open(e.ctx, e.library, app.Options{Log: e.log, Build: e.build})
	if err != nil {
		return err
	}
	err = f(a)
	if closed := a.Close(); err == nil {
		err = closed
	}
	return err
}

type quarantineListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists what is in quarantine, the latest first.
func (c *quarantineListCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		all := []quarantined{}
		err := eachManual(e, a, manual.Filter{Status: manual.Quarantined}, func(m manual.Manual) error {
			all = append(all, newQuarantined(m))
			return nil
		})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, all)
		}
		if len(all) == 0 {
			fmt.Fprintln(e.stdout, "Nothing is in quarantine.")
		}
		for _, q := range all {
			fmt.Fprintf(e.stdout, "%s  %s UTC  %s\n    %s\n", q.ID, q.Added.Format(time.DateTime), oneLine(q.FileName), oneLine(q.Reason))
		}
		return nil
	})
}

type quarantineShowCmd struct {
	ID   idArg `arg:"" help:"Id of the manual."`
	JSON bool  `name:"json" help:"Print JSON."`
}

// Run shows a manual, also one that was released.
func (c *quarantineShowCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		m, err := a.Manuals.Get(e.ctx, uuid.UUID(c.ID))
		if err != nil {
			return err
		}
		entries, err := a.Manuals.Audit(e.ctx, uuid.UUID(c.ID))
		if err != nil {
			return err
		}
		q := newQuarantined(m)
		for _, entry := range entries {
			to := auditEntry{At: entry.At.UTC(), Action: string(entry.Action), Detail: entry.Detail}
			if entry.Actor != uuid.Nil {
				to.Actor = &entry.Actor
			}
			q.Audit = append(q.Audit, to)
		}
		if c.JSON {
			return printJSON(e, q)
		}
		fmt.Fprintf(e.stdout, "%s\n%s, %s\nsha256 %s\n", oneLine(q.Title), oneLine(q.FileName), q.Status, q.SHA256)
		if q.Reason != "" {
			fmt.Fprintln(e.stdout, oneLine(q.Reason))
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		for _, f := range q.Findings {
			where, released := "", ""
			if f.Object != 0 {
				where = fmt.Sprintf("object %d", f.Object)
			}
			if f.Released {
				released = "released"
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", oneLine(f.Kind), where, released, oneLine(f.Detail))
		}
		for _, entry := range q.Audit {
			who := "the program"
			if entry.Actor != nil {
				who = "user " + entry.Actor.String()
			}
			fmt.Fprintf(w, "  %s UTC\t%s\t%s\n", entry.At.Format(time.DateTime), oneLine(entry.Action), who)
		}
		return w.Flush()
	})
}

type quarantineReleaseCmd struct {
	ID   idArg  `arg:"" help:"Id of the manual."`
	Note string `help:"Why it is let in; kept in the audit." placeholder:"TEXT"`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run releases a manual. A running server or worker reads it, or the next one.
func (c *quarantineReleaseCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		m, err := a.Manuals.Release(e.ctx, uuid.UUID(c.ID), manual.LocalUser, c.Note)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, newQuarantined(m))
		}
		fmt.Fprintf(e.stdout, "released %s; the running server reads it, or the next one that is started\n", oneLine(m.FileName))
		return nil
	})
}

type quarantineDeleteCmd struct {
	ID idArg `arg:"" help:"Id of the manual."`
}

// Run deletes a manual, but none that is not in quarantine.
func (c *quarantineDeleteCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		m, err := a.Manuals.Get(e.ctx, uuid.UUID(c.ID))
		if err != nil {
			return err
		}
		if m.Status != manual.Quarantined {
			return errdefs.New(errdefs.Conflict, "MANUAL_NOT_QUARANTINED",
				"This manual is not in quarantine. Use techcopilot manuals delete if it shall be deleted nevertheless.")
		}
		if err := a.Manuals.Delete(e.ctx, uuid.UUID(c.ID)); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "deleted %s\n", oneLine(m.FileName))
		return nil
	})
}
