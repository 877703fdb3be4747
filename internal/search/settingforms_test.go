package search_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// settingForm is a page on which settings are printed in one of the forms of the
// trade, and the rows that it has: "name|title=…|default=…". Without rows it is a
// trap: it looks like settings and has none.
type settingForm struct {
	name string
	draw func(p *pdftest.Page)
	want []string
}

// text draws lines of text 14 points apart. "# " before a line sets it as a heading,
// "** " bold; "> " indents it. An empty line is a gap.
func text(lines ...string) func(p *pdftest.Page) {
	return func(p *pdftest.Page) { textAt(p, 60, 80, lines...) }
}

func textAt(p *pdftest.Page, x, y float64, lines ...string) {
	for _, l := range lines {
		size, font, at := 10.0, pdftest.Regular, x
		switch {
		case strings.HasPrefix(l, "# "):
			l, size, font = l[2:], 14, pdftest.Bold
		case strings.HasPrefix(l, "** "):
			l, font = l[3:], pdftest.Bold
		case strings.HasPrefix(l, "> "):
			l, at = l[2:], x+16
		}
		if l != "" {
			p.Text(at, y, size, font, l)
		}
		y += 14
	}
}

// filler is text that the size of most words is known by.
const filler = "The unit is supplied with a holding charge and is tested before it leaves the works."

func settingForms() []settingForm {
	return []settingForm{
		{
			name: "positions of a block of switches, a line each",
			draw: text("# DIP switch SW1", filler, "", "1 ON: Cooling only", "1 OFF: Heat pump", "2 ON: Remote start enabled", "2 OFF: Remote start disabled"),
			want: []string{"1|ON=Cooling only|OFF=Heat pump", "2|ON=Remote start enabled|OFF=Remote start disabled"},
		},
		{
			name: "both positions on the switch's line",
			draw: text("# DIP switches", filler, "", "· SW2-1: OFF = 50 Hz, ON = 60 Hz", "· SW2-2: OFF = local, ON = remote"),
			want: []string{"SW2-1|OFF=50 Hz|ON=60 Hz", "SW2-2|OFF=local|ON=remote"},
		},
		{
			name: "German switches",
			draw: text("# DIP-Schalter S3", "Das Gerät vor dem Umstellen der Schalter spannungsfrei schalten.", "", "1 EIN: Sommerbetrieb", "1 AUS: Winterbetrieb", "2 EIN: mit Nachlauf", "2 AUS: ohne Nachlauf"),
			want: []string{"1|EIN=Sommerbetrieb|AUS=Winterbetrieb", "2|EIN=mit Nachlauf|AUS=ohne Nachlauf"},
		},
		{
			name: "Spanish switches",
			draw: text("# Microinterruptores SW1", "Desconecte la alimentación antes de cambiar la posición.", "", "1 ON: Solo frío", "1 OFF: Bomba de calor", "2 ON: Arranque remoto", "2 OFF: Arranque local"),
			want: []string{"1|ON=Solo frío|OFF=Bomba de calor", "2|ON=Arranque remoto|OFF=Arranque local"},
		},
		{
			name: "a list of parameters with range and default",
			draw: text("# Parameters", filler, "", "P01 - Hysteresis (1 to 10 K, default: 3 K)", "P02 - Fan delay (0 to 120 s, default: 30 s)", "P10 - Buzzer (default: OFF)"),
			want: []string{"P01|title=Hysteresis (1 to 10 K, default: 3 K)|default=3 K|range=1 to 10 K", "P02|title=Fan delay (0 to 120 s, default: 30 s)|default=30 s|range=0 to 120 s", "P10|title=Buzzer (default: OFF)|default=OFF"},
		},
		{
			name: "German parameters, the explanation below",
			draw: text("# Parameter des Reglers", "Die Werte werden mit den Tasten verstellt und nach zehn Sekunden gespeichert.", "", "P01: Schalthysterese", "> Bereich 1 bis 10 K. Werkseinstellung: 3 K", "P02: Nachlauf des Lüfters", "> Bereich 0 bis 120 s. Werkseinstellung: 30 s"),
			want: []string{"P01|title=Schalthysterese|default=3 K|range=1 bis 10 K|meaning=Bereich 1 bis 10 K. Werkseinstellung: 3 K", "P02|title=Nachlauf des Lüfters|default=30 s|range=0 bis 120 s|meaning=Bereich 0 bis 120 s. Werkseinstellung: 30 s"},
		},
		{
			name: "Spanish parameters with their values",
			draw: text("# Parámetros", "Los valores se cambian con las teclas y se guardan a los diez segundos.", "", "F1: Histéresis, de 1 a 10 K. Valor de fábrica: 3 K", "F2: Retardo, de 0 a 120 s. Valor de fábrica: 30 s"),
			want: []string{"F1|title=Histéresis, de 1 a 10 K. Valor de fábrica: 3 K|default=3 K|range=1 a 10 K", "F2|title=Retardo, de 0 a 120 s. Valor de fábrica: 30 s|default=30 s|range=0 a 120 s"},
		},
		{
			name: "a jumper that is removed for a purpose",
			draw: text("# Alarm input", filler, "To disable the low pressure alarm, remove jumper JP2.", "Jumper JP3 must be open."),
			want: []string{"JP2|remove jumper JP2=To disable the low pressure alarm,|meaning=To disable the low pressure alarm, remove jumper JP2.", "JP3|default=open|meaning=Jumper JP3 must be open."},
		},
		{
			name: "the same in German",
			draw: text("# Alarmeingang", "Der Eingang ist im Auslieferungszustand auf der Platine gebrückt worden.", "Um den Niederdruckalarm abzuschalten, Steckbrücke JP2 entfernen.", "Die Steckbrücke JP3 muss offen sein."),
			want: []string{"JP2|Steckbrücke JP2 entfernen=Um den Niederdruckalarm abzuschalten,|meaning=Um den Niederdruckalarm abzuschalten, Steckbrücke JP2 entfernen.", "JP3|default=offen|meaning=Die Steckbrücke JP3 muss offen sein."},
		},
		{
			name: "the same in Spanish",
			draw: text("# Entrada de alarma", "La entrada de alarma se entrega puenteada en la placa de la unidad.", "Para desactivar la alarma de baja presión, retire el puente JP2.", "El puente JP3 debe estar abierto."),
			want: []string{"JP2|retire el puente JP2=Para desactivar la alarma de baja presión,|meaning=Para desactivar la alarma de baja presión, retire el puente JP2.", "JP3|default=abierto|meaning=El puente JP3 debe estar abierto."},
		},
		{
			name: "a numbered switch in a sentence",
			draw: text("# Drain pump", filler, "Set DIP switch 3 to ON to enable the drain pump."),
			want: []string{"3|title=Drain pump|ON=to enable the drain pump.|meaning=Set DIP switch 3 to ON to enable the drain pump."},
		},
		{
			name: "the same in German and Spanish",
			draw: text("# Kondensatpumpe", "Die Pumpe wird mit dem beiliegenden Kabel an die Platine angeschlossen.", "Um die Pumpe freizugeben, den DIP-Schalter 3 auf ON stellen.", "", "# Bomba de condensado", "Para activar la bomba, ponga el interruptor DIP 4 en ON."),
			want: []string{"3|title=Kondensatpumpe|ON=Um die Pumpe freizugeben,|meaning=Um die Pumpe freizugeben, den DIP-Schalter 3 auf ON stellen.", "4|title=Bomba de condensado|ON=Para activar la bomba,|meaning=Para activar la bomba, ponga el interruptor DIP 4 en ON."},
		},
		{
			name: "a parameter in a sentence with its default",
			draw: text("# Buzzer", filler, "The buzzer is switched off by default. To switch it on, set parameter P31 to 1."),
			want: []string{"P31|title=Buzzer|default=off|1=To switch it on,|meaning=The buzzer is switched off by default. To switch it on, set parameter P31 to 1."},
		},
		{
			name: "a parameter whose values are listed below its step",
			draw: text("# Key lock", filler, "1. Select parameter P19 with the arrow keys.", "2. Choose 0 or 1:", "> - 0 = Key lock off", "> - 1 = Key lock on", "3. Press SET."),
			want: []string{"P19|title=Key lock|0=Key lock off|1=Key lock on|meaning=Select parameter P19 with the arrow keys."},
		},
		{
			name: "a switch that a procedure sets and sets back",
			draw: text("# Memory", filler, "** To reset the memory:", "· Power down.", "· Set S1-4 ON (see illustration).", "· Power up.", "· Set S1-4 OFF.", "· For all other power ups, leave S1-4 OFF.", "", "The DIP switches are on the main board."),
			want: []string{"S1-4|title=To reset the memory:|default=OFF|ON=To reset the memory:|OFF=For all other power ups,|meaning=Set S1-4 ON (see illustration).|meaning=Set S1-4 OFF.|meaning=For all other power ups, leave S1-4 OFF."},
		},
		{
			name: "jumpers that share a position",
			draw: text("# Tool board", filler, "The jumpers should follow J1 (open), J2/J3 (pins 1 and 2 short)."),
			want: []string{"J1|default=open|meaning=The jumpers should follow J1 (open), J2/J3 (pins 1 and 2 short).", "J2|default=pins 1 and 2 short|meaning=The jumpers should follow J1 (open), J2/J3 (pins 1 and 2 short).", "J3|default=pins 1 and 2 short|meaning=The jumpers should follow J1 (open), J2/J3 (pins 1 and 2 short)."},
		},
		{
			name: "a jumper drawn in its positions",
			draw: func(p *pdftest.Page) {
				textAt(p, 60, 80, "# Clock", filler, "The clock is kept by a battery, which the jumper J91 connects.")
				for i, position := range [][]string{{"J91", "Clock", "stopped", "(open)"}, {"J91", "Clock", "running", "(jumpered)"}} {
					for k, line := range position {
						p.Text(100+90*float64(i), 160+9*float64(k), 7, pdftest.Bold, line)
					}
				}
			},
			want: []string{"J91|open=Clock stopped|jumpered=Clock running|meaning=The clock is kept by a battery, which the jumper J91 connects."},
		},
		{
			name: "pictures of a block of switches beside what they set",
			draw: func(p *pdftest.Page) {
				textAt(p, 60, 80, "# System control", filler, "", "SW7 Address setting")
				for i, address := range []string{"00", "01", "02"} {
					y := 160 + 30*float64(i)
					p.Text(66, y-14, 7, pdftest.Regular, "ON")
					p.Text(66, y-6, 7, pdftest.Regular, "OFF")
					p.Text(90, y+2, 7, pdftest.Regular, "1 2 3 4")
					p.Text(160, y-6, 9, pdftest.Regular, address)
				}
				p.Text(66, 132, 9, pdftest.Bold, "SW7 setting")
				p.Text(150, 132, 9, pdftest.Bold, "Address")
				p.Grid([]float64{60, 140, 210}, []float64{122, 136, 166, 196, 226})
			},
			want: []string{"SW7|title=SW7 Address setting|Address=00|Address=01|Address=02|meaning=Address"},
		},
		{
			name: "a menu without headings",
			draw: func(p *pdftest.Page) {
				textAt(p, 60, 80, filler, "", "# Settings of the picture")
				pdftest.Table{X: 60, Y: 118, Widths: []float64{90, 330}, Rows: [][]string{
					{"Brightness", "Set the brightness of the display\nWith this function you change the lighting. The default setting is 50."},
					{"Timeout", "Select how long the menu is shown\nYou can select a value from 10 to 120 seconds."},
					{"Language", "Select the language of the menu"},
				}}.Draw(p)
			},
			want: []string{
				"Brightness|title=Set the brightness of the display|default=50|meaning=With this function you change the lighting. The default setting is 50.",
				"Timeout|title=Select how long the menu is shown|range=10 to 120 seconds|meaning=You can select a value from 10 to 120 seconds.",
				"Language|title=Select the language of the menu",
			},
		},
		{
			name: "a legend of switches and connectors has no settings",
			draw: text("# Switches and connectors", filler, "", "S1 - Main switch ON/OFF", "S2 - Door switch", "J3 - Connector of the fan", "J4 - Jumper cable"),
		},
		{
			name: "fault codes that look like parameters",
			draw: text("# Error codes", "The settings are kept when an error is shown on the display of the unit.", "", "P1 - Sensor open, range 0 to 10 V", "P2 - Sensor short, default value used", "P3 - Pump off"),
		},
		{
			name: "settings that are only mentioned",
			draw: text("# Check", filler, "There may be a problem with jumper J99.", "Check all jumpers and DIP switch positions on the new board.", "The parameter P12 is explained in the manual of the controller.", "Connect J12 to the jumper cable."),
		},
		{
			name: "a list of supplies under a heading of settings",
			draw: text("# Installation settings", filler, "", "L1 - Phase 1", "L2 - Phase 2", "L3 - Phase 3"),
		},
	}
}

func TestSettingsOfEveryFormAreRead(t *testing.T) {
	if testing.Short() {
		t.Skip("reads PDF files, which is slow under the race detector and shows it nothing; make test runs it")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	engine, err := pdf.NewEngine(pdf.Config{CacheDir: filepath.Join(cache, "techcopilot-test")})
	if err != nil {
		t.Fatal(err)
	}
	// All forms are pages of one file, so that the engine starts once.
	var file pdftest.Document
	forms := settingForms()
	for _, f := range forms {
		p := pdftest.NewPage()
		f.draw(p)
		file.Pages = append(file.Pages, p)
	}
	path := filepath.Join(t.TempDir(), "settings.pdf")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var pages []pdf.Page
	if err := engine.Extract(t.Context(), path, pdf.ExtractOptions{}, pdf.Visitor{Page: func(p pdf.Page) error { pages = append(pages, p); return nil }}); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(pages, func(a, b pdf.Page) int { return a.Number - b.Number })
	l := newLibrary(t)
	for i, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			page := pages[i]
			page.Number = 1
			same(t, settingsOf(t, l, page), f.want)
		})
	}
}
