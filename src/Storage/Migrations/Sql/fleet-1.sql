-- revision counts the changes of the tenant's registry; forgotten is the newest revision whose removals are no longer remembered.
CREATE TABLE tenants (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  revision BIGINT NOT NULL DEFAULT 0,
  forgotten BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);

-- search holds name, id and device id in lower case.
CREATE TABLE vehicles (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  name TEXT NOT NULL,
  search TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX vehicles_by_revision ON vehicles (tenant, revision);
CREATE INDEX vehicles_by_name ON vehicles (tenant, name, id);

CREATE TABLE vehicle_removals (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  vehicle_id TEXT NOT NULL,
  revision BIGINT NOT NULL,
  PRIMARY KEY (tenant, vehicle_id)
);

CREATE UNIQUE INDEX vehicle_removals_by_revision ON vehicle_removals (tenant, revision);

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  registered_by TEXT NOT NULL,
  registered_at BIGINT NOT NULL,
  online SMALLINT,
  status_at BIGINT
);

CREATE INDEX devices_by_tenant ON devices (tenant, id);

-- No from_at: since ever. No to_at: still.
CREATE TABLE pairings (
  device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  vehicle_id TEXT NOT NULL REFERENCES vehicles (id) ON DELETE CASCADE,
  from_at BIGINT,
  to_at BIGINT
);

CREATE INDEX pairings_by_device ON pairings (device_id, from_at);
CREATE INDEX pairings_by_vehicle ON pairings (vehicle_id);
CREATE UNIQUE INDEX pairings_open_device ON pairings (device_id) WHERE to_at IS NULL;
CREATE UNIQUE INDEX pairings_open_vehicle ON pairings (vehicle_id) WHERE to_at IS NULL;

CREATE TABLE vehicle_groups (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  name TEXT NOT NULL,
  PRIMARY KEY (tenant, name)
);

CREATE TABLE group_vehicles (
  tenant TEXT NOT NULL,
  group_name TEXT NOT NULL,
  vehicle_id TEXT NOT NULL REFERENCES vehicles (id) ON DELETE CASCADE,
  PRIMARY KEY (tenant, group_name, vehicle_id),
  FOREIGN KEY (tenant, group_name) REFERENCES vehicle_groups (tenant, name) ON DELETE CASCADE
);

CREATE INDEX group_vehicles_by_vehicle ON group_vehicles (vehicle_id);

CREATE TABLE enrollment_keys (
  secret_hash BYTEA PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  label TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE INDEX enrollment_keys_by_tenant ON enrollment_keys (tenant);

CREATE TABLE gateways (
  name TEXT PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  secret_hash BYTEA NOT NULL,
  topic_filters TEXT NOT NULL,
  group_name TEXT,
  may_enroll SMALLINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE INDEX gateways_by_tenant ON gateways (tenant, name);
