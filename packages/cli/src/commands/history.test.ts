import type { ReleaseRecord } from '@maestro/orchestrator';
import { expect, it } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';
import { records, samplePlan } from '../testing/sample-data.ts';

const environment = { history: () => Promise.resolve(records) };

function shown(record: ReleaseRecord | undefined) {
  if (record === undefined) throw new Error('expected two sample records');
  const { id, at, by, kind, outcome, reason, durationMs, previousHealthy: previous, restores } = record;
  return { id, at, by, kind, outcome, reason, durationMs, previous, restores };
}

it('prints the releases, newest first', async () => {
  const { exitCode, stdout } = await runMaestro('history -e production', { environment });
  expect(exitCode).toBe(0);
  expect(stdout.match(/deployed|refused/g)).toEqual(['deployed', 'refused']);
});

it('gives programs the facts of each release and nothing internal', async () => {
  const { jsonLines } = await runMaestro('history -e production --json', { environment });
  expect(jsonLines()).toEqual([
    {
      type: 'result',
      ok: true,
      releases: [
        {
          ...shown(records[0]),
          planHash: samplePlan.hash,
          switchMs: 3,
          unjudged: [{ step: 'canary', percent: 10, services: ['gateway'] }],
          services: [
            expect.objectContaining({ name: 'gateway', revision: expect.stringMatching(/^abc1234/) as string }),
          ],
        },
        {
          ...shown(records[1]),
          planHash: null,
          switchMs: null,
          unjudged: [],
          services: [expect.objectContaining({ name: 'gateway', revision: null })],
        },
      ],
    },
  ]);
});
