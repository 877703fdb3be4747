package structure_test

import (
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/structure"
)

// spread makes a sheet of two printed pages.
func spread(number int, halves ...string) pdf.Page {
	p := pdf.Page{Number: number, Width: 1200, Height: 800}
	s := &sketcher{page: p}
	for i, text := range halves {
		y := 100.0
		for line := range strings.SplitSeq(text, "\n") {
			s.line(line, 50+600*float64(i), y, bodySize, false)
			y += lineHeight
		}
	}
	return s.page
}

// prose is a text of some forty words that no other number gives.
func prose(about string) string {
	line := "The " + about + " of the machine is cleaned each week and the filter of the " + about + " is replaced"
	return strings.Join([]string{line, "when " + about + " and cover are worn, as told by the maker of each " + about + " here", line + " twice"}, "\n")
}

func TestSheetsThatShowAPageAgain(t *testing.T) {
	pump, fan, door := prose("pump"), prose("fan"), prose("door")
	left := pdf.Box{X1: 600, Y1: 800}
	right := pdf.Box{X0: 600, X1: 1200, Y1: 800}
	for name, c := range map[string]struct {
		pages []pdf.Page
		want  []structure.Double
	}{
		"both halves of a sheet": {
			[]pdf.Page{spread(1, pump, pump), spread(2, fan, fan)},
			[]structure.Double{
				{Page: 1, Box: right, Of: 1, From: left, Kind: structure.DoubleSpread},
				{Page: 2, Box: right, Of: 2, From: left, Kind: structure.DoubleSpread},
			},
		},
		"pages that also stand alone": {
			[]pdf.Page{spread(1, pump, fan), spread(2, door, prose("lid")), sketch(t, 3, pump), sketch(t, 4, fan)},
			[]structure.Double{
				{Page: 1, Box: left, Of: 3, Kind: structure.DoubleSpread},
				{Page: 1, Box: right, Of: 4, Kind: structure.DoubleSpread},
			},
		},
		"pages of their own":             {[]pdf.Page{spread(1, pump, fan), spread(2, door, prose("lid"))}, nil},
		"single pages that are the same": {[]pdf.Page{sketch(t, 1, pump), sketch(t, 2, pump)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := structure.Read(c.pages, structure.Options{}).Doubles
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("got %v, want %v", got[i], c.want[i])
				}
			}
		})
	}
}
