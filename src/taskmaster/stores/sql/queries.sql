-- Every statement that both engines run, by name. Values are :named; {column in names} stands for
-- a list of values, and where it narrows a statement, `name_all` is the same without it.

-- name: find_project
SELECT id, successor FROM projects WHERE name = :name AND stage = :stage
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
INSERT INTO changes (project, last, nonce, record) VALUES (:project, :last, :nonce, :record)
-- name: changes_after
SELECT last, record FROM changes
WHERE project = :project AND last > :number ORDER BY last LIMIT :most
-- name: find_nonce
SELECT last FROM changes WHERE project = :project AND last >= :number AND nonce = :nonce

-- name: nodes_of
SELECT id, open FROM nodes WHERE tag = :tag AND {owner in ids}
-- name: strangers
SELECT id FROM nodes WHERE tag = :tag AND {id in ids}
-- name: edges_of
SELECT node, needs FROM edges WHERE tag = :tag AND {node in ids}
-- name: edges_to
SELECT DISTINCT node FROM edges WHERE tag = :tag AND {needs in ids}
-- name: needs_of
SELECT DISTINCT needs FROM edges WHERE tag = :tag AND {node in ids}
-- name: remove_nodes
DELETE FROM nodes WHERE tag = :tag AND {owner in ids}
-- name: remove_edges
DELETE FROM edges WHERE tag = :tag AND {node in ids}
-- name: add_node
INSERT INTO nodes (
    project, tag, id, owner, position, step, status, priority, open,
    made, made_day, due_day, defer_day, needs, waiters, chain, awaited
) VALUES (
    :project, :tag, :id, :owner, :position, :step, :status, :priority, :open,
    :made, :made_day, :due_day, :defer_day, :needs, :waiters, :chain, :awaited
)
-- name: change_node
UPDATE nodes SET
    status = :status, priority = :priority, open = :open, position = :position,
    made = :made, made_day = :made_day, due_day = :due_day, defer_day = :defer_day
WHERE tag = :tag AND id = :id
-- name: add_edge
INSERT INTO edges (project, tag, node, needs) VALUES (:project, :tag, :node, :needs)
-- name: count_needs
UPDATE nodes SET needs = CASE WHEN open = 0 THEN 0 ELSE (
    SELECT count(*) FROM edges AS e JOIN nodes AS n ON n.tag = e.tag AND n.id = e.needs
    WHERE e.tag = nodes.tag AND e.node = nodes.id AND n.open = 1
) END
WHERE tag = :tag AND {id in ids}
-- name: count_waiters
UPDATE nodes SET
    waiters = CASE WHEN open = 0 THEN 0 ELSE (
        SELECT count(*) FROM edges AS e JOIN nodes AS n ON n.tag = e.tag AND n.id = e.node
        WHERE e.tag = nodes.tag AND e.needs = nodes.id AND n.open = 1
    ) END,
    awaited = CASE WHEN EXISTS (
        SELECT 1 FROM edges AS e WHERE e.tag = nodes.tag AND e.needs = nodes.id
    ) THEN 1 ELSE 0 END
WHERE tag = :tag AND {id in ids}
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

-- name: tally_of
SELECT status, priority, CASE WHEN needs > 0 THEN 1 ELSE 0 END AS waits, awaited, count(*)
FROM nodes WHERE tag = :tag AND step = 0 AND {id in ids}
GROUP BY status, priority, CASE WHEN needs > 0 THEN 1 ELSE 0 END, awaited
-- name: tallies
SELECT status, priority, waits, awaited, count FROM tallies WHERE tag = :tag AND count <> 0
-- name: remove_tallies
DELETE FROM tallies WHERE tag = :tag
-- name: add_tally
INSERT INTO tallies (project, tag, status, priority, waits, awaited, count)
VALUES (:project, :tag, :status, :priority, :waits, :awaited, :count)
ON CONFLICT (tag, status, priority, waits, awaited)
DO UPDATE SET count = tallies.count + excluded.count
-- name: count_deferred
SELECT status, priority, awaited, count(*) FROM nodes
WHERE tag = :tag AND step = 0 AND needs = 0 AND defer_day > :today
GROUP BY status, priority, awaited

-- What follows here is added to, condition by condition.
-- name: page
SELECT t.doc FROM nodes AS n JOIN tasks AS t ON t.tag = n.tag AND t.position = n.position
WHERE n.tag = :tag AND n.step = 0
-- name: containing
SELECT t.doc FROM tasks AS t WHERE t.tag = :tag AND t.id IS NOT NULL

-- name: owners_of
SELECT DISTINCT owner FROM nodes WHERE tag = :tag AND {id in ids}
-- name: standing_of
SELECT id, waiters, chain FROM nodes WHERE tag = :tag AND {id in ids}
-- name: begun
SELECT s.owner, s.id, s.position, s.step, s.status, s.needs, COALESCE(s.defer_day, 0),
    CASE WHEN s.made = '' THEN t.made ELSE s.made END
FROM nodes AS t JOIN nodes AS s ON s.tag = t.tag AND s.owner = t.id
WHERE t.tag = :tag AND t.step = 0 AND t.status = 'in-progress' AND t.needs = 0
    AND COALESCE(t.defer_day, 0) <= :today
ORDER BY t.position, s.step
-- name: last_dated
SELECT position FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made <> ''
    AND COALESCE(defer_day, 0) <= :today
ORDER BY position DESC LIMIT 1
-- name: oldest_after
SELECT made FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made <> ''
    AND COALESCE(defer_day, 0) <= :today AND position > :position
ORDER BY made LIMIT 1

-- The pending tasks that come into question for what to do next: id, position, made, points.
-- name: due_by
SELECT id, position, made, points FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND due_day <= :day
    AND COALESCE(defer_day, 0) <= :today
LIMIT :most
-- name: heaviest
SELECT id, position, made, weight FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made_day <= :today
    AND COALESCE(defer_day, 0) <= :today
ORDER BY weight DESC, position LIMIT :most
-- name: weighing
SELECT id, position, made, weight FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made_day <= :today
    AND COALESCE(defer_day, 0) <= :today AND weight = :weight
ORDER BY position LIMIT :most
-- name: heaviest_due
SELECT id, position, made, weight FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made_day <= :today
    AND COALESCE(defer_day, 0) <= :today AND due_day >= :first AND due_day < :end
ORDER BY weight DESC, position LIMIT :most
-- name: weighing_due
SELECT id, position, made, weight FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made_day <= :today
    AND COALESCE(defer_day, 0) <= :today AND due_day >= :first AND due_day < :end
    AND weight = :weight
ORDER BY position LIMIT :most
-- name: made_after
SELECT id, position, made, points FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made_day > :today
    AND COALESCE(defer_day, 0) <= :today
LIMIT :most
-- name: strangely_made
SELECT id, position, made, points FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made_day IS NULL
    AND made > '' AND COALESCE(defer_day, 0) <= :today
LIMIT :most
-- name: undated_due
SELECT id, position, made, points FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made_day IS NULL
    AND made = '' AND due_day <= :day AND COALESCE(defer_day, 0) <= :today
LIMIT :most
-- name: undated
SELECT id, position, made, points FROM nodes
WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made_day IS NULL
    AND made = '' AND COALESCE(defer_day, 0) <= :today AND points = (
        SELECT max(points) FROM nodes
        WHERE tag = :tag AND step = 0 AND status = 'pending' AND needs = 0 AND made_day IS NULL
            AND made = '' AND COALESCE(defer_day, 0) <= :today AND points < :below
    )
ORDER BY position LIMIT :most
