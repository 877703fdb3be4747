-- name: ManualVersion :one
-- Changes with every committed change of the manual's row, or its draft's.
SELECT (xmin::text || coalesce((SELECT ' ' || d.xmin::text FROM manual d WHERE d.draft_of = manual.id), ''))::text AS version
FROM manual WHERE manual.id = @id AND manual.draft_of IS NULL;

-- name: ManualVersions :many
SELECT manual.id, (manual.xmin::text || coalesce(' ' || d.xmin::text, ''))::text AS version,
       (manual.status IN ('queued', 'processing') OR coalesce(d.status IN ('queued', 'processing'), false))::boolean AS active
FROM manual LEFT JOIN manual d ON d.draft_of = manual.id
WHERE manual.draft_of IS NULL;

-- name: ManualsByID :many
SELECT * FROM manual WHERE id = ANY (@ids::uuid[]) ORDER BY id;
