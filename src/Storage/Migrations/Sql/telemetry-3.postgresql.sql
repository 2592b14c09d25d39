-- What the folds of rows say happened; written again in place by its id. Wide columns first: the row has no padding.
CREATE TABLE outcomes (
  id UUID PRIMARY KEY,
  fixed_at TIMESTAMPTZ NOT NULL,
  digest BIGINT NOT NULL,
  ended_at TIMESTAMPTZ,
  through_at TIMESTAMPTZ NOT NULL,
  through_digest BIGINT NOT NULL,
  recorded_at TIMESTAMPTZ NOT NULL,
  number BIGINT NOT NULL,
  lane INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  type SMALLINT NOT NULL,
  state SMALLINT NOT NULL,
  reach SMALLINT NOT NULL,
  vehicle_id TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  evidence TEXT NOT NULL
);

CREATE INDEX outcomes_feed ON outcomes (lane, number, ordinal);
CREATE INDEX outcomes_of_vehicle ON outcomes (vehicle_id, type, fixed_at, digest, id);
CREATE INDEX outcomes_of_tenant ON outcomes (tenant, type, fixed_at, digest, id);

-- What lasts, by how long: a list from an instant on looks back by the longest of each class for what was going on then, and no further.
CREATE INDEX lasting_outcomes_of_vehicle ON outcomes (vehicle_id, reach, type, fixed_at, digest, id) WHERE reach > 0;
CREATE INDEX lasting_outcomes_of_tenant ON outcomes (tenant, reach, type, fixed_at, digest, id) WHERE reach > 0;

CREATE TABLE checkpoints (
  fixed_at TIMESTAMPTZ NOT NULL,
  digest BIGINT NOT NULL,
  due_at TIMESTAMPTZ,
  vehicle_id TEXT COLLATE "C" NOT NULL,
  state BYTEA NOT NULL,
  PRIMARY KEY (vehicle_id, fixed_at, digest)
);

DROP FUNCTION fleet_commit;

-- The commit of several lanes. Returns the lanes that were won, and the ordinals (from 1) of the rows that were new; no ordinals at all
-- means that every row of a lane that was won was new. late_row has the ordinals of rows that may make checkpoints untrue.
CREATE FUNCTION fleet_commit(
  c_lane INTEGER[], c_number BIGINT[],
  r_lane INTEGER[], r_vehicle TEXT[], r_tenant TEXT[], r_device TEXT[], r_fixed_at TIMESTAMPTZ[], r_received_at TIMESTAMPTZ[], r_digest BIGINT[],
  r_verdict SMALLINT[], r_latitude DOUBLE PRECISION[], r_longitude DOUBLE PRECISION[], r_altitude DOUBLE PRECISION[], r_speed DOUBLE PRECISION[],
  r_heading DOUBLE PRECISION[], r_accuracy DOUBLE PRECISION[], r_ignition BOOLEAN[], r_odometer DOUBLE PRECISION[], r_attributes TEXT[],
  v_lane INTEGER[], v_vehicle TEXT[], v_tenant TEXT[],
  q_lane INTEGER[], q_tenant TEXT[], q_device TEXT[], q_topic TEXT[], q_reason TEXT[], q_payload BYTEA[], q_truncated BOOLEAN[],
  q_received_at TIMESTAMPTZ[], q_detail TEXT[], q_max INTEGER,
  o_lane INTEGER[], o_id UUID[], o_vehicle TEXT[], o_tenant TEXT[], o_type SMALLINT[], o_kind TEXT[], o_subject TEXT[], o_fixed_at TIMESTAMPTZ[],
  o_digest BIGINT[], o_ended_at TIMESTAMPTZ[], o_through_at TIMESTAMPTZ[], o_through_digest BIGINT[], o_state SMALLINT[], o_reach SMALLINT[],
  o_revision INTEGER[], o_recorded_at TIMESTAMPTZ[], o_ordinal INTEGER[], o_evidence TEXT[],
  k_lane INTEGER[], k_vehicle TEXT[], k_tenant TEXT[], k_fixed_at TIMESTAMPTZ[], k_digest BIGINT[], k_due_at TIMESTAMPTZ[], k_state BYTEA[],
  late_row INTEGER[],
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

  IF cardinality(o_lane) > 0 OR cardinality(k_lane) > 0 THEN
    INSERT INTO lane_vehicles (vehicle_id, tenant, lane)
    SELECT DISTINCT v.vehicle, v.tenant, v.lane FROM unnest(o_lane || k_lane, o_vehicle || k_vehicle, o_tenant || k_tenant) AS v(lane, vehicle, tenant)
    WHERE v.lane = ANY (won) ORDER BY v.vehicle ON CONFLICT DO NOTHING;
  END IF;

  IF cardinality(o_lane) > 0 THEN
    INSERT INTO outcomes (id, vehicle_id, tenant, type, kind, subject, fixed_at, digest, ended_at, through_at, through_digest, state, reach, revision,
                          recorded_at, lane, number, ordinal, evidence)
    SELECT o.id, o.vehicle, o.tenant, o.type, o.kind, o.subject, o.fixed_at, o.digest, o.ended_at, o.through_at, o.through_digest, o.state, o.reach,
           o.revision, o.recorded_at, o.lane, c.number + 1, o.ordinal, o.evidence
    FROM unnest(o_lane, o_id, o_vehicle, o_tenant, o_type, o_kind, o_subject, o_fixed_at, o_digest, o_ended_at, o_through_at, o_through_digest, o_state,
                o_reach, o_revision, o_recorded_at, o_ordinal, o_evidence)
      AS o(lane, id, vehicle, tenant, type, kind, subject, fixed_at, digest, ended_at, through_at, through_digest, state, reach, revision, recorded_at,
           ordinal, evidence)
    JOIN unnest(c_lane, c_number) AS c(lane, number) ON c.lane = o.lane
    WHERE o.lane = ANY (won)
    ON CONFLICT (id) DO UPDATE SET
      vehicle_id = excluded.vehicle_id, tenant = excluded.tenant, type = excluded.type, kind = excluded.kind, subject = excluded.subject,
      fixed_at = excluded.fixed_at, digest = excluded.digest, ended_at = excluded.ended_at, through_at = excluded.through_at,
      through_digest = excluded.through_digest, state = excluded.state, reach = excluded.reach, revision = excluded.revision,
      recorded_at = excluded.recorded_at, lane = excluded.lane, number = excluded.number, ordinal = excluded.ordinal, evidence = excluded.evidence;
  END IF;

  IF cardinality(k_lane) > 0 THEN
    INSERT INTO checkpoints (vehicle_id, fixed_at, digest, due_at, state)
    SELECT k.vehicle, k.fixed_at, k.digest, k.due_at, k.state
    FROM unnest(k_lane, k_vehicle, k_fixed_at, k_digest, k_due_at, k_state) AS k(lane, vehicle, fixed_at, digest, due_at, state)
    WHERE k.lane = ANY (won)
    ON CONFLICT (vehicle_id, fixed_at, digest) DO UPDATE SET due_at = excluded.due_at, state = excluded.state;

    -- The newest of a day (UTC) stays.
    DELETE FROM checkpoints s USING unnest(k_lane, k_vehicle, k_fixed_at, k_digest) AS k(lane, vehicle, fixed_at, digest)
    WHERE k.lane = ANY (won) AND s.vehicle_id = k.vehicle AND s.fixed_at >= date_trunc('day', k.fixed_at, 'UTC')
      AND (s.fixed_at, s.digest) < (k.fixed_at, k.digest);
  END IF;

  -- Checkpoints that a new row makes untrue go last, since they may have come with it.
  IF cardinality(late_row) > 0 AND cardinality(new_vehicle) > 0 THEN
    DELETE FROM checkpoints s USING (
      SELECT DISTINCT ON (r.vehicle) r.vehicle, r.fixed_at, r.digest
      FROM unnest(r_vehicle, r_fixed_at, r_digest) WITH ORDINALITY AS r(vehicle, fixed_at, digest, ordinal)
      JOIN unnest(late_row) AS l(ordinal) ON l.ordinal = r.ordinal
      JOIN unnest(new_vehicle, new_fixed_at, new_digest) AS n(vehicle, fixed_at, digest) USING (vehicle, fixed_at, digest)
      ORDER BY r.vehicle, r.fixed_at, r.digest) AS late
    WHERE s.vehicle_id = late.vehicle AND (s.fixed_at, s.digest) >= (late.fixed_at, late.digest);
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
