package eval

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// WriteTable writes the report for people: a line per group, rates in percent.
func (r *Report) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tcases\tR@1\tR@3\tR@5\tMRR\tcontains\titems\tpage\tquotes\trefused\tfalse ref.\tms\t")
	line := func(name string, g Group) {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.0f\t\n", name, g.Cases,
			percent(g.One), percent(g.Three), percent(g.Five), percent(g.MRR), percent(g.AnswerContains), percent(g.FirstItems), percent(g.CitedPageRight),
			percent(g.VerifiedQuoteRate), percent(g.RefusedUnanswerable), percent(g.FalseRefusals), g.MedianMilliseconds)
	}
	line("total", r.Total)
	for _, section := range []struct {
		title  string
		groups map[string]Group
	}{{"text layer", r.ByNeedsOCR}, {"kind", r.ByKind}, {"kind in the text layer", r.ByTextKind}, {"manual", r.ByManual}} {
		for _, name := range slices.Sorted(maps.Keys(section.groups)) {
			line(section.title+": "+name, section.groups[name])
		}
	}
	for _, retyped := range []struct {
		title string
		Retyped
	}{{"codes retyped", r.RetypedCodes}, {"codes retyped in the text", r.RetypedInText}} {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t\t\t\t\t\t\t\t\t\n", retyped.title, retyped.Cases,
			percent(retyped.One), percent(retyped.Three), percent(retyped.Five))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if o := r.OCR; o != nil {
		_, err := fmt.Fprintf(w, "OCR: %d labels on %d pages, %s%% read as printed; %d with other digits, %d of them with a confidence below %d; %d of %d quotes agree with a label\n",
			o.Labels, o.Pages, percent(o.Found), o.WrongDigits, o.Doubtful, troubleshoot.Doubtful, o.QuotesAgreed, o.Quotes)
		if err != nil {
			return err
		}
	}
	if err := r.writeRows(w); err != nil {
		return err
	}
	for _, c := range r.Cases {
		if c.Error != "" {
			if _, err := fmt.Fprintf(w, "%s: %s\n", c.ID, strings.TrimSpace(c.Error)); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeRows writes a line per index, source and manual.
func (r *Report) writeRows(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, index := range slices.Sorted(maps.Keys(r.Rows)) {
		rows := r.Rows[index]
		fields := slices.Sorted(maps.Keys(rows.Total.Exact))
		fmt.Fprintf(t, "rows\tlabels\trecall\textracted\tprecision\trepeated\tpage\t%s\t\n", strings.Join(fields, "\t"))
		line := func(name string, f RowFigures) {
			fmt.Fprintf(t, "%s\t%d\t%s\t%d\t%s\t%d\t%s\t", name, f.Labels, percent(f.Recall), f.Extracted, percent(f.Precision), f.Repeated, percent(f.Page))
			for _, field := range fields {
				rate, ok := f.Exact[field]
				if !ok {
					rate = Rate(math.NaN())
				}
				fmt.Fprintf(t, "%s\t", percent(rate))
			}
			fmt.Fprintln(t)
		}
		line(index, rows.Total)
		for _, source := range slices.Sorted(maps.Keys(rows.BySource)) {
			line(index+": "+source, rows.BySource[source])
		}
		for _, manual := range slices.Sorted(maps.Keys(rows.ByManual)) {
			line(index+": "+manual, rows.ByManual[manual])
		}
	}
	return t.Flush()
}

func percent(r Rate) string {
	if math.IsNaN(float64(r)) {
		return "–"
	}
	return fmt.Sprintf("%.1f", float64(r)*100)
}
