-- +goose Up

-- What the shop says of rows that were read from a manual. It names its row by what
-- the manual prints (anchor) and is laid over the rows when they are read, so that
-- they can be made anew as often as is needed.
CREATE TABLE correction (
    id          uuid        PRIMARY KEY, -- UUIDv7, made by the client where it may retry
    manual_id   uuid        NOT NULL REFERENCES manual ON DELETE CASCADE,
    row_table   text        NOT NULL CHECK (row_table IN ('codes', 'parts', 'settings')),
    kind        text        NOT NULL CHECK (kind IN ('replace', 'add', 'suppress')),
    anchor      jsonb       NOT NULL DEFAULT '{}', -- search.Anchor; of an added row empty
    anchor_key  text        GENERATED ALWAYS AS (anchor ->> 'key') STORED,
    anchor_page int         GENERATED ALWAYS AS ((anchor ->> 'page')::int) STORED,
    fingerprint text        GENERATED ALWAYS AS (anchor ->> 'fingerprint') STORED,
    says        jsonb       NOT NULL DEFAULT '{}', -- search.Says
    keys        text[]      NOT NULL, -- the normalised names that it is found by
    note        text        NOT NULL DEFAULT '', -- why, for other people
    version     int         NOT NULL DEFAULT 1,
    undone      boolean     NOT NULL DEFAULT false,
    created_by  uuid        NOT NULL REFERENCES users,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_by  uuid        NOT NULL REFERENCES users,
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX correction_created ON correction (created_at DESC, id DESC);
CREATE INDEX correction_manual ON correction (manual_id);
CREATE INDEX correction_keys ON correction USING gin (keys) WHERE NOT undone;
-- One of two people who correct the same row at once is told of the other.
CREATE UNIQUE INDEX correction_row ON correction (manual_id, row_table, anchor_key, anchor_page, fingerprint)
    WHERE NOT undone AND kind <> 'add';

-- Every state that a correction was in. Nothing is changed here.
CREATE TABLE correction_change (
    correction_id uuid        NOT NULL REFERENCES correction ON DELETE CASCADE,
    version       int         NOT NULL,
    action        text        NOT NULL CHECK (action IN ('made', 'changed', 'undone', 'redone')),
    says          jsonb       NOT NULL, -- from then on
    note          text        NOT NULL,
    by            uuid        NOT NULL REFERENCES users,
    at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (correction_id, version)
);

-- What somebody has seen to be wrong in a row or in an answer.
CREATE TABLE flag (
    id            uuid        PRIMARY KEY, -- UUIDv7, made by the client
    manual_id     uuid        REFERENCES manual ON DELETE CASCADE, -- NULL for an answer without a citation
    answer_id     uuid        REFERENCES answer ON DELETE CASCADE,
    item          text        NOT NULL DEFAULT '', -- of the answer: error_code, steps/0
    row_table     text        CHECK (row_table IN ('codes', 'parts', 'settings')),
    anchor        jsonb       NOT NULL DEFAULT '{}', -- search.Anchor of the row
    reason        text        NOT NULL CHECK (reason IN ('wrong_page', 'wrong_row', 'wrong_model')),
    note          text        NOT NULL DEFAULT '',
    state         text        NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved', 'dismissed')),
    correction_id uuid        REFERENCES correction ON DELETE SET NULL, -- that has resolved it
    resolution    text        NOT NULL DEFAULT '', -- what the reviewer says to it
    created_by    uuid        NOT NULL REFERENCES users,
    created_at    timestamptz NOT NULL DEFAULT now(),
    decided_by    uuid        REFERENCES users,
    decided_at    timestamptz,
    CHECK ((answer_id IS NULL) <> (row_table IS NULL))
);
CREATE INDEX flag_created ON flag (created_at, id);
CREATE INDEX flag_manual ON flag (manual_id, state);
CREATE INDEX flag_answer ON flag (answer_id) WHERE answer_id IS NOT NULL;

-- +goose Down
DROP TABLE flag, correction_change, correction;
