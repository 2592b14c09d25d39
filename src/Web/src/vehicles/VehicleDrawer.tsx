import { Crosshair, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError, describeError } from '../shared/api/problem';
import { exactTime } from '../shared/time/age';
import { Age } from '../shared/ui/Age';
import { CopyButton } from '../shared/ui/CopyButton';
import { accuracyText, coordinatesText, headingText, speedText, type Units } from '../shared/units/speed';
import { toRow, type FleetRow } from './fleetList';
import { StatusMark } from './StatusMark';
import { useVehicle } from './useFleet';
import { statusNames, type LiveVehicle } from './vehicle';

interface VehicleDrawerProps {
  readonly vehicleId: string;
  readonly live: LiveVehicle | undefined;
  readonly units: Units;
  readonly clockOffset: number;
  readonly isFollowed: boolean;
  readonly onFollow: () => void;
  readonly onClose: () => void;
}

export function VehicleDrawer({ vehicleId, live, units, clockOffset, isFollowed, onFollow, onClose }: VehicleDrawerProps) {
  const details = useVehicle(vehicleId);
  const row = details.data !== undefined ? toRow(details.data, live) : live === undefined ? null : rowOf(live);
  const isGone = details.error instanceof ApiError && details.error.problem.status === 404;
  return (
    <aside className="drawer" data-testid="detail-drawer" aria-label="Vehicle">
      <div className="drawer-head">
        {row !== null && <StatusMark status={row.status} heading={row.last?.heading ?? null} />}
        <h2>{row?.name ?? (isGone ? 'Unknown vehicle' : <span className="skeleton-line" />)}</h2>
        <button type="button" className="icon-button" aria-label="Close" title="Close (Esc)" onClick={onClose}><X aria-hidden /></button>
      </div>
      {isGone && <p className="notice">This vehicle is not in your fleet, or it was removed.</p>}
      {details.error !== null && !isGone && row === null && (
        <div className="notice" role="alert"><p>The vehicle could not be loaded. {describeError(details.error)} It is tried again by itself.</p></div>
      )}
      {row !== null && (
        <VehicleFacts row={row} units={units} clockOffset={clockOffset} isFollowed={isFollowed} onFollow={onFollow} />
      )}
    </aside>
  );
}

function VehicleFacts({ row, units, clockOffset, isFollowed, onFollow }: {
  row: FleetRow; units: Units; clockOffset: number; isFollowed: boolean; onFollow: () => void;
}) {
  const { last } = row;
  return (
    <>
      <div className="drawer-figures">
        <div>
          <span className="quiet">Speed</span>
          <output className="figure" data-testid="detail-speed">{speedText(last?.speed ?? null, units)}</output>
        </div>
        <div>
          <span className="quiet">Last fix</span>
          <span className="figure">{last === null ? '–' : <Age at={last.fixedAt} clockOffset={clockOffset} testId="detail-age" />}</span>
        </div>
      </div>
      <button
        type="button" className="button follow" data-testid="follow-button" aria-pressed={isFollowed} disabled={last === null} onClick={onFollow}
      >
        <Crosshair aria-hidden />{isFollowed ? 'Following' : 'Follow'}<kbd aria-hidden>f</kbd>
      </button>
      <dl className="facts">
        <Fact name="Status">{statusNames[row.status]}</Fact>
        {last === null ? <Fact name="Position">Never reported</Fact> : <PositionFacts last={last} units={units} />}
        {row.deviceId !== null && <Fact name="Device"><span className="wrap">{row.deviceId}</span><CopyButton text={row.deviceId} label="Copy the device id" /></Fact>}
        {row.groups.length > 0 && <Fact name="Groups">{row.groups.join(', ')}</Fact>}
      </dl>
    </>
  );
}

function PositionFacts({ last, units }: { last: LiveVehicle; units: Units }) {
  const coordinates = coordinatesText(last.lat, last.lon);
  return (
    <>
      <Fact name="Heading">{headingText(last.heading)}</Fact>
      <Fact name="Fixed">{exactTime(last.fixedAt)}</Fact>
      <Fact name="Received">{exactTime(last.receivedAt)}</Fact>
      <Fact name="Accuracy">{accuracyText(last.accuracy, units)}</Fact>
      <Fact name="Coordinates">{coordinates}<CopyButton text={coordinates} label="Copy the coordinates" /></Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt className="quiet">{name}</dt><dd>{children}</dd></div>;
}

function rowOf(live: LiveVehicle): FleetRow {
  return { id: live.vehicleId, name: live.name, deviceId: null, groups: [], status: live.status, last: live };
}
