-- phase: expand
-- What a server needs: requests that are known once they were carried out, and the keys that open
-- a project, with a number that every change of them raises.

ALTER TABLE changes ADD COLUMN request TEXT NOT NULL DEFAULT '';
CREATE INDEX changes_by_request ON changes (project, request) WHERE request <> '';

ALTER TABLE projects ADD COLUMN keys_version BIGINT NOT NULL DEFAULT 0;

CREATE TABLE keys (
    project BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    id TEXT COLLATE "C" NOT NULL,
    place INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (project, id)
);

ALTER TABLE keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE keys FORCE ROW LEVEL SECURITY;
CREATE POLICY own_project ON keys
    USING (project = (SELECT NULLIF(current_setting('tamp.project', true), '')::bigint));
