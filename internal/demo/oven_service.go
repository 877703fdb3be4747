package demo

func ovenTests() []block {
	return []block{
		chapter("Test mode and component tests"),
		procedure{
			title: "Water rise test", tools: "two 1-litre beakers of glass, thermometer, stop watch", duration: "10 min",
			warnings: []notice{{caution, "Use cold cavity mode (test mode item 6): a hot cavity spoils the reading and can crack the glass."}},
			steps: []step{
				{"Fill both beakers with 1,000 ml of water at 68 ±5 °F (20 ±3 °C) and note the temperature.", ""},
				{"Place both beakers in the middle of the cavity, close the door.", ""},
				{"Run test mode item 6 for 63 seconds at 100 %.", "Magnetron current as in E8"},
				{"Stir and measure both beakers within 30 seconds; add the two rises and divide by 2.", "RX-280: 13 to 16 °F (7.2 to 8.9 °C). RX-440: 24 to 29 °F (13.3 to 16.1 °C)"},
			},
			after: "A rise below these values with normal current means a worn magnetron or wet insulation in the waveguide.",
		},
		procedure{
			title: "High-voltage diode", tools: "9 V battery in series with the meter, discharge stick",
			warnings: []notice{{danger, "Discharge the capacitor before you touch the diode."}},
			steps: []step{
				{"Unplug the oven, wait 5 minutes, discharge the capacitor.", ""},
				{"Remove one lead of the diode.", ""},
				{"Measure with the battery in series, in both directions.", "One direction above 5 V, the other 0 V. Equal readings: replace the diode, part RX-70422"},
			},
		},
		procedure{
			title: "High-voltage capacitor", tools: "capacitance meter, discharge stick",
			warnings: []notice{{danger, "Up to 4,200 V DC. The bleeder resistor may be open: always discharge through the stick."}},
			steps: []step{
				{"Unplug the oven and discharge the capacitor between both terminals and from each terminal to chassis.", ""},
				{"Remove both leads and measure the capacitance.", "RX-280: 1.05 µF ±3 %. RX-440: 1.12 µF ±3 %"},
				{"Measure the resistance between the terminals.", "9 to 11 megohm (bleeder resistor)"},
				{"Measure each terminal to the case.", "infinite"},
			},
		},
		procedure{
			title: "Motor controller output", tools: "true RMS meter, T20 driver",
			warnings: []notice{{warning, "The DC link stays charged to 340 V for 3 minutes after the supply is off."}},
			steps: []step{
				{"Remove the right side panel; start test mode item 4 (blower 100 %).", ""},
				{"Measure between U and V, V and W, U and W.", "180 to 230 V AC, not more than 6 V apart"},
				{"If one pair is low, unplug the motor and measure again.", "Equal now: motor winding. Still low: controller"},
				{"Unplug the oven, wait 3 minutes, measure the motor windings.", "3.1 to 3.7 ohm each, above 10 megohm to chassis"},
			},
		},
		section("Test mode"),
		para("From standby hold the two upper corners of the screen for 5 seconds and enter 9 3 2 7. Leave test mode with EXIT or by closing for 10 minutes. In items 3 to 7 parts are live or turn."),
		table{
			caption: "Test mode items",
			head:    []string{"Item", "Name", "What happens", "Normal reading"}, widths: []float64{0.7, 1.8, 3, 3},
			rows: [][]string{
				{"1", "Sensors", "Cavity, catalyst and compartment temperature are shown", "All within 5 °F (3 °C) of the room when cold"},
				{"2", "Switches", "S1, S2 and S3 are shown as open or closed", "Door closed: S1 closed, S2 closed, S3 open"},
				{"3", "Heater", "K2 closes for 10 s", "RX-280: 10.8 to 12.7 A at 208 V"},
				{"4", "Blower", "Speed in steps of 10 %", "100 %: 6,200 rpm (RX-280), 7,000 rpm (RX-440)"},
				{"5", "Stirrer", "Stirrer motor on", "60 rpm"},
				{"6", "Microwave", "Cold cavity, 100 % for up to 120 s", "Magnetron current, see E8"},
				{"7", "Learn current", "Stores the magnetron current", "VALUE STORED after 20 s"},
				{"8", "Lamps and keys", "Every segment and key in turn", ""},
			},
		},
	}
}

func ovenProcedures() []block {
	return []block{
		chapter("Replacement and adjustment"),
		procedure{
			title: "Replacing a door switch", tools: "T20 driver with pin, long-nose pliers, meter, survey meter", duration: "35 min",
			warnings: []notice{
				{danger, "Unplug the oven and discharge the capacitor. The switches carry line voltage."},
				{caution, "Use only switches with the printed part number. S1 and S2 look alike but open at different travel."},
			},
			steps: []step{
				{"Remove the right side panel (nine T20 screws) and the front corner bracket.", ""},
				{"Photograph the leads, then pull them from the switch by their sleeves.", ""},
				{"Press the two catches of the switch holder and swing the switch out.", ""},
				{"Set the new switch on its pin: S1 (primary) and S2 (secondary) with the lever up, S3 (monitor) with the lever down.", "The catch clicks"},
				{"Connect the leads: COM and NO on S1 and S2, COM and NC on S3.", "Meter: S1 and S2 below 0.2 ohm with the door closed, S3 below 0.2 ohm with the door open"},
				{"Open the door slowly.", "S2 opens first, S1 opens at 0.12 to 0.20 in (3 to 5 mm) of door travel, then S3 closes"},
				{"If the order is different, loosen the holder and move it; 1 turn of the adjusting screw is 0.02 in (0.5 mm).", ""},
				{"Refit bracket and panel, plug in and do the leakage test of section 1.1.", "below 1 mW/cm²"},
			},
		},
		procedure{
			title: "Adjusting the door", tools: "T25 driver, feeler gauge, 0.004 in strip of paper", duration: "20 min",
			warnings: []notice{{warning, "Hot surfaces. Adjust the door cold only: it moves by 0.02 in (0.5 mm) when it warms up."}},
			steps: []step{
				{"Close the door on the strip of paper at the four corners and pull.", "The strip drags evenly"},
				{"Loosen the two T25 screws of each hinge by half a turn.", ""},
				{"Shift the door until the gap is 0.030 to 0.045 in (0.8 to 1.1 mm) on all sides.", ""},
				{"Tighten to 45 in-lb (5.1 N·m) and check the switches in test mode item 2.", ""},
				{"Do the leakage test.", "below 1 mW/cm²"},
			},
		},
		procedure{
			title: "Replacing a magnetron", tools: "5/16 in nut driver, discharge stick, 275 ml water load", duration: "60 min",
			warnings: []notice{
				{danger, "High voltage. Discharge both capacitors on the RX-440 even if only one tube is replaced."},
				{caution, "The magnets are strong: keep tools and watches away and do not knock the antenna."},
			},
			steps: []step{
				{"Remove the right side panel and the air duct.", ""},
				{"Pull the filament plug and the thermostat leads.", ""},
				{"Remove four nuts and take the tube out straight.", ""},
				{"Check that the RF gasket lies flat on the new tube; always use a new gasket.", ""},
				{"Fit the tube, tighten the nuts crosswise to 32 in-lb (3.6 N·m).", ""},
				{"Connect filament, thermostat and duct.", ""},
				{"Learn the current: test mode item 7.", "VALUE STORED. Without this step the oven shows E11"},
				{"Do the leakage test and the water rise test.", ""},
			},
		},
		procedure{
			title: "Replacing the catalyst", tools: "T20 driver, gloves", duration: "15 min",
			warnings: []notice{{warning, "The catalyst stays hot for up to 45 minutes."}},
			steps: []step{
				{"Cool the oven down and remove rack and jet plates.", ""},
				{"Turn the two quarter-turn fasteners at the cavity rear and tilt the catalyst forward.", ""},
				{"Insert the new catalyst with the arrow in the direction of the air (towards the blower).", ""},
				{"Reset the counter CATALYST in SERVICE > COUNTERS.", "0 h"},
			},
		},
		procedure{
			title: "Calibrating the cavity probe", tools: "reference thermometer with type K probe, probe clip", duration: "50 min",
			warnings: []notice{{caution, "Do not close the door on a metal-sheathed probe lead while the microwave can run. Calibrate with the microwave lock in SERVICE set to ON."}},
			steps: []step{
				{"Clip the reference probe to the middle of the rack, 2 in (50 mm) above it.", ""},
				{"Set 500 °F (260 °C) and wait for READY plus 20 minutes.", ""},
				{"Read reference and screen every 2 minutes, five times, and take the mean of each.", ""},
				{"Enter the difference in parameter P05.", "The screen follows within 3 minutes"},
				{"Check again.", "Mean difference not more than 4 °F (2 °C). More than 25 °F (14 °C) of correction: replace the RTD instead"},
			},
		},
	}
}

func ovenSetup() []block {
	return []block{
		chapter("Set-up"),
		section("Parameters"),
		para("SERVICE > SET-UP, PIN 4417. Parameters marked with * are for the factory: do not change them, a wrong value can damage the magnetron."),
		table{
			caption: "Parameters",
			head:    []string{"No.", "Parameter", "Range", "RX-280", "RX-440"}, widths: []float64{0.8, 4, 2, 1.3, 1.3},
			rows: [][]string{
				{"P01", "Language", "EN, FR, ES, DE", "EN", "EN"},
				{"P02", "Temperature unit", "°F, °C", "°F", "°F"},
				{"P03", "Nominal line voltage", "208, 230, 240, 400", "208", "208"},
				{"P04", "Cavity set point", "200 to max.", "500 °F", "520 °F"},
				{"P05", "Cavity probe offset", "-25 to +25 °F", "0", "0"},
				{"P06", "Blower idle speed", "20 to 60 %", "45 %", "43 %"},
				{"P07", "Door-open alarm", "10 to 300 s", "60 s", "60 s"},
				{"P08", "Beeper volume", "0 to 10", "6", "6"},
				{"P09*", "Magnetron current window", "60 to 90 %", "70 %", "70 %"},
				{"P10", "Cool-down end temperature", "100 to 200 °F", "150 °F", "150 °F"},
				{"P11", "Energy saving after 30 min", "0, 1", "1", "1"},
				{"P12", "Filter reminder", "0 to 30 days", "7", "7"},
				{"P13*", "CAN baud rate", "125, 250", "250", "250"},
				{"P14", "Cook with air only on E8", "0, 1", "0", "0"},
				{"P15", "Log interval", "1 to 60 s", "10 s", "10 s"},
				{"P16*", "Second I/O board fitted", "0, 1", "0", "1"},
			},
		},
		section("Supply tap and DIP switches"),
		notice{danger, "Unplug the oven before the tap is moved. A 208 V tap on a 240 V supply overheats the transformer within an hour."},
		para("The transformer tap is on terminal block TB2: the red lead on TB2-1 is for 208 V, on TB2-2 for 240 V. Set P03 to the same value."),
		table{
			caption: "DIP switch S1 on the I/O board",
			head:    []string{"Switch", "OFF", "ON", "Delivered"}, widths: []float64{1, 3, 3, 1.4},
			rows: [][]string{
				{"S1-1", "Bus not terminated", "Bus terminated (last board)", "ON"},
				{"S1-2", "Board address 1", "Board address 2", "OFF"},
				{"S1-3", "60 Hz", "50 Hz", "by variant"},
				{"S1-4", "Normal", "Factory test. Do not change", "OFF"},
			},
		},
		figure{"DIP switch S1 as delivered, board 1, 60 Hz", 110, func(p pen) {
			p.shaded(150, 20, 190, 70, 225)
			for i := range 4 {
				x := 168 + float64(i)*42
				p.box(x, 32, 22, 42)
				up := i == 0
				y := 54.0
				if up {
					y = 34
				}
				p.shaded(x+2, y, 18, 18, 90)
				p.centered(x+11, 86, itoa(i+1))
			}
			p.label(352, 44, "ON")
			p.label(352, 70, "OFF")
		}},
	}
}

func ovenWiring() []block {
	return []block{
		chapter("Wiring"),
		para("Figure 3 shows the RX-280-1 with the door closed and the oven in standby. Lead colours: BK black, RD red, WH white, BU blue, YE yellow, GN/YE protective earth."),
		figure{"Wiring of the RX-280-1", 500, drawOvenWiring},
	}
}

func drawOvenWiring(p pen) {
	// Supply and filter.
	p.label(4, 14, "L1")
	p.label(4, 44, "L2")
	p.label(4, 74, "PE")
	p.path(20, 12, 70, 12)
	p.path(20, 42, 70, 42)
	p.path(20, 72, 70, 72)
	p.box(70, 2, 58, 80)
	p.centered(99, 46, "EMI FILTER")
	p.path(128, 12, 172, 12)
	p.path(128, 42, 460, 42, 460, 470)
	p.path(128, 72, 150, 72, 150, 96)
	p.path(142, 96, 158, 96)
	p.path(145, 99, 155, 99)
	p.path(148, 102, 152, 102)
	p.box(172, 7, 26, 10)
	p.label(176, 28, "F1 10 A")
	p.path(198, 12, 230, 12, 230, 120)
	p.label(234, 22, "BK")
	p.label(400, 38, "RD")
	// 24 V supply and boards.
	p.path(230, 60, 262, 60)
	p.box(262, 50, 84, 42)
	p.centered(304, 68, "24 V DC SUPPLY")
	p.centered(304, 80, "PS1")
	p.path(346, 60, 460, 60)
	p.box(20, 130, 120, 90)
	p.centered(80, 172, "I/O BOARD")
	p.centered(80, 184, "K1  K2  K3")
	p.box(20, 250, 120, 60)
	p.centered(80, 284, "CONTROL BOARD")
	p.path(80, 220, 80, 250)
	p.label(84, 238, "CAN  W12")
	p.dashed(304, 92, 304, 112, 80, 112, 80, 130)
	p.label(180, 108, "24 V DC")
	// Interlocks.
	p.path(230, 120, 230, 140)
	p.contact(206+24, 140)
	p.label(218, 128, "S1")
	p.path(252, 140, 282, 140)
	p.contact(282, 140)
	p.label(288, 128, "S2")
	p.path(306, 140, 340, 140)
	p.box(340, 134, 26, 12)
	p.label(342, 130, "F2 20 A")
	p.path(366, 140, 400, 140, 400, 156)
	p.contact(388, 166)
	p.label(334, 170, "S3 MONITOR")
	p.path(400, 170, 400, 186, 460, 186)
	// Heater.
	p.path(230, 140, 230, 230)
	p.contact(230, 230)
	p.label(236, 218, "K2")
	p.path(252, 230, 300, 230)
	p.box(300, 222, 70, 16)
	p.centered(335, 233, "HEATER 2.6 kW")
	p.path(370, 230, 460, 230)
	// Blower.
	p.path(230, 230, 230, 290, 262, 290)
	p.box(262, 270, 84, 40)
	p.centered(304, 288, "MOTOR CONTROLLER")
	p.path(346, 280, 404, 280)
	p.path(346, 290, 403, 290)
	p.path(346, 300, 404, 300)
	p.motor(417, 290, "M1")
	p.label(372, 276, "U V W")
	p.dashed(140, 290, 200, 290, 200, 320, 304, 320, 304, 310)
	// High voltage.
	p.path(230, 290, 230, 380, 262, 380)
	p.label(234, 350, "K1")
	p.coil(262, 380, 4)
	p.path(294, 380, 300, 380, 300, 470, 460, 470)
	p.coil(262, 400, 4)
	p.label(258, 368, "T1")
	p.path(262, 400, 262, 440, 292, 440)
	p.path(290, 432, 290, 448)
	p.path(295, 432, 295, 448)
	p.path(295, 440, 350, 440)
	p.label(304, 420, "C1 1.05 µF")
	p.box(350, 424, 60, 32)
	p.centered(380, 438, "MAGNETRON")
	p.centered(380, 449, "V1")
	p.path(330, 440, 330, 456)
	p.path(324, 456, 336, 456)
	p.label(338, 464, "D1")
	p.label(30, 350, "J7  cavity RTD")
	p.label(30, 364, "J8  catalyst RTD")
	p.label(30, 378, "J9  magnetron fan 24 V DC")
	p.label(30, 392, "J10 compartment fan 24 V DC")
	p.circle(22, 347, 2)
	p.circle(22, 361, 2)
	p.circle(22, 375, 2)
	p.circle(22, 389, 2)
}

func ovenParts() []block {
	return []block{
		chapter("Parts"),
		figure{"Door and cavity, RX-280 and RX-440", 330, func(p pen) {
			p.slab(40, 200, 150, 90, 60)
			p.slab(230, 170, 120, 10, 60)
			p.slab(230, 215, 120, 8, 60)
			p.slab(230, 265, 120, 18, 60)
			p.box(60, 222, 108, 50)
			p.slab(390, 190, 26, 14, 16)
			p.slab(390, 230, 26, 14, 16)
			p.slab(390, 270, 26, 14, 16)
			p.circle(250, 75, 34)
			p.circle(250, 75, 8)
			p.dashed(250, 109, 270, 140)
			p.dashed(190, 245, 230, 245)
			p.dashed(350, 197, 390, 197)
			p.balloon("1", 60, 190, 30, 140)
			p.balloon("2", 120, 245, 90, 312)
			p.balloon("3", 185, 280, 200, 315)
			p.balloon("4", 300, 160, 340, 110)
			p.balloon("5", 320, 210, 400, 140)
			p.balloon("6", 300, 275, 300, 320)
			p.balloon("7", 405, 190, 450, 170)
			p.balloon("8", 405, 235, 456, 226)
			p.balloon("9", 405, 275, 456, 290)
			p.balloon("10", 276, 55, 330, 40)
		}},
		table{
			caption: "Door and cavity (Figure 4)",
			head:    []string{"Item", "Part number", "Description", "Model", "Qty"}, widths: []float64{0.7, 1.6, 4.4, 1.4, 0.6},
			rows: [][]string{
				{"1", "RX-30101", "Door assembly, complete", "RX-280", "1"},
				{"1", "RX-30102", "Door assembly, complete", "RX-440", "1"},
				{"2", "RX-30115", "Door glass, inner", "all", "1"},
				{"3", "RX-30140", "Hinge set with springs, left and right", "all", "1"},
				{"4", "RX-30511", "Upper jet plate", "RX-280", "1"},
				{"4", "RX-30512", "Upper jet plate", "RX-440", "1"},
				{"5", "RX-30522", "Waveguide cover", "all", "1"},
				{"6", "RX-30540", "Lower jet plate", "all", "1"},
				{"7", "RX-60211", "Switch S1, primary", "all", "1"},
				{"8", "RX-60212", "Switch S2, secondary", "all", "1"},
				{"9", "RX-60213", "Switch S3, monitor", "all", "1"},
				{"10", "RX-50310", "Stirrer with belt", "all", "1"},
				{"11", "RX-30560", "Catalyst", "RX-280", "1"},
				{"11", "RX-30561", "Catalyst", "RX-440", "2"},
				{"12", "RX-30588", "Door choke", "all", "1"},
				{"13", "RX-30590", "Door handle with screws", "all", "1"},
			},
		},
		table{
			caption: "Electrical parts",
			head:    []string{"Item", "Part number", "Description", "Model", "Qty"}, widths: []float64{0.7, 1.6, 4.4, 1.4, 0.6},
			rows: [][]string{
				{"High voltage"},
				{"20", "RX-70401", "Fuse F1, 10 A, 250 V, fast", "all", "1"},
				{"21", "RX-70409", "Fuse F2, 20 A, monitor", "all", "1"},
				{"22", "RX-70417", "Fuse F3, 750 mA, 5 kV", "RX-280", "1"},
				{"22", "RX-70417", "Fuse F3, 750 mA, 5 kV", "RX-440", "2"},
				{"23", "RX-70422", "High-voltage diode D1", "RX-280", "1"},
				{"23", "RX-70422", "High-voltage diode D1", "RX-440", "2"},
				{"24", "RX-70430", "Capacitor 1.05 µF with bleeder", "RX-280", "1"},
				{"24", "RX-70431", "Capacitor 1.12 µF with bleeder", "RX-440", "2"},
				{"25", "RX-70440", "Transformer T1, 208/240 V 60 Hz", "RX-280-1", "1"},
				{"25", "RX-70441", "Transformer T1, 230 V 50 Hz", "RX-280-2", "1"},
				{"25", "RX-70445", "Transformer T1, 208/240 V 60 Hz", "RX-440-1, -4", "2"},
				{"25", "RX-70446", "Transformer T1, 400 V 3N", "RX-440-3", "2"},
				{"26", "RX-70450", "Magnetron with gasket", "RX-280", "1"},
				{"26", "RX-70450", "Magnetron with gasket", "RX-440", "2"},
				{"27", "RX-70458", "Magnetron thermostat 230 °F", "all", "1"},
				{"Control"},
				{"30", "RX-71003", "Control board with screen", "all", "1"},
				{"31", "RX-71020", "I/O board", "RX-280", "1"},
				{"31", "RX-71020", "I/O board", "RX-440", "2"},
				{"32", "RX-71034", "Motor controller", "RX-280", "1"},
				{"32", "RX-71035", "Motor controller", "RX-440", "1"},
				{"33", "RX-71050", "Power supply 24 V DC, PS1", "all", "1"},
				{"34", "RX-71061", "Personality chip U14, state serial number", "all", "1"},
				{"35", "RX-71077", "Bus cable W12", "all", "1"},
				{"36", "RX-71080", "EMI filter", "RX-280", "1"},
				{"36", "RX-71081", "EMI filter", "RX-440", "1"},
				{"37", "RX-71090", "Relay K1 and K2, set", "all", "1"},
				{"Air and heat"},
				{"40", "RX-50101", "Blower motor with wheel", "RX-280", "1"},
				{"40", "RX-50102", "Blower motor with wheel", "RX-440", "1"},
				{"41", "RX-50120", "Compartment fan 24 V DC", "all", "1"},
				{"42", "RX-50122", "Magnetron fan 24 V DC", "all", "1"},
				{"43", "RX-50201", "Impingement heater 2.6 kW", "RX-280", "1"},
				{"43", "RX-50202", "Impingement heater 2.4 kW", "RX-440", "2"},
				{"44", "RX-50230", "Cavity RTD, Pt1000", "all", "1"},
				{"45", "RX-50241", "Limit switch 660 °F, manual reset", "RX-280", "1"},
				{"45", "RX-50242", "Limit switch 690 °F, manual reset", "RX-440", "1"},
				{"46", "RX-11240", "Intake filter", "all", "1"},
				{"47", "RX-11260", "Seal of the right side panel", "all", "1"},
			},
		},
		table{
			caption: "Accessories",
			head:    []string{"Part number", "Description"}, widths: []float64{1.5, 5}, ruling: bare,
			rows: [][]string{
				{"RX-40118", "Perforated cooking mat, pack of 2"},
				{"RX-40121", "Aluminium paddle with side walls"},
				{"RX-40130", "Solid pan, quarter size"},
				{"K-1180", "Stacking kit, RX-280 only"},
				{"RX-40150", "Cart 24 x 30 in with lockable castors"},
				{"RX-40161", "Cleaner, 6 bottles of 32 oz"},
			},
		},
	}
}

func ovenBulletin() []block {
	return []block{
		chapter("Service bulletins"),
		para("Bulletins that were sent after revision B are listed below. SB-RX-0931 is bound in on the next page as it was received."),
		table{
			caption: "Bulletins since revision B",
			head:    []string{"Number", "Date", "Models", "Subject"}, widths: []float64{1.4, 1.2, 1.2, 4}, ruling: lines,
			rows: [][]string{
				{"SB-RX-0904", "Feb 2025", "RX-280", "E14: stirrer belts of lot 2411 stretch; replace with RX-50310"},
				{"SB-RX-0917", "May 2025", "all", "Software 3.12: E17 no longer shown for dips shorter than 3 s"},
				{"SB-RX-0931", "Sep 2025", "RX-440", "E3 after the filter was changed"},
				{"SB-RX-0940", "Nov 2025", "RX-440-3", "Torque of the supply terminals TB1: 22 in-lb (2.5 N·m), check on every visit"},
			},
		},
		scan{"bulletin", []string{
			"#CINDERVALE  -  SERVICE BULLETIN  SB-RX-0931",
			"",
			"Date:     12 SEP 2025",
			"Models:   RX-440, serial 44-20117 to 44-23950",
			"Subject:  E3 after the filter was changed",
			"",
			"#COMPLAINT",
			"Ovens with the new foam filter (grey) show E3 within 20 minutes of",
			"heavy cooking. The magnetron thermostats are good.",
			"",
			"#CAUSE",
			"The foam of lot 2508 swells when it is washed above 120 F and lets",
			"only half of the air through.",
			"",
			"#REMEDY",
			"1. Replace the foam filter by the metal mesh filter RX-11244.",
			"2. Set parameter P06 (blower idle speed) to 52 %.",
			"3. Check the air at the magnetron exhaust with a vane meter:",
			"   at least 310 ft/min in idle.",
			"4. Measure the fan supply at J9: 23.5 to 24.5 V DC.",
			"",
			"#PARTS",
			"   RX-11244   Filter, metal mesh          1",
			"   RX-11251   Clip for metal filter       2",
			"",
			"#WARRANTY",
			"Labour 0.5 h, code WF-31, until 30 SEP 2026.",
			"",
			"#CAUTION: do not run the oven without a filter, not even for a test.",
			"",
			"",
			"                                  Cindervale Technical Service",
		}},
	}
}
