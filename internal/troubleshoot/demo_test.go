package troubleshoot_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

type demoCase struct {
	ID           string   `json:"id"`
	Manual       string   `json:"manual"`
	Manufacturer string   `json:"manufacturer"`
	Model        string   `json:"model"`
	Code         string   `json:"error_code"`
	Question     string   `json:"question"`
	Contains     []string `json:"answer_must_contain"`
	Kind         string   `json:"kind"`
}

func demoCases(t testing.TB) []demoCase {
	t.Helper()
	var out []demoCase
	lines := bufio.NewScanner(bytes.NewReader(demo.Cases))
	for lines.Scan() {
		var c demoCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// The demo manuals are read once for all that is asked of them.
func TestTheDemoLibrary(t *testing.T) {
	l, manuals := newDemoLibrary(t)
	t.Run("every answer is quoted", func(t *testing.T) { everyAnswerIsQuoted(t, l, manuals) })
	t.Run("answers", func(t *testing.T) { demoAnswers(t, l) })
	t.Run("procedures", func(t *testing.T) { demoProcedures(t, l) })
	t.Run("remedies", func(t *testing.T) { demoRemedies(t, l) })
	t.Run("values", func(t *testing.T) { demoValues(t, l) })
	t.Run("charts", func(t *testing.T) { demoCharts(t, l) })
	t.Run("codes", func(t *testing.T) { demoCodes(t, l) })
	t.Run("refusals", func(t *testing.T) { demoRefusals(t, l) })
	t.Run("searches of the library", func(t *testing.T) { demoSearches(t, l, manuals) })
	t.Run("sections", func(t *testing.T) { demoSections(t, l) })
	t.Run("rows of parts and settings", func(t *testing.T) { demoRows(t, l) })
	t.Run("a sub-code is not its sibling", func(t *testing.T) {
		a := l.ask(t, troubleshoot.Question{Model: "RX-280", Code: "E18-07"})
		if text := shown(a); !strings.Contains(text, "2.49 to 2.51 V") || strings.Contains(text, "55 to 65 ohm") {
			t.Errorf("%q", text)
		}
	})
	t.Run("a code of another model is refused", func(t *testing.T) {
		a := l.ask(t, troubleshoot.Question{Model: "TI-350A", Code: "F21/E3"})
		if a.Kind != troubleshoot.Refused {
			t.Errorf("%q", shown(a))
		}
	})
	t.Run("one manual is asked by its id", func(t *testing.T) {
		m := manuals[demo.Manuals()[0].FileName]
		a := l.ask(t, troubleshoot.Question{ManualID: &m.ID, Code: "E12"})
		l.checkAnswer(t, a)
		if a.ErrorCode == nil || a.Equipment.Manufacturer != demo.Manuals()[0].Manufacturer || slices.ContainsFunc(a.Citations, func(c troubleshoot.Citation) bool { return c.ManualID != m.ID }) {
			t.Errorf("%+v", a)
		}
	})
}

func everyAnswerIsQuoted(t *testing.T, l *library, manuals map[string]manual.Manual) {
	for _, c := range demoCases(t) {
		id := manuals[c.Manual].ID
		a := l.ask(t, troubleshoot.Question{Manufacturer: c.Manufacturer, Model: c.Model, ManualID: &id, Code: c.Code, Symptom: c.Question})
		if c.Kind == "unanswerable" && a.Kind != troubleshoot.Refused && len(a.NotInManual) == 0 {
			t.Errorf("%s: %q is answered with %q", c.ID, c.Question, shown(a))
		}
		t.Run(c.ID, func(t *testing.T) { l.checkAnswer(t, a) })
	}
}

// demoAnswers checks what form the answers have, kind by kind.
func demoAnswers(t *testing.T, l *library) {
	type answer = troubleshoot.Answer
	texts := func(list []troubleshoot.Item) (out []string) {
		for _, i := range list {
			out = append(out, i.Label+": "+i.Text)
		}
		return out
	}
	steps := func(a *answer) (out []string) {
		for _, s := range a.Steps {
			out = append(out, s.Instruction)
		}
		return out
	}
	for name, tt := range map[string]struct {
		question troubleshoot.Question
		check    func(a *answer) bool
	}{
		"a code: its meaning, then its remedies one by one, in order": {
			troubleshoot.Question{Model: "RX-280", Code: "e9"},
			func(a *answer) bool {
				return a.Kind == troubleshoot.Fault && a.ErrorCode.Code == "E9" && strings.HasPrefix(a.ErrorCode.Meaning, "Electric compartment too hot") &&
					slices.Equal(steps(a), []string{
						"Clean or refit the filter.", "Restore the clearances of Table 7.",
						"Replace the compartment fan if it does not turn with 24 V DC at J10.",
					})
			},
		},
		"a code: its warning stays whole": {
			troubleshoot.Question{Model: "RX-280", Code: "E13"},
			func(a *answer) bool { return strings.Contains(shown(a), "Never replace the fuse alone.") },
		},
		"a sub-code": {
			troubleshoot.Question{Model: "RX-440", Code: "E18-11"},
			func(a *answer) bool {
				return a.ErrorCode != nil && strings.Contains(a.ErrorCode.Code, "E18") && strings.Contains(a.ErrorCode.Code, "11") &&
					slices.Contains(steps(a), "Set S1-2 to OFF on board 1 and ON on board 2.")
			},
		},
		"a composed code, asked in German": {
			troubleshoot.Question{Model: "KD 61 G", Code: "f21 e3", Symptom: "Flamme geht im Betrieb aus"},
			func(a *answer) bool {
				return a.ErrorCode != nil && strings.Contains(shown(a), "mindestens 4 µA") && !strings.Contains(shown(a), "F21/E5")
			},
		},
		"a symptom": {
			troubleshoot.Question{Model: "RX-280", Symptom: "smoke out the front door"},
			func(a *answer) bool {
				return a.Kind == troubleshoot.Fault && slices.ContainsFunc(a.Steps, func(s troubleshoot.Step) bool {
					return s.Title == "Catalyst clogged" && s.Instruction == "Clean or replace the catalyst (section 9.4)."
				})
			},
		},
		"a figure, with the row it stands in": {
			troubleshoot.Question{Model: "TI-520A", Symptom: "head pressure at 90 f ambient"},
			func(a *answer) bool {
				return a.Kind == troubleshoot.Value && len(a.Values) > 0 && strings.Contains(a.Values[0].Label+" "+a.Values[0].Text, "90 °F") &&
					strings.Contains(a.Values[0].Text, "275 - 315")
			},
		},
		"a figure of the other sibling": {
			troubleshoot.Question{Model: "TI-350A", Symptom: "head pressure 90F ambient in freeze"},
			func(a *answer) bool {
				return len(a.Values) > 0 && strings.Contains(a.Values[0].Text, "265 - 305")
			},
		},
		"a part": {
			troubleshoot.Question{Model: "RX-440", Symptom: "part no hv diode"},
			func(a *answer) bool {
				return a.Kind == troubleshoot.Part && slices.ContainsFunc(a.Parts, func(p troubleshoot.PartItem) bool {
					return p.PartNumber == "RX-70422" && strings.Contains(p.Name, "High-voltage diode D1")
				})
			},
		},
		"what is not in the manual": {
			troubleshoot.Question{Model: "RX-280", Symptom: "how do i connect it to the wifi"},
			func(a *answer) bool {
				return a.Kind == troubleshoot.Refused && len(a.Refusal.Searched) > 0 && a.Refusal.NextStep != ""
			},
		},
		"a code that is not printed": {
			troubleshoot.Question{Model: "RX-280", Code: "E31"},
			func(a *answer) bool {
				return a.Kind == troubleshoot.Refused && strings.Contains(a.Refusal.Reason, "E31") && len(a.Refusal.Searched) > 0
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := l.ask(t, tt.question)
			l.checkAnswer(t, a)
			if !tt.check(a) {
				t.Errorf("%s, code %+v\nvalues %q\nsteps %q\nparts %+v\nrefusal %+v", a.Kind, a.ErrorCode, texts(a.Values), steps(a), a.Parts, a.Refusal)
			}
			if again := l.ask(t, tt.question); !again.Cached || content(t, again) != content(t, a) {
				t.Errorf("asked again: cached %v, %s", again.Cached, content(t, again))
			}
		})
	}
}

func BenchmarkAsk(b *testing.B) {
	l, _ := newDemoLibrary(b)
	cases := slices.DeleteFunc(demoCases(b), func(c demoCase) bool { return c.Kind == "unanswerable" })
	question := func(i int) troubleshoot.Question {
		c := cases[i%len(cases)]
		return troubleshoot.Question{Manufacturer: c.Manufacturer, Model: c.Model, Code: c.Code, Symptom: c.Question}
	}
	b.Run("cached", func(b *testing.B) {
		for i := range cases {
			l.ask(b, question(i))
		}
		i := 0
		for b.Loop() {
			if !l.ask(b, question(i)).Cached {
				b.Fatal("not from the cache")
			}
			i++
		}
	})
	b.Run("uncached", func(b *testing.B) {
		i := 0
		for b.Loop() {
			q := question(i)
			q.Symptom += fmt.Sprintf(" (%d)", i+b.N) // a question of its own
			if l.ask(b, q).Cached {
				b.Fatal("from the cache")
			}
			i++
		}
	})
}
