package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/search"
)

// rowFlags select rows of the index of parts or of settings.
type rowFlags struct {
	Manufacturer string `help:"Needed only when two manufacturers have a model of that name; alone it means all its models." placeholder:"NAME"`
	Model        string `help:"As on the nameplate; case, spaces and signs do not matter." placeholder:"NAME"`
	Manual       string `help:"Look into this manual only." placeholder:"ID"`
	Limit        int    `help:"Most rows to list." default:"100"`
	JSON         bool   `name:"json" help:"Print the rows as JSON."`
}

type partsCmd struct {
	Words  []string `arg:"" optional:"" help:"Words of the part's description."`
	Number string   `help:"Part number in any way it can be typed." placeholder:"NUMBER"`
	rowFlags
}

type settingsCmd struct {
	Words []string `arg:"" optional:"" help:"Words of what is set."`
	Name  string   `help:"Switch, jumper or parameter in any way it can be typed: P12, S1-3." placeholder:"NAME"`
	rowFlags
}

// open opens the library and turns the flags into a query.
func (f *rowFlags) open(e *env, command string, q search.RowQuery) (*app.App, search.RowQuery, error) {
	q.Limit, q.Manufacturer = f.Limit, f.Manufacturer
	fail := func(message string) (*app.App, search.RowQuery, error) {
		fmt.Fprintf(e.stderr, "techcopilot: %s\nRun techcopilot %s --help to see how.\n", message, command)
		return nil, q, exit(exitUsage)
	}
	if f.Manual != "" {
		id, err := uuid.Parse(f.Manual)
		if err != nil {
			return fail("--manual takes the id of a manual, as import and the API print it.")
		}
		q.Manuals = []uuid.UUID{id}
	}
	if q.Name == "" && q.Text == "" && f.Model == "" && f.Manufacturer == "" && f.Manual == "" {
		return fail("Say what to look for, or of which model: words, --model, --manufacturer or --manual.")
	}
	if f.Limit < 1 {
		return fail("--limit takes a number from 1.")
	}
	if err := app.RequireLibrary(e.library); err != nil {
		return nil, q, err
	}
	a, err := app.Open(e.ctx, e.library, app.Options{Log: e.log, Build: e.build})
	if err != nil {
		return nil, q, err
	}
	if f.Model != "" {
		m, err := a.Models.Resolve(e.ctx, f.Manufacturer, f.Model)
		if err != nil {
			return nil, q, errors.Join(err, a.Close())
		}
		q.Manufacturer, q.Model = m.Manufacturer, m.Name
	}
	return a, q, nil
}

// Run looks parts up and prints their rows.
func (c *partsCmd) Run(e *env) (err error) {
	a, q, err := c.open(e, "parts", search.RowQuery{Name: c.Number, Text: strings.Join(c.Words, " ")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	found, next, err := a.Search.Parts(e.ctx, q)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		err = printJSON(e, app.PartsJSON(found, next))
	case len(found) == 0:
		_, err = fmt.Fprintln(e.stdout, "No parts list has such a row. Look with fewer words, or ask the question: pages without a list are searched then.")
	default:
		err = printParts(e, found, next)
	}
	if err == nil && len(found) == 0 {
		return exit(exitRefused)
	}
	return err
}

// Run looks settings up and prints their rows.
func (c *settingsCmd) Run(e *env) (err error) {
	a, q, err := c.open(e, "settings", search.RowQuery{Name: c.Name, Text: strings.Join(c.Words, " ")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	found, next, err := a.Search.Settings(e.ctx, q)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		err = printJSON(e, app.SettingsJSON(found, next))
	case len(found) == 0:
		_, err = fmt.Fprintln(e.stdout, "No table of settings has such a row. Look with fewer words, or ask the question: pages without a table are searched then.")
	default:
		err = printSettings(e, found, next)
	}
	if err == nil && len(found) == 0 {
		return exit(exitRefused)
	}
	return err
}

// printParts writes a table of parts under the title of each manual.
func printParts(e *env, found []search.FoundPart, next string) error {
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	title := ""
	for i := range found {
		p := &found[i]
		if p.ManualTitle != title {
			title = p.ManualTitle
			fmt.Fprintf(w, "%s\n", oneLine(title))
			fmt.Fprintln(w, "  Item\tNumber\tDescription\tQty\tModels\tPage\tNotes")
		}
		description := strings.Join(filled(printedList(p.Group, " › "), p.Description.Text), ": ")
		if p.Composed != nil {
			description += ": " + p.Composed.Meaning.Text + " (composed: " + p.Composed.Rule.Text + ", " + p.Composed.Suffix.Text + ")"
		}
		notes := filled(headedTexts(p.Notes), readMark(p.Confidence))
		if p.Corrected != nil {
			notes = append(notes, shopMark(p.Corrected))
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\n", oneLine(p.Item.Text), oneLine(p.OrderNumber()), oneLine(description),
			oneLine(p.Quantity.Text), oneLine(printedList(p.Models, ", ")), pageText(p.Page, p.Label), oneLine(strings.Join(notes, "; ")))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return more(e, next)
}

// printSettings writes a table of settings under the title of each manual.
func printSettings(e *env, found []search.FoundSetting, next string) error {
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	title := ""
	for i := range found {
		s := &found[i]
		if s.ManualTitle != title {
			title = s.ManualTitle
			fmt.Fprintf(w, "%s\n", oneLine(title))
			fmt.Fprintln(w, "  Name\tSetting\tDefault\tRange\tOptions and values\tPage\tNotes")
		}
		setting := strings.Join(filled(s.Title.Text, printedList(s.Meanings, ", ")), ": ")
		notes := filled(printedList(s.Cautions, "; "), readMark(s.Confidence))
		if s.Corrected != nil {
			notes = append(notes, shopMark(s.Corrected))
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\n", oneLine(s.Name.Text), oneLine(setting), oneLine(s.Default.Text), oneLine(s.Range.Text),
			oneLine(headedTexts(slices.Concat(s.Options, s.Values))), pageText(s.Page, s.Label), oneLine(strings.Join(notes, "; ")))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return more(e, next)
}

func more(e *env, cursor string) error {
	if cursor == "" {
		return nil
	}
	_, err := fmt.Fprintln(e.stdout, "There are more: raise --limit.")
	return err
}

func printedList(list []search.Printed, between string) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.Text
	}
	return strings.Join(texts, between)
}

// filled returns the texts that say something.
func filled(texts ...string) []string {
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

// readMark tells of a row that OCR has read, with the confidence in its least sure
// word; "" when the file itself has the text.
func readMark(confidence int) string {
	if confidence == 0 {
		return ""
	}
	return fmt.Sprintf("read by OCR (%d %%): compare it with the page", confidence)
}

// headedTexts writes each text after its column's heading.
func headedTexts(list []search.Printed) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.Text
		if p.Heading != "" {
			texts[i] = p.Heading + ": " + p.Text
		}
	}
	return strings.Join(texts, "; ")
}

func pageText(page int, label string) string {
	if label == "" || label == fmt.Sprint(page) {
		return fmt.Sprint(page)
	}
	return fmt.Sprintf("%s (PDF %d)", label, page)
}
