package demo

func combiProcedures() []block {
	return []block{
		chapter("Arbeitsanweisungen"),
		procedure{
			title: "Dampferzeuger entkalken", tools: "Entkalker OB 900.010, Trichter, Schutzbrille, Handschuhe", duration: "75 min",
			warnings: []notice{
				{warning, "Entkalker ätzt Haut und Augen. Nie mit chlorhaltigem Reiniger mischen: giftiges Gas."},
				{caution, "Einwirkzeit nicht überschreiten, sonst wird der Heizkörper angegriffen."},
			},
			steps: []step{
				{"Garraum unter 40 °C abkühlen, Programm P44 starten.", "Dampferzeuger entleert, Anzeige EINFÜLLEN"},
				{"Abdeckung oben links öffnen und Entkalker einfüllen: KD 61 2,0 Liter, KD 101 3,5 Liter.", ""},
				{"Taste START drücken; das Gerät heizt auf 60 °C und hält 40 Minuten.", ""},
				{"Spülen abwarten (drei Füllungen).", "pH des letzten Spülwassers 6,5 bis 8"},
				{"Zähler KALK in P43 auf 0 stellen.", ""},
				{"10 Minuten Dampf bei 100 °C fahren.", "Kein Schaum im Ablauf"},
			},
		},
		procedure{
			title: "Kerntemperaturfühler kalibrieren", tools: "Thermoskanne mit Eiswasser, Referenzthermometer ±0,2 K", duration: "20 min",
			warnings: []notice{{caution, "Fühler nicht am Kabel ziehen und nicht über 320 °C erhitzen."}},
			steps: []step{
				{"Zerstoßenes Eis mit wenig Wasser mischen und 5 Minuten warten.", "Referenz 0 ±0,2 °C"},
				{"Fühler bis zum Griff eintauchen, 3 Minuten rühren.", ""},
				{"SERVICE, Seite 5: Anzeige der vier Messpunkte ablesen.", "0 ±1 °C. Mehr als ±4 K: Fühler ersetzen"},
				{"Abweichung in P12 eingeben und speichern.", ""},
				{"In kochendem Wasser gegenprüfen.", "98 bis 101 °C (bis 500 m über NN)"},
			},
		},
		procedure{
			title: "CO2 einstellen (nur G)", tools: "Abgasmessgerät, Manometer 0 bis 100 mbar, Torx T40", duration: "40 min",
			warnings: []notice{
				{danger, "Nur zugelassene Fachbetriebe. Nach der Arbeit alle Messstutzen schließen und mit Lecksuchspray prüfen."},
				{warning, "Abgas enthält CO. Nur bei laufender Haube messen."},
			},
			steps: []step{
				{"Fließdruck am Eingang messen.", "Erdgas 18 bis 25 mbar. Außerhalb: nicht in Betrieb nehmen"},
				{"Testprogramm P45 Volllast starten, 5 Minuten warten.", ""},
				{"CO2 messen und an der Drosselschraube einstellen; rechts herum senkt den Wert.", "KD 61 G 8,8 bis 9,4 %, KD 101 G 9,0 bis 9,6 %"},
				{"Teillast wählen, am Nulldruckregler (T40) einstellen.", "0,3 bis 0,5 % unter dem Wert der Volllast"},
				{"Volllast noch einmal messen, Werte in das Protokoll eintragen, Schrauben versiegeln.", "CO höchstens 500 ppm"},
			},
		},
		procedure{
			title: "Sicherheitstemperaturbegrenzer entriegeln", tools: "Schraubendreher", duration: "10 min",
			warnings: []notice{{danger, "Gerät allpolig trennen. Begrenzer nie überbrücken."}},
			steps: []step{
				{"Ursache suchen: ein ausgelöster Begrenzer ist eine Folge, nie die Ursache.", ""},
				{"Kappe rechts hinten (F1 Garraum) oder unter der Abdeckung links (F2 Dampferzeuger) abschrauben.", ""},
				{"Stift eindrücken, wenn der Fühler mindestens 50 K unter dem Schaltpunkt ist.", "Klicken hörbar, Durchgang unter 1 Ohm"},
				{"Kappe anschrauben und 20 Minuten Probelauf.", "Keine Meldung"},
			},
		},
		procedure{
			title: "Türdichtung und Türkontakt ersetzen", tools: "Kunststoffkeil", duration: "15 min",
			steps: []step{
				{"Dichtung aus der Nut ziehen, Nut mit Seifenlauge reinigen.", ""},
				{"Neue Dichtung an den vier Ecken eindrücken, dann die Seiten; nicht dehnen, Stoß unten.", ""},
				{"Türkontakt S3: zwei Schrauben lösen, Stecker X13 abziehen, neuen Kontakt einsetzen.", "Tür zu unter 1 Ohm, offen bei 5 bis 12 mm Spalt"},
				{"Papierstreifen an acht Stellen einklemmen und ziehen.", "Überall gleicher Widerstand"},
			},
		},
		procedure{
			title: "Lüftermotor ersetzen", tools: "Abzieher OB 900.120, Steckschlüssel 13 mm, Drehmomentschlüssel", duration: "90 min",
			warnings: []notice{{danger, "Umrichter: 5 Minuten Entladezeit abwarten und Spannungsfreiheit messen."}},
			steps: []step{
				{"Luftleitblech ausschwenken, Mutter M12 des Lüfterrads lösen (Linksgewinde).", ""},
				{"Rad mit dem Abzieher abziehen, nicht schlagen.", ""},
				{"Rückwand öffnen, Stecker U V W lösen, vier Muttern 13 mm lösen.", ""},
				{"Neuen Motor mit neuem Wellendichtring einsetzen.", "Anzug 18 N·m"},
				{"Lüfterrad mit neuer Mutter befestigen.", "Anzug 35 N·m, Rad läuft 2 bis 4 mm von der Rückwand"},
				{"Selbsttest P40.", "1.420 U/min (KD 61), 1.480 U/min (KD 101)"},
			},
		},
	}
}

func combiSettings() []block {
	return []block{
		chapter("Einstellungen"),
		section("Parameter"),
		para("Menü SERVICE, Kennwort 6 1 1 0. Parameter mit ! sind Werkswerte und dürfen nicht geändert werden."),
		table{
			caption: "Parameter",
			head:    []string{"Nr.", "Parameter", "Bereich", "KD 61", "KD 101"}, widths: []float64{0.8, 4, 1.8, 1.2, 1.2},
			rows: [][]string{
				{"Wasser und Dampf"},
				{"P07", "Wasserhärte", "0 bis 25 °dH", "5", "5"},
				{"P08", "Elektrode empfindlich", "0, 1", "0", "0"},
				{"P09", "Abschlämmen alle", "30 bis 120 min", "60", "60"},
				{"P10!", "Sperre B2", "95 bis 110 °C", "105", "105"},
				{"Garraum"},
				{"P11", "Abgleich B1", "-10 bis +10 K", "0", "0"},
				{"P12", "Abgleich B5", "-4 bis +4 K", "0", "0"},
				{"P15", "Entfeuchtung, Grundstellung", "0 bis 100 %", "40", "50"},
				{"P16", "Schwadenmenge", "50 bis 500 ml", "150", "250"},
				{"P18", "Umkehr der Drehrichtung", "60 bis 300 s", "120", "120"},
				{"P22", "Bremsrampe", "1,0 bis 4,0 s", "2,5 s", "2,5 s"},
				{"P23!", "Mindestdrehzahl für Heizung", "200 bis 400", "300", "300"},
				{"Gas"},
				{"P30", "Gasart", "E, LL, Flüssig", "E", "E"},
				{"P31!", "Gebläse Volllast U/min", "-", "4.800", "5.350"},
				{"P32!", "Vorspülzeit", "10 bis 30 s", "15", "15"},
				{"Dienst"},
				{"P40", "Selbsttest", "Start", "-", "-"},
				{"P41", "Werkseinstellung laden", "Start", "-", "-"},
				{"P42", "Wartungszähler", "0 bis 2.000 h", "0", "0"},
				{"P43", "Zähler KALK", "0 bis 999 h", "0", "0"},
				{"P44", "Entkalken", "Start", "-", "-"},
				{"P45", "Brennertest", "Teil-, Volllast", "-", "-"},
			},
		},
		section("DIP-Schalter auf A1"),
		table{
			caption: "DIP-Schalter S10",
			head:    []string{"Schalter", "AUS", "EIN"}, widths: []float64{1.2, 3, 3},
			rows: [][]string{
				{"S10-1", "KD 61", "KD 101"},
				{"S10-2", "Elektro", "Gas"},
				{"S10-3", "ohne Reinigungspumpe", "mit Reinigungspumpe M6"},
				{"S10-4", "Normalbetrieb", "Werksprüfung, nicht verwenden"},
			},
		},
	}
}

func combiWiring() []block {
	return []block{
		chapter("Stromlaufplan"),
		para("KD 61 E, Gerät stromlos, Tür geschlossen."),
		figure{"Stromlaufplan KD 61 E, Hauptstromkreis", 480, drawCombiWiring},
	}
}

func drawCombiWiring(p pen) {
	for i, name := range []string{"L1", "L2", "L3", "N"} {
		y := 20 + float64(i)*16
		p.label(2, y+3, name)
		p.path(20, y, 460, y)
	}
	// Each branch leaves the bus bars downwards.
	branch := func(x float64, contact, load, terminals string) {
		for i := range 3 {
			lx := x + float64(i)*22
			p.path(lx, 20+float64(i)*16, lx, 130)
			p.circle(lx, 132, 1.5)
			p.path(lx-7, 136, lx, 150)
			p.path(lx, 150, lx, 250)
			p.box(lx-7, 250, 14, 60)
			p.path(lx, 310, lx, 330)
		}
		p.path(x, 330, x+44, 330)
		p.dashed(x-14, 142, x+50, 142)
		p.label(x-32, 145, contact)
		p.centered(x+22, 346, load)
		p.centered(x+22, 357, terminals)
	}
	branch(60, "K1", "Heizung Heißluft", "X3")
	branch(200, "K2", "Heizung Dampf", "X4")
	for i := range 3 {
		lx := 330 + float64(i)*18
		p.path(lx, 20+float64(i)*16, lx, 160)
		p.path(lx, 220, lx, 262)
	}
	p.box(318, 160, 60, 60)
	p.centered(348, 186, "Umrichter")
	p.centered(348, 198, "A3")
	p.motor(348, 276, "M1")
	p.label(366, 290, "Lüfter")
	p.path(430, 20, 430, 180)
	p.path(446, 68, 446, 180)
	p.box(412, 180, 52, 44)
	p.centered(438, 200, "Netzteil A2")
	p.centered(438, 212, "24 V DC")
	p.path(438, 224, 438, 400, 380, 400)
	p.box(422, 300, 32, 10)
	p.label(386, 308, "F5 4 A")
	p.box(150, 380, 230, 84)
	p.centered(265, 416, "Steuerung A1")
	p.centered(265, 428, "S10")
	for i, name := range []string{"X10  B1", "X11  B2", "X12  B3", "X13  S3", "X18  M5"} {
		y := 390 + float64(i)*15
		p.path(120, y, 150, y)
		p.circle(118, y, 2)
		p.label(70, y+3, name)
	}
	p.dashed(200, 380, 200, 368, 38, 368, 38, 142)
	p.label(42, 376, "Spulen K1, K2 über F1, F2")
}

func combiParts() []block {
	return []block{
		chapter("Ersatzteile"),
		figure{"Tür und Garraum", 280, func(p pen) {
			p.slab(60, 90, 120, 150, 60)
			p.slab(250, 90, 8, 150, 60)
			p.slab(320, 90, 12, 150, 60)
			p.slab(375, 100, 6, 128, 50)
			p.circle(120, 40, 26)
			p.circle(120, 40, 6)
			p.dashed(120, 66, 120, 86)
			p.dashed(222, 150, 250, 150)
			p.dashed(300, 150, 320, 150)
			p.dashed(374, 150, 384, 150)
			p.balloon("1", 75, 130, 25, 80)
			p.balloon("2", 254, 200, 235, 262)
			p.balloon("3", 326, 200, 320, 265)
			p.balloon("4", 378, 200, 400, 262)
			p.balloon("5", 140, 30, 200, 20)
			p.balloon("6", 356, 100, 420, 40)
		}},
		table{
			caption: "Tür und Garraum",
			head:    []string{"Pos.", "Teilenummer", "Benennung", "Modell", "Stück"}, widths: []float64{0.7, 1.5, 4.2, 1.6, 0.7},
			rows: [][]string{
				{"1", "OB 110.061", "Garraum mit Luftleitblech", "KD 61", "1"},
				{"1", "OB 110.101", "Garraum mit Luftleitblech", "KD 101", "1"},
				{"2", "OB 210.061", "Türdichtung", "KD 61", "1"},
				{"2", "OB 210.101", "Türdichtung", "KD 101", "1"},
				{"3", "OB 211.061", "Tür komplett", "KD 61", "1"},
				{"3", "OB 211.101", "Tür komplett", "KD 101", "1"},
				{"4", "OB 212.061", "Innenscheibe", "KD 61", "1"},
				{"4", "OB 212.101", "Innenscheibe", "KD 101", "1"},
				{"5", "OB 120.061", "Lüfterrad 310 mm", "KD 61", "1"},
				{"5", "OB 120.101", "Lüfterrad 355 mm", "KD 101", "1"},
				{"6", "OB 213.010", "Türgriff mit Schließhaken", "alle", "1"},
				{"7", "OB 320.007", "Türkontakt S3", "alle", "1"},
				{"8", "OB 320.008", "Magnet für Türkontakt", "alle", "1"},
				{"9", "OB 330.012", "Leuchtmittel 12 V 20 W", "alle", "2"},
			},
		},
		table{
			caption: "Elektrik, Wasser und Gas",
			head:    []string{"Pos.", "Teilenummer", "Benennung", "Modell", "Stück"}, widths: []float64{0.7, 1.5, 4.2, 1.6, 0.7},
			rows: [][]string{
				{"Elektrik"},
				{"20", "OB 310.001", "Steuerung A1 mit Anzeige", "alle", "1"},
				{"21", "OB 310.020", "Netzteil A2 24 V", "alle", "1"},
				{"22", "OB 310.061", "Umrichter A3 0,55 kW", "KD 61", "1"},
				{"22", "OB 310.101", "Umrichter A3 1,1 kW", "KD 101", "1"},
				{"23", "OB 121.061", "Lüftermotor M1 mit Wellendichtring", "KD 61", "1"},
				{"23", "OB 121.101", "Lüftermotor M1 mit Wellendichtring", "KD 101", "1"},
				{"24", "OB 130.061", "Heizkörper Heißluft 10,2 kW", "KD 61 E", "1"},
				{"24", "OB 130.101", "Heizkörper Heißluft 18,0 kW", "KD 101 E", "1"},
				{"25", "OB 131.061", "Heizkörper Dampferzeuger 9 kW", "KD 61 E", "1"},
				{"25", "OB 131.101", "Heizkörper Dampferzeuger 16,5 kW", "KD 101 E", "1"},
				{"26", "OB 310.440", "Fühler B1 Garraum Pt1000", "alle", "1"},
				{"27", "OB 310.441", "Fühler B2, B3 Pt1000", "alle", "2"},
				{"28", "OB 310.442", "Kerntemperaturfühler B5, vier Messpunkte", "alle", "1"},
				{"29", "OB 340.360", "Begrenzer F1 360 °C", "KD 61", "1"},
				{"29", "OB 340.370", "Begrenzer F1 370 °C", "KD 101", "1"},
				{"30", "OB 340.145", "Begrenzer F2 145 °C", "KD 61", "1"},
				{"30", "OB 340.160", "Begrenzer F2 160 °C", "KD 101", "1"},
				{"31", "OB 350.024", "Lüfter M5 Elektronikraum 24 V", "alle", "1"},
				{"Wasser"},
				{"40", "OB 410.230", "Magnetventil Y1 und Y2, Block", "alle", "1"},
				{"41", "OB 410.011", "Sieb für Y1", "alle", "1"},
				{"42", "OB 420.004", "Ablaufpumpe M4", "alle", "1"},
				{"43", "OB 420.006", "Reinigungspumpe M6", "alle", "1"},
				{"44", "OB 420.118", "Pumpenschlauch für M6", "alle", "1"},
				{"45", "OB 430.002", "Elektrode Wasserstand", "alle", "1"},
				{"46", "OB 430.015", "Rückschlagklappe Ablauf", "alle", "1"},
				{"Gas"},
				{"50", "OB 510.001", "Feuerungsautomat A5", "G", "1"},
				{"51", "OB 510.010", "Zündelektrode mit Dichtung", "G", "1"},
				{"52", "OB 510.011", "Ionisationselektrode", "G", "1"},
				{"53", "OB 520.061", "Gasventil", "KD 61 G", "1"},
				{"53", "OB 520.101", "Gasventil", "KD 101 G", "1"},
				{"54", "OB 530.061", "Gebläse 4.800 U/min", "KD 61 G", "1"},
				{"54", "OB 530.101", "Gebläse 5.350 U/min", "KD 101 G", "1"},
				{"55", "OB 510.020", "Luftdruckwächter 0,9 mbar", "G", "1"},
			},
		},
	}
}

func combiMaintenance() []block {
	return []block{
		chapter("Wartung"),
		para("Die Wartung ist einmal im Jahr oder nach 2.000 Betriebsstunden fällig (F34). Teile der Spalte W sind bei jeder Wartung zu ersetzen, die übrigen nach Zustand."),
		table{
			caption: "Wartungsplan",
			head:    []string{"Nr.", "Arbeit", "Grenze", "W"}, widths: []float64{0.6, 4.6, 3, 0.6},
			rows: [][]string{
				{"1", "Türdichtung prüfen", "Risse, Streifenprobe", ""},
				{"2", "Wellendichtring des Lüfters prüfen", "Fettspuren an der Rückwand", ""},
				{"3", "Luftfilter des Elektronikraums", "ersetzen", "x"},
				{"4", "Pumpenschlauch für M6", "ersetzen", "x"},
				{"5", "Elektrode Wasserstand reinigen", "blank, kein Belag", ""},
				{"6", "Dampferzeuger entkalken", "ab 150 h Dampf bei mehr als 10 °dH", ""},
				{"7", "Klemmen L1, L2, L3, N nachziehen", "2,5 N·m (KD 61), 4,0 N·m (KD 101)", ""},
				{"8", "Kerntemperaturfühler in Eiswasser", "0 ±1 °C", ""},
				{"9", "Nur G: Ionisationselektrode", "ersetzen", "x"},
				{"10", "Nur G: Düsendruck, CO2 und CO messen", "Tabelle 3, CO 500 ppm", ""},
				{"11", "Abschlussprüfung", "Tabelle 1", ""},
			},
		},
		table{
			caption: "Widerstand der Fühler Pt1000",
			head:    []string{"°C", "Ohm", "°C", "Ohm", "°C", "Ohm"}, widths: []float64{1, 1.4, 1, 1.4, 1, 1.4}, plain: true,
			rows: [][]string{
				{"0", "1.000", "60", "1.232", "180", "1.685"},
				{"10", "1.039", "80", "1.309", "200", "1.758"},
				{"20", "1.078", "100", "1.385", "220", "1.832"},
				{"30", "1.117", "120", "1.461", "240", "1.905"},
				{"40", "1.155", "140", "1.536", "260", "1.977"},
				{"50", "1.194", "160", "1.611", "300", "2.121"},
			},
		},
	}
}

func combiGasChange() []block {
	return []block{
		chapter("Umstellung der Gasart"),
		procedure{
			title: "Umstellen von Erdgas auf Flüssiggas", tools: "Düsensatz OB 520.900, Manometer, Abgasmessgerät, Lecksuchspray", duration: "60 min",
			warnings: []notice{
				{danger, "Gashahn schließen und Gerät vom Netz trennen. Undichte Verbindungen führen zur Explosion."},
				{caution, "Flüssiggas sammelt sich am Boden: nicht in Räumen unter Erdgleiche ohne Gaswarngerät."},
			},
			steps: []step{
				{"Gasventil ausbauen (vier Schrauben) und die Düse nach Tabelle 20 einsetzen.", ""},
				{"Neue Dichtung einlegen, Schrauben über Kreuz anziehen.", "Anzug 3,5 N·m"},
				{"P30 auf Flüssig stellen.", ""},
				{"Dichtheit prüfen.", "Kein Druckabfall in 10 min bei 50 mbar"},
				{"CO2 einstellen wie in Abschnitt 8.3.", "Werte der Spalte Flüssiggas in Tabelle 20"},
				{"Aufkleber der neuen Gasart auf das Typenschild kleben.", ""},
			},
		},
		table{
			caption: "Düsen und Einstellwerte",
			head:    []string{"Modell", "Erdgas E", "Erdgas LL", "Flüssiggas", "CO2 Flüssiggas"}, widths: []float64{1.3, 1.5, 1.5, 1.5, 1.9},
			rows: [][]string{
				{"KD 61 G", "4,20 mm", "4,70 mm", "3,10 mm", "10,2 bis 10,8 %"},
				{"KD 101 G", "5,40 mm", "6,05 mm", "4,00 mm", "10,4 bis 11,0 %"},
			},
		},
		section("Protokoll"),
		table{
			caption: "Messprotokoll (ausfüllen und beim Gerät lassen)",
			head:    []string{"Messung", "Vorher", "Nachher"}, widths: []float64{3.4, 2, 2},
			rows: [][]string{
				{"Fließdruck (mbar)", "", ""},
				{"Düsendruck Volllast (mbar)", "", ""},
				{"Düsendruck Teillast (mbar)", "", ""},
				{"CO2 Volllast (%)", "", ""},
				{"CO2 Teillast (%)", "", ""},
				{"CO luftfrei (ppm)", "", ""},
				{"Ionisationsstrom (µA)", "", ""},
				{"Datum, Unterschrift", "", ""},
			},
		},
	}
}
