-- What the migrations lead to, for people who want to read it in one piece.

-- One database holds many projects. Task documents and log records are kept as JSON text, exactly
-- as they were given; the columns beside them are what queries need.

CREATE TABLE projects (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    -- 0: the project of this name; 1: being filled from another store; above: put aside by a move.
    stage INTEGER NOT NULL DEFAULT 0,
    mark TEXT NOT NULL DEFAULT '',
    successor TEXT NOT NULL DEFAULT '',
    last_number INTEGER NOT NULL DEFAULT 0,
    last_time TEXT NOT NULL DEFAULT '',
    -- Every change of the keys raises it.
    keys_version INTEGER NOT NULL DEFAULT 0,
    UNIQUE (name, stage)
);

CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    project INTEGER NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    size INTEGER NOT NULL DEFAULT 0,
    -- By which version of the rules nodes, edges and tallies were derived; 0: they are not.
    derived INTEGER NOT NULL DEFAULT 0,
    UNIQUE (project, name)
);

-- Entries of a tag's list; id is NULL for one that is no object and so no task.
CREATE TABLE tasks (
    project INTEGER NOT NULL,
    tag INTEGER NOT NULL REFERENCES tags (id),
    position INTEGER NOT NULL,
    id TEXT,
    number INTEGER,
    -- What a search looks through, folded.
    words TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (tag, position)
) WITHOUT ROWID;
CREATE INDEX tasks_by_id ON tasks (tag, id, position);
CREATE INDEX tasks_by_number ON tasks (tag, number);

CREATE TABLE changes (
    project INTEGER NOT NULL REFERENCES projects (id),
    last INTEGER NOT NULL,
    nonce TEXT NOT NULL,
    record TEXT NOT NULL,
    -- What its caller would repeat the operation under, '' for most.
    request TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project, last)
) WITHOUT ROWID;
CREATE INDEX changes_by_request ON changes (project, request) WHERE request <> '';

-- The keys that open a project to the callers of a server, in their order. Another project may get
-- the number of one that is gone, but never its keys.
CREATE TABLE keys (
    project INTEGER NOT NULL REFERENCES projects (id),
    id TEXT NOT NULL,
    place INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (project, id)
) WITHOUT ROWID;
CREATE TRIGGER keys_of_projects AFTER DELETE ON projects BEGIN
    DELETE FROM keys WHERE project = OLD.id;
END;

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
    -- The day before which nobody is offered it. When it was written down and when it is due: for
    -- a step that does not say so, as its task says.
    defer_day INTEGER,
    made TEXT NOT NULL,
    made_day INTEGER,
    due_day INTEGER,
    -- How many open nodes it waits for, how many wait for it, the longest line of them up to 8,
    -- and whether anything at all depends on it.
    needs INTEGER NOT NULL DEFAULT 0,
    waiters INTEGER NOT NULL DEFAULT 0,
    chain INTEGER NOT NULL DEFAULT 0,
    awaited INTEGER NOT NULL DEFAULT 0,
    -- Whether somebody could work on it, from one day on until before another; whether that would
    -- be to go on with something; and who waits for the task that it is a step of.
    stands INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    until_day INTEGER NOT NULL DEFAULT 1000000000,
    begun INTEGER NOT NULL DEFAULT 0,
    more_waiters INTEGER NOT NULL DEFAULT 0,
    more_chain INTEGER NOT NULL DEFAULT 0,
    waits INTEGER GENERATED ALWAYS AS (CASE WHEN needs > 0 THEN 1 ELSE 0 END) STORED,
    -- Some thousands of neighbours in the list have the same one.
    district INTEGER GENERATED ALWAYS AS (position / 4294967296) STORED,
    points INTEGER GENERATED ALWAYS AS (
        10 * (priority + 1) + 25 * begun
        + 2 * min(waiters + more_waiters, 6) + max(chain, more_chain)
    ) STORED,
    weight INTEGER GENERATED ALWAYS AS (
        30 * (priority + 1) + 75 * begun - made_day
        + 6 * min(waiters + more_waiters, 6) + 3 * max(chain, more_chain)
    ) STORED,
    PRIMARY KEY (tag, id)
) WITHOUT ROWID;
CREATE INDEX nodes_by_owner ON nodes (tag, owner, step);
CREATE INDEX nodes_by_kind ON nodes (tag, status, priority, waits, awaited, position, defer_day)
    WHERE step = 0;
CREATE INDEX nodes_by_defer ON nodes (tag, defer_day, status, priority, awaited)
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
CREATE INDEX nodes_by_district ON nodes (tag, district, made, position, step, from_day, until_day)
    WHERE stands = 1 AND made <> '';
CREATE INDEX nodes_at_times ON nodes (tag, from_day, until_day)
    WHERE stands = 1 AND (from_day > 0 OR until_day < 1000000000);

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

-- How many tasks there are of each kind, and how many of them and of steps of that kind somebody
-- could work on, so that nobody has to count them.
CREATE TABLE tallies (
    project INTEGER NOT NULL,
    tag INTEGER NOT NULL REFERENCES tags (id),
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    waits INTEGER NOT NULL,
    awaited INTEGER NOT NULL,
    count INTEGER NOT NULL,
    standing INTEGER NOT NULL,
    PRIMARY KEY (tag, status, priority, waits, awaited)
) WITHOUT ROWID;
