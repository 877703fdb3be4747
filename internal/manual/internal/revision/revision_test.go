package revision_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/techcopilot/techcopilot/internal/manual/internal/revision"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// pages makes pages of lines; a line of a page ends at a line break.
func pages(texts ...string) []pdf.Page {
	var out []pdf.Page
	for i, text := range texts {
		p := pdf.Page{Number: i + 1}
		for l := range strings.SplitSeq(text, "\n") {
			first := len(p.Words)
			for w := range strings.FieldsSeq(l) {
				p.Words = append(p.Words, pdf.Word{Text: w})
			}
			p.Lines = append(p.Lines, pdf.Line{First: first, Count: len(p.Words) - first})
		}
		out = append(out, p)
	}
	return out
}

// text is a page of its own.
func text(topic string) string {
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, "%s%d ", topic, i)
	}
	return b.String()
}

func TestPagesArePairedByTheirText(t *testing.T) {
	t.Parallel()
	older := revision.Prints(pages(text("pump"), text("fan"), text("valve"), text("door"), "Page 5"))
	changed := strings.Replace(text("fan"), "fan30", "A. new. word", 1)
	newer := revision.Prints(pages(text("board"), strings.ToUpper(text("pump")), changed, text("valve")))
	got := revision.Compare(older, newer)
	if want := (revision.Overlap{Same: 2, Similar: 1, OnlyOld: 1, OnlyNew: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got.Share() != 0.75 || got.SameText() {
		t.Errorf("%v, %v", got.Share(), got.SameText())
	}
}

func TestTheSameTextIsRecognised(t *testing.T) {
	t.Parallel()
	var texts []string
	for i := range 20 {
		texts = append(texts, text(string(rune('a'+i))))
	}
	all := revision.Prints(pages(texts...))
	texts[7] = text("other")
	one := revision.Prints(pages(texts...))
	texts[8] = text("another")
	two := revision.Prints(pages(texts...))
	if !revision.Compare(all, all).SameText() || !revision.Compare(all, one).SameText() {
		t.Error("one page in twenty makes another text")
	}
	if revision.Compare(all, two).SameText() || revision.Compare(all, all[:10]).SameText() || revision.Compare(nil, nil).SameText() {
		t.Error("other text counts as the same")
	}
}

func TestComparingIsTheSameBothWays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{text("a"), text("b"), text("c"), text("d")}), 0, 6)
		a, b := revision.Prints(pages(words.Draw(t, "a")...)), revision.Prints(pages(words.Draw(t, "b")...))
		x, y := revision.Compare(a, b), revision.Compare(b, a)
		if x.Same != y.Same || x.Similar != y.Similar || x.OnlyOld != y.OnlyNew || x.OnlyNew != y.OnlyOld {
			t.Fatalf("%+v and %+v", x, y)
		}
		if x.Same+x.Similar+x.OnlyOld != len(a) || x.Same+x.Similar+x.OnlyNew != len(b) {
			t.Fatalf("%+v of %d and %d pages", x, len(a), len(b))
		}
	})
}

func TestRevisionsAreOrderedWhereTheyCanBe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"Rev. B", "Rev. C", -1},
		{"Revision D", "Rev C", 1},
		{"Rev. B", "Issue B", 0},
		{"Rev. B2", "Rev. B10", -1},
		{"Rev. B", "Rev. B1", -1},
		{"Version 1.9", "Version 1.10", -1},
		{"Edition 3", "Edition 2", 1},
		{"Rev. B", "Version 2", 0},
		{"", "Rev. A", 0},
		{"Ausgabe 11/2018", "Ausgabe 03/2019", -1},
		{"Ausgabe 2019-03", "March 2019", 0},
		{"Rev. 03/2019", "Rev. 2", 0},
	} {
		if got := revision.CompareRevisions(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := revision.CompareRevisions(c.b, c.a); got != -c.want {
			t.Errorf("%q and %q: %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

func TestTheLatestPrintedDateCounts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ text, want string }{
		{"Service manual\nMarch 2019", "2019-03"},
		{"Ausgabe 11/2018", "2018-11"},
		{"2017-04-30 Rev B", "2017-04"},
		{"© 2009-2014 Ohlenbach GmbH", "2014"},
		{"Copyright 2014\nprinted 06/2015", "2015-06"},
		{"12. März 2020", "2020-03"},
		{"Septiembre de 2016", "2016-09"},
		{"Imprimé en août 2011", "2011-08"},
		{"call 555/2019-333 or market 2019", ""},
		{"EN 378-2:2016 applies", ""},
		{"valid until 12/2031", ""},
		{"Service manual", ""},
	} {
		if got := revision.PrintedDate(pages(c.text), now); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	middle := pages("a", "b", "c", "May 2018", "e", "f")
	if got := revision.PrintedDate(middle, now); got != "" {
		t.Errorf("%q stands in the middle of the manual", got)
	}
}

func TestSerialRangesAreReadAsPrinted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"For serial numbers 100200 to 100999", "100200–100999"},
		{"Serial No. 100200-100999", "100200–100999"},
		{"S/N AB12000 and up", "AB12000 and up"},
		{"from serial number 4711000", "4711000 and up"},
		{"ab Seriennummer 2014-0815", "2014-0815 and up"},
		{"bis Seriennr. 99999", "up to 99999"},
		{"Units prior to serial number K7000", "up to K7000"},
		{"a partir del número de serie 33000", "33000 and up"},
		{"Serial numbers 1000 through 1999\nSerial numbers 3000 and above", "1000–1999; 3000 and up"},
		{"Serial number range 5000\nto 5999", "5000–5999"},
		{"Serial number: 1234-5678 V 230", "1234–5678"},
		{"Serial number: 5678-1234", ""},
		{"Note the serial number 123456 on the nameplate.", ""},
		{"from page 100 to 200", ""},
	} {
		if got := revision.Serials(pages(c.text), ""); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	if got := revision.Serials(nil, "RX-280 Service Manual, S/N 9000 and up"); got != "9000 and up" {
		t.Errorf("of the title: %q", got)
	}
}

func TestSerialRangesAreTheSameHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"", "", true},
		{"100200–100999", "100200 to 100999", true},
		{"AB-12000 and up", "from AB12000", true},
		{"from serial no. 12000", "12000 and up", true},
		{"up to 999", "before 999", true},
		{"1000-1999; 3000 and up", "3000+; 1000–1999", true},
		{"1000-1999", "1000-2999", false},
		{"1000 and up", "up to 1000", false},
		{"", "1000 and up", false},
		{"second series", "Second Series", true},
	} {
		if got := revision.SameSerials(c.a, c.b); got != c.same {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}

func FuzzSerials(f *testing.F) {
	f.Add("Serial numbers 100200 to 100999")
	f.Fuzz(func(t *testing.T, s string) {
		found := revision.Serials(pages(s), s)
		if !revision.SameSerials(found, found) {
			t.Errorf("%q is not itself", found)
		}
	})
}
