/** What a link to the page holds. */
export interface UrlState {
  readonly view: { readonly lat: number; readonly lng: number; readonly zoom: number } | null;
  readonly vehicleId: string | null;
  readonly search: string;
}

export function parseUrl(query: string): UrlState {
  const fields = new URLSearchParams(query);
  return { view: parseView(fields.get('at')), vehicleId: fields.get('vehicle') || null, search: fields.get('q') ?? '' };
}

export function formatUrl({ view, vehicleId, search }: UrlState): string {
  const fields = new URLSearchParams();
  if (view !== null) fields.set('at', [view.lat.toFixed(5), view.lng.toFixed(5), view.zoom.toFixed(2)].map(Number).join(','));
  if (vehicleId !== null) fields.set('vehicle', vehicleId);
  if (search !== '') fields.set('q', search);
  const query = fields.toString().replaceAll('%2C', ',');
  return query === '' ? '' : `?${query}`;
}

function parseView(text: string | null): UrlState['view'] {
  const parts = (text ?? '').split(',');
  if (parts.length !== 3 || parts.some((part) => part.trim() === '')) return null;
  const [lat = NaN, lng = NaN, zoom = NaN] = parts.map(Number);
  const isInside = Math.abs(lat) <= 90 && Math.abs(lng) <= 180 && zoom >= 0 && zoom <= 24;
  return isInside ? { lat, lng, zoom } : null;
}
