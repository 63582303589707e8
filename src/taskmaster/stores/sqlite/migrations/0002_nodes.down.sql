DROP TABLE tallies;
DROP TABLE edges;
DROP TABLE nodes;
UPDATE tags SET derived = 0;
