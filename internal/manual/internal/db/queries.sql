-- name: LockContent :exec
-- Serialises everything that decides whether the original of this content is
-- needed, until the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended(@sha256::text, 0));

-- name: InsertManual :exec
INSERT INTO manual (id, sha256, source_sha256, size_bytes, file_name, title, type, revision, language, status, created_by)
VALUES (@id, @sha256, @sha256, @size_bytes, @file_name, @title, @type, @revision, @language, 'queued', @created_by);

-- name: GetManual :one
SELECT * FROM manual WHERE id = @id;

-- name: GetManualBySHA :one
SELECT * FROM manual WHERE sha256 = @sha256;

-- name: LockManual :one
SELECT * FROM manual WHERE id = @id FOR NO KEY UPDATE;

-- name: AddModels :execrows
INSERT INTO manual_model (manual_id, model_id)
SELECT @manual_id, unnest(@model_ids::uuid[])
ON CONFLICT DO NOTHING;

-- name: RemoveOtherModels :execrows
DELETE FROM manual_model WHERE manual_id = @manual_id AND NOT model_id = ANY (@model_ids::uuid[]);

-- name: ModelsOf :many
SELECT mm.manual_id, m.id, m.manufacturer, m.name
FROM manual_model mm JOIN model m ON m.id = mm.model_id
WHERE mm.manual_id = ANY (@manual_ids::uuid[])
ORDER BY m.manufacturer_key, m.name_key;

-- name: ReadyForModel :many
SELECT manual.* FROM manual JOIN manual_model mm ON mm.manual_id = manual.id
WHERE mm.model_id = @model_id AND manual.status = 'ready'
ORDER BY manual.created_at, manual.id;

-- name: UpdateManual :exec
UPDATE manual
SET title = @title, type = @type, revision = @revision, language = @language, updated_at = now()
WHERE id = @id AND (title, type, revision, language) IS DISTINCT FROM (@title, @type, @revision, @language);

-- name: Touch :exec
UPDATE manual SET updated_at = now() WHERE id = @id;

-- name: Requeue :exec
UPDATE manual
SET status = 'queued', error_code = '', error_message = '', updated_at = now()
WHERE id = @id;

-- name: ForgetFailedPages :exec
-- Takes the reading back to before the first page that could not be read.
WITH kept AS (
    SELECT coalesce(min(number) - 1, max(manual.pages_done)) AS last
    FROM manual LEFT JOIN page ON page.manual_id = manual.id AND page.error <> ''
    WHERE manual.id = @id
), gone AS (
    DELETE FROM page USING kept WHERE page.manual_id = @id AND page.number > kept.last
)
UPDATE manual SET pages_done = kept.last, pages_failed = 0 FROM kept WHERE manual.id = @id;

-- name: DeleteManual :execrows
DELETE FROM manual WHERE id = @id;

-- name: ContentInUse :one
SELECT EXISTS (SELECT FROM manual WHERE sha256 = @sha256);

-- name: StartProcessing :one
-- Of a run that is still wanted: the generation it starts from.
UPDATE manual
SET status = 'processing', error_code = '', error_message = '', updated_at = now()
WHERE id = @id AND generation = @generation AND status IN ('queued', 'processing')
RETURNING *;

-- name: SetDocument :execrows
UPDATE manual SET pages = @pages, outline = @outline, updated_at = now()
WHERE id = @id AND generation = @generation AND status = 'processing';

-- name: InsertPages :one
WITH added AS (
    INSERT INTO page (manual_id, number, layout, error)
    SELECT @manual_id, unnest(@numbers::int[]), unnest(@layouts::text[])::jsonb, unnest(@errors::text[])
    ON CONFLICT DO NOTHING
    RETURNING error
)
SELECT count(*) FILTER (WHERE error <> '') AS failed FROM added;

-- name: AddProgress :exec
UPDATE manual
SET pages_done = greatest(pages_done, @pages_done::int), pages_failed = pages_failed + @failed::int, updated_at = now()
WHERE id = @id;

-- name: PagesFrom :many
SELECT number, layout FROM page
WHERE manual_id = @manual_id AND number >= @first
ORDER BY number
LIMIT @max_rows;

-- name: GetPage :one
SELECT label, layout FROM page WHERE manual_id = @manual_id AND number = @number;

-- name: SetLabels :exec
UPDATE page SET label = l.label
FROM (SELECT unnest(@numbers::int[]) AS number, unnest(@labels::text[]) AS label) AS l
WHERE page.manual_id = @manual_id AND page.number = l.number AND page.label <> l.label;

-- name: Finish :exec
UPDATE manual
SET status = 'ready', error_code = '', error_message = '', generation = generation + 1, language = @language,
    ocr_waiting = @ocr_waiting, ready_at = now(), updated_at = now()
WHERE id = @id;

-- name: Fail :exec
UPDATE manual
SET status = 'failed', error_code = @code, error_message = @message, updated_at = now()
WHERE id = @id AND generation = @generation AND status IN ('queued', 'processing');

-- name: Postpone :exec
UPDATE manual
SET status = 'queued', error_code = @code, error_message = @message, updated_at = now()
WHERE id = @id AND generation = @generation AND status IN ('queued', 'processing');
