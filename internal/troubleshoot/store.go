package troubleshoot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// cached returns the answer kept under a key, nil when there is none that still
// holds.
func (s *Service) cached(ctx context.Context, key []byte) (*Answer, error) {
	var data []byte
	err := s.db.QueryRow(ctx, `
		UPDATE answer_cache c SET served = served + 1
		FROM answer a
		WHERE c.cache_key = $1 AND c.expires_at > $2 AND a.id = c.answer_id
		RETURNING a.response`, key, s.now()).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, postgres.Translate(err)
	}
	a, err := decode(data)
	if err != nil {
		return nil, err
	}
	a.Cached = true
	return a, nil
}

// keep stores an answer as it was shown, and in the cache. Of two that were
// written at once for one question, the cache keeps the first.
func (s *Service) keep(ctx context.Context, key []byte, q Question, a *Answer, user uuid.UUID) error {
	request, err := json.Marshal(q)
	if err != nil {
		return fmt.Errorf("encode the question: %w", err)
	}
	response, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO answer (id, cache_key, request, response, created_by, created_at)
			VALUES ($1, $2, $3, $4, $5, $6)`, a.ID, key, request, response, user, a.CreatedAt)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO answer_cache (cache_key, answer_id, created_at, expires_at)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT (cache_key) DO UPDATE
			SET answer_id = excluded.answer_id, created_at = excluded.created_at, expires_at = excluded.expires_at
			WHERE answer_cache.expires_at <= excluded.created_at`, key, a.ID, a.CreatedAt, a.CreatedAt.Add(cacheLifetime))
		return err
	})
}

// Answer returns an answer that was shown, unchanged, with what became since of the
// pages that it cites (Citation.Standing).
func (s *Service) Answer(ctx context.Context, id uuid.UUID) (*Answer, error) {
	var data []byte
	err := s.db.QueryRow(ctx, `SELECT response FROM answer WHERE id = $1`, id).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errdefs.New(errdefs.NotFound, "ANSWER_NOT_FOUND", "There is no answer with this id. Check the address, or ask again.")
	}
	if err != nil {
		return nil, postgres.Translate(err)
	}
	a, err := decode(data)
	if err != nil {
		return nil, err
	}
	return a, s.stand(ctx, a)
}

func decode(data []byte) (*Answer, error) {
	var a Answer
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, fmt.Errorf("decode a stored answer: %w", err)
	}
	return &a, nil
}
