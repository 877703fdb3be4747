// Package equipment knows the models of equipment that the library has manuals
// for, and finds the one that a technician means.
//
// It promises that a model is one row however its name is typed, that a name
// which may mean two models is never decided silently, and that an unknown name
// comes back with the closest known ones.
//
// # How a name is found
//
// Names are compared by their keys: letters and digits in lower case, without
// spaces and signs. The rules are tried in this order, and the first that finds
// anything decides:
//
//  1. The name of a model.
//  2. An alias of a model: the parts of a composite name such as
//     "PUZ-WM50/60/85/112" (see Aliases).
//  3. A nameplate that continues a known name or alias: "PUZ-WM85VAA" continues
//     "PUZ-WM85". The longest one counts.
//  4. A name that is typed short: "PUZ-WM11" no, "KD 61" for "KD 61 E" yes.
//
// Rules 3 and 4 need three characters with a digit, and never cut a number in
// two: "PUZ-WM850" does not continue "PUZ-WM85". When a rule finds several
// models, that is an error with the candidates; when none finds any, the error
// names the closest.
package equipment

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/equipment/internal/db"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// Model is a model of equipment.
type Model struct {
	ID           uuid.UUID `json:"id"`
	Manufacturer string    `json:"manufacturer"`
	Name         string    `json:"name"`
}

// String returns manufacturer and name.
func (m Model) String() string { return strings.TrimSpace(m.Manufacturer + " " + m.Name) }

// Service finds and keeps models. It may be used concurrently.
type Service struct {
	pool *pgxpool.Pool
}

// New returns the models kept in pool.
func New(pool *pgxpool.Pool) *Service { return &Service{pool: pool} }

// maxName is the longest name of a manufacturer or model, in bytes. Real ones
// with a list of variants reach 120.
const maxName = 300

// Ensure returns the model, which is created with its aliases when it is not
// known yet. Its name is kept as it was first given.
func (s *Service) Ensure(ctx context.Context, tx pgx.Tx, manufacturer, name string) (Model, error) {
	manufacturer, name = clean(manufacturer), clean(name)
	if err := Check(manufacturer, name); err != nil {
		return Model{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Model{}, err
	}
	q := db.New(tx)
	// The update without effect makes the row come back also when it exists.
	row, err := q.EnsureModel(ctx, db.EnsureModelParams{
		ID: id, Manufacturer: manufacturer, Name: name, ManufacturerKey: Key(manufacturer), NameKey: Key(name),
	})
	if err != nil {
		return Model{}, postgres.Translate(err)
	}
	if row.ID == id {
		aliases := Aliases(name)
		keys := make([]string, len(aliases))
		for i, a := range aliases {
			keys[i] = Key(a)
		}
		if err := q.AddAliases(ctx, db.AddAliasesParams{ModelID: id, Aliases: aliases, AliasKeys: keys}); err != nil {
			return Model{}, postgres.Translate(err)
		}
	}
	return Model(row), nil
}

// Check returns an error of kind Invalid unless Ensure would accept the names.
func Check(manufacturer, name string) error {
	if err := checkName("manufacturer", clean(manufacturer)); err != nil {
		return err
	}
	return checkName("model", clean(name))
}

func clean(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ") }

func checkName(what, s string) error {
	code := strings.ToUpper(what) + "_INVALID"
	switch {
	case Key(s) == "":
		return errdefs.New(errdefs.Invalid, code, "The name of the %s needs letters or digits. Write it as it stands on the nameplate.", what)
	case len(s) > maxName:
		return errdefs.New(errdefs.Invalid, code, "The name of the %s is longer than %d characters. Shorten it.", what, maxName)
	}
	return nil
}

// Get returns the model with the id.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (Model, error) {
	row, err := db.New(s.pool).GetModel(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Model{}, errdefs.New(errdefs.NotFound, "MODEL_NOT_FOUND", "There is no model with this id. List the models to see the known ones.")
	}
	if err != nil {
		return Model{}, postgres.Translate(err)
	}
	return Model(row), nil
}

// Filter selects models. Empty fields select all.
type Filter struct {
	Text   string // a part of manufacturer and name, or of an alias
	Limit  int    // 100 when 0, 1000 at most
	Cursor string // as returned with the page before
}

// List returns the models that a filter selects, sorted by manufacturer and
// name, and the cursor of the next page, "" after the last.
//
// Errors: CURSOR_INVALID.
func (s *Service) List(ctx context.Context, f Filter) (models []Listed, next string, err error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	f.Limit = min(f.Limit, 1000)
	var after []string
	if f.Cursor == "" {
		after = []string{"", ""}
	} else if raw, err := base64.RawURLEncoding.DecodeString(f.Cursor); err == nil && utf8.Valid(raw) && !bytes.Contains(raw, []byte{0}) {
		after = strings.Split(string(raw), " ")
	}
	if len(after) != 2 {
		return nil, "", errdefs.New(errdefs.Invalid, "CURSOR_INVALID", "The cursor is not one of ours. Start again without it.")
	}
	rows, err := db.New(s.pool).ListModels(ctx, db.ListModelsParams{
		TextKey: Key(f.Text), AfterManufacturer: after[0], AfterName: after[1], MaxRows: int32(f.Limit + 1),
	})
	if err != nil {
		return nil, "", postgres.Translate(err)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1]
		next = base64.RawURLEncoding.EncodeToString([]byte(last.ManufacturerKey + " " + last.NameKey)) // keys have no spaces
	}
	models = make([]Listed, len(rows))
	for i, r := range rows {
		models[i] = Listed{
			Model:   Model{ID: r.ID, Manufacturer: r.Manufacturer, Name: r.Name},
			Aliases: r.Aliases,
			Manuals: int(r.Manuals),
		}
	}
	return models, next, nil
}

// Listed is a model in a list.
type Listed struct {
	Model
	Aliases []string `json:"aliases"`
	Manuals int      `json:"manuals"` // that can be asked
}

// Resolve finds the model that is meant, by the rules in the package comment.
// An empty manufacturer stands for any. The manufacturer need not be complete
// ("Mitsubishi" for "Mitsubishi Electric") and may also stand before the name.
//
// Errors: MODEL_NOT_FOUND with the detail "closest" and MODEL_AMBIGUOUS with the
// detail "candidates", both []Model, never nil, the best first. The closest are
// models with manuals only, and so are the candidates where some have any.
func (s *Service) Resolve(ctx context.Context, manufacturer, name string) (Model, error) {
	manufacturer, name = clean(manufacturer), clean(name)
	if err := checkName("model", name); err != nil {
		return Model{}, err
	}
	makerKey, nameKey := Key(manufacturer), Key(name)

	// The usual case, without reading the whole catalogue.
	rows, err := db.New(s.pool).FindModels(ctx, db.FindModelsParams{ManufacturerKey: makerKey, NameKey: nameKey})
	if err != nil {
		return Model{}, postgres.Translate(err)
	}
	if len(rows) == 1 {
		return Model(rows[0]), nil
	}
	catalogue, err := s.catalogue(ctx)
	if err != nil {
		return Model{}, err
	}
	found := catalogue.find(makerKey, nameKey)
	if len(found) > 1 { // what cannot be asked is no choice, unless nothing can
		if some := catalogue.withManuals(found); len(some) > 0 {
			found = some
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Model{}, notFound(manufacturer, name, slices.ContainsFunc(catalogue, hasManuals), catalogue.closest(makerKey, nameKey, 5))
	}
	return Model{}, errdefs.New(errdefs.Conflict, "MODEL_AMBIGUOUS",
		"%q can mean %s. Choose one of them.", strings.TrimSpace(manufacturer+" "+name), names(found)).
		With("candidates", found)
}

func notFound(manufacturer, name string, known bool, closest []Model) error {
	asked := strings.TrimSpace(manufacturer + " " + name)
	var e *errdefs.Error
	switch {
	case !known:
		e = errdefs.New(errdefs.NotFound, "MODEL_NOT_FOUND",
			"The library knows no models yet. Add a manual for %s first.", asked)
	case len(closest) == 0:
		e = errdefs.New(errdefs.NotFound, "MODEL_NOT_FOUND",
			"The library has no manual for %s and nothing like it. Check the name against the nameplate, or add its manual.", asked)
	default:
		e = errdefs.New(errdefs.NotFound, "MODEL_NOT_FOUND",
			"The library has no manual for %s. The closest known are %s. Choose one of them if it is meant, or add the manual.", asked, names(closest))
	}
	return e.With("closest", closest)
}

func names(models []Model) string {
	var parts []string
	for i, m := range models {
		if i == 5 {
			parts = append(parts, "others")
			break
		}
		parts = append(parts, m.String())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

func (s *Service) catalogue(ctx context.Context) (catalogue, error) {
	rows, err := db.New(s.pool).Catalogue(ctx)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out := make(catalogue, len(rows))
	for i, r := range rows {
		out[i] = entry{
			Model:    Model{ID: r.ID, Manufacturer: r.Manufacturer, Name: r.Name},
			makerKey: r.ManufacturerKey,
			key:      r.NameKey,
			aliases:  r.AliasKeys,
			manuals:  r.HasManuals,
		}
	}
	return out, nil
}
