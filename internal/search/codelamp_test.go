package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

func TestLampPatternsInColumnsAreIndexed(t *testing.T) {
	l := newLibrary(t)
	grid := table{{"", "LED3", "LED2", "LED1"}, {"Fault 04", "○", "", "○"}, {"Fault 05", "○", "●", ""}, {"Fault 06", "○", "●", "●"}}
	marked := []string{
		"1 LED3 ○, LED1 ○[led3led1] code:○|code:○|meaning:Fault 04",
		"1 LED3 ○, LED2 ●[led3led2] code:○|code:●|meaning:Fault 05",
		"1 LED3 ○, LED2 ●, LED1 ●[led3led2led1] code:○|code:●|code:●|meaning:Fault 06",
	}
	for _, c := range []struct {
		name  string
		pages []pdf.Page
		want  []string
	}{
		{
			"with a legend",
			[]pdf.Page{sheet(1, "Lamps of the board", grid, "● : LED on\n○ : LED flashes")},
			[]string{
				"1 LED3 flashes, LED1 flashes[led3flashesled1flashes] code:○|code:○|meaning:Fault 04|other:○ : LED flashes",
				"1 LED3 flashes, LED2 on[led3flashesled2on] code:○|code:●|meaning:Fault 05|other:○ : LED flashes ● : LED on",
				"1 LED3 flashes, LED2 on, LED1 on[led3flashesled2onled1on] code:○|code:●|code:●|meaning:Fault 06|other:○ : LED flashes ● : LED on",
			},
		},
		{"without one", []pdf.Page{sheet(1, "Lamps of the board", grid)}, marked},
		{"a legend that says two things of a mark", []pdf.Page{sheet(1, "Lamps of the board", grid, "● : LED on\n● : LED off")}, marked},
		{
			"what the models have",
			[]pdf.Page{sheet(1, "Functions", table{{"", "Basic", "Plus", "Pro"}, {"Timer", "○", "●", "●"}, {"Remote", "", "○", "●"}, {"Lamp", "○", "○", "●"}}, "● : standard\n○ : option")},
			nil,
		},
	} {
		if got := indexed(t, l, c.pages...); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

func TestWhatAScreenSaysIsIndexed(t *testing.T) {
	l := newLibrary(t)
	for _, c := range []struct {
		name string
		text string
		want []string
	}{
		{
			"announced", "Screen says\nCHECK CABLE\nMake sure that the cable is connected.",
			[]string{"1 CHECK CABLE[checkcable] code:CHECK CABLE|remedy:Make sure that the cable is connected.|other:Make sure that the cable is connected."},
		},
		{
			"asked", "Q1: What should I do when the screen shows 'Cannot display this\nvideo mode'?\nUnplug all cables.",
			[]string{"1 Cannot display this video mode[cannotdisplaythisvideomode] code:'Cannot display this video mode'?|remedy:Unplug all cables.|other:Unplug all cables."},
		},
		{"told in a sentence", "When the screen shows 'Please wait', wait for a minute.\nThen go on.", nil},
		{"no screen", "The label says\nMADE IN EUROPE\nand gives the year.", nil},
	} {
		if got := indexed(t, l, sheet(1, c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

func TestDrawnMessagesAreIndexedWhole(t *testing.T) {
	l := newLibrary(t)
	page := sheet(1, "Messages", table{{"Message", "Meaning", "Action"}, {"HTR TEMP LMT", "Overheat", "Let it cool"}, {"HL HFL", "Flow", "Open the valves"}, {"dr", "Dry", "Fill"}})
	for _, r := range page.Tables[0].Rows[1:] {
		for _, w := range r.Cells[0].Words {
			page.Words[w].Drawn = true
		}
	}
	var got []string
	for _, row := range indexed(t, l, page) {
		got = append(got, row[:strings.Index(row, " code:")])
	}
	if want := []string{"1 HTR TEMP LMT[htrtemplmt]", "1 HL[hl]", "1 HFL[hfl]", "1 dr[dr]"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
