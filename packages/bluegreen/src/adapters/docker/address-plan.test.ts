import fc from 'fast-check';
import { expect, it } from 'vitest';

import { handOut, type HandedOut, reconcile } from './address-plan.ts';

const range = { first: 10, last: 30 };
const places = fc.uniqueArray(fc.stringMatching(/^[a-e]\.(blue|green)\.[0-2]$/), { maxLength: 15 });

/** What was handed out to places before, by the same rules. */
const known = places.map((names) => handOut(names, { known: {}, range }) ?? {});

function numbersOf(given: HandedOut): readonly number[] {
  return Object.values(given);
}

it('gives every place a number of its own in the range, and moves nobody', () => {
  fc.assert(
    fc.property(known, places, (before, wanted) => {
      const after = handOut(wanted, { known: before, range });
      if (after === undefined) {
        expect(new Set([...Object.keys(before), ...wanted]).size).toBeGreaterThan(range.last - range.first + 1);
        return;
      }
      expect(after).toMatchObject(before);
      expect(Object.keys(after).sort()).toEqual([...new Set([...Object.keys(before), ...wanted])].sort());
      expect(new Set(numbersOf(after)).size).toBe(numbersOf(after).length);
      expect(numbersOf(after).every((number) => number >= range.first && number <= range.last)).toBe(true);
    }),
  );
});

it('gives the same answer to whoever asks again', () => {
  fc.assert(
    fc.property(known, places, (before, wanted) => {
      const after = handOut(wanted, { known: before, range });
      if (after !== undefined) expect(handOut(wanted, { known: after, range })).toEqual(after);
    }),
  );
});

it('believes containers more than what was written down, and leaves no number to two places', () => {
  const written = fc.dictionary(fc.stringMatching(/^[a-e]\.blue\.0$/), fc.integer({ min: 10, max: 14 }));
  fc.assert(
    fc.property(written, known, (book, seen) => {
      const joined = reconcile(book, seen);
      expect(joined).toMatchObject(seen);
      for (const [place, number] of Object.entries(joined)) expect(seen[place] ?? book[place]).toBe(number);
      for (const number of numbersOf(seen)) expect(numbersOf(joined).filter((one) => one === number)).toHaveLength(1);
    }),
  );
});

it('gives up numbers outside of the range, and says when it is exhausted', () => {
  expect(handOut(['a'], { known: { a: 9, b: 31, c: 10 }, range })).toEqual({ a: 11, c: 10 });
  const full = handOut(
    Array.from({ length: 21 }, (_, index) => `place ${index}`),
    { known: {}, range },
  );
  expect(Object.keys(full ?? {})).toHaveLength(21);
  expect(handOut(['one more'], { known: full ?? {}, range })).toBeUndefined();
});
