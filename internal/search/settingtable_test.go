package search_test

import (
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

func TestTablesOfSettingsAreReadByWhatTheirColumnsHold(t *testing.T) {
	l := newLibrary(t)
	for _, c := range []struct {
		name string
		page pdf.Page
		want []string
	}{
		{
			"a row for each position, the switch spans them",
			sheet(1, "DIP switch settings", table{{"Switch", "Position", "Function"}, {"1", "ON", "Cooling only"}, {spans, "OFF", "Heat pump"}, {"2", "ON", "Remote"}, {spans, "OFF", "Local"}}),
			[]string{"1|ON=Cooling only|OFF=Heat pump", "2|ON=Remote|OFF=Local"},
		},
		{
			"a row for each position, the switch repeated",
			sheet(1, "DIP switch settings", table{{"Switch", "Setting", "Description"}, {"SW1-1", "ON", "Cooling only"}, {"SW1-1", "OFF", "Heat pump"}, {"SW1-2", "ON", "Remote"}, {"SW1-2", "OFF", "Local"}}),
			[]string{"SW1-1|ON=Cooling only|OFF=Heat pump", "SW1-2|ON=Remote|OFF=Local"},
		},
		{
			"a row for each position, the switch printed once",
			sheet(1, "DIP switch settings", table{{"Dip switch", "Setting", "Description"}, {"SW1-1", "ON", "Cooling only"}, {"", "OFF", "Heat pump"}, {"SW1-2", "ON", "Remote"}, {"", "OFF", "Local"}}),
			[]string{"SW1-1|ON=Cooling only|OFF=Heat pump", "SW1-2|ON=Remote|OFF=Local"},
		},
		{
			"positions without headings",
			sheet(1, "DIP switch SW1", table{{"1", "ON", "Cooling only"}, {"", "OFF", "Heat pump"}, {"2", "ON", "Remote"}, {"", "OFF", "Local"}}),
			[]string{"1|ON=Cooling only|OFF=Heat pump", "2|ON=Remote|OFF=Local"},
		},
		{
			"numbers of functions and of their settings",
			sheet(1, "Function settings", table{{"Function", "Settings", "Mode No.", "Setting No.", "Initial setting"}, {"Automatic restart", "Not available", "01", "1", ""}, {"", "Available", "", "2", "yes"}}),
			[]string{"Automatic restart|default=2|1=Not available|2=Available|Mode No.=01"},
		},
		{
			"parameters without headings",
			sheet(1, "Parameters", table{{"P01", "Hysteresis", "1 to 10 K", "3 K"}, {"P02", "Fan delay", "0 to 120 s", "30 s"}, {"P03", "Pump mode", "0 to 3", "1"}}),
			[]string{"P01|title=Hysteresis|range=1 to 10 K|=3 K", "P02|title=Fan delay|range=0 to 120 s|=30 s", "P03|title=Pump mode|range=0 to 3|=1"},
		},
		{
			"values that the description tells",
			sheet(1, "Parameters", table{{"Parameter", "Description", "Default"}, {"H10", "Pump mode: 0 = ordinary, 1 = intermittent", "0"}, {"H11", "Key lock: 0 = no, 1 = yes", "1"}}),
			[]string{"H10|default=0|0=ordinary|1=intermittent|meaning=Pump mode: 0 = ordinary, 1 = intermittent", "H11|default=1|0=no|1=yes|meaning=Key lock: 0 = no, 1 = yes"},
		},
		{
			"a menu",
			sheet(1, "Service menu", table{{"Menu item", "Options", "Default"}, {"Units", "°C, °F", "°C"}, {"Buzzer", "On, Off", "On"}}),
			[]string{"Units|default=°C|range=°C, °F", "Buzzer|default=On|range=On, Off"},
		},
		{
			"names of functions with factory setting and range",
			sheet(1, "Controls", table{{"Parameter", "Factory setting", "Range"}, {"Hot water temperature", "50 °C", "40 to 60 °C"}, {"Legionella", "Off", "On, Off"}}),
			[]string{"Hot water temperature|default=50 °C|range=40 to 60 °C", "Legionella|default=Off|range=On, Off"},
		},
		{
			"codes of parameters, which have a default",
			sheet(1, "Advanced", table{{"Code", "Description", "Range", "Default"}, {"d1", "Defrost interval", "20 to 90 min", "45"}, {"d2", "Defrost end", "1 to 25 °C", "12"}}),
			[]string{"d1|default=45|range=20 to 90 min|meaning=Defrost interval", "d2|default=12|range=1 to 25 °C|meaning=Defrost end"},
		},
		{
			"German",
			sheet(1, "Parameterliste", table{{"Nr.", "Bezeichnung", "Einstellbereich", "Werkseinstellung"}, {"P1", "Hysterese", "1 bis 10 K", "3 K"}, {"P2", "Nachlauf", "0 bis 120 s", "30 s"}}),
			[]string{"P1|default=3 K|range=1 bis 10 K|meaning=Hysterese", "P2|default=30 s|range=0 bis 120 s|meaning=Nachlauf"},
		},
		{
			"Spanish",
			sheet(1, "Parámetros de usuario", table{{"Parámetro", "Descripción", "Rango", "Valor de fábrica"}, {"F1", "Histéresis", "1 a 10 K", "3 K"}, {"F2", "Retardo", "0 a 120 s", "30 s"}}),
			[]string{"F1|default=3 K|range=1 a 10 K|meaning=Histéresis", "F2|default=30 s|range=0 a 120 s|meaning=Retardo"},
		},
		{"faults with a range", sheet(1, "Error codes", table{{"Code", "Description", "Range"}, {"E1", "Sensor", "0 to 10 V"}, {"E2", "Pump", "0 to 1 A"}}), nil},
		{"faults under a title of settings", sheet(1, "Faults of the settings", table{{"Code", "Description", "Default"}, {"E1", "Sensor", "0"}, {"E2", "Pump", "0"}}), nil},
		{"technical data", sheet(1, "Technical data", table{{"Parameter", "Min", "Max", "Unit"}, {"Voltage", "200", "250", "V"}, {"Frequency", "49", "51", "Hz"}}), nil},
		{"limits of operation", sheet(1, "Operating range", table{{"Parameter", "Range"}, {"Ambient temperature", "-10 to 40 °C"}, {"Humidity", "10 to 90 %"}}), nil},
		{"standard equipment and options", sheet(1, "Equipment", table{{"Function", "Standard", "Option"}, {"Remote control", "yes", "no"}, {"Pump", "no", "yes"}}), nil},
		{"terminals without headings", sheet(1, "Settings and terminals", table{{"X1", "Supply", "230 V"}, {"Lamp", "Output", "24 V"}, {"X3", "Bus", "5 V"}}), nil},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, settingsOf(t, l, c.page), c.want) })
	}
}
