DROP TABLE keys;
ALTER TABLE projects DROP COLUMN keys_version;
DROP INDEX changes_by_request;
ALTER TABLE changes DROP COLUMN request;
