import { Keyboard, List, Map as MapIcon } from 'lucide-react';
import { BrandMark } from '../shared/ui/BrandMark';
import { UserMenu } from './UserMenu';
import './app.css';

interface RailProps {
  readonly userName: string;
  readonly onKeys: () => void;
}

/** The destinations of the app, on the left of a wide screen. */
export function Rail({ userName, onKeys }: RailProps) {
  return (
    <nav className="rail" aria-label="Main">
      <BrandMark />
      <a className="rail-item" href="/" aria-current="page" title="Map" onClick={(event) => event.preventDefault()}>
        <MapIcon aria-hidden /><span className="offscreen">Map</span>
      </a>
      <span className="rail-space" />
      <button type="button" className="icon-button" aria-label="Keys" title="Keys (?)" onClick={onKeys}><Keyboard aria-hidden /></button>
      <UserMenu userName={userName} side="right" />
    </nav>
  );
}

interface TabBarProps {
  readonly userName: string;
  readonly shown: 'map' | 'fleet';
  readonly onShow: (tab: 'map' | 'fleet') => void;
}

/** The same at the bottom of a narrow one. */
export function TabBar({ userName, shown, onShow }: TabBarProps) {
  return (
    <nav className="tab-bar" aria-label="Main">
      <button type="button" className="tab" aria-current={shown === 'map' ? 'page' : undefined} onClick={() => onShow('map')}>
        <MapIcon aria-hidden />Map
      </button>
      <button type="button" className="tab" aria-current={shown === 'fleet' ? 'page' : undefined} onClick={() => onShow('fleet')}>
        <List aria-hidden />Fleet
      </button>
      <UserMenu userName={userName} side="top" label="You" />
    </nav>
  );
}
