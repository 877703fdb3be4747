-- name: InsertDraft :exec
-- Of a locked manual, to be read from the beginning.
INSERT INTO manual (id, draft_of, keeps_pictures, sha256, source_sha256, size_bytes, file_name, title, type, revision,
                    language, language_told, findings, released_by, released_at, status, stage, created_by)
SELECT @id, m.id, @keeps_pictures, m.sha256, m.source_sha256, m.size_bytes, m.file_name, m.title, m.type, m.revision,
       m.language, m.language_told, m.findings, m.released_by, m.released_at, 'queued', 'screen', @created_by
FROM manual m WHERE m.id = @manual_id;

-- name: LockDraft :one
SELECT * FROM manual WHERE draft_of = @manual_id::uuid FOR NO KEY UPDATE;

-- name: DraftsOf :many
SELECT * FROM manual WHERE draft_of = ANY (@manual_ids::uuid[]);

-- name: DeleteDraft :execrows
DELETE FROM manual WHERE draft_of = @manual_id::uuid;

-- name: FailDraft :exec
UPDATE manual SET status = 'failed', stage = 'cover', error_code = @code, error_message = @message, updated_at = now()
WHERE id = @id AND draft_of IS NOT NULL;

-- name: KeepPictures :execrows
-- Takes over for a draft what OCR made of the same pictures.
UPDATE page
SET ocr = 'done', ocr_layout = coalesce(o.ocr_layout, o.layout), confidence = o.confidence
FROM manual draft
JOIN manual old ON old.id = draft.draft_of AND old.pictures_version = draft.pictures_version
JOIN page o ON o.manual_id = old.id AND o.ocr = 'done'
WHERE draft.id = @draft_id AND draft.keeps_pictures
  AND page.manual_id = draft.id AND page.number = o.number AND page.ocr = 'waiting'
  AND md5(page.layout::text) = CASE WHEN o.ocr_layout IS NULL THEN o.extraction ELSE md5(o.layout::text) END;

-- name: DeletePages :exec
DELETE FROM page WHERE manual_id = @manual_id;

-- name: MovePages :exec
UPDATE page SET manual_id = @manual_id WHERE manual_id = @draft_id;

-- name: DeletePrints :exec
DELETE FROM page_print WHERE manual_id = @manual_id;

-- name: MovePrints :exec
UPDATE page_print SET manual_id = @manual_id WHERE manual_id = @draft_id;

-- name: TakeDraft :exec
-- Gives a locked manual the state of its draft, whose pages it has. Jobs of the text
-- that it had are void, and so are the answers out of it.
UPDATE manual m
SET run = m.run + 1, generation = m.generation + 1, status = 'ready', stage = '', stage_started_at = NULL, stage_base = 0,
    error_code = '', error_message = '', pages = d.pages, outline = d.outline,
    extractor_version = d.extractor_version, pictures_version = d.pictures_version,
    text_version = d.text_version, indexed_version = d.indexed_version, codes_version = d.codes_version, index_queued = false,
    indexed_at = d.indexed_at, index_seconds = d.index_seconds, findings = d.findings,
    language = CASE WHEN m.language_told THEN m.language ELSE d.language END,
    compared_generation = CASE WHEN d.compared_generation = d.generation THEN m.generation + 1 ELSE 0 END,
    printed_revision = d.printed_revision, printed_date = d.printed_date,
    serial_range = CASE WHEN m.serial_range_told THEN m.serial_range ELSE d.serial_range END,
    ready_at = coalesce(d.ready_at, m.ready_at), updated_at = now()
FROM manual d
WHERE m.id = @manual_id AND d.draft_of = m.id;

-- name: Rereadable :many
-- The manuals that can be read again, the oldest first.
SELECT id FROM manual
WHERE draft_of IS NULL AND status <> 'quarantined' AND pages > 0 AND (NOT @outdated::boolean OR extractor_version < @extractor_version::int)
ORDER BY created_at, id;

-- name: Uncompared :many
-- The manuals whose text was not compared with others', or is another one since.
SELECT id FROM manual
WHERE draft_of IS NULL AND status = 'ready' AND generation > 0 AND compared_generation <> generation
ORDER BY created_at, id;

-- name: SetPrints :exec
WITH old AS (DELETE FROM page_print WHERE manual_id = @manual_id)
UPDATE manual
SET compared_generation = @generation, printed_revision = @printed_revision, printed_date = @printed_date,
    serial_range = CASE WHEN serial_range_told THEN serial_range ELSE @serial_range END
WHERE id = @manual_id;

-- name: InsertPrints :copyfrom
INSERT INTO page_print (manual_id, number, hash, sketch) VALUES (@manual_id, @number, @hash, @sketch);

-- name: Prints :many
SELECT number, hash, sketch FROM page_print WHERE manual_id = @manual_id ORDER BY number;

-- name: ManualsOfSameModels :many
-- Those that may have to do with a manual's revisions: for one of its models, and asked.
SELECT DISTINCT o.id FROM manual_model mine
JOIN manual_model theirs ON theirs.model_id = mine.model_id AND theirs.manual_id <> mine.manual_id
JOIN manual o ON o.id = theirs.manual_id
WHERE mine.manual_id = @manual_id AND o.generation > 0 AND o.status <> 'quarantined' AND o.superseded_by IS NULL;

-- name: ManualsWithSamePages :many
-- By the index page_print_hash; the most pages first.
SELECT o.manual_id, count(DISTINCT o.number)::int AS pages FROM page_print mine
JOIN page_print o ON o.hash = mine.hash AND o.manual_id <> mine.manual_id
JOIN manual m ON m.id = o.manual_id AND m.status <> 'quarantined' AND m.superseded_by IS NULL
WHERE mine.manual_id = @manual_id
GROUP BY o.manual_id HAVING count(DISTINCT o.number) >= @least::int
ORDER BY pages DESC, o.manual_id LIMIT 20;

-- name: LockSupersessions :exec
-- Serialises what is decided about them, until the end of the transaction: two
-- decisions must not make each of two manuals the other's successor.
SELECT pg_advisory_xact_lock(hashtextextended('supersession', 0));

-- name: GetSupersession :one
SELECT * FROM supersession WHERE id = @id;

-- name: SupersessionOf :one
SELECT * FROM supersession WHERE predecessor_id = @predecessor_id AND successor_id = @successor_id;

-- name: SupersessionsOf :many
SELECT * FROM supersession WHERE predecessor_id = @manual_id OR successor_id = @manual_id ORDER BY created_at, id;

-- name: ProposeSupersession :execrows
-- What somebody has decided stays.
INSERT INTO supersession (id, predecessor_id, successor_id, kind, evidence)
VALUES (@id, @predecessor_id, @successor_id, @kind, @evidence)
ON CONFLICT (predecessor_id, successor_id) DO UPDATE
SET kind = excluded.kind, evidence = excluded.evidence, updated_at = now()
WHERE supersession.state = 'open' AND (supersession.kind, supersession.evidence) IS DISTINCT FROM (excluded.kind, excluded.evidence);

-- name: WithdrawSupersession :exec
DELETE FROM supersession WHERE id = @id AND state = 'open';

-- name: TellSupersession :exec
INSERT INTO supersession (id, predecessor_id, successor_id, kind) VALUES (@id, @predecessor_id, @successor_id, 'told');

-- name: DecideSupersession :exec
UPDATE supersession SET state = @state, decided_at = now(), decided_by = @decided_by WHERE id = @id;

-- name: Supersede :exec
UPDATE manual
SET superseded_by = sqlc.narg('superseded_by'), superseded_at = CASE WHEN sqlc.narg('superseded_by')::uuid IS NULL THEN NULL ELSE now() END, updated_at = now()
WHERE id = @id;

-- name: SupersededBy :many
-- The manuals that a manual has replaced.
SELECT id, title FROM manual WHERE superseded_by = @manual_id::uuid ORDER BY id;

-- name: CountSupersessions :one
SELECT count(*) FROM supersession WHERE state = 'open';

-- name: References :many
-- What names a manual in a few words.
SELECT id, title, revision, generation, superseded_by FROM manual WHERE id = ANY (@ids::uuid[]);
