import { MaestroError, silentLogger } from '@maestro/core';
import { expect, it } from 'vitest';

import type { ReleaseRun } from './release-run.ts';
import { undo } from './undo.ts';

interface World {
  /** Why an instance cannot be ended, by service. */
  readonly stuck?: Readonly<Record<string, string>>;
  readonly stuckJob?: string;
  readonly lockLost?: boolean;
}

/** A release with two instances and a job under way, in a world that may not let it undo them. */
function underway({ stuck = {}, stuckJob, lockLost = false }: World) {
  const ended: string[] = [];
  const instance = (service: string) => ({ service, slot: 'green', release: 'r7', state: 'running' });
  const generation = { number: 3, release: 'r6', at: '', slots: { api: 'blue', web: 'blue' } };
  const run = {
    id: 'r7',
    definition: { services: [], previous: null, jobs: ['import'] },
    parts: {
      environment: { name: 'demo' },
      logger: silentLogger,
      jobs: {
        end: () =>
          stuckJob === undefined ? Promise.resolve(void ended.push('import')) : Promise.reject(new Error(stuckJob)),
      },
      endByHand: ({ service }: { readonly service: string }) =>
        Promise.resolve(service === 'api' ? 'kill -KILL -- -7' : null),
    },
    lock: { assertHeld: () => undefined },
    timeouts: () => ({ drainTimeoutMs: 0, longLivedTimeoutMs: null, stopTimeoutMs: 0 }),
    isWorker: () => false,
    has: () => false,
    blueGreen: {
      generation: () => Promise.resolve(generation),
      observe: () => Promise.resolve({ generation, instances: [instance('api'), instance('web')] }),
      stop: ({ service }: { readonly service: string }) => {
        if (lockLost) return Promise.reject(new MaestroError('ORCHESTRATOR_LOCK_LOST', 'taken over'));
        const reason = stuck[service];
        return reason === undefined ? Promise.resolve(void ended.push(service)) : Promise.reject(new Error(reason));
      },
    },
  };
  return { run: run as unknown as ReleaseRun, ended };
}

it('ends what was started, also a job that a killed deployer left', async () => {
  const { run, ended } = underway({});
  await undo(run);
  expect(ended).toEqual(['api', 'web', 'import']);
});

it('undoes what it can, and tells exactly what is left, with the command for it', async () => {
  const { run, ended } = underway({ stuck: { api: 'no answer', web: 'it does not end' }, stuckJob: 'no answer' });
  const failure = await undo(run).catch((error: unknown) => error);
  expect(ended).toEqual([]);
  expect(failure).toMatchObject({
    code: 'ORCHESTRATOR_COMPENSATION_FAILED',
    details: {
      release: 'r7',
      left: [
        { what: 'api in green was started and not ended', reason: 'no answer', command: 'kill -KILL -- -7' },
        { what: 'web in green was started and not ended', reason: 'it does not end', command: 'maestro abort -e demo' },
        { what: 'the job import was begun and not ended', reason: 'no answer', command: 'maestro abort -e demo' },
      ],
    },
  });
  expect((failure as Error).message.split('\n').slice(1, 3)).toEqual([
    '  api in green was started and not ended: no answer',
    '    by hand: kill -KILL -- -7',
  ]);

  const half = underway({ stuck: { api: 'no answer' } });
  await expect(undo(half.run)).rejects.toMatchObject({ details: { left: [{ reason: 'no answer' }] } });
  expect(half.ended).toEqual(['web', 'import']);
});

it('leaves everything to whoever has taken the lock over', async () => {
  const { run, ended } = underway({ lockLost: true });
  await expect(undo(run)).rejects.toMatchObject({ code: 'ORCHESTRATOR_LOCK_LOST' });
  expect(ended).toEqual([]);
});
