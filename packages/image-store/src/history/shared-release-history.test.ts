import { isMaestroError } from '@maestro/core';
import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import type { ReleaseHistory } from '../ports/release-history.ts';
import { MemoryReleaseHistory } from '../testing/memory-release-history.ts';
import { releaseHistoryContract } from '../testing/release-history-contract.ts';
import { sampleRelease, sampleReleaseId } from '../testing/samples.ts';
import type { KeptReleases } from './kept-releases.ts';
import { openSharedReleaseHistory } from './shared-release-history.ts';

const environment = 'production';

/** Never answers. */
const silent: ReleaseHistory = {
  record: () => new Promise(() => undefined),
  list: () => new Promise(() => undefined),
  get: () => new Promise(() => undefined),
  environments: () => new Promise(() => undefined),
};

describe('a shared history', () => {
  const create = (kept: KeptReleases) => {
    const [shared, local] = [new MemoryReleaseHistory({ kept }), new MemoryReleaseHistory({ kept })];
    return Promise.resolve(openSharedReleaseHistory({ shared, local, kept }));
  };
  for (const { name, run } of releaseHistoryContract(create)) it(name, run);

  it('does not wait for a repository that never answers', async () => {
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const local = new MemoryReleaseHistory();
    await local.record(sampleRelease(1));
    const history = openSharedReleaseHistory({ shared: silent, local, clock, logger });
    const listed = history.list({ environment });
    await clock.advance(15_000);
    expect(await listed).toEqual([sampleRelease(1)]);
    const recorded = history.record(sampleRelease(2));
    await clock.advance(15_000);
    await recorded;
    expect(await local.get({ environment, id: sampleReleaseId(2) })).toEqual(sampleRelease(2));
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  it('ends with its caller, which no warning hides', async () => {
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const history = openSharedReleaseHistory({ shared: silent, local: new MemoryReleaseHistory(), clock, logger });
    const controller = new AbortController();
    const listed = history.list({ environment }, { signal: controller.signal });
    await clock.advance(1);
    controller.abort(new Error('given up'));
    await expect(listed).rejects.toThrow('given up');
    expect(logger.lines).toEqual([]);
  });

  it('asks nobody for a release that this machine has', async () => {
    const local = new MemoryReleaseHistory();
    await local.record(sampleRelease(1));
    const history = openSharedReleaseHistory({ shared: silent, local });
    expect(await history.get({ environment, id: sampleReleaseId(1) })).toEqual(sampleRelease(1));
  });

  it('hides no contradiction of the shared history', async () => {
    const shared = new MemoryReleaseHistory();
    await shared.record(sampleRelease(1, { by: 'grace@laptop' }));
    const history = openSharedReleaseHistory({ shared, local: new MemoryReleaseHistory() });
    await expect(history.record(sampleRelease(1))).rejects.toSatisfy((error) =>
      isMaestroError(error, 'IMAGE_STORE_RELEASE_CONFLICT'),
    );
  });
});
