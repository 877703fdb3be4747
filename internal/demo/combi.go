package demo

// combiOven is a combi steamer's manual in German: no page labels in the file,
// composed codes ("F21/E3") that are spread over a main table and sub-tables.
func combiOven() edition {
	return edition{
		manual: Manual{
			FileName: "ohlenbach-kd61-kd101-technik.pdf", Title: "Kombidämpfer KD 61 / KD 101 - Technisches Handbuch",
			Manufacturer: "Ohlenbach", Models: []string{"KD 61 E", "KD 101 E", "KD 61 G", "KD 101 G"},
			Type: "service", Revision: "07", Language: "de",
		},
		layout: layout{
			paper: "A4", family: "Helvetica", size: 10, accent: rgb{0, 95, 85},
			words: german(), header: "Ohlenbach KD 61 / KD 101    Technisches Handbuch",
			label: func(chapter, inChapter, inBody int) string {
				if chapter == 0 {
					return roman(inChapter)
				}
				return "Seite " + itoa(inBody)
			},
		},
		content: [][]block{
			combiFront(), combiSafety(), combiData(), combiInstallation(), combiFunction(), combiCodes(),
			combiSubCodes(), combiSymptoms(), combiProcedures(), combiSettings(), combiWiring(), combiParts(),
			combiMaintenance(), combiGasChange(),
		},
	}
}

func combiFront() []block {
	return []block{
		cover{
			maker: "Ohlenbach", product: "Kombidämpfer für die Großküche", models: "KD 61 E   KD 101 E   KD 61 G   KD 101 G",
			kind: "Technisches Handbuch", number: "Druckschrift 4.1107-07, Januar 2026",
			foot:    "Ohlenbach und seine Geräte sind für Vorführzwecke erfunden. Ähnlichkeiten mit wirklichen Herstellern oder Geräten sind zufällig. Nicht für Arbeiten an wirklichen Geräten verwenden.",
			drawing: func(b *book, x, y, w, h float64) { drawCombi(pen{b: b, x: x, y: y, w: w, h: h}) },
		},
		tableOfContents{},
	}
}

func drawCombi(p pen) {
	p.slab(120, 50, 190, 230, 80)
	p.box(132, 64, 128, 180)
	p.box(146, 80, 100, 146)
	for i := range 6 {
		p.thin(150, 100+float64(i)*21, 242, 100+float64(i)*21)
	}
	p.box(268, 64, 34, 70)
	p.circle(285, 160, 11)
	p.circle(285, 190, 4)
	p.line(262, 120, 262, 190)
	for _, x := range []float64{126, 290} {
		p.box(x, 280, 14, 14)
	}
}

func combiSafety() []block {
	return []block{
		chapter("Sicherheit"),
		para("Dieses Handbuch richtet sich an Fachkräfte des Kundendienstes. Arbeiten an Gasgeräten dürfen nur von zugelassenen Fachbetrieben ausgeführt werden."),
		notice{danger, "Lebensgefahr durch Strom. Gerät allpolig vom Netz trennen, gegen Wiedereinschalten sichern und Spannungsfreiheit messen. Die Kondensatoren des Umrichters sind bis zu 5 Minuten nach dem Abschalten geladen."},
		notice{danger, "Gasgeruch: Gashahn schließen, keine Schalter betätigen, lüften, Gebäude verlassen."},
		notice{warning, "Heißer Dampf tritt beim Öffnen der Tür aus. Tür erst einen Spalt öffnen und warten, bis der Dampf abgezogen ist."},
		notice{warning, "Entkalker ist ätzend. Schutzbrille und Handschuhe tragen; bei Augenkontakt 15 Minuten mit Wasser spülen."},
		notice{caution, "Geräte KD 101 wiegen bis zu 168 kg. Nur mit Hubwagen bewegen."},
		section("Prüfung nach jeder Reparatur"),
		table{
			caption: "Abschlussprüfung", head: []string{"Prüfung", "Sollwert"}, widths: []float64{3, 3},
			rows: [][]string{
				{"Schutzleiterwiderstand", "höchstens 0,3 Ohm"},
				{"Isolationswiderstand, Heizung kalt", "mindestens 1,0 MOhm"},
				{"Isolationswiderstand, Gerät gesamt", "mindestens 0,5 MOhm"},
				{"Ableitstrom", "höchstens 10 mA bei 3-phasigem Anschluss"},
				{"Gasdichtheit (nur G)", "kein Druckabfall in 10 min bei 50 mbar"},
				{"CO im Abgas (nur G)", "höchstens 500 ppm, luftfrei"},
			},
		},
	}
}

func combiData() []block {
	return []block{
		chapter("Technische Daten"),
		section("Anschlusswerte"),
		table{
			caption: "Elektrischer Anschluss",
			head:    []string{"Modell", "Spannung", "Leistung", "Strom je Phase", "Absicherung", "Leitung"}, widths: []float64{1.3, 1.6, 1.2, 1.4, 1.3, 1.6},
			rows: [][]string{
				{"KD 61 E", "400 V 3N 50 Hz", "11,1 kW", "16 A", "3 x 16 A", "5 x 2,5 mm²"},
				{"KD 101 E", "400 V 3N 50 Hz", "19,4 kW", "28 A", "3 x 32 A", "5 x 6 mm²"},
				{"KD 61 G", "230 V 1N 50 Hz", "0,7 kW", "3,1 A", "16 A", "3 x 1,5 mm²"},
				{"KD 101 G", "230 V 1N 50 Hz", "1,0 kW", "4,4 A", "16 A", "3 x 1,5 mm²"},
			},
		},
		table{
			caption: "Gas (nur KD 61 G und KD 101 G)",
			head:    []string{"Größe", "KD 61 G", "KD 101 G"}, widths: []float64{3, 2, 2},
			rows: [][]string{
				{"Nennwärmebelastung", "13,0 kW", "22,0 kW"},
				{"Fließdruck Erdgas E", "18 bis 25 mbar", "18 bis 25 mbar"},
				{"Fließdruck Flüssiggas", "42,5 bis 57,5 mbar", "42,5 bis 57,5 mbar"},
				{"Düsendruck Erdgas, Volllast", "8,2 mbar", "9,6 mbar"},
				{"Düsendruck Erdgas, Teillast", "2,1 mbar", "2,4 mbar"},
				{"CO2 im Abgas, Volllast", "8,8 bis 9,4 %", "9,0 bis 9,6 %"},
				{"Ionisationsstrom", "mindestens 4 µA", "mindestens 4 µA"},
			},
		},
		section("Temperaturen und Grenzwerte"),
		table{
			caption: "Grenzwerte",
			head:    []string{"Größe", "KD 61", "KD 101"}, widths: []float64{3.4, 2, 2},
			rows: [][]string{
				{"Garraum, Heißluft", "30 bis 300 °C", "30 bis 300 °C"},
				{"Garraum, Dampf", "30 bis 130 °C", "30 bis 130 °C"},
				{"Sicherheitstemperaturbegrenzer Garraum", "360 °C", "370 °C"},
				{"Sicherheitstemperaturbegrenzer Dampferzeuger", "145 °C", "160 °C"},
				{"Elektronikraum, Warnung F30", "75 °C", "80 °C"},
				{"Lüfterdrehzahl Stufe 5", "1.420 U/min", "1.480 U/min"},
				{"Wasserdruck", "1,5 bis 6 bar", "1,5 bis 6 bar"},
				{"Wasserverbrauch Dampf", "9 l/h", "17 l/h"},
			},
		},
		table{
			caption: "Widerstände bei 20 °C",
			head:    []string{"Bauteil", "Klemmen", "KD 61 E", "KD 101 E"}, widths: []float64{2.8, 1.6, 1.6, 1.6}, ruling: lines,
			rows: [][]string{
				{"Heizkörper Heißluft, je Strang", "X3: 1-4, 2-5, 3-6", "15,6 Ohm", "8,8 Ohm"},
				{"Heizkörper Dampferzeuger, je Strang", "X4: 1-4, 2-5, 3-6", "17,6 Ohm", "9,6 Ohm"},
				{"Lüftermotor, je Wicklung", "U-V, V-W, W-U", "11,2 Ohm", "7,4 Ohm"},
				{"Fühler B1, B2, B3 (Pt1000)", "X10 bis X12", "1.078 Ohm", "1.078 Ohm"},
				{"Magnetventil Y1, Y2", "Spule", "3,9 kOhm", "3,9 kOhm"},
				{"Ablaufpumpe M4", "Wicklung", "172 Ohm", "172 Ohm"},
			},
		},
	}
}

func combiInstallation() []block {
	return []block{
		chapter("Aufstellung"),
		section("Abstände"),
		table{
			caption: "Mindestabstände",
			head:    []string{"Seite", "KD 61", "KD 101", "Bemerkung"}, widths: []float64{1.2, 1.2, 1.2, 4},
			rows: [][]string{
				{"links", "50 mm", "50 mm", "500 mm neben Fritteuse oder Grill, sonst Hitzeschild"},
				{"rechts", "50 mm", "50 mm", "400 mm für den Kundendienst empfohlen"},
				{"hinten", "10 mm", "50 mm", "Entlüftungsrohr nicht verschließen"},
				{"oben", "500 mm", "500 mm", "G: Abgasstutzen frei unter der Haube"},
			},
		},
		section("Wasser"),
		bullets{
			"Weichwasser an Y1 (Dampferzeuger), höchstens 5 °dH; Kaltwasser an Y2 (Abschreckung und Handbrause).",
			"Leitfähigkeit mindestens 50 µS/cm: darunter meldet die Elektrode keinen Wasserstand (F14/E2).",
			"Chlorid höchstens 60 mg/l. Bei höherem Wert Umkehrosmose vorsehen, sonst Lochfraß im Garraum.",
			"Ablauf DN 50 mit freiem Auslauf, temperaturbeständig bis 95 °C, Gefälle mindestens 3 %.",
		},
		section("Inbetriebnahme"),
		table{
			head: []string{"Nr.", "Schritt", "Soll"}, widths: []float64{0.6, 4.4, 2.6}, ruling: bare,
			rows: [][]string{
				{"1", "Gerät ausrichten", "waagerecht auf 2 mm/m"},
				{"2", "Drehfeld messen", "rechts; sonst F08/E1"},
				{"3", "Wasserhärte in P07 eingeben", "°dH nach Messung"},
				{"4", "Selbsttest starten (P40)", "Dauer 11 min, keine Meldung"},
				{"5", "Nur G: Düsendruck und CO2 messen", "nach Tabelle 3"},
				{"6", "Kerntemperaturfühler in Eiswasser prüfen", "0 ±1 °C"},
			},
		},
	}
}

func combiFunction() []block {
	return []block{
		chapter("Funktion"),
		columns{
			topic("Heißluft"),
			para("Der Umrichter A3 treibt den Lüfter M1 in fünf Stufen und kehrt alle 2 Minuten die Drehrichtung um. Geheizt wird erst, wenn der Umrichter eine Drehzahl über 300 U/min meldet."),
			para("Der Fühler B1 sitzt hinter dem Luftleitblech oben rechts. Weicht B1 mehr als 40 K vom Sollwert ab und ändert sich 10 Minuten nicht, meldet die Steuerung F05."),
			topic("Dampf"),
			para("Der Dampferzeuger wird über Y1 gefüllt, bis die Elektrode den Stand meldet. B2 überwacht den Heizkörper, B3 den Ablauf. Ab 105 °C an B2 wird die Heizung für 20 s gesperrt."),
			para("Alle 60 Minuten Dampfbetrieb schlämmt das Gerät ab: Pumpe M4 läuft 25 s, danach füllt Y1 neu."),
			columnBreak{},
			topic("Abschreckung"),
			para("Dampf, der in den Ablauf strömt, wird über Y2 mit Kaltwasser niedergeschlagen. Y2 öffnet, wenn B3 über 65 °C steigt, und schließt bei 58 °C."),
			topic("Türkontakt"),
			para("Der Reedkontakt S3 meldet die Tür. Bei offener Tür stehen Heizung und Lüfter; der Motor muss innerhalb von 4 s stillstehen, sonst F09."),
			topic("Gasbetrieb"),
			para("Feuerungsautomat A5: Vorspülen 15 s, Zünden 5 s, drei Versuche. Danach Störung F21 mit Unterziffer. Entriegeln am Bedienfeld: Taste GAS 3 s drücken."),
			topic("Kerntemperatur"),
			para("Der Kerntemperaturfühler B5 hat vier Messpunkte. Die Steuerung nimmt den kältesten. Ist ein Messpunkt defekt, wird mit den anderen weitergegart und F16 angezeigt."),
		},
	}
}
