import { expect, it } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';
import { records } from '../testing/sample-data.ts';

const environment = { history: () => Promise.resolve(records) };

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
      releases: records.map(({ id, at, by, outcome, durationMs, services }) => ({
        id,
        at,
        by,
        outcome,
        durationMs,
        services: services.map(({ name, image, digest }) => ({ name, image, digest })),
      })),
    },
  ]);
});
