package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/search"
)

type searchCmd struct {
	Manufacturer string   `help:"Only manuals for this manufacturer's models." placeholder:"NAME"`
	Model        string   `help:"Only manuals for this model; case, spaces and signs do not matter." placeholder:"NAME"`
	Type         string   `help:"Only manuals of this type: service, parts, installation, user, wiring, bulletin." placeholder:"TYPE"`
	Manual       string   `help:"Only this manual, also when it is superseded." placeholder:"ID"`
	Language     string   `help:"Only passages in this language, ISO 639-1." placeholder:"CODE"`
	Superseded   bool     `help:"Also manuals instead of which another is asked."`
	Limit        int      `help:"Most passages to list, 50 at most." default:"10"`
	JSON         bool     `name:"json" help:"Print what the API gives, as JSON."`
	Words        []string `arg:"" help:"Words in any of the library's languages, codes, part numbers."`
}

// Run searches the library and prints the passages.
func (c *searchCmd) Run(e *env) (err error) {
	q := search.LibraryQuery{
		Text: strings.Join(c.Words, " "), Manufacturer: c.Manufacturer, Type: c.Type, Language: c.Language, Superseded: c.Superseded, Limit: c.Limit,
	}
	if c.Limit < 1 || c.Limit > 50 {
		return c.usage(e, "--limit takes a number from 1 to 50.")
	}
	if c.Manual != "" {
		if q.Manual, err = uuid.Parse(c.Manual); err != nil {
			return c.usage(e, "--manual takes the id of a manual, as import and the API print it.")
		}
	}
	if err := app.RequireLibrary(e.library); err != nil {
		return err
	}
	a, err := app.Open(e.ctx, e.library, app.Options{Log: e.log, Build: e.build})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if c.Model != "" {
		m, err := a.Models.Resolve(e.ctx, c.Manufacturer, c.Model)
		if err != nil {
			return err
		}
		q.ModelID, q.Manufacturer, q.Equipment = m.ID, "", m.String()
	}
	found, err := a.Search.SearchLibrary(e.ctx, q)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(e, app.SearchJSON(found))
	} else {
		err = printSearch(e, &found)
	}
	if err == nil && len(found.Passages)+len(found.Codes)+len(found.Parts) == 0 {
		return exit(exitRefused)
	}
	return err
}

func (c *searchCmd) usage(e *env, message string) error {
	fmt.Fprintf(e.stderr, "techcopilot: %s\nRun techcopilot search --help to see how.\n", message)
	return exit(exitUsage)
}

// printSearch writes what a search found for a person: rows of codes and parts first,
// then passages with their highlighted words, then how the search can be narrowed.
func printSearch(e *env, b *search.LibraryResult) error {
	p := &page{Writer: bufio.NewWriter(e.stdout), width: 88, colour: e.terminal && os.Getenv("NO_COLOR") == ""}
	for _, t := range b.Terms {
		switch {
		case t.Repaired != "":
			p.paragraph("", "", oneLine(fmt.Sprintf("No manual has %q; searched for %q.", t.Word, t.Repaired)))
		case len(t.Forms) == 0 && !t.Found:
			p.paragraph("", "", oneLine(fmt.Sprintf("No manual has %q.", t.Word)))
		}
	}
	for i := range b.Codes {
		c := &b.Codes[i]
		p.line("")
		p.paragraph("", "", oneLine(codeHead(c)+"  "+c.Title))
		p.code(c)
	}
	for i := range b.Parts {
		p.part(&b.Parts[i])
	}
	if len(b.Passages) == 0 {
		p.paragraph("", "", fmt.Sprintf("No passage in %d manuals.", b.Searched))
		return p.Flush()
	}
	for i := range b.Passages {
		p.passage(i+1, &b.Passages[i])
	}
	p.line("")
	p.paragraph("", "", fmt.Sprintf("%d of %d manuals have most of these words.%s", b.Answering, b.Searched, narrowed(&b.Facets)))
	return p.Flush()
}

func (p *page) part(r *search.FoundPart) {
	p.line("")
	p.paragraph("", "    ", p.bold(oneLine(strings.TrimSpace(r.OrderNumber()+"  "+r.Description.Text)))+"  "+oneLine(fmt.Sprintf("%s, PDF page %d", r.ManualTitle, r.Page)))
	if r.Corrected != nil {
		p.paragraph("    ", "    ", shopMark(r.Corrected))
	}
}

func (p *page) passage(n int, r *search.Passage) {
	where := fmt.Sprintf("PDF page %d", r.Page)
	if r.Label != "" {
		where = fmt.Sprintf("page %s (PDF page %d)", r.Label, r.Page)
	}
	if r.Section != "" {
		where += ", " + r.Section
	}
	p.line("")
	p.paragraph(fmt.Sprintf("%2d  ", n), "    ", oneLine(r.Title+", "+where))
	text := make([]string, len(r.Words))
	for i, word := range r.Words {
		if text[i] = oneLine(word); slices.Contains(r.Highlighted, r.FirstWord+i) {
			text[i] = p.bold(text[i])
		}
	}
	p.paragraph("    ", "    ", strings.Join(text, " "))
}

// narrowed says by what a search can be narrowed, where that would leave out any manual.
func narrowed(f *search.Facets) string {
	const shown = 5
	var out strings.Builder
	add := func(flag string, names []string) {
		if len(names) > 1 {
			more := ""
			if len(names) > shown {
				more = ", …"
			}
			out.WriteString(" " + flag + ": " + strings.Join(names[:min(shown, len(names))], ", ") + more + ".")
		}
	}
	names := func(facets []search.Facet) []string {
		var all []string
		for _, v := range facets {
			all = append(all, fmt.Sprintf("%s (%d)", oneLine(v.Value), v.Manuals))
		}
		return all
	}
	add("--manufacturer", names(f.Manufacturers))
	add("--type", names(f.Types))
	return out.String()
}
