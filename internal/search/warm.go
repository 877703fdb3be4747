package search

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/postgres"
)

// What Warm reads.
const (
	warmManuals = 16   // of which the frequent words are taken for those of all
	warmTerms   = 1000 // at most
	warmBatch   = 8    // terms that are read at once: their lists are in memory twice meanwhile
	warmBytes   = postingCacheBytes / 3 * 2
)

// Warm reads what the first searches of the library would otherwise wait for: the
// catalogue, the posting lists of the words that most of its pages have, and the list of
// its words for typing errors. It is of use to a process that will search often, and
// nothing depends on it: what it cannot read is read by the searches.
func (s *Store) Warm(ctx context.Context) {
	err := s.inSnapshot(ctx, func(tx pgx.Tx) error {
		c, err := s.catalogue(ctx, tx)
		if err != nil || len(c.manuals) == 0 {
			return err
		}
		if err := s.warmPostings(ctx, tx, c); err != nil {
			return err
		}
		return s.library.lexicon.refresh(ctx, tx, c)
	})
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "the first searches of the library will take longer: it could not be read ahead", "error", err)
	}
}

// warmPostings reads the longest posting lists.
func (s *Store) warmPostings(ctx context.Context, tx pgx.Tx, c *catalogue) error {
	rows, err := tx.Query(ctx, `
		SELECT term FROM manual_term WHERE manual_id = ANY($1) -- manual_term_manual
		GROUP BY term ORDER BY sum(length(postings)) DESC, term LIMIT $2`, c.sample(warmManuals), warmTerms)
	if err != nil {
		return postgres.Translate(err)
	}
	terms, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return postgres.Translate(err)
	}
	sc, read := c.scope(LibraryQuery{}), 0
	for batch := range slices.Chunk(terms, warmBatch) {
		lists, err := s.postings(ctx, tx, sc, batch)
		if err != nil {
			return err
		}
		for _, p := range lists {
			read += p.bytes
		}
		if read > warmBytes {
			break
		}
	}
	return nil
}

// sample returns so many of the manuals, from all over the catalogue.
func (c *catalogue) sample(n int) []uuid.UUID {
	n = min(n, len(c.manuals))
	out := make([]uuid.UUID, n)
	for i := range out {
		out[i] = c.manuals[i*len(c.manuals)/n].id
	}
	return out
}

// inSnapshot runs f in a transaction that sees the database as it is at one moment.
func (s *Store) inSnapshot(ctx context.Context, f func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, s.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, f)
}
