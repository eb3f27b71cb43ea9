import assert from 'node:assert/strict';

import { isMaestroError } from '@maestro/core';
import type { ContractCase } from '@maestro/core/testing';

import type { KeptReleases } from '../history/kept-releases.ts';
import type { ReleaseHistory } from '../ports/release-history.ts';
import { sampleRelease, sampleReleaseId } from './samples.ts';

const environment = 'production';

const kept: KeptReleases = new Map([
  ['archive', 12],
  ['hasty', 2],
]);

/** What every release history promises; `create` makes an empty one for each case, which keeps as many as it is told. */
export function releaseHistoryContract(
  create: (kept: KeptReleases) => Promise<ReleaseHistory>,
): readonly ContractCase[] {
  return Object.entries(checks).map(([name, check]) => ({
    name,
    run: async () => {
      await check(await create(kept));
    },
  }));
}

const checks: Readonly<Record<string, (history: ReleaseHistory) => Promise<void>>> = {
  'gives back what was recorded': async (history) => {
    const release = sampleRelease(1, {
      kind: 'rollback',
      outcome: 'restored',
      reason: 'too many errors',
      planHash: 'sha256:77ab',
      switchMs: 0.4,
      unjudged: [{ step: 'canary', percent: 10, services: ['api'] }],
    });
    await history.record(release);
    assert.deepEqual(await history.get({ environment, id: release.id }), release);
  },

  'has nothing of an environment without releases': async (history) => {
    assert.deepEqual(await history.list({ environment }), []);
    assert.equal(await history.get({ environment, id: sampleReleaseId(1) }), undefined);
  },

  'lists the newest releases first, as many as asked for': async (history) => {
    for (const index of [2, 1, 3]) await history.record(sampleRelease(index));
    const ids = (await history.list({ environment })).map(({ id }) => id);
    assert.deepEqual(ids, [3, 2, 1].map(sampleReleaseId));
    assert.equal((await history.list({ environment, limit: 2 })).length, 2);
  },

  'keeps environments apart': async (history) => {
    await history.record(sampleRelease(1));
    await history.record(sampleRelease(1, { environment: 'demo', by: 'grace@laptop' }));
    assert.equal((await history.list({ environment })).length, 1);
    assert.equal((await history.get({ environment: 'demo', id: sampleReleaseId(1) }))?.by, 'grace@laptop');
  },

  'tells which environments have releases': async (history) => {
    assert.deepEqual(await history.environments(), []);
    for (const name of ['production', 'eu-west.1', 'production']) {
      await history.record(sampleRelease(1, { environment: name }));
    }
    assert.deepEqual(await history.environments(), ['eu-west.1', 'production']);
  },

  'accepts the same record twice': async (history) => {
    await history.record(sampleRelease(1));
    await history.record(sampleRelease(1));
    assert.equal((await history.list({ environment })).length, 1);
  },

  'refuses another record with the same id, and keeps the first': async (history) => {
    await history.record(sampleRelease(1));
    const other = history.record(sampleRelease(1, { outcome: 'refused' }));
    await assert.rejects(other, (error) => isMaestroError(error, 'IMAGE_STORE_RELEASE_CONFLICT'));
    assert.equal((await history.get({ environment, id: sampleReleaseId(1) }))?.outcome, 'deployed');
  },

  'refuses a record that it could not read back': async (history) => {
    const invalid = history.record(sampleRelease(1, { id: '../../etc/passwd' }));
    await assert.rejects(invalid, (error) => isMaestroError(error, 'IMAGE_STORE_INVALID_RELEASE'));
  },

  'refuses an environment that leads elsewhere': async (history) => {
    const isInvalid = (error: unknown) => isMaestroError(error, 'IMAGE_STORE_INVALID_NAME');
    await assert.rejects(history.list({ environment: '../other' }), isInvalid);
    await assert.rejects(history.record(sampleRelease(1, { environment: '..' })), isInvalid);
  },

  'loses no record to writers at the same time': async (history) => {
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((index) => history.record(sampleRelease(index))));
    assert.equal((await history.list({ environment })).length, 8);
  },

  'forgets the oldest, but none of the newest 10 and what they refer to': async (history) => {
    for (let index = 1; index <= 15; index += 1) {
      await history.record(sampleRelease(index, { previousHealthy: index === 1 ? null : sampleReleaseId(index - 1) }));
    }
    const ids = (await history.list({ environment, limit: 100 })).map(({ id }) => id);
    assert.deepEqual(ids, [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5].map(sampleReleaseId));
  },

  'keeps more in an environment that wants more, and never fewer': async (history) => {
    for (const name of ['archive', 'hasty']) {
      for (let index = 1; index <= 14; index += 1) await history.record(sampleRelease(index, { environment: name }));
    }
    const archived = (await history.list({ environment: 'archive' })).map(({ id }) => id);
    assert.deepEqual(archived, [14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map(sampleReleaseId));
    assert.equal((await history.list({ environment: 'archive', limit: 100 })).length, 12);
    assert.equal((await history.list({ environment: 'hasty', limit: 100 })).length, 10);
  },

  'keeps what the live release can be rolled back to, however many were refused since': async (history) => {
    const [first, live] = [sampleReleaseId(1), sampleReleaseId(2)];
    await history.record(sampleRelease(1));
    await history.record(sampleRelease(2, { previousHealthy: first }));
    for (let index = 3; index <= 15; index += 1) {
      await history.record(sampleRelease(index, { outcome: 'refused', previousHealthy: live }));
    }
    const kept = (await history.list({ environment, limit: 100 })).map(({ id }) => id);
    assert.deepEqual(kept.slice(10), [live, first]);
    assert.equal(kept.length, 12);
  },

  'does nothing for a caller that has given up': async (history) => {
    const signal = AbortSignal.abort(new Error('given up'));
    await assert.rejects(history.record(sampleRelease(1), { signal }), /given up/);
    assert.deepEqual(await history.list({ environment }), []);
  },
};
