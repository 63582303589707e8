-- Statements of this engine alone.

-- name: version
SELECT sqlite_version()
