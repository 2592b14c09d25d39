-- Nothing: this version is about the index of SQLite.
SELECT 1;
