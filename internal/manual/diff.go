package manual

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Diff is what the tables of one manual say and those of another do not.
type Diff struct {
	From, To Manual
	Tables   []TableDiff // codes, parts, settings: those that one of the two has
}

// TableDiff compares the rows of a table, each list in the order of the keys.
type TableDiff struct {
	Table   search.RowTable
	Added   []search.Row // only in To
	Removed []search.Row // only in From
	Changed []RowChange
	Same    int // rows that say the same, on whatever page
}

// RowChange is a row that says something else.
type RowChange struct {
	From, To search.Row
	Fields   []FieldChange
}

// FieldChange is a field of a row, "" where one of the two has none.
type FieldChange struct {
	Name     string
	From, To string // as printed
}

// Diff compares the rows that were read from two manuals: what revision to added,
// removed or says otherwise than revision from. Rows are paired by their code, part
// number or setting; texts that differ in typography only are the same.
//
// Errors: MANUAL_NOT_FOUND, MANUAL_QUARANTINED, MANUAL_NOT_INDEXED.
func (s *Service) Diff(ctx context.Context, from, to uuid.UUID) (Diff, error) {
	var d Diff
	rows := map[uuid.UUID]map[search.RowTable][]search.Row{}
	for _, m := range []struct {
		id uuid.UUID
		to *Manual
	}{{from, &d.From}, {to, &d.To}} {
		var err error
		if rows[m.id], err = s.rows(ctx, m.id, m.to); err != nil {
			return Diff{}, err
		}
	}
	for _, table := range []search.RowTable{search.RowCodes, search.RowParts, search.RowSettings} {
		if a, b := rows[from][table], rows[to][table]; len(a)+len(b) > 0 {
			d.Tables = append(d.Tables, diffRows(table, a, b))
		}
	}
	return d, nil
}

// rows reads the rows of a manual, all of one generation of it.
func (s *Service) rows(ctx context.Context, id uuid.UUID, m *Manual) (map[search.RowTable][]search.Row, error) {
	for range 3 {
		before, err := s.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		switch {
		case before.Status == Quarantined:
			return nil, errdefs.New(errdefs.Conflict, codeQuarantined, "%q is in quarantine and is not shown.", before.Title)
		case before.Generation == 0:
			return nil, errdefs.New(errdefs.Conflict, "MANUAL_NOT_INDEXED", "%q is not read yet. Compare it when it is.", before.Title)
		}
		pages := map[int]*pdf.Page{}
		found, err := s.index.Rows(ctx, id, func(n int) (*pdf.Page, error) {
			if p := pages[n]; p != nil {
				return p, nil
			}
			stored, err := db.New(s.pool).GetPage(ctx, db.GetPageParams{ManualID: id, Number: int32(n)})
			if errors.Is(err, pgx.ErrNoRows) {
				return &pdf.Page{Number: n}, nil // exchanged just now: it is read once more
			}
			if err != nil {
				return nil, postgres.Translate(err)
			}
			p, err := decodePage(stored.Layout)
			if err != nil {
				return nil, err
			}
			pages[n] = new(p.Trusted())
			return pages[n], nil
		})
		if err != nil {
			return nil, err
		}
		after, err := s.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if after.Generation != before.Generation {
			continue
		}
		*m = after
		out := map[search.RowTable][]search.Row{}
		for _, r := range found {
			out[r.Table] = append(out[r.Table], r)
		}
		return out, nil
	}
	return nil, errdefs.New(errdefs.Unavailable, "MANUAL_PROCESSING", "The manual is being indexed right now. Try again in a moment.")
}

// diffRows pairs the rows of each key: those that say the same first, then those that
// share the most words. What is left over was added or removed.
func diffRows(table search.RowTable, from, to []search.Row) TableDiff {
	d := TableDiff{Table: table}
	a, b := byKey(from), byKey(to)
	keys := slices.Sorted(maps.Keys(a))
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if a[k] == nil {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		old, now := a[k], b[k]
		for i := 0; i < len(old); i++ {
			at := slices.IndexFunc(now, func(r search.Row) bool { return len(changes(old[i], r)) == 0 })
			if at < 0 {
				continue
			}
			d.Same++
			old, now = slices.Delete(old, i, i+1), slices.Delete(now, at, at+1)
			i--
		}
		for len(old) > 0 && len(now) > 0 {
			bi, bk, most := 0, 0, -1
			for i := range old {
				for k := range now {
					if n := sharedWords(old[i], now[k]); n > most {
						bi, bk, most = i, k, n
					}
				}
			}
			d.Changed = append(d.Changed, RowChange{old[bi], now[bk], changes(old[bi], now[bk])})
			old, now = slices.Delete(old, bi, bi+1), slices.Delete(now, bk, bk+1)
		}
		d.Removed, d.Added = append(d.Removed, old...), append(d.Added, now...)
	}
	return d
}

func byKey(rows []search.Row) map[string][]search.Row {
	out := map[string][]search.Row{}
	for _, r := range rows {
		out[r.Key] = append(out[r.Key], r)
	}
	return out
}

// changes lists the fields that differ in more than typography.
func changes(a, b search.Row) []FieldChange {
	var out []FieldChange
	for _, f := range a.Fields {
		if t := field(b, f.Name); textnorm.Fold(f.Text) != textnorm.Fold(t) {
			out = append(out, FieldChange{f.Name, f.Text, t})
		}
	}
	for _, f := range b.Fields {
		if f.Text != "" && field(a, f.Name) == "" {
			out = append(out, FieldChange{f.Name, "", f.Text})
		}
	}
	return out
}

func field(r search.Row, name string) string {
	for _, f := range r.Fields {
		if f.Name == name {
			return f.Text
		}
	}
	return ""
}

func sharedWords(a, b search.Row) int {
	words := map[string]int{}
	for _, f := range a.Fields {
		for w := range strings.FieldsSeq(textnorm.Fold(f.Text)) {
			words[w]++
		}
	}
	n := 0
	for _, f := range b.Fields {
		for w := range strings.FieldsSeq(textnorm.Fold(f.Text)) {
			if words[w] > 0 {
				words[w]--
				n++
			}
		}
	}
	return n
}
