import { useSyncExternalStore } from 'react';
import { formatUrl, parseUrl, type UrlState } from './urlState';

const listeners = new Set<() => void>();
const popListeners = new Set<(state: UrlState) => void>();
let current = parseUrl(window.location.search);

window.addEventListener('popstate', () => {
  current = parseUrl(window.location.search);
  for (const listener of listeners) listener();
  for (const listener of popListeners) listener(current);
});

/** A step that the back button undoes, or a change of the present one. */
export function navigate(change: Partial<UrlState>, kind: 'push' | 'replace'): void {
  const next = { ...current, ...change };
  const query = formatUrl(next);
  const isSame = query === formatUrl(current);
  current = next;
  if (!isSame) window.history[kind === 'push' ? 'pushState' : 'replaceState'](null, '', query === '' ? window.location.pathname : query);
  for (const listener of listeners) listener();
}

export function currentUrl(): UrlState {
  return current;
}

/** Told when the reader went back or forward; gives the function that ends it. */
export function onPop(listener: (state: UrlState) => void): () => void {
  popListeners.add(listener);
  return () => popListeners.delete(listener);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useUrl(): UrlState {
  return useSyncExternalStore(subscribe, currentUrl);
}
