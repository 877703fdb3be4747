-- +goose Up

ALTER TABLE manual
    -- The versions of the code that has read it (manual.ExtractorVersion and
    -- manual.PicturesVersion), 0 before its file was opened. What an earlier release
    -- has read is of version 1.
    ADD COLUMN extractor_version int NOT NULL DEFAULT 0,
    ADD COLUMN pictures_version int NOT NULL DEFAULT 0,
    -- Of a draft: the manual that is read again. A draft goes through the stages like a
    -- manual, belongs to nobody, is never shown, and gives its pages and its index to
    -- the manual when it is complete.
    ADD COLUMN draft_of uuid REFERENCES manual ON DELETE CASCADE,
    -- Of a draft: what OCR made of the manual's pictures counts for the same pictures.
    ADD COLUMN keeps_pictures boolean NOT NULL DEFAULT false,
    -- The serial numbers it is for, as printed or as told; '' for all.
    ADD COLUMN serial_range text NOT NULL DEFAULT '',
    ADD COLUMN serial_range_told boolean NOT NULL DEFAULT false,
    -- What its first and last pages print, to compare revisions by; '' for nothing.
    ADD COLUMN printed_revision text NOT NULL DEFAULT '',
    ADD COLUMN printed_date text NOT NULL DEFAULT '' CHECK (printed_date ~ '^(\d{4}(-\d\d)?)?$'),
    -- The generation whose pages were compared with those of other manuals.
    ADD COLUMN compared_generation int NOT NULL DEFAULT 0,
    -- The manual that is asked instead of this one.
    ADD COLUMN superseded_by uuid REFERENCES manual ON DELETE SET NULL CHECK (superseded_by <> id),
    ADD COLUMN superseded_at timestamptz;
UPDATE manual SET extractor_version = 1 WHERE pages > 0;

-- A draft has the content of its manual.
ALTER TABLE manual DROP CONSTRAINT manual_sha256_key;
ALTER TABLE manual DROP CONSTRAINT manual_source_sha256_key;
CREATE UNIQUE INDEX manual_sha256_key ON manual (sha256) WHERE draft_of IS NULL;
CREATE UNIQUE INDEX manual_source_sha256_key ON manual (source_sha256) WHERE draft_of IS NULL;
CREATE UNIQUE INDEX manual_draft ON manual (draft_of) WHERE draft_of IS NOT NULL;
CREATE INDEX manual_superseded ON manual (superseded_by) WHERE superseded_by IS NOT NULL;

-- The text that the OCR of a page began with: its layout's MD5, '' without OCR.
ALTER TABLE page ADD COLUMN extraction text NOT NULL DEFAULT '';

-- What the text of a page is compared by, of pages with enough of it.
CREATE TABLE page_print (
    manual_id uuid   NOT NULL REFERENCES manual ON DELETE CASCADE,
    number    int    NOT NULL,
    hash      bigint NOT NULL, -- of its words, folded: equal for the same text
    sketch    int[]  NOT NULL, -- MinHash of its word triples: alike for like text
    PRIMARY KEY (manual_id, number)
);
CREATE INDEX page_print_hash ON page_print (hash);

-- That one manual is asked instead of another: proposed by the program, or said by
-- somebody. manual.superseded_by is what holds; this is how it came about.
CREATE TABLE supersession (
    id             uuid        PRIMARY KEY, -- UUIDv7
    predecessor_id uuid        NOT NULL REFERENCES manual ON DELETE CASCADE,
    successor_id   uuid        NOT NULL REFERENCES manual ON DELETE CASCADE,
    kind           text        NOT NULL CHECK (kind IN ('revision', 'duplicate', 'told')),
    state          text        NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'confirmed', 'dismissed', 'undone')),
    evidence       jsonb       NOT NULL DEFAULT '{}', -- manual.SupersessionEvidence
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(), -- of what it says
    decided_at     timestamptz,
    decided_by     uuid        REFERENCES users,
    UNIQUE (predecessor_id, successor_id),
    CHECK (predecessor_id <> successor_id)
);
CREATE INDEX supersession_open ON supersession (created_at, id) WHERE state = 'open';
CREATE INDEX supersession_successor ON supersession (successor_id);

-- The manuals that are asked when nobody names one: those with an index that is not
-- in quarantine, no drafts, and none whose successor can be asked itself.
CREATE VIEW asked_manual AS
SELECT m.id FROM manual m
WHERE m.draft_of IS NULL AND m.generation > 0 AND m.status <> 'quarantined'
  AND NOT EXISTS (SELECT FROM manual n WHERE n.id = m.superseded_by AND n.generation > 0 AND n.status <> 'quarantined');

-- +goose Down
DROP VIEW asked_manual;
DROP TABLE supersession, page_print;
DELETE FROM manual WHERE draft_of IS NOT NULL;
ALTER TABLE page DROP COLUMN extraction;
DROP INDEX manual_sha256_key, manual_source_sha256_key;
ALTER TABLE manual
    DROP COLUMN extractor_version, DROP COLUMN pictures_version, DROP COLUMN draft_of, DROP COLUMN keeps_pictures,
    DROP COLUMN serial_range, DROP COLUMN serial_range_told, DROP COLUMN printed_revision, DROP COLUMN printed_date,
    DROP COLUMN compared_generation, DROP COLUMN superseded_by, DROP COLUMN superseded_at;
ALTER TABLE manual ADD CONSTRAINT manual_sha256_key UNIQUE (sha256);
ALTER TABLE manual ADD CONSTRAINT manual_source_sha256_key UNIQUE (source_sha256);
