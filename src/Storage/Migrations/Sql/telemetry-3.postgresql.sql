-- Not yet.
SELECT 1;
