-- Statements of this engine alone.

-- name: version
SELECT sqlite_version()

-- Without statistics, which only much writing at once collects, SQLite would look through all tasks
-- of the tag, because they lie in the order that is asked for.
-- name: get_task
SELECT position, doc FROM tasks INDEXED BY tasks_by_id
WHERE tag = :tag AND id = :id ORDER BY position LIMIT 1
-- name: docs_of
SELECT position, doc FROM tasks INDEXED BY tasks_by_id
WHERE tag = :tag AND {id in ids} ORDER BY position

-- name: facts
SELECT page_count * page_size, (SELECT max(number) FROM schema_migrations)
FROM pragma_page_count(), pragma_page_size()
