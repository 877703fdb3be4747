-- name: AddHints :exec
-- Of a manual that came without models. What came with the file first stays.
INSERT INTO proposal (manual_id, hints) VALUES (@manual_id, @hints) ON CONFLICT DO NOTHING;

-- name: SetFolderHints :exec
INSERT INTO proposal (manual_id, hints) VALUES (@manual_id, jsonb_build_object('folders', @folders::text[]))
ON CONFLICT (manual_id) DO UPDATE SET hints = proposal.hints || excluded.hints;

-- name: AddTitleHint :exec
UPDATE proposal SET hints = hints || jsonb_build_object('title', @title::text)
WHERE manual_id = @manual_id AND state IN ('waiting', 'open');

-- name: LockProposal :one
SELECT * FROM proposal WHERE manual_id = @manual_id FOR UPDATE;

-- name: GetProposal :one
SELECT * FROM proposal WHERE manual_id = @manual_id;

-- name: SetProposal :execrows
INSERT INTO proposal (manual_id, state, manufacturer, models, type, title, revision, sure, evidence)
VALUES (@manual_id, 'open', @manufacturer, @models::text[], @type, @title, @revision, @sure, @evidence)
ON CONFLICT (manual_id) DO UPDATE
SET state = 'open', manufacturer = excluded.manufacturer, models = excluded.models, type = excluded.type,
    title = excluded.title, revision = excluded.revision, sure = excluded.sure, evidence = excluded.evidence, updated_at = now()
WHERE proposal.state = 'waiting' OR proposal.state = 'open' AND
    (proposal.manufacturer, proposal.models, proposal.type, proposal.title, proposal.revision, proposal.sure, proposal.evidence) IS DISTINCT FROM
    (excluded.manufacturer, excluded.models, excluded.type, excluded.title, excluded.revision, excluded.sure, excluded.evidence);

-- name: DecideProposal :exec
UPDATE proposal SET state = @state, decided_at = now(), decided_by = sqlc.narg('decided_by')
WHERE manual_id = @manual_id;

-- name: HasModels :one
SELECT EXISTS (SELECT FROM manual_model WHERE manual_id = @manual_id);

-- name: CountProposals :one
SELECT count(*) AS open, count(*) FILTER (WHERE sure) AS sure FROM proposal WHERE state = 'open';

-- name: SureProposals :many
SELECT manual_id FROM proposal WHERE state = 'open' AND sure ORDER BY created_at, manual_id;

-- name: KnownManufacturers :many
SELECT DISTINCT ON (manufacturer_key) manufacturer FROM model
WHERE manufacturer_key = ANY (@keys::text[])
ORDER BY manufacturer_key, created_at, id;

-- name: KnownModels :many
SELECT m.manufacturer, m.name FROM model m
WHERE m.name_key = ANY (@keys::text[])
   OR EXISTS (SELECT FROM model_alias a WHERE a.model_id = m.id AND a.alias_key = ANY (@keys::text[]))
ORDER BY m.manufacturer_key, m.name_key
LIMIT 200;
