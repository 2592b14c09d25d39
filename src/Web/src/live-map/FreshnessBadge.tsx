import { Age } from '../shared/ui/Age';
import type { FeedState } from './feedState';

const shown = {
  connecting: { state: 'reconnecting', text: 'Connecting' },
  live: { state: 'live', text: 'Live' },
  stalled: { state: 'stalled', text: 'Stalled' },
  reconnecting: { state: 'reconnecting', text: 'Reconnecting' },
} as const;

interface FreshnessBadgeProps {
  readonly state: FeedState;
  /** Server instant of the newest data that is stored, null before any. */
  readonly newestAt: number | null;
  readonly clockOffset: number;
}

/** Not a live region: its age ticks, and what matters is said by the bar across the map. */
export function FreshnessBadge({ state, newestAt, clockOffset }: FreshnessBadgeProps) {
  const { state: dataState, text } = shown[state.kind];
  return (
    <div className="freshness" data-testid="freshness" data-state={dataState}>
      <span className="freshness-dot" aria-hidden="true" />
      {text}
      {state.kind === 'live' && newestAt !== null && <span className="quiet">newest data <Age at={newestAt} clockOffset={clockOffset} /></span>}
    </div>
  );
}
