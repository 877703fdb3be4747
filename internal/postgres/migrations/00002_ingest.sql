-- +goose Up

-- A manual goes through stages, each a job of its own: screen, extract, ocr (a job
-- per page), index, codes, cover.
ALTER TABLE manual DROP CONSTRAINT manual_status_check;
ALTER TABLE manual ADD CONSTRAINT manual_status_check
    CHECK (status IN ('queued', 'processing', 'ready', 'failed', 'quarantined'));

ALTER TABLE manual
    -- Of the file as it came. It differs from sha256 where a password was taken off.
    ADD COLUMN source_sha256 text CHECK (source_sha256 ~ '^[0-9a-f]{64}$'),
    -- Counts the times the ingest was begun anew; jobs of an older run do nothing.
    -- (generation counts the versions of the index: answers are tied to that.)
    ADD COLUMN run int NOT NULL DEFAULT 0,
    -- The stage that is worked on, or that failed; '' when all are done.
    ADD COLUMN stage text NOT NULL DEFAULT '' CHECK (stage IN ('', 'screen', 'extract', 'ocr', 'index', 'codes', 'cover')),
    -- When the stage began or was resumed, and what of it was done then: its rate.
    ADD COLUMN stage_started_at timestamptz,
    ADD COLUMN stage_base int NOT NULL DEFAULT 0,
    -- The version of the pages' text, and the versions that index and codes were made of.
    ADD COLUMN text_version int NOT NULL DEFAULT 0,
    ADD COLUMN indexed_version int NOT NULL DEFAULT 0,
    ADD COLUMN codes_version int NOT NULL DEFAULT 0,
    ADD COLUMN index_queued boolean NOT NULL DEFAULT false,
    ADD COLUMN indexed_at timestamptz,
    ADD COLUMN index_seconds real NOT NULL DEFAULT 0, -- what the last index took
    -- Somebody has said the language; otherwise it is what the index found, and may change.
    ADD COLUMN language_told boolean NOT NULL DEFAULT false,
    ADD COLUMN ocr_waiting int NOT NULL DEFAULT 0, -- pages that wait for OCR or are in it
    ADD COLUMN ocr_done int NOT NULL DEFAULT 0,
    ADD COLUMN ocr_failed int NOT NULL DEFAULT 0,
    ADD COLUMN ocr_quality text NOT NULL DEFAULT 'pending'
        CHECK (ocr_quality IN ('pending', 'excellent', 'good', 'fair', 'poor', 'failed')),
    ADD COLUMN needs_review boolean NOT NULL DEFAULT false,
    ADD COLUMN review_reasons jsonb NOT NULL DEFAULT '[]', -- manual.ReviewReason
    ADD COLUMN findings jsonb NOT NULL DEFAULT '[]', -- manual.Finding: what screening found
    ADD COLUMN released_by uuid REFERENCES users, -- who let a quarantined manual in
    ADD COLUMN released_at timestamptz;

UPDATE manual SET source_sha256 = sha256, text_version = 1, indexed_version = 1, codes_version = 1,
    indexed_at = ready_at WHERE status = 'ready';
UPDATE manual SET source_sha256 = sha256, text_version = 1, stage = 'screen' WHERE status <> 'ready';
UPDATE manual SET language_told = language <> '';
ALTER TABLE manual ALTER COLUMN source_sha256 SET NOT NULL;
ALTER TABLE manual ADD CONSTRAINT manual_source_sha256_key UNIQUE (source_sha256);

ALTER TABLE page
    -- How far its text can be trusted: '' before it is known.
    ADD COLUMN quality text NOT NULL DEFAULT '' CHECK (quality IN ('', 'text', 'ocr', 'mixed', 'unreadable', 'blank')),
    ADD COLUMN ocr text NOT NULL DEFAULT '' CHECK (ocr IN ('', 'waiting', 'queued', 'done', 'failed')),
    ADD COLUMN ocr_error text NOT NULL DEFAULT '',
    ADD COLUMN confidence real, -- mean of the OCR words, 0 to 100
    -- Some of its lines are not what is printed (pdf.Line.Cipher).
    ADD COLUMN untrusted boolean NOT NULL DEFAULT false,
    ADD COLUMN indexed boolean NOT NULL DEFAULT false, -- it is in the index
    -- What OCR made of the page. It becomes the layout when the manual is indexed, so
    -- that the index never points at words that have moved.
    ADD COLUMN ocr_layout jsonb;

UPDATE page SET indexed = true FROM manual WHERE manual.id = manual_id AND status = 'ready';

-- Scans that the first version could not read.
UPDATE page SET ocr = 'waiting', quality = 'unreadable'
WHERE error = '' AND layout #> '{words,0}' IS NULL AND (layout ->> 'image_share')::float8 > 0;
UPDATE page SET quality = CASE WHEN error <> '' THEN 'unreadable' WHEN layout #> '{words,0}' IS NULL THEN 'blank' ELSE 'text' END
WHERE quality = '';
UPDATE manual SET ocr_waiting = (SELECT count(*) FROM page WHERE manual_id = id AND ocr = 'waiting');
CREATE INDEX page_ocr ON page (manual_id, number) WHERE ocr IN ('waiting', 'queued');
ALTER TABLE manual DROP COLUMN pages_no_text;

-- Jobs of the first version go on as those of this one.
-- +goose StatementBegin
DO $$ BEGIN
    IF to_regclass('river_job') IS NOT NULL THEN
        UPDATE river_job SET kind = 'manual.screen', queue = 'screen',
            args = jsonb_build_object('manual_id', args ->> 'manual_id', 'run', 0)
        WHERE kind = 'manual.ingest' AND finalized_at IS NULL;
    END IF;
END $$;
-- +goose StatementEnd

-- What was found out about a manual that came without models. It waits for the
-- manual's text, is open until somebody decides, and superseded when the models
-- were told in another way.
CREATE TABLE proposal (
    manual_id    uuid        PRIMARY KEY REFERENCES manual ON DELETE CASCADE,
    state        text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'open', 'accepted', 'dismissed', 'superseded')),
    manufacturer text        NOT NULL DEFAULT '',
    models       text[]      NOT NULL DEFAULT '{}',
    type         text        NOT NULL DEFAULT '',
    title        text        NOT NULL DEFAULT '',
    revision     text        NOT NULL DEFAULT '',
    sure         boolean     NOT NULL DEFAULT false, -- may be accepted with all others of its kind
    evidence     jsonb       NOT NULL DEFAULT '[]', -- manual.Evidence
    hints        jsonb       NOT NULL DEFAULT '{}', -- manual.Hints: folder names and the like
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(), -- of its contents: better text may change them
    decided_at   timestamptz,
    decided_by   uuid        REFERENCES users
);
CREATE INDEX proposal_open ON proposal (created_at, manual_id) WHERE state = 'open';

-- The watched folders, as the node that watches them last saw them.
CREATE TABLE watched_folder (
    folder    text        PRIMARY KEY,
    node      text        NOT NULL, -- host and process that looks
    looked_at timestamptz NOT NULL,
    files     int         NOT NULL, -- PDF files in it
    waiting   int         NOT NULL, -- of these, not imported yet
    error     text        NOT NULL DEFAULT '' -- why it cannot be read
);

-- The files that a watched folder has shown, so that each is imported once.
CREATE TABLE watched_file (
    folder      text        NOT NULL, -- the watched folder
    path        text        NOT NULL, -- below it
    size_bytes  bigint      NOT NULL,
    modified_at timestamptz NOT NULL,
    manual_id   uuid        REFERENCES manual ON DELETE SET NULL,
    error_code  text        NOT NULL DEFAULT '',
    error_message text      NOT NULL DEFAULT '',
    attempts    int         NOT NULL DEFAULT 1,
    retry_at    timestamptz, -- of a failure that may pass; NULL: not before the file changes
    seen_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (folder, path)
);
CREATE INDEX watched_file_failed ON watched_file (folder, path) WHERE error_code <> '';

-- What people and the program decided. Nothing is ever changed or removed here.
CREATE TABLE audit (
    id      uuid        PRIMARY KEY, -- UUIDv7
    at      timestamptz NOT NULL DEFAULT now(),
    actor   uuid        REFERENCES users, -- NULL: the program itself
    action  text        NOT NULL, -- manual.quarantined, manual.released, …
    subject uuid        NOT NULL, -- of the manual, user, … ; it may be gone by now
    detail  jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_subject ON audit (subject, id);
-- +goose StatementBegin
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'entries of the audit are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- Who is told about finished manuals.
CREATE TABLE webhook (
    id         uuid        PRIMARY KEY,
    url        text        NOT NULL,
    events     text[]      NOT NULL,
    secret     bytea       NOT NULL, -- encrypted under a key outside this database
    active     boolean     NOT NULL DEFAULT true,
    inactive_reason text   NOT NULL DEFAULT '', -- why the program switched it off
    created_by uuid        NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE webhook_delivery (
    id           uuid        PRIMARY KEY, -- UUIDv7; the receiver tells repetitions by it
    webhook_id   uuid        NOT NULL REFERENCES webhook ON DELETE CASCADE,
    event        text        NOT NULL,
    subject      uuid        NOT NULL, -- of the manual; it may be gone by now
    payload      json        NOT NULL, -- as it is sent: the signature is over its bytes
    state        text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts     int         NOT NULL DEFAULT 0,
    status_code  int, -- of the last attempt's answer
    error        text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    attempted_at timestamptz, -- the last time
    next_at      timestamptz, -- the next time; NULL when there is none
    delivered_at timestamptz
);
CREATE INDEX webhook_delivery_recent ON webhook_delivery (webhook_id, id DESC);

-- Facts about the library as a whole. 'library_id' is also in the data folder, so
-- that a node with another library's folder is told so.
CREATE TABLE setting (
    name  text PRIMARY KEY,
    value text NOT NULL
);
INSERT INTO setting VALUES ('library_id', gen_random_uuid()::text);

-- +goose Down
DROP TABLE setting, webhook_delivery, webhook, audit, watched_file, watched_folder, proposal;
DROP FUNCTION audit_stays();
DELETE FROM manual WHERE status = 'quarantined';
ALTER TABLE page DROP COLUMN quality, DROP COLUMN ocr, DROP COLUMN ocr_error, DROP COLUMN confidence, DROP COLUMN untrusted, DROP COLUMN indexed, DROP COLUMN ocr_layout;
ALTER TABLE manual
    ADD COLUMN pages_no_text int NOT NULL DEFAULT 0,
    DROP COLUMN source_sha256, DROP COLUMN run, DROP COLUMN stage, DROP COLUMN stage_started_at, DROP COLUMN stage_base,
    DROP COLUMN text_version, DROP COLUMN indexed_version, DROP COLUMN codes_version, DROP COLUMN index_queued, DROP COLUMN indexed_at, DROP COLUMN index_seconds, DROP COLUMN language_told,
    DROP COLUMN ocr_waiting, DROP COLUMN ocr_done, DROP COLUMN ocr_failed, DROP COLUMN ocr_quality,
    DROP COLUMN needs_review, DROP COLUMN review_reasons, DROP COLUMN findings, DROP COLUMN released_by, DROP COLUMN released_at;
ALTER TABLE manual DROP CONSTRAINT manual_status_check;
ALTER TABLE manual ADD CONSTRAINT manual_status_check CHECK (status IN ('queued', 'processing', 'ready', 'failed'));
