import { expect, it } from 'vitest';
import { backStep, keyAction } from './keys';

const key = (name: string, held: Partial<KeyboardEvent> = {}) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...held });

it.each([
  ['/', 'page', 'search'], ['/', 'map', 'search'], ['/', 'text', null],
  ['?', 'page', 'keys'], ['?', 'text', null],
  ['f', 'page', 'follow'], ['f', 'map', 'follow'], ['f', 'text', null],
  ['ArrowDown', 'page', 'next'], ['ArrowUp', 'page', 'previous'], ['ArrowDown', 'map', null], ['ArrowDown', 'text', null],
  ['Escape', 'text', 'back'], ['Escape', 'map', 'back'], ['x', 'page', null],
] as const)('%s on %s means %s', (name, target, action) => expect(keyAction(key(name), target)).toBe(action));

it.each([[{ ctrlKey: true }], [{ metaKey: true }], [{ altKey: true }]])('leaves the browser its keys: %j', (held) =>
  expect(keyAction(key('f', held), 'page')).toBeNull());

const calm = { isTyping: false, search: '', isFollowing: false, isSelected: false };
it.each([
  [calm, null],
  [{ ...calm, search: 'van' }, 'clear-search'],
  [{ ...calm, isTyping: true }, 'leave-search'],
  [{ ...calm, isTyping: true, search: 'van', isFollowing: true, isSelected: true }, 'clear-search'],
  [{ ...calm, isFollowing: true, isSelected: true, search: 'van' }, 'stop-following'],
  [{ ...calm, isSelected: true, search: 'van' }, 'deselect'],
] as const)('from %j Escape does %s', (state, step) => expect(backStep(state)).toBe(step));
