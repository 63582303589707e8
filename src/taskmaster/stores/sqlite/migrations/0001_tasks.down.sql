DROP TABLE changes;
DROP TABLE tasks;
DROP TABLE tags;
DROP TABLE projects;
