import { useEffect, useRef, useState } from 'react';
import { BottomSheet } from '../app/BottomSheet';
import { Rail, TabBar } from '../app/Rail';
import { peekHeight, type SheetHeight } from '../app/sheet';
import { useServices } from '../app/services';
import { FirstRun } from '../first-run/FirstRun';
import { navigate, useUrl } from '../shared/navigation/navigation';
import { setPreferences, usePreferences } from '../shared/storage/preferences';
import { useIsWide } from '../shared/ui/useMedia';
import { neighbor, type FleetRow } from '../vehicles/fleetList';
import { FleetPanel } from '../vehicles/FleetPanel';
import { useFleet } from '../vehicles/useFleet';
import { VehicleDrawer } from '../vehicles/VehicleDrawer';
import { FreshnessBadge } from './FreshnessBadge';
import { backStep } from './keys';
import { KeysDialog } from './KeysDialog';
import './live-map.css';
import { MapControls, UnfoldButton } from './MapControls';
import { StallBar } from './StallBar';
import { useFeedState, useLiveFeed, usePicture } from './useFeed';
import { useFleetMap } from './useFleetMap';
import { useKeys } from './useKeys';
import { useTrail } from './useTrail';

export default function LiveMapPage({ userName }: { userName: string }) {
  const { vehicleId: selectedId, search } = useUrl();
  const { config } = useServices();
  const { units, panelFolded } = usePreferences();
  const isWide = useIsWide();
  const [isFollowing, setIsFollowing] = useState(false);
  const [hoveredId, setHoveredId] = useState<string | null>(null);
  const [sheet, setSheet] = useState<SheetHeight>(selectedId === null ? 'peek' : 'half');
  const [areKeysShown, setAreKeysShown] = useState(false);
  const [isMapWanted, setIsMapWanted] = useState(false);
  const searchField = useRef<HTMLInputElement>(null);

  const feed = useLiveFeed();
  const feedState = useFeedState(feed);
  const picture = usePicture(feed);
  const fleet = useFleet(search, picture.vehicles);
  const clockOffset = feed.clock.offset;
  const followedId = isFollowing ? selectedId : null;

  const select = (vehicleId: string | null, kind: 'push' | 'replace' = 'push') => {
    setIsFollowing(false);
    navigate({ vehicleId }, kind);
    setSheet(vehicleId === null ? 'peek' : 'half');
  };
  const selectRow = (row: FleetRow, how: 'walk' | 'pick') => {
    select(row.id, how === 'walk' && selectedId !== null ? 'replace' : 'push');
    if (row.last !== null) map.current?.camera.goTo([row.last.lon, row.last.lat]);
  };
  const walk = (step: 1 | -1) => {
    const id = neighbor(fleet.rows, selectedId, step);
    const row = fleet.rows.find((each) => each.id === id);
    if (row !== undefined) selectRow(row, 'walk');
  };
  const setSearch = (text: string) => navigate({ search: text }, 'replace');
  const toggleFollow = () => setIsFollowing((now) => !now && selectedId !== null);
  const goToSearch = () => {
    setPreferences({ panelFolded: false });
    if (!isWide) {
      if (selectedId !== null) select(null);
      setSheet('half');
    }
    // The field may only now come into being.
    requestAnimationFrame(() => searchField.current?.focus());
  };
  const goBack = (): void => {
    switch (backStep({ isTyping: document.activeElement === searchField.current, search, isFollowing, isSelected: selectedId !== null })) {
      case 'clear-search': return setSearch('');
      case 'leave-search': return searchField.current?.blur();
      case 'stop-following': return setIsFollowing(false);
      case 'deselect': return select(null);
      case null: return setSheet('peek');
    }
  };
  const { container, map } = useFleetMap(feed, {
    onPick: (vehicleId) => vehicleId !== selectedId && select(vehicleId),
    onHover: setHoveredId,
    onGrab: () => setIsFollowing(false),
  });
  const fitAll = () => {
    map.current?.camera.fit([...picture.vehicles.values(), ...(picture.clusters ?? [])], picture.clusters !== null);
  };

  useKeys({
    search: goToSearch, follow: toggleFollow, back: goBack, keys: () => setAreKeysShown(true), next: () => walk(1), previous: () => walk(-1),
  });
  useTrail(feed, map, selectedId);
  useEffect(() => {
    map.current?.select(selectedId);
    feed.follow(selectedId);
  }, [feed, map, selectedId]);
  useEffect(() => map.current?.hover(hoveredId), [map, hoveredId]);
  useEffect(() => map.current?.follow(followedId), [map, followedId]);
  useEffect(() => {
    const room = container.current?.clientHeight ?? 0;
    map.current?.cover(isWide ? 0 : sheet === 'half' ? room / 2 : peekHeight);
  }, [map, container, isWide, sheet]);

  const isFirstRun = !isMapWanted && search === '' && fleet.isUnused && picture.version !== null && picture.total === 0 && picture.vehicles.size === 0;
  const panel = (
    <FleetPanel
      fleet={fleet} search={search} searchField={searchField} onSearch={setSearch} onFold={isWide ? () => setPreferences({ panelFolded: true }) : null}
      selectedId={selectedId} hoveredId={hoveredId} units={units} clockOffset={clockOffset} onSelect={selectRow} onHover={setHoveredId}
    />
  );
  const drawer = selectedId === null ? null : (
    <VehicleDrawer
      key={selectedId} vehicleId={selectedId} live={picture.vehicles.get(selectedId)} units={units} clockOffset={clockOffset}
      isFollowed={isFollowing} onFollow={toggleFollow} onClose={() => select(null)}
    />
  );

  return (
    <div className={isWide ? 'shell' : 'shell narrow'}>
      {isWide && <Rail userName={userName} onKeys={() => setAreKeysShown(true)} />}
      {isWide && !panelFolded && !isFirstRun && <div className="panel">{panel}</div>}
      <main className="stage" data-feed={feedState.kind}>
        <h1 className="offscreen">Live map</h1>
        <div ref={container} className="map" data-testid="map" />
        <div className="overlay">
          <StallBar state={feedState} clockOffset={clockOffset} />
          <div className="overlay-row">
            {isWide && panelFolded && <UnfoldButton onUnfold={() => setPreferences({ panelFolded: false })} />}
            <span className="overlay-space" />
            <FreshnessBadge state={feedState} newestAt={feed.feed.freshness?.newestCommitAt ?? null} clockOffset={clockOffset} />
            <MapControls onZoom={(steps) => map.current?.camera.zoomBy(steps)} onFit={fitAll} />
          </div>
        </div>
        {!isWide && !isFirstRun && <BottomSheet height={sheet} onHeight={setSheet}>{drawer ?? panel}</BottomSheet>}
        {isFirstRun && <FirstRun mqttHost={config.mqttHost} mqttPort={config.mqttPort} onSkip={() => setIsMapWanted(true)} />}
      </main>
      {isWide && drawer !== null && <div className="side">{drawer}</div>}
      {!isWide && (
        <TabBar
          userName={userName} shown={sheet === 'peek' ? 'map' : 'fleet'}
          onShow={(tab) => {
            if (selectedId !== null) select(null);
            setSheet(tab === 'map' ? 'peek' : 'full');
          }}
        />
      )}
      <KeysDialog isOpen={areKeysShown} onOpen={setAreKeysShown} />
    </div>
  );
}
