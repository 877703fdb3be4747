package troubleshoot_test

import (
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

func TestAnAnswerNamesThePagesThatCouldNotBeSearched(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	m := l.add(t, manual.Upload{Title: "Oven", Manufacturer: "Ohlenbach", Models: []string{"KD 61 E"}},
		strings.NewReader(typedHead+"Error E12: the pump is blocked. Clean the filter of the pump.\fThe door is closed by two screws."))
	l.wait(t, m.ID)
	ask := func(symptom string) *troubleshoot.Answer {
		t.Helper()
		a, err := l.Ask(t.Context(), troubleshoot.Question{ManualID: &m.ID, Symptom: symptom}, manual.LocalUser)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := ask("the pump is blocked"); len(a.Notices) != 0 || a.Kind == troubleshoot.Refused {
		t.Errorf("of a whole manual: %+v", a)
	}
	// As it is while a longer manual is still read.
	if _, err := l.pool.Exec(t.Context(), `UPDATE manual SET status = 'processing', stage = 'ocr', pages = 9, pages_done = 8, pages_failed = 1, ocr_waiting = 3`); err != nil {
		t.Fatal(err)
	}
	a := ask("the pump is blocked")
	var got []string
	for _, n := range a.Notices {
		got = append(got, n.Code)
	}
	if a.Cached || a.Kind == troubleshoot.Refused || strings.Join(got, " ") != "PAGES_NOT_READ PAGES_AWAIT_OCR PAGES_UNREADABLE" || a.Notices[1].Pages != 3 || a.Notices[1].ManualID != m.ID {
		t.Errorf("of a manual that is read in part: %+v", a)
	}
	if a := ask("the gearbox rattles"); a.Refusal == nil || !strings.Contains(a.Refusal.Reason, "Oven: 3 of 9 pages waiting for OCR") {
		t.Errorf("a refusal does not say what was not searched: %+v", a.Refusal)
	}
}
