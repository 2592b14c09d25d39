import { useSyncExternalStore } from 'react';
import type { Units } from '../units/speed';

export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  readonly theme: Theme;
  readonly units: Units;
  readonly panelFolded: boolean;
}

const storageKey = 'fleettracker.preferences';
const listeners = new Set<() => void>();

export function parsePreferences(text: string | null): Preferences {
  let stored: Record<string, unknown> = {};
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (typeof value === 'object' && value !== null) stored = value as Record<string, unknown>;
  } catch {
    // Whatever another version left behind must not keep the page from opening.
  }
  const { theme, units, panelFolded } = stored;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    units: units === 'imperial' ? 'imperial' : 'metric',
    panelFolded: panelFolded === true,
  };
}

let current = parsePreferences(localStorage.getItem(storageKey));

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(storageKey, JSON.stringify(current));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key !== storageKey) return;
    current = parsePreferences(event.newValue);
    listener();
  };
  listeners.add(listener);
  window.addEventListener('storage', onStorage);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', onStorage);
  };
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}
