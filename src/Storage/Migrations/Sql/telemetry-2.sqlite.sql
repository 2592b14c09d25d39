-- The number of a vehicle that was deleted is never given to another one.
CREATE TABLE numbered_vehicles (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  vehicle_id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  lane INTEGER NOT NULL
);

INSERT INTO numbered_vehicles SELECT number, vehicle_id, tenant, lane FROM lane_vehicles ORDER BY number;

DROP TABLE lane_vehicles;

ALTER TABLE numbered_vehicles RENAME TO lane_vehicles;

CREATE INDEX lane_vehicles_by_lane ON lane_vehicles (lane, number);

-- The keys of rows, written in slices behind the rows themselves: a commit of a thousand vehicles would rewrite a thousand pages of an index.
CREATE TABLE position_keys (
  vehicle INTEGER NOT NULL,
  fixed_at INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  row INTEGER NOT NULL,
  PRIMARY KEY (vehicle, fixed_at, digest)
) WITHOUT ROWID;

INSERT INTO position_keys SELECT vehicle, fixed_at, digest, row FROM positions ORDER BY vehicle, fixed_at, digest;

DROP INDEX positions_key;

-- Every row up to this one has its key there.
CREATE TABLE positions_indexed (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
  row INTEGER NOT NULL
);

INSERT INTO positions_indexed SELECT 1, COALESCE(MAX(row), 0) FROM positions;
