package structure_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
)

// outlineOf writes the sections of a document, one a line.
func outlineOf(d *structure.Document) string {
	var sb strings.Builder
	for i := range d.Sections {
		s := &d.Sections[i]
		fmt.Fprintf(&sb, "%s%d-%d %s: %s", strings.Repeat(".", s.Level), s.FirstPage, s.LastPage, s.Type, s.Title)
		if s.CopyOf >= 0 {
			fmt.Fprintf(&sb, " (as %s)", d.Sections[s.CopyOf].Title)
		}
		sb.WriteString("\n")
	}
	return sb.String()
}

func TestSectionsOfTheOutline(t *testing.T) {
	o := structure.Options{Outline: []pdf.OutlineEntry{
		{Title: "Chapter I : Safety", Level: 1, Page: 1},
		{Title: "Chapter II : Protection codes", Level: 1, Page: 1}, // set at the end of the page before
		{Title: "1. E3 solution", Level: 1, Page: 2},
		{Title: "2. E5 solution", Level: 1, Page: 2},
		{Title: "Appendix without a page", Level: 1},
		{Title: "Chapter III : Spare parts", Level: 1, Page: 3},
	}}
	d, pages := read(t, o, `
		# Chapter I : Safety
		Read all of it.
		`, `
		# Chapter II : Protection codes
		## 1. E3 solution
		Check the flow.
		## 2. E5 solution
		Wait for the supply.
		`, `
		The codes end here.
		# Chapter III : Spare parts
		Text.
		`)
	want := trimmed(`
		.1-1 safety: Chapter I : Safety
		.2-3 error_codes: Chapter II : Protection codes
		..2-2 error_codes: 1. E3 solution
		..2-3 error_codes: 2. E5 solution
		.3-3 parts_list: Chapter III : Spare parts
		`)
	if got := outlineOf(d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if h := d.Sections[3].Heading; h.Text(&pages[1]) != "2. E5 solution" {
		t.Errorf("the heading of %q is %q", d.Sections[3].Title, h.Text(&pages[1]))
	}
}

func TestSectionsOfTheHeadings(t *testing.T) {
	d, _ := read(t, structure.Options{}, `
		# 1 Installation
		Unpack the machine and put it where it stands level and dry.
		## 1.1 Electrical connection
		* WARNING!
		The connection of the machine is made by an electrician.
		* the whole of this bold sentence goes on over the line
		`, `
		# 1 Installation (continued)
		The water connection of the machine is made with the hose.
		## 1.2 General
		Text of the machine and its parts.
		@foot 2
		`, `
		# 2 Troubleshooting
		Text of the machine and its faults.
		|* Fault | Cause | Remedy |
		| No water | Tap closed | Open the tap |
		| No power | Fuse blown | Replace the fuse |
		`, `
		The table goes on with the text of the machine.
		# Appendix
		|* Item | Part number | Description |
		| 1 | 38123011 | Cover |
		| 2 | 38123012 | Tank |
		`)
	want := trimmed(`
		.1-2 installation: 1 Installation
		..1-2 installation: 1.1 Electrical connection
		..2-2 installation: 1.2 General
		.3-4 troubleshooting: 2 Troubleshooting
		.4-4 parts_list: Appendix
		`)
	if got := outlineOf(d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := d.Tables[1].Section; got != 4 {
		t.Errorf("the parts stand in section %d", got)
	}
}

func TestTypesOfSections(t *testing.T) {
	for title, want := range map[string]structure.SectionType{
		"Fehlercodes":                     structure.SectionErrorCodes,
		"4.2 I Anzeige eines Fehlercodes": structure.SectionErrorCodes,
		"Códigos de error":                structure.SectionErrorCodes,
		"Codes d’erreur":                  structure.SectionErrorCodes,
		"6-TROUBLESHOOTING":               structure.SectionTroubleshooting,
		"Dépannage":                       structure.SectionTroubleshooting,
		"Problembehebung":                 structure.SectionTroubleshooting,
		"4.4 I Schaltpläne":               structure.SectionWiring,
		"Schema elettrico":                structure.SectionWiring,
		"Ersatzteilliste":                 structure.SectionParts,
		"MODEL T25 MAIN FRAME PARTS LIST": structure.SectionParts,
		"1.3.Moving Parts":                structure.SectionOther,
		"Technische Daten":                structure.SectionSpecifications,
		"Caratteristiche tecniche":        structure.SectionSpecifications,
		"Sicherheitshinweise":             structure.SectionSafety,
		"Wartung":                         structure.SectionMaintenance,
		"Mise en service":                 structure.SectionInstallation,
		"Manutenzione":                    structure.SectionMaintenance,
		"❷ Bedienung":                     structure.SectionOperation,
		"Chapter I :Generalization":       structure.SectionOverview,
		"Техническое обслуживание": structure.SectionMaintenance,
		"Limited warranty":                      structure.SectionOther,
		"A heavy load":                          structure.SectionOther,
		"Removal and replacement procedures":    structure.SectionMaintenance,
		"Seguridad e instalación del equipo":    structure.SectionSafety,
		"Installation, Betrieb und Fehlersuche": structure.SectionTroubleshooting,
	} {
		d, _ := read(t, structure.Options{}, "# "+title+"\nText of the machine that stands below the heading.")
		if len(d.Sections) != 1 {
			t.Errorf("%q: got %d sections", title, len(d.Sections))
			continue
		}
		if got := d.Sections[0].Type; got != want {
			t.Errorf("%q is %s, want %s", title, got, want)
		}
	}
}

func TestApplicability(t *testing.T) {
	d, pages := read(t, structure.Options{Models: []string{"KD 61 G"}}, `
		# 5 Refrigerant circuit R-448A (R290 before)
		Text of the machine.
		# 6 Gas, KD 61 G only
		Text of the machine.
		# 7 Control board
		For machines with serial number 2210 and above.
		Text of the machine.
		# 8 Wiring, models TI-350A and TI-520A, 208/230 V
		Machines before serial 2210 have the harvest board.
		# 9 Cleaning
		The pump takes 230 V and is filled with R-448A in the factory.
		`)
	say := func(s *structure.Section) string {
		var out []string
		for _, facts := range [][]structure.Fact{s.Applies.Models, s.Applies.Voltages, s.Applies.Refrigerants} {
			for _, f := range facts {
				out = append(out, f.Text)
				if text := f.Span.Text(&pages[f.Page-1]); !strings.Contains(text, f.Text) {
					t.Errorf("%q points at the words %q", f.Text, text)
				}
			}
		}
		for _, r := range s.Applies.Serials {
			out = append(out, r.From+".."+r.To)
		}
		return strings.Join(out, ", ")
	}
	for i, want := range []string{"R-448A, R290", "KD 61 G", "2210..", "TI-350A, TI-520A, 208/230 V, ..2210", ""} {
		if got := say(&d.Sections[i]); got != want {
			t.Errorf("%s: got %q, want %q", d.Sections[i].Title, got, want)
		}
	}
}

func TestCopiesInAnotherLanguage(t *testing.T) {
	languages := map[int]string{}
	var pages []string
	for i, words := range [][]string{
		{"en", "Safety", "Technical data", "the machine is to be used with"},
		{"de", "Sicherheit", "Technische Daten", "die Maschine ist mit dem"},
	} {
		first := 2*i + 1
		languages[first], languages[first+1] = words[0], words[0]
		pages = append(pages,
			fmt.Sprintf("# %s\n%s 230 V 50 Hz 16 A 3.7 kW R290 E12 AB-1234", words[1], words[3]),
			fmt.Sprintf("# %s\n%s 540 mm 71 kg 85 dB 4.2 bar 60 °C 2210 XR-55", words[2], words[3]))
	}
	d, _ := read(t, structure.Options{Languages: languages}, pages...)
	want := trimmed(`
		.1-1 safety: Safety
		.2-2 specifications: Technical data
		.3-3 safety: Sicherheit (as Safety)
		.4-4 specifications: Technische Daten (as Technical data)
		`)
	if got := outlineOf(d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprint(d.Doubles); got != fmt.Sprint([]structure.Double{{Page: 3, Of: 1, Kind: structure.DoubleLanguage}, {Page: 4, Of: 2, Kind: structure.DoubleLanguage}}) {
		t.Errorf("got the doubles %s", got)
	}
}

func TestLinesOfSeveralLanguages(t *testing.T) {
	d, _ := read(t, structure.Options{}, `
		Do not open the door while the machine is in operation.
		Die Tür darf nicht geöffnet werden, wenn die Maschine in Betrieb ist.
		230 V
		Clean the filter with water and dry it.
		Der Filter wird mit Wasser gereinigt und ist zu trocknen.
		Close the cover of the pump by hand.
		Die Abdeckung der Pumpe von Hand schließen.
		水泵的盖子
		`, `
		Only one language is on this page and it is the one of the machine.
		Clean the filter with water and dry it.
		`)
	if got, want := fmt.Sprint(d.LineLanguages), "map[1:[en de  en de en de zh]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestASectionEndsWhereTheManualBeginsAnew(t *testing.T) {
	var pages []string
	for _, letters := range []string{"EN", "CN"} {
		for n := range 4 {
			pages = append(pages, fmt.Sprintf("Text of page %d of the machine.\n@foot %s-%d", n, letters, n+1))
		}
	}
	pages[3] = "# Before calling for service\n" + pages[3]
	d, _ := read(t, structure.Options{}, pages...)
	if got, want := outlineOf(d), ".4-4 troubleshooting: Before calling for service\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestATableOfContentsHeadsNothing(t *testing.T) {
	d, _ := read(t, structure.Options{}, `
		# Table of contents
		## Installation
		Unpacking the machine 3
		Connecting the machine 5
		## Troubleshooting
		Faults of the machine 7
		Codes of the machine 8
		Lamps of the machine 9
		`, `
		# Installation
		Unpack the machine and put it where it stands level.
		`)
	if got, want := outlineOf(d), ".2-2 installation: Installation\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
