package search

import "strings"

// equivalentWeight is what a field term counts when the manual prints its
// equivalent instead.
const equivalentWeight = 0.6

// equivalentGroups are words of the trade that stand for one another: what a
// technician types on the left or right, what a manual prints anywhere in the
// line. Words that are merely related are not here: they would find answers to
// another question.
var equivalentGroups = [][]string{
	strings.Fields("max maximum"),
	strings.Fields("min minimum minimal"),
	strings.Fields("temp temperature temps"),
	strings.Fields("approx approximately about"),
	strings.Fields("qty quantity"),
	strings.Fields("amp amps ampere amperes amperage a"),
	strings.Fields("volt volts voltage v vac vdc"),
	strings.Fields("watt watts wattage w"),
	strings.Fields("hz frequency hertz"),
	strings.Fields("mainboard motherboard"),
	strings.Fields("pcb board"),
	strings.Fields("cell battery"),
	strings.Fields("coin battery"),
	strings.Fields("comp compressor"),
	strings.Fields("mains power supply"),
	strings.Fields("weight weighs weigh mass"),
	strings.Fields("length long"),
	strings.Fields("width wide"),
	strings.Fields("height high tall"),
	strings.Fields("depth deep"),
	strings.Fields("clearance distance gap spacing"),
	strings.Fields("torque tighten tightening"),
	strings.Fields("breaker mcb circuit-breaker"),
	strings.Fields("earth ground earthing grounding"),
	strings.Fields("cable wire wiring cord"),
	strings.Fields("cord cable lead"),
	strings.Fields("wash clean cleaning"),
	strings.Fields("hot heat overheating overheated overheats"),
	strings.Fields("fix repair remedy"),
	strings.Fields("swap replace exchange change changing replacement"),
	strings.Fields("broken defective faulty damaged fails failed"),
	strings.Fields("blink blinks blinking flash flashes flashing"),
	strings.Fields("led lamp light indicator"),
	strings.Fields("screen display picture"),
	strings.Fields("panel display"),
	strings.Fields("spins rotates turns rotate turn rotation"),
	strings.Fields("stops stop stopped"),
	strings.Fields("wont not doesnt dont cannot cant"),
	strings.Fields("interval every"),
	strings.Fields("often every interval"),
	strings.Fields("rpm speed"),
	strings.Fields("oil lubricant"),
	strings.Fields("grease lubricant"),
	strings.Fields("coolant antifreeze"),
	strings.Fields("genset generator"),
	strings.Fields("fridge refrigerator"),
	strings.Fields("gas refrigerant"),
	strings.Fields("pn part"),
	strings.Fields("spare part"),
	strings.Fields("number no nr"),
	strings.Fields("assy assembly"),
	strings.Fields("mount mounting install installation"),
	strings.Fields("remove removal disassemble"),
	strings.Fields("reset resets clear"),
	strings.Fields("lock locked unlock locking"),
	strings.Fields("firmware software fw"),
	strings.Fields("flash program programming burn write writing"),
	strings.Fields("uk britain"),
	strings.Fields("german germany"),
	strings.Fields("french france"),
	strings.Fields("italian italy"),
	strings.Fields("spanish spain"),
	strings.Fields("stainless steel inox"),
	strings.Fields("pot potentiometer"),
	strings.Fields("cap capacitor"),
	strings.Fields("xfmr transformer"),
	strings.Fields("thermostat stat"),
	strings.Fields("sensor probe thermistor"),
	strings.Fields("noise noisy loud"),
	strings.Fields("outside outdoor"),
	strings.Fields("sw switch dip"),
	strings.Fields("hv high-voltage"),
	strings.Fields("lra locked"),
	strings.Fields("rla rated"),
	strings.Fields("inside indoor"),
	strings.Fields("leak leaks leaking leakage"),
	strings.Fields("smell odor odour odors"),
	strings.Fields("plug connector"),
	strings.Fields("prüfen kontrollieren überprüfen"),
	strings.Fields("fühler sensor"),
	strings.Fields("stecker steckverbinder"),
	strings.Fields("austauschen ersetzen wechseln"),
	strings.Fields("sicherung schutzschalter"),
	strings.Fields("fliegt löst auslösen auslöst ausgelöst"),
	strings.Fields("anzeige display"),
	strings.Fields("pesa peso"),
	strings.Fields("warten dauer"),
}

var equivalentIndex = func() map[string][]string {
	m := map[string][]string{}
	for _, g := range equivalentGroups {
		for _, w := range g {
			for _, o := range g {
				if o != w {
					m[w] = append(m[w], o)
				}
			}
		}
	}
	return m
}()

// equivalents returns the words that stand for a folded one.
func equivalents(word string) []string { return equivalentIndex[word] }
