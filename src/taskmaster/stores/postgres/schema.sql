-- What the migrations lead to, for people who want to read it in one piece.

-- One database holds many projects. Task documents and log records are kept as JSON text, exactly
-- as they were given; the columns beside them are what queries need.

CREATE TABLE projects (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    -- 0: the project of this name; 1: being filled from another store; above: put aside by a move.
    stage SMALLINT NOT NULL DEFAULT 0,
    mark TEXT NOT NULL DEFAULT '',
    successor TEXT NOT NULL DEFAULT '',
    last_number BIGINT NOT NULL DEFAULT 0,
    last_time TEXT NOT NULL DEFAULT '',
    -- Every change of the keys raises it.
    keys_version BIGINT NOT NULL DEFAULT 0,
    UNIQUE (name, stage)
);

CREATE TABLE tags (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project BIGINT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    size BIGINT NOT NULL DEFAULT 0,
    -- By which version of the rules nodes, edges and tallies were derived; 0: they are not.
    derived SMALLINT NOT NULL DEFAULT 0,
    UNIQUE (project, name)
);

-- Entries of a tag's list; id is NULL for one that is no object and so no task.
CREATE TABLE tasks (
    project BIGINT NOT NULL,
    tag BIGINT NOT NULL REFERENCES tags (id),
    position BIGINT NOT NULL,
    id TEXT COLLATE "C",
    number BIGINT,
    doc TEXT NOT NULL,
    PRIMARY KEY (tag, position) INCLUDE (project)
);
CREATE INDEX tasks_by_id ON tasks (tag, id, position);
CREATE INDEX tasks_by_number ON tasks (tag, number);
CREATE STATISTICS tasks_of_tags (dependencies) ON project, tag FROM tasks;

CREATE TABLE changes (
    project BIGINT NOT NULL REFERENCES projects (id),
    last BIGINT NOT NULL,
    nonce TEXT NOT NULL,
    record TEXT NOT NULL,
    -- What its caller would repeat the operation under, '' for most.
    request TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project, last)
);
CREATE INDEX changes_by_request ON changes (project, request) WHERE request <> '';

-- The keys that open a project to the callers of a server, in their order.
CREATE TABLE keys (
    project BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    id TEXT COLLATE "C" NOT NULL,
    place INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (project, id)
);

-- What a search looks through, folded, and the index that finds a part of any word in it.
--
-- Row security keeps conditions that might tell something about a row, as LIKE does, from being
-- tried before it, and so keeps them from using an index. Therefore this table may be looked
-- through by everybody; a search joins it with tasks, which shows only the project's own.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE searched (
    project BIGINT NOT NULL,
    tag BIGINT NOT NULL,
    position BIGINT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (tag, position),
    FOREIGN KEY (tag, position) REFERENCES tasks (tag, position)
        ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX searched_by_words ON searched USING gin (words gin_trgm_ops);

-- Every transaction names its project; of another one it neither sees nor changes a row. Also the
-- tables' owner is held to that; only roles that bypass row security, and superusers, are not.
ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
CREATE POLICY own_project ON projects
    USING (name = (SELECT current_setting('tamp.name', true)));

ALTER TABLE tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE tags FORCE ROW LEVEL SECURITY;
CREATE POLICY own_project ON tags
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));

ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY own_project ON tasks
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));

ALTER TABLE changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE changes FORCE ROW LEVEL SECURITY;
CREATE POLICY own_project ON changes
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));

ALTER TABLE keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE keys FORCE ROW LEVEL SECURITY;
CREATE POLICY own_project ON keys
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));

ALTER TABLE searched ENABLE ROW LEVEL SECURITY;
ALTER TABLE searched FORCE ROW LEVEL SECURITY;
CREATE POLICY looked_through ON searched FOR SELECT USING (true);
CREATE POLICY own_project ON searched
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));

-- What follows from the documents, so that indexes can say what is ready and what comes next. All
-- of it can be made anew. The points are those of domain/schedule.py.

CREATE TABLE nodes (
    project BIGINT NOT NULL,
    tag BIGINT NOT NULL REFERENCES tags (id),
    id TEXT COLLATE "C" NOT NULL,
    -- The task that it is, or is a step of; its place in the list, and among the steps from 1.
    owner TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    step INTEGER NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    priority SMALLINT NOT NULL,
    open SMALLINT NOT NULL,
    -- The day before which nobody is offered it. When it was written down and when it is due: for
    -- a step that does not say so, as its task says.
    defer_day BIGINT,
    made TEXT COLLATE "C" NOT NULL,
    made_day BIGINT,
    due_day BIGINT,
    -- How many open nodes it waits for, how many wait for it, the longest line of them up to 8,
    -- and whether anything at all depends on it.
    needs INTEGER NOT NULL DEFAULT 0,
    waiters INTEGER NOT NULL DEFAULT 0,
    chain INTEGER NOT NULL DEFAULT 0,
    awaited SMALLINT NOT NULL DEFAULT 0,
    -- Whether somebody could work on it, from one day on until before another; whether that would
    -- be to go on with something; and who waits for the task that it is a step of.
    stands SMALLINT NOT NULL DEFAULT 0,
    from_day BIGINT NOT NULL DEFAULT 0,
    until_day BIGINT NOT NULL DEFAULT 1000000000,
    begun SMALLINT NOT NULL DEFAULT 0,
    more_waiters INTEGER NOT NULL DEFAULT 0,
    more_chain INTEGER NOT NULL DEFAULT 0,
    waits SMALLINT GENERATED ALWAYS AS (CASE WHEN needs > 0 THEN 1 ELSE 0 END) STORED,
    -- Some thousands of neighbours in the list have the same one.
    district BIGINT GENERATED ALWAYS AS (position / 4294967296) STORED,
    points INTEGER GENERATED ALWAYS AS (
        10 * (priority + 1) + 25 * begun
        + 2 * LEAST(waiters + more_waiters, 6) + GREATEST(chain, more_chain)
    ) STORED,
    weight BIGINT GENERATED ALWAYS AS (
        30 * (priority + 1) + 75 * begun - made_day
        + 6 * LEAST(waiters + more_waiters, 6) + 3 * GREATEST(chain, more_chain)
    ) STORED,
    PRIMARY KEY (tag, id)
);
CREATE INDEX nodes_by_owner ON nodes (tag, owner, step);
CREATE INDEX nodes_by_kind ON nodes (tag, status, priority, waits, awaited, position)
    INCLUDE (project, defer_day) WHERE step = 0;
CREATE INDEX nodes_by_defer ON nodes (tag, defer_day)
    INCLUDE (project, status, priority, awaited)
    WHERE step = 0 AND needs = 0 AND defer_day IS NOT NULL;
CREATE INDEX nodes_by_weight ON nodes (tag, weight DESC, position, step)
    WHERE stands = 1 AND made_day IS NOT NULL;
CREATE INDEX nodes_by_day ON nodes (tag, made_day)
    WHERE stands = 1 AND made_day IS NOT NULL;
CREATE INDEX nodes_by_points ON nodes (tag, points DESC, position, step)
    WHERE stands = 1 AND made = '';
CREATE INDEX nodes_garbled ON nodes (tag, points DESC, position, step)
    WHERE stands = 1 AND made_day IS NULL AND made <> '';
CREATE INDEX nodes_by_due ON nodes (tag, due_day)
    WHERE stands = 1 AND due_day IS NOT NULL;
CREATE INDEX nodes_by_district ON nodes (tag, district, made)
    INCLUDE (project, position, step, from_day, until_day)
    WHERE stands = 1 AND made <> '';
CREATE INDEX nodes_at_times ON nodes (tag, from_day, until_day) INCLUDE (project)
    WHERE stands = 1 AND (from_day > 0 OR until_day < 1000000000);

-- A tag belongs to one project: without this the planner takes the two for independent.
CREATE STATISTICS nodes_of_tags (dependencies) ON project, tag FROM nodes;

CREATE TABLE edges (
    project BIGINT NOT NULL,
    tag BIGINT NOT NULL REFERENCES tags (id),
    node TEXT COLLATE "C" NOT NULL,
    needs TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tag, node, needs)
);
CREATE INDEX edges_by_needs ON edges (tag, needs, node);

-- How many tasks there are of each kind, and how many of them and of steps of that kind somebody
-- could work on, so that nobody has to count them.
CREATE TABLE tallies (
    project BIGINT NOT NULL,
    tag BIGINT NOT NULL REFERENCES tags (id),
    status TEXT COLLATE "C" NOT NULL,
    priority SMALLINT NOT NULL,
    waits SMALLINT NOT NULL,
    awaited SMALLINT NOT NULL,
    count BIGINT NOT NULL,
    standing BIGINT NOT NULL,
    PRIMARY KEY (tag, status, priority, waits, awaited)
);

ALTER TABLE nodes ENABLE ROW LEVEL SECURITY;
ALTER TABLE nodes FORCE ROW LEVEL SECURITY;
CREATE POLICY own_project ON nodes
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));

ALTER TABLE edges ENABLE ROW LEVEL SECURITY;
ALTER TABLE edges FORCE ROW LEVEL SECURITY;
CREATE POLICY own_project ON edges
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));

ALTER TABLE tallies ENABLE ROW LEVEL SECURITY;
ALTER TABLE tallies FORCE ROW LEVEL SECURITY;
CREATE POLICY own_project ON tallies
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));
