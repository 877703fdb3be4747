package troubleshoot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// says lists what a list of items says, with its labels.
func says(list []troubleshoot.Item) []string {
	var out []string
	for _, i := range list {
		out = append(out, i.Label+": "+i.Text)
	}
	return out
}

func wholeSteps(a *troubleshoot.Answer) []string {
	var out []string
	for _, s := range a.Steps {
		text := s.Instruction
		if s.Title != "" {
			text = s.Title + " -> " + text
		}
		out = append(out, text)
	}
	return out
}

// Cells with several causes and remedies are taken apart without a word lost,
// and no remedy stands under a cause that the manual does not give it.
func demoRemedies(t *testing.T, l *library) {
	for _, tt := range []struct {
		model, code string
		steps       []string
		causes      []string // that are listed, among others
	}{
		{"TI-350A", "HI-P", []string{
			"Clean the condenser with brush and vacuum cleaner; straighten bent fins.",
			"Turn the fan blade by hand; measure the fan capacitor, 5 µF ±6 %.",
			"W models: open the valve, clean the strainer, set the regulating valve (section 9.3).",
			"Recover and weigh the charge.",
		}, []string{"Condenser dirty", "Fan stopped", "Room above 100 °F (38 °C)"}},
		{"RX-280", "E9", []string{
			"Clean or refit the filter.", "Restore the clearances of Table 7.",
			"Replace the compartment fan if it does not turn with 24 V DC at J10.",
		}, []string{"Intake filter missing or blocked"}},
		{"RX-280", "E4", []string{
			"Measure the heater (Table 5).", "Check 24 V DC at the coil of K2 while warming up.",
			"Measure the line voltage at terminal block TB1: 197 to 252 V.", "Reset the limit switch at the rear; find out why it tripped.",
		}, []string{"Heater open", "Heater relay K2 not closing"}},
		{"RX-280", "E12", []string{
			"Read the switches in test mode item 2.", "Replace the door switch (section 9.1).", "Adjust the door (section 9.2).",
		}, []string{"Primary switch S1 sticking", "Door out of adjustment", "Latch hook worn"}},
		{"RX-280", "E11", []string{
			"Magnetron replaced without learning the value -> Run test mode item 7 (learn current) with 275 ml of water in the cavity.",
		}, nil},
	} {
		t.Run(tt.model+" "+tt.code, func(t *testing.T) {
			a := l.ask(t, troubleshoot.Question{Model: tt.model, Code: tt.code})
			l.checkAnswer(t, a)
			if !slices.Equal(wholeSteps(a), tt.steps) {
				t.Errorf("steps:\n%s", strings.Join(wholeSteps(a), "\n"))
			}
			for _, c := range tt.causes {
				if !slices.ContainsFunc(a.LikelyCauses, func(i troubleshoot.Item) bool { return i.Text == c }) {
					t.Errorf("%q is not among the causes %q", c, says(a.LikelyCauses))
				}
			}
			if tt.causes == nil && len(a.LikelyCauses) > 0 {
				t.Errorf("the step's cause is listed again: %q", says(a.LikelyCauses))
			}
		})
	}
}

func TestCausesArePairedOnlyAsPrinted(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", `Fault codes of the controller

Code | Meaning | Cause | Remedy
C1 | Pump stuck | 1. Shaft bent | 1. Straighten the shaft.
+ | | 2. Seal dry | 2. Grease the seal.
C2 | Lamp dark | Socket rusty. Bulb burnt. Wire torn off. | Clean the socket. Replace the bulb of 24 V.
C3 | Belt slow | Belt is worn | Measure the belt (Table 5). Set the tension to step 2. Keep the clearances of Table 7.`)
	for code, want := range map[string]struct{ steps, causes []string }{
		"C1": {[]string{"Shaft bent -> Straighten the shaft.", "Seal dry -> Grease the seal."}, nil},
		"C2": {[]string{"Clean the socket.", "Replace the bulb of 24 V."}, []string{": Socket rusty. Bulb burnt.", ": Wire torn off."}},
		"C3": {[]string{
			"Belt is worn -> Measure the belt (Table 5).", "Belt is worn -> Set the tension to step 2.", "Belt is worn -> Keep the clearances of Table 7.",
		}, nil},
	} {
		t.Run(code, func(t *testing.T) {
			a := l.ask(t, troubleshoot.Question{Model: "KX-1", Code: code})
			l.checkAnswer(t, a)
			if !slices.Equal(wholeSteps(a), want.steps) || !slices.Equal(says(a.LikelyCauses), want.causes) {
				t.Errorf("steps %q, causes %q", wholeSteps(a), says(a.LikelyCauses))
			}
		})
	}
}

// Values come with what they hold for, and from the chosen model's column.
func demoValues(t *testing.T, l *library) {
	for _, tt := range []struct {
		model, question string
		first           string   // the text of the best item
		never           []string // figures of sibling models and other conditions
	}{
		{"RX-440", "weight", "236 lb (107 kg)", []string{"142 lb"}},
		{"RX-280", "weight", "142 lb (64 kg)", []string{"236 lb"}},
		{"RX-280", "heater resistance", "16.3 ohm ±8 %", []string{"11.9 ohm"}},
		{"TI-520W", "high-pressure switch opens at what pressure", "350 psig (24.1 bar)", []string{"410 psig", "425 psig"}},
		{"TI-520A", "high-pressure switch opens at what pressure", "425 psig (29.3 bar)", []string{"410 psig", "350 psig (24.1 bar)"}},
		{"TI-350A", "ice production 90 air 70 water", "281", []string{"422", "305", "251"}},
		{"TI-520A", "ice production 90 air 70 water", "422", []string{"281", "458", "380"}},
		{"TI-350W", "freeze time at 90 air", "11.8 - 13.3", []string{"14.1 - 16.0", "14.9 - 16.9", "12.3 - 14.0"}},
		{"TI-350A", "oil spec", "POE 32, 15 oz", []string{"POE 32, 20 oz"}},
	} {
		t.Run(tt.model+" "+tt.question, func(t *testing.T) {
			a := l.ask(t, troubleshoot.Question{Model: tt.model, Symptom: tt.question})
			l.checkAnswer(t, a)
			all := slices.Concat(a.Values, a.Passages)
			if len(all) == 0 || all[0].Text != tt.first || all[0].Label == "" {
				t.Fatalf("%s %q", a.Kind, says(all))
			}
			for _, n := range tt.never {
				if strings.Contains(shown(a), n) {
					t.Errorf("%q is not about this: %q", n, says(all))
				}
			}
		})
	}
}

// A chart is not read between its lines: what it prints on both sides of the asked
// condition is shown, with both axes.
func demoCharts(t *testing.T, l *library) {
	a := l.ask(t, troubleshoot.Question{Model: "TI-350A", Symptom: "how much ice production at 85 air 70 water"})
	l.checkAnswer(t, a)
	if len(a.Values) != 2 {
		t.Fatalf("%s %q", a.Kind, says(a.Values))
	}
	for i, want := range []struct{ text, row, column string }{
		{"304", "80 (27)", "Water 70 °F (21 °C)"},
		{"281", "90 (32)", "Water 70 °F (21 °C)"},
	} {
		v := a.Values[i]
		if v.Text != want.text || len(v.Cells) != 1 || !slices.Contains(v.Cells[0].Row, want.row) || !slices.Contains(v.Cells[0].Column, want.column) {
			t.Errorf("%q: %+v", v.Text, v.Cells)
		}
	}
}

func TestValuesOfSiblingModels(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typedFor(t, []string{"KX-110", "KX-220"}, `#Belt tension

#Item | KX-110 | KX-220
Lubricant | VG-32 | VG-46
Belt tension | 45 N | 80 N
Belt width | 12 mm | 18 mm

#Gearbox oil, KX-110

Oil | Amount | Interval
Gearbox oil | 300 ml | 12 months
Hub oil | 20 ml | 6 months

#Gearbox oil, KX-220

Oil | Amount | Interval
Gearbox oil | 750 ml | 24 months
Hub oil | 40 ml | 6 months

#Fuses

Model | Fuse | Rating
KX-110 | Main fuse | 10 A
KX-220 | Main fuse | 16 A

The KX-220 needs 3 persons to lift it.`)
	for _, tt := range []struct {
		model, question string
		first, label    string
		never           string
	}{
		{"KX-110", "belt tension", "45 N", "Belt tension · KX-110", "80 N"},
		{"KX-220", "belt tension", "80 N", "Belt tension · KX-220", "45 N"},
		{"KX-220", "lubricant spec", "VG-46", "Lubricant · KX-220", "VG-32"}, // a row without a figure is no heading
		{"KX-110", "how much gearbox oil", "Amount: 300 ml · Interval: 12 months", "Gearbox oil", "750 ml"},
		{"KX-220", "how much gearbox oil", "Amount: 750 ml · Interval: 24 months", "Gearbox oil", "300 ml"},
		{"KX-110", "main fuse rating", "10 A", "", "16 A"},
		{"KX-220", "main fuse rating", "16 A", "", "10 A"},
		{"KX-110", "how many persons to lift it", "", "", "3 persons"},
	} {
		t.Run(tt.model+" "+tt.question, func(t *testing.T) {
			a := l.ask(t, troubleshoot.Question{Model: tt.model, Symptom: tt.question})
			l.checkAnswer(t, a)
			all := slices.Concat(a.Values, a.Passages)
			if tt.first != "" && (len(all) == 0 || !strings.HasSuffix(all[0].Text, tt.first) || tt.label != "" && all[0].Label != tt.label) {
				t.Errorf("%s %q", a.Kind, says(all))
			}
			if strings.Contains(shown(a), tt.never) {
				t.Errorf("%q is a sibling's: %q", tt.never, says(all))
			}
		})
	}
}

// A code is answered for itself; of what belongs to it or was named beside it,
// the meaning is told and nothing else.
func demoCodes(t *testing.T, l *library) {
	for _, tt := range []struct {
		name     string
		question troubleshoot.Question
		code     string
		meaning  string
		others   []string // by their meaning only
		never    []string
	}{
		{
			"a code with sub-codes",
			troubleshoot.Question{Model: "KD 61 G", Code: "F21"},
			"F21", "Gasbrenner gestört",
			[]string{
				"F21/E1: Keine Flamme nach drei Versuchen", "F21/E2: Flamme ohne Anforderung", "F21/E3: Flamme erlischt im Betrieb",
				"F21/E4: Luftdruckwächter schaltet nicht", "F21/E5: Gebläsedrehzahl falsch", "F21/E6: Zu viele Entriegelungen (5 in 15 min)",
			},
			[]string{"4 µA", "Gashahn", "15 min warten"},
		},
		{
			"a sub-code",
			troubleshoot.Question{Model: "KD 61 G", Code: "F21/E3"},
			"F21/E3", "Flamme erlischt im Betrieb",
			nil,
			[]string{"Keine Flamme", "Gashahn", "Luftdruck"},
		},
		{
			"two codes",
			troubleshoot.Question{Model: "RX-280", Symptom: "E3 and E4"},
			"E3", "Magnetron over-temperature.",
			[]string{"E4: Low temperature. Cavity below 300 °F (149 °C) after 25 min of warm-up."},
			[]string{"Measure the heater", "TB1"},
		},
		{
			"a count is no sub-code",
			troubleshoot.Question{Model: "RX-280", Code: "E18", Symptom: "E18 came up 3 times today"},
			"E18", "Internal communication fault",
			nil,
			[]string{"DC link", "Measure the line"},
		},
		{
			"a count after the code is no sub-code",
			troubleshoot.Question{Model: "RX-280", Code: "E18", Symptom: "3 times today"},
			"E18", "Internal communication fault",
			nil,
			[]string{"DC link", "Measure the line"},
		},
		{
			"a sub-code by its place",
			troubleshoot.Question{Model: "RX-280", Code: "E18", Symptom: "E18 then 7"},
			"E18 07", "Analog reference out of range",
			nil,
			[]string{"55 to 65 ohm", "W12"},
		},
		{
			"a sub-code by its name",
			troubleshoot.Question{Model: "RX-280", Code: "E18", Symptom: "sub-code 07"},
			"E18 07", "Analog reference out of range",
			nil,
			[]string{"55 to 65 ohm", "W12"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := l.ask(t, tt.question)
			l.checkAnswer(t, a)
			if a.Kind != troubleshoot.Fault || a.ErrorCode == nil || a.ErrorCode.Code != tt.code || !strings.HasPrefix(a.ErrorCode.Meaning, tt.meaning) {
				t.Fatalf("%s %+v", a.Kind, a.ErrorCode)
			}
			if tt.others != nil && !slices.Equal(says(a.Passages), tt.others) {
				t.Errorf("beside it: %q", says(a.Passages))
			}
			for _, n := range tt.never {
				if strings.Contains(shown(a), n) {
					t.Errorf("%q belongs to another code:\n%s", n, shown(a))
				}
			}
		})
	}
}

func demoRefusals(t *testing.T, l *library) {
	for _, q := range []troubleshoot.Question{
		{Model: "RX-280", Symptom: "who discovered the microwave"},
		{Model: "TI-350A", Symptom: "who founded the company"},
		{Model: "RX-440", Symptom: "price of the blower motor"},
		{Model: "RX-280", Symptom: "what is the price of the magnetron"},
		{Model: "KD 61 G", Symptom: "Preis der Türdichtung"},
		{Model: "RX-280", Symptom: "breaker trips in the neighbour's kitchen on sundays"},
	} {
		t.Run(q.Symptom, func(t *testing.T) {
			a := l.ask(t, q)
			l.checkAnswer(t, a)
			if a.Kind != troubleshoot.Refused || a.ErrorCode != nil || len(a.Steps)+len(a.Values)+len(a.Parts)+len(a.LikelyCauses) > 0 {
				t.Errorf("%s: %s", a.Kind, shown(a))
			}
		})
	}
}

// The remedies of a symptom are steps only for the symptom that was asked.
func TestASymptomIsNotAnotherOnesWords(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", `#Troubleshooting

#Symptom | Cause | Remedy
Drum stays dark | No supply | Check the plug
Drum rattles loudly in fast spin | Bearing is worn | Replace the bearing and check the drum
Water drips from the door | Gasket is torn | Replace the gasket`)
	for question, want := range map[string][]string{
		"drum rattles in fast spin":                          {"Bearing is worn -> Replace the bearing and check the drum"},
		"drum stays dark":                                    {"No supply -> Check the plug"}, // the first row is no heading
		"water drips from the door":                          {"Gasket is torn -> Replace the gasket"},
		"drum smells of fish after washing woollen blankets": nil,
		"plug melted while drying woollen blankets":          nil,
	} {
		t.Run(question, func(t *testing.T) {
			a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: question})
			l.checkAnswer(t, a)
			if !slices.Equal(wholeSteps(a), want) {
				t.Errorf("%s %q", a.Kind, wholeSteps(a))
			}
		})
	}
}

func TestATableWithoutHeadingsKeepsItsFirstRow(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", `#Troubleshooting the ice

Slab is thin | Charge is low | Check superheat, 6 to 12 °F
Slab is cloudy | Water is hard | Set the purge switch`)
	for question, want := range map[string]string{
		"slab is thin":   "Slab is thin: Charge is low · Check superheat, 6 to 12 °F",
		"slab is cloudy": "Slab is cloudy: Water is hard · Set the purge switch",
	} {
		a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: question})
		l.checkAnswer(t, a)
		if !slices.Contains(says(a.Passages), want) {
			t.Errorf("%s: %s %q", question, a.Kind, says(a.Passages))
		}
	}
}

func TestSignalWordsAreDefinedNotWarnedOf(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", `#1 Safety

WARNING: A hazard that could cause death or serious injury if it is not avoided.

CAUTION indicates a hazardous situation which may result in minor injury.

WARNING: The flywheel turns for two minutes after the power is off.

#1.1 Guard of the flywheel

The guard of the flywheel is locked by four screws of 8 mm.

#1.2 Brake

The brake holds the spindle.`)
	for question, section := range map[string]string{
		"how is the guard locked": "1.1 Guard of the flywheel",
		"what holds the spindle":  "1.2 Brake",
	} {
		a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: question})
		l.checkAnswer(t, a)
		if want := []string{": WARNING: The flywheel turns for two minutes after the power is off."}; !slices.Equal(says(a.Warnings), want) {
			t.Errorf("%s: warned of %q", question, says(a.Warnings))
		}
		if len(a.Citations) != 1 || a.Citations[0].Section != section {
			t.Errorf("%s: cited in %+v", question, a.Citations)
		}
	}
}

// The outline knows the sections of a page; the citation is of the one that the
// quoted words stand in.
func demoSections(t *testing.T, l *library) {
	for _, tt := range []struct {
		question troubleshoot.Question
		section  string
	}{
		{troubleshoot.Question{Model: "KD 61 G", Code: "F21/E3"}, "6 Unterziffern"}, // section 6.1 begins below
		{troubleshoot.Question{Model: "RX-280", Symptom: "weight"}, "2 Specifications › 2.3 Dimensions and weight"},
		{troubleshoot.Question{Model: "RX-280", Symptom: "adjust the door"}, "9 Replacement and adjustment › 9.2 Adjusting the door"},
	} {
		a := l.ask(t, tt.question)
		if len(a.Citations) == 0 || a.Citations[0].Section != tt.section {
			t.Errorf("%+v: %+v", tt.question, a.Citations)
		}
	}
}

func TestAnIntervalIsATime(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", `The grease of the bearing melts at 80 °C.

Change the grease of the bearing after 4000 hours.`)
	a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: "grease interval bearing"})
	l.checkAnswer(t, a)
	if got := says(a.Values); !slices.Equal(got, []string{": Change the grease of the bearing after 4000 hours."}) {
		t.Errorf("%s %q", a.Kind, got)
	}
}
