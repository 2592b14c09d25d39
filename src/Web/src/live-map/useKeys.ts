import { useEffect, useRef } from 'react';
import { keyAction, keyTarget, type KeyAction } from './keys';

/** Calls the handler of a key pressed anywhere on the page, except in an open dialog or menu, which have keys of their own. */
export function useKeys(handlers: Readonly<Record<KeyAction, () => void>>): void {
  const latest = useRef(handlers);
  useEffect(() => void (latest.current = handlers));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isElsewhere = event.target instanceof Element && event.target.closest('[role="dialog"], [role="menu"]') !== null;
      const action = isElsewhere || event.defaultPrevented ? null : keyAction(event, keyTarget(event.target));
      if (action === null) return;
      event.preventDefault();
      latest.current[action]();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
