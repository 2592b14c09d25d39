export type Units = 'metric' | 'imperial';

const perMeterPerSecond = { metric: 3.6, imperial: 2.236_936 } as const;
const unitName = { metric: 'km/h', imperial: 'mph' } as const;

export function speedText(metersPerSecond: number | null, units: Units): string {
  if (metersPerSecond === null) return '–';
  return `${Math.round(metersPerSecond * perMeterPerSecond[units])} ${unitName[units]}`;
}

export function accuracyText(meters: number | null, units: Units): string {
  if (meters === null) return '–';
  return units === 'metric' ? `±${Math.round(meters)} m` : `±${Math.round(meters * 3.280_84)} ft`;
}

const points = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'] as const;

export function headingText(degrees: number | null): string {
  if (degrees === null) return '–';
  const point = points[Math.round(degrees / 45) % points.length] ?? 'N';
  return `${Math.round(degrees) % 360}° ${point}`;
}

export function coordinatesText(lat: number, lon: number): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}
