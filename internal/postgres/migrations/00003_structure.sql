-- +goose Up

-- What a manual is made of, as package structure reads it from its pages. All of it
-- is made anew when the manual is indexed.

-- A chapter or a part of one.
CREATE TABLE section (
    manual_id  uuid  NOT NULL REFERENCES manual ON DELETE CASCADE,
    ordinal    int   NOT NULL, -- in printed order
    parent     int,            -- the ordinal of the section that it is part of
    copy_of    int,            -- the ordinal of the section that it repeats in another language
    level      int   NOT NULL, -- 1 is the top
    type       text  NOT NULL CHECK (type IN ('overview', 'specifications', 'installation', 'operation', 'error_codes',
                     'troubleshooting', 'maintenance', 'wiring_diagrams', 'parts_list', 'safety', 'other')),
    title      text  NOT NULL,
    first_page int   NOT NULL, -- PDF page numbers
    last_page  int   NOT NULL,
    language   text  NOT NULL DEFAULT '', -- ISO 639-1
    source     text  NOT NULL CHECK (source IN ('outline', 'heading')),
    -- What it holds for: {"models": [...], "serials": [...], "voltages": [...], "refrigerants": [...]},
    -- each with its text, its page and the words that say it.
    applies    jsonb NOT NULL DEFAULT '{}',
    heading    jsonb NOT NULL DEFAULT '{}', -- structure.Span: the words of its heading
    PRIMARY KEY (manual_id, ordinal)
);
CREATE INDEX section_type ON section (type, manual_id);
CREATE INDEX section_applies ON section USING gin (applies jsonb_path_ops);

-- A table of the manual, over all the pages that it goes on.
CREATE TABLE manual_table (
    manual_id  uuid  NOT NULL REFERENCES manual ON DELETE CASCADE,
    ordinal    int   NOT NULL, -- in printed order
    kind       text  NOT NULL CHECK (kind IN ('values', 'codes', 'parts', 'settings', 'troubleshooting', 'contents', 'other')),
    title      text  NOT NULL DEFAULT '',
    language   text  NOT NULL DEFAULT '', -- ISO 639-1
    section    int,            -- the ordinal of its section
    first_page int   NOT NULL, -- PDF page numbers
    last_page  int   NOT NULL,
    row_count  int   NOT NULL, -- below the headings
    content    jsonb NOT NULL, -- structure.Table
    PRIMARY KEY (manual_id, ordinal)
);
CREATE INDEX manual_table_kind ON manual_table (kind, manual_id);

-- A picture that is meant to be looked at.
CREATE TABLE drawing (
    manual_id uuid     NOT NULL REFERENCES manual ON DELETE CASCADE,
    ordinal   int      NOT NULL, -- in printed order
    kind      text     NOT NULL CHECK (kind IN ('wiring', 'exploded_view', 'layout', 'other')),
    title     text     NOT NULL DEFAULT '',
    page      int      NOT NULL, -- PDF page number
    box       float8[] NOT NULL CHECK (cardinality(box) = 4), -- x0, y0, x1, y1 in points, as displayed
    section   int,               -- the ordinal of its section
    title_words jsonb  NOT NULL DEFAULT '{}', -- structure.Span
    PRIMARY KEY (manual_id, ordinal)
);
CREATE INDEX drawing_kind ON drawing (kind, manual_id);

-- What the pages of a manual say about each other.
CREATE TABLE manual_structure (
    manual_id      uuid  PRIMARY KEY REFERENCES manual ON DELETE CASCADE,
    doubles        jsonb NOT NULL DEFAULT '[]', -- structure.Double: what is printed twice
    line_languages jsonb NOT NULL DEFAULT '{}'  -- by page: the languages of its lines where they take turns
);

-- The sections of each manual as one document: title, type, pages, and what of it
-- they hold.
CREATE VIEW manual_sections AS
SELECT s.manual_id,
       jsonb_agg(jsonb_build_object('title', s.title, 'type', s.type, 'level', s.level, 'first_page', s.first_page,
                 'last_page', s.last_page, 'language', s.language, 'applies', s.applies,
                 'tables', (SELECT coalesce(jsonb_agg(jsonb_build_object('title', t.title, 'kind', t.kind, 'page', t.first_page, 'rows', t.row_count)
                                   ORDER BY t.ordinal), '[]') FROM manual_table t WHERE t.manual_id = s.manual_id AND t.section = s.ordinal),
                 'drawings', (SELECT coalesce(jsonb_agg(jsonb_build_object('title', d.title, 'kind', d.kind, 'page', d.page)
                                   ORDER BY d.ordinal), '[]') FROM drawing d WHERE d.manual_id = s.manual_id AND d.section = s.ordinal))
                 ORDER BY s.ordinal) AS sections
FROM section s
GROUP BY s.manual_id;

-- Manuals of an earlier release get theirs when they are indexed again.

-- +goose Down
DROP VIEW manual_sections;
DROP TABLE manual_structure, drawing, manual_table, section;
