-- name: EnsureModel :one
INSERT INTO model (id, manufacturer, name, manufacturer_key, name_key)
VALUES (@id, @manufacturer, @name, @manufacturer_key, @name_key)
ON CONFLICT (manufacturer_key, name_key) DO UPDATE SET name = model.name
RETURNING id, manufacturer, name;

-- name: AddAliases :exec
INSERT INTO model_alias (model_id, alias, alias_key)
SELECT @model_id, unnest(@aliases::text[]), unnest(@alias_keys::text[])
ON CONFLICT DO NOTHING;

-- name: GetModel :one
SELECT id, manufacturer, name FROM model WHERE id = @id;

-- name: FindModels :many
SELECT id, manufacturer, name FROM model
WHERE name_key = @name_key AND (@manufacturer_key::text = '' OR manufacturer_key = @manufacturer_key)
LIMIT 2;

-- name: ListModels :many
SELECT m.id, m.manufacturer, m.name,
       ARRAY(SELECT a.alias FROM model_alias a WHERE a.model_id = m.id ORDER BY a.alias_key)::text[] AS aliases,
       (SELECT count(*) FROM manual_model mm JOIN manual ON manual.id = mm.manual_id
        WHERE mm.model_id = m.id AND manual.generation > 0 AND manual.status <> 'quarantined' AND NOT EXISTS (
            SELECT FROM manual n JOIN manual_model nm ON nm.manual_id = n.id
            WHERE n.id = manual.superseded_by AND nm.model_id = mm.model_id AND n.generation > 0 AND n.status <> 'quarantined')) AS manuals,
       m.manufacturer_key, m.name_key
FROM model m
WHERE (m.manufacturer_key, m.name_key) > (@after_manufacturer::text, @after_name::text)
  AND (m.manufacturer_key || m.name_key LIKE '%' || @text_key::text || '%'
   OR EXISTS (SELECT FROM model_alias a WHERE a.model_id = m.id AND a.alias_key LIKE '%' || @text_key || '%'))
ORDER BY m.manufacturer_key, m.name_key
LIMIT @max_rows;

-- name: Catalogue :many
SELECT id, manufacturer, name, manufacturer_key, name_key,
       ARRAY(SELECT a.alias_key FROM model_alias a WHERE a.model_id = model.id)::text[] AS alias_keys,
       EXISTS (SELECT FROM manual_model mm WHERE mm.model_id = model.id) AS has_manuals
FROM model
ORDER BY manufacturer_key, name_key;
