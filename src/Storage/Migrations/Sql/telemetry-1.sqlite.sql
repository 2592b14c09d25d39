CREATE TABLE lanes (
  lane INTEGER PRIMARY KEY,
  number INTEGER NOT NULL
);

-- Rows of history carry the numbers: a row is half as long without the ids, and keys compare as integers.
CREATE TABLE lane_vehicles (
  number INTEGER PRIMARY KEY,
  vehicle_id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  lane INTEGER NOT NULL
);

CREATE INDEX lane_vehicles_by_lane ON lane_vehicles (lane, number);

CREATE TABLE reporting_devices (
  number INTEGER PRIMARY KEY,
  device_id TEXT NOT NULL UNIQUE
);

-- In order of arrival, with the key in an index of its own: a commit then appends the rows and rewrites small index pages only.
CREATE TABLE positions (
  row INTEGER PRIMARY KEY,
  vehicle INTEGER NOT NULL,
  fixed_at INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  device INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  latitude REAL,
  longitude REAL,
  altitude REAL,
  speed REAL,
  heading REAL,
  accuracy REAL,
  ignition INTEGER,
  odometer REAL,
  attributes TEXT
);

CREATE UNIQUE INDEX positions_key ON positions (vehicle, fixed_at, digest);

CREATE TABLE quarantine (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  device_id TEXT NOT NULL,
  topic TEXT NOT NULL,
  reason TEXT NOT NULL,
  payload BLOB NOT NULL,
  truncated INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  detail TEXT
);

CREATE INDEX quarantine_by_tenant ON quarantine (tenant, sequence);
CREATE INDEX quarantine_by_device ON quarantine (tenant, device_id, sequence);
