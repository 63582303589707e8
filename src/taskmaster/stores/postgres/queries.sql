-- Statements of this engine alone, or in its own form.

-- name: find_project
SELECT id, successor, last_number, last_time,
    set_config('tamp.project', CAST(id AS text), true)
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
    defer_day, made, made_day, due_day, needs, waiters, chain, awaited,
    stands, from_day, until_day, begun, more_waiters, more_chain
)
SELECT
    project, tag, id, owner, position, step, status, priority, open,
    defer_day, made, made_day, due_day, needs, waiters, chain, awaited,
    stands, from_day, until_day, begun, more_waiters, more_chain
FROM json_populate_recordset(CAST(NULL AS nodes), :rows)
-- name: add_edge
INSERT INTO edges (project, tag, node, needs)
SELECT project, tag, node, needs FROM json_populate_recordset(CAST(NULL AS edges), :rows)
-- name: undated
WITH RECURSIVE kinds AS (
    SELECT 1000000000 AS points
    UNION ALL
    SELECT (
        SELECT n.points FROM nodes AS n
        WHERE n.tag = :tag AND n.stands = 1 AND n.made = '' AND n.points < kinds.points
        ORDER BY n.points DESC LIMIT 1
    ) FROM kinds WHERE kinds.points IS NOT NULL
)
SELECT firsts.* FROM kinds CROSS JOIN LATERAL (
    SELECT position, step, id, owner, points, made, made_day, due_day, weight FROM nodes AS n
    WHERE n.tag = :tag AND n.stands = 1 AND n.made = '' AND n.points = kinds.points
        AND n.from_day <= :today AND n.until_day > :today
        AND COALESCE(due_day, 1000000000) BETWEEN :first AND :last
    ORDER BY n.position, n.step LIMIT :most
) AS firsts
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
-- name: facts
SELECT pg_database_size(current_database()), (SELECT max(number) FROM schema_migrations)
-- name: condition
SELECT pg_is_in_recovery(), CAST(current_setting('default_transaction_read_only') AS boolean),
    rolsuper OR rolbypassrls
FROM pg_roles WHERE rolname = current_user
