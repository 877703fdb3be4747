package demo

func combiCodes() []block {
	return []block{
		chapter("Störmeldungen"),
		para("Die Anzeige zeigt die Meldung mit F und zwei Ziffern, bei einigen Meldungen mit Unterziffer (zum Beispiel F21/E3). Unterziffern stehen in Kapitel 6. Die letzten 50 Meldungen mit Betriebsstunden: Menü SERVICE, Seite 3."),
		table{
			caption: "Störmeldungen",
			fields:  "code meaning cause remedy", head: []string{"Code", "Bedeutung", "Mögliche Ursache", "Abhilfe"}, widths: []float64{0.8, 2.2, 2.8, 4}, size: 9,
			rows: [][]string{
				{"F01", "Fühler B1 Garraum unterbrochen", "Stecker X10 lose\nFühler defekt", "Stecker prüfen.\nB1 messen: 1.078 Ohm bei 20 °C, sonst ersetzen."},
				{"F02", "Fühler B2 Dampferzeuger unterbrochen", "Stecker X11 lose\nFühler verkalkt oder gebrochen", "Stecker prüfen, B2 messen.\nDampferzeuger entkalken (Abschnitt 8.1)."},
				{"F03", "Fühler B3 Ablauf unterbrochen", "Stecker X12 nass", "Trocknen, B3 messen. Gerät gart ohne Abschreckung weiter."},
				{"F04", "Übertemperatur Garraum.\nKD 61: 360 °C\nKD 101: 370 °C", "Schütz K1 verschweißt\nLüfterrad lose", "Schütz K1 bei abgeschaltetem Gerät messen: offen.\nBegrenzer F1 unter der Kappe rechts hinten entriegeln (Abschnitt 8.4)."},
				{"F05", "Garraum wird nicht heiß", "Heizkörper unterbrochen\nPhase fehlt\nTürdichtung undicht", "Strom je Phase messen: KD 61 E 14 bis 16 A, KD 101 E 26 bis 28 A.\nHeizkörper nach Tabelle 5 messen.\nDichtung ersetzen."},
				{"F08", "Umrichter A3, mit Unterziffer", "siehe Kapitel 6", "Tabelle 8"},
				{"F09", "Lüfter läuft nach Türöffnen länger als 4 s", "Bremsrampe verstellt\nUmrichter defekt", "Parameter P22 auf 2,5 s stellen.\nUmrichter ersetzen."},
				{"F11", "Übertemperatur Dampferzeuger.\nKD 61: 145 °C\nKD 101: 160 °C", "Kalk am Heizkörper\nWassermangel\nB2 aus der Hülse gerutscht", "Entkalken (Abschnitt 8.1).\nWasserzulauf prüfen.\nB2 bis zum Anschlag einschieben, Begrenzer F2 entriegeln."},
				{"F13", "Kein Wasser nach 180 s", "Hahn zu\nSieb vor Y1 verstopft\nY1 defekt", "Fließdruck messen: mindestens 1,5 bar.\nSieb reinigen.\nSpule Y1 messen: 3,9 kOhm."},
				{"F14", "Wasserstand, mit Unterziffer", "siehe Kapitel 6", "Tabelle 9"},
				{"F15", "Dampferzeuger entleert nicht", "Pumpe M4 blockiert\nAblaufschlauch verkalkt", "Pumpe ausbauen und Laufrad reinigen.\nWicklung messen: 172 Ohm.\nSchlauch ersetzen."},
				{"F16", "Kerntemperaturfühler B5: ein Messpunkt defekt", "Kabel gequetscht\nWasser im Stecker", "Fühler ersetzen, Teil OB 310.442. Bis dahin garen mit den übrigen Messpunkten möglich."},
				{"F17", "Kerntemperaturfühler B5: mehr als zwei Messpunkte defekt", "Fühler überhitzt (über 320 °C)", "Fühler ersetzen und kalibrieren (Abschnitt 8.2)."},
				{"F18", "Türkontakt unplausibel", "Magnet verloren\nS3 defekt", "Magnet in der Türunterkante prüfen.\nS3 messen: Tür zu unter 1 Ohm."},
				{"F20", "Feuerungsautomat A5 antwortet nicht (nur G)", "Bus-Kabel lose\nSicherung F6", "Kabel X20 prüfen.\nF6 (3,15 A träge) ersetzen."},
				{"F21", "Gasbrenner gestört, mit Unterziffer (nur G)", "siehe Kapitel 6", "Tabelle 10"},
				{"F24", "Reinigung abgebrochen", "Strom aus während der Reinigung\nTür geöffnet", "Spülgang 12 min laufen lassen: Gerät ist bis dahin gesperrt, weil Reiniger im Garraum ist."},
				{"F25", "Reinigungsmittel leer oder Pumpe M6 fördert nicht", "Kanister leer\nSchlauch porös", "Kanister wechseln.\nPumpenschlauch ersetzen, Teil OB 420.118."},
				{"F28", "Uhr verloren", "Batterie leer", "CR2032 auf A1 ersetzen."},
				{"F30", "Elektronikraum zu heiß.\nKD 61: 75 °C\nKD 101: 80 °C", "Luftfilter verschmutzt\nLüfter M5 steht\nAbstand zu klein", "Filter unten links reinigen.\nM5: 24 V DC an X18.\nAbstände nach Tabelle 6."},
				{"F31", "Speicherfehler", "Überspannung", "Werkseinstellung laden (P41). Kommt F31 wieder: A1 ersetzen."},
				{"F33", "Softwarestand passt nicht", "Platine getauscht", "Update von USB: Dateien .obs im Hauptordner."},
				{"F34", "Wartung fällig", "2.000 Betriebsstunden", "Wartung ausführen und P42 auf 0 stellen. Gerät arbeitet weiter."},
			},
		},
	}
}

func combiSubCodes() []block {
	return []block{
		chapter("Unterziffern"),
		para("Die Unterziffer hinter dem Schrägstrich nennt die genaue Ursache. Ohne sie ist die Meldung nicht auswertbar."),
		table{
			caption: "F08 Umrichter A3",
			fields:  "code meaning remedy", head: []string{"Code", "Bedeutung", "Abhilfe"}, widths: []float64{1, 3, 4.4},
			rows: [][]string{
				{"F08/E1", "Drehfeld links oder Phase fehlt", "Zwei Phasen am Anschluss tauschen; alle Phasen messen."},
				{"F08/E2", "Überstrom Motor", "Motor abklemmen: bleibt E2, Umrichter ersetzen; sonst Wicklung messen, KD 61 11,2 Ohm, KD 101 7,4 Ohm."},
				{"F08/E3", "Umrichter zu heiß, über 95 °C", "Kühlkörper reinigen, Lüfter M5 prüfen."},
				{"F08/E4", "Keine Verbindung A1 - A3", "Kabel X15 prüfen; grüne LED an A3 muss blinken."},
			},
		},
		table{
			caption: "F14 Wasserstand",
			fields:  "code meaning remedy", head: []string{"Code", "Bedeutung", "Abhilfe"}, widths: []float64{1, 3, 4.4},
			rows: [][]string{
				{"F14/E1", "Elektrode meldet dauernd voll", "Elektrode reinigen; Brücke zum Gehäuse messen: über 100 kOhm."},
				{"F14/E2", "Leitfähigkeit zu klein", "Wasser unter 50 µS/cm: Verschneidung der Osmose öffnen, P08 auf 1 stellen."},
				{"F14/E3", "Stand fällt zu schnell", "Ablaufpumpe M4 undicht, Rückschlagklappe ersetzen."},
			},
		},
		table{
			caption: "F21 Gasbrenner (nur KD 61 G und KD 101 G)",
			fields:  "code meaning remedy", head: []string{"Code", "Bedeutung", "Abhilfe"}, widths: []float64{1, 3, 4.4},
			rows: [][]string{
				{"F21/E1", "Keine Flamme nach drei Versuchen", "Gashahn öffnen, Fließdruck messen (Erdgas 18 bis 25 mbar), Zündelektrode: Abstand 3,5 ±0,5 mm."},
				{"F21/E2", "Flamme ohne Anforderung", "Ionisationsleitung auf Schluss prüfen; Gasventil undicht: ersetzen."},
				{"F21/E3", "Flamme erlischt im Betrieb", "Ionisationsstrom messen: mindestens 4 µA. Elektrode reinigen, Abgasweg und Zuluft prüfen, CO2 einstellen (Abschnitt 8.3)."},
				{"F21/E4", "Luftdruckwächter schaltet nicht", "Schlauch auf Wasser prüfen; Gebläse: 230 V an X21. Schaltpunkt 0,9 mbar."},
				{"F21/E5", "Gebläsedrehzahl falsch", "Soll bei Volllast: KD 61 G 4.800 U/min, KD 101 G 5.350 U/min. Stecker X22 prüfen."},
				{"F21/E6", "Zu viele Entriegelungen (5 in 15 min)", "15 min warten, Ursache zuerst beheben."},
			},
		},
		section("LED am Feuerungsautomaten A5"),
		table{
			caption: "Blinkmuster",
			fields:  "code meaning", head: []string{"LED", "Bedeutung"}, widths: []float64{2, 5}, ruling: lines,
			rows: [][]string{
				{"grün dauernd", "Betrieb, Flamme erkannt"},
				{"gelb blinkt", "Zündung"},
				{"rot 2 x", "keine Flamme (F21/E1)"},
				{"rot 4 x", "Fremdlicht (F21/E2)"},
				{"rot 5 x", "Luftdruckwächter (F21/E4)"},
				{"rot dauernd", "verriegelt: Taste GAS 3 s drücken"},
			},
		},
	}
}

func combiSymptoms() []block {
	return []block{
		chapter("Fehlersuche ohne Meldung"),
		table{
			caption: "Gerät",
			head:    []string{"Symptom", "Ursache", "Abhilfe"}, widths: []float64{2.2, 2.6, 3.6},
			rows: [][]string{
				{"Anzeige dunkel", "Feinsicherung F5 defekt", "F5 (4 A träge) auf dem Netzteil ersetzen."},
				{above, "Netzteil A2 defekt", "24 V DC an X1 messen."},
				{"Wasser tropft aus der Tür", "Türdichtung verschlissen", "Dichtung ersetzen, Teil KD 61: OB 210.061, KD 101: OB 210.101."},
				{above, "Tropfrinne verstopft", "Schlauch der Rinne durchblasen."},
				{"Dampf tritt aus dem Ablauf", "Y2 öffnet nicht", "Spule messen: 3,9 kOhm; B3 prüfen."},
				{"FI-Schutzschalter löst aus", "Heizkörper feucht", "Isolation messen. Unter 1,0 MOhm: 30 min bei 120 °C trocknen, dann neu messen."},
				{"Lampe dunkel", "Leuchtmittel", "12 V 20 W, hitzebeständig bis 300 °C, Teil OB 330.012."},
				{"Lüfter brummt, dreht nicht", "Lager fest", "Motor ersetzen; Welle mit Dichtring erneuern."},
			},
		},
		table{
			caption: "Garergebnis",
			head:    []string{"Klage", "Prüfen", "Einstellen"}, widths: []float64{2.2, 2.8, 3.4}, ruling: bare,
			rows: [][]string{
				{"Ungleiche Bräunung", "Luftleitblech eingerastet?", "Lüfterstufe 3 statt 5"},
				{"Gebäck trocknet aus", "Klappe der Entfeuchtung", "P15 auf 60 %"},
				{"Gemüse grau", "Dampftemperatur B1", "Kalibrieren, P11"},
				{"Braten außen hart", "Kerntemperaturfühler", "Abschnitt 8.2"},
				{"Brötchen ohne Glanz", "Schwadenmenge", "P16 um 50 ml erhöhen"},
				{"Lange Aufheizzeit", "Eine Phase fehlt", "Strom je Phase messen"},
			},
		},
	}
}
