export type KeyAction = 'search' | 'follow' | 'back' | 'keys' | 'next' | 'previous';

/** What a key pressed on the page means. Whoever types means the letters; the map moves itself by the arrows when it has the focus. */
export function keyAction(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>, target: 'text' | 'map' | 'page'): KeyAction | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === 'Escape') return 'back';
  if (target === 'text') return null;
  if (event.key === '/') return 'search';
  if (event.key === '?') return 'keys';
  if (event.key === 'f') return 'follow';
  if (target === 'map') return null;
  if (event.key === 'ArrowDown') return 'next';
  if (event.key === 'ArrowUp') return 'previous';
  return null;
}

export function keyTarget(element: EventTarget | null): 'text' | 'map' | 'page' {
  if (!(element instanceof HTMLElement)) return 'page';
  if (element.matches('input, textarea, select, [contenteditable]')) return 'text';
  return element.matches('canvas') ? 'map' : 'page';
}

export type BackStep = 'clear-search' | 'leave-search' | 'stop-following' | 'deselect' | null;

/** The one step that Escape takes back: the innermost thing first. */
export function backStep(state: { isTyping: boolean; search: string; isFollowing: boolean; isSelected: boolean }): BackStep {
  if (state.isTyping) return state.search === '' ? 'leave-search' : 'clear-search';
  if (state.isFollowing) return 'stop-following';
  if (state.isSelected) return 'deselect';
  return state.search === '' ? null : 'clear-search';
}
