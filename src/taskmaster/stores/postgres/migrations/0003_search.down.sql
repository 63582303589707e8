-- The extension stays: something else may be using it.
DROP TABLE searched;
