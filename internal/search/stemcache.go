package search

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/postgres"
)

// maxStems bounds the words whose lexemes are kept: some 20 MB.
const maxStems = 200_000

// stemCache keeps what PostgreSQL said the lexemes of words are, which it always says.
// It may be used concurrently.
type stemCache struct {
	mu    sync.Mutex
	stems map[stemKey]string
}

// stemKey is a folded word in a language's text search configuration.
type stemKey struct{ config, word string }

// stemsOf returns the lexemes of words, "" of a stop word.
func (c *stemCache) stemsOf(ctx context.Context, tx pgx.Tx, keys []stemKey) (map[stemKey]string, error) {
	out := make(map[stemKey]string, len(keys))
	var words, configs []string
	c.mu.Lock()
	for _, k := range keys {
		if _, asked := out[k]; asked {
			continue
		}
		stem, ok := c.stems[k]
		out[k] = stem
		if !ok {
			words, configs = append(words, k.word), append(configs, k.config)
		}
	}
	c.mu.Unlock()
	if len(words) == 0 {
		return out, nil
	}
	rows, err := tx.Query(ctx, `
		SELECT w, cfg, coalesce((tsvector_to_array(to_tsvector(cfg::regconfig, replace(w, ',', '.'))))[1], '')
		FROM unnest($1::text[], $2::text[]) AS u(w, cfg)`, words, configs)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	defer rows.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stems == nil || len(c.stems)+len(words) > maxStems {
		c.stems = map[stemKey]string{}
	}
	for rows.Next() {
		var k stemKey
		var stem string
		if err := rows.Scan(&k.word, &k.config, &stem); err != nil {
			return nil, postgres.Translate(err)
		}
		out[k], c.stems[k] = stem, stem
	}
	return out, postgres.Translate(rows.Err())
}

// stemmed returns the lexeme of each word in each language; a stop word has "" there.
func (s *Store) stemmed(ctx context.Context, tx pgx.Tx, words, languages []string) (map[string]map[string]string, error) {
	var keys []stemKey
	for _, w := range words {
		for _, l := range languages {
			keys = append(keys, stemKey{config(l), w})
		}
	}
	stems, err := s.library.stems.stemsOf(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	out := make(map[string]map[string]string, len(words))
	for _, w := range words {
		byLanguage := make(map[string]string, len(languages))
		for _, l := range languages {
			byLanguage[l] = stems[stemKey{config(l), w}]
		}
		out[w] = byLanguage
	}
	return out, nil
}
