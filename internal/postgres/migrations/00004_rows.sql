-- +goose Up

-- Codes are looked up in the whole library.
ALTER TABLE error_code
    ADD COLUMN loose_key text    NOT NULL DEFAULT '',   -- without what is easily mistyped
    ADD COLUMN language  text    NOT NULL DEFAULT '',   -- ISO 639-1, of its page
    ADD COLUMN whole     boolean NOT NULL DEFAULT true; -- code_key is of the whole code, not of a part of it
CREATE INDEX error_code_lookup ON error_code (code_key COLLATE "C", manual_id, ordinal);
CREATE INDEX error_code_loose ON error_code (loose_key COLLATE "C", manual_id, ordinal);

-- A row of a parts list. All of them are made anew when the manual is indexed.
CREATE TABLE part (
    manual_id uuid     NOT NULL REFERENCES manual ON DELETE CASCADE,
    ordinal   int      NOT NULL, -- in the order of the pages
    number    text     NOT NULL, -- to order by, as printed; '' for a part without one
    keys      text[]   NOT NULL, -- normalised: the number and the row's further ones
    page      int      NOT NULL, -- PDF page number
    words     tsvector NOT NULL, -- of its description, headings and title: as printed and stemmed
    row       jsonb    NOT NULL, -- search.PartRow
    PRIMARY KEY (manual_id, ordinal)
);
CREATE INDEX part_keys ON part USING gin (keys);
CREATE INDEX part_words ON part USING gin (words);

-- A switch, jumper or parameter of a table of settings.
CREATE TABLE manual_setting (
    manual_id uuid     NOT NULL REFERENCES manual ON DELETE CASCADE,
    ordinal   int      NOT NULL, -- in the order of the pages
    name      text     NOT NULL, -- as printed
    keys      text[]   NOT NULL, -- normalised: the name, alone and with its block of switches
    page      int      NOT NULL, -- PDF page number
    words     tsvector NOT NULL, -- as printed and stemmed
    row       jsonb    NOT NULL, -- search.SettingRow
    PRIMARY KEY (manual_id, ordinal)
);
CREATE INDEX manual_setting_keys ON manual_setting USING gin (keys);
CREATE INDEX manual_setting_words ON manual_setting USING gin (words);

-- Manuals of an earlier release get theirs when they are indexed again.

-- +goose Down
DROP INDEX error_code_lookup, error_code_loose;
ALTER TABLE error_code DROP COLUMN loose_key, DROP COLUMN language, DROP COLUMN whole;
DROP TABLE manual_setting, part;
