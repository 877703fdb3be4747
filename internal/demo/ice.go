package demo

// iceMachine is an ice machine's manual: labels by chapter ("4-7") printed but
// not in the file, charts by ambient and water temperature for each model, codes
// in words and in lamp flashes.
func iceMachine() edition {
	return edition{
		manual: Manual{
			FileName: "tarnholm-ti350-ti520-service.pdf", Title: "TI Series Modular Ice Machines - Installation and Service",
			Manufacturer: "Tarnholm", Models: []string{"TI-350A", "TI-350W", "TI-520A", "TI-520W"},
			Type: "service", Revision: "4", Language: "en",
		},
		layout: layout{
			paper: "Letter", family: "Times", size: 10.5, accent: rgb{20, 70, 120},
			words: english(), header: "Tarnholm TI Series    TIS-4",
			label: func(chapter, inChapter, _ int) string {
				if chapter == 0 {
					return roman(inChapter)
				}
				return itoa(chapter) + "-" + itoa(inChapter)
			},
		},
		content: [][]block{
			iceFront(), iceSafety(), iceSpecifications(), iceInstallation(), iceOperation(), iceCleaning(),
			iceCodes(), iceSymptoms(), iceCharts(), iceProcedures(), iceWiring(), iceParts(), iceNotes(),
		},
	}
}

func iceFront() []block {
	return []block{
		cover{
			maker: "TARNHOLM", product: "Modular cube ice machines", models: "TI-350A   TI-350W   TI-520A   TI-520W",
			kind: "Installation and Service Manual", number: "TIS-4, fourth edition, January 2026",
			foot:    "Tarnholm and its machines are invented for demonstration. Any likeness to a real maker or machine is accidental. Do not service real equipment from this text.",
			drawing: func(b *book, x, y, w, h float64) { drawIceMachine(pen{b: b, x: x, y: y, w: w, h: h}) },
		},
		tableOfContents{},
	}
}

func drawIceMachine(p pen) {
	p.slab(110, 40, 180, 110, 90)
	p.slab(110, 150, 180, 130, 90)
	p.box(125, 165, 150, 50)
	p.line(130, 222, 270, 222)
	for i := range 7 {
		p.line(125, 60+float64(i)*10, 190, 60+float64(i)*10)
	}
	p.box(215, 58, 55, 24)
	p.circle(224, 70, 3)
	p.circle(236, 70, 3)
	p.circle(248, 70, 3)
}

func iceSafety() []block {
	return []block{
		chapter("Safety"),
		notice{danger, "Capacitors of the compressor stay charged. Disconnect all power, wait 2 minutes and discharge run and start capacitors through 20 kilohm before you touch a terminal."},
		notice{warning, "The refrigerant circuit holds R-448A under pressure up to 420 psig (29 bar). Recover the charge before a joint is opened. Never unbraze a joint under pressure."},
		notice{warning, "The cleaner is an acid and the sanitizer is chlorine based. Mixed together they give off poisonous gas. Flush with clean water between cleaning and sanitizing."},
		notice{caution, "Fins and sheet metal edges are sharp. Wear cut-resistant gloves."},
		notice{caution, "All ice made during cleaning, sanitizing or service must be thrown away."},
		para("Refrigerant work is allowed only to technicians certified under the rules of the country (in the USA: EPA section 608, type II or universal)."),
		section("How the model number reads"),
		table{
			head: []string{"Part", "Meaning"}, widths: []float64{1, 4}, ruling: lines,
			rows: [][]string{
				{"TI", "Series"},
				{"350, 520", "Nominal capacity in lb per 24 h at 70 °F air, 50 °F water"},
				{"A, W", "Air-cooled or water-cooled condenser"},
				{"-1, -5", "115 V 60 Hz or 230 V 50 Hz; the TI-520 exists with 208-230 V 60 Hz (-2) and -5 only"},
			},
		},
	}
}

func iceSpecifications() []block {
	return []block{
		chapter("Specifications"),
		section("Electrical"),
		table{
			caption: "Electrical data",
			head:    []string{"Model", "Voltage / Hz / phase", "Total A", "Max. fuse", "Compressor RLA / LRA", "Fan motor"}, widths: []float64{1.4, 2.2, 1, 1.1, 1.8, 1.2},
			rows: [][]string{
				{"TI-350A-1", "115 / 60 / 1", "11.2", "15 A", "8.6 / 51", "1.0 A"},
				{"TI-350W-1", "115 / 60 / 1", "10.1", "15 A", "8.6 / 51", "-"},
				{"TI-350A-5", "230 / 50 / 1", "5.6", "10 A", "4.2 / 24", "0.5 A"},
				{"TI-520A-2", "208-230 / 60 / 1", "8.8", "15 A", "6.9 / 40", "0.7 A"},
				{"TI-520W-2", "208-230 / 60 / 1", "7.9", "15 A", "6.9 / 40", "-"},
				{"TI-520A-5", "230 / 50 / 1", "8.1", "15 A", "6.4 / 37", "0.6 A"},
			},
		},
		section("Refrigerant circuit"),
		table{
			caption: "Refrigerant charge and switches",
			head:    []string{"Item", "TI-350A", "TI-350W", "TI-520A", "TI-520W"}, widths: []float64{2.6, 1.3, 1.3, 1.3, 1.3},
			rows: [][]string{
				{"Refrigerant", "R-448A", "R-448A", "R-448A", "R-448A"},
				{"Charge", "19 oz (540 g)", "14 oz (395 g)", "26 oz (735 g)", "18 oz (510 g)"},
				{"High-pressure switch opens", "410 psig (28.3 bar)", "350 psig (24.1 bar)", "425 psig (29.3 bar)", "350 psig (24.1 bar)"},
				{"High-pressure switch closes", "300 psig (20.7 bar)", "250 psig (17.2 bar)", "310 psig (21.4 bar)", "250 psig (17.2 bar)"},
				{"Low-pressure cut-out (LO-P)", "6 psig (0.4 bar)", "6 psig (0.4 bar)", "8 psig (0.55 bar)", "8 psig (0.55 bar)"},
				{"Fan cycling control, on / off", "240 / 195 psig", "-", "250 / 200 psig", "-"},
				{"Water regulating valve set to", "-", "235 psig (16.2 bar)", "-", "240 psig (16.5 bar)"},
				{"Oil", "POE 32, 15 oz", "POE 32, 15 oz", "POE 32, 20 oz", "POE 32, 20 oz"},
			},
		},
		section("Water and room"),
		table{
			caption: "Limits of use",
			head:    []string{"", "Minimum", "Maximum"}, widths: []float64{3, 2, 2}, ruling: lines,
			rows: [][]string{
				{"Room temperature", "45 °F (7 °C)", "100 °F (38 °C)"},
				{"Water temperature", "40 °F (4 °C)", "90 °F (32 °C)"},
				{"Potable water pressure", "20 psig (1.4 bar)", "80 psig (5.5 bar)"},
				{"Condenser water pressure (W)", "20 psig (1.4 bar)", "150 psig (10.3 bar)"},
				{"Voltage", "-10 %", "+10 %"},
				{"Water hardness without treatment", "-", "7 grains (120 mg/l)"},
			},
		},
		table{
			caption: "Dimensions without bin",
			head:    []string{"", "TI-350", "TI-520"}, widths: []float64{3, 2, 2}, ruling: lines,
			rows: [][]string{
				{"Width", "22 in (559 mm)", "30 in (762 mm)"},
				{"Depth", "24 in (610 mm)", "24 in (610 mm)"},
				{"Height", "21.5 in (546 mm)", "23 in (584 mm)"},
				{"Weight, A", "118 lb (54 kg)", "154 lb (70 kg)"},
				{"Weight, W", "112 lb (51 kg)", "147 lb (67 kg)"},
			},
		},
	}
}

func iceInstallation() []block {
	return []block{
		chapter("Installation"),
		section("Place"),
		table{
			caption: "Clearances",
			head:    []string{"", "Air-cooled", "Water-cooled"}, widths: []float64{2, 2, 2},
			rows: [][]string{
				{"Top", "8 in (203 mm)", "2 in (51 mm)"},
				{"Sides", "6 in (152 mm)", "2 in (51 mm)"},
				{"Back", "5 in (127 mm)", "5 in (127 mm)"},
			},
		},
		bullets{
			"Level the bin within 1/16 in (1.5 mm) per foot in both directions: a tilted evaporator gives uneven cubes and Err 4.",
			"Seal machine and bin with the gasket tape supplied.",
			"Do not set the machine where it sees the exhaust of a dishwasher or a fryer.",
		},
		section("Water and drain"),
		bullets{
			"Supply 3/8 in copper, valve and strainer within reach; filter 5 micron where the water is cloudy.",
			"Reservoir drain 3/4 in, fall 1/4 in per foot, with an air gap. Never join the bin drain to it.",
			"Water-cooled: separate condenser inlet and outlet 3/8 in; the outlet runs free into a floor drain.",
		},
		section("DIP switches of the control board"),
		table{
			caption: "DIP switch SW2",
			head:    []string{"Switch", "Function", "OFF", "ON", "Default"}, widths: []float64{0.9, 3, 2, 2, 1},
			rows: [][]string{
				{"1", "Model", "TI-350", "TI-520", "by model"},
				{"2", "Condenser", "Air", "Water", "by model"},
				{"3", "Purge after each harvest", "short, 12 s", "long, 45 s", "OFF"},
				{"4", "Purge level for hard water", "every 3rd cycle", "every cycle", "OFF"},
				{"5", "Delay after full bin", "0", "30 min", "OFF"},
				{"6", "Cleaning reminder", "6 months", "3 months", "OFF"},
				{"7", "Harvest assist", "OFF", "ON", "ON"},
				{"8", "Factory test", "Normal", "Do not change", "OFF"},
			},
		},
		section("Start-up check"),
		table{
			head: []string{"No.", "Check", "Must be"}, widths: []float64{0.6, 4, 2.6}, ruling: bare,
			rows: [][]string{
				{"1", "Voltage with the compressor running", "within 10 % of the plate"},
				{"2", "Water level in the reservoir", "at the mark, 2 min after start"},
				{"3", "Water over the whole evaporator", "no dry column"},
				{"4", "First harvest after", "12 to 20 min"},
				{"5", "Ice bridge thickness", "1/8 in (3 mm)"},
				{"6", "Harvest time", "1 to 3 min"},
				{"7", "Bin switch stops the machine", "10 s after the curtain is held open"},
			},
		},
	}
}

func iceOperation() []block {
	return []block{
		chapter("How it works"),
		columns{
			topic("Start"),
			para("With the switch at ICE the control opens the dump valve for 45 seconds to empty the reservoir, then the water inlet valve until the float switch closes. The hot gas valve is open for the first 20 seconds so that the compressor starts without load."),
			topic("Pre-chill"),
			para("The compressor runs alone for 30 seconds. The water pump stands still, so that the evaporator falls below freezing before water reaches it and no slush is formed."),
			topic("Freeze"),
			para("The pump sends water over the evaporator. When the sump falls below the low mark the inlet valve refills once per cycle. The freeze cycle ends when the ice touches the thickness probe for 8 seconds without a break, but not before 6 minutes."),
			para("If the probe has not been touched after 35 minutes the control goes to harvest anyway. Three such cycles in a row give Err 3."),
			columnBreak{},
			topic("Harvest"),
			para("Compressor and hot gas valve are on, the pump is off, the dump valve opens for the purge. The slab slides off and pushes the water curtain, which opens the bin switch. The curtain must open within 3.5 minutes; if it does not, harvest is repeated once with the assist solenoid, then the control shows Err 4."),
			topic("Full bin"),
			para("When the curtain stays open for more than 10 seconds the bin is full: the machine stops and starts again when the curtain closes, but not within 3 minutes to protect the compressor."),
			topic("Safety stops"),
			para("HI-P stops compressor and fan; the machine tries again after 30 minutes, three times in all. LO-P is ignored for the first 90 seconds of each cycle. After a third stop within 24 hours the machine must be reset by hand: hold CLEAN for 5 seconds."),
		},
		section("What is on in each phase"),
		table{
			caption: "Energized parts",
			head:    []string{"Phase", "Compressor", "Fan", "Water pump", "Hot gas valve", "Inlet valve", "Dump valve", "Time"}, widths: []float64{1.4, 1.3, 1, 1.2, 1.2, 1.1, 1.1, 1.7}, size: 9,
			rows: [][]string{
				{"Start purge", "off", "off", "on", "on", "off", "on", "45 s"},
				{"Fill", "off", "off", "off", "on", "on", "off", "until float, max. 5 min"},
				{"Pre-chill", "on", "by pressure", "off", "off", "off", "off", "30 s"},
				{"Freeze", "on", "by pressure", "on", "off", "once", "off", "6 to 35 min"},
				{"Harvest", "on", "off", "off", "on", "on", "on", "max. 3.5 min"},
				{"Full bin", "off", "off", "off", "off", "off", "off", "until curtain closes"},
			},
		},
		figure{"Refrigerant circuit", 250, drawIceCircuit},
	}
}

func drawIceCircuit(p pen) {
	p.motor(90, 190, "C")
	p.label(60, 216, "Compressor")
	p.path(90, 177, 90, 40, 170, 40)
	p.box(170, 26, 110, 28)
	p.path(170, 40, 184, 30, 198, 50, 212, 30, 226, 50, 240, 30, 254, 50, 268, 30, 280, 40)
	p.centered(225, 68, "Condenser")
	p.path(280, 40, 400, 40, 400, 84)
	p.box(388, 84, 24, 34)
	p.label(418, 104, "Drier")
	p.path(400, 118, 400, 150)
	p.path(392, 150, 408, 150, 392, 166, 408, 166, 392, 150)
	p.label(414, 162, "TXV")
	p.path(400, 166, 400, 200, 330, 200)
	p.box(200, 176, 130, 48)
	p.centered(265, 203, "Evaporator")
	p.path(200, 200, 103, 200)
	p.label(120, 196, "suction")
	p.dashed(90, 110, 300, 110, 300, 176)
	p.path(182, 102, 198, 118)
	p.path(182, 118, 198, 102)
	p.path(182, 102, 182, 118)
	p.path(198, 102, 198, 118)
	p.label(160, 132, "Hot gas valve")
	p.box(110, 62, 22, 14)
	p.label(136, 73, "HP switch")
	p.path(90, 69, 110, 69)
	p.box(130, 230, 22, 14)
	p.path(141, 200, 141, 230)
	p.label(158, 241, "LP switch")
}

func iceCleaning() []block {
	return []block{
		chapter("Cleaning and sanitizing"),
		para("Clean every 6 months, or every 3 months with hard water. The lamp CLEAN lights when it is due; it goes off after a complete cleaning."),
		procedure{
			title: "Cleaning", tools: "16 oz bottle of nickel-safe ice machine cleaner, soft brush, rubber gloves", duration: "70 min",
			warnings: []notice{
				{warning, "Wear rubber gloves and goggles. Never mix cleaner and sanitizer."},
				{caution, "Use only nickel-safe cleaner: others strip the plating of the evaporator."},
			},
			steps: []step{
				{"Remove all ice from the bin.", ""},
				{"Set the switch to OFF after a harvest, or let the ice melt off. Never break ice off the evaporator with a tool.", ""},
				{"Set the switch to CLEAN. When the lamp CLEAN flashes (about 1 minute) pour cleaner into the reservoir: 5 oz (150 ml) for the TI-350, 7 oz (210 ml) for the TI-520.", ""},
				{"Wait until the cycle of 26 minutes is over; the machine rinses itself six times.", "Lamp CLEAN steady"},
				{"Remove curtain, distribution tube, float switch and thickness probe; soak them in 2 gal (8 l) of warm water with 16 oz of cleaner for 15 minutes.", ""},
				{"Brush the parts and rinse them in clean water.", "No scale between the probe's pins"},
			},
		},
		procedure{
			title: "Sanitizing", tools: "household bleach without perfume (5.25 %), spray bottle", duration: "40 min",
			warnings: []notice{{warning, "Flush with clean water first. Bleach on remains of the cleaner sets chlorine gas free."}},
			steps: []step{
				{"Mix 2 oz (60 ml) of bleach with 4 gal (15 l) of water.", "200 ppm on the test strip"},
				{"Spray all surfaces of the food zone and the removed parts; let it act for 10 minutes. Do not rinse the parts.", ""},
				{"Refit the parts.", ""},
				{"Set the switch to CLEAN and add sanitizer when the lamp flashes: 3 oz (90 ml) for the TI-350, 4 oz (120 ml) for the TI-520.", ""},
				{"When the cycle is over set the switch to ICE and throw away the first two batches.", ""},
			},
		},
	}
}
