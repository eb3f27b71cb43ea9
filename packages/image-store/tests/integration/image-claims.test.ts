import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import { openFileImageClaims } from '../../src/embedded.ts';
import { claimImages, pruneImages } from '../../src/index.ts';
import { openOciImageClaims, openOciImageStore } from '../../src/oci.ts';
import { imageClaimsContract } from '../../src/testing.ts';
import { imageOf, newNamespace, repository } from './registry-images.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'maestro-claims-'));

describe('claims in files', () => {
  const create = async () => openFileImageClaims({ folder: join(await newFolder(), 'claims') });
  for (const { name, run } of imageClaimsContract(create)) it(name, run);

  it('let nothing be removed while one cannot be read', async () => {
    const folder = await newFolder();
    const claims = openFileImageClaims({ folder });
    await writeFile(join(folder, 'claim-production-1'), '{');
    const error: unknown = await claims.list().catch((reason: unknown) => reason);
    expect(isMaestroError(error, 'IMAGE_STORE_CORRUPT')).toBe(true);
    expect(await readdir(folder)).toEqual(['claim-production-1']);
  });
});

describeWith('claims in a registry', ['image-repository'], (parts) => {
  const open = () => {
    const { address, prefix } = parts()['image-repository'];
    return { registry: address, namespace: newNamespace(prefix), project: 'shop' };
  };
  for (const { name, run } of imageClaimsContract(() => Promise.resolve(openOciImageClaims(open())))) it(name, run);

  it('keep an image that a release on another machine is about to use', { timeout: 60_000 }, async () => {
    const place = open();
    const store = openOciImageStore(place);
    for (let index = 0; index < 13; index += 1) await store.put(await imageOf(`claimed ${index}`));
    const prune = (dryRun: boolean) =>
      pruneImages({
        store,
        repositories: [repository],
        references: () => Promise.resolve([]),
        claims: openOciImageClaims(place),
        dryRun,
      });
    const { remove } = await prune(true);
    const [wanted, ...others] = remove;
    expect(others).toHaveLength(2);

    const release = openOciImageClaims(place);
    const by = 'release 1 of demo';
    const images = [{ repository, digest: wanted?.digest ?? '' }];
    expect(await claimImages({ claims: release, store, id: 'demo-1', by, images })).toEqual([]);
    const pruned = await prune(false);
    expect(pruned.removed).toEqual(others);
    expect(pruned.keep).toContainEqual({ image: wanted, because: by });

    await release.withdraw({ id: 'demo-1' });
    expect((await prune(false)).removed).toEqual([wanted]);
    expect(await claimImages({ claims: release, store, id: 'demo-2', by, images })).toEqual(images);
  });
});
