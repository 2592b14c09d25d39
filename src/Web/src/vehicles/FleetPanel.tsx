import { PanelLeftClose, Search, X } from 'lucide-react';
import type { RefObject } from 'react';
import { describeError } from '../shared/api/problem';
import { FleetListBox, type FleetListBoxProps } from './FleetListBox';
import type { Fleet } from './useFleet';
import './vehicles.css';

interface FleetPanelProps extends Omit<FleetListBoxProps, 'rows' | 'onEnd'> {
  readonly fleet: Fleet;
  readonly search: string;
  readonly searchField: RefObject<HTMLInputElement | null>;
  readonly onSearch: (search: string) => void;
  readonly onFold: (() => void) | null;
}

export function FleetPanel({ fleet, search, searchField, onSearch, onFold, ...list }: FleetPanelProps) {
  return (
    <section className="fleet-panel" aria-label="Fleet">
      <div className="panel-head">
        <div className="search" role="search">
          <Search aria-hidden />
          <input
            ref={searchField} type="text" aria-label="Search the fleet" placeholder="Search" autoComplete="off" spellCheck={false}
            value={search} onChange={(event) => onSearch(event.target.value)}
          />
          {search === '' ? <kbd aria-hidden>/</kbd> : (
            <button type="button" className="icon-button" aria-label="Clear the search" onClick={() => onSearch('')}><X aria-hidden /></button>
          )}
        </div>
        {onFold !== null && (
          <button type="button" className="icon-button" aria-label="Fold the fleet panel" title="Fold" onClick={onFold}>
            <PanelLeftClose aria-hidden />
          </button>
        )}
      </div>
      <p className="panel-count quiet" role="status">{countText(fleet)}</p>
      {fleet.error !== null && (
        <div className="notice" role="alert">
          <p><strong>The fleet list could not be loaded.</strong> {describeError(fleet.error)} The map goes on by itself.</p>
          <button type="button" className="button" onClick={fleet.retry}>Try again</button>
        </div>
      )}
      {fleet.isLoading && fleet.rows.length === 0 ? <ListSkeleton /> : <FleetListBox rows={fleet.rows} onEnd={fleet.loadMore} {...list} />}
      {!fleet.isLoading && fleet.rows.length === 0 && search !== '' && (
        <div className="notice">
          <p>No vehicle matches “{search}”.</p>
          <button type="button" className="button" onClick={() => onSearch('')}>Show all vehicles</button>
        </div>
      )}
    </section>
  );
}

function countText({ rows, hasMore, isLoading }: Fleet): string {
  if (isLoading) return 'Loading the fleet';
  if (rows.length === 1 && !hasMore) return '1 vehicle';
  return `${rows.length.toLocaleString()}${hasMore ? '+' : ''} vehicles`;
}

function ListSkeleton() {
  return <div className="list-skeleton" aria-hidden="true">{Array.from({ length: 8 }, (_, index) => <div key={index} />)}</div>;
}
