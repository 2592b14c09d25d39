-- A tenant's vehicles in the order of their ids, for area search, which goes through them in pages.
CREATE INDEX lane_vehicles_by_tenant ON lane_vehicles (tenant, vehicle_id);
