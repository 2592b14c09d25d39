import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { clockTime, exactTime } from '../shared/time/age';
import { useNow } from '../shared/time/useNow';
import type { FeedState } from './feedState';

const recoveredShownMs = 6_000;

/** The one thing that may shout: the map is not the truth at this moment, and since when. */
export function StallBar({ state, clockOffset }: { state: FeedState; clockOffset: number }) {
  const now = useNow();
  const isTrouble = state.kind === 'stalled' || state.kind === 'reconnecting';
  const [before, setBefore] = useState({ isTrouble, recoveredAt: 0 });
  if (before.isTrouble !== isTrouble) setBefore({ isTrouble, recoveredAt: isTrouble ? 0 : now });

  if (state.kind === 'stalled' || state.kind === 'reconnecting') {
    return (
      <div className="stall-bar" data-testid="stall-bar" role="alert">
        <TriangleAlert aria-hidden />
        <p><strong>{headline(state)}</strong> <LastGood at={state.lastGoodAt} now={now + clockOffset} /> {advice(state)}</p>
      </div>
    );
  }
  if (now - before.recoveredAt > recoveredShownMs) return null;
  return (
    <div className="recovered-bar" role="status">
      <CircleCheck aria-hidden />
      <p><strong>Recovered.</strong> The map shows live data again.</p>
    </div>
  );
}

function LastGood({ at, now }: { at: number | null; now: number }) {
  if (at === null) return <>No live data has arrived yet.</>;
  return <>Last good data: <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>{clockTime(at, now)}</time>.</>;
}

function headline(state: FeedState): string {
  if (state.kind === 'reconnecting') {
    return state.refusal === null ? 'Connection lost, reconnecting.' : `The server does not take this connection, reconnecting: ${asSentence(state.refusal)}`;
  }
  return state.kind === 'stalled' && state.reason !== null ? `The map stands still: ${asSentence(state.reason)}` : 'The map stands still.';
}

/** A server says some reasons as sentences and some not. */
function asSentence(reason: string): string {
  return /[.!?…]$/.test(reason) ? reason : `${reason}.`;
}

function advice(state: FeedState): string {
  if (state.kind === 'reconnecting') return 'The map shows what was last known.';
  return 'Positions may be old. It goes on by itself.';
}
