-- phase: expand
-- What a server needs: requests that are known once they were carried out, and the keys that open
-- a project, with a number that every change of them raises.

ALTER TABLE changes ADD COLUMN request TEXT NOT NULL DEFAULT '';
CREATE INDEX changes_by_request ON changes (project, request) WHERE request <> '';

ALTER TABLE projects ADD COLUMN keys_version INTEGER NOT NULL DEFAULT 0;

CREATE TABLE keys (
    project INTEGER NOT NULL REFERENCES projects (id),
    id TEXT NOT NULL,
    place INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (project, id)
) WITHOUT ROWID;

-- Another project may get the number of one that is gone, but never its keys.
CREATE TRIGGER keys_of_projects AFTER DELETE ON projects BEGIN
    DELETE FROM keys WHERE project = OLD.id;
END;
