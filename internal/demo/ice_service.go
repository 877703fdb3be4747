package demo

func iceProcedures() []block {
	return []block{
		chapter("Service procedures"),
		procedure{
			title: "Setting the thickness probe", tools: "9/32 in (7 mm) drill bit as a gauge", duration: "10 min",
			steps: []step{
				{"Set the switch to OFF and swing the probe up.", ""},
				{"Clean the pins with cleaner; scale makes bridges thick.", ""},
				{"Turn the adjusting screw until the gap between pins and evaporator is 9/32 in (7 mm). One third of a turn changes the bridge by 1/16 in (1.5 mm).", ""},
				{"Make two batches and measure the bridge.", "1/8 in (3 mm)"},
			},
		},
		procedure{
			title: "Recovering and charging the refrigerant", tools: "recovery machine, scale, vacuum pump, micron gauge, nitrogen, manifold for R-448A", duration: "3 h",
			warnings: []notice{
				{danger, "Never use oxygen or compressed air for a pressure test: with oil it explodes."},
				{warning, "Liquid refrigerant freezes skin and eyes. Wear goggles and gloves."},
				{caution, "R-448A is a blend: charge as a liquid only, and never top up a system of unknown charge."},
			},
			steps: []step{
				{"Disconnect the power and connect the manifold to both service ports.", ""},
				{"Recover into a marked cylinder until the gauge holds 10 in Hg of vacuum for 5 minutes.", ""},
				{"Open the circuit, repair it, and always fit a new drier, part TI-5106.", ""},
				{"Braze with nitrogen flowing at 2 to 3 psig.", ""},
				{"Pressure test with nitrogen at 200 psig (13.8 bar) for 15 minutes.", "No drop"},
				{"Evacuate through both ports to 300 microns, then close the pump's valve.", "Below 500 microns after 10 minutes"},
				{"Weigh the charge of the rating plate in through the high side: TI-350A 19 oz, TI-350W 14 oz, TI-520A 26 oz, TI-520W 18 oz.", ""},
				{"Start the machine in freeze and let it draw the rest through the low side, throttled.", ""},
				{"Remove the hoses by closing the high side first and drawing the hose empty through the low side.", ""},
				{"Compare the pressures with chapter 8 after the second cycle.", ""},
			},
		},
		procedure{
			title: "Setting the water regulating valve (W models)", tools: "manifold, flat screwdriver", duration: "20 min",
			steps: []step{
				{"Run the machine in freeze for 5 minutes.", ""},
				{"Turn the stem: clockwise raises the head pressure.", "TI-350W 235 psig, TI-520W 240 psig"},
				{"Measure the outlet water.", "100 to 110 °F (38 to 43 °C)"},
				{"Switch off and watch the outlet.", "The flow stops within 1 minute; if it does not, flush or replace the valve"},
			},
		},
		procedure{
			title: "Testing the compressor", tools: "meter, megohm meter 500 V", duration: "20 min",
			warnings: []notice{{warning, "Put the terminal cover back before power is applied: a terminal can be blown out under pressure."}},
			steps: []step{
				{"Disconnect the power, discharge the capacitors and pull the leads from C, S and R.", ""},
				{"Measure the windings.", "TI-350 115 V: C-R 0.8 ohm, C-S 3.9 ohm. TI-520: C-R 1.3 ohm, C-S 4.6 ohm, ±10 %"},
				{"Measure each terminal to the shell with 500 V.", "above 2 megohm"},
				{"Connect, run in freeze, and close the suction valve of the manifold.", "Suction pulls down to 10 in Hg within 2 minutes. If it does not, the valves are worn"},
			},
		},
		procedure{
			title: "Checking the harvest cycle", tools: "thermometer, stop watch", duration: "30 min",
			warnings: []notice{{caution, "The hot gas line is above 180 °F (82 °C)."}},
			steps: []step{
				{"Hold HARVEST for 3 seconds in freeze, after at least 6 minutes.", "Hot gas valve clicks, pump stops"},
				{"Measure the evaporator outlet after 60 seconds.", "38 to 45 °F (3 to 7 °C)"},
				{"Stop the time until the slab falls.", "1 to 3 min"},
				{"If the slab hangs at one side check level and scale before parts are replaced.", ""},
			},
		},
		procedure{
			title: "Replacing the water pump", tools: "5/16 in nut driver", duration: "25 min",
			warnings: []notice{{warning, "Disconnect the power. The pump stands in water."}},
			steps: []step{
				{"Open the drain plug of the reservoir.", ""},
				{"Pull the hose and the plug P3, remove two screws.", ""},
				{"Fit the new pump with its foot in the notch of the reservoir.", ""},
				{"Fill and run.", "Water over the whole evaporator, 0.9 A at 115 V"},
			},
		},
	}
}

func iceWiring() []block {
	return []block{
		chapter("Wiring"),
		para("TI-350A-1, 115 V. Shown in freeze with the bin switch closed. Switch HP opens on rise, switch LP opens on fall."),
		figure{"Wiring diagram TI-350A-1", 470, drawIceWiring},
	}
}

func drawIceWiring(p pen) {
	p.label(10, 12, "L1  115 V")
	p.label(430, 12, "N")
	p.path(30, 18, 30, 452)
	p.path(440, 18, 440, 452)
	p.path(30, 40, 80, 40)
	p.contact(80, 40)
	p.label(82, 28, "HP 410 psig")
	p.path(102, 40, 150, 40)
	p.contact(150, 40)
	p.label(150, 28, "K1")
	p.path(172, 40, 260, 40)
	p.motor(273, 40, "C")
	p.path(286, 40, 440, 40)
	p.label(290, 56, "COMPRESSOR")
	p.path(220, 40, 220, 84, 240, 84)
	p.path(240, 76, 240, 92)
	p.path(245, 76, 245, 92)
	p.path(245, 84, 273, 84, 273, 53)
	p.label(224, 104, "start cap 145-174 µF")
	p.path(172, 40, 172, 140, 200, 140)
	p.contact(200, 140)
	p.label(196, 128, "fan cycling 240/195")
	p.path(222, 140, 320, 140)
	p.motor(333, 140, "F")
	p.path(346, 140, 440, 140)
	p.label(322, 166, "FAN")
	p.path(30, 200, 96, 200)
	p.contact(96, 200)
	p.label(94, 188, "K2 pump")
	p.path(118, 200, 260, 200)
	p.motor(273, 200, "P")
	p.path(286, 200, 440, 200)
	p.label(262, 226, "WATER PUMP")
	p.path(30, 250, 96, 250)
	p.contact(96, 250)
	p.label(94, 238, "K3 hot gas")
	p.path(118, 250, 250, 250)
	p.coil(250, 250, 3)
	p.path(274, 250, 440, 250)
	p.label(246, 264, "HOT GAS VALVE 330 ohm")
	p.path(30, 300, 60, 300)
	p.coil(60, 300, 4)
	p.path(92, 300, 110, 300, 110, 284, 440, 284)
	p.coil(60, 312, 4)
	p.label(52, 332, "T 115 / 24 V")
	p.path(60, 312, 46, 312, 46, 360, 150, 360)
	p.path(92, 312, 128, 312, 128, 340, 150, 340)
	p.box(118, 306, 20, 8)
	p.label(116, 302, "F1 3.15 A")
	p.box(150, 326, 130, 110)
	p.centered(215, 372, "CONTROL BOARD")
	p.centered(215, 384, "SW2   H1")
	for i, name := range []string{"J4  T1 evaporator 10.0 kilohm", "J5  T2 discharge", "J6  thickness probe", "J7  float switch", "J8  bin switch", "J9  inlet valve 24 V 16 ohm", "J10 dump valve 24 V 13 ohm"} {
		y := 338 + float64(i)*14
		p.path(280, y, 300, y)
		p.circle(303, y, 2)
		p.label(310, y+3, name)
	}
}

func iceParts() []block {
	return []block{
		chapter("Parts"),
		figure{"Evaporator and water circuit", 300, func(p pen) {
			p.slab(150, 60, 130, 130, 40)
			for i := range 6 {
				p.thin(150, 80+float64(i)*19, 280, 80+float64(i)*19)
				p.thin(168+float64(i)*19, 60, 168+float64(i)*19, 190)
			}
			p.slab(140, 22, 150, 8, 30)
			p.slab(120, 230, 200, 36, 60)
			p.slab(40, 70, 6, 130, 40)
			p.circle(380, 250, 18)
			p.path(380, 232, 380, 20, 312, 20)
			p.box(350, 110, 8, 50)
			p.path(354, 160, 354, 180)
			p.dashed(74, 130, 150, 130)
			p.dashed(280, 140, 350, 134)
			p.balloon("1", 180, 130, 110, 40)
			p.balloon("2", 200, 25, 240, 8)
			p.balloon("3", 50, 120, 20, 60)
			p.balloon("4", 160, 250, 80, 275)
			p.balloon("5", 392, 258, 440, 280)
			p.balloon("6", 354, 130, 410, 120)
			p.balloon("7", 380, 60, 430, 50)
			p.balloon("8", 60, 180, 25, 215)
		}},
		table{
			caption: "Evaporator and water circuit",
			head:    []string{"Item", "Part No.", "Description", "Used on", "Qty"}, widths: []float64{0.7, 1.4, 4.4, 1.8, 0.6},
			rows: [][]string{
				{"1", "TI-2101", "Evaporator", "TI-350", "1"},
				{"1", "TI-2102", "Evaporator", "TI-520", "1"},
				{"2", "TI-2130", "Distribution tube", "TI-350", "1"},
				{"2", "TI-2131", "Distribution tube", "TI-520", "1"},
				{"3", "TI-2210", "Water curtain", "TI-350", "1"},
				{"3", "TI-2211", "Water curtain", "TI-520", "1"},
				{"4", "TI-3301", "Reservoir with drain plug", "all", "1"},
				{"5", "TI-3304", "Water pump 115 V", "-1", "1"},
				{"5", "TI-3305", "Water pump 230 V", "-2, -5", "1"},
				{"6", "TI-3310", "Thickness probe with lead", "all", "1"},
				{"7", "TI-3322", "Hose, pump to distribution tube", "all", "1"},
				{"8", "TI-2217", "Curtain magnet", "all", "1"},
				{"9", "TI-3330", "Float switch", "all", "1"},
				{"10", "TI-3341", "Water inlet valve 24 V", "all", "1"},
				{"11", "TI-3352", "Dump valve 24 V", "all", "1"},
				{"12", "TI-2225", "Bin switch, reed", "all", "1"},
			},
		},
		table{
			caption: "Refrigeration",
			head:    []string{"Item", "Part No.", "Description", "Used on", "Qty"}, widths: []float64{0.7, 1.4, 4.4, 1.8, 0.6},
			rows: [][]string{
				{"20", "TI-5001", "Compressor 115 V 60 Hz with start kit", "TI-350 -1", "1"},
				{"20", "TI-5002", "Compressor 230 V 50 Hz with start kit", "TI-350 -5", "1"},
				{"20", "TI-5003", "Compressor 208-230 V 60 Hz with start kit", "TI-520 -2", "1"},
				{"20", "TI-5004", "Compressor 230 V 50 Hz with start kit", "TI-520 -5", "1"},
				{"21", "TI-5020", "Condenser, air", "TI-350A", "1"},
				{"21", "TI-5021", "Condenser, air", "TI-520A", "1"},
				{"22", "TI-5030", "Condenser, water, coaxial", "TI-350W, TI-520W", "1"},
				{"23", "TI-5041", "Fan motor 115 V with blade", "TI-350A-1", "1"},
				{"23", "TI-5042", "Fan motor 230 V with blade", "A -2, -5", "1"},
				{"24", "TI-5106", "Drier, 0.25 in flare-braze", "all", "1"},
				{"25", "TI-5111", "Expansion valve", "TI-350", "1"},
				{"25", "TI-5112", "Expansion valve", "TI-520", "1"},
				{"26", "TI-5120", "Hot gas valve body with coil 115 V", "-1", "1"},
				{"26", "TI-5121", "Hot gas valve body with coil 230 V", "-2, -5", "1"},
				{"27", "TI-5130", "High-pressure switch 410 psig", "TI-350A", "1"},
				{"27", "TI-5131", "High-pressure switch 425 psig", "TI-520A", "1"},
				{"27", "TI-5132", "High-pressure switch 350 psig", "W models", "1"},
				{"28", "TI-5140", "Low-pressure switch 6 psig", "TI-350", "1"},
				{"28", "TI-5141", "Low-pressure switch 8 psig", "TI-520", "1"},
				{"29", "TI-5150", "Fan cycling control", "A models", "1"},
				{"30", "TI-5160", "Water regulating valve", "W models", "1"},
			},
		},
		table{
			caption: "Electrical",
			head:    []string{"Item", "Part No.", "Description", "Used on", "Qty"}, widths: []float64{0.7, 1.4, 4.4, 1.8, 0.6},
			rows: [][]string{
				{"40", "TI-4401", "Control board with display", "from serial 2210", "1"},
				{"41", "TI-4410", "Harvest board with lamp H1", "before serial 2210", "1"},
				{"42", "TI-4420", "Contactor, coil 24 V", "all", "1"},
				{"43", "TI-4431", "Transformer 115/24 V 60 VA", "-1", "1"},
				{"43", "TI-4432", "Transformer 230/24 V 60 VA", "-2, -5", "1"},
				{"44", "TI-4440", "Sensor T1, evaporator, 10 kilohm", "all", "1"},
				{"45", "TI-4441", "Sensor T2, discharge", "all", "1"},
				{"46", "TI-4450", "Start capacitor 145-174 µF", "TI-350 -1", "1"},
				{"46", "TI-4451", "Start capacitor 189-227 µF", "TI-520", "1"},
				{"47", "TI-4460", "Fan capacitor 5 µF", "A models", "1"},
				{"48", "TI-4470", "Switch ICE / OFF / CLEAN", "all", "1"},
				{"49", "TI-4480", "Fuse 3.15 A slow, pack of 5", "all", "1"},
			},
		},
	}
}

func iceNotes() []block {
	return []block{
		chapter("Field notes"),
		para("Copies of field notes that are still valid. Originals are with the distributor."),
		table{
			caption: "Field notes in force",
			head:    []string{"Note", "Date", "Subject"}, widths: []float64{1.2, 1.4, 5}, ruling: lines,
			rows: [][]string{
				{"FN-061", "March 2024", "Curtain magnets of lot 24-02 come loose: glue again with neutral silicone"},
				{"FN-066", "October 2024", "TI-520A-2, hum in harvest: rubber sleeve TI-5127 on the hot gas line"},
				{"FN-072", "June 2025", "High altitude: fan cycling control and bin thermostat (next page)"},
			},
		},
		scan{"note", []string{
			"#TARNHOLM FIELD NOTE  FN-072",
			"",
			"To:       all distributors          June 2025",
			"Subject:  Machines above 2,000 ft",
			"",
			"Thin air cools the condenser less and shifts the cut-in of the",
			"fan cycling control and of the bin thermostat.",
			"",
			"#FAN CYCLING CONTROL (turn the screw counter-clockwise)",
			"",
			"   Altitude          Turns",
			"   2,000 ft          1/4",
			"   4,000 ft          1/2",
			"   6,000 ft          3/4",
			"   8,000 ft          1 1/8",
			"",
			"#BIN THERMOSTAT (turn the screw clockwise)",
			"",
			"   Altitude          Turns",
			"   2,000 ft          1/8",
			"   4,000 ft          3/8",
			"   6,000 ft          5/8",
			"   8,000 ft          7/8",
			"",
			"Production falls by 3 percent for each 1,000 ft above 2,000 ft.",
			"Do not charge more refrigerant to make up for it.",
			"",
			"Check with ice on the thermostat bulb: the machine must stop",
			"within 60 seconds.",
			"",
			"                                      H. Tarn, field service",
		}},
	}
}
