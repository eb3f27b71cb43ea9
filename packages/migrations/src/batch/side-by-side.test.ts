import fc from 'fast-check';
import { expect, it } from 'vitest';

import { sideBySide } from './side-by-side.ts';

interface Work {
  /** For how many turns of the event loop it goes on. */
  readonly turns: number;
  readonly throws: boolean;
}

const works = fc.array(fc.record({ turns: fc.nat(4), throws: fc.boolean() }), { maxLength: 30 });

it('begins each item once, in order, never more than allowed at once, whatever fails', async () => {
  const property = fc.asyncProperty(works, fc.integer({ min: 1, max: 8 }), async (items, concurrency) => {
    const begun: Work[] = [];
    let atWork = 0;
    let most = 0;
    const settled = await sideBySide(items, { concurrency }, async (item) => {
      begun.push(item);
      most = Math.max(most, (atWork += 1));
      for (let turn = 0; turn < item.turns; turn += 1) await nextTurn();
      atWork -= 1;
      if (item.throws) throw new Error('no');
      return item;
    });
    expect(begun).toEqual(items);
    expect(most).toBeLessThanOrEqual(concurrency);
    expect(settled).toEqual(
      items.map((item) =>
        item.throws ? { kind: 'threw', error: new Error('no') } : { kind: 'returned', result: item },
      ),
    );
  });
  await fc.assert(property);
});

it('keeps all its places filled as long as there is something to begin', async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 8 }),
    async (count, most) => {
      let atWork = 0;
      const seen: number[] = [];
      await sideBySide(Array.from({ length: count }), { concurrency: most }, async () => {
        atWork += 1;
        await nextTurn();
        seen.push(atWork);
        await nextTurn();
        atWork -= 1;
      });
      expect(Math.max(...seen)).toBe(Math.min(count, most));
    },
  );
  await fc.assert(property);
});

it('begins nothing after it was aborted, and waits for what goes on', async () => {
  const property = fc.asyncProperty(
    works,
    fc.integer({ min: 1, max: 8 }),
    fc.nat(30),
    async (items, concurrency, last) => {
      const stop = new AbortController();
      let [begun, ended] = [0, 0];
      const settled = await sideBySide(items, { concurrency, signal: stop.signal }, async ({ turns }) => {
        expect(stop.signal.aborted).toBe(false);
        begun += 1;
        if (begun > last) stop.abort();
        for (let turn = 0; turn < turns; turn += 1) await nextTurn();
        ended += 1;
      });
      expect(ended).toBe(begun);
      expect(begun).toBe(Math.min(items.length, last + 1));
      expect(settled.map(({ kind }) => kind)).toEqual(
        items.map((_, index) => (index < begun ? 'returned' : 'not-begun')),
      );
    },
  );
  await fc.assert(property);
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
