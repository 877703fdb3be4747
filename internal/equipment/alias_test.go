package equipment_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/techcopilot/techcopilot/internal/equipment"
)

func TestAliasesAreThePartsOfACompositeName(t *testing.T) {
	for name, want := range map[string][]string{
		"PUZ-WM50/60/85/112":            {"PUZ-WM50", "PUZ-WM60", "PUZ-WM85", "PUZ-WM112"},
		"AH-AP9/12/18/24SMD, AH-A..SED": {"AH-AP9SMD", "AH-AP12SMD", "AH-AP18SMD", "AH-AP24SMD"},
		"T25/T40/T55 rotary tiller":     {"T25 rotary tiller", "T25", "T40 rotary tiller", "T40", "T55 rotary tiller", "T55"},
		"192E2 / 192EL2 (Meridian 2)":   {"Meridian 2", "192E2", "192EL2"},
		"EL/GL Mach 3 with ML700":       {"EL Mach 3", "GL Mach 3", "ML700"},
		"PHD300 post hole digger":       {"PHD300"},
		"Zero Client DZ19-2 / DZ22-2":   {"Zero Client DZ19-2", "DZ19-2", "DZ22-2"},
		"Mr. Silence / Aqua Silence":    {"Mr. Silence", "Aqua Silence"},
		"Oven / gas":                    nil,
		"GL/GS spa systems 230V 50Hz":   {"GL spa systems 230V 50Hz", "GS spa systems 230V 50Hz"},
		"HP 250 G1":                     nil,
		"Silvia M":                      nil,
		"KD 61 E":                       nil,
		"A1/B2 C3/D4":                   nil, // four readings, none certain
		"50/60 Hz":                      {"50 Hz", "60 Hz"},
		"X1A/2B/3C":                     {"X1A"},
		"/ / (, ; / )":                  nil,
	} {
		if got := equipment.Aliases(name); !slices.Equal(got, want) {
			t.Errorf("Aliases(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAliasesOfAnythingAreTellingAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-z0-9/(), .&-]{0,60}`).Draw(t, "name")
		aliases := equipment.Aliases(name)
		if len(aliases) > 64 {
			t.Fatalf("%d aliases", len(aliases))
		}
		for _, a := range aliases {
			key := equipment.Key(a)
			if len(key) < 3 || !strings.ContainsAny(key, "0123456789") && (len(key) < 8 || !strings.Contains(a, " ")) {
				t.Fatalf("%q tells too little", a)
			}
			if key == equipment.Key(name) {
				t.Fatalf("%q is the name itself", a)
			}
		}
	})
}

func TestKeyIgnoresCaseSpacesAndSigns(t *testing.T) {
	for _, name := range []string{"AH-AP9 SMD", "ahap9smd", "ＡＨ－ＡＰ９ ＳＭＤ", " AH_AP/9.SMD "} {
		if got := equipment.Key(name); got != "ahap9smd" {
			t.Errorf("Key(%q) = %q", name, got)
		}
	}
}
