import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parseDuration } from './duration.ts';

const dayMs = 24 * 3_600_000;
const units = [
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
] as const;

it.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['5m', 300_000],
  ['24h', dayMs],
])('reads %s as %i milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['', '0s', '90', 's', '-5s', '1.5h', '1h30m', '5 m', '5M', '25h', '90s ', '9'.repeat(400) + 's'])(
  'reads "%s" as no duration',
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);

it('multiplies every whole amount by its unit, and refuses zero and more than a day', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...units), (amount, [unit, unitMs]) => {
      const ms = amount * unitMs;
      expect(parseDuration(`${amount}${unit}`)).toBe(ms > 0 && ms <= dayMs ? ms : null);
    }),
  );
});

it('answers any text with a wait that a timer can keep, or with none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.]{1,12}(ms|s|m|h|d)?$/)), (text) => {
      const ms = parseDuration(text);
      expect(ms === null || (Number.isInteger(ms) && ms > 0 && ms <= dayMs)).toBe(true);
    }),
  );
});
