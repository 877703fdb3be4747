package troubleshoot_test

import (
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// demoRows checks that questions for parts and for settings are answered with their
// rows.
func demoRows(t *testing.T, l *library) {
	for name, tt := range map[string]struct {
		question troubleshoot.Question
		kind     troubleshoot.Kind
		first    string   // of the first item: label and text, or number and name
		absent   []string // anywhere in the answer
	}{
		"a part by its description": {
			troubleshoot.Question{Model: "RX-440", Symptom: "part number of the door glass"},
			troubleshoot.Part,
			"RX-30115 Door glass, inner",
			[]string{"RX-30101"},
		},
		"the part of this model, not of its sibling": {
			troubleshoot.Question{Model: "RX-440", Symptom: "part number blower motor"},
			troubleshoot.Part,
			"RX-50102 Blower motor",
			[]string{"RX-50101"},
		},
		"a part in German": {
			troubleshoot.Question{Model: "KD 101 E", Symptom: "teilenummer türdichtung"},
			troubleshoot.Part,
			"OB 210.101 Türdichtung",
			[]string{"OB 210.061"},
		},
		"what a part number stands for": {
			troubleshoot.Question{Model: "RX-280", Symptom: "what is part rx-30522"},
			troubleshoot.Part,
			"RX-30522 Waveguide cover", nil,
		},
		"a DIP switch by its number": {
			troubleshoot.Question{Model: "TI-350A", Symptom: "what does dip switch 7 do"},
			troubleshoot.Settings,
			"Harvest assist",
			[]string{"Cleaning reminder"},
		},
		"a switch of a block": {
			troubleshoot.Question{Model: "RX-280", Symptom: "S1-3"},
			troubleshoot.Settings,
			"50 Hz",
			[]string{"Board address"},
		},
		"the default of a setting named by what it does": {
			troubleshoot.Question{Model: "TI-350A", Symptom: "default of cleaning reminder"},
			troubleshoot.Settings,
			"OFF",
			[]string{"Harvest assist"},
		},
		"a parameter of this model": {
			troubleshoot.Question{Model: "RX-440", Symptom: "default of P04"},
			troubleshoot.Settings,
			"520 °F",
			[]string{"500 °F"},
		},
		"a parameter that is not to be changed": {
			troubleshoot.Question{Model: "RX-280", Symptom: "parameter P13"},
			troubleshoot.Settings,
			"CAN baud rate",
			[]string{"Filter reminder"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := l.ask(t, tt.question)
			l.checkAnswer(t, a)
			first := ""
			switch {
			case len(a.Parts) > 0:
				first = a.Parts[0].PartNumber + " " + a.Parts[0].Name
			case len(a.Values) > 0:
				first = a.Values[0].Label + " " + a.Values[0].Text
			}
			if a.Kind != tt.kind || !strings.Contains(first, tt.first) {
				t.Errorf("%s, first %q, want %s with %q\n%s", a.Kind, first, tt.kind, tt.first, shown(a))
			}
			for _, s := range tt.absent {
				if strings.Contains(shown(a), s) {
					t.Errorf("%q is in the answer:\n%s", s, shown(a))
				}
			}
		})
	}
	t.Run("its footnote is shown", func(t *testing.T) {
		if a := l.ask(t, troubleshoot.Question{Model: "RX-280", Symptom: "parameter P13"}); !strings.Contains(shown(a), "do not change them") {
			t.Errorf("%s", shown(a))
		}
	})
}
