package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/correction"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/search"
)

type correctionsCmd struct {
	List correctionsListCmd `cmd:"" default:"withargs" help:"List what the shop says of rows that were read."`
	Add  correctionsAddCmd  `cmd:"" help:"Say what a row is to say, that it is none, or what was not read."`
	Undo correctionsUndoCmd `cmd:"" help:"Undo a correction: what was read counts again."`
}

type correctionsListCmd struct {
	Manual idArg  `help:"Only those of this manual." placeholder:"ID"`
	State  string `help:"active, look_again (the manual is read differently since), undone or all." default:"active" enum:"active,look_again,undone,all"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run lists corrections, the latest first.
func (c *correctionsListCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		list, err := all(func(cursor string) ([]correction.Correction, string, error) {
			return a.Corrections.List(e.ctx, correction.Filter{Manual: uuid.UUID(c.Manual), State: correction.State(c.State), Limit: 200, Cursor: cursor})
		})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, shownAs(list, app.CorrectionJSON))
		}
		if len(list) == 0 {
			fmt.Fprintln(e.stdout, "There are no such corrections.")
			return nil
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tMANUAL\tROW\tSAYS\tBY\tSTATE")
		for i := range list {
			x := &list[i]
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s, %s\t%s\n", x.ID, x.ManualID, rowOf(x), shortened(saidOf(&x.Correction), 60), oneLine(x.By), x.At.UTC().Format("2006-01-02"), correctionState(x))
		}
		return w.Flush()
	})
}

// shownAs are the elements of a list as the API shows them.
func shownAs[T any](list []T, show func(T) any) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = show(x)
	}
	return out
}

// rowOf names the row of a correction: "codes E12, page 40".
func rowOf(c *correction.Correction) string {
	name, page := c.Anchor.Name, c.Anchor.Page
	if c.Kind == search.CorrectionAdd {
		name, page = c.Says.Name, c.Says.Page
	}
	return fmt.Sprintf("%s %s, page %d", c.Table, oneLine(name), page)
}

// saidOf is what the shop says, in a line.
func saidOf(c *search.Correction) string {
	if c.Kind == search.CorrectionSuppress {
		return "is no row"
	}
	added := c.Kind == search.CorrectionAdd
	var out []string
	if c.Says.Name != "" && !added {
		out = append(out, "is "+c.Says.Name)
	}
	for _, f := range slices.Sorted(maps.Keys(c.Says.Fields)) {
		out = append(out, f+": "+c.Says.Fields[f])
	}
	if c.Says.Page > 0 && !added {
		out = append(out, fmt.Sprintf("page %d", c.Says.Page))
	}
	if len(c.Says.Models) > 0 {
		out = append(out, "for "+strings.Join(c.Says.Models, ", "))
	}
	return oneLine(strings.Join(out, "; "))
}

// shopMark tells under a row that it is the shop's, what of it, and what is printed.
func shopMark(c *search.Corrected) string {
	by := "(" + c.By + ", " + c.At.UTC().Format("2006-01-02") + ")"
	text := "Corrected by the shop " + by + ": " + saidOf(&c.Correction)
	if c.Kind == search.CorrectionAdd {
		text = "Added by the shop " + by
	}
	var printed []string
	if c.Says.Name != "" && c.Anchor.Name != "" {
		printed = append(printed, c.Anchor.Name)
	}
	for _, f := range slices.Sorted(maps.Keys(c.Says.Fields)) {
		if p := c.Printed(f); p != "" {
			printed = append(printed, f+": "+p)
		}
	}
	if len(printed) > 0 {
		text += ". Printed: " + strings.Join(printed, "; ")
	}
	if c.Fit != search.FitHolds {
		text += ". The manual is read differently since: compare it with the page"
	}
	return oneLine(text) + "."
}

func correctionState(c *correction.Correction) string {
	switch {
	case c.Undone:
		return "undone"
	case c.LookAgain():
		return "look again: the row is " + string(c.Fit)
	}
	return "active"
}

type correctionsAddCmd struct {
	Manual      idArg             `arg:"" help:"Id of the manual."`
	Row         string            `arg:"" help:"The code, part number or setting: as printed, or of a row that is added as it is to be found."`
	Kind        string            `help:"replace: the row says something else; add: it was not read; suppress: what was read is no row." default:"replace" enum:"replace,add,suppress"`
	Table       string            `help:"codes, parts or settings." default:"codes" enum:"codes,parts,settings"`
	OnPage      int               `help:"PDF page number of the row, where several pages have one of that name." placeholder:"N"`
	Fingerprint string            `help:"Fingerprint of the row, where a page has several of that name." placeholder:"TEXT"`
	Name        string            `help:"Its right code, part number or setting." placeholder:"NAME"`
	Page        int               `help:"Its right PDF page number; of a row that is added, its page." placeholder:"N"`
	Model       []string          `help:"Models that it is for; may be given several times." placeholder:"NAME"`
	Set         map[string]string `help:"What a field says: meaning, cause and remedy of codes (cause/2, remedy/2: of the second solution only); description and quantity of parts; meaning and default of settings." placeholder:"FIELD=TEXT" mapsep:"none"`
	Quote       string            `help:"Of a row that is added: what its page prints of it. Without it the row is in the shop's own words." placeholder:"TEXT"`
	Note        string            `help:"Why, for other people." placeholder:"TEXT"`
	JSON        bool              `name:"json" help:"Print JSON."`
}

// Run makes a correction.
func (c *correctionsAddCmd) Run(e *env) error {
	d := correction.Draft{
		ManualID: uuid.UUID(c.Manual), Table: search.RowTable(c.Table), Kind: search.CorrectionKind(c.Kind), Note: c.Note,
		Row:  correction.RowRef{Name: c.Row, Page: c.OnPage, Fingerprint: c.Fingerprint},
		Says: search.Says{Name: c.Name, Page: c.Page, Models: c.Model, Fields: c.Set, Quote: c.Quote},
	}
	if d.Kind == search.CorrectionAdd && d.Says.Name == "" {
		d.Says.Name = c.Row
	}
	return withLibrary(e, func(a *app.App) error {
		made, _, err := a.Corrections.Make(e.ctx, d)
		if err != nil {
			printChoices(e, err)
			return err
		}
		if c.JSON {
			return printJSON(e, app.CorrectionJSON(made))
		}
		fmt.Fprintf(e.stdout, "corrected  %s  %s: %s\n", made.ID, rowOf(&made), saidOf(&made.Correction))
		return nil
	})
}

// printChoices lists the rows that may be meant, with the flags that tell which is.
func printChoices(e *env, err error) {
	rows, ok := errdefs.As(err).Details["rows"].([]correction.Choice)
	if !ok {
		return
	}
	for _, r := range rows {
		texts := make([]string, len(r.Fields))
		for i, f := range r.Fields {
			texts[i] = f.Name + ": " + f.Text
		}
		fmt.Fprintf(e.stderr, "  --on-page %d --fingerprint %s  %s  %s\n", r.Page, r.Fingerprint, oneLine(r.Name), shortened(oneLine(strings.Join(texts, "; ")), 80))
	}
}

type correctionsUndoCmd struct {
	ID   idArg `arg:"" help:"Id of the correction."`
	Redo bool  `help:"Have it hold again instead."`
	JSON bool  `name:"json" help:"Print JSON."`
}

// Run ends a correction, or has it hold again.
func (c *correctionsUndoCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		do, done := a.Corrections.Undo, "undone"
		if c.Redo {
			do, done = a.Corrections.Redo, "redone"
		}
		x, err := do(e.ctx, uuid.UUID(c.ID), 0, uuid.Nil)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, app.CorrectionJSON(x))
		}
		fmt.Fprintf(e.stdout, "%s  %s\n", done, rowOf(&x))
		return nil
	})
}

type flagsCmd struct {
	List    flagsListCmd    `cmd:"" default:"withargs" help:"List what somebody has seen to be wrong in a row or an answer."`
	Resolve flagsResolveCmd `cmd:"" help:"Say that a flag was right and is seen to."`
	Dismiss flagsDismissCmd `cmd:"" help:"Say that what was flagged is as it should be."`
}

type flagsListCmd struct {
	Manual idArg  `help:"Only flags about this manual." placeholder:"ID"`
	State  string `help:"open, resolved or dismissed." default:"open" enum:"open,resolved,dismissed"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run lists flags, the oldest first.
func (c *flagsListCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		list, err := all(func(cursor string) ([]correction.Flag, string, error) {
			return a.Corrections.Flags(e.ctx, correction.FlagFilter{Manual: uuid.UUID(c.Manual), State: correction.FlagState(c.State), Limit: 200, Cursor: cursor})
		})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, shownAs(list, app.FlagJSON))
		}
		if len(list) == 0 {
			fmt.Fprintln(e.stdout, "There are no such flags.")
			return nil
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tABOUT\tMANUAL\tREASON\tNOTE\tBY")
		for i := range list {
			x := &list[i]
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s, %s\n", x.ID, aboutOf(x), shortened(orDash(x.Title), 32), strings.ReplaceAll(string(x.Reason), "_", " "),
				shortened(orDash(x.Note), 48), oneLine(x.CreatedBy), x.CreatedAt.UTC().Format("2006-01-02"))
		}
		return w.Flush()
	})
}

// aboutOf names what a flag is about.
func aboutOf(f *correction.Flag) string {
	switch {
	case f.Table != "" && f.Row.Page > 0:
		return fmt.Sprintf("%s %s, page %d", f.Table, oneLine(f.Row.Name), f.Row.Page)
	case f.Table != "":
		return string(f.Table) + " " + oneLine(f.Row.Name)
	case f.Item != "":
		return "answer " + f.AnswerID.String() + ", " + oneLine(f.Item)
	}
	return "answer " + f.AnswerID.String()
}

type flagsResolveCmd struct {
	ID         idArg  `arg:"" help:"Id of the flag."`
	Resolution string `help:"What to say to who has flagged it." placeholder:"TEXT"`
	Correction idArg  `help:"The correction that resolves it." placeholder:"ID"`
	JSON       bool   `name:"json" help:"Print JSON."`
}

// Run resolves a flag.
func (c *flagsResolveCmd) Run(e *env) error {
	return decideFlag(e, uuid.UUID(c.ID), correction.FlagDecision{
		State: correction.FlagResolved, Resolution: c.Resolution, CorrectionID: uuid.UUID(c.Correction),
	}, c.JSON)
}

type flagsDismissCmd struct {
	ID         idArg  `arg:"" help:"Id of the flag."`
	Resolution string `help:"What to say to who has flagged it." placeholder:"TEXT"`
	JSON       bool   `name:"json" help:"Print JSON."`
}

// Run dismisses a flag.
func (c *flagsDismissCmd) Run(e *env) error {
	return decideFlag(e, uuid.UUID(c.ID), correction.FlagDecision{State: correction.FlagDismissed, Resolution: c.Resolution}, c.JSON)
}

func decideFlag(e *env, id uuid.UUID, d correction.FlagDecision, json bool) error {
	return withLibrary(e, func(a *app.App) error {
		f, err := a.Corrections.DecideFlag(e.ctx, id, d)
		if err != nil {
			return err
		}
		if json {
			return printJSON(e, app.FlagJSON(f))
		}
		fmt.Fprintf(e.stdout, "%s  %s\n", f.State, aboutOf(&f))
		return nil
	})
}

// printWaiting says how many flags and corrections wait for somebody.
func printWaiting(e *env, openFlags, lookAgain int) {
	if openFlags > 0 {
		fmt.Fprintf(e.stdout, "%s said to be wrong: techcopilot flags\n", counted(openFlags, "row or answer is", "rows or answers are"))
	}
	if lookAgain > 0 {
		fmt.Fprintf(e.stdout, "%s to be looked at again, since the manual is read differently: techcopilot corrections list --state look_again\n",
			counted(lookAgain, "correction is", "corrections are"))
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
