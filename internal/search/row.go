package search

import (
	"context"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
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
	// Solutions are the causes and remedies of a code by their pairs; Fields have them
	// without.
	Solutions []SolutionText
	Models    []string // that the row says it is for, as printed
}

// RowField is something that a row says.
type RowField struct {
	Name string `json:"name"` // meaning, cause, remedy, …
	Text string `json:"text"` // as printed
}

// Rows returns the rows of a manual, those of a table in the order of the manual.
// page returns its pages by number.
func (s *Store) Rows(ctx context.Context, manual uuid.UUID, page func(int) (*pdf.Page, error)) ([]Row, error) {
	codes, err := s.CodesOf(ctx, manual)
	if err != nil {
		return nil, err
	}
	out := make([]Row, 0, len(codes))
	for i := range codes {
		c := &codes[i]
		if !c.Whole() {
			continue // it stands under its whole code too
		}
		for k := range c.Fields {
			f := &c.Fields[k]
			if f.Printed != "" {
				continue
			}
			p, err := page(f.On(c)) // of an index that kept places only
			if err != nil {
				return nil, err
			}
			f.Printed = f.Text(p)
		}
		out = append(out, c.Printed())
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
