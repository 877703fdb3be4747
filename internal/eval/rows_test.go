package eval_test

import (
	"testing"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/eval"
)

// printed are the rows of a demo manual as an extractor without a fault gives them.
func printed(t *testing.T) (manual string, rows []eval.Row) {
	t.Helper()
	m := demo.Manuals()[0]
	codes, err := m.Codes()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range codes {
		rows = append(rows, eval.Row{Page: c.Page, Key: c.Code, Source: "text", Texts: map[string][]string{
			"meaning": {c.Meaning}, "cause": {c.Cause}, "remedy": {c.Remedy},
		}})
	}
	return m.FileName, rows
}

func TestRowsAreComparedWithWhatIsPrinted(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func([]eval.Row) []eval.Row
		right  func(eval.RowFigures) bool
	}{
		{
			"as printed", func(r []eval.Row) []eval.Row { return r },
			func(f eval.RowFigures) bool {
				return f.Recall == 1 && f.Precision == 1 && f.Page == 1 && f.Exact["meaning"] == 1
			},
		},
		{
			"one is lost", func(r []eval.Row) []eval.Row { return r[1:] },
			func(f eval.RowFigures) bool { return f.Recall < 1 && f.Precision == 1 },
		},
		{
			"one is printed nowhere", func(r []eval.Row) []eval.Row { return append(r, eval.Row{Page: 1, Key: "M8", Source: "text"}) },
			func(f eval.RowFigures) bool { return f.Recall == 1 && f.Precision < 1 && f.Repeated == 0 },
		},
		{
			"one is there twice", func(r []eval.Row) []eval.Row { return append(r, r[0]) },
			func(f eval.RowFigures) bool { return f.Recall == 1 && f.Precision < 1 && f.Repeated == 1 },
		},
		{
			"one on the page before", func(r []eval.Row) []eval.Row { r[0].Page--; return r },
			func(f eval.RowFigures) bool { return f.Recall == 1 && f.Page < 1 },
		},
		{"another meaning", func(r []eval.Row) []eval.Row {
			r[0].Texts = map[string][]string{"meaning": {"Something else altogether"}, "cause": r[0].Texts["cause"], "remedy": r[0].Texts["remedy"]}
			return r
		}, func(f eval.RowFigures) bool { return f.Recall == 1 && f.Exact["meaning"] < 1 && f.Exact["remedy"] == 1 }},
	} {
		manual, rows := printed(t)
		report, err := eval.CompareRows("codes", manual, c.change(rows))
		if err != nil {
			t.Fatal(err)
		}
		if !c.right(report.Total) {
			t.Errorf("%s: %+v", c.name, report.Total)
		}
	}
}
