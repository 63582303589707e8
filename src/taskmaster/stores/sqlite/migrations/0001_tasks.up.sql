-- phase: expand
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
    PRIMARY KEY (project, last)
) WITHOUT ROWID;
