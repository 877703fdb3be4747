package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/search"
)

type codesCmd struct {
	Code         string `arg:"" optional:"" help:"Code in any way it can be typed: E12, e-12, F21/E3. All codes of the model when left out."`
	Manufacturer string `help:"Needed only when two manufacturers have a model of that name; alone it means all its models." placeholder:"NAME"`
	Model        string `help:"As on the nameplate; case, spaces and signs do not matter." placeholder:"NAME"`
	Manual       string `help:"Look into this manual only." placeholder:"ID"`
	Language     string `help:"Only rows in this language, ISO 639-1." placeholder:"CODE"`
	Limit        int    `help:"Most rows to list." default:"200"`
	JSON         bool   `name:"json" help:"Print the rows as JSON."`
}

// Run looks the code up and prints its rows by manual.
func (c *codesCmd) Run(e *env) (err error) {
	f := search.CodeFilter{Code: c.Code, Manufacturer: c.Manufacturer, Language: c.Language, Limit: c.Limit}
	if c.Manual != "" {
		if f.Manual, err = uuid.Parse(c.Manual); err != nil {
			return c.usage(e, "--manual takes the id of a manual, as import and the API print it.")
		}
	}
	if c.Code == "" && c.Manufacturer == "" && c.Model == "" && c.Manual == "" {
		return c.usage(e, "Say which code, or of which model: --model, --manufacturer or --manual.")
	}
	if c.Limit < 1 {
		return c.usage(e, "--limit takes a number from 1.")
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
		f.ModelID, f.Manufacturer = m.ID, ""
	}
	found, err := a.Search.LookUpCodes(e.ctx, f)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(e, app.CodesJSON(found))
	} else {
		err = printCodes(e, c.Code, &found)
	}
	if err == nil && len(found.Rows) == 0 {
		return exit(exitRefused)
	}
	return err
}

func (c *codesCmd) usage(e *env, message string) error {
	fmt.Fprintf(e.stderr, "techcopilot: %s\nRun techcopilot codes --help to see how.\n", message)
	return exit(exitUsage)
}

// printCodes writes rows for a person: under each manual its codes, under each code
// its meaning and what helps.
func printCodes(e *env, asked string, found *search.CodeList) error {
	p := &page{Writer: bufio.NewWriter(e.stdout), width: 88, colour: e.terminal && os.Getenv("NO_COLOR") == ""}
	if len(found.Rows) == 0 {
		p.paragraph("", "", nothingFound(asked, found.Near))
		return p.Flush()
	}
	if found.Loosely {
		p.paragraph("", "", "No manual prints "+oneLine(asked)+" just so. These come near:")
		p.line("")
	}
	manual := ""
	for i := range found.Rows {
		c := &found.Rows[i]
		if head := codeHead(c); head+c.Title != manual {
			if manual != "" {
				p.line("")
			}
			manual = head + c.Title
			p.paragraph("", "", p.bold(oneLine(head))+"  "+oneLine(c.Title))
		}
		p.code(c)
	}
	if found.Next != "" {
		p.line("")
		p.paragraph("", "", "There are more: raise --limit.")
	}
	return p.Flush()
}

func nothingFound(asked string, near []string) string {
	switch {
	case asked == "":
		return "The manuals have no codes in their text."
	case len(near) == 0:
		return "No manual explains " + oneLine(asked) + ". Check the code on the display and the model on the nameplate."
	}
	return "No manual explains " + oneLine(asked) + ". Near it: " + oneLine(strings.Join(near, ", ")) + "."
}

// codeHead names the models that a row is for.
func codeHead(c *search.FoundCode) string {
	models := c.Models
	if len(models) == 0 {
		models = c.ManualModels
	}
	return strings.TrimSpace(c.Manufacturer + " " + strings.Join(models, ", "))
}

// code writes one row.
func (p *page) code(c *search.FoundCode) {
	where := fmt.Sprintf("page %d", c.Page)
	if c.PageLabel != "" {
		where = fmt.Sprintf("page %s (PDF page %d)", c.PageLabel, c.Page)
	}
	switch c.Source {
	case search.SourceOCR:
		where += ", read by OCR"
	case search.SourceDrawn:
		where += ", drawn: read from its segments"
	}
	meanings, solutions := c.Meanings(), c.Solutions()
	p.line("")
	p.paragraph("", "    ", p.bold(oneLine(c.Code))+"  "+oneLine(fieldTexts(meanings))+"  ["+oneLine(where)+"]")
	for _, s := range solutions {
		for _, cause := range s.Causes {
			for item := range strings.Lines(cause.Printed) {
				p.paragraph("  - ", "    ", oneLine(item))
			}
		}
		for _, remedy := range s.Remedies {
			for item := range strings.Lines(remedy.Printed) {
				p.paragraph("    > ", "      ", oneLine(item))
			}
		}
	}
	if len(meanings)+len(solutions) == 0 {
		var other []search.Field
		for _, f := range c.Fields {
			if f.Role == search.RoleOther {
				other = append(other, f)
			}
		}
		p.paragraph("    ", "    ", oneLine(fieldTexts(other)))
	}
	if c.Corrected != nil {
		p.paragraph("    ", "    ", shopMark(c.Corrected))
	}
}

func fieldTexts(fields []search.Field) string {
	texts := make([]string, len(fields))
	for i, f := range fields {
		texts[i] = f.Printed
	}
	return strings.Join(texts, "; ")
}
