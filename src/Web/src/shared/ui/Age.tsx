import { ageInWords, exactTime } from '../time/age';
import { useNow } from '../time/useNow';

interface AgeProps {
  readonly at: number;
  /** The difference of the server's clock to this machine's. */
  readonly clockOffset: number;
  readonly testId?: string;
}

/** An age that ticks, with the exact time on hover. */
export function Age({ at, clockOffset, testId }: AgeProps) {
  const now = useNow() + clockOffset;
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)} data-testid={testId}>{ageInWords(now - at)}</time>
  );
}
