import { describe, expect, it } from 'vitest';
import { formatUrl, parseUrl } from './urlState';

const nothing = { view: null, vehicleId: null, search: '' };

describe('a link', () => {
  it.each([
    [nothing],
    [{ view: { lat: 47.5, lng: 19.04, zoom: 12.3 }, vehicleId: null, search: '' }],
    [{ view: { lat: -33.9, lng: 151.2, zoom: 0 }, vehicleId: 'v_1-a', search: 'van 7 & co, ä' }],
  ])('gives back %j', (state) => expect(parseUrl(formatUrl(state))).toEqual(state));
  it('is short', () =>
    expect(formatUrl({ view: { lat: 47.4983512, lng: 19.0404511, zoom: 12 }, vehicleId: 'a', search: '' })).toBe('?at=47.49835,19.04045,12&vehicle=a'));
  it('of nothing is nothing', () => expect(formatUrl(nothing)).toBe(''));
});

it.each([['at='], ['at=1,2'], ['at=1,2,'], ['at=91,0,3'], ['at=0,181,3'], ['at=0,0,-1'], ['at=a,b,c'], ['at=1,2,3,4'], ['vehicle='], ['other=1']])(
  'ignores %s', (query) => expect(parseUrl(`?${query}`)).toEqual(nothing));
