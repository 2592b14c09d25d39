-- What the folds of rows say happened. Carries the number of its vehicle, like a row of history; written again in place by its id.
CREATE TABLE outcomes (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  vehicle INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  type INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  fixed_at INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  ended_at INTEGER,
  through_at INTEGER NOT NULL,
  through_digest INTEGER NOT NULL,
  state INTEGER NOT NULL,
  reach INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  number INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  evidence TEXT NOT NULL
);

CREATE UNIQUE INDEX outcomes_id ON outcomes (id);
CREATE INDEX outcomes_feed ON outcomes (lane, number, ordinal);
CREATE INDEX outcomes_of_vehicle ON outcomes (vehicle, type, fixed_at, digest, id);
CREATE INDEX outcomes_of_tenant ON outcomes (tenant, type, fixed_at, digest, id);

-- What lasts, by how long: a list from an instant on looks back by the longest of each class for what was going on then, and no further.
CREATE INDEX lasting_outcomes_of_vehicle ON outcomes (vehicle, reach, type, fixed_at, digest, id) WHERE reach > 0;
CREATE INDEX lasting_outcomes_of_tenant ON outcomes (tenant, reach, type, fixed_at, digest, id) WHERE reach > 0;

-- The state comes last: what stands before it is read without its pages.
CREATE TABLE checkpoints (
  row INTEGER PRIMARY KEY,
  vehicle INTEGER NOT NULL,
  fixed_at INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  due_at INTEGER,
  state BLOB NOT NULL
);

CREATE UNIQUE INDEX checkpoints_key ON checkpoints (vehicle, fixed_at, digest);
