import { isMaestroError } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { unknownImage } from '../errors.ts';
import type { ImageClaims } from '../ports/image-claims.ts';
import { imageClaimsContract } from '../testing/image-claims-contract.ts';
import { openMemoryImageClaims } from '../testing/memory-image-claims.ts';

const digest = `sha256:${'1'.repeat(64)}`;
const claim = { id: 'production-1', by: 'release 1 of production', digests: [digest] };

/** How a call ended: done, the code of its error, or not yet. */
function watched(work: Promise<unknown>): { ended: string } {
  const watch = { ended: 'not yet' };
  void work.then(
    () => (watch.ended = 'done'),
    (error: unknown) => (watch.ended = isMaestroError(error) ? error.code : String(error)),
  );
  return watch;
}

/** A removal that fails like this; rejects with it. */
async function failing(claims: ImageClaims, error: Error): Promise<void> {
  await expect(claims.whileRemoving([digest], () => Promise.reject(error))).rejects.toBe(error);
}

describe('claims in memory', () => {
  for (const { name, run } of imageClaimsContract(() => Promise.resolve(openMemoryImageClaims()))) it(name, run);
});

describe('a claim', () => {
  it('waits a minute for a removal that goes on, and is made all the same', async () => {
    const clock = new ManualClock();
    const claims = openMemoryImageClaims({ clock });
    void claims.whileRemoving([digest], () => new Promise(() => undefined)).catch(() => undefined);
    const claiming = watched(claims.claim(claim));
    await clock.advance(59_000);
    expect(claiming.ended).toBe('not yet');
    await clock.advance(1_000);
    expect(claiming.ended).toBe('IMAGE_STORE_LOCKED');
    expect(await claims.list()).toEqual([claim]);
  });

  it('of work that nobody resumes ends by itself, later than clocks may differ', async () => {
    const clock = new ManualClock();
    const claims = openMemoryImageClaims({ clock });
    await claims.claim({ ...claim, validMs: 60_000 });
    await claims.claim({ ...claim, id: 'production-2' });
    await clock.advance(360_000);
    expect(await claims.list()).toEqual([claim, { ...claim, id: 'production-2' }]);
    await clock.advance(1);
    expect(await claims.list()).toEqual([{ ...claim, id: 'production-2' }]);
    await claims.claim(claim);
    expect(await claims.list()).toHaveLength(2);
  });

  it('does not wait after a removal that is known to have ended', async () => {
    const clock = new ManualClock();
    const claims = openMemoryImageClaims({ clock });
    await failing(claims, unknownImage('shop-api', digest));
    await claims.claim(claim);
  });

  it('waits ten minutes from the beginning of one that may still go on, as of one that was killed', async () => {
    const clock = new ManualClock();
    const claims = openMemoryImageClaims({ clock });
    await failing(claims, new Error('the connection was cut'));
    await clock.advance(570_000);
    const claiming = watched(claims.claim(claim));
    await clock.advance(29_000);
    expect(claiming.ended).toBe('not yet');
    await clock.advance(1_500);
    expect(claiming.ended).toBe('done');
  });
});

it('a removal ends after five minutes, and counts as going on', async () => {
  const clock = new ManualClock();
  const claims = openMemoryImageClaims({ clock });
  let aborted = false;
  const removing = watched(
    claims.whileRemoving([digest], (signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => undefined);
    }),
  );
  await clock.advance(300_000);
  expect([removing.ended, aborted]).toEqual(['IMAGE_STORE_UNREACHABLE', true]);
  const claiming = watched(claims.claim(claim));
  await clock.advance(1_000);
  expect(claiming.ended).toBe('not yet');
});
