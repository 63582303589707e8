-- Statements of this engine alone, or in its own form.

-- name: find_project
SELECT id, successor, set_config('tamp.project', CAST(id AS text), true)
FROM projects WHERE name = :name AND stage = :stage
-- name: add_task
WITH given AS (
    SELECT * FROM json_to_recordset(:rows) AS x (
        project BIGINT, tag BIGINT, position BIGINT, id TEXT, number BIGINT, words TEXT, doc TEXT
    )
), entry AS (
    INSERT INTO tasks (project, tag, position, id, number, doc)
    SELECT project, tag, position, id, number, doc FROM given
)
INSERT INTO searched (project, tag, position, words)
SELECT project, tag, position, words FROM given
-- name: change_task
WITH entry AS (UPDATE tasks SET doc = :doc WHERE tag = :tag AND position = :position)
UPDATE searched SET words = :words WHERE tag = :tag AND position = :position
-- name: add_node
INSERT INTO nodes (
    project, tag, id, owner, position, step, status, priority, open,
    made, made_day, due_day, defer_day, needs, waiters, chain, awaited
)
SELECT
    project, tag, id, owner, position, step, status, priority, open,
    made, made_day, due_day, defer_day, needs, waiters, chain, awaited
FROM json_populate_recordset(CAST(NULL AS nodes), :rows)
-- name: add_edge
INSERT INTO edges (project, tag, node, needs)
SELECT project, tag, node, needs FROM json_populate_recordset(CAST(NULL AS edges), :rows)
-- name: ring
SELECT pg_notify(:channel, :number)
-- name: holder
SELECT a.application_name FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.database = (
    SELECT oid FROM pg_database WHERE datname = current_database()
) AND (CAST(l.classid AS bigint) << 32) | CAST(l.objid AS bigint) = hashtextextended(:lock, 0)
LIMIT 1
-- name: containing
SELECT t.doc FROM searched AS s JOIN tasks AS t ON t.tag = s.tag AND t.position = s.position
WHERE s.tag = :tag AND t.id IS NOT NULL
