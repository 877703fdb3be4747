package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/manual"
)

type reviewCmd struct {
	List    reviewListCmd    `cmd:"" default:"withargs" help:"List the manuals that wait to be told what they are for, or which of them is to be asked, and what they seem to be."`
	Accept  reviewAcceptCmd  `cmd:"" help:"Accept a proposal, as it is or with changes, or all that are sure."`
	Dismiss reviewDismissCmd `cmd:"" help:"Leave a manual without models: it is found by its id only."`
}

// reviewed is a proposal as the commands print it.
type reviewed struct {
	ID           uuid.UUID         `json:"id"`
	File         string            `json:"file"`
	State        string            `json:"state"`
	Sure         bool              `json:"sure"`
	Manufacturer string            `json:"manufacturer,omitempty"`
	Models       []string          `json:"models"`
	Type         string            `json:"type,omitempty"`
	Title        string            `json:"title,omitempty"`
	Revision     string            `json:"revision,omitempty"`
	Evidence     []manual.Evidence `json:"evidence"`
}

func newReviewed(p manual.Proposal) reviewed {
	r := reviewed{
		ID: p.Manual.ID, File: p.Manual.FileName, State: string(p.State), Sure: p.Sure, Manufacturer: p.Manufacturer,
		Models: p.Models, Type: string(p.Type), Title: p.Title, Revision: p.Revision, Evidence: p.Evidence,
	}
	if r.Models == nil {
		r.Models = []string{}
	}
	return r
}

type reviewListCmd struct {
	JSON bool `name:"json" help:"Print JSON, with the evidence."`
}

// toReview is all that waits for somebody, with its counts.
type toReview struct {
	Proposals     []reviewed           `json:"proposals"`
	Sure          int                  `json:"sure"` // of the proposals
	Supersessions []listedSupersession `json:"supersessions"`
	OpenFlags     int                  `json:"open_flags"`             // techcopilot flags
	LookAgain     int                  `json:"corrections_look_again"` // techcopilot corrections list --state look_again
	Open          int                  `json:"open"`                   // of everything
}

func newToReview(e *env, a *app.App) (t toReview, err error) {
	proposals, err := all(func(cursor string) ([]manual.Proposal, string, error) {
		return a.Manuals.Proposals(e.ctx, manual.ProposalFilter{Limit: 200, Cursor: cursor})
	})
	if err != nil {
		return t, err
	}
	t.Proposals = []reviewed{}
	for _, p := range proposals {
		t.Proposals = append(t.Proposals, newReviewed(p))
		if p.Sure {
			t.Sure++
		}
	}
	if t.Supersessions, err = openSupersessions(e, a); err != nil {
		return t, err
	}
	waiting, err := a.Corrections.Totals(e.ctx)
	t.OpenFlags, t.LookAgain = waiting.OpenFlags, waiting.LookAgain
	t.Open = len(t.Proposals) + len(t.Supersessions) + t.OpenFlags + t.LookAgain
	return t, err
}

// Run lists what waits for a decision.
func (c *reviewListCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		t, err := newToReview(e, a)
		switch {
		case err != nil:
			return err
		case c.JSON:
			return printJSON(e, t)
		case t.Open == 0:
			_, err = fmt.Fprintln(e.stdout, "Nothing waits for a review.")
			return err
		}
		if len(t.Proposals) > 0 {
			if err := c.print(e, t.Proposals, t.Sure); err != nil {
				return err
			}
		}
		if len(t.Proposals) > 0 && t.Open > len(t.Proposals) {
			fmt.Fprintln(e.stdout)
		}
		if len(t.Supersessions) > 0 {
			if err := printSupersessions(e, t.Supersessions); err != nil {
				return err
			}
		}
		printWaiting(e, t.OpenFlags, t.LookAgain)
		return nil
	})
}

func (c *reviewListCmd) print(e *env, all []reviewed, sure int) error {
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tFILE\tPROPOSED\tTYPE\tSURE\tBECAUSE")
	for _, r := range all {
		mark := "-"
		if r.Sure {
			mark = "yes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, shortened(r.File, 32), shortened(orDash(proposedName(r)), 48), orDash(r.Type), mark, because(r))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "\n%d to review, %d of them sure.\n", len(all), sure)
	if sure > 0 {
		fmt.Fprintln(e.stdout, "  techcopilot review accept --sure                   accept those that are sure")
	}
	fmt.Fprintln(e.stdout, "  techcopilot review accept ID [--manufacturer NAME --model NAME --type TYPE]")
	fmt.Fprintln(e.stdout, "  techcopilot review dismiss ID")
	return nil
}

func proposedName(r reviewed) string {
	return strings.TrimSpace(r.Manufacturer + " " + strings.Join(r.Models, ", "))
}

// because names the sources of manufacturer and models: "folder, cover p. 1".
func because(r reviewed) string {
	var out []string
	seen := map[string]bool{}
	for _, v := range r.Evidence {
		if v.Field != "manufacturer" && v.Field != "model" {
			continue
		}
		s := string(v.Source)
		if v.Page > 0 {
			s += fmt.Sprintf(" p. %d", v.Page)
		}
		if !seen[s] && len(out) < 4 {
			seen[s] = true
			out = append(out, s)
		}
	}
	return orDash(strings.Join(out, ", "))
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return oneLine(s)
}

// shortened cuts a text in the middle: the end of a file's name tells it apart.
func shortened(s string, most int) string {
	s = oneLine(s)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)
	return string(r[:most/2]) + "…" + string(r[len(r)-(most-most/2-1):])
}

type reviewAcceptCmd struct {
	ID           idArg    `arg:"" optional:"" help:"Id of the manual."`
	Sure         bool     `help:"Accept all proposals that are sure."`
	Manufacturer string   `help:"Instead of the proposed one." placeholder:"NAME"`
	Model        []string `help:"Instead of the proposed ones; may be repeated." placeholder:"NAME" sep:"none"`
	Type         string   `help:"service, parts, installation, user, wiring, bulletin or unknown." enum:",service,parts,installation,user,wiring,bulletin,unknown" default:"" placeholder:"TYPE"`
	Title        string   `help:"Instead of the proposed one." placeholder:"TEXT"`
	Revision     string   `help:"Instead of the proposed one." placeholder:"TEXT"`
	JSON         bool     `name:"json" help:"Print JSON."`
}

// Run accepts one proposal, or all that are sure.
func (c *reviewAcceptCmd) Run(e *env) error {
	changes := c.Manufacturer != "" || len(c.Model) > 0 || c.Type != "" || c.Title != "" || c.Revision != ""
	if c.Sure == (c.ID != idArg{}) || c.Sure && changes {
		fmt.Fprintln(e.stderr, "techcopilot: Name one manual, with changes if need be, or accept all with --sure.")
		return exit(exitUsage)
	}
	if c.Sure {
		return c.acceptSure(e)
	}
	var d manual.Decision
	for _, f := range []struct {
		given string
		to    **string
	}{{c.Manufacturer, &d.Manufacturer}, {c.Title, &d.Title}, {c.Revision, &d.Revision}} {
		if f.given != "" {
			*f.to = &f.given
		}
	}
	if len(c.Model) > 0 {
		d.Models = &c.Model
	}
	if c.Type != "" {
		t := manual.Type(c.Type)
		d.Type = &t
	}
	return withLibrary(e, func(a *app.App) error {
		p, err := a.Manuals.Accept(e.ctx, uuid.UUID(c.ID), d)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, newReviewed(p))
		}
		var models []string
		for _, m := range p.Manual.Models {
			models = append(models, m.Manufacturer+" "+m.Name)
		}
		fmt.Fprintf(e.stdout, "accepted  %s: %s\n", oneLine(p.Manual.Title), oneLine(strings.Join(models, ", ")))
		return nil
	})
}

func (c *reviewAcceptCmd) acceptSure(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		n, err := a.Manuals.AcceptAllSure(e.ctx, manual.LocalUser)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, map[string]int{"accepted": n.Accepted, "passed": n.Passed, "open": n.Open})
		}
		fmt.Fprintf(e.stdout, "%d accepted, %d left to review\n", n.Accepted, n.Open)
		if n.Passed > 0 {
			fmt.Fprintf(e.stdout, "%d were decided by somebody else meanwhile\n", n.Passed)
		}
		return nil
	})
}

type reviewDismissCmd struct {
	ID   idArg `arg:"" help:"Id of the manual."`
	JSON bool  `name:"json" help:"Print JSON."`
}

// Run dismisses a proposal.
func (c *reviewDismissCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		p, err := a.Manuals.Dismiss(e.ctx, uuid.UUID(c.ID), manual.Decision{})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, newReviewed(p))
		}
		fmt.Fprintf(e.stdout, "dismissed  %s\n", oneLine(p.Manual.Title))
		return nil
	})
}
