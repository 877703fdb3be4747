package demo

func ovenErrors() []block {
	return []block{
		chapter("Error codes"),
		para("A fault stops the microwave and, where it says so, the heater. The code stays on the screen until the fault is gone and the key OK is touched; the last 32 codes with date, time and cavity temperature are in SERVICE > FAULT LOG. E18 is shown with a two-digit sub-code; see chapter 6."),
		table{
			caption: "Error codes E1 to E24",
			fields:  "code meaning cause remedy", head: []string{"Code", "Meaning", "Possible cause", "Remedy"}, widths: []float64{0.8, 2, 3, 4}, size: 8.5,
			rows: [][]string{
				{"E1", "Blower speed too low. Speed below 85 % of the commanded value for 5 s.", "Jet plate or blower wheel clogged with grease\nBlower motor bearing worn\nMotor controller in current limit", "Remove and wash the lower jet plate.\nTurn the blower wheel by hand, oven unplugged: it must coast at least 3 turns.\nMeasure the motor controller output (section 8.4): 180 to 230 V AC between each pair of U, V, W."},
				{"E2", "Blower speed too high or not steady.", "Hall sensor cable loose at J5\nMotor controller defective", "Reseat J5 and check for 5 V DC between J5-1 and J5-3.\nReplace the motor controller."},
				{"E3", "Magnetron over-temperature. Thermostat on magnetron 1 (RX-280) or 1 / 2 (RX-440) is open.", "Intake filter blocked\nMagnetron cooling fan stopped\nThermostat defective", "Clean the intake filter.\nCheck that the fan has 24 V DC at J9 and turns.\nWith the magnetron below 140 °F (60 °C) the thermostat must read below 1 ohm; replace it if it is open."},
				{"E4", "Low temperature. Cavity below 300 °F (149 °C) after 25 min of warm-up.", "Heater open\nHeater relay K2 not closing\nOne leg of the supply missing\nManual-reset limit switch tripped", "Measure the heater (Table 5).\nCheck 24 V DC at the coil of K2 while warming up.\nMeasure the line voltage at terminal block TB1: 197 to 252 V.\nReset the limit switch at the rear; find out why it tripped."},
				{"E5", "Cavity RTD open. Reading above 650 °F (343 °C) or no signal.", "RTD plug J7 loose\nRTD lead broken at the cavity wall", "Reseat J7.\nMeasure the RTD: 1,082 ohm at 70 °F (21 °C). Replace it if it is open or more than 2 % off."},
				{"E6", "Cavity over-temperature.\nRX-280: above 575 °F (302 °C)\nRX-440: above 600 °F (316 °C)", "Grease fire in the cavity\nHeater relay K2 welded\nRTD out of its clip", "Keep the door closed and unplug the oven until it has cooled.\nUnplug and measure across the contact of K2: it must be open.\nPush the RTD fully into its clip at the cavity roof."},
				{"E7", "Cavity RTD shorted. Reading below 32 °F (0 °C).", "Pinched RTD lead\nWater in plug J7", "Inspect the lead where it passes the insulation.\nDry the plug, replace corroded pins."},
				{"E8", "Magnetron current low. Below 70 % of the stored value for 2 s. Cooking goes on with air only when P14 is 1.", "Magnetron aged\nHigh-voltage diode shorted\nHigh-voltage fuse open\nLine voltage low", "Run test mode item 6 and read the current: 300 to 360 mA (RX-280), 310 to 380 mA for each tube (RX-440).\nTest the diode (section 8.2).\nReplace the fuse F3, 750 mA 5 kV, part RX-70417.\nMeasure the line under load."},
				{"E9", "Electric compartment too hot.\nRX-280: above 158 °F (70 °C)\nRX-440: above 167 °F (75 °C)", "Intake filter missing or blocked\nOven stands too close to a fryer or wall\nCompartment fan stopped", "Clean or refit the filter.\nRestore the clearances of Table 7.\nReplace the compartment fan if it does not turn with 24 V DC at J10."},
				{"E10", "Magnetron current high. Above 125 % of the stored value.", "High-voltage capacitor shorted\nArcing in the waveguide\nMagnetron shorted", "Measure C1 (section 8.3).\nRemove the waveguide cover and look for burn marks.\nMeasure magnetron filament to chassis: it must be infinite."},
				{"E11", "Stored magnetron current invalid.", "Magnetron replaced without learning the value", "Run test mode item 7 (learn current) with 275 ml of water in the cavity."},
				{"E12", "Door interlock. Primary and secondary switch disagree for more than 0.4 s.", "Primary switch S1 sticking\nDoor out of adjustment\nLatch hook worn", "Read the switches in test mode item 2.\nReplace the door switch (section 9.1).\nAdjust the door (section 9.2)."},
				{"E13", "Monitor switch fault. Monitor fuse F2 open.", "Primary switch S1 welded\nMonitor switch S3 wired wrongly", "Replace S1 and S3 together, then fuse F2, 20 A, part RX-70409. Never replace the fuse alone."},
				{"E14", "Stirrer does not turn.", "Stirrer belt broken\nStirrer motor open", "Look through the upper jet plate with a mirror while test mode item 5 runs.\nMeasure the motor: 2.3 kilohm."},
				{"E15", "Catalyst temperature low at the end of warm-up. Information only.", "Catalyst clogged\nCatalyst RTD off", "Soak the catalyst in hot water with detergent for 30 min; replace it every 3 years.\nCheck RTD 2 at J8."},
				{"E16", "Mains frequency out of range. Below 47 Hz or above 63 Hz.", "Generator supply\nControl board defective", "Measure the frequency.\nIf it is in range, replace the control board."},
				{"E17", "Line voltage out of range. Below 190 V or above 262 V for 3 s in cooking.", "Supply too weak\nP03 does not match the supply", "Measure at TB1 in cooking.\nSet P03 to the measured nominal voltage and check the transformer tap (section 10.2)."},
				{"E18", "Internal communication fault, shown as E18-01 to E18-14.", "See the sub-code in chapter 6", "See chapter 6, Table 10."},
				{"E19", "Real-time clock lost its time.", "Battery BT1 empty", "Replace the battery CR2032 on the control board and set the clock."},
				{"E20", "Fault log or recipe memory damaged.", "Power lost while a menu was loading", "Load the menu again from USB.\nIf E20 comes back, replace the control board; move the personality chip U14 to the new board."},
				{"E21", "Software version of control and motor controller do not match.", "Board replaced without update", "Update both from one USB drive: SERVICE > UPDATE ALL."},
				{"E22", "Menu file is not for this model.", "Wrong file on the drive", "Use files for RX-280 or RX-440 as the rating plate says."},
				{"E23", "Compartment humidity high.", "Steam cleaner or hose used\nSeal of the right panel missing", "Dry the compartment with the panel off for 2 h, oven unplugged.\nReplace the panel seal, part RX-11260."},
				{"E24", "Service due: 500 magnetron hours or 12 months.", "Counter expired", "Do the yearly service, then reset the counter in SERVICE > COUNTERS. E24 does not stop cooking."},
			},
		},
		notice{caution, "Clearing a code does not clear its cause. An oven that shows E6, E10, E12 or E13 twice in a day must be taken out of use."},
		section("Codes without the letter E"),
		table{
			caption: "Other messages",
			fields:  "code meaning remedy", head: []string{"Message", "Meaning", "Remedy"}, widths: []float64{1.3, 2.4, 4},
			rows: [][]string{
				{"DOOR OPEN", "Door open for more than 60 s in ready state.", "Close the door. If the door is closed, test S2 in test mode item 2."},
				{"FILTER", "Intake filter reminder, every 7 days.", "Clean the filter and touch DONE. The reminder can be set with P12."},
				{"Err 7", "USB drive cannot be read.", "Format the drive as FAT32 with 8 GB or less."},
				{"LOCKED", "Keypad locked by the manager.", "Hold the logo for 8 seconds, enter the manager PIN."},
			},
		},
	}
}

func ovenSubCodes() []block {
	return []block{
		chapter("Sub-codes of E18"),
		para("E18 says that the control board has lost contact with one of its partners on the internal bus (CAN, 250 kbit/s) or with a part of itself. The two digits after the dash name the partner. Always write the full code in the service record: E18 without its sub-code says nothing."),
		notice{warning, "Plugs on the bus carry 24 V DC from the power supply. Disconnect the oven before a plug is pulled: hot plugging has destroyed transceivers."},
		table{
			caption: "E18 sub-codes",
			fields:  "code other meaning remedy", parent: "E18", head: []string{"Sub-code", "Partner", "What is wrong", "Do this"}, widths: []float64{1, 1.8, 2.6, 4}, size: 8.5,
			rows: [][]string{
				{"01", "Motor controller", "No answer within 200 ms", "Check the LED on the motor controller: it must flash once a second. No light: measure 24 V DC at MC-J1. Light on steadily: replace the controller."},
				{"02", "Motor controller", "Checksum errors above 5 %", "Reseat both ends of bus cable W12. Keep it 2 in (50 mm) away from the heater leads."},
				{"03", "Motor controller", "DC link voltage low, below 250 V", "Measure the line. Replace the controller if the line is good."},
				{"04", "Motor controller", "Heat sink above 194 °F (90 °C)", "Clean the heat sink; check the compartment fan."},
				{"05", "I/O board", "No answer", "Check fuse F5 (2 A) and the green LED D4 on the I/O board."},
				{"06", "I/O board", "Relay feedback does not match", "Replace the I/O board. A welded relay K1 shows 06 only while the door is open."},
				{"07", "I/O board", "Analog reference out of range: not 2.49 to 2.51 V", "Unplug J7, J8 and J9 one after the other; if the code clears, the sensor on that plug is shorted to chassis. Otherwise replace the I/O board."},
				{"08", "Touch screen", "No answer", "Reseat ribbon cable W3. Replace the screen if 5 V DC is present at its plug."},
				{"09", "Touch screen", "Touch controller stuck", "Clean the edge of the glass; grease under the bezel holds a key down."},
				{"10", "Second I/O board (RX-440 only)", "No answer", "Check that address switch S1-2 is ON on the second board."},
				{"11", "Second I/O board (RX-440 only)", "Both boards have the same address", "Set S1-2 to OFF on board 1 and ON on board 2."},
				{"12", "Personality chip U14", "Not found", "Seat the chip; pin 1 points to the battery."},
				{"13", "Personality chip U14", "Model does not match the I/O boards", "The chip was moved from the other model. Order a chip for this serial number."},
				{"14", "Bus", "Short on the bus", "Unplug the partners one by one. Bus resistance with all plugged in, power off: 55 to 65 ohm between CAN-H and CAN-L."},
			},
		},
		section("Lamps on the boards"),
		para("Without a screen the boards still tell their state. Remove the right side panel and look at the lamps with the oven in standby."),
		table{
			caption: "Board lamps",
			fields:  "code code meaning", head: []string{"Lamp", "Pattern", "State"}, widths: []float64{1.6, 2.4, 4}, ruling: lines,
			rows: [][]string{
				{"Motor controller LED", "1 flash per second", "Normal"},
				{"Motor controller LED", "2 flashes, pause", "Under-voltage"},
				{"Motor controller LED", "3 flashes, pause", "Over-current: motor cable or winding shorted"},
				{"Motor controller LED", "4 flashes, pause", "Over-temperature"},
				{"Motor controller LED", "steady", "Controller defective"},
				{"I/O board D4 green", "on", "24 V present"},
				{"I/O board D5 amber", "flickers", "Bus traffic"},
				{"I/O board D6 red", "on", "Watchdog has stopped the relays"},
			},
		},
	}
}

func ovenSymptoms() []block {
	return []block{
		chapter("Troubleshooting by symptom"),
		para("Use these tables when no code is shown. Work from the top of each row to the bottom: causes are in the order in which they were found in the field."),
		table{
			caption: "Oven in general",
			head:    []string{"Symptom", "Cause", "Remedy"}, widths: []float64{2, 2.4, 3.6},
			rows: [][]string{
				{"Screen stays dark", "No supply", "Check breaker and plug."},
				{above, "Fuse F1 open", "Replace F1 (10 A, part RX-70401). If it blows again, unplug the 24 V supply and test it alone."},
				{above, "Limit switch of the power supply", "Let the compartment cool; the switch closes at 122 °F (50 °C)."},
				{"Breaker trips at once", "EMI filter shorted", "Measure line to chassis: above 1 megohm."},
				{above, "Moisture in the heater", "Dry out: 30 min at 250 °F (121 °C) on a circuit without GFCI, supervised."},
				{"Breaker trips when cooking starts", "High-voltage transformer or capacitor shorted", "Disconnect the primary T1-1; if the breaker holds, test transformer, capacitor and diode (chapter 8)."},
				{"Oven runs, food stays cold in the middle", "No microwave energy", "Run the water rise test (section 8.1)."},
				{above, "Recipe with microwave level 0", "Compare the recipe with the menu card."},
				{"Food browned on one side only", "Stirrer slow or stopped", "Test mode item 5. Stirrer speed is 60 rpm."},
				{above, "Jet plate seated wrongly", "The notch of the lower jet plate points to the rear left."},
				{"Sparks in the cavity", "Metal pan or foil", "Explain to the operator."},
				{above, "Burnt waveguide cover", "Replace the cover, part RX-30522, and clean the opening."},
				{"Smoke from the front", "Catalyst clogged", "Clean or replace the catalyst (section 9.4)."},
				{"Door must be slammed", "Hinge spring broken or hook bent", "Replace the hinge set; adjust (section 9.2)."},
				{"Loud whine", "Blower wheel unbalanced by grease", "Clean the wheel; replace the blower if the whine stays."},
				{"Touch is off by a key", "Screen not calibrated", "SERVICE > TOUCH: touch the three crosses with a stylus."},
			},
		},
		table{
			caption: "Cooking results",
			head:    []string{"Complaint", "Check", "Correction"}, widths: []float64{2, 2.6, 3.4}, ruling: bare, plain: true,
			rows: [][]string{
				{"Too dark on top", "Air speed of the last stage", "Lower in steps of 10 %"},
				{"Bottom pale and wet", "Parchment or mat without holes", "Use the perforated mat, part RX-40118"},
				{"Cheese not melted", "Product colder than 38 °F (3 °C)", "Add 10 s to stage 1"},
				{"Rubbery bread", "Too much microwave", "Lower stage 2 by 20 %"},
				{"Different from oven to oven", "P03 and the line voltage", "Set P03 to the measured nominal voltage"},
				{"First order of the day cold", "Soak time after warm-up", "Wait for READY, not for the temperature"},
			},
		},
	}
}
