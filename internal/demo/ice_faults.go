package demo

func iceCodes() []block {
	return []block{
		chapter("Codes and lamps"),
		para("The display shows three to four characters. Behind the front panel the harvest board shows the same faults by its red lamp H1, for machines without display (before serial 2210). Count the flashes between two pauses."),
		table{
			caption: "Display codes",
			fields:  "code meaning cause remedy", head: []string{"Display", "Meaning", "Possible cause", "What to do"}, widths: []float64{0.9, 2.2, 2.8, 4}, size: 9.5,
			rows: [][]string{
				{"HI-P", "High-pressure switch open.\nTI-350A: 410 psig\nTI-520A: 425 psig\nW models: 350 psig", "Condenser dirty\nFan stopped\nRoom above 100 °F (38 °C)\nNo condenser water (W)\nOvercharge", "Clean the condenser with brush and vacuum cleaner; straighten bent fins.\nTurn the fan blade by hand; measure the fan capacitor, 5 µF ±6 %.\nW models: open the valve, clean the strainer, set the regulating valve (section 9.3).\nRecover and weigh the charge."},
				{"LO-P", "Low-pressure switch open for more than 10 s after the first 90 s.", "Loss of refrigerant\nTXV stuck closed\nDrier blocked", "Look for oil spots; search with nitrogen and leak detector.\nWarm the TXV body with a hot towel: if the pressure rises there is moisture, replace the drier.\nA drop of more than 3 °F (2 °C) over the drier: replace it."},
				{"Err 1", "Evaporator sensor T1 open or shorted.", "Plug J4 loose\nSensor broken", "Measure T1: 10.0 kilohm at 77 °F (25 °C), 32.7 kilohm at 32 °F (0 °C)."},
				{"Err 2", "Discharge sensor T2 above 250 °F (121 °C).", "Low charge\nCondenser dirty\nCompressor valves worn", "Measure superheat and charge.\nClean the condenser.\nDo the compressor test (section 9.4)."},
				{"Err 3", "Long freeze: three cycles of more than 35 min.", "Thickness probe scaled or set too wide\nHot gas valve leaks\nWater running all the time\nLow charge", "Clean the probe, set the gap to 9/32 in (7 mm) (section 9.1).\nFeel the line after the hot gas valve in freeze: hot means it leaks, replace it.\nClose the tap in freeze; if the cycle gets short, replace the inlet valve.\nCompare the pressures with chapter 8."},
				{"Err 4", "Long harvest: the curtain did not open within 3.5 min, twice.", "Machine not level\nEvaporator scaled\nBin switch defective\nHot gas valve does not open\nBridge too thin", "Level the machine.\nClean with acid (section 5.1).\nHold the magnet to the switch: the lamp BIN must change.\nMeasure the coil of the valve: 115 V 330 ohm, 230 V 1,290 ohm, both ±10 %.\nIncrease the bridge."},
				{"Err 5", "No water: float switch open after 5 min of fill.", "Tap closed or filter blocked\nInlet valve coil open\nFloat stuck\nDump valve open", "Check for 20 psig at least.\nMeasure the coil: 24 V AC, 16 ohm.\nClean the float.\nLook for water at the drain during fill."},
				{"Err 6", "Float switch closed for all of the freeze cycle.", "Float stuck with scale\nInlet valve leaks", "Clean the float.\nClose the tap and see whether the level falls."},
				{"Err 7", "Thickness probe shorted: contact in the first 10 s of three freeze cycles.", "Probe wet with scale\nProbe lead chafed", "Clean the probe in cleaner.\nUnplug J6: if Err 7 goes, replace the probe."},
				{"Err 8", "Drain fault. Reservoir not empty after 90 s of purge.", "Dump valve coil open\nDrain frozen or kinked", "Measure the coil: 24 V AC, 13 ohm.\nClear the drain."},
				{"Err 9", "Voltage out of range for 10 s.", "Supply\nTransformer tap", "Measure with the compressor running: plate ±10 %."},
				{"Err 10", "Control board memory.", "Surge", "Power off for 1 min. If Err 10 stays, replace the board and set SW2."},
				{"Err 11", "Door panel switch open more than 10 min.", "Front panel missing", "Refit the panel; check the magnet."},
				{"Err 12", "Cleaning stopped before its end.", "Switch moved during CLEAN", "Repeat the rinse: hold CLEAN for 3 s. The machine makes no ice until it is rinsed."},
			},
		},
		section("Lamp H1 on the harvest board"),
		table{
			caption: "Flashes of H1",
			fields:  "code meaning remedy", head: []string{"Flashes", "Same as", "First check"}, widths: []float64{1.6, 1.3, 4},
			rows: [][]string{
				{"1 flash", "Err 1", "Plug J4 of the evaporator sensor"},
				{"2 flashes", "Err 2", "Condenser and charge"},
				{"3 flashes", "Err 3", "Thickness probe"},
				{"4 flashes", "Err 4", "Level, scale, bin switch"},
				{"5 flashes", "Err 5", "Water supply"},
				{"6 flashes", "HI-P", "Condenser, fan; W: water"},
				{"7 flashes", "LO-P", "Leak"},
				{"steady on", "Board", "Replace the harvest board, part TI-4410"},
				{"off", "No supply", "Fuse F1 (3.15 A slow) on the board; 24 V AC at J1"},
			},
		},
	}
}

func iceSymptoms() []block {
	return []block{
		chapter("Troubleshooting"),
		table{
			caption: "Machine does not run",
			head:    []string{"Symptom", "Cause", "Remedy"}, widths: []float64{2, 2.6, 3.6},
			rows: [][]string{
				{"No lamp, no display", "No voltage", "Check breaker and disconnect switch."},
				{above, "Fuse F1 on the board open", "Replace it, 3.15 A slow; find the shorted coil first."},
				{"Display on, compressor hums and trips", "Start relay or start capacitor", "TI-350: 145 to 174 µF. TI-520: 189 to 227 µF."},
				{above, "Low voltage", "Measure at the compressor while it starts: not more than 10 % below the plate."},
				{"Compressor silent", "Overload open", "Wait 60 min; measure C to R and C to S."},
				{above, "Contactor coil open", "24 V AC, 9 to 12 ohm."},
				{"Stops with an empty bin", "Curtain held open by a cube", "Remove the cube; check that the curtain swings free."},
				{above, "Bin switch magnet lost", "Replace the curtain magnet, part TI-2217."},
			},
		},
		table{
			caption: "Ice quality",
			head:    []string{"Symptom", "Cause", "Remedy"}, widths: []float64{2, 2.6, 3.6}, ruling: bare,
			rows: [][]string{
				{"Cubes hollow or thin", "Freeze ends too early", "Widen the probe gap by 1/32 in"},
				{"Slab too thick", "Probe gap too wide or probe scaled", "Clean the probe, set 9/32 in"},
				{"Cubes thin at the outlet end", "Low charge or TXV starving", "Check superheat, 6 to 12 °F"},
				{"Thin at the top only", "Distribution tube clogged", "Clean the holes with a 1/8 in brush"},
				{"Cloudy cubes", "Minerals in the sump", "Set SW2-4 to ON for a purge in every cycle"},
				{"Bad taste", "Filter old, bin not sanitized", "Replace the filter, sanitize"},
				{"Slush in the sump", "Pre-chill missing or warm water", "Check the pump start delay of 30 s"},
				{"Ice sticks, cubes melt in harvest", "Scale on the evaporator", "Clean; replace if the plating peels"},
			},
		},
		table{
			caption: "Low production",
			head:    []string{"Symptom", "Cause", "Remedy"}, widths: []float64{2, 2.6, 3.6}, ruling: lines,
			rows: [][]string{
				{"Less ice than the chart", "Condenser dirty", "Clean; check the filter behind the left louvre."},
				{"", "Water inlet valve leaks in freeze", "Close the tap in freeze and watch the level."},
				{"", "Room hotter than at installation", "Compare with the chart for the real air temperature before parts are replaced."},
				{"Freeze time normal, harvest long", "Hot gas valve weak", "Measure the harvest suction pressure: below 70 psig the valve opens partly."},
				{"Water-cooled: high water bill", "Regulating valve scaled open", "Outlet colder than 95 °F (35 °C): adjust or replace the valve."},
				{"Noisy in freeze", "Pump bearing dry or sump empty", "Check the float; replace the pump, part TI-3304."},
			},
		},
	}
}

func iceCharts() []block {
	pressures := func(model string, rows [][]string) table {
		return table{
			caption: "Operating pressures, " + model,
			head:    []string{"Air at condenser", "Head, freeze", "Suction, freeze start to end", "Head, harvest", "Suction, harvest"},
			widths:  []float64{1.7, 1.8, 2.2, 1.6, 1.6}, rows: rows,
		}
	}
	production := func(model string, rows [][]string) table {
		return table{
			caption: "Ice in lb per 24 h, " + model,
			head:    []string{"Air °F (°C)", "Water 50 °F (10 °C)", "Water 70 °F (21 °C)", "Water 90 °F (32 °C)"},
			widths:  []float64{1.6, 2, 2, 2}, ruling: lines, rows: rows,
		}
	}
	return []block{
		chapter("Charts"),
		para("Pressures are gauge pressures in psig, read 1 minute after the start of freeze and 1 minute before its end, with a clean condenser and panels on. A machine is good when head and suction lie within the printed range."),
		pressures("TI-350A", [][]string{
			{"50 °F (10 °C)", "195 - 240", "52 - 30 to 26", "140 - 165", "75 - 95"},
			{"70 °F (21 °C)", "200 - 245", "54 - 32 to 27", "145 - 175", "80 - 100"},
			{"80 °F (27 °C)", "230 - 270", "56 - 33 to 28", "155 - 185", "85 - 105"},
			{"90 °F (32 °C)", "265 - 305", "60 - 35 to 29", "170 - 200", "90 - 112"},
			{"100 °F (38 °C)", "305 - 350", "66 - 38 to 31", "185 - 215", "98 - 120"},
		}),
		pressures("TI-520A", [][]string{
			{"50 °F (10 °C)", "200 - 250", "50 - 28 to 22", "135 - 160", "70 - 90"},
			{"70 °F (21 °C)", "205 - 255", "52 - 29 to 23", "140 - 170", "75 - 95"},
			{"80 °F (27 °C)", "240 - 280", "55 - 31 to 24", "150 - 180", "80 - 100"},
			{"90 °F (32 °C)", "275 - 315", "58 - 32 to 25", "165 - 195", "86 - 108"},
			{"100 °F (38 °C)", "315 - 365", "63 - 35 to 27", "180 - 212", "92 - 115"},
		}),
		table{
			caption: "Operating pressures, TI-350W and TI-520W",
			head:    []string{"Model", "Condenser water", "Head, freeze", "Suction at end of freeze", "Suction, harvest"},
			widths:  []float64{1.3, 1.8, 1.8, 2.2, 1.8},
			rows: [][]string{
				{"TI-350W", "50 °F (10 °C)", "230 - 240", "26 - 28", "78 - 98"},
				{above, "70 °F (21 °C)", "230 - 240", "27 - 29", "80 - 100"},
				{above, "90 °F (32 °C)", "235 - 250", "28 - 31", "84 - 105"},
				{"TI-520W", "50 °F (10 °C)", "235 - 245", "21 - 23", "72 - 92"},
				{above, "70 °F (21 °C)", "235 - 245", "22 - 24", "75 - 95"},
				{above, "90 °F (32 °C)", "240 - 258", "23 - 26", "80 - 100"},
			},
		},
		production("TI-350A", [][]string{
			{"70 (21)", "352", "325", "290"},
			{"80 (27)", "330", "304", "272"},
			{"90 (32)", "305", "281", "251"},
			{"100 (38)", "274", "252", "226"},
		}),
		production("TI-520A", [][]string{
			{"70 (21)", "524", "485", "436"},
			{"80 (27)", "495", "457", "411"},
			{"90 (32)", "458", "422", "380"},
			{"100 (38)", "414", "381", "343"},
		}),
		table{
			caption: "Freeze time in minutes, water 70 °F (21 °C)",
			head:    []string{"Air °F (°C)", "TI-350A", "TI-350W", "TI-520A", "TI-520W"}, widths: []float64{1.6, 1.5, 1.5, 1.5, 1.5},
			rows: [][]string{
				{"70 (21)", "11.8 - 13.4", "11.5 - 13.0", "12.4 - 14.2", "12.0 - 13.7"},
				{"80 (27)", "12.8 - 14.6", "11.6 - 13.1", "13.5 - 15.3", "12.1 - 13.8"},
				{"90 (32)", "14.1 - 16.0", "11.8 - 13.3", "14.9 - 16.9", "12.3 - 14.0"},
				{"100 (38)", "16.0 - 18.2", "12.0 - 13.6", "16.9 - 19.3", "12.6 - 14.3"},
			},
		},
		table{
			caption: "Sensor T1 and T2 resistance",
			head:    []string{"°F", "°C", "kilohm", "°F", "°C", "kilohm"}, widths: []float64{1, 1, 1.4, 1, 1, 1.4}, plain: true,
			rows: [][]string{
				{"0", "-18", "85.5", "86", "30", "8.06"},
				{"14", "-10", "55.3", "104", "40", "5.33"},
				{"32", "0", "32.7", "140", "60", "2.49"},
				{"50", "10", "19.9", "176", "80", "1.26"},
				{"68", "20", "12.5", "212", "100", "0.68"},
				{"77", "25", "10.0", "248", "120", "0.39"},
			},
		},
	}
}
