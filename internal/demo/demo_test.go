package demo_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// The PDF engine of the tests runs its worker in this binary.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == pdf.WorkerCommand {
		os.Exit(pdf.WorkerMain())
	}
	os.Exit(m.Run())
}

func TestManualsAreTheSameBytesEachTime(t *testing.T) {
	for _, m := range demo.Manuals() {
		var first, second bytes.Buffer
		if err := m.Write(&first); err != nil {
			t.Fatalf("%s: %v", m.FileName, err)
		}
		if err := m.Write(&second); err != nil {
			t.Fatalf("%s: %v", m.FileName, err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s differs from one writing to the next", m.FileName)
		}
	}
}

func TestWriteAllLeavesOnlyWholeManuals(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // over its own files too
		if err := demo.WriteAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	var want, got []string
	for _, m := range demo.Manuals() {
		want = append(want, m.FileName)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestWriteAllReportsAMissingFolder(t *testing.T) {
	if err := demo.WriteAll(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("WriteAll into a folder that does not exist succeeded")
	}
}

// read is what the product's own reader finds in a manual.
type read struct {
	document pdf.Document
	pages    []pdf.Page
	text     []string // per page, folded for comparison
}

func readManuals(t *testing.T) map[string]read {
	t.Helper()
	dir := t.TempDir()
	if err := demo.WriteAll(dir); err != nil {
		t.Fatal(err)
	}
	engine, err := pdf.NewEngine(pdf.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out := map[string]read{}
	for _, m := range demo.Manuals() {
		var r read
		err := engine.Extract(ctx, filepath.Join(dir, m.FileName), pdf.ExtractOptions{}, pdf.Visitor{
			Document: func(d pdf.Document) error { r.document = d; return nil },
			Page: func(p pdf.Page) error {
				var words []string
				for _, w := range p.Words {
					words = append(words, w.Text)
				}
				for _, table := range p.Tables {
					for _, row := range table.Rows {
						for _, cell := range row.Cells {
							words = append(words, cell.Text)
						}
					}
				}
				r.pages = append(r.pages, p)
				r.text = append(r.text, fold(strings.Join(words, " ")))
				return nil
			},
		})
		if err != nil {
			t.Fatalf("%s: %v", m.FileName, err)
		}
		out[m.FileName] = r
	}
	return out
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

type testCase struct {
	ID           string   `json:"id"`
	Manual       string   `json:"manual"`
	Manufacturer string   `json:"manufacturer"`
	Model        string   `json:"model"`
	ErrorCode    *string  `json:"error_code"`
	Question     string   `json:"question"`
	Pages        []int    `json:"pages"`
	AlsoPages    []int    `json:"also_pages"`
	MustContain  []string `json:"answer_must_contain"`
	Kind         string   `json:"kind"`
	Lang         string   `json:"lang"`
	NeedsOCR     *string  `json:"needs_ocr"`
	Unanswerable bool     `json:"unanswerable"`
	Evidence     string   `json:"evidence"`
}

func readCases(t *testing.T) []testCase {
	t.Helper()
	var out []testCase
	lines := bufio.NewScanner(bytes.NewReader(demo.Cases))
	for lines.Scan() {
		var c testCase
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			t.Fatalf("case %d: %v", len(out)+1, err)
		}
		out = append(out, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestManualsAsTheProductReadsThem(t *testing.T) {
	manuals := readManuals(t)
	t.Run("cases are answered on their pages", func(t *testing.T) { casesAreAnswered(t, manuals) })
	t.Run("manuals hold what makes reading hard", func(t *testing.T) { manualsAreHard(t, manuals) })
}

func casesAreAnswered(t *testing.T, manuals map[string]read) {
	for _, c := range readCases(t) {
		m, ok := manuals[c.Manual]
		if !ok {
			t.Errorf("%s: no manual %s", c.ID, c.Manual)
			continue
		}
		for _, n := range c.Pages {
			if n < 1 || n > len(m.text) {
				t.Errorf("%s: no page %d", c.ID, n)
				continue
			}
			text := m.text[n-1]
			if c.NeedsOCR != nil {
				if text != "" {
					t.Errorf("%s: page %d is not a scan", c.ID, n)
				}
				continue
			}
			for _, s := range c.MustContain {
				if !strings.Contains(text, fold(s)) {
					t.Errorf("%s: page %d does not hold %q", c.ID, n, s)
				}
			}
		}
		for _, n := range c.AlsoPages {
			if n < 1 || n > len(m.text) || slices.Contains(c.Pages, n) {
				t.Errorf("%s: also page %d", c.ID, n)
			}
		}
	}
}

func TestCasesAreWellFormed(t *testing.T) {
	models := map[string][]string{}
	for _, m := range demo.Manuals() {
		models[m.FileName] = m.Models
	}
	seen := map[string]bool{}
	kinds := map[string]int{}
	for _, c := range readCases(t) {
		if seen[c.ID] {
			t.Errorf("%s: twice", c.ID)
		}
		seen[c.ID] = true
		kinds[c.Kind]++
		if !slices.Contains(models[c.Manual], c.Model) {
			t.Errorf("%s: the manual is not for model %q", c.ID, c.Model)
		}
		if c.Question == "" || c.Lang == "" {
			t.Errorf("%s: no question or language", c.ID)
		}
		answered := len(c.Pages) > 0 && len(c.MustContain) > 0 && c.Evidence != ""
		if c.Unanswerable != (c.Kind == "unanswerable") || answered == c.Unanswerable {
			t.Errorf("%s: pages, strings and evidence are for answerable questions, and only for them", c.ID)
		}
	}
	for _, k := range []string{"error_code", "symptom", "spec", "procedure", "part", "unanswerable"} {
		if kinds[k] < 5 {
			t.Errorf("only %d cases of kind %s", kinds[k], k)
		}
	}
}

func manualsAreHard(t *testing.T, manuals map[string]read) {
	labels := map[string]map[int]string{
		"cindervale-rx280-rx440-service.pdf": {1: "Cover", 2: "ii", 3: "1", 10: "8"},
		"tarnholm-ti350-ti520-service.pdf":   {1: "", 3: ""},
		"ohlenbach-kd61-kd101-technik.pdf":   {1: "", 3: ""},
	}
	scans := map[string]int{
		"cindervale-rx280-rx440-service.pdf": 1, "tarnholm-ti350-ti520-service.pdf": 1, "ohlenbach-kd61-kd101-technik.pdf": 0,
	}
	for name, m := range manuals {
		if n := m.document.Pages; n < 20 || n > 60 || n != len(m.pages) {
			t.Errorf("%s: %d pages, %d read", name, n, len(m.pages))
		}
		levels := map[int]int{}
		for _, e := range m.document.Outline {
			levels[e.Level]++
			if e.Page < 1 {
				t.Errorf("%s: outline entry %q leads nowhere", name, e.Title)
			}
		}
		if levels[1] < 10 || levels[2] < 10 {
			t.Errorf("%s: outline levels %v", name, levels)
		}
		for page, want := range labels[name] {
			if got := m.pages[page-1].Label; got != want {
				t.Errorf("%s: page %d has label %q, want %q", name, page, got, want)
			}
		}
		found := 0
		for _, p := range m.pages {
			if p.Error != "" {
				t.Errorf("%s: page %d: %s", name, p.Number, p.Error)
			}
			if len(p.Words) == 0 && p.ImageShare > 0.9 {
				found++
			}
		}
		if found != scans[name] {
			t.Errorf("%s: %d scanned pages, want %d", name, found, scans[name])
		}
	}
}

func TestQuestionsAreAboutTheManuals(t *testing.T) {
	models := map[string][]string{}
	for _, m := range demo.Manuals() {
		models[m.Manufacturer] = m.Models
	}
	for _, q := range demo.Questions() {
		if !slices.Contains(models[q.Manufacturer], q.Model) {
			t.Errorf("%s %s is in no manual", q.Manufacturer, q.Model)
		}
		if q.Code == "" && q.Symptom == "" {
			t.Errorf("nothing is asked about %s %s", q.Manufacturer, q.Model)
		}
	}
}
