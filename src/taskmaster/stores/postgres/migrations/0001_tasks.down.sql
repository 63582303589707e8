-- The extension stays: something else may be using it.
DROP TABLE searched;
DROP TABLE changes;
DROP TABLE tasks;
DROP TABLE tags;
DROP TABLE projects;
