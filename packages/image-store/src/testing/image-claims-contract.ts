import assert from 'node:assert/strict';

import { isMaestroError } from '@maestro/core';
import type { ContractCase } from '@maestro/core/testing';

import type { ImageClaim, ImageClaims } from '../ports/image-claims.ts';

const digest = (index: number) => `sha256:${index.toString(16).padStart(64, '0')}`;
const claimOf = (id: string, ...images: readonly number[]): ImageClaim => ({
  id,
  by: `release ${id}`,
  digests: images.map(digest),
});

/** What claims promise, wherever they are; `create` makes empty ones for each case. */
export function imageClaimsContract(create: () => Promise<ImageClaims>): readonly ContractCase[] {
  return Object.entries(checks).map(([name, check]) => ({
    name,
    run: async () => {
      await check(await create());
    },
  }));
}

const checks: Readonly<Record<string, (claims: ImageClaims) => Promise<void>>> = {
  'tells what is claimed until it is withdrawn': async (claims) => {
    assert.deepEqual(await claims.list(), []);
    await claims.claim(claimOf('production-1', 1, 2));
    await claims.claim(claimOf('demo-1', 2));
    assert.deepEqual(await claims.list(), [claimOf('demo-1', 2), claimOf('production-1', 1, 2)]);
    await claims.withdraw({ id: 'production-1' });
    assert.deepEqual(await claims.list(), [claimOf('demo-1', 2)]);
  },

  'replaces a claim by another one with its id, and takes the same one twice': async (claims) => {
    for (const claim of [claimOf('a', 1), claimOf('a', 2), claimOf('a', 2)]) await claims.claim(claim);
    assert.deepEqual(await claims.list(), [claimOf('a', 2)]);
    await claims.withdraw({ id: 'a' });
    assert.deepEqual(await claims.list(), []);
    await claims.claim(claimOf('a', 2));
    assert.deepEqual(await claims.list(), [claimOf('a', 2)]);
  },

  'withdraws what nobody claimed': async (claims) => {
    await claims.withdraw({ id: 'a' });
  },

  'refuses an id that leads elsewhere': async (claims) => {
    const isInvalid = (error: unknown) => isMaestroError(error, 'IMAGE_STORE_INVALID_NAME');
    await assert.rejects(claims.claim(claimOf('../a', 1)), isInvalid);
    await assert.rejects(claims.withdraw({ id: '../a' }), isInvalid);
  },

  'claims at once, and waits while one of the images is being removed': async (claims) => {
    let end: () => void = () => undefined;
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const removing = claims.whileRemoving([digest(1), digest(2)], () => {
      begin();
      return new Promise<void>((resolve) => (end = resolve));
    });
    await begun;
    let claimed = false;
    const claiming = claims.claim(claimOf('a', 2, 3)).then(() => (claimed = true));
    await claims.claim(claimOf('b', 3));
    assert.deepEqual(await claims.list(), [claimOf('a', 2, 3), claimOf('b', 3)]);
    assert.equal(claimed, false);
    end();
    await removing;
    await claiming;
  },

  'shows a removal every claim that did not wait for it': async (claims) => {
    await claims.claim(claimOf('a', 1));
    const seen = await claims.whileRemoving([digest(1)], () => claims.list());
    assert.deepEqual(seen, [claimOf('a', 1)]);
  },

  'passes on why a removal failed': async (claims) => {
    const failing = claims.whileRemoving([digest(1)], () => Promise.reject(new Error('no such host')));
    await assert.rejects(failing, /no such host/);
  },

  'does nothing for a caller that has given up': async (claims) => {
    const signal = AbortSignal.abort(new Error('given up'));
    await assert.rejects(claims.claim(claimOf('a', 1), { signal }), /given up/);
    await assert.rejects(
      claims.whileRemoving([digest(1)], () => Promise.reject(new Error('called')), { signal }),
      /given up/,
    );
    assert.deepEqual(await claims.list(), []);
  },
};
