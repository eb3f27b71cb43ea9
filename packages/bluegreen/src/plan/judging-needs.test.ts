import { expect, it } from 'vitest';

import { judgingNeeds } from './judging-needs.ts';

it.each([
  [{ forMs: 60_000 }, { requests: 20, latency: true }],
  [{ forMs: 15_000 }, { requests: 20, latency: false }],
  [
    { forMs: 15_000, limits: { minimumRequests: 5, warmUpMs: 1_000 } },
    { requests: 10, latency: true },
  ],
])('%o takes %o', (options, needs) => {
  expect(judgingNeeds(options)).toEqual(needs);
});
