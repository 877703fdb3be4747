package pdf

import (
	"strings"
	"testing"
)

// BenchmarkLayOut lays out a page of text in two columns, one with a ruled table, one
// with a table whose columns are told by gaps, and a dense drawing.
func BenchmarkLayOut(b *testing.B) {
	prose := content{width: 600, height: 800}
	for i := range 50 {
		prose.put(40, 60+14*float64(i), "The pump is started by the board and runs until the")
		prose.put(320, 60+14*float64(i), "valve is closed and the pressure of the water is high.")
	}
	ruled := content{width: 600, height: 800}
	bare := content{width: 600, height: 800}
	for i := range 30 {
		for k, text := range strings.Split("E12|Fan does not turn|Check its plug|230 V", "|") {
			ruled.put(45+130*float64(k), 65+22*float64(i), text)
			bare.put(45+130*float64(k), 65+22*float64(i), text)
		}
		ruled.rules = append(ruled.rules, rule{pos: 60 + 22*float64(i), from: 40, to: 560})
	}
	ruled.rules = append(ruled.rules, rule{pos: 60 + 22*30, from: 40, to: 560})
	for k := range 5 {
		ruled.rules = append(ruled.rules, rule{vertical: true, pos: 40 + 130*float64(k), from: 60, to: 60 + 22*30})
	}
	drawing := content{width: 600, height: 800}
	for i := range 150 {
		at := 5 * float64(i)
		drawing.rules = append(drawing.rules,
			rule{pos: 30 + at, from: 20 + 0.3*at, to: 560 - 0.5*at}, rule{vertical: true, pos: 20 + 0.7*at, from: 30 + 0.2*at, to: 700 - 0.4*at})
		drawing.put(30+3*at/2, 33+at, "L12 4.7K")
	}
	for _, c := range []struct {
		name string
		page content
	}{{"prose", prose}, {"ruled", ruled}, {"bare", bare}, {"drawing", drawing}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				layOut(c.page)
			}
		})
	}
}
