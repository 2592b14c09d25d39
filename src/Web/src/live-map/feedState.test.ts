import { describe, expect, it } from 'vitest';
import { feedState, heard, initialFeed, linked } from './feedState';
import type { Freshness } from './hub/messages';

const start = 1_000_000;
const server = 9_000_000;
const good: Freshness = { newestCommitAt: server - 100, serverAt: server, stalled: false, reason: null };
const stalled: Freshness = { newestCommitAt: server - 60_000, serverAt: server, stalled: true, reason: 'low disk' };
const connected = linked(initialFeed(start), 'connected', start);

describe('a connection that begins', () => {
  it('is quiet at first', () => expect(feedState(initialFeed(start), start + 3_000)).toEqual({ kind: 'connecting' }));
  it('shouts when it takes long', () => expect(feedState(initialFeed(start), start + 12_001).kind).toBe('reconnecting'));
  it('is live before the first freshness', () => expect(feedState(connected, start + 4_000).kind).toBe('live'));
});

describe('a living feed', () => {
  const feed = heard(connected, good, start);
  it.each([[0, 'live'], [12_000, 'live'], [12_001, 'stalled']])('%d ms after the last word is %s', (later, kind) =>
    expect(feedState(feed, start + later).kind).toBe(kind));
  it('names the last good moment when it falls silent', () =>
    expect(feedState(feed, start + 20_000)).toEqual({ kind: 'stalled', lastGoodAt: server, reason: null }));
  it('falls silent also when nothing was ever heard', () => expect(feedState(connected, start + 13_000).kind).toBe('stalled'));
});

describe('a server that says it is stalled', () => {
  it('is believed at once, with its reason and the newest data', () =>
    expect(feedState(heard(connected, stalled, start), start)).toEqual({ kind: 'stalled', lastGoodAt: server - 60_000, reason: 'low disk' }));
  it('keeps the last good moment when it has no data', () =>
    expect(heard(heard(connected, good, start), { ...stalled, newestCommitAt: null }, start).lastGoodAt).toBe(server));
  it('recovers with the next good word', () =>
    expect(feedState(heard(heard(connected, stalled, start), good, start + 5_000), start + 5_000).kind).toBe('live'));
});

describe('a lost connection', () => {
  const lost = linked(heard(connected, good, start), 'lost', start + 2_000);
  it('is reconnecting at once and remembers the last good moment', () =>
    expect(feedState(lost, start + 2_000)).toEqual({ kind: 'reconnecting', lastGoodAt: server, refusal: null }));
  it('gets its time to speak again', () => {
    const again = linked(lost, 'connected', start + 60_000);
    expect(feedState(again, start + 61_000).kind).toBe('live');
    expect(feedState(again, start + 73_000).kind).toBe('stalled');
  });
  it('says why the server refuses it, until it speaks again', () => {
    const refused = linked(lost, 'lost', start + 3_000, 'You have 20 live connections.');
    expect(feedState(refused, start + 3_000)).toMatchObject({ kind: 'reconnecting', refusal: 'You have 20 live connections.' });
    expect(linked(refused, 'connected', start + 4_000).refusal).toBeNull();
  });
  it('counts from the first loss', () => expect(linked(lost, 'lost', start + 50_000).linkSince).toBe(start + 2_000));
});
