package manual

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// Filter selects manuals. Empty fields select all.
type Filter struct {
	Manufacturer string // of a model
	Model        string // its name or an alias
	Type         Type
	Status       Status
	NeedsReview  *bool
	Outdated     bool   // only those that older code has read
	Superseded   *bool  // only those instead of which another is asked, or only the others
	Query        string // a part of the title, the file name or a model's name
	Limit        int    // 50 when 0, 200 at most
	Cursor       string // as returned with the page before
}

// List returns the manuals that a filter selects, the latest first, and the
// cursor of the next page, "" after the last. Manuals that are added meanwhile
// do not shift the pages.
func (s *Service) List(ctx context.Context, f Filter) (manuals []Manual, next string, err error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	where, args, err := f.where()
	if err != nil {
		return nil, "", err
	}
	// In the order of the index manual_created.
	query := "SELECT manual.* FROM manual WHERE " + where +
		" ORDER BY created_at DESC, id DESC LIMIT " + strconv.Itoa(f.Limit+1)
	err = postgres.InSnapshot(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, query, args)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[db.Manual])
		if err != nil {
			return err
		}
		if len(found) > f.Limit {
			found = found[:f.Limit]
			last := found[f.Limit-1]
			next = postgres.Cursor{Time: last.CreatedAt, ID: last.ID}.String()
		}
		manuals, err = s.many(ctx, tx, found)
		return err
	})
	return manuals, next, err
}

func (f Filter) where() (string, pgx.NamedArgs, error) {
	terms, args := []string{"draft_of IS NULL"}, pgx.NamedArgs{}
	if f.Outdated {
		terms = append(terms, "extractor_version BETWEEN 1 AND @outdated")
		args["outdated"] = ExtractorVersion - 1
	}
	if f.Superseded != nil {
		terms = append(terms, "(superseded_by IS NOT NULL) = @superseded")
		args["superseded"] = *f.Superseded
	}
	if f.Cursor != "" {
		c, err := postgres.ParseCursor(f.Cursor)
		if err != nil {
			return "", nil, err
		}
		terms = append(terms, "(created_at, id) < (@cursor_time, @cursor_id)")
		args["cursor_time"], args["cursor_id"] = c.Time, c.ID
	}
	if f.Type != "" {
		if err := checkType(f.Type); err != nil {
			return "", nil, err
		}
		terms = append(terms, "type = @type")
		args["type"] = string(f.Type)
	}
	if f.Status != "" {
		if !slices.Contains([]Status{Queued, Processing, Ready, Failed, Quarantined}, f.Status) {
			return "", nil, errdefs.New(errdefs.Invalid, "STATUS_INVALID", "%q is no status. Use queued, processing, ready, failed or quarantined.", string(f.Status))
		}
		terms = append(terms, "status = @status")
		args["status"] = string(f.Status)
	}
	if f.NeedsReview != nil {
		terms = append(terms, "needs_review = @needs_review")
		args["needs_review"] = *f.NeedsReview
	}
	const ofModel = "EXISTS (SELECT FROM manual_model mm JOIN model m ON m.id = mm.model_id WHERE mm.manual_id = manual.id AND "
	if f.Manufacturer != "" || f.Model != "" {
		terms = append(terms, ofModel+`(@maker = '' OR m.manufacturer_key = @maker) AND (@model = '' OR m.name_key = @model
			OR EXISTS (SELECT FROM model_alias a WHERE a.model_id = m.id AND a.alias_key = @model)))`)
		args["maker"], args["model"] = equipment.Key(f.Manufacturer), equipment.Key(f.Model)
	}
	if q := cleanText(f.Query); q != "" {
		term := "title ILIKE @text OR file_name ILIKE @text"
		args["text"] = "%" + likeLiteral.Replace(q) + "%"
		if key := equipment.Key(q); key != "" {
			term += " OR " + ofModel + "m.manufacturer_key || m.name_key LIKE @text_key)"
			args["text_key"] = "%" + key + "%"
		}
		terms = append(terms, "("+term+")")
	}
	return strings.Join(terms, " AND "), args, nil
}

var likeLiteral = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Patch changes a manual; nil fields stay as they are.
type Patch struct {
	Title    *string
	Type     *Type
	Revision *string
	// Language has the manual indexed anew, since the words of each language are
	// reduced to their stems in its own way; "" has it recognised from the text. Its
	// pages are not read again, and until the index is there, some seconds, the
	// manual is asked by the old one.
	Language *string
	// SerialRange says which serial numbers the manual is for; "" has it read from the
	// text, which for all that it does not say is for all machines.
	SerialRange *string
	// Models replaces the manual's models, all of Manufacturer, which is needed
	// with it and only then. An empty list leaves it without any.
	Manufacturer *string
	Models       *[]string
}

// Update changes what is told about a manual. A patch that says what is known
// already changes nothing, not even UpdatedAt.
func (s *Service) Update(ctx context.Context, id uuid.UUID, p Patch) (Manual, error) {
	if p.Manufacturer != nil && p.Models == nil {
		return Manual{}, errdefs.New(errdefs.Invalid, "MODEL_REQUIRED", "Give the models together with their manufacturer.")
	}
	var out Manual
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := db.New(tx).LockManual(ctx, id)
		if err != nil {
			return rowError(err)
		}
		if row, err = s.update(ctx, tx, row, p); err != nil {
			return err
		}
		out, err = s.one(ctx, tx, row)
		return err
	})
	return out, err
}

func (s *Service) update(ctx context.Context, tx pgx.Tx, row db.Manual, p Patch) (db.Manual, error) {
	q := db.New(tx)
	language, told, before := row.Language, row.LanguageTold, row
	if p.Title != nil {
		row.Title = cleanText(*p.Title)
	}
	if p.Type != nil {
		row.Type = string(*p.Type)
	}
	if p.Revision != nil {
		row.Revision = cleanText(*p.Revision)
	}
	if p.Language != nil {
		var err error
		if row.Language, err = cleanLanguage(*p.Language); err != nil {
			return row, err
		}
		row.LanguageTold = row.Language != ""
	}
	if p.SerialRange != nil {
		row.SerialRange = cleanText(*p.SerialRange)
		row.SerialRangeTold = row.SerialRange != ""
	}
	if err := errors.Join(checkTitle(row.Title), checkRevision(row.Revision), checkType(Type(row.Type)), checkSerialRange(row.SerialRange)); err != nil {
		return row, errdefs.As(err)
	}
	if p.Models != nil {
		manufacturer := ""
		if p.Manufacturer != nil {
			manufacturer = *p.Manufacturer
		}
		if err := s.replaceModels(ctx, tx, row.ID, manufacturer, *p.Models); err != nil {
			return row, err
		}
	}
	if err := q.UpdateManual(ctx, db.UpdateManualParams{
		ID: row.ID, Title: row.Title, Type: row.Type, Revision: row.Revision, Language: row.Language, LanguageTold: row.LanguageTold,
		SerialRange: row.SerialRange, SerialRangeTold: row.SerialRangeTold,
	}); err != nil {
		return row, err
	}
	if (row.Language != language || row.LanguageTold != told) && row.TextVersion > 0 && running(row) {
		if err := s.settle(ctx, tx, row, facts{newText: true}); err != nil {
			return row, err
		}
	}
	if row.Generation > 0 && (row.Type != before.Type || row.Revision != before.Revision || row.Language != language || row.SerialRange != before.SerialRange) {
		if err := s.enqueueCompare(ctx, tx, row.ID); err != nil {
			return row, err
		}
	}
	return q.GetManual(ctx, row.ID)
}

func (s *Service) replaceModels(ctx context.Context, tx pgx.Tx, id uuid.UUID, manufacturer string, models []string) error {
	if len(models) == 0 {
		manufacturer = "" // it stands for no model
	}
	models, err := checkModels(manufacturer, models)
	if err != nil {
		return err
	}
	ids, err := s.ensureModels(ctx, tx, manufacturer, models)
	if err != nil {
		return err
	}
	q := db.New(tx)
	removed, err := q.RemoveOtherModels(ctx, db.RemoveOtherModelsParams{ManualID: id, ModelIds: ids})
	if err != nil {
		return err
	}
	added, err := q.AddModels(ctx, db.AddModelsParams{ManualID: id, ModelIds: ids})
	if err != nil || removed+added == 0 {
		return err
	}
	if added > 0 {
		if err := s.supersede(ctx, tx, id); err != nil {
			return err
		}
	}
	return s.modelsChanged(ctx, tx, id)
}

// modelsChanged is to follow a change of a locked manual's models.
func (s *Service) modelsChanged(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	q := db.New(tx)
	if err := q.Touch(ctx, id); err != nil {
		return err
	}
	row, err := q.GetManual(ctx, id)
	if err != nil {
		return err
	}
	if row.Generation > 0 { // otherwise compared when it is read
		if err := s.enqueueCompare(ctx, tx, id); err != nil {
			return err
		}
	}
	return s.judgeAgain(ctx, tx, id)
}
