import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { Age } from '../shared/ui/Age';
import { speedText, type Units } from '../shared/units/speed';
import { neighbor, type FleetRow } from './fleetList';
import { StatusMark } from './StatusMark';
import { statusNames } from './vehicle';

export interface FleetListBoxProps {
  readonly rows: readonly FleetRow[];
  readonly selectedId: string | null;
  readonly hoveredId: string | null;
  readonly units: Units;
  readonly clockOffset: number;
  readonly onSelect: (row: FleetRow, how: 'walk' | 'pick') => void;
  readonly onHover: (vehicleId: string | null) => void;
  readonly onEnd: () => void;
}

const rowHeight = 52;
const loadAhead = 20;

/** The fleet as a list box: only the rows in view exist, the arrows walk it. */
export function FleetListBox({ rows, selectedId, hoveredId, units, clockOffset, onSelect, onHover, onEnd }: FleetListBoxProps) {
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler is not used
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 6 });
  const items = virtual.getVirtualItems();
  const selectedIndex = rows.findIndex((row) => row.id === selectedId);
  const lastIndex = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex);
  }, [selectedIndex, virtual]);
  useEffect(() => {
    if (lastIndex >= rows.length - loadAhead) onEnd();
    // Told again only when the end came nearer.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [lastIndex, rows.length]);

  const walk = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : null;
    if (step === null) return;
    event.preventDefault();
    event.stopPropagation();
    const id = neighbor(rows, selectedId, step);
    const row = rows.find((each) => each.id === id);
    if (row !== undefined) onSelect(row, 'walk');
  };

  return (
    <div
      ref={scroller} className="fleet-list" data-testid="fleet-list" role="listbox" tabIndex={0} aria-label="Vehicles"
      aria-activedescendant={items.some((item) => item.index === selectedIndex) ? `fleet-row-${selectedIndex}` : undefined}
      onKeyDown={walk} onMouseLeave={() => onHover(null)}
    >
      <div role="presentation" className="fleet-rows" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <div
              key={row.id} id={`fleet-row-${item.index}`} className="fleet-row" data-testid="fleet-row" data-vehicle-id={row.id}
              data-hovered={row.id === hoveredId || undefined} role="option" aria-selected={row.id === selectedId}
              aria-setsize={rows.length} aria-posinset={item.index + 1} style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => onSelect(row, 'pick')} onMouseEnter={() => onHover(row.id)}
            >
              <StatusMark status={row.status} heading={row.last?.heading ?? null} />
              <span className="fleet-name">{row.name}</span>
              <span className="fleet-state quiet">{stateText(row, units)}</span>
              <span className="fleet-age quiet">{row.last !== null && <Age at={row.last.fixedAt} clockOffset={clockOffset} />}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function stateText({ status, last }: FleetRow, units: Units): string {
  if (last === null) return 'Never reported';
  return status === 'moving' && last.speed !== null ? speedText(last.speed, units) : statusNames[status];
}
