package troubleshoot

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

var (
	someManual  = uuid.MustParse("0190c3a0-0000-7000-8000-000000000001")
	otherManual = uuid.MustParse("0190c3a0-0000-7000-8000-000000000002")
)

func verifierOf(pages ...*pdf.Page) *verifier {
	var read []*page
	for _, p := range pages {
		read = append(read, newPage(someManual, "", "", "en", 1, p))
	}
	return newVerifier(read)
}

func TestAQuoteStandsOnItsPage(t *testing.T) {
	tests := map[string]struct {
		page  []string
		quote string
	}{
		"as printed":                      {[]string{"Do not open the door."}, "Do not open the door."},
		"part of a sentence":              {[]string{"Do not open the door."}, "not open"},
		"another case":                    {[]string{"Do NOT open the Door."}, "do not OPEN the door"},
		"other white space":               {[]string{"Do not open the door."}, " Do\u00a0not \n open\tthe  door. "},
		"over a line's end":               {[]string{"Do not", "open the door."}, "Do not open the door."},
		"other quote marks":               {[]string{"Press “CLEAN” on the owner’s panel"}, `Press "CLEAN" on the owner's panel`},
		"without quote marks":             {[]string{"Press “CLEAN” twice"}, "CLEAN"},
		"other dashes":                    {[]string{"from 275 – 315 psig, pre‑charge"}, "275 - 315 psig, pre-charge"},
		"a range written together":        {[]string{"from 275 – 315 psig"}, "275-315 psig"},
		"a true minus":                    {[]string{"at −10 °C"}, "-10 °C"},
		"ligatures":                       {[]string{"Clean the ﬁlter of the ﬂow switch"}, "clean the filter of the flow switch"},
		"full width":                      {[]string{"ＥＲＲ　５"}, "ERR 5"},
		"a word broken with a hyphen":     {[]string{"Clean the con-", "denser coil."}, "Clean the condenser coil"},
		"a broken word as printed":        {[]string{"Clean the con-", "denser coil."}, "Clean the con- denser coil."},
		"the first half of a broken word": {[]string{"Clean the con-", "denser coil."}, "Clean the con-"},
		"a word broken with a soft one":   {[]string{"Clean the con\u00ad", "denser coil."}, "Clean the condenser coil"},
		"a soft hyphen inside":            {[]string{"con\u00addenser coil"}, "condenser coil"},
		"without the brackets":            {[]string{"trips (145 °C)."}, "145 °C"},
		"a unit written together":         {[]string{"Fuse 10 mA, 230V"}, "Fuse 10mA, 230 V"},
		"an ordinal for a degree":         {[]string{"above 60 ºC"}, "above 60 °C"},
		"a negative figure":               {[]string{"down to -10 °C"}, "-10 °C"},
		"the end of a range":              {[]string{"5 - 10 °C"}, "10 °C"},
		"the end of a range with units":   {[]string{"5 °C - 10 °C"}, "10 °C"},
		"a dash before words":             {[]string{"Stop - open the door"}, "- open the door"},
		"a suffix":                        {[]string{"Pump", "-2, -5"}, "-2, -5"},
		"a cell of several lines":         {[]string{"E12 | Door switch | Adjust the", "+ | is open | door hinge"}, "Door switch is open"},
		"part of a cell":                  {[]string{"E12 | Door switch | Adjust the", "+ | is open | door hinge"}, "the door hinge"},
		"a cell of one line":              {[]string{"E12 | Door switch | Adjust"}, "door switch"},
		"a word that a cell's line breaks": {
			[]string{"E12 | Con- | Adjust the", "+ | denser hot | door"}, "condenser hot",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, ok := verifierOf(Sheet(7, tt.page...)).find(pageKey{someManual, 7}, tt.quote, nil); !ok {
				t.Errorf("%q is not found on %q", tt.quote, tt.page)
			}
		})
	}
}

func TestAQuoteThatIsNotPrintedIsRejected(t *testing.T) {
	tests := map[string]struct {
		page  []string
		quote string
	}{
		"nothing":                        {[]string{"Open the door"}, ""},
		"white space":                    {[]string{"Open the door"}, " \n\t"},
		"punctuation":                    {[]string{"Open the door - now. (*)"}, "-"},
		"more punctuation":               {[]string{"Open the door. (*)"}, ". (*)"},
		"a soft hyphen":                  {[]string{"Open the door"}, "\u00ad"},
		"a word left out":                {[]string{"Do not open the door"}, "Do open the door"},
		"a word added":                   {[]string{"Do open the door"}, "Do not open the door"},
		"words reordered":                {[]string{"Open the door, then the valve"}, "Open the valve, then the door"},
		"half a word":                    {[]string{"unplugged cable"}, "plugged cable"},
		"the other half":                 {[]string{"the waterless pump"}, "the water"},
		"words cut elsewhere":            {[]string{"It is not able to start"}, "It is no table"},
		"words run together":             {[]string{"The rapist"}, "Therapist"},
		"words taken apart":              {[]string{"now nothing works"}, "no thing works"},
		"a minus left out":               {[]string{"down to -10 °C"}, "10 °C"},
		"a true minus left out":          {[]string{"down to −10 °C"}, "10 °C"},
		"a spaced minus left out":        {[]string{"down to – 10 °C"}, "10 °C"},
		"a minus that begins the line":   {[]string{"- 10 °C"}, "10 °C"},
		"a tolerance":                    {[]string{"within ±5 %"}, "5 %"},
		"a limit":                        {[]string{"≤ 5 ohm"}, "5 ohm"},
		"a minus added":                  {[]string{"up to 10 °C"}, "-10 °C"},
		"a minus out of a range":         {[]string{"275 - 315 psig"}, "-315 psig"},
		"the last figure only":           {[]string{"Fuse 15 A"}, "5 A"},
		"the first figure only":          {[]string{"Fuse 15 A"}, "Fuse 1"},
		"after a decimal point":          {[]string{"Fuse 5.5 A"}, "5 A"},
		"after a decimal comma":          {[]string{"Sicherung 5,5 A"}, "5 A"},
		"before a decimal point":         {[]string{"Set it to 10.5 bar"}, "Set it to 10"},
		"before a decimal comma":         {[]string{"Auf 10,5 bar stellen"}, "Auf 10"},
		"a bare decimal":                 {[]string{"a gap of .5 mm"}, "5 mm"},
		"a part of a fraction":           {[]string{"turn it 3/4 turn"}, "4 turn"},
		"the other part of a fraction":   {[]string{"turn it 3/4 turn"}, "turn it 3"},
		"hours of a time":                {[]string{"after 12:30 h"}, "30 h"},
		"a thousand":                     {[]string{"1,082 ohm"}, "082 ohm"},
		"figures of two words":           {[]string{"Fuse 1 5 A"}, "15 A"},
		"a decimal of two words":         {[]string{"see step 5. 5 mm are enough"}, "5.5 mm"},
		"a code out of two words":        {[]string{"terminal A 12 V"}, "A12 V"},
		"a code in a longer one":         {[]string{"Error E12"}, "E1"},
		"a code with a suffix":           {[]string{"Error E1-2"}, "E1"},
		"a code in a composed one":       {[]string{"Error F21/E3"}, "E3"},
		"a code with a prefix":           {[]string{"Part RX-11244"}, "11244"},
		"another code":                   {[]string{"Error E12"}, "E13"},
		"another unit":                   {[]string{"Set 10 °C"}, "10 °F"},
		"another prefix of a unit":       {[]string{"Fuse 10 mA"}, "10 A"},
		"a unit cut short":               {[]string{"Tighten to 35 N·m"}, "35 N"},
		"a rate cut short":               {[]string{"Flow 40 l/min"}, "40 l"},
		"a square":                       {[]string{"Wire of 4 mm²"}, "4 mm2"},
		"a square left out":              {[]string{"Wire of 4 mm²"}, "4 mm"},
		"an inch sign left out":          {[]string{`A gap of 5" here`}, "gap of 5"},
		"micro for milli":                {[]string{"1.05 µF"}, "1.05 mF"},
		"two cells of a row":             {[]string{"E12 | Door switch | Adjust the hinge"}, "E12 Door switch"},
		"two cells with their figures":   {[]string{"F1 | 5 A | slow"}, "F1 5 A"},
		"figures of two cells":           {[]string{"F1 | 5 A | slow"}, "F15 A"},
		"figures of two cells by digits": {[]string{"2 | 30 V | TB1"}, "230 V"},
		"two cells of a column":          {[]string{"E12 | Door", "E13 | Fan"}, "Door E13"},
		"the same column":                {[]string{"E12 | Door", "E13 | Fan"}, "Door Fan"},
		"a cell and the text above":      {[]string{"Limits of the fan", "80 °C | 90 °C"}, "of the fan 80 °C"},
		"lines of two cells":             {[]string{"E12 | Door switch | Adjust the", "+ | is open | door hinge"}, "Door switch Adjust the"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if words, ok := verifierOf(Sheet(7, tt.page...)).find(pageKey{someManual, 7}, tt.quote, nil); ok {
				t.Errorf("%q is found on %q as the words %v", tt.quote, tt.page, words)
			}
		})
	}
}

func TestAQuoteBelongsToOnePage(t *testing.T) {
	v := verifierOf(Sheet(7, "Close the valve and"), Sheet(8, "open the door"))
	for _, tt := range []struct {
		key   pageKey
		quote string
		want  bool
	}{
		{pageKey{someManual, 8}, "open the door", true},
		{pageKey{someManual, 7}, "open the door", false},
		{pageKey{someManual, 7}, "Close the valve and open the door", false},
		{pageKey{someManual, 8}, "Close the valve and open the door", false},
		{pageKey{someManual, 9}, "open the door", false},
		{pageKey{someManual, -1}, "open the door", false},
		{pageKey{otherManual, 8}, "open the door", false},
	} {
		if _, ok := v.find(tt.key, tt.quote, nil); ok != tt.want {
			t.Errorf("%q on page %d: %v", tt.quote, tt.key.number, ok)
		}
	}
}

func answerWith(items ...Item) *Answer {
	return &Answer{Kind: Value, Values: items, Citations: []Citation{{ManualID: someManual, Page: 7}}}
}

func TestBoxesAreOnePerLineOfTheRightPlace(t *testing.T) {
	p := Sheet(7, "Turn off the power", "Then check the fan and", "the pump. Turn off the power")
	for name, tt := range map[string]struct {
		quote Quote
		words [][2]int // the first and the last word of each line
	}{
		"one line":          {Quote{Text: "check the fan"}, [][2]int{{5, 7}}},
		"two lines":         {Quote{Text: "the fan and the pump."}, [][2]int{{6, 8}, {9, 10}}},
		"the first of two":  {Quote{Text: "turn off the power"}, [][2]int{{0, 3}}},
		"the second of two": {Quote{Text: "turn off the power", near: []int{11, 12, 13, 14}}, [][2]int{{11, 14}}},
		"the nearer of two": {Quote{Text: "turn off the power", near: []int{10, 11}}, [][2]int{{11, 14}}},
		"near something else": {
			Quote{Text: "turn off the power", near: []int{6}}, [][2]int{{0, 3}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := answerWith(Item{Text: tt.quote.Text, Quotes: []Quote{tt.quote}})
			verifierOf(p).verify(a)
			var want []pdf.Box
			for _, w := range tt.words {
				want = append(want, p.Words[w[0]].Box.Union(p.Words[w[1]].Box))
			}
			if len(a.Values) != 1 || !slices.Equal(a.Values[0].Quotes[0].Boxes, want) {
				t.Fatalf("got %+v, want the boxes %v", a.Values, want)
			}
			if !slices.Equal(a.Citations[0].Boxes, want) {
				t.Errorf("the citation's boxes are %v", a.Citations[0].Boxes)
			}
		})
	}
}

func TestACellsBoxesLeaveItsNeighboursOut(t *testing.T) {
	p := Sheet(7, "E12 | Door switch | Adjust the", "+ | is open | door hinge")
	a := answerWith()
	a.LikelyCauses = []Item{{Text: "Door switch is open", Quotes: []Quote{{Text: "Door switch is open"}}}}
	verifierOf(p).verify(a)
	want := []pdf.Box{p.Words[1].Box.Union(p.Words[2].Box), p.Words[5].Box.Union(p.Words[6].Box)}
	if len(a.LikelyCauses) != 1 || !slices.Equal(a.LikelyCauses[0].Quotes[0].Boxes, want) {
		t.Errorf("got %+v, want %v", a.LikelyCauses, want)
	}
}

func TestFiguresMustBeQuoted(t *testing.T) {
	for name, tt := range map[string]struct {
		text, quote string
		want        bool
	}{
		"none":                     {"Open the valve", "open the valve", true},
		"the same":                 {"Set P05 to 5.5 bar", "P05: set to 5.5 bar", true},
		"in brackets":              {"Close it (at 145 °C).", "at 145 °C", true},
		"a unit written together":  {"Use a 10 mA fuse", "10mA fuse", true},
		"a unit written apart":     {"Use a 10mA fuse", "10 mA fuse", true},
		"an invented figure":       {"Wait 5 minutes", "Wait some minutes", false},
		"another figure":           {"Wait 6 minutes", "Wait 5 minutes", false},
		"a sign left out":          {"Cool to 10 °C", "Cool to -10 °C", false},
		"a spaced sign left out":   {"Cool to 10 °C", "Cool to – 10 °C", false},
		"a sign added":             {"Cool to -10 °C", "Cool to 10 °C", false},
		"a limit left out":         {"Measure 5 ohm", "Measure ≤ 5 ohm", false},
		"another decimal":          {"Set 5.6 bar", "Set 5.5 bar", false},
		"no decimal":               {"Set 5 bar", "Set 5.5 bar", false},
		"a thousand":               {"Measure 1.082 ohm", "Measure 1,082 ohm", false},
		"another unit":             {"Heat to 145 °F", "Heat to 145 °C", false},
		"another prefix of a unit": {"Measure 5 kohm", "Measure 5 ohm", false},
		"a unit added":             {"Turn it 5 mm", "Turn it 5 times", false},
		"a unit of another quote":  {"Fuse 5 A", "step 5\nA fuse", false},
		"a unit cut short":         {"Tighten to 35 N", "Tighten to 35 N·m", false},
		"another terminal":         {"Measure at J7-2", "Measure at J7-1", false},
		"a terminal cut short":     {"Measure at J7", "Measure at J7-1", false},
		"another part number":      {"Fit RX-11245", "Fit RX-11244", false},
		"another prefix":           {"Fit TX-11244", "Fit RX-11244", false},
		"a part number cut short":  {"Fit 11244", "Fit RX-11244", false},
		"another code":             {"It shows E13", "It shows E12", false},
		"a composed code":          {"It shows F21/E4", "It shows F21/E3", false},
		"figures of a range":       {"275 - 315 psig", "275 - 315 psig", true},
		"inches for feet":          {`leave 5" free`, "leave 5' free", false},
		"a square":                 {"a wire of 4 mm", "a wire of 4 mm²", false},
	} {
		t.Run(name, func(t *testing.T) {
			var quotes []Quote
			for q := range strings.SplitSeq(tt.quote, "\n") {
				quotes = append(quotes, Quote{Text: q})
			}
			if got := numbersQuoted(quotes, tt.text); got != tt.want {
				t.Errorf("%q from %q: %v", tt.text, tt.quote, got)
			}
		})
	}
}

// Every text that an item shows is guarded, not only its instruction.
func TestNoFieldOfAnItemMayAddAFigure(t *testing.T) {
	quotes := func() []Quote { return []Quote{{Text: "Open the valve"}} }
	good := Step{Instruction: "Open the valve", Quotes: quotes()}
	for name, a := range map[string]Answer{
		"a meaning":            {ErrorCode: &ErrorCode{Code: "valve", Meaning: "Open 3 valves", Quotes: quotes()}},
		"another code":         {ErrorCode: &ErrorCode{Code: "E12", Meaning: "Open the valve", Quotes: quotes()}},
		"a value":              {Values: []Item{{Text: "5 bar", Quotes: quotes()}}},
		"a label":              {Values: []Item{{Text: "valve", Label: "V5", Quotes: quotes()}}},
		"a cause":              {LikelyCauses: []Item{{Text: "V5", Quotes: quotes()}}},
		"a passage":            {Passages: []Item{{Text: "V5", Quotes: quotes()}}},
		"a warning":            {Warnings: []Item{{Text: "400 V", Quotes: quotes()}}},
		"a part's name":        {Parts: []PartItem{{Name: "Valve 5", Quotes: quotes()}}},
		"a part's number":      {Parts: []PartItem{{Name: "Valve", PartNumber: "RX-1", Quotes: quotes()}}},
		"a part's place":       {Parts: []PartItem{{Name: "Valve", Location: "J7", Quotes: quotes()}}},
		"why a part is needed": {Parts: []PartItem{{Name: "Valve", Why: "E12", Quotes: quotes()}}},
		"a step":               {Steps: []Step{good, {Instruction: "Open 3 valves", Quotes: quotes()}}},
		"a step's title":       {Steps: []Step{good, {Title: "E12", Instruction: "Open the valve", Quotes: quotes()}}},
		"an expected result":   {Steps: []Step{good, {Instruction: "Open the valve", ExpectedResult: "5 bar", Quotes: quotes()}}},
	} {
		t.Run(name, func(t *testing.T) {
			a.Citations = []Citation{{ManualID: someManual, Page: 7}}
			verifierOf(Sheet(7, "Open the valve")).verify(&a)
			if a.Dropped != 1 {
				t.Errorf("%d items were dropped: %+v", a.Dropped, a)
			}
			if a.ErrorCode != nil || len(a.Values)+len(a.LikelyCauses)+len(a.Passages)+len(a.Warnings)+len(a.Parts) > 0 {
				t.Errorf("it is shown: %+v", a)
			}
			if len(a.Steps) > 0 && (!a.Steps[1].Unverified || a.Steps[1].Title != "" || a.Steps[1].ExpectedResult != "") {
				t.Errorf("it is shown: %+v", a.Steps[1])
			}
		})
	}
}

func TestTheCodeOfAnAnswerIsPrinted(t *testing.T) {
	pages := []*pdf.Page{Sheet(7, "Sub-codes of E18", "07 | Reference out of range", "E21-E24 | Fan", "Err 7 | Drive", "E16 / E17 | Sensor", "“HI-P” | High pressure")}
	for _, tt := range []struct {
		code, quote string
		want        bool
	}{
		{"E18 07", "07", true},
		{"E18 08", "07", false},
		{"E19 07", "07", false},
		{"E18", "07", false},
		{"E22", "E21-E24", true},
		{"E25", "E21-E24", false},
		{"F22", "E21-E24", false},
		{"Err 7", "Err 7", true},
		{"Err 8", "Err 7", false},
		{"E17", "E16 / E17", true},
		{"E1", "E16 / E17", false},
		{"HI-P", "“HI-P”", true},
		{"LO-P", "“HI-P”", false},
	} {
		a := &Answer{
			ErrorCode: &ErrorCode{Code: tt.code, Meaning: "Fan", Quotes: []Quote{{Text: tt.quote}}},
			Citations: []Citation{{ManualID: someManual, Page: 7}},
		}
		verifierOf(pages...).verify(a)
		if (a.ErrorCode != nil) != tt.want || (a.Coverage == 1) != tt.want {
			t.Errorf("%s from %q: %+v", tt.code, tt.quote, a)
		}
	}
}

func TestWhatIsNotVerifiedIsDroppedAndCounted(t *testing.T) {
	a := answerWith(
		Item{Text: "Open the valve", Quotes: []Quote{{Text: "Open the valve"}}},
		Item{Text: "Without a quote"},
		Item{Text: "Not printed", Quotes: []Quote{{Text: "Not printed"}}},
		Item{Text: "One of two is not printed", Quotes: []Quote{{Text: "Open the valve"}, {Text: "Not printed"}}},
		Item{Text: "Open", Quotes: []Quote{{Text: "Open the valve", Citation: 5}}},
		Item{Text: "Open", Quotes: []Quote{{Text: "Open the valve", Citation: -1}}},
	)
	a.LikelyCauses = []Item{{Text: "No quote"}}
	a.Parts = []PartItem{{Name: "valve", Quotes: []Quote{{Text: "valve"}}}, {Name: "No quote"}}
	verifierOf(Sheet(7, "Open the valve")).verify(a)
	if len(a.Values) != 1 || len(a.Parts) != 1 || len(a.LikelyCauses) != 0 {
		t.Errorf("kept %+v", a)
	}
	if a.Dropped != 7 || a.Coverage != 2.0/9 {
		t.Errorf("dropped %d, coverage %v", a.Dropped, a.Coverage)
	}
}

func TestAnUnverifiedStepKeepsItsPlace(t *testing.T) {
	const wrong = "Leave the power on"
	a := &Answer{
		Kind: Procedure,
		Steps: []Step{
			{N: 1, Title: wrong, Instruction: wrong, ExpectedResult: wrong, Quotes: []Quote{{Text: wrong, Citation: 1}}},
			{N: 2, Instruction: "Open the valve", Quotes: []Quote{{Text: "Open the valve"}}, Unverified: true},
			{N: 3, Instruction: wrong},
			{N: 4, Instruction: wrong, Unverified: true},
			{N: 5, Instruction: wrong, Quotes: []Quote{{Text: wrong, Citation: 2}}},
		},
		Citations: []Citation{
			{ManualID: someManual, Page: 7},
			{ManualID: someManual, Page: 8, PageLabel: "2-3"},
			{ManualID: someManual, Page: 999},
		},
	}
	verifierOf(Sheet(7, "Open the valve"), Sheet(8, "Switch the power off")).verify(a)
	if len(a.Steps) != 5 {
		t.Fatalf("steps: %+v", a.Steps)
	}
	for i, s := range a.Steps {
		if s.N != i+1 || s.Unverified != (i != 1) || strings.Contains(s.Instruction+s.Title+s.ExpectedResult, wrong) {
			t.Errorf("step %d: %+v", i+1, s)
		}
	}
	if !strings.Contains(a.Steps[0].Instruction, "page 2-3 (PDF page 8)") {
		t.Errorf("the page is not named: %q", a.Steps[0].Instruction)
	}
	if strings.Contains(a.Steps[4].Instruction, "999") {
		t.Errorf("a page that nobody has read is named: %q", a.Steps[4].Instruction)
	}
	if a.Dropped != 4 || a.Coverage != 0.2 || summarise(a) != "Open the valve" {
		t.Errorf("dropped %d, coverage %v, summary %q", a.Dropped, a.Coverage, summarise(a))
	}
	if len(a.Citations) != 1 || a.Citations[0].Page != 7 {
		t.Errorf("citations: %+v", a.Citations)
	}
}

func TestStepsOfWhichNoneIsVerifiedAreNotShown(t *testing.T) {
	a := &Answer{Kind: Procedure, Steps: []Step{{N: 1, Instruction: "No"}, {N: 2, Instruction: "No"}}}
	verifierOf(Sheet(7, "Open the valve")).verify(a)
	if a.Steps != nil || a.Dropped != 2 || a.Coverage != 0 {
		t.Errorf("%+v", a)
	}
}

func TestCitationsAreRenumberedInTheAnswersOrder(t *testing.T) {
	a := &Answer{
		Values: []Item{
			{Text: "eight", Quotes: []Quote{{Text: "page eight", Citation: 2}}},
			{Text: "gone", Quotes: []Quote{{Text: "page nine", Citation: 1}}},
			{Text: "both", Quotes: []Quote{{Text: "page seven", Citation: 0}, {Text: "eight is", Citation: 2}}},
		},
		Citations: []Citation{
			{ManualID: someManual, Page: 7, PageLabel: "a"},
			{ManualID: someManual, Page: 7, PageLabel: "b"},
			{ManualID: someManual, Page: 8, PageLabel: "c"},
			{ManualID: otherManual, Page: 7},
		},
	}
	verifierOf(Sheet(7, "this page seven is"), Sheet(8, "this page eight is")).verify(a)
	if len(a.Values) != 2 || len(a.Citations) != 2 || a.Citations[0].PageLabel != "c" || a.Citations[1].PageLabel != "a" {
		t.Fatalf("%+v", a)
	}
	if a.Values[0].Quotes[0].Citation != 0 || a.Values[1].Quotes[0].Citation != 1 || a.Values[1].Quotes[1].Citation != 0 {
		t.Errorf("quotes: %+v", a.Values)
	}
	if len(a.Citations[0].Boxes) != 2 || len(a.Citations[1].Boxes) != 1 {
		t.Errorf("citations: %+v", a.Citations)
	}
}

// words are what random pages are made of: many are parts of others, or differ
// by what must not be lost.
var words = strings.Fields(`do not no open now here nowhere the door notable table able fuse F2 F21 E1 E12 E1-2 F21/E3 RX-11244 11244 1 5 15 5.5 10 -10 0 A mA 15A V 230V °C 10°C ±5 % mm mm² N·m
	con- denser co- operate self-test (see) “CLEAN” ﬁlter FILTER page. 5. 3/4 • * , ; a É Grüße Straße`)

func randomPage(t *rapid.T) *pdf.Page {
	line := rapid.SliceOfN(rapid.SampledFrom(words), 1, 8)
	var lines []string
	for range rapid.IntRange(1, 5).Draw(t, "lines") {
		lines = append(lines, strings.Join(line.Draw(t, "line"), " "))
	}
	return Sheet(7, lines...)
}

func run(p *pdf.Page, from, to int) []string {
	var out []string
	for _, w := range p.Words[from:to] {
		out = append(out, w.Text)
	}
	return out
}

func TestEveryRunOfWordsVerifies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := randomPage(t)
		from := rapid.IntRange(0, len(p.Words)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(p.Words)).Draw(t, "to")
		quote := strings.Join(run(p, from, to), " ")
		near := make([]int, 0, to-from)
		for w := from; w < to; w++ {
			near = append(near, w)
		}
		got, ok := verifierOf(p).find(pageKey{someManual, 7}, quote, near)
		if !strings.ContainsFunc(quote, isAlnum) {
			if ok {
				t.Fatalf("%q says nothing", quote)
			}
			return
		}
		if !ok {
			t.Fatalf("%q is not found", quote)
		}
		if got[0] < from || got[len(got)-1] >= to {
			t.Fatalf("%q is found at %v, not from %d to %d", quote, got, from, to)
		}
	})
}

// A run of which an inner word is left out stands there only if the same words
// stand somewhere in one run.
func TestARunWithAWordLeftOutDoesNotVerify(t *testing.T) {
	plain := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !strings.ContainsFunc(w, isAlnum) })
	rapid.Check(t, func(t *rapid.T) {
		p := Sheet(7, strings.Join(rapid.SliceOfN(rapid.SampledFrom(plain), 3, 20).Draw(t, "words"), " "))
		from := rapid.IntRange(0, len(p.Words)-3).Draw(t, "from")
		to := rapid.IntRange(from+3, len(p.Words)).Draw(t, "to")
		out := rapid.IntRange(from+1, to-2).Draw(t, "out")
		left := slices.Concat(run(p, from, out), run(p, out+1, to))
		if _, ok := verifierOf(p).find(pageKey{someManual, 7}, strings.Join(left, " "), nil); !ok {
			return
		}
		want := plainly(left)
		for i := range p.Words {
			for k := i + 1; k <= len(p.Words); k++ {
				if slices.Equal(plainly(run(p, i, k)), want) {
					return
				}
			}
		}
		t.Fatalf("%q is found on %q", left, run(p, 0, len(p.Words)))
	})
}

// plainly folds words by other means than the verifier's.
func plainly(words []string) []string {
	s := strings.ToLower(strings.Join(words, " "))
	s = strings.NewReplacer("ﬁ", "fi", "“", "", "”", "", "(", "", ")", "", "- ", "", "self-test", "selftest").Replace(s)
	s = strings.NewReplacer("15a", "15 a", "230v", "230 v", "10°c", "10 °c").Replace(s)
	var out []string
	for _, w := range strings.Fields(s) {
		out = append(out, strings.TrimRight(w, ".-"))
	}
	return out
}

// Whatever a writer says, and however it cites, nothing panics, and what is left
// is verified: checking it again changes nothing.
func TestVerifyingIsSafeAndIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pages := []*pdf.Page{randomPage(t), Sheet(8, "E12 | Door switch | Adjust the", "+ | is open | door 5 mm")}
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(rapid.SampledFrom(words), 0, 4), func(w []string) string { return strings.Join(w, " ") }),
			rapid.SampledFrom([]string{"Door switch is open", "Adjust the door 5 mm", "E12"}))
		quotes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Quote {
			return Quote{Text: text.Draw(t, "quote"), Citation: rapid.IntRange(-1, 3).Draw(t, "citation"), near: rapid.SliceOfN(rapid.IntRange(-5, 50), 0, 3).Draw(t, "near")}
		}), 0, 3)
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Item {
			return Item{Text: text.Draw(t, "text"), Label: text.Draw(t, "label"), Quotes: quotes.Draw(t, "quotes")}
		}), 0, 3)
		a := &Answer{Values: items.Draw(t, "values"), LikelyCauses: items.Draw(t, "causes"), Passages: items.Draw(t, "passages"), Warnings: items.Draw(t, "warnings")}
		a.Passages = append(a.Passages, a.Values...) // items that share their quotes
		a.Steps = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Step {
			return Step{Title: text.Draw(t, "title"), Instruction: text.Draw(t, "instruction"), Unverified: rapid.Bool().Draw(t, "unverified"), Quotes: quotes.Draw(t, "quotes")}
		}), 0, 4).Draw(t, "steps")
		if rapid.Bool().Draw(t, "code") {
			a.ErrorCode = &ErrorCode{Code: text.Draw(t, "code"), Meaning: text.Draw(t, "meaning"), Quotes: quotes.Draw(t, "quotes")}
		}
		for range rapid.IntRange(0, 3).Draw(t, "citations") {
			a.Citations = append(a.Citations, Citation{ManualID: someManual, Page: rapid.IntRange(6, 9).Draw(t, "page")})
		}
		v := verifierOf(pages...)
		v.verify(a)
		if a.Coverage < 0 || a.Coverage > 1 || a.Dropped < 0 {
			t.Fatalf("coverage %v, dropped %d", a.Coverage, a.Dropped)
		}
		for _, list := range a.quoteLists() {
			for _, q := range list {
				c := a.Citations[q.Citation]
				if _, ok := v.find(pageKey{c.ManualID, c.Page}, q.Text, nil); !ok || len(q.Boxes) == 0 {
					t.Fatalf("%q is shown and not on page %d", q.Text, c.Page)
				}
			}
		}
		once := encoded(t, a)
		v.verify(a)
		if again := encoded(t, a); again != once {
			t.Fatalf("first  %s\nsecond %s", once, again)
		}
	})
}

// encoded is what is shown of an answer, without the counts of its making.
func encoded(t *rapid.T, a *Answer) string {
	shown := *a
	shown.Coverage, shown.Dropped = 0, 0
	data, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
