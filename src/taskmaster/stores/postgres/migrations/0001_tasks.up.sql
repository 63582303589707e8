-- phase: expand
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
    PRIMARY KEY (project, last)
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

ALTER TABLE searched ENABLE ROW LEVEL SECURITY;
ALTER TABLE searched FORCE ROW LEVEL SECURITY;
CREATE POLICY looked_through ON searched FOR SELECT USING (true);
CREATE POLICY own_project ON searched
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));
