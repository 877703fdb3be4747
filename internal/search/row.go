package search

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// RowTable names a table of rows that are read from manuals.
type RowTable string

// The tables.
const (
	RowCodes    RowTable = "codes"
	RowParts    RowTable = "parts"
	RowSettings RowTable = "settings"
)

// Row is a row of any table in one form: what two manuals are compared by.
type Row struct {
	Table  RowTable
	Key    string // normalised; rows of one key are about the same
	Name   string // the code, part number or setting as printed
	Page   int    // PDF page number
	Fields []RowField
	Models []string // that the row says it is for, as printed
}

// RowField is something that a row says.
type RowField struct {
	Name string `json:"name"` // meaning, cause, remedy, …
	Text string `json:"text"` // as printed
}

// Rows returns the rows of a manual, those of a table in the order of the manual.
// page returns its pages by number.
func (s *Store) Rows(ctx context.Context, manual uuid.UUID, page func(int) (*pdf.Page, error)) ([]Row, error) {
	rows, err := s.db.Query(ctx, `SELECT row FROM error_code WHERE manual_id = $1 ORDER BY ordinal`, manual)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out := make([]Row, 0, len(stored))
	for _, data := range stored {
		var c CodeRow
		if err := json.Unmarshal(data, &c); err != nil {
			return nil, fmt.Errorf("search: row of a code: %w", err)
		}
		p, err := page(c.Page)
		if err != nil {
			return nil, err
		}
		out = append(out, c.row(p))
	}
	parts, err := s.PartsOf(ctx, manual)
	if err != nil {
		return nil, err
	}
	for i := range parts {
		out = append(out, parts[i].row())
	}
	settings, err := s.SettingsOf(ctx, manual)
	if err != nil {
		return nil, err
	}
	for i := range settings {
		out = append(out, settings[i].row())
	}
	return out, nil
}

// fieldRoles are the roles of what a row says of its code, in the order in which it
// is compared.
var fieldRoles = []Role{RoleMeaning, RoleSymptom, RoleCause, RoleRemedy, RoleOther}

// row is the row as it is compared: what several columns say of one thing is one field.
func (c CodeRow) row(p *pdf.Page) Row {
	r := Row{Table: RowCodes, Key: c.Key, Name: c.Code, Page: c.Page}
	for _, role := range fieldRoles {
		var texts []string
		for _, f := range c.Fields {
			if f.Role == role {
				if t := f.Text(p); t != "" {
					texts = append(texts, t)
				}
			}
		}
		if len(texts) > 0 {
			r.Fields = append(r.Fields, RowField{Name: string(role), Text: strings.Join(texts, " ")})
		}
	}
	return r
}
