package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

var update = flag.Bool("update", false, "write golden files")

func quotes(citations ...int) []troubleshoot.Quote {
	var out []troubleshoot.Quote
	for _, c := range citations {
		out = append(out, troubleshoot.Quote{Text: "…", Citation: c})
	}
	return out
}

func TestAnswerReadsAsOne(t *testing.T) {
	citations := []troubleshoot.Citation{
		{Title: "RX Service Manual", Revision: "Rev. C", Page: 112, PageLabel: "7-12", Section: "Error codes"},
		{Title: "RX Parts", Page: 9},
	}
	for name, a := range map[string]troubleshoot.Answer{
		"fault": {
			Kind: troubleshoot.Fault, Equipment: troubleshoot.Equipment{Manufacturer: "Cindervale", Model: "RX-280"},
			ErrorCode:    &troubleshoot.ErrorCode{Code: "E18", Meaning: "Magnetron thermostat open", Quotes: quotes(0)},
			Warnings:     []troubleshoot.Item{{Label: "WARNING", Text: "Disconnect power and wait five minutes before removing the cover. The capacitor holds a lethal charge even when the oven is off.", Quotes: quotes(0)}},
			Steps:        []troubleshoot.Step{{N: 1, Title: "Check the cooling fan", Instruction: "Run the fan test and listen for both fans.", ExpectedResult: "Both fans run.", Quotes: quotes(0)}, {N: 2, Instruction: "Measure the thermostat between J4-1 and J4-2, which must be closed below 90 °C; replace it when it is open at room temperature.", Quotes: quotes(0, 1)}, {N: 3, Title: "Check the wiring", Instruction: "Pull on each wire.", Quotes: quotes(0)}, {N: 4, Title: "Check the wiring", Instruction: "Push the plugs home.", Quotes: quotes(0)}, {N: 10, Instruction: "Read the page.", Unverified: true}},
			LikelyCauses: []troubleshoot.Item{{Text: "Blocked filter", Quotes: quotes(0)}},
			Parts:        []troubleshoot.PartItem{{Name: "Thermostat", PartNumber: "CV-10442", Location: "behind the magnetron", Quotes: quotes(1)}},
			NotInManual:  []string{"The torque of its screws"}, Citations: citations,
		},
		"value": {
			Kind: troubleshoot.Value, Equipment: troubleshoot.Equipment{Manufacturer: "Tarnholm", Model: "TI-350W"}, Summary: "Suction pressure: 33 psig",
			Values: []troubleshoot.Item{{Label: "Suction pressure", Text: "33 psig at the end of the freeze cycle", Quotes: quotes(1)}}, Citations: citations[1:],
		},
		"doubtful": {
			Kind: troubleshoot.Part, Equipment: troubleshoot.Equipment{Manufacturer: "Kestrel", Model: "KX-1"}, Summary: "470551 Gearbox",
			Parts: []troubleshoot.PartItem{{Name: "Gearbox", PartNumber: "470551", Quotes: []troubleshoot.Quote{
				{Text: "Gearbox", Citation: 1, Confidence: 91}, {Text: "470551", Citation: 1, Confidence: 62, Doubtful: []string{"470551"}},
			}}}, Citations: citations,
		},
		"refused": {
			Kind: troubleshoot.Refused, Equipment: troubleshoot.Equipment{Model: "RX-280"},
			Refusal:  &troubleshoot.Refusal{Reason: "No passage is about this.", Searched: []string{"RX Service Manual", "RX Parts"}, Terms: []string{"turbocharger"}, NextStep: "Add the manual that covers it."},
			Passages: []troubleshoot.Item{{Text: "The fan turns at 2,400 rpm.", Quotes: quotes(0)}}, Citations: citations[:1],
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := printAnswer(&out, &a, false); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("the output changed; accept with -update (-golden +now):\n%s", diff)
			}
		})
	}
}

func TestManualTextCannotControlTheTerminal(t *testing.T) {
	var out bytes.Buffer
	a := troubleshoot.Answer{Kind: troubleshoot.Fault, Summary: "\x1b]0;owned\x07 \x9b31mred", Passages: []troubleshoot.Item{{Label: "\x1b[2J", Text: "a\x00b\rc"}}}
	if err := printAnswer(&out, &a, false); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\x07\x00\r\u009b") {
		t.Errorf("%q", out.String())
	}
}

func TestForeignTextStaysInItsLine(t *testing.T) {
	var out bytes.Buffer
	a := troubleshoot.Answer{
		Kind: troubleshoot.Fault, Summary: "ok\u202egnihton\u202c \u2066x\u2069", Passages: []troubleshoot.Item{{Text: "x", Quotes: quotes(0)}},
		Citations: []troubleshoot.Citation{{Title: "Manual\nfake line\u2028fake line", Section: "1\nfake line", Page: 1}},
	}
	if err := printAnswer(&out, &a, false); err != nil {
		t.Fatal(err)
	}
	show := newProgress(&env{stdout: &out, stderr: &out}, false, 1)
	show.done(importedFile{Result: "failed", File: "a\nfake line\u202e\x1b[2J.pdf", Error: "x\nfake line"})
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(strings.TrimSpace(line), "fake") {
			t.Errorf("foreign text began the line %q", line)
		}
	}
	if strings.ContainsAny(out.String(), "\x1b\u2028\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
		t.Errorf("%q", out.String())
	}
}

func TestPrintedCommandsCanBeTyped(t *testing.T) {
	for in, want := range map[string]string{
		"RX-440": "RX-440", "Err 5": "'Err 5'", "": "''", "it's": `'it'\''s'`, "F21/E3": "F21/E3", "90 °F": "'90 °F'", "$(x)": "'$(x)'", "Kerntemperaturfühler": "Kerntemperaturfühler",
	} {
		if got := shellQuote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
