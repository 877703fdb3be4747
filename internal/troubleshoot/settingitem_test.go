package troubleshoot_test

import (
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// TestSettingsOutsideOfTablesAreAnswered asks for switches, jumpers and parameters that
// lists and sentences tell, and for one whose positions have a row each.
func TestSettingsOutsideOfTablesAreAnswered(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typedFor(t, []string{"KX-1"}, strings.Join([]string{
		`#Memory
#To reset the memory:
Put a jumper on across J43, covering both pins.
Power up and remove the jumper from J43.
#Key lock
The key lock is a parameter of the controller.
Select parameter P19 with the arrow keys.
- 0 = Key lock off
- 1 = Key lock on`,
		`#DIP switch SW1
1 ON: Cooling only
1 OFF: Heat pump
2 ON: Remote start enabled
2 OFF: Remote start disabled`,
		`#DIP switch settings of SW3
Switch | Position | Function
SW3-1 | ON | Drain pump fitted
SW3-1 | OFF | No drain pump
SW3-2 | ON | Crankcase heater
SW3-2 | OFF | No heater`,
	}, "\f"))
	for _, tt := range []struct {
		question string
		says     []string // in one item each
		not      string
	}{
		{"which jumper resets the memory", []string{"J43 To reset the memory: Put a jumper on across J43, covering both pins."}, "P19"},
		{"parameter P19", []string{"P19 Select parameter P19 with the arrow keys. - 0 = Key lock off - 1 = Key lock on"}, "J43"},
		{"what does SW1-1 do", []string{"DIP switch SW1 1 ON: Cooling only OFF: Heat pump"}, "Remote"},
		{"dip switch SW3-1", []string{"Drain pump fitted", "No drain pump"}, "Crankcase"},
	} {
		t.Run(tt.question, func(t *testing.T) {
			a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: tt.question})
			l.checkAnswer(t, a)
			if a.Kind != troubleshoot.Settings || len(a.Values) != len(tt.says) {
				t.Fatalf("%s\n%s", a.Kind, shown(a))
			}
			for i, want := range tt.says {
				if got := a.Values[i].Label + " " + a.Values[i].Text; !strings.Contains(got, want) {
					t.Errorf("%q does not say %q", got, want)
				}
			}
			if strings.Contains(shown(a), tt.not) {
				t.Errorf("%q is in the answer:\n%s", tt.not, shown(a))
			}
		})
	}
}
