package main

import (
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/demo"
)

type versionCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run prints the build.
func (c *versionCmd) Run(e *env) error {
	if c.JSON {
		return printJSON(e, e.build)
	}
	b := e.build
	fmt.Fprintf(e.stdout, "techcopilot %s\n", b.Version)
	for _, f := range [][2]string{{"commit", b.Commit}, {"built", b.Date}, {"go", b.Go + " " + b.OS + "/" + b.Arch}} {
		if f[1] != "" {
			fmt.Fprintf(e.stdout, "%-7s%s\n", f[0], f[1])
		}
	}
	return nil
}

type openAPICmd struct{}

// Run prints the OpenAPI document; it needs no database.
func (c *openAPICmd) Run(e *env) error {
	spec, err := app.OpenAPI()
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(spec)
	return err
}

type demoCmd struct {
	Dir string `arg:"" help:"Folder to write the PDF files into; it is created when it does not exist."`
}

// Run writes the demo manuals.
func (c *demoCmd) Run(e *env) error {
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	if err := demo.WriteAll(c.Dir); err != nil {
		return err
	}
	for _, m := range demo.Manuals() {
		fmt.Fprintf(e.stdout, "%s  %s\n", m.FileName, m.Title)
	}
	return nil
}

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Apply what is pending."`
	Status migrateStatusCmd `cmd:"" help:"List the migrations and when they were applied."`
}

type migrateUpCmd struct{}

// Run applies pending migrations.
func (c *migrateUpCmd) Run(e *env) error {
	applied, err := app.MigrateUp(e.ctx, e.library, e.log)
	if err != nil {
		return err
	}
	for _, m := range applied {
		fmt.Fprintf(e.stdout, "applied %s %d %s\n", m.Set, m.Version, m.Name)
	}
	if len(applied) == 0 {
		fmt.Fprintln(e.stdout, "The schema is up to date.")
	}
	return nil
}

type migrateStatusCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the migrations.
func (c *migrateStatusCmd) Run(e *env) error {
	all, err := app.MigrationStatus(e.ctx, e.library, e.log)
	if err != nil {
		return err
	}
	type row struct {
		Set       string     `json:"set"`
		Version   int64      `json:"version"`
		Name      string     `json:"name"`
		AppliedAt *time.Time `json:"applied_at"`
	}
	rows := make([]row, len(all))
	for i, m := range all {
		rows[i] = row{string(m.Set), m.Version, m.Name, nil}
		if !m.Pending() {
			t := m.AppliedAt.UTC()
			rows[i].AppliedAt = &t
		}
	}
	if c.JSON {
		return printJSON(e, rows)
	}
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		applied := "pending"
		if r.AppliedAt != nil {
			applied = r.AppliedAt.Format(time.DateTime)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", r.Set, r.Version, r.Name, applied)
	}
	return w.Flush()
}

// all reads a list to its end: next returns the part behind a cursor and the cursor of
// what follows, "" after the last. It is never nil.
func all[T any](next func(cursor string) ([]T, string, error)) ([]T, error) {
	out := []T{}
	for cursor := ""; ; {
		part, after, err := next(cursor)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
		if cursor = after; cursor == "" {
			return out, nil
		}
	}
}

func printJSON(e *env, v any) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
