package manual

import (
	"context"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/search"
)

// Sections returns the sections of a manual in printed order. Limit is 200 when 0,
// 1,000 at most. A manual that is not indexed yet has none.
func (s *Service) Sections(ctx context.Context, id uuid.UUID, f search.PartFilter) (sections []search.Section, next int, err error) {
	return partsOf(ctx, s, id, f, s.index.Sections, func(x search.Section) int { return x.Ordinal })
}

// Tables returns the tables of a manual in printed order, as Sections does.
func (s *Service) Tables(ctx context.Context, id uuid.UUID, f search.PartFilter) (tables []search.Table, next int, err error) {
	return partsOf(ctx, s, id, f, s.index.Tables, func(x search.Table) int { return x.Ordinal })
}

// Table returns one table of a manual by its ordinal. Errors: MANUAL_NOT_FOUND,
// TABLE_NOT_FOUND.
func (s *Service) Table(ctx context.Context, id uuid.UUID, ordinal int) (search.Table, error) {
	tables, _, err := s.Tables(ctx, id, search.PartFilter{After: ordinal - 1, Limit: 1})
	if err != nil {
		return search.Table{}, err
	}
	if len(tables) == 0 || tables[0].Ordinal != ordinal {
		return search.Table{}, errdefs.New(errdefs.NotFound, "TABLE_NOT_FOUND", "The manual has no table %d. Its tables are numbered anew when it is read again: list them.", ordinal)
	}
	return tables[0], nil
}

// Drawings returns the drawings of a manual in printed order, as Sections does.
func (s *Service) Drawings(ctx context.Context, id uuid.UUID, f search.PartFilter) (drawings []search.Drawing, next int, err error) {
	return partsOf(ctx, s, id, f, s.index.Drawings, func(x search.Drawing) int { return x.Ordinal })
}

// partsOf lists parts of a manual that exists. next is the After of the next ones,
// -1 after the last.
func partsOf[T any](ctx context.Context, s *Service, id uuid.UUID, f search.PartFilter,
	list func(context.Context, uuid.UUID, search.PartFilter) ([]T, error), ordinal func(T) int,
) (parts []T, next int, err error) {
	if f.Limit <= 0 {
		f.Limit = 200
	}
	limit := min(f.Limit, 1000)
	f.Limit = limit + 1
	if _, err := db.New(s.pool).GetManual(ctx, id); err != nil {
		return nil, 0, rowError(err)
	}
	if parts, err = list(ctx, id, f); err != nil {
		return nil, 0, err
	}
	if len(parts) <= limit {
		return parts, -1, nil
	}
	return parts[:limit], ordinal(parts[limit-1]), nil
}
