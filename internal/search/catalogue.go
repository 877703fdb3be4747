package search

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// catalogue is what a search of the library knows of all manuals that have an index:
// what they are selected by and what scoring needs of their chunks. It is kept between
// searches and never changes; a new one takes its place.
type catalogue struct {
	// floor is the oldest transaction that had not ended in its snapshot, and changes
	// how many of the changes by this or later ones the snapshot saw.
	floor   uint64
	changes int
	manuals []catalogued      // by id
	index   map[int64]int32   // into manuals, by version
	models  []LibraryModel    // of all manuals, by manufacturer and name
	makers  map[string]string // the keys of their manufacturers, by name
}

// catalogued is a manual of the catalogue.
type catalogued struct {
	id              uuid.UUID
	version         int64 // of the content of its index
	title, revision string
	kind            string // manual.Type
	superseded      bool   // another one is asked instead, the successor
	successor       uuid.UUID
	models          []LibraryModel
	modelAt         []int32  // indices into the catalogue's models
	languages       []string // of its chunks, the most frequent first
	length          int64    // of all its chunks
	chunks          *libraryChunks
}

// libraryChunks is what scoring needs of one manual's chunks, by ordinal.
type libraryChunks struct {
	chunkIndex
	languages []byte // index into the manual's languages
}

func (m *catalogued) language(ordinal int32) string { return m.languages[m.chunks.languages[ordinal]] }

// LibraryModel is a model of equipment that a manual is for.
type LibraryModel struct {
	ID           uuid.UUID
	Manufacturer string
	Name         string
}

// catalogue returns that of the snapshot: the one that was kept, unless a manual or a
// model is another one since. What is read anew of the chunks is only that of other
// contents.
//
// Whatever changes the library notes its transaction in library_change. A change that
// one snapshot sees and an earlier one does not is of a transaction that had not ended
// in the earlier one: it is among those from that snapshot's floor on.
func (s *Store) catalogue(ctx context.Context, tx pgx.Tx) (*catalogue, error) {
	kept := s.library.catalogue.Load()
	var asked uint64
	if kept != nil {
		asked = kept.floor
	}
	c := &catalogue{index: map[int64]int32{}}
	var since int
	err := tx.QueryRow(ctx, `
		SELECT s.floor::text::bigint, (SELECT count(*) FROM library_change WHERE xid >= s.floor),
		       (SELECT count(*) FROM library_change WHERE xid >= $1::bigint::text::xid8) -- library_change_xid
		FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS floor) s`, asked).Scan(&c.floor, &c.changes, &since)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	// Behind the floor there is another database, put in the place of the first.
	if kept != nil && since == kept.changes && c.floor >= kept.floor {
		return kept, nil
	}
	if err := c.load(ctx, tx, kept); err != nil {
		return nil, err
	}
	s.library.catalogue.Store(c)
	return c, nil
}

func (c *catalogue) load(ctx context.Context, tx pgx.Tx, kept *catalogue) error {
	rows, err := tx.Query(ctx, `
		SELECT i.manual_id, i.version, i.languages, i.total_length, m.title, m.revision, m.type, a.id IS NULL, m.superseded_by,
		       models.ids, models.manufacturers, models.names
		FROM manual_index i JOIN manual m ON m.id = i.manual_id LEFT JOIN asked_manual a ON a.id = m.id
		LEFT JOIN (
			SELECT mm.manual_id, array_agg(model.id ORDER BY model.id) AS ids, array_agg(model.manufacturer ORDER BY model.id) AS manufacturers,
			       array_agg(model.name ORDER BY model.id) AS names
			FROM manual_model mm JOIN model ON model.id = mm.model_id GROUP BY mm.manual_id
		) models ON models.manual_id = m.id
		WHERE m.draft_of IS NULL AND m.generation > 0 AND m.status <> 'quarantined'`)
	if err != nil {
		return postgres.Translate(err)
	}
	c.manuals, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m catalogued, err error) {
		var ids []uuid.UUID
		var manufacturers, names []string
		var successor uuid.NullUUID
		err = row.Scan(&m.id, &m.version, &m.languages, &m.length, &m.title, &m.revision, &m.kind, &m.superseded, &successor, &ids, &manufacturers, &names)
		m.successor = successor.UUID
		for i := range ids {
			m.models = append(m.models, LibraryModel{ids[i], manufacturers[i], names[i]})
		}
		return m, err
	})
	if err != nil {
		return postgres.Translate(err)
	}
	slices.SortFunc(c.manuals, func(a, b catalogued) int { return bytes.Compare(a.id[:], b.id[:]) })
	c.listModels()
	var others []uuid.UUID
	for i := range c.manuals {
		m := &c.manuals[i]
		c.index[m.version] = int32(i)
		if kept != nil {
			if at, ok := kept.index[m.version]; ok {
				m.chunks = kept.manuals[at].chunks
			}
		}
		if m.chunks == nil {
			others = append(others, m.id)
		}
	}
	if len(others) == 0 {
		return nil
	}
	rows, err = tx.Query(ctx, `SELECT manual_id, lengths, pages, chunk_languages FROM manual_index WHERE manual_id = ANY($1)`, others)
	if err != nil {
		return postgres.Translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		var chunks libraryChunks
		if err := rows.Scan(&id, &chunks.lengths, &chunks.pages, &chunks.languages); err != nil {
			return postgres.Translate(err)
		}
		if at := c.at(id); at >= 0 {
			c.manuals[at].chunks = &chunks
		}
	}
	return postgres.Translate(rows.Err())
}

// listModels makes the list of all models.
func (c *catalogue) listModels() {
	at := map[LibraryModel]int32{}
	for i := range c.manuals {
		for _, m := range c.manuals[i].models {
			if _, ok := at[m]; !ok {
				at[m] = 0
				c.models = append(c.models, m)
			}
		}
	}
	slices.SortFunc(c.models, func(a, b LibraryModel) int {
		return cmp.Or(strings.Compare(a.Manufacturer, b.Manufacturer), strings.Compare(a.Name, b.Name), bytes.Compare(a.ID[:], b.ID[:]))
	})
	c.makers = map[string]string{}
	for i, m := range c.models {
		at[m] = int32(i)
		c.makers[m.Manufacturer] = textnorm.Key(m.Manufacturer)
	}
	for i := range c.manuals {
		for _, m := range c.manuals[i].models {
			c.manuals[i].modelAt = append(c.manuals[i].modelAt, at[m])
		}
	}
}

// at returns the index of a manual, -1 without it.
func (c *catalogue) at(id uuid.UUID) int {
	at, found := slices.BinarySearchFunc(c.manuals, id, func(m catalogued, id uuid.UUID) int { return bytes.Compare(m.id[:], id[:]) })
	if !found {
		return -1
	}
	return at
}

// scope is the part of the catalogue that a search is in.
type scope struct {
	*catalogue
	manuals   []int32  // indices into the catalogue, ascending
	languages []string // of their chunks, the most frequent first
	language  string   // "" for the chunks of all
	chunks    int
	length    int64
	whole     bool // all manuals of the catalogue that are not superseded
}

// scope returns the manuals that a query is in.
func (c *catalogue) scope(q LibraryQuery) *scope {
	s := &scope{catalogue: c, language: q.Language, whole: q.Manufacturer == "" && q.ModelID == uuid.Nil && q.Type == "" && q.Manual == uuid.Nil && q.Language == "" && !q.Superseded}
	maker := textnorm.Key(q.Manufacturer)
	selected := func(x LibraryModel) bool {
		return (q.ModelID == uuid.Nil || x.ID == q.ModelID) && (maker == "" || strings.HasPrefix(c.makers[x.Manufacturer], maker))
	}
	byModel := q.ModelID != uuid.Nil || maker != ""
	chunks := map[string]int{}
	for i := range c.manuals {
		m := &c.manuals[i]
		named := m.id == q.Manual
		switch {
		case q.Manual != uuid.Nil && !named,
			q.Type != "" && m.kind != q.Type,
			q.Language != "" && !slices.Contains(m.languages, q.Language),
			byModel && !slices.ContainsFunc(m.models, selected),
			m.superseded && !q.Superseded && !named && !(byModel && c.keeps(m, selected)):
			continue
		}
		s.manuals = append(s.manuals, int32(i))
		s.chunks += len(m.chunks.lengths)
		s.length += m.length
		if len(m.languages) > 0 {
			chunks[m.languages[0]] += len(m.chunks.lengths)
		}
		for _, l := range m.languages {
			chunks[l]++
		}
	}
	for l := range chunks {
		s.languages = append(s.languages, l)
	}
	slices.SortFunc(s.languages, func(a, b string) int {
		if chunks[a] != chunks[b] {
			return chunks[b] - chunks[a]
		}
		return strings.Compare(a, b)
	})
	return s
}

// keeps reports whether a superseded manual is still asked about one of the selected
// models: its successor takes nothing from it for a model that it does not know.
func (c *catalogue) keeps(m *catalogued, selected func(LibraryModel) bool) bool {
	at := c.at(m.successor)
	return at >= 0 && slices.ContainsFunc(m.models, func(x LibraryModel) bool { return selected(x) && !slices.Contains(c.manuals[at].models, x) })
}

// ids returns the manuals of the scope, nil when it is whole.
func (s *scope) ids() []uuid.UUID {
	if s.whole {
		return nil
	}
	out := make([]uuid.UUID, len(s.manuals))
	for i, at := range s.manuals {
		out[i] = s.catalogue.manuals[at].id
	}
	return out
}
