package troubleshoot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// instructions are the steps of an answer up to the end of their first sentence.
func instructions(a *troubleshoot.Answer) []string {
	var out []string
	for _, s := range a.Steps {
		first, _, _ := strings.Cut(s.Instruction, ".")
		out = append(out, first)
	}
	return out
}

// A procedure is asked for by the words of its heading, and its list comes whole
// and in order.
func demoProcedures(t *testing.T, l *library) {
	magnetron := []string{
		"Remove the right side panel and the air duct", "Pull the filament plug and the thermostat leads",
		"Remove four nuts and take the tube out straight", "Check that the RF gasket lies flat on the new tube; always use a new gasket",
		"Fit the tube, tighten the nuts crosswise to 32 in-lb (3", "Connect filament, thermostat and duct",
		"Learn the current: test mode item 7", "Do the leakage test and the water rise test",
	}
	sanitizing := []string{
		"Mix 2 oz (60 ml) of bleach with 4 gal (15 l) of water", "Spray all surfaces of the food zone and the removed parts; let it act for 10 minutes",
		"Refit the parts", "Set the switch to CLEAN and add sanitizer when the lamp flashes: 3 oz (90 ml) for the TI-350, 4 oz (120 ml) for the TI-520",
		"When the cycle is over set the switch to ICE and throw away the first two batches",
	}
	for _, tt := range []struct {
		model, question string
		section         string // the end of the citation's
		steps           []string
	}{
		{"RX-280", "replace magnetron", "9.3 Replacing a magnetron", magnetron},
		{"RX-280", "how do I replace the magnetron", "9.3 Replacing a magnetron", magnetron},
		{"TI-350A", "sanitize", "5.2 Sanitizing", sanitizing},
		{"TI-350A", "how to sanitize", "5.2 Sanitizing", sanitizing},
		{"RX-280", "how to replace the door switch", "9.1 Replacing a door switch", []string{
			"Remove the right side panel (nine T20 screws) and the front corner bracket", "Photograph the leads, then pull them from the switch by their sleeves",
			"Press the two catches of the switch holder and swing the switch out", "Set the new switch on its pin: S1 (primary) and S2 (secondary) with the lever up, S3 (monitor) with the lever down",
			"Connect the leads: COM and NO on S1 and S2, COM and NC on S3", "Open the door slowly",
			"If the order is different, loosen the holder and move it; 1 turn of the adjusting screw is 0", "Refit bracket and panel, plug in and do the leakage test of section 1",
		}},
		{"RX-280", "adjust the door", "9.2 Adjusting the door", []string{
			"Close the door on the strip of paper at the four corners and pull", "Loosen the two T25 screws of each hinge by half a turn",
			"Shift the door until the gap is 0", "Tighten to 45 in-lb (5", "Do the leakage test",
		}},
		{"RX-280", "calibrate cavity probe", "9.5 Calibrating the cavity probe", []string{
			"Clip the reference probe to the middle of the rack, 2 in (50 mm) above it", "Set 500 °F (260 °C) and wait for READY plus 20 minutes",
			"Read reference and screen every 2 minutes, five times, and take the mean of each", "Enter the difference in parameter P05", "Check again",
		}},
	} {
		t.Run(tt.model+" "+tt.question, func(t *testing.T) {
			a := l.ask(t, troubleshoot.Question{Model: tt.model, Symptom: tt.question})
			l.checkAnswer(t, a)
			if a.Kind != troubleshoot.Procedure || !slices.Equal(instructions(a), tt.steps) {
				t.Errorf("%s\n%s", a.Kind, strings.Join(instructions(a), "\n"))
			}
			if a.Steps[0].N != 1 || !strings.HasSuffix(a.Citations[a.Steps[0].Quotes[0].Citation].Section, tt.section) {
				t.Errorf("begins with step %d, cited in %+v", a.Steps[0].N, a.Citations)
			}
		})
	}
	t.Run("the list of the next section is not taken", func(t *testing.T) {
		a := l.ask(t, troubleshoot.Question{Model: "RX-280", Symptom: "test the diode"})
		l.checkAnswer(t, a)
		if strings.Contains(strings.Join(instructions(a), "\n"), "capacitance") {
			t.Errorf("the capacitor's steps for the diode: %q", instructions(a))
		}
	})
}

// printedList is a manual whose procedures go over the edges of pages.
const printedList = `#Removing the spindle

1. Lock the carriage.
2. Drain the gearbox oil.
3. Loosen clamp ring 4.` + "\f" + `4. Lift the spindle out.
5. Cover the bore.

#Lubricating the chain

1. Wipe the chain.
2. Oil every link.` + "\f" + `Notes about the machine stand on this page and nothing else does.` + "\f" + `4. Align the flange bolts.
5. Turn the flange by hand.
6. Fit the flange guard.

The flange is greased each year.`

func TestANumberedListIsFollowedOverPages(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", printedList)
	tests := []struct {
		name, question string
		first          int
		steps          []string
	}{
		{"from its heading on to the next page", "how to remove the spindle", 1, []string{
			"Lock the carriage.", "Drain the gearbox oil.", "Loosen clamp ring 4.", "Lift the spindle out.", "Cover the bore.",
		}},
		{"and not into the next list", "how to lubricate the chain", 1, []string{"Wipe the chain.", "Oil every link."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: tt.question})
			l.checkAnswer(t, a)
			var got []string
			for _, s := range a.Steps {
				got = append(got, s.Instruction)
			}
			if len(got) == 0 || a.Steps[0].N != tt.first || !slices.Equal(got, tt.steps) {
				t.Errorf("%s: %q", a.Kind, got)
			}
		})
	}
	t.Run("from its end back to the page before", func(t *testing.T) {
		a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: "how to lift the spindle out"})
		l.checkAnswer(t, a)
		if len(a.Steps) != 5 || a.Steps[0].Instruction != "Lock the carriage." || a.Steps[4].Instruction != "Cover the bore." {
			t.Errorf("%+v", a.Steps)
		}
	})
	t.Run("and says where to read when its beginning is not there", func(t *testing.T) {
		a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: "how to align the flange bolts"})
		l.checkAnswer(t, a)
		if len(a.Steps) != 4 || !a.Steps[0].Unverified || a.Steps[0].N != 3 || !strings.Contains(a.Steps[0].Instruction, "page 3") {
			t.Fatalf("%+v", a.Steps)
		}
		for i, want := range []string{"Align the flange bolts.", "Turn the flange by hand.", "Fit the flange guard."} {
			if s := a.Steps[i+1]; s.Unverified || s.N != i+4 || s.Instruction != want {
				t.Errorf("%+v, not %d. %s", s, i+4, want)
			}
		}
		if a.Summary == a.Steps[0].Instruction {
			t.Errorf("summed up by what is missing: %q", a.Summary)
		}
	})
}

// typedFor adds a manual of several models by Kestrel and waits until it can be
// asked.
func (l *library) typedFor(t testing.TB, models []string, text string) {
	t.Helper()
	m := l.add(t, manual.Upload{Title: "Service manual", Manufacturer: "Kestrel", Models: models, Language: "en"}, strings.NewReader(typedHead+text))
	if m = l.wait(t, m.ID); m.Status != manual.Ready {
		t.Fatalf("%s %+v", m.Status, m.Error)
	}
}
