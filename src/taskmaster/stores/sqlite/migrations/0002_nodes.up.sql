-- phase: expand
-- What follows from the documents, so that indexes can say what is ready and what comes next. All
-- of it can be made anew. The points are those of domain/schedule.py.

CREATE TABLE nodes (
    project INTEGER NOT NULL,
    tag INTEGER NOT NULL REFERENCES tags (id),
    id TEXT NOT NULL,
    -- The task that it is, or is a step of; its place in the list, and among the steps from 1.
    owner TEXT NOT NULL,
    position INTEGER NOT NULL,
    step INTEGER NOT NULL,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    open INTEGER NOT NULL,
    made TEXT NOT NULL,
    made_day INTEGER,
    due_day INTEGER,
    defer_day INTEGER,
    -- How many open nodes it waits for, how many wait for it, the longest line of them up to 8,
    -- and whether anything at all depends on it.
    needs INTEGER NOT NULL DEFAULT 0,
    waiters INTEGER NOT NULL DEFAULT 0,
    chain INTEGER NOT NULL DEFAULT 0,
    awaited INTEGER NOT NULL DEFAULT 0,
    points INTEGER GENERATED ALWAYS AS (
        10 * (priority + 1) + 2 * CASE WHEN waiters < 6 THEN waiters ELSE 6 END + chain
    ) STORED,
    weight INTEGER GENERATED ALWAYS AS (
        3 * (10 * (priority + 1) + 2 * CASE WHEN waiters < 6 THEN waiters ELSE 6 END + chain)
        - made_day
    ) STORED,
    PRIMARY KEY (tag, id)
) WITHOUT ROWID;
CREATE INDEX nodes_by_owner ON nodes (tag, owner, step);
CREATE INDEX nodes_by_position ON nodes (tag, position) WHERE step = 0;
CREATE INDEX nodes_by_status ON nodes (tag, status, position) WHERE step = 0;
CREATE INDEX nodes_by_priority ON nodes (tag, priority, position) WHERE step = 0;
CREATE INDEX nodes_by_weight ON nodes (tag, weight DESC, position)
    WHERE step = 0 AND status = 'pending' AND needs = 0 AND made_day IS NOT NULL;
CREATE INDEX nodes_by_points ON nodes (tag, made, points DESC, position)
    WHERE step = 0 AND status = 'pending' AND needs = 0 AND made_day IS NULL;
CREATE INDEX nodes_by_age ON nodes (tag, made, position)
    WHERE step = 0 AND status = 'pending' AND needs = 0 AND made <> '';
CREATE INDEX nodes_by_date ON nodes (tag, position)
    WHERE step = 0 AND status = 'pending' AND needs = 0 AND made <> '';
CREATE INDEX nodes_by_due ON nodes (tag, due_day)
    WHERE step = 0 AND status = 'pending' AND needs = 0 AND due_day IS NOT NULL;
CREATE INDEX nodes_by_day ON nodes (tag, made_day)
    WHERE step = 0 AND status = 'pending' AND needs = 0 AND made_day IS NOT NULL;
CREATE INDEX nodes_by_defer ON nodes (tag, defer_day)
    WHERE step = 0 AND needs = 0 AND defer_day IS NOT NULL;

-- The columns of the key come first: else SQLite 3.40 takes the project of a sound row for NULL
-- when it checks the file.
CREATE TABLE edges (
    tag INTEGER NOT NULL REFERENCES tags (id),
    node TEXT NOT NULL,
    needs TEXT NOT NULL,
    project INTEGER NOT NULL,
    PRIMARY KEY (tag, node, needs)
) WITHOUT ROWID;
CREATE INDEX edges_by_needs ON edges (tag, needs, node);

-- How many tasks there are of each kind, so that nobody has to count them.
CREATE TABLE tallies (
    project INTEGER NOT NULL,
    tag INTEGER NOT NULL REFERENCES tags (id),
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    waits INTEGER NOT NULL,
    awaited INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tag, status, priority, waits, awaited)
) WITHOUT ROWID;
