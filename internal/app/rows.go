package app

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/eval"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
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
	var out []eval.Row
	for i := range codes {
		c := &codes[i]
		if !c.Whole() {
			continue // the same row under a part of its code
		}
		r := eval.Row{Page: c.Page, Key: c.Code, Source: string(cmp.Or(c.Source, search.SourceText)), Texts: map[string][]string{}}
		for _, f := range c.Fields {
			if textnorm.Key(f.Printed) != "" {
				r.Texts[string(f.Role)] = append(r.Texts[string(f.Role)], f.Printed)
			}
		}
		out = append(out, r)
	}
	return out, nil
}
