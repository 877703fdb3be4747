package identify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/techcopilot/techcopilot/internal/manual/internal/identify"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// page makes a page of lines; one that begins with "# " is a heading in large
// letters, one with "## " in middling ones.
func page(n int, lines ...string) pdf.Page {
	p := pdf.Page{Number: n, Width: 595, Height: 842}
	for i, text := range lines {
		size := 10.0
		if rest, ok := strings.CutPrefix(text, "# "); ok {
			text, size = rest, 30
		} else if rest, ok := strings.CutPrefix(text, "## "); ok {
			text, size = rest, 18
		}
		l := pdf.Line{First: len(p.Words), FontSize: size, Box: pdf.Box{Y0: float64(40 * i), X1: 500, Y1: float64(40*i) + size}}
		for _, w := range strings.Fields(text) {
			p.Words = append(p.Words, pdf.Word{Text: w})
		}
		l.Count = len(p.Words) - l.First
		p.Lines = append(p.Lines, l)
	}
	return p
}

// body is a page of text as manuals have it behind the cover.
func body(n int, lines ...string) pdf.Page {
	return page(n, append([]string{
		"Before you begin, read these instructions and keep them.", "Disconnect the power before you open the oven.",
		"The ovens are to be cleaned once a day with a soft cloth.", "Sharp edges can cut: wear gloves.",
		"Call your dealer if the display shows a code that is not listed.",
	}, lines...)...)
}

func TestWhatIsProposed(t *testing.T) {
	cover := []string{"# Cindervale", "## RapidHearth ovens", "# RX-280", "# SERVICE MANUAL", "Document 4711-RX9 Rev. C"}
	inside := body(2, "© 2019 Cindervale Thermal Systems, Inc.", "www.cindervale.example.com")
	twice := identify.Known{Manufacturers: []string{"CINDERVALE"}, Models: []identify.Model{{Manufacturer: "CINDERVALE", Name: "RX-280"}}}
	for _, c := range []struct {
		name    string
		cover   []string
		inside  pdf.Page
		file    string
		folders string // separated by bars
		title   string
		known   identify.Known

		maker, models, kind string
		sure                bool
	}{
		{
			name: "folders and cover agree", cover: cover, inside: inside, file: "scan0001.pdf", folders: "srv|manuals|Cindervale|RX-280",
			maker: "Cindervale", models: "RX-280", kind: "service", sure: true,
		},
		{
			name: "spelling differs, the printed one counts", cover: cover, inside: inside, file: "x.pdf", folders: "CINDERVALE|rx280",
			maker: "CINDERVALE", models: "RX-280", kind: "service", sure: true,
		},
		{
			name: "the model's folder has more words", cover: cover, inside: inside, file: "x.pdf", folders: "Cindervale|RX-280 oven|Service Manuals",
			maker: "Cindervale", models: "RX-280", kind: "service", sure: true,
		},
		{
			name: "nothing but a file name", cover: []string{"# Maintenance", "# SERVICE MANUAL"}, inside: body(2), file: "cindervale-rx280-service.pdf",
			kind: "service",
		},
		{
			name: "the file name and the cover agree on both", cover: cover, inside: inside, file: "cindervale-rx280-service.pdf",
			maker: "Cindervale", models: "RX-280", kind: "service", sure: true,
		},
		{
			name: "the text alone", cover: cover, inside: inside, file: "scan0001.pdf",
			models: "RX-280", kind: "service",
		},
		{
			name: "the library knows both", cover: cover, inside: inside, file: "scan0001.pdf", known: twice,
			maker: "CINDERVALE", models: "RX-280", kind: "service", sure: true,
		},
		{
			name: "the folder names another model", cover: cover, inside: inside, file: "x.pdf", folders: "Cindervale|TI-350", known: twice,
			maker: "CINDERVALE", models: "RX-280", kind: "service",
		},
		{
			name: "the folder names another maker", cover: cover, inside: inside, file: "x.pdf", folders: "Tarnholm|RX-280",
			models: "RX-280", kind: "service",
		},
		{
			name: "folders that are common words", cover: cover, inside: inside, file: "x.pdf", folders: "Sharp|Ovens|Display",
			models: "RX-280", kind: "service",
		},
		{
			name: "the folder speaks of another kind of manual", cover: cover, inside: inside, file: "x.pdf", folders: "Cindervale|RX-280|Parts",
			maker: "Cindervale", models: "RX-280", kind: "service",
		},
		{
			name: "the cover shows a sibling", inside: inside, file: "x.pdf", folders: "Cindervale|RX-280",
			cover: []string{"# Cindervale", "# RX-280 / RX-440", "# SERVICE MANUAL"},
			maker: "Cindervale", models: "RX-280 RX-440", kind: "service",
		},
		{
			name: "a brand larger than the models does not hide a sibling", inside: inside, file: "x.pdf", folders: "Cindervale|RX-280",
			cover: []string{"# Cindervale", "RX-280", "RX-440", "# SERVICE MANUAL"},
			maker: "Cindervale", models: "RX-280 RX-440", kind: "service",
		},
		{
			name: "the folder lists them", inside: inside, file: "x.pdf", folders: "Cindervale|RX-280, RX-440",
			cover: []string{"# Cindervale", "# RX-280 / RX-440", "# Installation and Operation Manual"},
			maker: "Cindervale", models: "RX-280 RX-440", kind: "installation", sure: true,
		},
		{
			name: "the folder lists one that is not printed", inside: inside, file: "x.pdf", folders: "Cindervale|RX-280, RX-555",
			cover: cover,
			maker: "Cindervale", models: "RX-280", kind: "service",
		},
		{
			name: "a family's name", inside: body(2, "Ohlenbach Großküchentechnik GmbH"), file: "x.pdf", folders: "Ohlenbach|KD 61",
			cover: []string{"# Ohlenbach", "# KD 61 E", "# Bedienungsanleitung"},
			maker: "Ohlenbach", models: "KD 61", kind: "user",
		},
		{
			name: "a composite name", inside: body(2, "Mitsuba Electric Co., Ltd."), file: "x.pdf", folders: "Mitsuba Electric|PUZ-WM50_60",
			cover: []string{"# Mitsuba Electric", "# PUZ-WM50/60", "# Manual de instalación"},
			maker: "Mitsuba Electric", models: "PUZ-WM50 PUZ-WM60", kind: "installation", sure: true,
		},
		{
			name: "the manual's own number is no model", inside: inside, file: "RX9-4711.pdf", folders: "Cindervale",
			cover: []string{"# Cindervale", "# SERVICE MANUAL", "Part No. RX9-4711"},
			maker: "Cindervale", kind: "service",
		},
		{
			name: "figures with units are no models", inside: inside, file: "230v-50hz.pdf", folders: "Cindervale|230V 50Hz",
			cover: []string{"# Cindervale", "# 230V 50Hz", "# Operation and Maintenance Manual"},
			maker: "Cindervale", kind: "user",
		},
		{
			name: "others' trade marks", inside: body(2, "Windows is a trademark of Microsoft Corporation.", "Microsoft Corporation"), file: "x.pdf",
			cover:  []string{"# RX-280", "# Parts List"},
			models: "RX-280", kind: "parts",
		},
		{
			name: "a table of contents is no cover", file: "x.pdf", inside: inside,
			cover: []string{"1.1 Installation 3", "1.2 Operation 4", "1.3 Service 5", "1.4 Cleaning 6", "1.5 Wiring diagrams 7", "1.6 Parts list 8", "1.7 Index 9"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := identify.Hints{Title: c.title}
			if c.folders != "" {
				h.Folders = strings.Split(c.folders, "|")
			}
			d := identify.New([]pdf.Page{page(1, c.cover...), c.inside, body(3)}, nil, c.file, h)
			got := d.Identify(c.known)
			if got.Manufacturer != c.maker || strings.Join(got.Models, " ") != c.models || got.Type != c.kind || got.Sure != c.sure {
				t.Errorf("got %q %q %q sure %v\nwant %q %q %q sure %v\n%+v",
					got.Manufacturer, got.Models, got.Type, got.Sure, c.maker, c.models, c.kind, c.sure, got.Evidence)
			}
			checkEvidence(t, got)
		})
	}
}

// checkEvidence holds the promise that nothing is proposed without a place where
// it is printed, and nothing sure without a second source.
func checkEvidence(t *testing.T, p identify.Proposal) {
	t.Helper()
	for i, e := range p.Evidence {
		if slices.Contains(p.Evidence[:i], e) {
			t.Errorf("the same evidence twice: %+v", e)
		}
	}
	check := func(field, value string) {
		if value == "" {
			return
		}
		printed, independent := false, false
		for _, e := range p.Evidence {
			if e.Field != field || e.Value != value {
				continue
			}
			if e.Source == identify.Cover || e.Source == identify.Text {
				printed = printed || e.Page > 0 && e.Quote != ""
			} else {
				independent = true
			}
		}
		if !printed || p.Sure && !independent && (field == identify.FieldManufacturer || field == identify.FieldModel) {
			t.Errorf("%s %q: printed %v, another source %v: %+v", field, value, printed, independent, p.Evidence)
		}
	}
	check(identify.FieldManufacturer, p.Manufacturer)
	for _, m := range p.Models {
		check(identify.FieldModel, m)
	}
	check(identify.FieldType, p.Type)
	check(identify.FieldRevision, p.Revision)
}

func TestTitleAndRevisionAreAsPrinted(t *testing.T) {
	pages := []pdf.Page{
		page(1, "# Cindervale", "# RX-280", "# MAINTENANCE AND SERVICE GUIDE", "Document 4711 Rev. C, March 2019"),
		body(2, "Cindervale Thermal Systems, Inc."),
	}
	h := identify.Hints{Folders: []string{"Cindervale", "RX-280"}}
	p := identify.New(pages, nil, "x.pdf", h).Identify(identify.Known{})
	if p.Title != "Cindervale RX-280 Maintenance And Service Guide" || p.Revision != "Rev. C" || !p.Sure {
		t.Errorf("%+v", p)
	}
	// Two revisions are none.
	pages[1] = body(2, "Cindervale Thermal Systems, Inc.", "Software version 2.1 or later")
	if p := identify.New(pages, nil, "x.pdf", h).Identify(identify.Known{}); p.Revision != "" {
		t.Errorf("revision %q", p.Revision)
	}
}

func TestCipherLinesAndBrokenPagesAreNotRead(t *testing.T) {
	cover := page(1, "# Cindervale", "# RX-280", "# Service Manual")
	for i := range cover.Lines {
		cover.Lines[i].Cipher = true
	}
	pages := []pdf.Page{cover, {Number: 2, Error: "damaged"}, {Number: 3}}
	d := identify.New(pages, nil, "cindervale-rx280.pdf", identify.Hints{Folders: []string{"Cindervale", "RX-280"}})
	if p := d.Identify(identify.Known{}); p.Manufacturer != "" || p.Models != nil || p.Type != "" || p.Sure {
		t.Errorf("%+v", p)
	}
}

func TestKeysAreWhatTheLibraryIsAskedFor(t *testing.T) {
	d := identify.New([]pdf.Page{page(1, "Mitsuba Electric PUZ-WM50/60, Model KD 61 E")}, nil, "x.pdf", identify.Hints{})
	keys := d.Keys()
	for _, want := range []string{"mitsubaelectric", "puzwm50", "puzwm60", "kd61e", "kd61"} {
		if !slices.Contains(keys, want) {
			t.Errorf("no %s in %q", want, keys)
		}
	}
}

// Whatever a file holds, nothing breaks.
func FuzzIdentify(f *testing.F) {
	f.Add("Cindervale Inc. RX-280/440 (B.V.) ® Rev. C", "Maker|M-1", "a-b.pdf", "Title RX-1")
	f.Add("© / , ; GmbH", "|", ".pdf", "")
	f.Fuzz(func(t *testing.T, text, folders, file, title string) {
		pages := []pdf.Page{page(1, strings.Split(text, ";")...), page(2, text)}
		d := identify.New(pages, []pdf.OutlineEntry{{Title: title}}, file, identify.Hints{Folders: strings.Split(folders, "|"), Title: title})
		d.Keys()
		checkEvidence(t, d.Identify(identify.Known{Manufacturers: []string{text}, Models: []identify.Model{{Manufacturer: text, Name: title}}}))
	})
}
