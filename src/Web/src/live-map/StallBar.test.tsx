// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { faultsOf } from '../testAccessibility';
import type { FeedState } from './feedState';
import { FreshnessBadge } from './FreshnessBadge';
import { StallBar } from './StallBar';

const bar = (state: FeedState) => <StallBar state={state} clockOffset={0} />;
const goodAt = Date.now() - 60_000;

it('is silent while all is well', () => {
  const { container } = render(bar({ kind: 'live' }));
  expect(container.textContent).toBe('');
});

it('names the last good data and the reason', async () => {
  const { container } = render(bar({ kind: 'stalled', lastGoodAt: goodAt, reason: 'low disk' }));
  expect(screen.getByRole('alert').textContent).toContain('low disk');
  expect(container.querySelector('time')?.dateTime).toBe(new Date(goodAt).toISOString());
  expect(await faultsOf(container)).toEqual([]);
});

it.each(['Less than 1 GiB is free.', 'Less than 1 GiB is free'])('ends the headline with one period after %j', (reason) => {
  render(bar({ kind: 'stalled', lastGoodAt: goodAt, reason }));
  expect(screen.getByTestId('stall-bar').textContent).toContain('The map stands still: Less than 1 GiB is free. Last good data');
});

it('says that it reconnects, and then that it recovered', () => {
  const { rerender } = render(bar({ kind: 'reconnecting', lastGoodAt: goodAt, refusal: null }));
  expect(screen.getByTestId('stall-bar').textContent).toContain('reconnecting');
  rerender(bar({ kind: 'live' }));
  expect(screen.queryByTestId('stall-bar')).toBeNull();
  expect(screen.getByRole('status').textContent).toContain('Recovered');
});

it('says why the server refuses the connection', () => {
  render(bar({ kind: 'reconnecting', lastGoodAt: goodAt, refusal: 'You have 20 live connections.' }));
  expect(screen.getByTestId('stall-bar').textContent).toContain('You have 20 live connections. Last good data');
});

it('does not speak of data that never came', () => {
  render(bar({ kind: 'reconnecting', lastGoodAt: null, refusal: null }));
  expect(screen.getByTestId('stall-bar').textContent).toContain('No live data has arrived yet');
});

it.each([
  [{ kind: 'live' }, 'live'], [{ kind: 'connecting' }, 'reconnecting'], [{ kind: 'reconnecting', lastGoodAt: null, refusal: null }, 'reconnecting'],
  [{ kind: 'stalled', lastGoodAt: null, reason: null }, 'stalled'],
] as const)('the badge of %j is %s', (state, shown) => {
  render(<FreshnessBadge state={state} newestAt={null} clockOffset={0} />);
  expect(screen.getByTestId('freshness').dataset['state']).toBe(shown);
});
