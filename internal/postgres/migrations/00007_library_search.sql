-- +goose Up

-- Every content that a manual's index has had has a number of its own: what a process
-- keeps of an index is right as long as the number is the same.
CREATE SEQUENCE index_version;
ALTER TABLE manual_index ADD COLUMN version bigint NOT NULL DEFAULT nextval('index_version');

-- The language of each chunk, by ordinal: a byte, the index into languages.
ALTER TABLE manual_index ADD COLUMN chunk_languages bytea NOT NULL DEFAULT '';
UPDATE manual_index i SET chunk_languages = coalesce(
    (SELECT string_agg(set_byte('\x00', 0, coalesce(array_position(i.languages, c.language), 1) - 1), '' ORDER BY ordinal)
     FROM chunk c WHERE c.manual_id = i.manual_id), '');

-- Posting lists are read by term over all manuals, hence their key, and packed: four
-- bytes for each chunk in ascending order, its ordinal × 1024 + how often it has the
-- term (999 at most), big endian. Two arrays take half again as much, and their
-- decoding most of a search's time.
CREATE TABLE packed_term AS
SELECT manual_id, term COLLATE "C" AS term,
       (SELECT string_agg(int4send(o << 10 | c), '' ORDER BY o) FROM unnest(ordinals, counts) AS p(o, c)) AS postings
FROM manual_term;
DROP TABLE manual_term;
ALTER TABLE packed_term RENAME TO manual_term;
ALTER TABLE manual_term
    ALTER COLUMN manual_id SET NOT NULL,
    ALTER COLUMN postings SET NOT NULL,
    ADD CONSTRAINT manual_term_pkey PRIMARY KEY (term, manual_id),
    ADD CONSTRAINT manual_term_manual_id_fkey FOREIGN KEY (manual_id) REFERENCES manual ON DELETE CASCADE;
CREATE INDEX manual_term_manual ON manual_term (manual_id);

-- The windows of the best passages are read from all over the library: whole, two to
-- a block, and not from three places each.
ALTER TABLE chunk SET (toast_tuple_target = 4080);

-- The transactions that have changed what searches of the library keep of its manuals:
-- what is kept of one snapshot is right in another when the other sees the same of
-- those that had not ended by the first. Nobody waits for anybody, as with a counter.
CREATE TABLE library_change (xid xid8 NOT NULL DEFAULT pg_current_xact_id());
CREATE INDEX library_change_xid ON library_change (xid);
-- +goose StatementBegin
CREATE FUNCTION library_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO library_change DEFAULT VALUES;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER library_changed AFTER UPDATE ON manual FOR EACH ROW
    WHEN (ROW(OLD.generation > 0, OLD.status = 'quarantined', OLD.superseded_by, OLD.draft_of, OLD.type, OLD.title, OLD.revision) IS DISTINCT FROM
          ROW(NEW.generation > 0, NEW.status = 'quarantined', NEW.superseded_by, NEW.draft_of, NEW.type, NEW.title, NEW.revision))
    EXECUTE FUNCTION library_changed();
CREATE TRIGGER library_added AFTER INSERT ON manual FOR EACH ROW WHEN (NEW.generation > 0) EXECUTE FUNCTION library_changed();
CREATE TRIGGER library_removed AFTER DELETE ON manual FOR EACH ROW WHEN (OLD.generation > 0) EXECUTE FUNCTION library_changed();
CREATE TRIGGER library_changed AFTER INSERT OR UPDATE OR DELETE ON manual_index FOR EACH ROW EXECUTE FUNCTION library_changed();
CREATE TRIGGER library_changed AFTER INSERT OR UPDATE OR DELETE ON manual_model FOR EACH ROW EXECUTE FUNCTION library_changed();
CREATE TRIGGER library_changed AFTER UPDATE ON model FOR EACH ROW
    WHEN (ROW(OLD.manufacturer, OLD.name) IS DISTINCT FROM ROW(NEW.manufacturer, NEW.name)) EXECUTE FUNCTION library_changed();

-- +goose Down
DROP TRIGGER library_changed ON manual;
DROP TRIGGER library_added ON manual;
DROP TRIGGER library_removed ON manual;
DROP TRIGGER library_changed ON manual_index;
DROP TRIGGER library_changed ON manual_model;
DROP TRIGGER library_changed ON model;
DROP FUNCTION library_changed;
DROP TABLE library_change;
ALTER TABLE chunk RESET (toast_tuple_target);
CREATE TABLE unpacked_term AS
SELECT manual_id, term,
       (SELECT array_agg(p >> 10 ORDER BY p) FROM unnest(packed) AS p) AS ordinals,
       (SELECT array_agg((p & 1023)::int2 ORDER BY p) FROM unnest(packed) AS p) AS counts
FROM manual_term, LATERAL (
    SELECT array_agg(get_byte(postings, i) << 24 | get_byte(postings, i + 1) << 16 | get_byte(postings, i + 2) << 8 | get_byte(postings, i + 3)) AS packed
    FROM generate_series(0, length(postings) - 4, 4) AS i
) AS u;
DROP TABLE manual_term;
ALTER TABLE unpacked_term RENAME TO manual_term;
ALTER TABLE manual_term
    ALTER COLUMN manual_id SET NOT NULL,
    ALTER COLUMN term SET NOT NULL,
    ALTER COLUMN ordinals SET NOT NULL,
    ALTER COLUMN counts SET NOT NULL,
    ALTER COLUMN term TYPE text COLLATE "default",
    ADD CONSTRAINT manual_term_pkey PRIMARY KEY (manual_id, term),
    ADD CONSTRAINT manual_term_manual_id_fkey FOREIGN KEY (manual_id) REFERENCES manual ON DELETE CASCADE;
ALTER TABLE manual_index DROP COLUMN version, DROP COLUMN chunk_languages;
DROP SEQUENCE index_version;
