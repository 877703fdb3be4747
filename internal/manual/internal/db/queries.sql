-- name: LockContent :exec
-- Serialises everything that decides whether the original of this content is
-- needed, until the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended(@sha256::text, 0));

-- name: InsertManual :exec
INSERT INTO manual (id, sha256, source_sha256, size_bytes, file_name, title, type, revision, language, language_told, serial_range, serial_range_told, status, stage, created_by)
VALUES (@id, @sha256, @source_sha256, @size_bytes, @file_name, @title, @type, @revision, @language, @language::text <> '',
        @serial_range, @serial_range::text <> '', 'queued', 'screen', @created_by);

-- name: GetManual :one
SELECT * FROM manual WHERE id = @id AND draft_of IS NULL;

-- name: GetReading :one
-- Of what is read: a manual or a draft.
SELECT * FROM manual WHERE id = @id;

-- name: Generations :many
SELECT id, generation FROM manual WHERE id = ANY (@ids::uuid[]);

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

-- name: SearchableForModel :many
-- Not those of which a successor for the same model can be asked.
SELECT manual.* FROM manual JOIN manual_model mm ON mm.manual_id = manual.id
WHERE mm.model_id = @model_id AND manual.generation > 0 AND manual.status <> 'quarantined'
  AND NOT EXISTS (
    SELECT FROM manual n JOIN manual_model nm ON nm.manual_id = n.id
    WHERE n.id = manual.superseded_by AND nm.model_id = mm.model_id AND n.generation > 0 AND n.status <> 'quarantined')
ORDER BY manual.created_at, manual.id;

-- name: UpdateManual :exec
UPDATE manual
SET title = @title, type = @type, revision = @revision, language = @language, language_told = @language_told,
    serial_range = @serial_range, serial_range_told = @serial_range_told,
    compared_generation = CASE WHEN @serial_range_told THEN compared_generation ELSE 0 END, -- the text may tell
    updated_at = now()
WHERE id = @id AND (title, type, revision, language, language_told, serial_range, serial_range_told) IS DISTINCT FROM
    (@title, @type, @revision, @language, @language_told, @serial_range, @serial_range_told);

-- name: Touch :exec
UPDATE manual SET updated_at = now() WHERE id = @id;

-- name: DeleteManual :one
DELETE FROM manual WHERE id = @id RETURNING *;

-- name: ContentInUse :one
SELECT EXISTS (SELECT FROM manual WHERE sha256 = @sha256);

-- name: BeginStage :one
-- Of a run that is still wanted.
UPDATE manual
SET status = 'processing', error_code = '', error_message = '', updated_at = now(), stage_started_at = now(),
    stage_base = CASE stage WHEN 'extract' THEN pages_done ELSE 0 END
WHERE id = @id AND run = @run AND stage = @stage AND status IN ('queued', 'processing')
RETURNING *;

-- name: SetDocument :execrows
-- The version is that of the code that has begun to read it.
UPDATE manual
SET pages = @pages, outline = @outline, updated_at = now(),
    extractor_version = CASE WHEN pages = 0 THEN @extractor_version ELSE extractor_version END,
    pictures_version = CASE WHEN pages = 0 THEN @pictures_version ELSE pictures_version END
WHERE id = @id AND run = @run AND stage = 'extract' AND status = 'processing';

-- name: InsertPages :execrows
INSERT INTO page (manual_id, number, layout, error, quality, ocr, untrusted)
SELECT @manual_id, unnest(@numbers::int[]), unnest(@layouts::text[])::jsonb, unnest(@errors::text[]),
       unnest(@qualities::text[]), unnest(@ocr::text[]), unnest(@untrusted::boolean[])
ON CONFLICT DO NOTHING;

-- name: PageNumbers :many
SELECT number FROM page WHERE manual_id = @manual_id ORDER BY number;

-- name: CountPages :one
-- All that the state of a manual is derived from, counted anew each time so that
-- nothing counts twice.
SELECT count(*) AS done,
       count(*) FILTER (WHERE error <> '') AS failed,
       count(*) FILTER (WHERE ocr = 'waiting') AS waiting,
       count(*) FILTER (WHERE ocr = 'queued') AS queued,
       count(*) FILTER (WHERE ocr = 'done') AS ocr_done,
       count(*) FILTER (WHERE ocr = 'failed') AS ocr_failed,
       count(*) FILTER (WHERE quality = 'blank') AS blank,
       count(*) FILTER (WHERE quality = 'unreadable') AS unreadable,
       count(*) FILTER (WHERE untrusted) AS untrusted,
       count(*) FILTER (WHERE confidence < @doubtful::real) AS doubtful,
       coalesce(sum(CASE WHEN quality IN ('blank', 'unreadable') THEN 0 ELSE coalesce(confidence, 100) END), 0)::float8 AS score,
       clock_timestamp()::timestamptz AS now
FROM page WHERE manual_id = @manual_id;

-- name: SaveState :exec
-- Of a locked manual: all that the ingest decides.
UPDATE manual
SET status = @status, stage = @stage, stage_started_at = @stage_started_at, stage_base = @stage_base, run = @run,
    error_code = @error_code, error_message = @error_message,
    pages_done = @pages_done, pages_failed = @pages_failed, generation = @generation, language = @language,
    text_version = @text_version, indexed_version = @indexed_version, codes_version = @codes_version,
    index_queued = @index_queued, indexed_at = @indexed_at, index_seconds = @index_seconds,
    ocr_waiting = @ocr_waiting, ocr_done = @ocr_done, ocr_failed = @ocr_failed, ocr_quality = @ocr_quality,
    needs_review = @needs_review, review_reasons = @review_reasons, ready_at = @ready_at, updated_at = now()
WHERE id = @id;

-- name: SaveJudgement :exec
UPDATE manual SET ocr_quality = @ocr_quality, needs_review = @needs_review, review_reasons = @review_reasons, updated_at = now()
WHERE id = @id AND (ocr_quality, needs_review, review_reasons) IS DISTINCT FROM (@ocr_quality, @needs_review, @review_reasons::jsonb);

-- name: Ungraded :many
SELECT id FROM manual WHERE status = 'ready' AND ocr_quality = 'pending' AND draft_of IS NULL ORDER BY id;

-- name: ReviewFacts :one
SELECT EXISTS (SELECT FROM manual_model mm WHERE mm.manual_id = @manual_id) AS has_model,
       EXISTS (SELECT FROM proposal p WHERE p.manual_id = @manual_id AND p.state = 'open') AS proposal_open,
       EXISTS (SELECT FROM supersession s WHERE (s.successor_id = @manual_id OR s.predecessor_id = @manual_id) AND s.state = 'open') AS supersession_open,
       EXISTS (SELECT FROM manual d WHERE d.draft_of = @manual_id AND d.status = 'failed') AS reprocessing_failed;

-- name: QueuePages :many
-- The next pages that wait for OCR.
UPDATE page SET ocr = 'queued', ocr_error = ''
WHERE page.manual_id = @manual_id AND page.number IN (
    SELECT p.number FROM page AS p WHERE p.manual_id = @manual_id AND p.ocr = 'waiting' ORDER BY number LIMIT @max_pages)
RETURNING page.number;

-- name: BeginOCR :exec
-- Shows that pages are read; how far the stage is does not change.
UPDATE manual
SET status = 'processing', error_code = '', error_message = '', updated_at = now()
WHERE id = @id AND run = @run AND stage = 'ocr' AND status = 'queued';

-- name: WantsOCR :one
-- Reports whether the page is still to be read.
SELECT EXISTS (
    SELECT FROM page JOIN manual ON manual.id = page.manual_id
    WHERE page.manual_id = @manual_id AND page.number = @number AND page.ocr = 'queued'
      AND manual.run = @run AND manual.status IN ('queued', 'processing', 'ready'));

-- name: HasText :one
-- Reports whether a page has a word that can be read.
SELECT EXISTS (
    SELECT FROM page
    WHERE manual_id = @manual_id AND error = ''
      AND (quality IN ('text', 'ocr', 'mixed')
           OR quality = 'unreadable' AND NOT untrusted AND jsonb_path_exists(layout, '$.words[*].t')));

-- name: GetOCRPage :one
SELECT layout FROM page WHERE manual_id = @manual_id AND number = @number AND ocr = 'queued';

-- name: StoreOCR :execrows
UPDATE page SET ocr = 'done', ocr_layout = (@layout::text)::jsonb, confidence = nullif(@confidence::real, 0), ocr_error = ''
WHERE manual_id = @manual_id AND number = @number AND ocr = 'queued';

-- name: FailOCR :execrows
UPDATE page SET ocr = 'failed', ocr_error = @error
WHERE manual_id = @manual_id AND number = @number AND ocr = 'queued';

-- name: UnqueueOCR :execrows
UPDATE page SET ocr = 'waiting'
WHERE manual_id = @manual_id AND number = @number AND ocr = 'queued';

-- name: AwaitingOCR :many
-- By the index page_ocr.
SELECT id FROM manual
WHERE status IN ('queued', 'processing', 'ready') AND stage NOT IN ('screen', 'extract')
  AND EXISTS (SELECT FROM page WHERE page.manual_id = manual.id AND page.ocr = 'waiting')
ORDER BY created_at, id;

-- name: OCRResults :many
SELECT number, ocr_layout FROM page
WHERE manual_id = @manual_id AND ocr_layout IS NOT NULL
ORDER BY number
LIMIT @max_rows;

-- name: TakeOCR :exec
-- Makes what OCR found of a page its text.
UPDATE page SET extraction = md5(layout::text), layout = ocr_layout, ocr_layout = NULL, quality = @quality, untrusted = @untrusted
WHERE manual_id = @manual_id AND number = @number;

-- name: ForgetFailed :execrows
-- Has the pages that could not be read, all or one, read again.
DELETE FROM page WHERE manual_id = @manual_id AND error <> '' AND (@number::int = 0 OR number = @number);

-- name: AwaitOCRAgain :execrows
-- Has the pages whose OCR failed, all or one, wait for it again.
UPDATE page SET ocr = 'waiting', ocr_error = ''
WHERE manual_id = @manual_id AND ocr = 'failed' AND (@number::int = 0 OR number = @number);

-- name: UnqueueAll :exec
UPDATE page SET ocr = 'waiting' WHERE manual_id = @manual_id AND ocr = 'queued';

-- name: PagesFrom :many
SELECT number, layout FROM page
WHERE manual_id = @manual_id AND number >= @first AND (indexed OR NOT @indexed::boolean)
ORDER BY number
LIMIT @max_rows;

-- name: GetPage :one
SELECT label, layout, quality, ocr, ocr_error, confidence, error FROM page WHERE manual_id = @manual_id AND number = @number;

-- name: ListPages :many
SELECT number, label, quality, ocr, ocr_error, confidence, error FROM page
WHERE manual_id = @manual_id AND number > @after AND (@quality::text = '' OR quality = @quality)
ORDER BY number
LIMIT @max_rows;

-- name: MarkIndexed :exec
UPDATE page SET label = l.label, indexed = true
FROM (SELECT unnest(@numbers::int[]) AS number, unnest(@labels::text[]) AS label) AS l
WHERE page.manual_id = @manual_id AND page.number = l.number AND (page.label <> l.label OR NOT page.indexed);

-- name: Postpone :exec
UPDATE manual
SET status = 'queued', error_code = @code, error_message = @message, updated_at = now()
WHERE id = @id AND run = @run AND status IN ('queued', 'processing');
