import { expect, it } from 'vitest';
import { accuracyText, coordinatesText, headingText, speedText } from './speed';

it.each([
  [null, 'metric', '–'], [0, 'metric', '0 km/h'], [10, 'metric', '36 km/h'], [10, 'imperial', '22 mph'], [13.89, 'metric', '50 km/h'],
] as const)('speed %s in %s is %s', (speed, units, text) => expect(speedText(speed, units)).toBe(text));

it.each([
  [null, '–'], [0, '0° N'], [22, '22° N'], [45, '45° NE'], [180, '180° S'], [337.6, '338° N'], [359.9, '0° N'],
] as const)('heading %s is %s', (heading, text) => expect(headingText(heading)).toBe(text));

it('tells accuracy in the units of the reader', () => {
  expect(accuracyText(10, 'metric')).toBe('±10 m');
  expect(accuracyText(10, 'imperial')).toBe('±33 ft');
  expect(accuracyText(null, 'metric')).toBe('–');
});

it('writes latitude first', () => expect(coordinatesText(47.498351, 19.040451)).toBe('47.49835, 19.04045'));
