package app

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/eval"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

// Rows implements eval.Library.
func (e evaluation) Rows(ctx context.Context, id uuid.UUID, index string) ([]eval.Row, error) {
	if index != "codes" {
		return nil, fmt.Errorf("no index %q", index)
	}
	codes, err := e.App.Search.CodesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	pages := map[int]*pdf.Page{}
	out := make([]eval.Row, len(codes))
	for i, c := range codes {
		p := pages[c.Page]
		if p == nil {
			read, _, err := e.Manuals.Page(ctx, id, c.Page)
			if err != nil {
				return nil, err
			}
			p = &read
			pages[c.Page] = p
		}
		out[i] = codeRow(p, c)
	}
	return out, nil
}

func codeRow(p *pdf.Page, c search.CodeRow) eval.Row {
	r := eval.Row{Page: c.Page, Key: c.Code, Source: "text", Texts: map[string][]string{}}
	for _, f := range c.Fields {
		for _, w := range f.Words {
			if w < len(p.Words) && p.Words[w].Confidence > 0 {
				r.Source = "ocr"
			}
		}
		r.Texts[string(f.Role)] = append(r.Texts[string(f.Role)], f.Text(p))
	}
	return r
}
