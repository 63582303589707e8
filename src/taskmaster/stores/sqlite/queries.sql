-- Statements of this engine alone.

-- name: version
SELECT sqlite_version()
-- name: room
SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()
