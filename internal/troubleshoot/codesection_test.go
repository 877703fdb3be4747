package troubleshoot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// variants is a manual that explains codes for two variants of a machine.
const variants = `Code | Meaning | Remedy
F1 | Driver failure | Single phase model
+ | | 1) Check the wiring of the inverter.
+ | | 2) Replace the whole inverter board at once.
+ | | Three phases model
+ | | 1) Check the wiring of the contactor.
F2 | Contactor failure | See section 2.
F3 | Pump failure | See section 3.
F7 | Filter without power | Single phase model:
+ | | • Replace the whole inverter board at once.
+ | | Three phases model:
+ | | • Replace the power filter board.` + "\f" + `#2. F2 Solution
Display F2
Warning: Switch the pump off before you work on it!
2.1 Look at the fuse.
#Single phase model
2.2 Check the wiring of the inverter.
2.3 Replace the inverter board.
#Three phases model` + "\f" + `2.2 Check the wiring of the contactor.
2.3 Replace the contactor board.
#3. F3 Solution
Display F3
3.1 Turn the impeller by hand.` + "\f" + `3.2 Measure the winding of the motor.
3.3 Replace the motor.
#4. Winter
4.1 Drain the pump.`

func TestStepsAreShownUnderTheVariantTheyArePrintedFor(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", variants)
	for _, tt := range []struct {
		code  string
		steps []string
	}{
		{"F1", []string{
			"Single phase model -> Check the wiring of the inverter.", "Single phase model -> Replace the whole inverter board at once.",
			"Three phases model -> Check the wiring of the contactor.",
		}},
		{"F7", []string{"Single phase model: -> Replace the whole inverter board at once.", "Three phases model: -> Replace the power filter board."}},
		{"F2", []string{
			"Look at the fuse.", "Single phase model -> Check the wiring of the inverter.", "Single phase model -> Replace the inverter board.",
			"Three phases model -> Check the wiring of the contactor.", "Three phases model -> Replace the contactor board.",
		}},
		{"F3", []string{"Turn the impeller by hand.", "Measure the winding of the motor.", "Replace the motor."}},
	} {
		t.Run(tt.code, func(t *testing.T) {
			a := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: tt.code})
			l.checkAnswer(t, a)
			if got := wholeSteps(a); !slices.Equal(got, tt.steps) {
				t.Errorf("steps:\n%s", strings.Join(got, "\n"))
			}
			for _, w := range a.Warnings {
				if w.Text != "Warning: Switch the pump off before you work on it!" {
					t.Errorf("warning %q", w.Text)
				}
			}
		})
	}
}

func TestANoticeInBoldIsShownToItsEnd(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", `#6.2. Water quality
The pH value of the water is 6.5 to 8.0.
#WARNING:
#As the water can reach 60 °C at maxi-
#mum, do not touch the piping directly with a
#bare hand.
The pump is vented each year.`)
	a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: "pH value of the water"})
	l.checkAnswer(t, a)
	const want = "WARNING: As the water can reach 60 °C at maxi- mum, do not touch the piping directly with a bare hand."
	if len(a.Warnings) != 1 || a.Warnings[0].Text != want {
		t.Errorf("warnings %+v", a.Warnings)
	}
}
