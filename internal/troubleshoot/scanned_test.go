package troubleshoot_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// scanned reads the same files as typed as if OCR had read them: every word has
// a confidence, low where "~" stands before it, and no line is set larger or bold.
type scanned struct{ typed }

func (s scanned) Extract(ctx context.Context, path string, o pdf.ExtractOptions, v pdf.Visitor) error {
	read := v.Page
	v.Page = func(p pdf.Page) error { return read(byOCR(p)) }
	return s.typed.Extract(ctx, path, o, v)
}

func byOCR(p pdf.Page) pdf.Page {
	for i := range p.Words {
		text, doubtful := strings.CutPrefix(p.Words[i].Text, "~")
		p.Words[i].Text, p.Words[i].Confidence = text, 95
		if doubtful {
			p.Words[i].Confidence = 62
		}
	}
	for i := range p.Lines {
		p.Lines[i].FontSize, p.Lines[i].Bold = 10, false
	}
	for _, t := range p.Tables {
		for _, r := range t.Rows {
			for k, c := range r.Cells {
				r.Cells[k].Text = strings.ReplaceAll(c.Text, "~", "")
			}
		}
	}
	return p
}

func causes(a *troubleshoot.Answer) []string {
	var out []string
	for _, i := range a.LikelyCauses {
		out = append(out, i.Text)
	}
	return out
}

func TestHeadingsReadAsOneCellNameTheColumns(t *testing.T) {
	l := newLibrary(t, scanned{})
	l.start(t)
	l.typed(t, "Service manual", `SEEN PROBLEM POSSIBLE CAUSES REMEDY ACTION | |
Voltage unstable | Speed varies | Adjust trimmer
Lamp flickers | Socket rusty | Clean socket`)
	// It reads like a question for a figure.
	a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: "voltage unstable"})
	l.checkAnswer(t, a)
	if a.Kind != troubleshoot.Fault || !slices.Equal(wholeSteps(a), []string{"Speed varies -> Adjust trimmer"}) {
		t.Errorf("%s: steps %q, causes %q", a.Kind, wholeSteps(a), causes(a))
	}
}

func TestARowOfSeveralNamesIsNoHeadings(t *testing.T) {
	l := newLibrary(t, scanned{})
	l.start(t)
	l.typed(t, "Service manual", `Kettle boils never whistle sounds cold steam | |
Voltage unstable | Speed varies | Adjust trimmer
Lamp flickers | Socket rusty | Clean socket`)
	a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: "voltage unstable"})
	l.checkAnswer(t, a)
	if len(a.Steps) != 0 || len(a.LikelyCauses) != 0 {
		t.Errorf("columns without names became steps %q and causes %q", wholeSteps(a), causes(a))
	}
}

func TestATableInTwoHalvesIsTwoTables(t *testing.T) {
	l := newLibrary(t, scanned{})
	l.start(t)
	l.typed(t, "Owner's guide", `TROUBLE | CHECK POINT | TROUBLE | CHECK POINT
Washer stays dark | Is the plug in the socket? | Water stays inside | Is the filter clogged?
Clothes will not move freely | Is the laundry overloaded? | Basket will not run | Is the lid closed completely?`)
	for question, want := range map[string]string{
		"clothes dont move freely": "Is the laundry overloaded?",
		"basket does not run":      "Is the lid closed completely?",
	} {
		a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: question})
		l.checkAnswer(t, a)
		if got := wholeSteps(a); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %s %q, want %q alone", question, a.Kind, got, want)
		}
	}
}

func TestASentenceIsNotQuotedWithTheOneAfterTheNext(t *testing.T) {
	l := newLibrary(t, scanned{})
	l.start(t)
	long := strings.Repeat("vibration and noise and heat and dust and ", 7)
	l.typed(t, "Owner's guide", "Leave 15 cm between the washer and the wall.\nThere is "+long+"more.\nMoisture may destroy the insulation.")
	a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: "how much between the washer and the wall"})
	l.checkAnswer(t, a)
	if a.Kind != troubleshoot.Value || len(a.Values) != 1 || a.Values[0].Text != "Leave 15 cm between the washer and the wall." {
		t.Errorf("%s %q", a.Kind, says(a.Values))
	}
}

func TestDoubtfulFiguresAreNamed(t *testing.T) {
	l := newLibrary(t, scanned{})
	l.start(t)
	l.typed(t, "Parts list", `Order part number ~470551 for the gearbox of 2 speeds.
The ~shear bolt has the part number 170972.`)
	for question, want := range map[string][]string{
		"gearbox part number":    {"470551"},
		"shear bolt part number": nil, // a word without a digit is no figure
	} {
		a := l.ask(t, troubleshoot.Question{Model: "KX-1", Symptom: question})
		l.checkAnswer(t, a)
		if a.Kind != troubleshoot.Part || len(a.Parts) == 0 || len(a.Parts[0].Quotes) != 1 || !slices.Equal(a.Parts[0].Quotes[0].Doubtful, want) {
			t.Errorf("%s: %s %+v", question, a.Kind, a.Parts)
		}
	}
}
