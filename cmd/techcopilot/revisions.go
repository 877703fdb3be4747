package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/search"
)

// state says in a few words how far the reading is.
func (r *listedReread) state() string {
	switch {
	case r.Status == manual.Failed:
		return "failed, the manual is as it was: " + r.Error
	case r.Status == manual.Ready:
		return "waits for OCR"
	case r.Stage != "":
		return fmt.Sprintf("%s (%s)", r.Status, r.Stage)
	}
	return string(r.Status)
}

// listedSupersession is a supersession as JSON.
type listedSupersession struct {
	Kind        manual.SupersessionKind     `json:"kind"`
	ID          uuid.UUID                   `json:"id"`
	State       manual.SupersessionState    `json:"state"`
	Predecessor listedSuccessor             `json:"predecessor"`
	Successor   listedSuccessor             `json:"successor"`
	Evidence    manual.SupersessionEvidence `json:"evidence"`
}

func newListedSupersession(x manual.Supersession) listedSupersession {
	short := func(m manual.Manual) listedSuccessor { return listedSuccessor{m.ID, m.Title, m.Revision} }
	return listedSupersession{x.Kind, x.ID, x.State, short(x.Predecessor), short(x.Successor), x.Evidence}
}

// openSupersessions returns all that wait for a decision.
func openSupersessions(e *env, a *app.App) ([]listedSupersession, error) {
	return all(func(cursor string) ([]listedSupersession, string, error) {
		found, next, err := a.Manuals.Supersessions(e.ctx, manual.SupersessionFilter{Limit: 200, Cursor: cursor})
		var out []listedSupersession
		for _, x := range found {
			out = append(out, newListedSupersession(x))
		}
		return out, next, err
	})
}

// printSupersessions lists what waits for a decision.
func printSupersessions(e *env, all []listedSupersession) error {
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SUPERSEDED\tTITLE\tBY\tTITLE\tBECAUSE")
	for _, x := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", x.Predecessor.ID, shortened(named(x.Predecessor), 40), x.Successor.ID, shortened(named(x.Successor), 40), x.because())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "\n%d to review.\n", len(all))
	fmt.Fprintln(e.stdout, "  techcopilot manuals diff SUPERSEDED BY                  what their tables say differently")
	fmt.Fprintln(e.stdout, "  techcopilot manuals supersede SUPERSEDED --by BY        ask the one instead of the other")
	fmt.Fprintln(e.stdout, "  techcopilot manuals supersede SUPERSEDED --by BY --not  ask both")
	return nil
}

func named(m listedSuccessor) string {
	if m.Revision == "" {
		return m.Title
	}
	return m.Title + " (" + m.Revision + ")"
}

// because says what the proposal rests on: "revision Rev. A → Rev. B; 40 pages the same, 3 changed".
func (x *listedSupersession) because() string {
	var out []string
	for _, f := range x.Evidence.Facts {
		if f.Field == x.Evidence.Reason {
			out = append(out, oneLine(fmt.Sprintf("%s %s → %s", f.Field, orDash(f.Predecessor), orDash(f.Successor))))
		}
	}
	if x.Kind == manual.SupersessionDuplicate {
		out = append(out, "the same text")
	}
	p := x.Evidence.Pages
	pages := fmt.Sprintf("%d pages the same", p.Same)
	for _, n := range []struct {
		n    int
		what string
	}{{p.Similar, "changed"}, {p.OnlyOld, "gone"}, {p.OnlyNew, "new"}} {
		if n.n > 0 {
			pages += fmt.Sprintf(", %d %s", n.n, n.what)
		}
	}
	return strings.Join(append(out, pages), "; ")
}

type manualsSupersedeCmd struct {
	ID   idArg `arg:"" help:"Id of the manual that is not to be asked any more."`
	By   idArg `required:"" help:"Id of the manual that is asked instead." placeholder:"ID"`
	Not  bool  `help:"Dismiss the proposal: both are asked, and it is not proposed again."`
	JSON bool  `name:"json" help:"Print JSON."`
}

// Run confirms, tells or dismisses a supersession.
func (c *manualsSupersedeCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		id, by := uuid.UUID(c.ID), uuid.UUID(c.By)
		var x manual.Supersession
		var err error
		if c.Not {
			x, err = dismissSupersession(e, a, id, by)
		} else {
			x, err = a.Manuals.Supersede(e.ctx, id, by, manual.SupersessionDecision{})
		}
		if err != nil {
			return err
		}
		l := newListedSupersession(x)
		switch {
		case c.JSON:
			return printJSON(e, l)
		case c.Not:
			fmt.Fprintf(e.stdout, "%s and %s are both asked.\n", oneLine(named(l.Predecessor)), oneLine(named(l.Successor)))
		default:
			fmt.Fprintf(e.stdout, "%s is asked instead of %s.\n", oneLine(named(l.Successor)), oneLine(named(l.Predecessor)))
		}
		return nil
	})
}

func dismissSupersession(e *env, a *app.App, id, by uuid.UUID) (manual.Supersession, error) {
	found, _, err := a.Manuals.Supersessions(e.ctx, manual.SupersessionFilter{Manual: id, Limit: 200})
	if err != nil {
		return manual.Supersession{}, err
	}
	for _, x := range found {
		if x.Predecessor.ID == id && x.Successor.ID == by {
			return a.Manuals.DismissSupersession(e.ctx, x.ID, manual.SupersessionDecision{})
		}
	}
	return a.Manuals.Supersession(e.ctx, uuid.Nil) // says that there is none
}

type manualsReinstateCmd struct {
	ID   idArg `arg:"" help:"Id of the superseded manual."`
	JSON bool  `name:"json" help:"Print JSON."`
}

// Run has a superseded manual asked again.
func (c *manualsReinstateCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		m, err := a.Manuals.Reinstate(e.ctx, uuid.UUID(c.ID), manual.SupersessionDecision{})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, newListedManual(m))
		}
		fmt.Fprintf(e.stdout, "%s is asked again.\n", oneLine(m.Title))
		return nil
	})
}

type manualsReprocessCmd struct {
	ID       []idArg `arg:"" optional:"" help:"Ids of the manuals."`
	All      bool    `help:"All manuals."`
	Outdated bool    `help:"All manuals that an older version of the program has read."`
	Pictures bool    `help:"Have OCR read all pictures again too, not only those it has not read or that are others now."`
	Cancel   bool    `help:"Give up reading the manuals again: they stay as they are."`
	JSON     bool    `name:"json" help:"Print JSON."`
}

// Run has manuals read again, or no longer.
func (c *manualsReprocessCmd) Run(e *env) error {
	given := 0
	for _, g := range []bool{len(c.ID) > 0, c.All, c.Outdated} {
		if g {
			given++
		}
	}
	if given != 1 || c.Cancel && len(c.ID) == 0 {
		fmt.Fprintln(e.stderr, "techcopilot: Name manuals, or all with --all, or those that an older version has read with --outdated.")
		return exit(exitUsage)
	}
	return withLibrary(e, func(a *app.App) error {
		o := manual.ReprocessOptions{Pictures: c.Pictures}
		if len(c.ID) == 0 {
			n, err := a.Manuals.ReprocessAll(e.ctx, c.Outdated, o)
			if err != nil {
				return err
			}
			if c.JSON {
				return printJSON(e, map[string]int{"begun": n.Begun, "refused": n.Refused})
			}
			fmt.Fprintf(e.stdout, "%d manuals are read again by a running server or worker; they are asked as they are meanwhile.\n", n.Begun)
			return nil
		}
		all := []listedManual{}
		for _, id := range c.ID {
			var m manual.Manual
			var err error
			if c.Cancel {
				m, err = a.Manuals.CancelReprocessing(e.ctx, uuid.UUID(id))
			} else {
				m, err = a.Manuals.Reprocess(e.ctx, uuid.UUID(id), o)
			}
			if err != nil {
				return err
			}
			all = append(all, newListedManual(m))
			if !c.JSON {
				fmt.Fprintln(e.stdout, all[len(all)-1].rereading())
			}
		}
		if c.JSON {
			return printJSON(e, all)
		}
		return nil
	})
}

// rereading says whether a manual is read again.
func (m *listedManual) rereading() string {
	if m.Reread == nil {
		return oneLine(m.Title) + " is not read again."
	}
	return fmt.Sprintf("%s is read again by a running server or worker (%s); it is asked as it is meanwhile.", oneLine(m.Title), m.Reread.Status)
}

type manualsDiffCmd struct {
	From idArg `arg:"" help:"Id of a manual."`
	To   idArg `arg:"" help:"Id of the other, usually the newer revision."`
	JSON bool  `name:"json" help:"Print JSON."`
}

// listedDiff is what a table of two manuals says differently.
type listedDiff struct {
	Table   search.RowTable   `json:"table"`
	Added   []listedRow       `json:"added"`
	Removed []listedRow       `json:"removed"`
	Changed []listedRowChange `json:"changed"`
	Same    int               `json:"same"`
}

type listedRow struct {
	Name   string        `json:"name"`
	Page   int           `json:"page"`
	Fields []listedField `json:"fields"`
}

type listedField struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type listedRowChange struct {
	Name     string              `json:"name"`
	FromPage int                 `json:"from_page"`
	ToPage   int                 `json:"to_page"`
	Fields   []listedFieldChange `json:"fields"`
}

type listedFieldChange struct {
	Name string `json:"name"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Run compares two manuals.
func (c *manualsDiffCmd) Run(e *env) error {
	return withLibrary(e, func(a *app.App) error {
		d, err := a.Manuals.Diff(e.ctx, uuid.UUID(c.From), uuid.UUID(c.To))
		if err != nil {
			return err
		}
		tables := make([]listedDiff, len(d.Tables))
		for i, t := range d.Tables {
			tables[i] = newListedDiff(t)
		}
		if c.JSON {
			return printJSON(e, tables)
		}
		if len(tables) == 0 {
			fmt.Fprintln(e.stdout, "Neither of the two has tables of codes, parts or settings.")
		}
		for _, t := range tables {
			t.print(e)
		}
		return nil
	})
}

func newListedDiff(t manual.TableDiff) listedDiff {
	rows := func(all []search.Row) []listedRow {
		out := make([]listedRow, len(all))
		for i, r := range all {
			out[i] = listedRow{r.Name, r.Page, make([]listedField, len(r.Fields))}
			for k, f := range r.Fields {
				out[i].Fields[k] = listedField(f)
			}
		}
		return out
	}
	d := listedDiff{Table: t.Table, Added: rows(t.Added), Removed: rows(t.Removed), Changed: make([]listedRowChange, len(t.Changed)), Same: t.Same}
	for i, r := range t.Changed {
		d.Changed[i] = listedRowChange{r.To.Name, r.From.Page, r.To.Page, make([]listedFieldChange, len(r.Fields))}
		for k, f := range r.Fields {
			d.Changed[i].Fields[k] = listedFieldChange(f)
		}
	}
	return d
}

// print shows a table's differences as lines that begin with +, - or ~.
func (d *listedDiff) print(e *env) {
	fmt.Fprintf(e.stdout, "%s: %d added, %d removed, %d changed, %d the same\n", d.Table, len(d.Added), len(d.Removed), len(d.Changed), d.Same)
	rows := func(mark string, all []listedRow) {
		for _, r := range all {
			fmt.Fprintf(e.stdout, "%s %s (page %d)\n", mark, oneLine(r.Name), r.Page)
			for _, f := range r.Fields {
				fmt.Fprintf(e.stdout, "    %s: %s\n", f.Name, oneLine(f.Text))
			}
		}
	}
	rows("+", d.Added)
	rows("-", d.Removed)
	for _, r := range d.Changed {
		fmt.Fprintf(e.stdout, "~ %s (page %d, now %d)\n", oneLine(r.Name), r.FromPage, r.ToPage)
		for _, f := range r.Fields {
			fmt.Fprintf(e.stdout, "    %s: %s\n", f.Name, orDash(f.From))
			fmt.Fprintf(e.stdout, "    %s→ %s\n", strings.Repeat(" ", len(f.Name)), orDash(f.To))
		}
	}
}
