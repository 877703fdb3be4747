package troubleshoot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// tradeManual prints what is asked in the shapes in which manuals print it.
const tradeManual = `#Supply wiring

Use copper wire only and never aluminium wire in the system box.

#Total current of the system | Copper wire size | Rating of the breaker
0 A to 16 A | #12 AWG | 20
16 A to 20 A | #10 AWG | 25
24 A to 28 A | #8 AWG | 35
28 A to 32 A | #6 AWG | 40` + "\f" + `#Specifications

#Item | Metric | Imperial
Weight | 2.2 kg | 4.8 lb
#Temperature | |
Operating | 5 °C to 35 °C | 41 °F to 95 °F
Storage | -20 °C to 60 °C | -4 °F to 140 °F
#Refrigerant | |
Refrigerant type | R-32 | R-32
Refrigerant charge | 1.2 kg | 2.6 lb

Power input: 90-264 V AC, 50 Hz` + "\f" + `#Test bench

The mains input of the test bench is 230 V AC at all times.

The solder tool has to reach a solder temperature of 400 at least, at its tip.` + "\f" + `#Network

• Use eight-core cables for the injector.
• Take a PoE injector that meets the following specifications:
– Rated voltage: 55 V
– Rated power: 60 W
• Switch it on last.` + "\f" + `#Remote control

1. Open the cover on its back.
2. Insert two batteries (AAA/R03).
3. Close the cover.

If the unit is stored, take the batteries out of the remote control.` + "\f" + `#Reminders

Message | Frequency | Action required
r1 | Every 7 days | Test the water and adjust it.
r2 | Every 30 days | Remove, clean and refit the filter.
r3 | Every 90 days | Drain and refill the tub.

#Purge run

• The purge run keeps the coil dry.
• The purge run ends by itself after 40 minutes.
• Start the purge run at every change of season or every 4 months.` + "\f" + `#Hard drive

#Item | Value | Limit
Height | 9 mm | 10 mm
Seek time | 12 ms | 15 ms
Operating temperature | 0 °C to 60 °C | 65 °C` + "\f" + `#Persistent memory

If you do not reset the persistent memory, the unit may not work as it should.

#To reset persistent memory

> Power down.
> Hold the CLEAN key.
> Power up and wait.`

func TestWhatIsAskedInTheWordsOfTheTrade(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	l.typed(t, "Service manual", tradeManual)
	for _, tt := range []struct {
		name, question string
		kind           troubleshoot.Kind
		first          []string // what its first three items hold
		never          []string
	}{
		{"a row is named by a range, and two columns are asked", "system pulls 26 amps total, which copper wire and what breaker", troubleshoot.Value, []string{"#8 AWG", "35"}, []string{"#6 AWG", "#10 AWG"}},
		{"another unit is in no range", "system pulls 26 volts total, which copper wire", troubleshoot.Value, nil, []string{"#8 AWG"}},
		{"a heading between rows is part of their names", "operating temperature", troubleshoot.Value, []string{"5 °C to 35 °C"}, []string{"-20 °C"}},
		{"a charge comes with what is charged", "refrigerant charge", troubleshoot.Value, []string{"1.2 kg", "R-32"}, nil},
		{"limits of the mains", "mains input range", troubleshoot.Value, []string{"90-264 V AC"}, []string{"230 V AC"}},
		{"a figure by its name, where the unit is not printed", "min solder tip temperature", troubleshoot.Value, []string{"solder temperature of 400"}, nil},
		{"a sentence with a colon comes with its list", "poe injector spec", troubleshoot.Value, []string{"55 V", "60 W"}, []string{"Switch it on last"}},
		{"which thing is for another", "batteries for the remote", troubleshoot.Value, []string{"AAA/R03"}, nil},
		{"of a thing that the manual does not know", "batteries for the smoke detector", troubleshoot.Refused, []string{}, nil},
		{"an interval of a table with actions", "filter cleaning interval", troubleshoot.Value, []string{"Every 30 days"}, []string{"Every 90 days"}},
		{"how often", "purge run how often", troubleshoot.Value, []string{"every 4 months"}, []string{"40 minutes"}},
		{"which key", "which key resets persistent memory", troubleshoot.Procedure, []string{"CLEAN key"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: tt.question})
			l.checkAnswer(t, a)
			if tt.first == nil && a.Kind == troubleshoot.Refused {
				return
			}
			if a.Kind != tt.kind {
				t.Fatalf("%s: %s", a.Kind, shown(a))
			}
			var items []string
			for _, i := range a.Values {
				items = append(items, i.Label+" "+i.Text)
			}
			for _, s := range a.Steps {
				items = append(items, s.Instruction)
			}
			head := strings.Join(items[:min(len(items), 3)], "\n")
			if slices.ContainsFunc(tt.first, func(s string) bool { return !strings.Contains(head, s) }) ||
				slices.ContainsFunc(tt.never, func(s string) bool { return strings.Contains(head, s) }) {
				t.Errorf("%s", head)
			}
		})
	}
}

// A page of figures does not tell its language: it is in that of the pages around.
func TestAPageOfFiguresIsInTheLanguageOfItsChapter(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	english := "This is the manual of the unit and it is for the user. Do not use the unit if the cable is not in order."
	spanish := "Este es el manual de la unidad y es para el usuario. No utilice la unidad si el cable no está en buen estado, por favor."
	l.typed(t, "Manual", strings.Join([]string{
		english, english, english, spanish, "Peso | 6,2 kg\nAncho | 30 cm\nFondo | 20 cm", spanish,
	}, "\f"))
	a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: "¿cuánto pesa la unidad?"})
	l.checkAnswer(t, a)
	if a.Kind != troubleshoot.Value || !strings.Contains(shown(a), "6,2 kg") {
		t.Errorf("%s: %s", a.Kind, shown(a))
	}
}

// A table says what to check in any language, and one that reads its symptom finds
// it whatever is long beside it.
func TestASymptomIsFoundByItsOwnWords(t *testing.T) {
	l := newLibrary(t, typed{})
	l.start(t)
	m := l.add(t, manual.Upload{Title: "Handbuch", Manufacturer: "Kestrel", Models: []string{"KX-2"}, Language: "de"}, strings.NewReader(typedHead+
		`#Störungen

#Haben Sie dieses Problem? | Überprüfen Sie die genannten Punkte:
Die Anzeige blinkt langsam in Orange | Wenn die Anzeige nach einer Minute nicht dauernd leuchtet, dann findet das Gerät seinen Server nicht. Stellen Sie sicher, dass der Server eingeschaltet ist und dass kein Filter die Daten zu ihm aufhält, und dass die Adresse des Servers in der Liste steht, die im Menü unter Netz zu finden ist.
Die Anzeige blinkt schnell in Orange | Kabel tauschen.
Das Gerät löst den Schutzschalter aus | Prüfen Sie, ob die Leitung zu schwach ist.`))
	if m = l.wait(t, m.ID); m.Status != manual.Ready {
		t.Fatal(m.Error)
	}
	for question, want := range map[string]string{
		"Anzeige blinkt langsam orange":       "dass der Server eingeschaltet ist",
		"Sicherung fliegt, was kontrollieren": "ob die Leitung zu schwach ist",
	} {
		a := l.ask(t, troubleshoot.Question{Model: "KX-2", Symptom: question})
		l.checkAnswer(t, a)
		if a.Kind != troubleshoot.Fault || !slices.ContainsFunc(a.Steps, func(s troubleshoot.Step) bool { return strings.Contains(s.Instruction, want) }) {
			t.Errorf("%q: %s: %s", question, a.Kind, shown(a))
		}
	}
}
