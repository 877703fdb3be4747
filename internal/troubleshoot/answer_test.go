package troubleshoot_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// item is one statement of an answer with the quotes that carry it.
type item struct {
	texts  []string
	quotes []troubleshoot.Quote
}

func items(a *troubleshoot.Answer) []item {
	var out []item
	if c := a.ErrorCode; c != nil {
		out = append(out, item{[]string{c.Code, c.Meaning}, c.Quotes})
	}
	for _, s := range a.Steps {
		if !s.Unverified {
			out = append(out, item{[]string{s.Title, s.Instruction, s.ExpectedResult}, s.Quotes})
		}
	}
	for _, p := range a.Parts {
		out = append(out, item{[]string{p.PartNumber, p.Name, p.Location, p.Why}, p.Quotes})
	}
	for _, list := range [][]troubleshoot.Item{a.Values, a.LikelyCauses, a.Passages, a.Warnings} {
		for _, i := range list {
			out = append(out, item{[]string{i.Label, i.Text}, i.Quotes})
		}
	}
	return out
}

// shown is all that an answer says, in its order.
func shown(a *troubleshoot.Answer) string {
	var out []string
	for _, i := range items(a) {
		out = append(out, i.texts...)
	}
	return strings.Join(out, "\n")
}

// letters are what of a text cannot be typography, in lower case.
func letters(s string) string {
	s = strings.NewReplacer("ﬁ", "fi", "ﬂ", "fl").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// checkAnswer checks what holds for every answer, by other means than the
// verifier's.
func (l *library) checkAnswer(t *testing.T, a *troubleshoot.Answer) {
	t.Helper()
	cited := map[int]bool{}
	var all strings.Builder
	for _, it := range items(a) {
		if len(it.quotes) == 0 {
			t.Errorf("%q has no quote", it.texts)
		}
		var quoted strings.Builder
		for _, q := range it.quotes {
			quoted.WriteString(letters(q.Text))
			if q.Citation < 0 || q.Citation >= len(a.Citations) {
				t.Fatalf("%q cites number %d of %d", q.Text, q.Citation, len(a.Citations))
			}
			cited[q.Citation] = true
			l.checkQuote(t, a.Citations[q.Citation], q)
		}
		for _, text := range it.texts[1:] {
			for w := range strings.FieldsSeq(text) {
				if !strings.Contains(quoted.String(), letters(w)) {
					t.Errorf("%q of %q is in none of its quotes", w, text)
				}
			}
		}
		for _, text := range it.texts {
			all.WriteString(" " + text)
		}
	}
	if len(cited) != len(a.Citations) {
		t.Errorf("%d of %d citations are quoted", len(cited), len(a.Citations))
	}
	for _, c := range a.Citations {
		if c.Title == "" || len(c.Boxes) == 0 {
			t.Errorf("a citation without title or boxes: %+v", c)
		}
	}
	for i, s := range a.Steps {
		switch {
		case i > 0 && s.N != a.Steps[i-1].N+1:
			t.Errorf("step %d follows on step %d", s.N, a.Steps[i-1].N)
		case i == 0 && s.N != 1 && (!s.Unverified || s.Instruction == ""):
			t.Errorf("the steps begin with %d, and nothing says where the first stand", s.N)
		}
	}
	if a.Refusal == nil {
		for w := range strings.FieldsSeq(a.Summary) {
			if !strings.Contains(all.String(), strings.TrimSuffix(w, ":")) {
				t.Errorf("the summary says %q, which no item does: %q", w, a.Summary)
			}
		}
	}
	if a.Summary == "" || a.ID == uuid.Nil || a.Equipment.Model == "" || a.Coverage < 0 || a.Coverage > 1 {
		t.Errorf("summary %q, id %s, equipment %+v, coverage %v", a.Summary, a.ID, a.Equipment, a.Coverage)
	}
}

// checkQuote checks that a quote is a run of letters and digits of its page or
// of one of its cells, and that its boxes lie on words of the page.
func (l *library) checkQuote(t *testing.T, c troubleshoot.Citation, q troubleshoot.Quote) {
	t.Helper()
	p, label, err := l.manuals.Page(t.Context(), c.ManualID, c.Page)
	if err != nil {
		t.Fatal(err)
	}
	if label != c.PageLabel {
		t.Errorf("page %d is labelled %q, not %q", c.Page, label, c.PageLabel)
	}
	all := make([]int, len(p.Words))
	for i := range all {
		all[i] = i
	}
	runs := [][]int{all}
	for _, table := range p.Tables {
		for _, r := range table.Rows {
			for _, cell := range r.Cells {
				runs = append(runs, cell.Words)
			}
		}
	}
	stands := slices.ContainsFunc(runs, func(run []int) bool {
		var text strings.Builder
		for _, w := range run {
			text.WriteString(p.Words[w].Text)
		}
		return strings.Contains(letters(text.String()), letters(q.Text))
	})
	if !stands || letters(q.Text) == "" {
		t.Errorf("%q does not stand on page %d", q.Text, c.Page)
	}
	if len(q.Boxes) == 0 {
		t.Errorf("%q has no box", q.Text)
	}
	for _, b := range q.Boxes {
		holds := false
		for _, w := range p.Words {
			x, y := (w.Box.X0+w.Box.X1)/2, (w.Box.Y0+w.Box.Y1)/2
			if b.X0 <= x && x <= b.X1 && b.Y0 <= y && y <= b.Y1 && strings.Contains(letters(q.Text), letters(w.Text)) {
				holds = true
			}
		}
		if !holds {
			t.Errorf("a box of %q holds none of its words: %v", q.Text, b)
		}
	}
}

// kestrel is the text of a test manual.
const kestrel = `DANGER: Never open the cover of the heater before it has cooled down.

Fault codes of the controller

Code | Meaning | Cause | Remedy
E1 | Door is open | Hinge worn | 1. Adjust the hinge by 5.
+ | | | 2. Close the door again.
E2 | Fan too hot | Air below - 10 °C | Wait for warm air at - 5 °C
E12 | Fan stopped | Fuse blown | Replace the fuse of 5 A now

The rest of the page speaks of nothing in particular.` + "\f" + `Cleaning the tank of the machine

1. Switch the main power off.
2. Do not open the valve yet.
3. Drain the tank for 10 minutes.
4. Open the valve by hand.

The tank is cleaned once a week.`

func TestACodeIsAnsweredAsPrinted(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", kestrel)
	ask := func(code string) *troubleshoot.Answer {
		a := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: code})
		l.checkAnswer(t, a)
		return a
	}
	a := ask("e-12")
	if a.Kind != troubleshoot.Fault || a.ErrorCode == nil || a.ErrorCode.Code != "E12" || a.ErrorCode.Meaning != "Fan stopped" || a.Summary != "E12: Fan stopped" {
		t.Fatalf("%+v", a.ErrorCode)
	}
	if len(a.Steps) != 1 || a.Steps[0].Instruction != "Replace the fuse of 5 A now" || a.Steps[0].Title != "Fuse blown" {
		t.Errorf("steps: %+v", a.Steps)
	}
	if len(a.Warnings) != 1 || a.Warnings[0].Text != "DANGER: Never open the cover of the heater before it has cooled down." {
		t.Errorf("warnings: %+v", a.Warnings)
	}
	if a.Equipment != (troubleshoot.Equipment{Manufacturer: "Kestrel", Model: "KX-1"}) || a.Writer != "extractive" || a.Coverage != 1 || a.Dropped != 0 {
		t.Errorf("%+v", a)
	}

	// A figure at the end of a sentence is not the mark of an item.
	a = ask("E1")
	if a.ErrorCode == nil || a.ErrorCode.Meaning != "Door is open" || len(a.Steps) != 2 ||
		a.Steps[0].Instruction != "Adjust the hinge by 5." || a.Steps[1].Instruction != "Close the door again." {
		t.Errorf("%+v, steps %+v", a.ErrorCode, a.Steps)
	}
	// Nor is a minus.
	a = ask("E2")
	if text := shown(a); !strings.Contains(text, "below - 10 °C") || !strings.Contains(text, "at - 5 °C") {
		t.Errorf("signs were lost: %+v", a)
	}

	// What may be read as two codes is answered for one of them.
	a = ask("E1-2")
	if a.ErrorCode == nil || a.ErrorCode.Code != "E1" || strings.Contains(shown(a), "fuse") {
		t.Errorf("%+v, %q", a.ErrorCode, shown(a))
	}

	// A code that is not printed is refused, however near another one is.
	for _, code := range []string{"E3", "E13", "E122", "F12"} {
		a = ask(code)
		if a.Kind != troubleshoot.Refused || a.Refusal == nil || a.ErrorCode != nil || len(a.Steps) > 0 ||
			!slices.Equal(a.Refusal.Searched, []string{"Service manual"}) || a.Refusal.NextStep == "" || !strings.Contains(a.Refusal.Reason, code) {
			t.Errorf("%s: %+v", code, a)
		}
	}
}

func TestAProcedureKeepsItsSteps(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", kestrel)
	a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: "how to clean the tank"})
	l.checkAnswer(t, a)
	var got []string
	for _, s := range a.Steps {
		got = append(got, s.Instruction)
	}
	want := []string{"Switch the main power off.", "Do not open the valve yet.", "Drain the tank for 10 minutes.", "Open the valve by hand."}
	if a.Kind != troubleshoot.Procedure || !slices.Equal(got, want) {
		t.Errorf("%s: %q", a.Kind, got)
	}
}

func TestWhatTheManualDoesNotSayIsRefused(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", kestrel)
	for _, symptom := range []string{"how do I connect it to the wireless network", "price of a new compressor", "qwertz", "Kompressor brummt laut"} {
		a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: symptom})
		l.checkAnswer(t, a)
		if a.Kind != troubleshoot.Refused || a.Refusal == nil || !slices.Equal(a.Refusal.Searched, []string{"Service manual"}) || a.Refusal.Reason == "" || a.Refusal.NextStep == "" {
			t.Errorf("%s: %+v", symptom, a)
		}
		if a.ErrorCode != nil || len(a.Steps)+len(a.Values)+len(a.Parts)+len(a.LikelyCauses) > 0 || a.Summary != a.Refusal.Reason {
			t.Errorf("%s: the refusal states something: %+v", symptom, a)
		}
	}
}

// content is an answer without what tells one showing from another.
func content(t *testing.T, a *troubleshoot.Answer) string {
	t.Helper()
	c := *a
	c.Cached, c.ID, c.CreatedAt = false, uuid.Nil, time.Time{}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAnAnswerIsCachedWhileItHolds(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	m := l.typed(t, "Service manual", kestrel)
	q := troubleshoot.Question{Manufacturer: "Kestrel", Model: "KX-1", Code: "E12", Symptom: "The fan has stopped"}
	first := l.ask(t, q)
	if first.Cached || !first.CreatedAt.Equal(l.clock) {
		t.Fatalf("the first answer: cached %v, of %s", first.Cached, first.CreatedAt)
	}
	same := func(name string, q troubleshoot.Question) {
		t.Helper()
		if a := l.ask(t, q); !a.Cached || a.ID != first.ID || content(t, a) != content(t, first) {
			t.Errorf("%s is answered with\n%s\nnot from the cache with\n%s", name, content(t, a), content(t, first))
		}
	}
	other := func(name string, q troubleshoot.Question) *troubleshoot.Answer {
		t.Helper()
		a := l.ask(t, q)
		if a.Cached || a.ID == first.ID {
			t.Errorf("%s is answered from the cache", name)
		}
		return a
	}
	same("the same question", q)
	same("other case and white space", troubleshoot.Question{Manufacturer: "kestrel", Model: "kx1", Code: " e12 ", Symptom: "the  FAN has\nstopped"})
	other("another symptom", troubleshoot.Question{Model: "KX-1", Code: "E12", Symptom: "The fan has not stopped"})
	other("another code", troubleshoot.Question{Model: "KX-1", Code: "E1", Symptom: q.Symptom})
	other("the same letters as another code", troubleshoot.Question{Model: "KX-1", Code: "E1-2", Symptom: q.Symptom})
	other("another language", troubleshoot.Question{Model: "KX-1", Code: "E12", Symptom: q.Symptom, Language: "de"})

	l.clock = l.clock.Add(30*24*time.Hour - time.Second)
	same("the question on the last day", q)
	l.clock = l.clock.Add(time.Second)
	first = other("the question after the answer's time", q)
	same("the question again", q)

	// Indexed anew, the manual may say something else.
	language := "de"
	if _, err := l.manuals.Update(t.Context(), m.ID, manual.Patch{Language: &language}); err != nil {
		t.Fatal(err)
	}
	if again := l.wait(t, m.ID); again.Generation == m.Generation {
		t.Fatalf("the generation is still %d", again.Generation)
	}
	first = other("the question after the manual was read again", q)
	same("the question again", q)

	second := l.typed(t, "Bulletin", "A note about the fan of the machine, which has stopped.")
	first = other("the question with another manual", q)
	same("the question again", q)
	if err := l.manuals.Delete(t.Context(), second.ID); err != nil {
		t.Fatal(err)
	}
	if a := l.ask(t, q); a.ID == first.ID {
		t.Error("an answer out of a deleted manual is served")
	}
}

func TestTwoAsksAtOnceAreOneRowOfTheCache(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", kestrel)
	q := troubleshoot.Question{Model: "KX-1", Code: "E12"}
	var wg sync.WaitGroup
	answers := make([]*troubleshoot.Answer, 8)
	for i := range answers {
		wg.Go(func() {
			a, err := l.Ask(t.Context(), q, manual.LocalUser)
			if err != nil {
				t.Error(err)
				return
			}
			answers[i] = a
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	for _, a := range answers {
		if content(t, a) != content(t, answers[0]) {
			t.Errorf("got %s\nand %s", content(t, a), content(t, answers[0]))
		}
		kept, err := l.Answer(t.Context(), a.ID)
		if err != nil || content(t, kept) != content(t, a) {
			t.Errorf("the shown answer is not kept: %v", err)
		}
	}
	if n := l.count(t, `SELECT count(*) FROM answer_cache`); n != 1 {
		t.Errorf("%d rows in the cache", n)
	}
}

func TestAShownAnswerStaysAsItWas(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	m := l.typed(t, "Service manual", kestrel)
	a := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: "E12"})
	refused := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: "E99"})
	if err := l.manuals.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	for _, want := range []*troubleshoot.Answer{a, refused} {
		got, err := l.Answer(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.Citations { // only how they stand today is new
			if !got.Citations[i].Deleted {
				t.Errorf("citation %d of a deleted manual does not say so", i)
			}
			got.Citations[i].Standing = want.Citations[i].Standing
		}
		if content(t, got) != content(t, want) || !got.CreatedAt.Equal(want.CreatedAt) || got.ID != want.ID {
			t.Errorf("got  %s\nwant %s", content(t, got), content(t, want))
		}
	}
	if _, err := l.Ask(t.Context(), troubleshoot.Question{Model: "KX-1", Code: "E12"}, manual.LocalUser); errdefs.Code(err) != "MANUAL_NOT_FOUND" {
		t.Errorf("asked without a manual: %v", err)
	}
	if _, err := l.Answer(t.Context(), uuid.New()); errdefs.Code(err) != "ANSWER_NOT_FOUND" {
		t.Errorf("an unknown id: %v", err)
	}
}

func TestControlCharactersAreNoPartOfAQuestion(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", kestrel)
	want := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: "E12", Symptom: "fan stopped"})
	got := l.ask(t, troubleshoot.Question{Model: "K\x00X-1\x1b", Code: "E\x0012", Symptom: "fan\x07 stopped\x00", Language: "\x00"})
	if content(t, got) != content(t, want) {
		t.Errorf("got  %s\nwant %s", content(t, got), content(t, want))
	}
	for _, odd := range []string{"\ufeff\u202eE12", "'; DROP TABLE answer; --", strings.Repeat("fan ", 500), "\U0010ffff fan", "%s %d \\ \" < & {}", "E12 E12 E12/E12//E12"} {
		l.checkAnswer(t, l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: odd}))
	}
}
