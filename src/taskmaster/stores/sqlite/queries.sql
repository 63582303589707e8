-- Statements of this engine alone.

-- name: version
SELECT sqlite_version()
-- name: facts
SELECT page_count * page_size, (SELECT max(number) FROM schema_migrations)
FROM pragma_page_count(), pragma_page_size()
