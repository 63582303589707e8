-- Every statement that both engines run, by name. Values are :named; {column in names} stands for
-- a list of values, and where it narrows a statement, `name_all` is the same without it.

-- name: find_project
SELECT id, successor, last_number, last_time FROM projects WHERE name = :name AND stage = :stage
-- name: add_project
INSERT INTO projects (name, stage, mark) VALUES (:name, :stage, :mark)
-- name: project_mark
SELECT mark FROM projects WHERE id = :project
-- name: change_project
UPDATE projects SET stage = :stage, mark = :mark, successor = :successor WHERE id = :project
-- name: stages
SELECT stage FROM projects WHERE name = :name
-- name: position
SELECT last_number, last_time, successor FROM projects WHERE id = :project
-- name: advance
UPDATE projects SET last_number = :number, last_time = :time WHERE id = :project
-- name: remove_project
DELETE FROM projects WHERE id = :project
-- name: remove_all_edges
DELETE FROM edges WHERE project = :project
-- name: remove_all_nodes
DELETE FROM nodes WHERE project = :project
-- name: remove_all_tallies
DELETE FROM tallies WHERE project = :project
-- name: remove_all_tasks
DELETE FROM tasks WHERE project = :project
-- name: remove_all_changes
DELETE FROM changes WHERE project = :project
-- name: remove_all_tags
DELETE FROM tags WHERE project = :project

-- name: tags
SELECT id, name, metadata, size, derived FROM tags WHERE project = :project ORDER BY place, id
-- name: tags_of_name
SELECT id, name, metadata, size, derived FROM tags
WHERE project = (SELECT p.id FROM projects AS p WHERE p.name = :name AND p.stage = :stage)
ORDER BY place, id
-- name: add_tag
INSERT INTO tags (project, name, place, metadata)
SELECT :project, :name, COALESCE(max(place) + 1, 0), :metadata FROM tags WHERE project = :project
-- name: rename_tag
UPDATE tags SET name = :name WHERE id = :tag
-- name: describe_tag
UPDATE tags SET metadata = :metadata WHERE id = :tag
-- name: measure_tag
UPDATE tags SET size = :size, derived = :derived WHERE id = :tag
-- name: remove_tag
DELETE FROM tags WHERE id = :tag

-- name: get_task
SELECT position, doc FROM tasks WHERE tag = :tag AND id = :id ORDER BY position LIMIT 1
-- name: next_tasks
SELECT position, id, doc FROM tasks
WHERE tag = :tag AND position > :after ORDER BY position LIMIT :most
-- name: docs_of
SELECT position, doc FROM tasks WHERE tag = :tag AND {id in ids} ORDER BY position
-- name: ids_of
SELECT id FROM tasks WHERE tag = :tag
-- name: count_before
SELECT count(*) FROM tasks WHERE tag = :tag AND position < :position
-- name: position_at
SELECT position FROM tasks WHERE tag = :tag ORDER BY position LIMIT 1 OFFSET :place
-- name: last_position
SELECT COALESCE(max(position), 0) FROM tasks WHERE tag = :tag
-- name: highest_number
SELECT COALESCE(max(number), 0) FROM tasks WHERE tag = :tag
-- name: first_task
SELECT doc FROM tasks WHERE tag = :tag AND id IS NOT NULL ORDER BY position LIMIT 1
-- name: huge_ids
SELECT id FROM tasks WHERE tag = :tag AND number = :huge
-- name: add_task
INSERT INTO tasks (project, tag, position, id, number, words, doc)
VALUES (:project, :tag, :position, :id, :number, :words, :doc)
-- name: change_task
UPDATE tasks SET doc = :doc, words = :words WHERE tag = :tag AND position = :position
-- name: remove_task
DELETE FROM tasks WHERE tag = :tag AND position = :position
-- name: remove_tasks
DELETE FROM tasks WHERE tag = :tag
-- name: spread_tasks
UPDATE tasks SET position = -placed.place * :gap
FROM (
    SELECT position AS was, row_number() OVER (ORDER BY position) AS place
    FROM tasks WHERE tag = :tag
) AS placed
WHERE tasks.tag = :tag AND tasks.position = placed.was
-- name: turn_tasks
UPDATE tasks SET position = -position WHERE tag = :tag

-- name: add_change
INSERT INTO changes (project, last, nonce, record, request)
VALUES (:project, :last, :nonce, :record, :request)
-- name: changes_after
SELECT last, record FROM changes
WHERE project = :project AND last > :number ORDER BY last LIMIT :most
-- name: find_nonce
SELECT last FROM changes WHERE project = :project AND last >= :number AND nonce = :nonce

-- name: find_request
SELECT record FROM changes
WHERE project = :project AND request = :request AND request <> '' ORDER BY last LIMIT 1

-- name: keys
SELECT id, doc FROM keys WHERE project = :project ORDER BY place
-- name: keys_version
SELECT keys_version FROM projects WHERE id = :project
-- name: remove_keys
DELETE FROM keys WHERE project = :project
-- name: add_key
INSERT INTO keys (project, id, place, doc) VALUES (:project, :id, :place, :doc)
-- name: raise_keys_version
UPDATE projects SET keys_version = keys_version + 1 WHERE id = :project

-- name: nodes_of
SELECT id FROM nodes WHERE tag = :tag AND {owner in ids}
-- name: members_of
SELECT id, owner, step, status, priority, open, defer_day, needs, waiters, chain, awaited,
    stands, from_day, until_day, begun, more_waiters, more_chain
FROM nodes WHERE tag = :tag AND {owner in ids} ORDER BY owner, step
-- name: members_near
SELECT id, owner, step, status, priority, open, defer_day, needs, waiters, chain, awaited,
    stands, from_day, until_day, begun, more_waiters, more_chain
FROM nodes WHERE tag = :tag AND owner IN (
    SELECT n.owner FROM nodes AS n WHERE n.tag = :tag AND {n.id in ids}
) ORDER BY owner, step
-- name: strangers
SELECT id FROM nodes WHERE tag = :tag AND {id in ids}
-- name: edges_of
SELECT node, needs FROM edges WHERE tag = :tag AND {node in ids}
-- name: edges_to
SELECT DISTINCT node FROM edges WHERE tag = :tag AND {needs in ids}
-- name: needs_of
SELECT DISTINCT needs FROM edges WHERE tag = :tag AND {node in ids}
-- name: place_node
UPDATE nodes SET
    stands = :stands, from_day = :from_day, until_day = :until_day, begun = :begun,
    more_waiters = :more_waiters, more_chain = :more_chain
WHERE tag = :tag AND id = :id
-- name: remove_nodes
DELETE FROM nodes WHERE tag = :tag AND {id in ids}
-- name: remove_edges
DELETE FROM edges WHERE tag = :tag AND {node in ids}
-- name: add_node
INSERT INTO nodes (
    project, tag, id, owner, position, step, status, priority, open,
    defer_day, made, made_day, due_day, needs, waiters, chain, awaited,
    stands, from_day, until_day, begun, more_waiters, more_chain
) VALUES (
    :project, :tag, :id, :owner, :position, :step, :status, :priority, :open,
    :defer_day, :made, :made_day, :due_day, :needs, :waiters, :chain, :awaited,
    :stands, :from_day, :until_day, :begun, :more_waiters, :more_chain
)
-- name: change_node
UPDATE nodes SET
    position = :position, step = :step, status = :status, priority = :priority, open = :open,
    defer_day = :defer_day, made = :made, made_day = :made_day, due_day = :due_day,
    stands = :stands, from_day = :from_day, until_day = :until_day, begun = :begun,
    more_waiters = :more_waiters, more_chain = :more_chain
WHERE tag = :tag AND id = :id
-- name: add_edge
INSERT INTO edges (project, tag, node, needs) VALUES (:project, :tag, :node, :needs)
-- name: count_edges
UPDATE nodes SET needs = fresh.needs, waiters = fresh.waiters, awaited = fresh.awaited
FROM (
    SELECT x.id,
        CASE WHEN x.open = 0 THEN 0 ELSE (
            SELECT count(*) FROM edges AS e JOIN nodes AS n ON n.tag = e.tag AND n.id = e.needs
            WHERE e.tag = x.tag AND e.node = x.id AND n.open = 1
        ) END AS needs,
        CASE WHEN x.open = 0 THEN 0 ELSE (
            SELECT count(*) FROM edges AS e JOIN nodes AS n ON n.tag = e.tag AND n.id = e.node
            WHERE e.tag = x.tag AND e.needs = x.id AND n.open = 1
        ) END AS waiters,
        CASE WHEN EXISTS (
            SELECT 1 FROM edges AS e WHERE e.tag = x.tag AND e.needs = x.id
        ) THEN 1 ELSE 0 END AS awaited
    FROM nodes AS x WHERE x.tag = :tag AND {x.id in ids}
) AS fresh
WHERE nodes.tag = :tag AND nodes.id = fresh.id AND (
    nodes.needs <> fresh.needs OR nodes.waiters <> fresh.waiters OR nodes.awaited <> fresh.awaited
)
-- name: lengthen_chains
UPDATE nodes SET chain = fresh.chain
FROM (
    SELECT x.id, CASE WHEN x.open = 0 THEN 0 ELSE COALESCE((
        SELECT CASE WHEN max(n.chain) >= 8 THEN 8 ELSE max(n.chain) + 1 END
        FROM edges AS e JOIN nodes AS n ON n.tag = e.tag AND n.id = e.node
        WHERE e.tag = x.tag AND e.needs = x.id AND n.open = 1
    ), 0) END AS chain
    FROM nodes AS x WHERE x.tag = :tag AND {x.id in ids}
) AS fresh
WHERE nodes.tag = :tag AND nodes.id = fresh.id AND nodes.chain <> fresh.chain
RETURNING nodes.id

-- name: tallies
SELECT status, priority, waits, awaited, count, standing FROM tallies
WHERE tag = :tag AND (count <> 0 OR standing <> 0)
-- name: remove_tallies
DELETE FROM tallies WHERE tag = :tag
-- name: add_tally
INSERT INTO tallies (project, tag, status, priority, waits, awaited, count, standing)
VALUES (:project, :tag, :status, :priority, :waits, :awaited, :count, :standing)
ON CONFLICT (tag, status, priority, waits, awaited) DO UPDATE SET
    count = tallies.count + excluded.count, standing = tallies.standing + excluded.standing
-- name: count_deferred
SELECT status, priority, awaited, count(*) FROM nodes
WHERE tag = :tag AND step = 0 AND needs = 0 AND defer_day > :today
GROUP BY status, priority, awaited

-- What follows here is added to, condition by condition.
-- name: containing
SELECT t.doc FROM tasks AS t WHERE t.tag = :tag AND t.id IS NOT NULL
-- name: all_places
SELECT position FROM tasks WHERE tag = :tag
-- name: places
SELECT position FROM nodes WHERE tag = :tag AND step = 0
-- name: docs_at
SELECT t.doc FROM tasks AS t WHERE t.tag = :tag AND t.position IN

-- name: owners_of
SELECT DISTINCT owner FROM nodes WHERE tag = :tag AND {id in ids}
-- name: standing_of
SELECT id, waiters, chain FROM nodes WHERE tag = :tag AND {id in ids}

-- Who could be next, of those due from one day to another; what is never due is due on a day in
-- the far future. Some that are due, in any order; those with a date, those with one that is still
-- to come, and those with one that is none.
-- name: due
SELECT position, step, id, owner, points, made, made_day, due_day, weight FROM nodes
WHERE tag = :tag AND stands = 1 AND from_day <= :today AND until_day > :today
    AND due_day BETWEEN :first AND :last
LIMIT :few
-- name: dated
SELECT position, step, id, owner, points, made, made_day, due_day, weight FROM nodes
WHERE tag = :tag AND stands = 1 AND from_day <= :today AND until_day > :today
    AND COALESCE(due_day, 1000000000) BETWEEN :first AND :last
    AND made_day <= :today
-- name: dated_later
SELECT position, step, id, owner, points, made, made_day, due_day, weight FROM nodes
WHERE tag = :tag AND stands = 1 AND from_day <= :today AND until_day > :today
    AND COALESCE(due_day, 1000000000) BETWEEN :first AND :last
    AND made_day > :today
-- name: garbled
SELECT position, step, id, owner, points, made, made_day, due_day, weight FROM nodes
WHERE tag = :tag AND stands = 1 AND from_day <= :today AND until_day > :today
    AND COALESCE(due_day, 1000000000) BETWEEN :first AND :last
    AND made_day IS NULL AND made <> ''
-- name: count_absent
SELECT count(*) FROM nodes
WHERE tag = :tag AND stands = 1 AND (from_day > 0 OR until_day < 1000000000)
    AND (from_day > :today OR until_day <= :today)

-- The oldest date in each district from one on; and in one, behind a place.
-- name: oldest_of_districts
WITH RECURSIVE districts AS (
    SELECT CAST(:district AS BIGINT) - 1 AS district
    UNION ALL
    SELECT (
        SELECT n.district FROM nodes AS n
        WHERE n.tag = :tag AND n.stands = 1 AND n.made <> ''
            AND n.from_day <= :today AND n.until_day > :today AND n.district > districts.district
        ORDER BY n.district LIMIT 1
    ) FROM districts WHERE districts.district IS NOT NULL
)
SELECT district, (
    SELECT n.made FROM nodes AS n
    WHERE n.tag = :tag AND n.stands = 1 AND n.made <> ''
        AND n.from_day <= :today AND n.until_day > :today AND n.district = districts.district
    ORDER BY n.made LIMIT 1
) FROM districts WHERE district >= :district
-- name: oldest_behind
SELECT made FROM nodes
WHERE tag = :tag AND stands = 1 AND made <> '' AND from_day <= :today AND until_day > :today
    AND district = :district AND (position > :position OR (position = :position AND step > :step))
ORDER BY made LIMIT 1
