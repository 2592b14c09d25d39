/** GeoJSON order. */
export type LngLat = readonly [lng: number, lat: number];

const earthRadiusMeters = 6_371_008.8;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (radiansValue: number) => (radiansValue * 180) / Math.PI;

export function distanceMeters([lng1, lat1]: LngLat, [lng2, lat2]: LngLat): number {
  const dLat = radians(lat2 - lat1) / 2;
  const dLng = radians(lng2 - lng1) / 2;
  const h = Math.sin(dLat) ** 2 + Math.cos(radians(lat1)) * Math.cos(radians(lat2)) * Math.sin(dLng) ** 2;
  return 2 * earthRadiusMeters * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Direction from the first point to the second, clockwise from north, in [0, 360). */
export function bearingDegrees([lng1, lat1]: LngLat, [lng2, lat2]: LngLat): number {
  const dLng = radians(lng2 - lng1);
  const y = Math.sin(dLng) * Math.cos(radians(lat2));
  const x = Math.cos(radians(lat1)) * Math.sin(radians(lat2)) - Math.sin(radians(lat1)) * Math.cos(radians(lat2)) * Math.cos(dLng);
  return (degrees(Math.atan2(y, x)) + 360) % 360;
}

/** The difference of two angles on the shorter way round, in [-180, 180). */
export function turnDegrees(from: number, to: number): number {
  return ((((to - from + 180) % 360) + 360) % 360) - 180;
}

/** The longitude of the same meridian that is nearest to another one, so that a line across the antimeridian stays short. */
export function nearestTurn(lng: number, near: number): number {
  return lng + 360 * Math.round((near - lng) / 360);
}

/** A ring of points at a distance from a center. */
export function circleRing([lng, lat]: LngLat, radiusMeters: number, corners = 48): LngLat[] {
  const dLat = degrees(radiusMeters / earthRadiusMeters);
  const dLng = dLat / Math.max(0.01, Math.cos(radians(lat)));
  return Array.from({ length: corners + 1 }, (_, i): LngLat => {
    const angle = radians(((i % corners) * 360) / corners);
    return [lng + dLng * Math.sin(angle), Math.max(-90, Math.min(90, lat + dLat * Math.cos(angle)))];
  });
}
