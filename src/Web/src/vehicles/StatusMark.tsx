import { statusNames, type VehicleStatus } from './vehicle';

interface StatusMarkProps {
  readonly status: VehicleStatus;
  readonly heading?: number | null;
}

/** The mark of the map, so that a row and its vehicle look the same: arrow, dot with ring, small dot, hollow dot. */
export function StatusMark({ status, heading = null }: StatusMarkProps) {
  return (
    <svg className="status-mark" data-status={status} viewBox="-14 -14 28 28" role="img" aria-label={statusNames[status]}>
      {shape(status, heading)}
    </svg>
  );
}

function shape(status: VehicleStatus, heading: number | null) {
  switch (status) {
    case 'moving':
      return <path className="filled" d="M0-10.5 7.5 8.5 0 5-7.5 8.5Z" transform={`rotate(${heading ?? 0})`} />;
    case 'idling':
      return <><circle className="hollow" r="8" /><circle className="filled" r="4.5" /></>;
    case 'stopped':
      return <circle className="filled" r="5" />;
    case 'offline':
      return <circle className="hollow" r="6" />;
    case 'unknown':
      return <><circle className="hollow" r="6" /><circle className="filled" r="1.5" /></>;
  }
}
