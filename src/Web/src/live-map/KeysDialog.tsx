import * as Dialog from '@radix-ui/react-dialog';
import { X } from 'lucide-react';

const keys = [
  ['/', 'Search the fleet'],
  ['↑ ↓', 'Walk the list; the map follows'],
  ['f', 'Follow the selected vehicle, or stop'],
  ['Esc', 'One step back'],
  ['?', 'This list'],
  ['+ −', 'Zoom, when the map has the focus'],
] as const;

/** Without the library's own overlay, which would add inline styles that a strict content security policy refuses. */
export function KeysDialog({ isOpen, onOpen }: { isOpen: boolean; onOpen: (isOpen: boolean) => void }) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpen}>
      <Dialog.Portal>
        <div className="scrim" aria-hidden="true" />
        <Dialog.Content className="dialog" aria-describedby={undefined}>
          <div className="dialog-head">
            <Dialog.Title>Keys</Dialog.Title>
            <Dialog.Close asChild>
              <button type="button" className="icon-button" aria-label="Close"><X aria-hidden /></button>
            </Dialog.Close>
          </div>
          <dl className="keys">
            {keys.map(([key, meaning]) => (
              <div key={key}><dt>{key.split(' ').map((each) => <kbd key={each}>{each}</kbd>)}</dt><dd>{meaning}</dd></div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
