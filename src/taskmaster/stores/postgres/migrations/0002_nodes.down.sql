DROP TABLE tallies;
DROP TABLE edges;
DROP TABLE nodes;
-- This is about every project, and row security would let its owner see none.
ALTER TABLE tags NO FORCE ROW LEVEL SECURITY;
UPDATE tags SET derived = 0;
ALTER TABLE tags FORCE ROW LEVEL SECURITY;
