package eval_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/eval"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// library answers what a test tells it to.
type library struct {
	queries   []search.Query
	pages     func(search.Query) []int
	answer    func(troubleshoot.Question) (*troubleshoot.Answer, error)
	rows      []eval.Row
	importErr error
}

func (l *library) Import(context.Context, string, string, []string) (uuid.UUID, error) {
	return uuid.New(), l.importErr
}

func (l *library) Search(_ context.Context, q search.Query) (search.Result, error) {
	l.queries = append(l.queries, q)
	var r search.Result
	if l.pages != nil {
		for _, p := range l.pages(q) {
			r.Pages = append(r.Pages, search.PageHit{Page: p})
		}
	}
	return r, nil
}

func (l *library) Page(context.Context, uuid.UUID, int) (pdf.Page, error) { return pdf.Page{}, nil }

func (l *library) Rows(context.Context, uuid.UUID, string) ([]eval.Row, error) { return l.rows, nil }

func (l *library) Ask(_ context.Context, q troubleshoot.Question) (*troubleshoot.Answer, error) {
	if l.answer == nil {
		return &troubleshoot.Answer{Kind: troubleshoot.Refused, Refusal: &troubleshoot.Refusal{}}, nil
	}
	return l.answer(q)
}

// manual writes a PDF with one text per page and returns its folder.
func manual(t *testing.T, pages ...string) string {
	t.Helper()
	doc := fpdf.New("P", "pt", "A4", "")
	doc.SetFont("Helvetica", "", 11)
	for _, p := range pages {
		doc.AddPage()
		doc.MultiCell(200, 14, p, "", "L", false)
	}
	dir := t.TempDir()
	if err := doc.OutputFileAndClose(filepath.Join(dir, "m.pdf")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func run(t *testing.T, dir string, lib eval.Library, cases ...eval.Case) *eval.Report {
	t.Helper()
	for i := range cases {
		c := &cases[i]
		c.Manual, c.Manufacturer, c.Model = "m.pdf", "Acme", "X1"
		if c.ID == "" {
			c.ID = string(rune('a' + i))
		}
		if c.Question == "" {
			c.Question = "why"
		}
	}
	report, err := eval.Run(t.Context(), lib, eval.Options{Dir: dir, Cases: cases})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func item(text, quote string, citation int) troubleshoot.Item {
	return troubleshoot.Item{Text: text, Quotes: []troubleshoot.Quote{{Text: quote, Citation: citation}}}
}

func TestRetrievalFiguresCountTheRankOfTheFirstRightPage(t *testing.T) {
	lib := &library{pages: func(q search.Query) []int {
		switch q.Text {
		case "first":
			return []int{4, 9}
		case "also, third":
			return []int{1, 2, 7}
		case "fourth":
			return []int{1, 2, 3, 4}
		}
		return []int{1, 2}
	}}
	got := run(t, manual(t, "text"), lib,
		eval.Case{Question: "first", Pages: []int{4}, Kind: "spec"},
		eval.Case{Question: "also, third", Pages: []int{30}, AlsoPages: []int{7}, Kind: "spec"},
		eval.Case{Question: "fourth", Pages: []int{4}, Kind: "part"},
		eval.Case{Question: "never", Pages: []int{4}, Kind: "part"},
		// In no text layer: apart from the total.
		eval.Case{Question: "scan", Pages: []int{4}, Kind: "part", NeedsOCR: "answer"},
	)
	want := eval.RecallAt{One: 0.25, Three: 0.5, Five: 0.75}
	if diff := cmp.Diff(want, got.Total.RecallAt); diff != "" {
		t.Errorf("recall of the total (-want +got):\n%s", diff)
	}
	if want := eval.Rate((1 + 1.0/3 + 1.0/4) / 4); math.Abs(float64(got.Total.MRR-want)) > 1e-9 {
		t.Errorf("mrr = %v, want %v", got.Total.MRR, want)
	}
	if g := got.Total; g.Cases != 5 || g.Answerable != 4 {
		t.Errorf("total has %d cases, %d answerable; want 5 and 4", g.Cases, g.Answerable)
	}
	if g := got.ByNeedsOCR["answer"]; g.Answerable != 1 || g.One != 0 {
		t.Errorf("by_needs_ocr.answer = %+v, want its case counted", g)
	}
	if g := got.ByKind["spec"]; g.Answerable != 2 || g.One != 0.5 || g.Three != 1 {
		t.Errorf("by_kind.spec = %+v", g)
	}
}

func TestOnlyTheBeginningOfAnAnswerCounts(t *testing.T) {
	long := strings.Repeat("word ", 150)
	tests := []struct {
		name string
		give troubleshoot.Answer
		want bool
	}{
		{"code meaning", troubleshoot.Answer{ErrorCode: &troubleshoot.ErrorCode{Meaning: "Fan at 24 V"}}, true},
		{"typography does not matter", troubleshoot.Answer{Passages: []troubleshoot.Item{{Text: "FAN  at\n24 V"}}}, true},
		{"third item", troubleshoot.Answer{Values: []troubleshoot.Item{{Text: long}, {Text: long}, {Text: "fan at 24 V"}}}, true},
		{"fourth item after long ones", troubleshoot.Answer{Values: []troubleshoot.Item{{Text: long}, {Text: long}, {Text: long}, {Text: "fan at 24 V"}}}, false},
		{"fourth item after short ones", troubleshoot.Answer{Values: []troubleshoot.Item{{Text: "a"}, {Text: "b"}, {Text: "c"}, {Text: "fan at 24 V"}}}, true},
		{"end of a page-long item", troubleshoot.Answer{Passages: []troubleshoot.Item{{Text: long + "fan at 24 V"}}}, false},
		{"warnings come after passages", troubleshoot.Answer{
			Warnings: []troubleshoot.Item{{Text: "fan at 24 V"}},
			Passages: []troubleshoot.Item{{Text: long}, {Text: long}, {Text: long}},
		}, false},
		{"summary", troubleshoot.Answer{Summary: "fan at 24 V"}, false},
		{"passages of a refusal", troubleshoot.Answer{Kind: troubleshoot.Refused, Passages: []troubleshoot.Item{{Text: "fan at 24 V"}}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lib := &library{answer: func(troubleshoot.Question) (*troubleshoot.Answer, error) { return &tt.give, nil }}
			got := run(t, manual(t, "text"), lib, eval.Case{Pages: []int{1}, MustContain: []string{"fan at 24 V"}})
			if got.Cases[0].Contains != tt.want {
				t.Errorf("contains = %v, want %v; shown: %s", got.Cases[0].Contains, tt.want, got.Cases[0].Shown)
			}
		})
	}
}

func TestQuotesAreCheckedWithAnotherReader(t *testing.T) {
	dir := manual(t, "Do not open the door. The re-\ncirculation fan runs at 24 V.", "Limits: 15 V and -5 C")
	tests := []struct {
		name, quote string
		page        int
		want        bool
	}{
		{"as printed", "Do not open the door.", 1, true},
		{"folded", "do NOT open  the door", 1, true},
		{"broken word", "recirculation fan runs at 24V", 1, true},
		{"word left out", "Do open the door", 1, false},
		{"other page", "Do not open the door.", 2, false},
		{"page that is not there", "Do not open the door.", 9, false},
		{"end of another number", "5 V", 2, false},
		{"sign added", "-15 V", 2, false},
		{"nothing", " ", 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lib := &library{answer: func(troubleshoot.Question) (*troubleshoot.Answer, error) {
				return &troubleshoot.Answer{
					Values:    []troubleshoot.Item{item("x", tt.quote, 0)},
					Citations: []troubleshoot.Citation{{Page: tt.page}},
				}, nil
			}}
			got := run(t, dir, lib, eval.Case{Pages: []int{1}})
			if ok := got.Total.VerifiedQuoteRate == 1; ok != tt.want {
				t.Errorf("verified = %v, want %v", ok, tt.want)
			}
		})
	}
}

func TestTheBeginningMustCiteARightPage(t *testing.T) {
	lib := &library{answer: func(q troubleshoot.Question) (*troubleshoot.Answer, error) {
		a := &troubleshoot.Answer{Citations: []troubleshoot.Citation{{Page: 1}, {Page: 2}}}
		for i := range 4 {
			cite := 0
			if i == 2 && q.Symptom == "third" || i == 3 {
				cite = 1
			}
			a.Values = append(a.Values, item("x", "text", cite))
		}
		return a, nil
	}}
	got := run(t, manual(t, "text", "text"), lib,
		eval.Case{Question: "third", Pages: []int{2}}, eval.Case{Question: "fourth", Pages: []int{2}})
	if !got.Cases[0].CitedRight || got.Cases[1].CitedRight || got.Total.CitedPageRight != 0.5 {
		t.Errorf("cited_right = %v, %v, rate %v; want true, false, 0.5",
			got.Cases[0].CitedRight, got.Cases[1].CitedRight, got.Total.CitedPageRight)
	}
}

func TestRefusalsAreRightOnlyForWhatIsNotInTheManual(t *testing.T) {
	lib := &library{answer: func(q troubleshoot.Question) (*troubleshoot.Answer, error) {
		if strings.HasPrefix(q.Symptom, "refused") {
			return &troubleshoot.Answer{Kind: troubleshoot.Refused}, nil
		}
		return &troubleshoot.Answer{Kind: troubleshoot.Fault}, nil
	}}
	got := run(t, manual(t, "text"), lib,
		eval.Case{Question: "refused wifi", Unanswerable: true}, eval.Case{Question: "app", Unanswerable: true},
		eval.Case{Question: "refused fan", Pages: []int{1}}, eval.Case{Question: "fan", Pages: []int{1}},
		eval.Case{Question: "door", Pages: []int{1}}, eval.Case{Question: "light", Pages: []int{1}}).Total
	if got.RefusedUnanswerable != 0.5 || got.FalseRefusals != 0.25 {
		t.Errorf("refused_unanswerable = %v, false_refusals = %v; want 0.5, 0.25", got.RefusedUnanswerable, got.FalseRefusals)
	}
}

func TestWhatFailsCountsAndIsNamed(t *testing.T) {
	broken := errdefs.New(errdefs.Unsupported, "NOT_A_PDF", "This is no PDF file.")
	tests := []struct {
		name string
		lib  *library
	}{
		{"import", &library{importErr: broken}},
		{"question", &library{answer: func(troubleshoot.Question) (*troubleshoot.Answer, error) { return nil, broken }}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := run(t, manual(t, "text"), tt.lib, eval.Case{Pages: []int{1}}, eval.Case{Unanswerable: true})
			if got.Total.Errors != 2 || got.Total.RefusedUnanswerable != 0 || got.Total.FalseRefusals != 0 {
				t.Errorf("total = %+v, want two errors and no refusal", got.Total)
			}
			var table bytes.Buffer
			if err := got.WriteTable(&table); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(table.String(), "a: This is no PDF file.") {
				t.Errorf("the table does not name the error:\n%s", &table)
			}
		})
	}
}

func TestCancelledRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	lib := &library{answer: func(troubleshoot.Question) (*troubleshoot.Answer, error) {
		cancel()
		return nil, ctx.Err()
	}}
	_, err := eval.Run(ctx, lib, eval.Options{Dir: manual(t, "text"), Cases: []eval.Case{
		{ID: "a", Manual: "m.pdf", Manufacturer: "Acme", Model: "X1", Question: "why", Pages: []int{1}},
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v, want context.Canceled", err)
	}
}

func TestCodesAreRetypedInEveryForm(t *testing.T) {
	tests := []struct {
		code string
		want []string
	}{
		{"E12", []string{"E 12", "E-12", "e 12", "e-12", "e12"}},
		{"F21/E3", []string{"F21 E3", "F21-E3", "F21E3", "f21 e3", "f21-e3", "f21/e3", "f21e3"}},
		{"Eb", []string{"E b", "E-b", "e b", "e-b", "eb"}},
		{"OHH", []string{"ohh"}},
		{"rtC", []string{"rtc"}},
		{"HI-P", []string{"HI P", "HIP", "hi p", "hi-p", "hip"}},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			lib := &library{pages: func(search.Query) []int { return []int{1, 2, 3, 4} }}
			got := run(t, manual(t, "text"), lib, eval.Case{ErrorCode: tt.code, Question: "shows " + tt.code + ", why", Pages: []int{3}})
			var forms, texts []string
			for _, q := range lib.queries[1:] {
				if q.Code != "" {
					forms = append(forms, q.Code)
				} else {
					texts = append(texts, q.Text)
				}
			}
			slices.Sort(forms)
			if diff := cmp.Diff(tt.want, forms); diff != "" {
				t.Errorf("forms (-want +got):\n%s", diff)
			}
			if want := "shows " + tt.want[0] + ", why"; texts[0] != want {
				t.Errorf("question = %q, want %q", texts[0], want)
			}
			if r := got.RetypedCodes; r.Cases != len(tt.want) || r.One != 0 || r.Three != 1 {
				t.Errorf("retyped_codes = %+v", r)
			}
		})
	}
}

func TestBaselineToleratesTwoCases(t *testing.T) {
	dir := manual(t, "text")
	report := func(found int) *eval.Report {
		lib := &library{pages: func(q search.Query) []int {
			if int(q.Text[0]-'a') < found {
				return []int{1}
			}
			return []int{2, 1}
		}}
		var cases []eval.Case
		for i := range 20 {
			cases = append(cases, eval.Case{Question: string(rune('a' + i)), Pages: []int{1}})
		}
		return run(t, dir, lib, cases...)
	}
	var baseline bytes.Buffer
	if err := report(20).WriteBaseline(&baseline); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(baseline.String(), "question") {
		t.Errorf("the baseline holds cases:\n%s", &baseline)
	}
	figures := func(found int) []string {
		losses, err := report(found).Losses(bytes.NewReader(baseline.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, l := range losses {
			out = append(out, l.String())
		}
		return out
	}
	if got := figures(20); len(got) > 0 {
		t.Errorf("losses of the same report: %q", got)
	}
	if got := figures(18); slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "recall_at_1") }) {
		t.Errorf("losses with two cases less: %q", got)
	}
	if got, want := figures(17), "total recall_at_1 was 100.0% and is 85.0%"; !slices.Contains(got, want) {
		t.Errorf("losses with three cases less: %q, want %q", got, want)
	}
}

func TestOtherCasesAreNotCompared(t *testing.T) {
	dir := manual(t, "text")
	var baseline bytes.Buffer
	if err := run(t, dir, &library{}, eval.Case{Pages: []int{1}}).WriteBaseline(&baseline); err != nil {
		t.Fatal(err)
	}
	two := run(t, dir, &library{}, eval.Case{Pages: []int{1}}, eval.Case{Pages: []int{1}})
	if _, err := two.Losses(&baseline); errdefs.Code(err) != "OTHER_CASES" {
		t.Errorf("Losses returned %v, want OTHER_CASES", err)
	}
}

func TestReadCasesNamesTheBadLine(t *testing.T) {
	const good = `{"id":"a","manual":"m.pdf","manufacturer":"Acme","model":"X1","question":"why","pages":[1],"error_code":null,"needs_ocr":null}`
	tests := []struct{ name, give, want string }{
		{"not JSON", good + "\n{", "Line 2 "},
		{"same id twice", good + "\n\n" + good, "line 1"},
		{"a path", strings.Replace(good, "m.pdf", "../m.pdf", 1), "file name"},
		{"no pages", strings.Replace(good, "[1]", "[]", 1), "no pages"},
		{"no model", strings.Replace(good, "X1", "", 1), "model"},
		{"empty", "\n", "empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := eval.ReadCases(strings.NewReader(tt.give))
			if !errdefs.Is(err, errdefs.Invalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ReadCases returned %v, want an invalid input that says %q", err, tt.want)
			}
		})
	}
	if cases, err := eval.ReadCases(strings.NewReader(good)); err != nil || len(cases) != 1 {
		t.Errorf("ReadCases(good) = %v, %v", cases, err)
	}
}
