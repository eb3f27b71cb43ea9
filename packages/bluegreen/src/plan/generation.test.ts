import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { otherSlot, type Slot } from '../slots.ts';
import { marksOf, receivesTraffic, routingOf } from './generation.ts';

const service = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const slot = fc.constantFrom<Slot>('blue', 'green');
const place = fc.record({ slot, percent: fc.option(fc.integer({ min: 0, max: 99 })) });

const routing = fc.dictionary(service, place).map((places) => {
  const slots = Object.fromEntries(Object.entries(places).map(([name, { slot: live }]) => [name, live]));
  const percents = Object.entries(places).flatMap(([name, { percent }]) => (percent === null ? [] : [[name, percent]]));
  return { slots, canaryPercents: Object.fromEntries(percents) as Record<string, number> };
});

describe('generation marks', () => {
  it('round-trip', () => {
    fc.assert(
      fc.property(routing, ({ slots, canaryPercents }) => {
        const { routing: read, problems } = routingOf(marksOf({ slots, canaryPercents }));
        expect(problems).toEqual([]);
        expect({ canaryPercents: {}, ...read }).toEqual({ slots, canaryPercents });
      }),
    );
  });

  it('report what is no mark, what is marked twice, and canaries of what is not live', () => {
    const marks = ['api.blue', 'api.canary-100', 'api.green', 'job.canary-5', 'nonsense', 'web.canary-05', 'web.red'];
    expect(routingOf(marks).problems).toEqual([
      'api.canary-100 is not a mark',
      'api is marked twice',
      'nonsense is not a mark',
      'web.canary-05 is not a mark',
      'web.red is not a mark',
      'job has a canary, but no live slot',
    ]);
  });

  it.each([-1, 0.5, 100])('refuse a canary of %d percent', (percent) => {
    const marks = marksOf({ slots: { api: 'blue' }, canaryPercents: { api: percent } });
    expect(routingOf(marks).problems).toHaveLength(1);
  });
});

it('counts the live slot and the canary among those that receive traffic', () => {
  fc.assert(
    fc.property(routing, ({ slots, canaryPercents }) => {
      for (const [name, live] of Object.entries(slots)) {
        const generation = { slots, canaryPercents };
        expect(receivesTraffic(generation, { service: name, slot: live })).toBe(true);
        const other = { service: name, slot: otherSlot(live) };
        expect(receivesTraffic(generation, other)).toBe(Object.hasOwn(canaryPercents, name));
      }
      expect(receivesTraffic({ slots, canaryPercents }, { service: 'not-there-at-all', slot: 'blue' })).toBe(false);
    }),
  );
});
