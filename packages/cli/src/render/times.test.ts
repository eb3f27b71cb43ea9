import { expect, it } from 'vitest';

import { minutesAgo, noon } from '../testing/sample-data.ts';
import { formatAge, formatDuration, formatTimeOfDay } from './times.ts';

it.each([
  [0, '0 ms'],
  [0.44, '0.4 ms'],
  [3, '3 ms'],
  [9.97, '10 ms'],
  [120.4, '120 ms'],
  [999.6, '1.0 s'],
  [12_340, '12.3 s'],
  [59_960, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_599_700, '1 h 0 min'],
  [4_200_000, '1 h 10 min'],
])('says %d milliseconds as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it.each([
  [-5, '0 s ago'],
  [0.5, '30 s ago'],
  [1, '1 min ago'],
  [59, '59 min ago'],
  [60, '1 h ago'],
  [47 * 60, '47 h ago'],
  [48 * 60, '2 d ago'],
])('says %d minutes ago as %s', (minutes, text) => {
  expect(formatAge(minutesAgo(minutes), noon)).toBe(text);
});

it('tells the time of day in the time zone of the machine', () => {
  expect(formatTimeOfDay(new Date(2026, 0, 15, 7, 3, 9).toISOString())).toBe('07:03:09');
});
