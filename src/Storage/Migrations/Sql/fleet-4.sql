-- What was read off a vehicle's instruments, the newest of each: meters and seconds, nothing: taken back. The times are fix time. revision as in fleet-3.
CREATE TABLE counter_readings (
  vehicle_id TEXT PRIMARY KEY REFERENCES vehicles (id) ON DELETE CASCADE,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  odometer DOUBLE PRECISION,
  odometer_from BIGINT,
  engine_time DOUBLE PRECISION,
  engine_time_from BIGINT,
  revision BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE INDEX counter_readings_by_tenant ON counter_readings (tenant);
