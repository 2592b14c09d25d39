import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useServices } from '../app/services';
import { useNow } from '../shared/time/useNow';
import { throttled } from '../shared/ui/throttle';
import { feedState, type FeedState } from './feedState';
import { createHub } from './hub/hub';
import { LiveFeed } from './liveFeed';
import type { Picture } from './picture';

const panelPaceMs = 400;

/** The live feed of the page, from when it opens to when it is left. */
export function useLiveFeed(): LiveFeed {
  const { config, authentication } = useServices();
  const [feed] = useState(() => {
    const { tokens, store } = authentication;
    return new LiveFeed(() => createHub(config.hubUrl, { token: () => tokens.token(), expiresAt: () => store.read()?.expiresAt ?? null }));
  });
  useEffect(() => feed.start(), [feed]);
  return feed;
}

/** The picture for lists and panels, which need not change with every frame as the map does. */
export function usePicture(feed: LiveFeed): Picture {
  const subscribe = useMemo(() => throttled(feed.subscribe, panelPaceMs), [feed]);
  return useSyncExternalStore(subscribe, () => feed.picture);
}

export function useFeedState(feed: LiveFeed): FeedState {
  const now = useNow();
  const current = useSyncExternalStore(feed.subscribe, () => feed.feed);
  return feedState(current, Math.max(now, current.linkSince, current.heardAt ?? 0));
}
