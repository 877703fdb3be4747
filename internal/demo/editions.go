package demo

import "io"

// edition is a manual and what is printed in it.
type edition struct {
	manual  Manual
	layout  layout
	content [][]block // by chapter
}

// editions returns the editions of the demo library.
func editions() []edition { return []edition{oven(), iceMachine(), combiOven()} }

func (e edition) typeset() (*book, error) {
	var blocks []block
	for _, chapter := range e.content {
		blocks = append(blocks, chapter...)
	}
	return typeset(e.layout, e.manual, blocks)
}

func (e edition) write(w io.Writer) error {
	b, err := e.typeset()
	if err != nil {
		return err
	}
	return b.writeTo(w)
}

func (e edition) codes() ([]PrintedCode, error) {
	b, err := e.typeset()
	if err != nil {
		return nil, err
	}
	return b.codes, nil
}

func english() wording {
	return wording{
		contents: "Contents", continued: "(continued)", figure: "Figure", table: "Table",
		tools: "Tools", duration: "Time", expected: "Result",
		danger: "DANGER", warning: "WARNING", caution: "CAUTION", note: "NOTICE",
	}
}

func german() wording {
	return wording{
		contents: "Inhalt", continued: "(Fortsetzung)", figure: "Bild", table: "Tabelle",
		tools: "Werkzeug", duration: "Zeitbedarf", expected: "Ergebnis",
		danger: "GEFAHR", warning: "WARNUNG", caution: "VORSICHT", note: "HINWEIS",
	}
}
