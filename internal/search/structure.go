package search

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// PartFilter selects sections, tables or drawings of a manual. They come in
// printed order.
type PartFilter struct {
	Type  string // the type of sections, the kind of tables or drawings; "" for all
	Page  int    // only what is on this PDF page; 0 for all
	After int    // the ordinal behind which the list goes on; -1 from the first
	Limit int    // how many at most
}

// Section is a section of a manual. Parent and CopyOf are ordinals.
type Section struct {
	Ordinal int
	structure.Section
}

// Table is a table of a manual.
type Table struct {
	Ordinal int
	structure.Table
}

// Drawing is a drawing of a manual.
type Drawing struct {
	Ordinal int
	structure.Drawing
}

// document reads the structure of the manual.
func (b *book) document(outline []pdf.OutlineEntry) *structure.Document {
	return structure.Read(b.pages, structure.Options{Outline: outline, Languages: b.languages})
}

// insertStructure replaces what is stored of a manual's structure.
func insertStructure(ctx context.Context, tx pgx.Tx, manual uuid.UUID, d *structure.Document) error {
	for _, table := range []string{"section", "manual_table", "drawing", "manual_structure"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE manual_id = $1`, manual); err != nil {
			return postgres.Translate(err)
		}
	}
	sections := make([][]any, len(d.Sections))
	for i := range d.Sections {
		s := &d.Sections[i]
		applies, err := jsonb(s.Applies)
		if err != nil {
			return err
		}
		heading, err := jsonb(s.Heading)
		if err != nil {
			return err
		}
		sections[i] = []any{manual, i, ordinal(s.Parent), ordinal(s.CopyOf), s.Level, string(s.Type), textnorm.Clean(s.Title), s.FirstPage, s.LastPage, s.Language, s.Source, applies, heading}
	}
	tables := make([][]any, len(d.Tables))
	for i := range d.Tables {
		t := &d.Tables[i]
		content, err := jsonb(t)
		if err != nil {
			return err
		}
		last := t.Parts[len(t.Parts)-1].Page
		tables[i] = []any{manual, i, string(t.Kind), textnorm.Clean(t.Title.Text), t.Language, ordinal(t.Section), t.Parts[0].Page, last, len(t.Rows), content}
	}
	drawings := make([][]any, len(d.Drawings))
	for i := range d.Drawings {
		w := &d.Drawings[i]
		title, err := jsonb(w.Title.Span)
		if err != nil {
			return err
		}
		box := []float64{w.Box.X0, w.Box.Y0, w.Box.X1, w.Box.Y1}
		drawings[i] = []any{manual, i, string(w.Kind), textnorm.Clean(w.Title.Text), w.Page, box, ordinal(w.Section), title}
	}
	for _, c := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"section", []string{"manual_id", "ordinal", "parent", "copy_of", "level", "type", "title", "first_page", "last_page", "language", "source", "applies", "heading"}, sections},
		{"manual_table", []string{"manual_id", "ordinal", "kind", "title", "language", "section", "first_page", "last_page", "row_count", "content"}, tables},
		{"drawing", []string{"manual_id", "ordinal", "kind", "title", "page", "box", "section", "title_words"}, drawings},
	} {
		if len(c.rows) == 0 {
			continue
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{c.table}, c.columns, pgx.CopyFromRows(c.rows)); err != nil {
			return fmt.Errorf("store %s: %w", c.table, postgres.Translate(err))
		}
	}
	doubles, languages := []byte("[]"), []byte("{}")
	var err error
	if len(d.Doubles) > 0 {
		if doubles, err = jsonb(d.Doubles); err != nil {
			return err
		}
	}
	if len(d.LineLanguages) > 0 {
		if languages, err = jsonb(d.LineLanguages); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO manual_structure (manual_id, doubles, line_languages) VALUES ($1, $2, $3)`, manual, doubles, languages)
	return postgres.Translate(err)
}

// jsonb writes a value as PostgreSQL takes it, which has no NUL in its texts.
func jsonb(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	return bytes.ReplaceAll(data, []byte(`\u0000`), nil), err
}

// ordinal is how an index into a slice is stored: NULL for none.
func ordinal(i int) *int {
	if i < 0 {
		return nil
	}
	return &i
}

func fromOrdinal(i *int) int {
	if i == nil {
		return -1
	}
	return *i
}

// Sections returns sections of a manual.
func (s *Store) Sections(ctx context.Context, manual uuid.UUID, f PartFilter) ([]Section, error) {
	rows, err := s.db.Query(ctx, `
		SELECT ordinal, parent, copy_of, level, type, title, first_page, last_page, language, source, applies, heading
		FROM section
		WHERE manual_id = $1 AND ordinal > $2 AND ($3 = '' OR type = $3) AND ($4 = 0 OR $4 BETWEEN first_page AND last_page)
		ORDER BY ordinal LIMIT $5`, manual, f.After, f.Type, f.Page, f.Limit)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Section, error) {
		var x Section
		var parent, copyOf *int
		var applies, heading []byte
		err := row.Scan(&x.Ordinal, &parent, &copyOf, &x.Level, &x.Type, &x.Title, &x.FirstPage, &x.LastPage, &x.Language, &x.Source, &applies, &heading)
		if err != nil {
			return x, err
		}
		x.Parent, x.CopyOf = fromOrdinal(parent), fromOrdinal(copyOf)
		if err := json.Unmarshal(applies, &x.Applies); err != nil {
			return x, err
		}
		return x, json.Unmarshal(heading, &x.Heading)
	})
	return out, postgres.Translate(err)
}

// Tables returns tables of a manual.
func (s *Store) Tables(ctx context.Context, manual uuid.UUID, f PartFilter) ([]Table, error) {
	rows, err := s.db.Query(ctx, `
		SELECT ordinal, content
		FROM manual_table
		WHERE manual_id = $1 AND ordinal > $2 AND ($3 = '' OR kind = $3) AND ($4 = 0 OR $4 BETWEEN first_page AND last_page)
		ORDER BY ordinal LIMIT $5`, manual, f.After, f.Type, f.Page, f.Limit)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Table, error) {
		var x Table
		var content []byte
		if err := row.Scan(&x.Ordinal, &content); err != nil {
			return x, err
		}
		return x, json.Unmarshal(content, &x.Table)
	})
	return out, postgres.Translate(err)
}

// TablesOn returns the tables of a manual that have a part on one of the pages, in
// printed order.
func (s *Store) TablesOn(ctx context.Context, manual uuid.UUID, pages []int) ([]*structure.Table, error) {
	rows, err := s.db.Query(ctx, `
		SELECT content
		FROM manual_table
		WHERE manual_id = $1 AND EXISTS (SELECT FROM unnest($2::int[]) AS n WHERE n BETWEEN first_page AND last_page)
		ORDER BY ordinal`, manual, pages)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*structure.Table, error) {
		var content []byte
		if err := row.Scan(&content); err != nil {
			return nil, err
		}
		t := new(structure.Table)
		return t, json.Unmarshal(content, t)
	})
	return out, postgres.Translate(err)
}

// Drawings returns drawings of a manual.
func (s *Store) Drawings(ctx context.Context, manual uuid.UUID, f PartFilter) ([]Drawing, error) {
	rows, err := s.db.Query(ctx, `
		SELECT ordinal, kind, title, page, box, section, title_words
		FROM drawing
		WHERE manual_id = $1 AND ordinal > $2 AND ($3 = '' OR kind = $3) AND ($4 = 0 OR page = $4)
		ORDER BY ordinal LIMIT $5`, manual, f.After, f.Type, f.Page, f.Limit)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Drawing, error) {
		var x Drawing
		var box []float64
		var section *int
		var title []byte
		if err := row.Scan(&x.Ordinal, &x.Kind, &x.Title.Text, &x.Page, &box, &section, &title); err != nil {
			return x, err
		}
		x.Box, x.Section = pdf.Box{X0: box[0], Y0: box[1], X1: box[2], Y1: box[3]}, fromOrdinal(section)
		return x, json.Unmarshal(title, &x.Title.Span)
	})
	return out, postgres.Translate(err)
}
