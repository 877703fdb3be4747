package demo

// oven is a rapid-cook oven's service manual: Roman front matter, page labels in
// the file, ruled error tables over page breaks, sub-codes in another chapter.
func oven() edition {
	return edition{
		manual: Manual{
			FileName: "cindervale-rx280-rx440-service.pdf", Title: "RapidHearth RX-280 / RX-440 Service Manual",
			Manufacturer: "Cindervale", Models: []string{"RX-280", "RX-440"},
			Type: "service", Revision: "C", Language: "en",
		},
		layout: layout{
			paper: "Letter", family: "Helvetica", size: 9.5, accent: rgb{150, 40, 20},
			words: english(), pageLabels: true,
			header: "Cindervale RapidHearth RX-280 / RX-440",
			label: func(chapter, inChapter, inBody int) string {
				if chapter == 0 {
					return roman(inChapter)
				}
				return itoa(inBody)
			},
		},
		content: [][]block{
			ovenFront(), ovenSafety(), ovenSpecifications(), ovenInstallation(), ovenOperation(),
			ovenErrors(), ovenSubCodes(), ovenSymptoms(), ovenTests(), ovenProcedures(),
			ovenSetup(), ovenWiring(), ovenParts(), ovenBulletin(),
		},
	}
}

func ovenFront() []block {
	return []block{
		cover{
			maker: "Cindervale", product: "RapidHearth rapid-cook ovens", models: "Models RX-280 and RX-440",
			kind: "Service Manual", number: "Document SM-RX-0117, Revision C, January 2026",
			foot:    "Cindervale and its ovens are invented for demonstration. Any likeness to a real maker or machine is accidental. Do not service real equipment from this text.",
			drawing: func(b *book, x, y, w, h float64) { drawOven(pen{b: b, x: x, y: y, w: w, h: h}) },
		},
		tableOfContents{},
	}
}

func drawOven(p pen) {
	p.slab(60, 70, 260, 180, 110)
	p.box(80, 95, 165, 110)
	p.box(92, 107, 141, 86)
	p.line(86, 214, 240, 214)
	p.line(86, 219, 240, 219)
	p.box(258, 95, 50, 60)
	for i := range 3 {
		for j := range 3 {
			p.circle(267+float64(i)*16, 170+float64(j)*14, 4)
		}
	}
	for i := range 8 {
		p.line(90+float64(i)*22, 236, 104+float64(i)*22, 236)
	}
	for _, x := range []float64{70, 290} {
		p.box(x, 250, 18, 14)
	}
}

func ovenSafety() []block {
	return []block{
		chapter("Safety"),
		para("This manual is written for service technicians who are trained on microwave and high-voltage equipment. Read this chapter before a panel is removed. The signal words below are used in the whole manual."),
		table{
			caption: "Signal words", head: []string{"Word", "Meaning"}, widths: []float64{1, 5},
			rows: [][]string{
				{"DANGER", "A hazard that will cause death or serious injury if it is not avoided."},
				{"WARNING", "A hazard that could cause death or serious injury if it is not avoided."},
				{"CAUTION", "A hazard that could cause minor injury or damage to the oven."},
				{"NOTICE", "Information that prevents damage, lost time or a repeated visit."},
			},
		},
		notice{danger, "The high-voltage circuit holds up to 4,200 V DC and the capacitor keeps its charge after the oven is unplugged. Disconnect the supply, wait 5 minutes and discharge each capacitor to chassis through a 100 kilohm, 10 W discharge stick before you touch anything behind the right side panel."},
		notice{danger, "Never operate the oven with the door removed, the choke damaged or an interlock bypassed. Microwave energy can escape and injure the eyes."},
		notice{warning, "The cavity, the catalytic converter and the impingement plates stay above 400 °F (204 °C) for up to 45 minutes after shut-down. Run the cool-down cycle or wear heat-resistant gloves."},
		notice{warning, "Both legs of the line are live in standby. The power switch on the keypad does not disconnect the oven. Unplug it or open the wall breaker and lock it out."},
		notice{caution, "The RX-440 weighs 236 lb (107 kg). Lift it with two persons and a cart rated for 300 lb (136 kg)."},
		section("Leakage test after every repair"),
		para("Whenever a door part, an interlock, a waveguide or a magnetron was touched, measure leakage with a calibrated survey meter before the oven is given back. Place 275 ml of water in a glass beaker in the middle of the cavity, run test mode item 6 and move the probe along the door gap at 1 in (25 mm) per second, 2 in (50 mm) from the surface."),
		table{
			caption: "Leakage limits", head: []string{"Reading", "Action"}, widths: []float64{2, 4},
			rows: [][]string{
				{"below 1 mW/cm²", "Normal. Write the value in the service record."},
				{"1 to 4 mW/cm²", "Adjust the door (section 9.2) and measure again."},
				{"above 4 mW/cm²", "Take the oven out of use, tag it, and inform the owner in writing. Replace the door choke."},
			},
		},
		section("Tools and test equipment"),
		bullets{
			"True RMS multimeter, CAT III 600 V, with a 10 A range",
			"High-voltage discharge stick, 100 kilohm, 10 W",
			"Microwave survey meter, 0 to 10 mW/cm²",
			"Clamp meter, 0 to 60 A AC",
			"Thermometer with type K probe, accuracy ±2 °F (±1 °C)",
			"Torx drivers T15, T20 and T25 with pin; nut drivers 5/16 in and 3/8 in",
			"USB flash drive, FAT32, 8 GB or less, for firmware and menu files",
		},
	}
}

func ovenSpecifications() []block {
	return []block{
		chapter("Specifications"),
		section("Electrical"),
		para("Identify the variant by the suffix on the rating plate, which is on the rear panel below the filter. Variant 1 ovens are delivered wired for 208 V; see section 10.2 before a 240 V supply is connected."),
		table{
			caption: "Electrical data by variant",
			head:    []string{"Model and variant", "Voltage", "Phase / Hz", "Rated current", "Breaker", "Plug", "Max. input"},
			widths:  []float64{2, 1.6, 1.3, 1.4, 1.2, 1.7, 1.3},
			rows: [][]string{
				{"RX-280-1", "208/240 V", "1 / 60", "24 A", "30 A", "NEMA 6-30P", "5.8 kW"},
				{"RX-280-2", "230 V", "1 / 50", "16 A", "16 A type C", "IEC 60309 16 A", "3.7 kW"},
				{"RX-440-1", "208/240 V", "1 / 60", "40 A", "50 A", "NEMA 6-50P", "9.6 kW"},
				{"RX-440-3", "400 V 3N", "3 / 50", "16 A per phase", "20 A type D", "IEC 60309 5-pole", "9.9 kW"},
				{"RX-440-4", "208/240 V", "3 / 60", "28 A per phase", "40 A", "NEMA 15-50P", "9.6 kW"},
			},
		},
		section("Performance and limits"),
		table{
			caption: "Temperatures and limits",
			head:    []string{"Item", "RX-280", "RX-440"}, widths: []float64{3.4, 2, 2},
			rows: [][]string{
				{"Cavity set range", "200 to 525 °F (93 to 274 °C)", "200 to 540 °F (93 to 282 °C)"},
				{"Factory cavity set point", "500 °F (260 °C)", "520 °F (271 °C)"},
				{"Software over-temperature limit (E6)", "575 °F (302 °C)", "600 °F (316 °C)"},
				{"Manual-reset limit switch opens", "660 °F (349 °C)", "690 °F (366 °C)"},
				{"Electric compartment limit (E9)", "158 °F (70 °C)", "167 °F (75 °C)"},
				{"Magnetron thermostat opens", "230 °F (110 °C)", "230 °F (110 °C)"},
				{"Warm-up time from 70 °F (21 °C)", "14 to 17 min", "16 to 20 min"},
				{"Microwave output (IEC 60705)", "1,000 W", "1,900 W"},
				{"Impingement heater", "2.6 kW", "2 x 2.4 kW"},
				{"Blower speed, cook / idle", "6,200 / 2,800 rpm", "7,000 / 3,000 rpm"},
			},
		},
		table{
			caption: "Component resistance values at 70 °F (21 °C)",
			head:    []string{"Component", "Connection", "RX-280", "RX-440"}, widths: []float64{2.6, 2, 1.6, 1.6}, ruling: lines,
			rows: [][]string{
				{"Impingement heater", "H1 - H2", "16.3 ohm ±8 %", "11.9 ohm ±8 % each"},
				{"High-voltage transformer, primary", "T1-1 - T1-2", "1.1 to 1.4 ohm", "0.9 to 1.2 ohm"},
				{"High-voltage transformer, secondary", "HV - chassis", "96 to 110 ohm", "88 to 101 ohm"},
				{"Filament winding", "F1 - F2", "below 1 ohm", "below 1 ohm"},
				{"Magnetron filament", "FA - F", "below 1 ohm", "below 1 ohm"},
				{"Stirrer motor", "M2-1 - M2-2", "2.3 kilohm", "2.3 kilohm"},
				{"Cavity RTD (Pt1000)", "J7-1 - J7-2", "1,082 ohm", "1,082 ohm"},
				{"High-voltage capacitor", "C1", "1.05 µF ±3 %", "1.12 µF ±3 %"},
			},
		},
		section("Dimensions and weight"),
		table{
			caption: "Dimensions",
			head:    []string{"", "RX-280", "RX-440"}, widths: []float64{3, 2, 2}, ruling: lines,
			rows: [][]string{
				{"Height with legs", "18.9 in (480 mm)", "21.4 in (544 mm)"},
				{"Width", "15.6 in (396 mm)", "26.0 in (660 mm)"},
				{"Depth, door closed", "27.8 in (706 mm)", "28.6 in (726 mm)"},
				{"Depth, door open", "38.1 in (968 mm)", "41.0 in (1,041 mm)"},
				{"Weight", "142 lb (64 kg)", "236 lb (107 kg)"},
				{"Cavity volume", "0.46 cu ft (13 l)", "1.05 cu ft (30 l)"},
				{"Sound level, cooking", "58 dB(A)", "62 dB(A)"},
			},
		},
	}
}

func ovenInstallation() []block {
	return []block{
		chapter("Installation"),
		section("Clearances"),
		table{
			caption: "Minimum clearances",
			head:    []string{"Side", "RX-280", "RX-440", "Remark"}, widths: []float64{1, 1.5, 1.5, 3.5},
			rows: [][]string{
				{"Top", "4 in (102 mm)", "6 in (152 mm)", "Keep free of paper and packaging"},
				{"Left", "1 in (25 mm)", "1 in (25 mm)", "Intake louvres must stay open"},
				{"Right", "2 in (51 mm)", "2 in (51 mm)", "Magnetron exhaust"},
				{"Rear", "0 in (0 mm)", "2 in (51 mm)", "RX-280 has a spacer bracket"},
				{"Front", "36 in (915 mm)", "36 in (915 mm)", "Aisle for the open door and the paddle"},
			},
		},
		para("Do not place the oven within 24 in (610 mm) of a fryer or an open flame: grease and heat shorten the life of the electric compartment filter and cause error E9. Room temperature at the intake must not exceed 95 °F (35 °C)."),
		section("Stacking"),
		para("Two RX-280 ovens may be stacked with kit K-1180 only. The RX-440 must not be stacked. Tighten the four stacking bolts to 62 in-lb (7 N·m)."),
		section("Supply connection"),
		notice{warning, "A loose or undersized receptacle overheats. Measure the voltage at full load: it must stay within 197 to 252 V on variant 1 ovens and must not drop by more than 8 V between standby and cooking."},
		bullets{
			"Check the rating plate against the supply before plugging in.",
			"Use a dedicated branch circuit; no extension cord.",
			"Ovens on a wye supply (208 V) keep the factory tap. Ovens on a delta supply (240 V) need the transformer tap moved and parameter P03 set to 240.",
			"Connect the equipotential terminal at the rear where local rules ask for it; conductor 8 AWG (10 mm²).",
		},
		section("First start"),
		para("After installation let the oven warm up once without food. A light smoke and smell for the first 20 minutes is normal. Then run the leakage test (section 1.1) and enter date, site number and supply voltage in the setup menu."),
		figure{"Clearances, seen from the front", 190, func(p pen) {
			p.line(30, 170, p.w-30, 170)
			p.box(170, 60, 160, 104)
			p.box(186, 76, 96, 66)
			p.dashed(150, 30, 350, 30, 350, 170)
			p.dashed(150, 30, 150, 170)
			p.line(250, 30, 250, 60)
			p.label(256, 48, "A (top)")
			p.line(150, 110, 170, 110)
			p.label(92, 113, "B (left)")
			p.line(330, 110, 350, 110)
			p.label(358, 113, "C (right)")
			p.label(40, 184, "Counter, level within 1/8 in per foot")
		}},
	}
}

func ovenOperation() []block {
	return []block{
		chapter("Operation"),
		section("Control panel"),
		para("The oven is operated from a 5-inch touch screen and a hard key for standby. The screen shows the state in its top bar: grey is off, amber is warming up or cooling down, green is ready, red is a fault with its code."),
		columns{
			topic("Warming up"),
			para("Touch the power symbol. The screen shows WARMING UP and the cavity temperature. Cooking is locked until the cavity is within 25 °F (14 °C) of the set point and has soaked for 4 minutes."),
			para("If the cavity has not reached 300 °F (149 °C) after 25 minutes the control stops the heater and shows E4."),
			topic("Cooking"),
			para("Choose group, then recipe. A recipe has up to six stages; each stage has a time, an air speed (10 to 100 %) and a microwave level (0 to 100 %). The door may be opened at any time: blower and microwave stop within half a second."),
			para("Opening the door for more than 60 seconds in the ready state shows DOOR OPEN and lets the cavity cool. It is not a fault."),
			topic("Energy saving"),
			para("After 30 minutes without cooking the set point falls to 425 °F (218 °C) when parameter P11 is on. Recovery takes 3 to 5 minutes. Sites that complain about slow first orders after a break should switch P11 off."),
			columnBreak{},
			topic("Cooling down"),
			para("Touch and hold the power symbol for 3 seconds. The blower runs at 60 % until the cavity is below 150 °F (66 °C), about 25 minutes. Do not unplug the oven while COOLING DOWN is shown: the blower bearing and the magnetron fan need the air."),
			topic("Daily cleaning"),
			bullets{
				"Cool the oven down.",
				"Remove the rack and the lower jet plate.",
				"Spray the cavity with approved cleaner, never into the stirrer opening at the top.",
				"Wipe the door choke and the seal; grease on the choke causes arcing.",
				"Run the rinse with a damp towel twice.",
				"Wash the intake filter once a week and dry it completely.",
			},
			topic("Recipes over USB"),
			para("Menu files have the ending .rhm and must be in the top folder of the drive. With the oven in standby, insert the drive; the screen asks LOAD MENU? The transfer takes up to 90 seconds. If the oven shows E22, the file was made for the other model."),
		},
	}
}
