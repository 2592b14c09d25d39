CREATE TABLE lanes (
  lane INTEGER PRIMARY KEY,
  number BIGINT NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE lane_vehicles (
  vehicle_id TEXT COLLATE "C" PRIMARY KEY,
  tenant TEXT COLLATE "C" NOT NULL,
  lane INTEGER NOT NULL
);

CREATE INDEX lane_vehicles_by_lane ON lane_vehicles (lane, vehicle_id);

-- Wide columns first: the row has no padding.
CREATE TABLE positions (
  fixed_at TIMESTAMPTZ NOT NULL,
  received_at TIMESTAMPTZ NOT NULL,
  digest BIGINT NOT NULL,
  latitude DOUBLE PRECISION,
  longitude DOUBLE PRECISION,
  altitude DOUBLE PRECISION,
  speed DOUBLE PRECISION,
  heading DOUBLE PRECISION,
  accuracy DOUBLE PRECISION,
  odometer DOUBLE PRECISION,
  verdict SMALLINT NOT NULL,
  ignition BOOLEAN,
  vehicle_id TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  device_id TEXT COLLATE "C" NOT NULL,
  attributes TEXT,
  PRIMARY KEY (vehicle_id, fixed_at, digest)
) PARTITION BY RANGE (fixed_at);

CREATE TABLE quarantine (
  sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant TEXT COLLATE "C" NOT NULL,
  device_id TEXT COLLATE "C" NOT NULL,
  topic TEXT NOT NULL,
  reason TEXT NOT NULL,
  payload BYTEA NOT NULL,
  truncated BOOLEAN NOT NULL,
  received_at TIMESTAMPTZ NOT NULL,
  detail TEXT
);

CREATE INDEX quarantine_by_tenant ON quarantine (tenant, sequence);
CREATE INDEX quarantine_by_device ON quarantine (tenant, device_id, sequence);

-- Makes the partitions of some days. They are created on their own and attached when complete, which lets commits go on meanwhile; only
-- one process at a time makes any. Waits briefly for locks: the caller tries again.
CREATE FUNCTION fleet_ensure_days(days DATE[]) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
  day DATE;
  partition TEXT;
  begins TEXT;
  ends TEXT;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('fleettracker.partitions'));
  PERFORM set_config('lock_timeout', '500ms', true);
  FOREACH day IN ARRAY days LOOP
    partition := 'positions_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN EXISTS (SELECT 1 FROM pg_inherits WHERE inhparent = 'positions'::regclass AND inhrelid = to_regclass(partition));

    -- What was detached by an interrupted retention goes; nobody reads it any more.
    EXECUTE format('DROP TABLE IF EXISTS %I', partition);
    begins := to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00';
    ends := to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00';
    EXECUTE format('CREATE TABLE %I (LIKE positions INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', partition);
    EXECUTE format('ALTER TABLE positions ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition, begins, ends);
  END LOOP;
END $$;

-- The commit of several lanes. Returns the lanes that were won, and the ordinals (from 1) of the rows that were new; no ordinals at all
-- means that every row of a lane that was won was new.
CREATE FUNCTION fleet_commit(
  c_lane INTEGER[], c_number BIGINT[],
  r_lane INTEGER[], r_vehicle TEXT[], r_tenant TEXT[], r_device TEXT[], r_fixed_at TIMESTAMPTZ[], r_received_at TIMESTAMPTZ[], r_digest BIGINT[],
  r_verdict SMALLINT[], r_latitude DOUBLE PRECISION[], r_longitude DOUBLE PRECISION[], r_altitude DOUBLE PRECISION[], r_speed DOUBLE PRECISION[],
  r_heading DOUBLE PRECISION[], r_accuracy DOUBLE PRECISION[], r_ignition BOOLEAN[], r_odometer DOUBLE PRECISION[], r_attributes TEXT[],
  v_lane INTEGER[], v_vehicle TEXT[], v_tenant TEXT[],
  q_lane INTEGER[], q_tenant TEXT[], q_device TEXT[], q_topic TEXT[], q_reason TEXT[], q_payload BYTEA[], q_truncated BOOLEAN[],
  q_received_at TIMESTAMPTZ[], q_detail TEXT[], q_max INTEGER,
  OUT won INTEGER[], OUT fresh INTEGER[]
) LANGUAGE plpgsql AS $$
DECLARE
  wanted BIGINT;
  stored BIGINT;
  new_vehicle TEXT[];
  new_fixed_at TIMESTAMPTZ[];
  new_digest BIGINT[];
  quarantined TEXT;
BEGIN
  -- Always in the same order, so that two commits wait for each other instead of deadlocking.
  PERFORM 1 FROM lanes WHERE lane = ANY (c_lane) ORDER BY lane FOR UPDATE;

  WITH raised AS (
    UPDATE lanes l SET number = l.number + 1 FROM unnest(c_lane, c_number) AS c(lane, number)
    WHERE l.lane = c.lane AND l.number = c.number RETURNING l.lane)
  SELECT coalesce(array_agg(raised.lane), '{}') INTO won FROM raised;

  IF cardinality(v_lane) > 0 THEN
    INSERT INTO lane_vehicles (vehicle_id, tenant, lane)
    SELECT v.vehicle, v.tenant, v.lane FROM unnest(v_lane, v_vehicle, v_tenant) AS v(lane, vehicle, tenant)
    WHERE v.lane = ANY (won) ORDER BY v.vehicle ON CONFLICT DO NOTHING;
  END IF;

  wanted := 0;
  IF cardinality(r_lane) > 0 THEN
    SELECT count(*) INTO wanted FROM unnest(r_lane) AS r(lane) WHERE r.lane = ANY (won);
    WITH inserted AS (
      INSERT INTO positions (vehicle_id, tenant, device_id, fixed_at, received_at, digest, verdict, latitude, longitude, altitude, speed, heading,
                             accuracy, ignition, odometer, attributes)
      SELECT r.vehicle, r.tenant, r.device, r.fixed_at, r.received_at, r.digest, r.verdict, r.latitude, r.longitude, r.altitude, r.speed, r.heading,
             r.accuracy, r.ignition, r.odometer, r.attributes
      FROM unnest(r_lane, r_vehicle, r_tenant, r_device, r_fixed_at, r_received_at, r_digest, r_verdict, r_latitude, r_longitude, r_altitude, r_speed,
                  r_heading, r_accuracy, r_ignition, r_odometer, r_attributes)
        AS r(lane, vehicle, tenant, device, fixed_at, received_at, digest, verdict, latitude, longitude, altitude, speed,
             heading, accuracy, ignition, odometer, attributes)
      WHERE r.lane = ANY (won)
      ON CONFLICT DO NOTHING
      RETURNING vehicle_id, positions.fixed_at, positions.digest)
    SELECT count(*), array_agg(i.vehicle_id), array_agg(i.fixed_at), array_agg(i.digest)
    INTO stored, new_vehicle, new_fixed_at, new_digest FROM inserted i;

    IF stored < wanted THEN
      SELECT coalesce(array_agg(r.ordinal::int), '{}') INTO fresh
      FROM unnest(r_vehicle, r_fixed_at, r_digest) WITH ORDINALITY AS r(vehicle, fixed_at, digest, ordinal)
      JOIN unnest(new_vehicle, new_fixed_at, new_digest) AS n(vehicle, fixed_at, digest) USING (vehicle, fixed_at, digest);
    END IF;
  END IF;

  IF cardinality(q_lane) > 0 THEN
    INSERT INTO quarantine (tenant, device_id, topic, reason, payload, truncated, received_at, detail)
    SELECT q.tenant, q.device, q.topic, q.reason, q.payload, q.truncated, q.received_at, q.detail
    FROM unnest(q_lane, q_tenant, q_device, q_topic, q_reason, q_payload, q_truncated, q_received_at, q_detail)
      WITH ORDINALITY AS q(lane, tenant, device, topic, reason, payload, truncated, received_at, detail, ordinal)
    WHERE q.lane = ANY (won) AND q_max > 0 ORDER BY q.ordinal;

    FOR quarantined IN SELECT DISTINCT q.tenant FROM unnest(q_tenant) AS q(tenant) ORDER BY 1 LOOP
      DELETE FROM quarantine WHERE tenant = quarantined AND sequence <=
        (SELECT k.sequence FROM quarantine k WHERE k.tenant = quarantined ORDER BY k.sequence DESC LIMIT 1 OFFSET q_max);
    END LOOP;
  END IF;
END $$;
