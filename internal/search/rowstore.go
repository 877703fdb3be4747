package search

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// RowQuery selects rows of parts lists or of settings. Its conditions hold together.
type RowQuery struct {
	Manufacturer string
	Model        string // a name or another name of it; case, spaces and signs do not matter
	// Manuals limits the rows to these; without it those of all manuals that are asked,
	// and not of their predecessors.
	Manuals []uuid.UUID
	Name    string // a part number, the name of a setting: however it is typed
	Text    string // words of the description, each of which has to be there
	Any     bool   // any word of Text will do
	Limit   int    // 50 when 0, 500 at most unless Any
	Cursor  string // next of the previous call
}

// FoundPart is a row of a parts list with its manual.
type FoundPart struct {
	PartRow
	ManualTitle string
	Label       string // printed page label, "" when it is not known
	Ordinal     int    // in its manual
}

// FoundSetting is a row of a table of settings with its manual.
type FoundSetting struct {
	SettingRow
	ManualTitle string
	Label       string // printed page label, "" when it is not known
	Ordinal     int    // in its manual
}

// Parts returns rows of parts lists in the order of the manuals and their pages, and
// the cursor of the next ones, "" after the last. CURSOR_INVALID refuses a cursor
// that is none.
func (s *Store) Parts(ctx context.Context, q RowQuery) (parts []FoundPart, next string, err error) {
	found, next, err := s.rows(ctx, "part", q)
	if err != nil {
		return nil, "", err
	}
	parts = make([]FoundPart, len(found))
	for i, f := range found {
		p := FoundPart{ManualTitle: f.title, Label: f.label, Ordinal: f.ordinal}
		if err := json.Unmarshal(f.row, &p.PartRow); err != nil {
			return nil, "", fmt.Errorf("search: row of a part: %w", err)
		}
		p.ManualID = f.manual
		parts[i] = p
	}
	parts, err = s.correctParts(ctx, &q, parts)
	return parts, next, err
}

// Settings returns rows of tables of settings, as Parts does.
func (s *Store) Settings(ctx context.Context, q RowQuery) (settings []FoundSetting, next string, err error) {
	found, next, err := s.rows(ctx, "manual_setting", q)
	if err != nil {
		return nil, "", err
	}
	settings = make([]FoundSetting, len(found))
	for i, f := range found {
		p := FoundSetting{ManualTitle: f.title, Label: f.label, Ordinal: f.ordinal}
		if err := json.Unmarshal(f.row, &p.SettingRow); err != nil {
			return nil, "", fmt.Errorf("search: row of a setting: %w", err)
		}
		p.ManualID = f.manual
		settings[i] = p
	}
	settings, err = s.correctSettings(ctx, &q, settings)
	return settings, next, err
}

// foundRow is a stored row of either table.
type foundRow struct {
	manual  uuid.UUID
	ordinal int
	row     []byte
	title   string
	label   string
}

// The limits of one answer.
const (
	rowLimit    = 50
	rowLimitMax = 500
)

func (s *Store) rows(ctx context.Context, table string, q RowQuery) ([]foundRow, string, error) {
	limit := min(q.Limit, rowLimitMax)
	if q.Any {
		limit = q.Limit // the caller chooses among them
	}
	if limit <= 0 {
		limit = rowLimit
	}
	where, args, err := q.where()
	if err != nil {
		return nil, "", err
	}
	// By the primary key, or by the indexes of keys and words when these are asked for.
	rows, err := s.db.Query(ctx, `
		SELECT r.manual_id, r.ordinal, r.row, m.title, coalesce(p.label, '')
		FROM `+table+` r JOIN manual m ON m.id = r.manual_id
		     LEFT JOIN page p ON p.manual_id = r.manual_id AND p.number = r.page
		WHERE `+where+`
		ORDER BY r.manual_id, r.ordinal LIMIT `+strconv.Itoa(limit+1), args)
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f foundRow, err error) {
		err = row.Scan(&f.manual, &f.ordinal, &f.row, &f.title, &f.label)
		return f, err
	})
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	next := ""
	if len(found) > limit {
		found = found[:limit]
		next = rowCursor(found[limit-1].manual, found[limit-1].ordinal)
	}
	return found, next, nil
}

func (q *RowQuery) where() (string, pgx.NamedArgs, error) {
	terms, args := []string{servedManual}, pgx.NamedArgs{}
	ofModel := q.Manufacturer != "" || q.Model != ""
	switch {
	case q.Manuals != nil:
		terms, args["manuals"] = append(terms, "r.manual_id = ANY (@manuals)"), q.Manuals
	case !ofModel:
		terms = append(terms, askedManual)
	}
	if ofModel {
		model := "SELECT FROM manual_model mm JOIN model o ON o.id = mm.model_id WHERE mm.manual_id = r.manual_id"
		if q.Manuals == nil {
			model += " AND " + askedForModel
		}
		if q.Manufacturer != "" {
			model, args["manufacturer"] = model+" AND o.manufacturer_key = @manufacturer", textnorm.Key(q.Manufacturer)
		}
		if q.Model != "" {
			model, args["model"] = model+" AND (o.name_key = @model OR EXISTS (SELECT FROM model_alias a WHERE a.model_id = o.id AND a.alias_key = @model))", textnorm.Key(q.Model)
		}
		terms = append(terms, "EXISTS ("+model+")")
	}
	if q.Name != "" {
		terms, args["key"] = append(terms, "r.keys @> ARRAY[@key]"), textnorm.Key(q.Name)
	}
	if words := textnorm.Tokens(q.Text); len(words) > 0 {
		var of []string
		for i, c := range rowConfigs() {
			name := "words" + strconv.Itoa(i)
			args[name] = c
			query := "plainto_tsquery(@" + name + "::regconfig, @text)"
			if q.Any {
				query = "replace(" + query + "::text, '&', '|')::tsquery"
			}
			of = append(of, "r.words @@ "+query)
		}
		terms, args["text"] = append(terms, "("+strings.Join(of, " OR ")+")"), strings.Join(words, " ")
	}
	if q.Cursor != "" {
		id, ordinal, err := parseRowCursor(q.Cursor)
		if err != nil {
			return "", nil, err
		}
		terms, args["after"], args["ordinal"] = append(terms, "(r.manual_id, r.ordinal) > (@after, @ordinal)"), id, ordinal
	}
	return strings.Join(terms, " AND "), args, nil
}

// rowConfigs are the text search configurations that the words of rows may have
// been stemmed by. The words stand in each row as printed, too.
func rowConfigs() []string {
	return []string{"simple", "english", "german", "french", "spanish", "italian"}
}

func rowCursor(manual uuid.UUID, ordinal int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(manual.String() + " " + strconv.Itoa(ordinal)))
}

func parseRowCursor(cursor string) (uuid.UUID, int, error) {
	bad := errdefs.New(errdefs.Invalid, "CURSOR_INVALID", "The cursor is not one of ours. Start again without it.")
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return uuid.Nil, 0, bad
	}
	id, ordinal, _ := strings.Cut(string(data), " ")
	manual, err := uuid.Parse(id)
	if err != nil {
		return uuid.Nil, 0, bad
	}
	n, err := strconv.Atoi(ordinal)
	if err != nil {
		return uuid.Nil, 0, bad
	}
	return manual, n, nil
}

// rowBatch are rows on their way into a table, column by column.
type rowBatch struct {
	ordinals, pages                []int32
	names, keys, texts, cfgs, rows []string
}

func (b *rowBatch) add(ordinal int, name string, keys []string, page int, language, words string, row any) error {
	data, err := json.Marshal(row)
	if err != nil {
		return err
	}
	b.ordinals, b.pages = append(b.ordinals, int32(ordinal)), append(b.pages, int32(page))
	b.names, b.keys = append(b.names, name), append(b.keys, strings.Join(keys, " ")) // a key has no space
	b.texts, b.cfgs = append(b.texts, strings.Join(textnorm.Tokens(words), " ")), append(b.cfgs, config(language))
	b.rows = append(b.rows, string(data))
	return nil
}

func (b *rowBatch) insert(ctx context.Context, tx pgx.Tx, table, name string, manual uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE manual_id = $1`, manual); err != nil {
		return err
	}
	for first := 0; first < len(b.ordinals); first += insertBatch {
		last := min(first+insertBatch, len(b.ordinals))
		_, err := tx.Exec(ctx, `
			INSERT INTO `+table+` (manual_id, ordinal, `+name+`, keys, page, words, row)
			SELECT $1, o, n, string_to_array(k, ' '), p, to_tsvector('simple', t) || to_tsvector(c::regconfig, t), r::jsonb
			FROM unnest($2::int[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[]) AS x(o, n, k, p, t, c, r)`,
			manual, b.ordinals[first:last], b.names[first:last], b.keys[first:last], b.pages[first:last], b.texts[first:last], b.cfgs[first:last], b.rows[first:last])
		if err != nil {
			return err
		}
	}
	return nil
}

// PartsOf returns all rows of parts of a manual, in the order of its pages.
func (s *Store) PartsOf(ctx context.Context, manual uuid.UUID) ([]PartRow, error) {
	return allRows(ctx, s, "part", manual, func(r *PartRow) { r.ManualID = manual })
}

// SettingsOf returns all rows of settings of a manual, in the order of its pages.
func (s *Store) SettingsOf(ctx context.Context, manual uuid.UUID) ([]SettingRow, error) {
	return allRows(ctx, s, "manual_setting", manual, func(r *SettingRow) { r.ManualID = manual })
}

func allRows[T any](ctx context.Context, s *Store, table string, manual uuid.UUID, own func(*T)) ([]T, error) {
	rows, err := s.db.Query(ctx, `SELECT row FROM `+table+` WHERE manual_id = $1 ORDER BY ordinal`, manual)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out := make([]T, len(stored))
	for i, data := range stored {
		if err := json.Unmarshal(data, &out[i]); err != nil {
			return nil, fmt.Errorf("search: row of %s: %w", table, err)
		}
		own(&out[i])
	}
	return out, nil
}

// row is the row as it is compared.
func (r *PartRow) row() Row {
	out := Row{Table: RowParts, Key: textnorm.Key(r.OrderNumber()), Name: r.OrderNumber(), Page: r.Page}
	if out.Key == "" {
		out.Key, out.Name = textnorm.Key(r.Description.Text), r.Description.Text
	}
	out.field("description", r.Description)
	out.field("item", r.Item)
	out.field("quantity", r.Quantity)
	for _, m := range r.Models {
		out.Models = append(out.Models, m.Text)
	}
	out.field("other", slices.Concat(r.Others, r.Notes)...)
	return out
}

// row is the row as it is compared.
func (r *SettingRow) row() Row {
	out := Row{Table: RowSettings, Key: textnorm.Key(r.Table.Text) + "/" + textnorm.Key(r.Name.Text), Name: r.Name.Text, Page: r.Page}
	out.field("title", r.Title)
	out.field("default", r.Default)
	out.field("range", r.Range)
	out.field("options", r.Options...)
	out.field("values", r.Values...)
	out.field("meaning", r.Meanings...)
	return out
}

// field adds a field with what several places say of one thing.
func (r *Row) field(name string, printed ...Printed) {
	var texts []string
	for _, p := range printed {
		if p.Text == "" {
			continue
		}
		if p.Heading != "" && len(printed) > 1 {
			texts = append(texts, p.Heading+": "+p.Text)
			continue
		}
		texts = append(texts, p.Text)
	}
	if len(texts) > 0 {
		r.Fields = append(r.Fields, RowField{Name: name, Text: strings.Join(texts, "; ")})
	}
}
