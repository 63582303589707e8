-- phase: expand
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

ALTER TABLE searched ENABLE ROW LEVEL SECURITY;
ALTER TABLE searched FORCE ROW LEVEL SECURITY;
CREATE POLICY looked_through ON searched FOR SELECT USING (true);
CREATE POLICY own_project ON searched
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));
