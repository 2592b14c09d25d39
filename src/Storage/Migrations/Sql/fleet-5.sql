-- rules and scope are JSON. revision is the tenant's rules_revision that last changed the sensor; search is the name in lower case.
CREATE TABLE sensors (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  search TEXT NOT NULL,
  unit TEXT,
  version INTEGER NOT NULL,
  rules TEXT NOT NULL,
  scope TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);

CREATE INDEX sensors_by_name ON sensors (tenant, name, id);
