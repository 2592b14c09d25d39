import { statuses, type VehicleStatus } from '../../vehicles/vehicle';

/** The design tokens that the map draws with, as colors that a canvas understands. */
export interface Palette {
  readonly water: string;
  readonly land: string;
  readonly coast: string;
  readonly border: string;
  readonly place: string;
  readonly placeHalo: string;
  readonly label: string;
  readonly labelHalo: string;
  readonly casing: string;
  readonly accent: string;
  readonly onStatus: string;
  readonly status: Readonly<Record<VehicleStatus, string>>;
}

/** Reads the tokens in the theme that the element stands in. The browser resolves them, so `light-dark()` never reaches the map. */
export function readPalette(parent: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  parent.append(probe);
  const token = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette: Palette = {
    water: token('map-water'),
    land: token('map-land'),
    coast: token('map-coast'),
    border: token('map-border'),
    place: token('map-place'),
    placeHalo: token('map-place-halo'),
    label: token('map-label'),
    labelHalo: token('map-label-halo'),
    casing: token('map-casing'),
    accent: token('accent'),
    onStatus: token('surface'),
    status: Object.fromEntries(statuses.map((status) => [status, token(`status-${status}`)])) as Record<VehicleStatus, string>,
  };
  probe.remove();
  return palette;
}
