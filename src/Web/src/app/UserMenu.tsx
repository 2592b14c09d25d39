import * as Menu from '@radix-ui/react-dropdown-menu';
import { Check, CircleUserRound, LogOut } from 'lucide-react';
import { setPreferences, usePreferences, type Theme } from '../shared/storage/preferences';
import type { Units } from '../shared/units/speed';
import { useServices } from './services';

const themes: readonly [Theme, string][] = [['system', 'As the system'], ['light', 'Light'], ['dark', 'Dark']];
const units: readonly [Units, string][] = [['metric', 'km/h'], ['imperial', 'mph']];

export function UserMenu({ userName, side, label }: { userName: string; side: 'right' | 'top'; label?: string }) {
  const { authentication } = useServices();
  const preferences = usePreferences();
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger asChild>
        <button type="button" className={label === undefined ? 'icon-button' : 'tab'} aria-label={label ?? 'Your settings'} title="Your settings">
          <CircleUserRound aria-hidden />{label}
        </button>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu" side={side} align="end" sideOffset={8} collisionPadding={8}>
          <Menu.Label className="menu-label">Signed in as <strong>{userName}</strong></Menu.Label>
          <Menu.Separator className="menu-line" />
          <Choice name="Theme" options={themes} value={preferences.theme} onChoose={(theme) => setPreferences({ theme })} />
          <Menu.Separator className="menu-line" />
          <Choice name="Speed" options={units} value={preferences.units} onChoose={(chosen) => setPreferences({ units: chosen })} />
          <Menu.Separator className="menu-line" />
          <Menu.Item className="menu-item" onSelect={() => void authentication.signOut()}><LogOut aria-hidden />Sign out</Menu.Item>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}

function Choice<T extends string>({ name, options, value, onChoose }: {
  name: string; options: readonly [T, string][]; value: T; onChoose: (value: T) => void;
}) {
  return (
    <Menu.RadioGroup value={value} aria-label={name}>
      <Menu.Label className="menu-label">{name}</Menu.Label>
      {options.map(([option, text]) => (
        <Menu.RadioItem key={option} className="menu-item" value={option} onSelect={(event) => {
          event.preventDefault();
          onChoose(option);
        }}>
          <Menu.ItemIndicator className="menu-check"><Check aria-hidden /></Menu.ItemIndicator>{text}
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  );
}
