-- Where rows are, for area search: of each vehicle rows that follow each other. Written with the keys, in the same transaction. Time is in hours from
-- 2020, in single precision like the degrees; the columns that begin with a plus are exact. A row that has its key and is a place is counted by one box;
-- rows is NULL when some of them are gone. A vehicle's boxes outlive it, since its number is never given again, and leave with time.
CREATE VIRTUAL TABLE position_boxes USING rtree (
  box,
  min_lat, max_lat,
  min_lon, max_lon,
  min_time, max_time,
  +vehicle INTEGER,
  +first_at INTEGER,
  +last_at INTEGER,
  +last_row INTEGER,
  +rows INTEGER
);

INSERT INTO position_boxes (min_lat, max_lat, min_lon, max_lon, min_time, max_time, vehicle, first_at, last_at, last_row, rows)
SELECT MIN(latitude), MAX(latitude), MIN(longitude), MAX(longitude),
       (MIN(fixed_at) - 1577836800000000) / 3600000000.0, (MAX(fixed_at) - 1577836800000000) / 3600000000.0,
       vehicle, MIN(fixed_at), MAX(fixed_at), MAX(row), COUNT(*)
FROM (
  SELECT k.vehicle, k.fixed_at, k.row, p.latitude, p.longitude,
         (ROW_NUMBER() OVER (PARTITION BY k.vehicle, k.row <= i.row ORDER BY k.fixed_at, k.digest) - 1) / 256 AS part, k.row <= i.row AS is_indexed
  FROM position_keys k CROSS JOIN positions p ON p.row = k.row CROSS JOIN positions_indexed i
  WHERE p.verdict NOT IN (1, 2) AND p.latitude IS NOT NULL AND p.longitude IS NOT NULL)
GROUP BY vehicle, is_indexed, part;
