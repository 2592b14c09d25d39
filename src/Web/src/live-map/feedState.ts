import type { Freshness } from './hub/messages';

export type Link = 'connecting' | 'connected' | 'lost';

export interface Feed {
  readonly link: Link;
  /** Local instant at which the link came into its state. */
  readonly linkSince: number;
  /** What the server said when it closed or refused the connection. */
  readonly refusal: string | null;
  readonly freshness: Freshness | null;
  /** Local instant at which the newest freshness message arrived on this connection. */
  readonly heardAt: number | null;
  /** Server instant of the last moment at which the picture was known to be right. */
  readonly lastGoodAt: number | null;
}

export type FeedState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'stalled'; readonly lastGoodAt: number | null; readonly reason: string | null }
  | { readonly kind: 'reconnecting'; readonly lastGoodAt: number | null; readonly refusal: string | null };

/** Freshness comes at least every 5 s; two missed ones and a little are silence. */
export const silenceLimitMs = 12_000;

export const initialFeed = (now: number): Feed => ({
  link: 'connecting', linkSince: now, refusal: null, freshness: null, heardAt: null, lastGoodAt: null,
});

export function heard(feed: Feed, freshness: Freshness, now: number): Feed {
  const lastGoodAt = freshness.stalled ? (freshness.newestCommitAt ?? feed.lastGoodAt) : freshness.serverAt;
  return { ...feed, freshness, heardAt: now, lastGoodAt };
}

export function linked(feed: Feed, link: Link, now: number, refusal: string | null = null): Feed {
  if (feed.link === link) return feed.refusal === refusal ? feed : { ...feed, refusal };
  // What was heard before says nothing about the new connection.
  return { ...feed, link, linkSince: now, refusal, heardAt: link === 'connected' ? null : feed.heardAt };
}

export function feedState(feed: Feed, now: number): FeedState {
  if (feed.link === 'lost') return { kind: 'reconnecting', lastGoodAt: feed.lastGoodAt, refusal: feed.refusal };
  if (feed.link === 'connecting') {
    const slow = now - feed.linkSince > silenceLimitMs;
    return slow ? { kind: 'reconnecting', lastGoodAt: feed.lastGoodAt, refusal: null } : { kind: 'connecting' };
  }
  if (now - (feed.heardAt ?? feed.linkSince) > silenceLimitMs) return { kind: 'stalled', lastGoodAt: feed.lastGoodAt, reason: null };
  if (feed.freshness?.stalled === true) return { kind: 'stalled', lastGoodAt: feed.lastGoodAt, reason: feed.freshness.reason };
  return { kind: 'live' };
}
