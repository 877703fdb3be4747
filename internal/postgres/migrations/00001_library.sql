-- +goose Up

-- Identifiers are UUIDv7, made by the program or by a client that may retry.
-- Kinds are text with a CHECK: a new value is one ALTER, and every client reads it.

CREATE TABLE users (
    id         uuid        PRIMARY KEY,
    username   text        NOT NULL,
    full_name  text        NOT NULL DEFAULT '',
    role       text        NOT NULL CHECK (role IN ('administrator', 'technician', 'read-only')),
    active     boolean     NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_username ON users (lower(username));

-- The one user of a program without accounts: whoever sits at the machine.
INSERT INTO users (id, username, full_name, role)
VALUES ('00000000-0000-7000-8000-000000000001', 'local', 'Local user', 'administrator');

-- A model of equipment. The keys are the names without case, spaces and signs,
-- so that "AH-AP9 SMD" and "ahap9smd" are one model.
CREATE TABLE model (
    id               uuid        PRIMARY KEY,
    manufacturer     text        NOT NULL,
    name             text        NOT NULL,
    manufacturer_key text        NOT NULL,
    name_key         text        NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (manufacturer_key, name_key)
);

-- Other names a technician may type or a nameplate may show.
CREATE TABLE model_alias (
    model_id  uuid NOT NULL REFERENCES model ON DELETE CASCADE,
    alias     text NOT NULL,
    alias_key text NOT NULL,
    PRIMARY KEY (model_id, alias_key)
);
CREATE INDEX model_alias_key ON model_alias (alias_key);

CREATE TABLE manual (
    id            uuid        PRIMARY KEY,
    sha256        text        NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes    bigint      NOT NULL CHECK (size_bytes > 0),
    file_name     text        NOT NULL, -- as given, cleaned; shown, never used as a path
    title         text        NOT NULL,
    type          text        NOT NULL CHECK (type IN ('service', 'parts', 'installation', 'user', 'wiring', 'bulletin', 'unknown')),
    revision      text        NOT NULL DEFAULT '',
    language      text        NOT NULL DEFAULT '', -- ISO 639-1, '' until known
    status        text        NOT NULL CHECK (status IN ('queued', 'processing', 'ready', 'failed')),
    error_code    text        NOT NULL DEFAULT '', -- of a failed manual
    error_message text        NOT NULL DEFAULT '',
    pages         int         NOT NULL DEFAULT 0,  -- 0 until the file was opened
    pages_done    int         NOT NULL DEFAULT 0,
    pages_failed  int         NOT NULL DEFAULT 0,
    pages_no_text int         NOT NULL DEFAULT 0,  -- pages that hold pictures only
    outline       jsonb       NOT NULL DEFAULT '[]',
    -- Counts the runs of the ingest that were completed; answers are tied to it.
    generation    int         NOT NULL DEFAULT 0,
    created_by    uuid        NOT NULL REFERENCES users,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    ready_at      timestamptz
);
CREATE INDEX manual_created ON manual (created_at DESC, id DESC);

CREATE TABLE manual_model (
    manual_id uuid NOT NULL REFERENCES manual ON DELETE CASCADE,
    model_id  uuid NOT NULL REFERENCES model,
    PRIMARY KEY (manual_id, model_id)
);
CREATE INDEX manual_model_model ON manual_model (model_id);

-- One row per page, written as the extraction goes, so that a restart resumes.
CREATE TABLE page (
    manual_id uuid  NOT NULL REFERENCES manual ON DELETE CASCADE,
    number    int   NOT NULL CHECK (number > 0),
    label     text  NOT NULL DEFAULT '', -- printed page label, '' when not known for a fact
    layout    jsonb NOT NULL,            -- pdf.Page: words with boxes, lines, tables
    error     text  NOT NULL DEFAULT '',
    PRIMARY KEY (manual_id, number)
);

-- A window of words of one page. The ordinal is the position in the manual.
CREATE TABLE chunk (
    manual_id  uuid     NOT NULL REFERENCES manual ON DELETE CASCADE,
    ordinal    int      NOT NULL,
    page       int      NOT NULL,
    first_word int      NOT NULL, -- index into the page's words
    word_count int      NOT NULL,
    language   text     NOT NULL, -- ISO 639-1, of its page
    section    text     NOT NULL DEFAULT '', -- outline headings over this page
    body       text     NOT NULL,
    tsv        tsvector NOT NULL,
    length     int      NOT NULL, -- lexemes with repetition, for BM25
    PRIMARY KEY (manual_id, ordinal)
);

-- Posting lists: which chunks of a manual hold a term, and how often.
CREATE TABLE manual_term (
    manual_id uuid   NOT NULL REFERENCES manual ON DELETE CASCADE,
    term      text   NOT NULL,
    ordinals  int[]  NOT NULL,
    counts    int2[] NOT NULL,
    PRIMARY KEY (manual_id, term)
);

-- What scoring needs of the whole manual. The arrays of a kind have equal length.
CREATE TABLE manual_index (
    manual_id    uuid   PRIMARY KEY REFERENCES manual ON DELETE CASCADE,
    languages    text[] NOT NULL, -- ISO 639-1, of its chunks, the most frequent first
    total_length bigint NOT NULL,
    lengths      int[]  NOT NULL, -- by ordinal
    pages        int[]  NOT NULL, -- by ordinal
    words        text[] NOT NULL, -- the vocabulary, folded
    lexemes      text[] NOT NULL, -- of each word, '' for a stop word
    word_counts  int[]  NOT NULL
);

-- One row per error code and place where a manual explains it.
CREATE TABLE error_code (
    manual_id uuid  NOT NULL REFERENCES manual ON DELETE CASCADE,
    ordinal   int   NOT NULL,
    code      text  NOT NULL, -- as printed
    code_key  text  NOT NULL, -- normalised
    page      int   NOT NULL,
    row       jsonb NOT NULL, -- search.CodeRow: meaning, causes, remedies with their words
    PRIMARY KEY (manual_id, ordinal)
);
CREATE INDEX error_code_key ON error_code (manual_id, code_key);

-- Every answer that was shown, unchanged.
CREATE TABLE answer (
    id         uuid        PRIMARY KEY,
    cache_key  bytea       NOT NULL,
    request    jsonb       NOT NULL,
    response   jsonb       NOT NULL,
    created_by uuid        NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE answer_cache (
    cache_key  bytea       PRIMARY KEY,
    answer_id  uuid        NOT NULL REFERENCES answer,
    served     bigint      NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE answer_cache, answer, error_code, manual_index, manual_term, chunk, page, manual_model, manual, model_alias, model, users;
