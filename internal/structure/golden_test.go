package structure_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == pdf.WorkerCommand {
		os.Exit(pdf.WorkerMain())
	}
	os.Exit(m.Run())
}

// TestTheDemoLibrary holds the sections, tables, drawings and labels of the demo
// manuals, whole. After a change of the reading, look at what has changed in the
// files that -update writes.
func TestTheDemoLibrary(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("reads the demo manuals from their PDF files")
	}
	engine, err := pdf.NewEngine(pdf.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range demo.Manuals() {
		t.Run(m.FileName, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), m.FileName)
			var data bytes.Buffer
			if err := m.Write(&data); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, data.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			o := structure.Options{Models: m.Models, Languages: map[int]string{}}
			var pages []pdf.Page
			err := engine.Extract(t.Context(), file, pdf.ExtractOptions{}, pdf.Visitor{
				Document: func(d pdf.Document) error { o.Outline = d.Outline; return nil },
				Page:     func(p pdf.Page) error { pages = append(pages, p); return nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(pages, func(a, b pdf.Page) int { return a.Number - b.Number })
			for _, p := range pages {
				o.Languages[p.Number] = m.Language
			}
			got := describe(structure.Read(pages, o), pages)
			golden := filepath.Join("testdata", strings.TrimSuffix(m.FileName, ".pdf")+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s: the first difference is at line %d:\n%s", golden, firstDifference(got, string(want)), different(got, string(want)))
			}
		})
	}
}

// describe writes all of a document.
func describe(d *structure.Document, pages []pdf.Page) string {
	var sb strings.Builder
	sb.WriteString("SECTIONS\n" + outlineOf(d))
	for i := range d.Sections {
		s := &d.Sections[i]
		var says []string
		for _, facts := range [][]structure.Fact{s.Applies.Models, s.Applies.Voltages, s.Applies.Refrigerants} {
			for _, f := range facts {
				says = append(says, f.Text)
			}
		}
		for _, r := range s.Applies.Serials {
			says = append(says, r.From+".."+r.To)
		}
		if len(says) > 0 {
			fmt.Fprintf(&sb, "%s: %s\n", s.Title, strings.Join(says, ", "))
		}
	}
	sb.WriteString("\nLABELS\n")
	for _, p := range pages {
		fmt.Fprintf(&sb, "%d=%s ", p.Number, d.Labels[p.Number])
	}
	sb.WriteString("\n\nDRAWINGS\n")
	for _, x := range d.Drawings {
		fmt.Fprintf(&sb, "p%d %s %q %.0f\n", x.Page, x.Kind, x.Title.Text, x.Box)
	}
	sb.WriteString("\nTABLES\n")
	for i := range d.Tables {
		sb.WriteString("\n" + show(d.Tables[i:i+1]))
		t := &d.Tables[i]
		for r := range t.Rows {
			if u, c := t.Rows[r].Unit.Text, t.Rows[r].Conditions; u != "" || len(c) > 0 {
				var texts []string
				for _, f := range c {
					texts = append(texts, f.Text)
				}
				fmt.Fprintf(&sb, "row %d in %q when %q\n", r, u, texts)
			}
		}
	}
	return sb.String()
}

func firstDifference(a, b string) int {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return i + 1
		}
	}
	return min(len(x), len(y)) + 1
}

func different(got, want string) string {
	n := firstDifference(got, want)
	line := func(s string) string {
		if l := strings.Split(s, "\n"); n <= len(l) {
			return l[n-1]
		}
		return ""
	}
	return fmt.Sprintf("got  %s\nwant %s", line(got), line(want))
}
