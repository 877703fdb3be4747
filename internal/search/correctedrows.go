package search

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// storedRow names a row of a table as it is stored.
type storedRow struct {
	manual  uuid.UUID
	ordinal int
}

// laidOver is what the corrections of a table make of rows that are read in parts.
type laidOver[T any] struct {
	rows    map[storedRow]T          // that the shop says otherwise, as read
	of      map[storedRow]*Corrected // what it says of them
	dropped map[storedRow]bool
	alone   []*Corrected // rows that only the shop has
	order   []storedRow  // of rows
}

// layOver reads the corrections of a table that are found by one of the keys, and the
// rows that they are about: all of their manuals' rows of those names, since what is
// not among some of them is not gone. nil stands for all manuals, and for all keys.
func layOver[T any](ctx context.Context, s *Store, table RowTable, manuals []uuid.UUID, keys []string, form func(*T) Row) (laidOver[T], error) {
	out := laidOver[T]{rows: map[storedRow]T{}, of: map[storedRow]*Corrected{}, dropped: map[storedRow]bool{}}
	err := postgres.InSnapshot(ctx, s.db, func(tx pgx.Tx) error {
		all, err := s.corrections.Corrections(ctx, tx, table, manuals, keys)
		if err != nil || len(all) == 0 {
			return err
		}
		var in []uuid.UUID
		var names []string
		for i := range all {
			in, names = append(in, all[i].ManualID), append(names, all[i].Keys()...)
		}
		rows, err := tx.Query(ctx, storedRowsQuery[table], in, names)
		if err != nil {
			return err
		}
		var at []storedRow
		var read []T
		var ids []uuid.UUID
		var printed []Row
		var id storedRow
		var data []byte
		if _, err := pgx.ForEachRow(rows, []any{&id.manual, &id.ordinal, &data}, func() error {
			var r T
			if err := json.Unmarshal(data, &r); err != nil {
				return fmt.Errorf("search: row of %s: %w", table, err)
			}
			at, read, ids, printed = append(at, id), append(read, r), append(ids, id.manual), append(printed, form(&r))
			return nil
		}); err != nil {
			return err
		}
		o := overlayRows(ids, printed, all)
		out.alone = o.alone
		for i := range read {
			if o.dropped[i] {
				out.dropped[at[i]] = true
			}
			if c := o.of[i]; c != nil {
				out.rows[at[i]], out.of[at[i]], out.order = read[i], c, append(out.order, at[i])
			}
		}
		return nil
	})
	return out, err
}

// storedRowsQuery reads the rows of manuals that have one of the keys. By
// error_code_key, part_keys and manual_setting_keys.
var storedRowsQuery = map[RowTable]string{
	RowCodes:    `SELECT manual_id, ordinal, row FROM error_code WHERE manual_id = ANY($1) AND code_key = ANY($2) ORDER BY manual_id, ordinal`,
	RowParts:    `SELECT manual_id, ordinal, row FROM part WHERE manual_id = ANY($1) AND keys && $2 ORDER BY manual_id, ordinal`,
	RowSettings: `SELECT manual_id, ordinal, row FROM manual_setting WHERE manual_id = ANY($1) AND keys && $2 ORDER BY manual_id, ordinal`,
}

// correctFound lays corrections over the rows that a look-up of codes has found. What
// only the shop has, or calls by the asked name, comes first.
func (s *Store) correctFound(ctx context.Context, r codeSelection, keys []string, found []FoundCode) ([]FoundCode, error) {
	loosely := r.column == "loose_key"
	if loosely {
		keys = nil // its rows have other codes than the asked one
	}
	if r.manuals != nil && len(r.manuals) == 0 {
		return found, nil
	}
	o, err := layOver(ctx, s, RowCodes, r.manuals, keys, (*CodeRow).Printed)
	if err != nil || len(o.of)+len(o.dropped)+len(o.alone) == 0 {
		return found, err
	}
	var out []FoundCode
	if r.after == nil && !loosely {
		if out, err = s.shopCodes(ctx, r, keys, &o); err != nil {
			return nil, err
		}
	}
	for _, f := range found {
		id := storedRow{f.ManualID, f.ordinal}
		c := o.of[id]
		switch {
		case o.dropped[id], c != nil && c.Says.Name != "": // by its new name it stands above
			continue
		case c != nil:
			f.Corrected = c
			if c.Says.Models != nil {
				f.Models = c.Says.Models
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// shopCodes are the rows that have their name from the shop, with their manuals.
func (s *Store) shopCodes(ctx context.Context, r codeSelection, keys []string, o *laidOver[CodeRow]) ([]FoundCode, error) {
	var rows []CodeRow
	done := map[*Corrected]bool{}
	add := func(c *Corrected, row CodeRow) {
		if done[c] {
			return
		}
		done[c] = true
		for _, n := range c.codeRows(row) {
			if keys == nil && n.Whole() || slices.Contains(keys, n.Key) {
				rows = append(rows, n)
			}
		}
	}
	for _, c := range o.alone {
		add(c, CodeRow{ManualID: c.ManualID})
	}
	for _, id := range o.order {
		if c := o.of[id]; c.Says.Name != "" {
			row := o.rows[id]
			row.ManualID = id.manual
			add(c, row)
		}
	}
	var out []FoundCode
	for _, row := range rows {
		f := FoundCode{CodeRow: row}
		err := s.db.QueryRow(ctx, `
			SELECT m.title, m.revision, coalesce((SELECT label FROM page WHERE manual_id = m.id AND number = $2), ''),
			       (SELECT coalesce(min(manufacturer), '') FROM manual_model mm JOIN model ON model.id = mm.model_id WHERE mm.manual_id = m.id),
			       (SELECT coalesce(array_agg(name ORDER BY name), '{}') FROM manual_model mm JOIN model ON model.id = mm.model_id WHERE mm.manual_id = m.id)
			FROM manual m WHERE m.id = $1 AND ($3 AND `+servedManual+` OR `+askedManual+`)`,
			row.ManualID, row.Page, r.manuals != nil).Scan(&f.Title, &f.Revision, &f.PageLabel, &f.Manufacturer, &f.ManualModels)
		if errors.Is(err, pgx.ErrNoRows) {
			continue // of a manual that is not looked into
		}
		if err != nil {
			return nil, postgres.Translate(err)
		}
		if r.language == "" || row.Language == "" || row.Language == r.language {
			out = append(out, f)
		}
	}
	return out, nil
}

// correctRows lays corrections over rows of parts or settings that were found. mark
// gives a row the words of the shop; alone are the rows that only the shop has, of the
// manuals that q selects, with their titles.
func correctRows[F, T any](ctx context.Context, s *Store, table RowTable, q *RowQuery, found []F, form func(*T) Row,
	id func(*F) storedRow, mark func(*F, *Corrected),
) (out []F, alone []shopRow, err error) {
	o, err := layOver(ctx, s, table, q.Manuals, nil, form)
	if err != nil || len(o.of)+len(o.dropped)+len(o.alone) == 0 {
		return found, nil, err
	}
	key := textnorm.Key(q.Name)
	for i := range found {
		f := &found[i]
		c := o.of[id(f)]
		if o.dropped[id(f)] || c != nil && key != "" && c.Says.Name != "" && textnorm.Key(c.Says.Name) != key {
			continue
		}
		if c != nil {
			mark(f, c)
		}
		out = append(out, *f)
	}
	if q.Cursor == "" {
		alone, err = s.shopRows(ctx, q, o.alone)
	}
	return out, alone, err
}

// shopRow is a row that only the shop has.
type shopRow struct {
	*Corrected
	title string // of its manual
}

func (r shopRow) name() string { return cmp.Or(r.Says.Name, r.Anchor.Name) }
func (r shopRow) page() int    { return cmp.Or(r.Says.Page, r.Anchor.Page) }

// text is what the shop says for a field, or what was printed.
func (r shopRow) text(field string) Printed {
	if text, ok := r.Text(field); ok {
		return Printed{Text: text}
	}
	return Printed{Text: r.Printed(field)}
}

// shopRows keeps those that q selects.
func (s *Store) shopRows(ctx context.Context, q *RowQuery, all []*Corrected) ([]shopRow, error) {
	var in []uuid.UUID
	for _, c := range all {
		in = append(in, c.ManualID)
	}
	if len(in) == 0 {
		return nil, nil
	}
	scope := RowQuery{Manufacturer: q.Manufacturer, Model: q.Model, Manuals: q.Manuals}
	where, args, err := scope.where()
	if err != nil {
		return nil, err
	}
	args["shop"] = in
	rows, err := s.db.Query(ctx, `SELECT m.id, m.title FROM manual m, LATERAL (SELECT m.id AS manual_id) r WHERE m.id = ANY (@shop) AND `+where, args)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	titles := map[uuid.UUID]string{}
	var id uuid.UUID
	var title string
	if _, err := pgx.ForEachRow(rows, []any{&id, &title}, func() error {
		titles[id] = title
		return nil
	}); err != nil {
		return nil, postgres.Translate(err)
	}
	var out []shopRow
	for _, c := range all {
		r := shopRow{c, titles[c.ManualID]}
		said := r.name()
		for _, text := range c.Says.Fields {
			said += " " + text
		}
		tokens := textnorm.Tokens(said)
		missing := slices.ContainsFunc(textnorm.Tokens(q.Text), func(t string) bool { return !slices.Contains(tokens, t) })
		if _, ok := titles[c.ManualID]; ok && !missing && (q.Name == "" || textnorm.Key(r.name()) == textnorm.Key(q.Name)) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (s *Store) correctParts(ctx context.Context, q *RowQuery, found []FoundPart) ([]FoundPart, error) {
	found, alone, err := correctRows(ctx, s, RowParts, q, found, (*PartRow).row,
		func(f *FoundPart) storedRow { return storedRow{f.ManualID, f.Ordinal} },
		func(f *FoundPart, c *Corrected) {
			f.Corrected = c
			if c.Says.Name != "" {
				f.Number.Text, f.Composed = c.Says.Name, nil
			}
			say(c, "description", &f.Description)
			say(c, "quantity", &f.Quantity)
		})
	var out []FoundPart
	for _, r := range alone {
		out = append(out, FoundPart{ManualTitle: r.title, PartRow: PartRow{
			ManualID: r.ManualID, Page: r.page(), Number: Printed{Text: r.name()}, Description: r.text("description"), Quantity: r.text("quantity"),
			Corrected: r.Corrected,
		}})
	}
	return append(out, found...), err
}

func (s *Store) correctSettings(ctx context.Context, q *RowQuery, found []FoundSetting) ([]FoundSetting, error) {
	found, alone, err := correctRows(ctx, s, RowSettings, q, found, (*SettingRow).row,
		func(f *FoundSetting) storedRow { return storedRow{f.ManualID, f.Ordinal} },
		func(f *FoundSetting, c *Corrected) {
			f.Corrected = c
			if c.Says.Name != "" {
				f.Name.Text = c.Says.Name
			}
			say(c, "default", &f.Default)
			if text, ok := c.Text("meaning"); ok {
				f.Meanings = []Printed{{Text: text}}
			}
		})
	var out []FoundSetting
	for _, r := range alone {
		out = append(out, FoundSetting{ManualTitle: r.title, SettingRow: SettingRow{
			ManualID: r.ManualID, Page: r.page(), Name: Printed{Text: r.name()}, Default: r.text("default"), Meanings: []Printed{r.text("meaning")},
			Corrected: r.Corrected,
		}})
	}
	return append(out, found...), err
}

// say puts the words of the shop in the place of what is printed; where that stands
// stays known.
func say(c *Corrected, field string, to *Printed) {
	if text, ok := c.Text(field); ok {
		to.Text = text
	}
}
