-- Statements of this engine alone, or in its own form.

-- name: find_project
SELECT id, successor, set_config('tamp.project', CAST(id AS text), true)
FROM projects WHERE name = :name AND stage = :stage
-- name: add_task
WITH entry AS (
    INSERT INTO tasks (project, tag, position, id, number, doc)
    VALUES (:project, :tag, :position, :id, :number, :doc)
)
INSERT INTO searched (project, tag, position, words) VALUES (:project, :tag, :position, :words)
-- name: change_task
WITH entry AS (UPDATE tasks SET doc = :doc WHERE tag = :tag AND position = :position)
UPDATE searched SET words = :words WHERE tag = :tag AND position = :position
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
