-- name: GetManualByContent :one
-- Of a file that came in with the one content, and would be stored with another
-- where its password was taken off.
SELECT * FROM manual
WHERE (source_sha256 = @source_sha256 OR sha256 = ANY (@contents::text[])) AND draft_of IS NULL
ORDER BY source_sha256 = @source_sha256 DESC
LIMIT 1;

-- name: SetContent :exec
-- Of a manual whose original was lost and came again.
UPDATE manual SET sha256 = @sha256, size_bytes = @size_bytes, updated_at = now() WHERE id = @id OR draft_of = @id;

-- name: Quarantine :one
UPDATE manual
SET status = 'quarantined', findings = @findings, error_code = @code, error_message = @message, updated_at = now()
WHERE id = @id
RETURNING *;

-- name: Release :one
-- The run is a new one: jobs of the one that ended in quarantine have nothing to do.
UPDATE manual
SET status = 'queued', stage = 'screen', run = run + 1, findings = @findings, error_code = '', error_message = '',
    released_by = @released_by, released_at = now(), updated_at = now()
WHERE id = @id
RETURNING *;
