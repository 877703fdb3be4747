-- name: ManualVersion :one
-- Changes with every committed change of the manual's row.
SELECT xmin::text AS version FROM manual WHERE id = @id;

-- name: ManualVersions :many
SELECT id, xmin::text AS version, status IN ('queued', 'processing') AS active FROM manual;

-- name: ManualsByID :many
SELECT * FROM manual WHERE id = ANY (@ids::uuid[]) ORDER BY id;
