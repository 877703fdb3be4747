package troubleshoot_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// retyped reads what is typed with corrections, once it is a later version.
type retyped struct {
	typed
	later *atomic.Bool
}

func (r retyped) Extract(ctx context.Context, path string, o pdf.ExtractOptions, v pdf.Visitor) error {
	read := v.Page
	v.Page = func(p pdf.Page) error {
		for i := range p.Words {
			if r.later.Load() && p.Words[i].Text == "filter" {
				p.Words[i].Text = "strainer"
			}
		}
		return read(p)
	}
	return r.typed.Extract(ctx, path, o, v)
}

// again has a manual read again and waits for it.
func (l *library) again(t *testing.T, id uuid.UUID) {
	t.Helper()
	if _, err := l.manuals.Reprocess(t.Context(), id, manual.ReprocessOptions{}); err != nil {
		t.Fatal(err)
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(limit)
	for {
		m, err := l.manuals.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if m.Reprocessing == nil {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("%+v", m.Reprocessing)
		}
	}
}

func TestAnOldAnswerSaysWhatBecameOfItsPages(t *testing.T) {
	t.Parallel()
	later := &atomic.Bool{}
	l := newLibrary(t, retyped{later: later})
	l.start(t)
	m := l.typed(t, "Pumps", "Error E12: the pump is blocked. Clean the filter of the pump.\fError E13: the door is open. Close the door with two screws.")
	pump := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: "E12"})
	door := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: "E13"})
	if pump.Kind != troubleshoot.Fault || len(pump.Citations) != 1 || pump.Citations[0].Generation != m.Generation {
		t.Fatalf("%+v", pump)
	}
	kept := func(a *troubleshoot.Answer) troubleshoot.Citation {
		t.Helper()
		again, err := l.Answer(t.Context(), a.ID)
		if err != nil || len(again.Citations) == 0 || again.Summary != a.Summary {
			t.Fatalf("%+v, %v", again, err)
		}
		return again.Citations[0]
	}
	if c := kept(pump); c.Standing != (troubleshoot.Standing{}) {
		t.Errorf("before anything happened: %+v", c.Standing)
	}

	later.Store(true)
	l.again(t, m.ID)
	if c := kept(pump); !c.Reread {
		t.Error("a quote that does not stand any more is not marked")
	}
	if c := kept(door); c.Reread {
		t.Error("a quote that stands is marked")
	}
	now := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: "E12"})
	if now.Cached || now.ID == pump.ID || !strings.Contains(allText(now), "strainer") {
		t.Errorf("asked again: %+v", now)
	}

	newer := l.typed(t, "Pumps, second edition", "Error E12: the pump is blocked. Replace the pump with a new one.")
	if _, err := l.manuals.Supersede(t.Context(), m.ID, newer.ID, manual.SupersessionDecision{}); err != nil {
		t.Fatal(err)
	}
	if c := kept(door); c.SupersededBy == nil || c.SupersededBy.ID != newer.ID || c.SupersededBy.Title != newer.Title || c.Title != "Pumps" {
		t.Errorf("of a superseded manual: %+v", c)
	}
	asked := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: "E12"})
	if asked.Cached || asked.Citations[0].ManualID != newer.ID {
		t.Errorf("asked of the model: %+v", asked)
	}
	if gone := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: "E13"}); gone.Kind != troubleshoot.Refused {
		t.Errorf("the superseded manual answered: %+v", gone)
	}
	named := l.ask(t, troubleshoot.Question{ManualID: &m.ID, Code: "E13"})
	if named.Kind == troubleshoot.Refused || len(named.Notices) != 1 || named.Notices[0].Code != "MANUAL_SUPERSEDED" || !strings.Contains(named.Notices[0].Message, newer.Title) {
		t.Errorf("asked by its name: %+v", named)
	}

	if _, err := l.manuals.Reinstate(t.Context(), m.ID, manual.SupersessionDecision{}); err != nil {
		t.Fatal(err)
	}
	if back := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: "E13"}); back.Kind == troubleshoot.Refused {
		t.Errorf("reinstated: %+v", back)
	}
	if err := l.manuals.Delete(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	if c := kept(door); !c.Deleted || c.Title != "Pumps" {
		t.Errorf("of a deleted manual: %+v", c)
	}
	if _, err := l.Answer(t.Context(), uuid.New()); errdefs.Code(err) != "ANSWER_NOT_FOUND" {
		t.Errorf("%v", err)
	}
}

// allText is what an answer says.
func allText(a *troubleshoot.Answer) string {
	var b strings.Builder
	b.WriteString(a.Summary)
	for _, s := range a.Steps {
		b.WriteString(" " + s.Instruction)
	}
	for _, list := range [][]troubleshoot.Item{a.Values, a.LikelyCauses, a.Passages} {
		for _, i := range list {
			b.WriteString(" " + i.Text)
		}
	}
	return b.String()
}
