-- rules_revision counts the changes of what the tenant's vehicles are folded with: fences, settings, groups. settled_at: outcomes before it stay.
ALTER TABLE tenants ADD COLUMN rules_revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tenants ADD COLUMN settled_at BIGINT;

-- A deleted fence stays until the last of its versions is out of reach of late fixes. search is the name in lower case; revision is the tenant's
-- rules_revision that last changed the fence.
CREATE TABLE geofences (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  search TEXT NOT NULL,
  version INTEGER NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (tenant, id)
);

CREATE INDEX geofences_by_name ON geofences (tenant, name, id) WHERE deleted_at IS NULL;
CREATE INDEX geofences_by_revision ON geofences (tenant, revision);

-- valid_from inclusive, valid_to exclusive, fix time; no valid_to: the current one.
CREATE TABLE geofence_versions (
  tenant TEXT NOT NULL,
  fence_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT,
  shape_kind SMALLINT NOT NULL,
  geometry TEXT NOT NULL,
  radius DOUBLE PRECISION,
  rules TEXT NOT NULL,
  PRIMARY KEY (tenant, fence_id, version),
  FOREIGN KEY (tenant, fence_id) REFERENCES geofences (tenant, id) ON DELETE CASCADE
);

CREATE INDEX geofence_versions_by_end ON geofence_versions (valid_to) WHERE valid_to IS NOT NULL;

-- What a tenant (vehicle_id empty) or a vehicle overrides, and nothing else. revision as above.
CREATE TABLE policy_settings (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  vehicle_id TEXT NOT NULL,
  settings TEXT NOT NULL,
  revision BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, vehicle_id)
);

CREATE TABLE vehicle_profiles (
  vehicle_id TEXT PRIMARY KEY REFERENCES vehicles (id) ON DELETE CASCADE,
  tenant TEXT NOT NULL,
  plate TEXT,
  vin TEXT,
  kind TEXT,
  icon TEXT,
  fields TEXT NOT NULL,
  revision BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- Before and after are JSON; nothing: it was not there.
CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  at BIGINT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  before TEXT,
  after TEXT
);

CREATE INDEX audit_by_time ON audit (tenant, at, id);
