-- Statements of this engine in its own form.

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
SELECT n.position, n.step, n.id, n.owner, n.points, n.made, n.made_day, n.due_day, n.weight
FROM kinds CROSS JOIN nodes AS n
WHERE n.tag = :tag AND n.id IN (
    SELECT m.id FROM nodes AS m
    WHERE m.tag = :tag AND m.stands = 1 AND m.made = '' AND m.points = kinds.points
        AND m.from_day <= :today AND m.until_day > :today
        AND COALESCE(m.due_day, 1000000000) BETWEEN :first AND :last
    ORDER BY m.position, m.step LIMIT :most
)
