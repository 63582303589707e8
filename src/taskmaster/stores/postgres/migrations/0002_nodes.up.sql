-- phase: expand
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
