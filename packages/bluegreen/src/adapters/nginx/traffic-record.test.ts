import fc from 'fast-check';
import { expect, it } from 'vitest';

import { countDurations } from '../../plan/durations.ts';
import { TrafficRecord } from './traffic-record.ts';

const request = fc.record({
  service: fc.constantFrom('api', 'web'),
  slot: fc.constantFrom('blue' as const, 'green' as const),
  atMs: fc.integer({ min: 0, max: 20_000 }),
  status: fc.constantFrom(200, 404, 499, 500, 503),
  durationMs: fc.option(fc.integer({ min: 0, max: 5_000 })),
});

it('counts what is of a slot and a window, and nothing else', () => {
  const time = fc.integer({ min: 0, max: 20_000 });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60 }), time, fc.option(time), (requests, sinceMs, until) => {
      const record = new TrafficRecord();
      for (const one of requests) record.add(one);
      const window = { service: 'api', slot: 'green', sinceMs, ...(until === null ? {} : { untilMs: until }) } as const;
      const expected = requests.filter(
        ({ service, slot, atMs }) =>
          service === 'api' && slot === 'green' && atMs >= sinceMs && atMs < (until ?? Infinity),
      );
      expect(record.of(window)).toEqual({
        requests: expected.length,
        errors: expected.filter(({ status }) => status >= 500).length,
        durations: countDurations(expected.flatMap(({ durationMs }) => durationMs ?? [])),
      });
    }),
  );
});

it('forgets whole seconds', () => {
  const record = new TrafficRecord();
  for (const atMs of [500, 1_500, 2_500]) {
    record.add({ service: 'api', slot: 'blue', atMs, status: 200, durationMs: 1 });
  }
  record.forgetBefore(2_000);
  expect(record.of({ service: 'api', slot: 'blue', sinceMs: 0 })).toMatchObject({ requests: 1 });
});
