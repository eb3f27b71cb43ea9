import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { silentLogger } from '@maestro/core';
import { ImageStoreError } from '@maestro/image-store';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { ReleaseDefinition } from '../release/release-definition.ts';
import type { ProposedImage } from '../release/release-images.ts';
import type { ContainerImages } from './container-images.ts';
import { containerReleaseImages } from './container-release-images.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-release-images-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const made = {
  service: 'api',
  repository: 'shop-api',
  tag: 'demo-abc1234',
  digest: 'sha256:id',
  revision: 'abc1234',
  inputHash: 'sha256:input',
};
const proposed = {
  ...made,
  service: { name: 'api' },
  digest: null,
  assembled: null,
  files: [{ path: 'migrations/0001_create.up.sql', mode: 0o644, contents: Buffer.from('CREATE TABLE orders;') }],
} as unknown as ProposedImage;
const release = { id: 'r1', kind: 'deploy', services: [] } as unknown as ReleaseDefinition;

function imagesWith(parts: Partial<ContainerImages>) {
  const images = {
    environment: { name: 'demo' },
    logger: silentLogger,
    scan: null,
    claims: null,
    hasRepository: true,
    make: () => Promise.resolve([made]),
    send: (image: object) => Promise.resolve({ ...image, digest: 'sha256:pushed' }),
    ...parts,
  } as unknown as ContainerImages;
  return containerReleaseImages({ images, folder });
}

const work = { release: 'r1', ref: undefined, say: () => undefined, signal: new AbortController().signal };

it('tells the digest that an image has in the image repository, and keeps its migrations for the release', async () => {
  const images = imagesWith({});
  expect(await images.make([proposed], work)).toEqual(new Map([['api', 'sha256:pushed']]));
  const image = { name: 'api', repository: 'shop-api', image: 'shop-api:1', digest: 'sha256:pushed', revision: '1' };
  const files = await images.files(image, 'r1');
  expect(await readFile(join(files, 'migrations/0001_create.up.sql'), 'utf8')).toBe('CREATE TABLE orders;');
  await images.whileClaimed(release, () => {
    expect(existsSync(files)).toBe(true);
    return Promise.resolve();
  });
  expect(existsSync(files)).toBe(false);
});

it('tells the id of the engine where there is no image repository', async () => {
  const images = imagesWith({ hasRepository: false });
  expect(await images.make([proposed], work)).toEqual(new Map([['api', 'sha256:id']]));
});

it('makes nothing of sources that are no longer those of the plan', async () => {
  const images = imagesWith({ make: () => Promise.resolve([{ ...made, inputHash: 'sha256:other' }]) });
  await expect(images.make([proposed], work)).rejects.toMatchObject({
    code: 'ORCHESTRATOR_PLAN_CHANGED',
    details: { services: ['api'] },
  });
});

it('claims the images of a deployment, goes on where that cannot be done, and claims none of a rollback', async () => {
  const unreachable = new ImageStoreError('IMAGE_STORE_UNREACHABLE', 'the image repository does not answer');
  const claim = vi.fn().mockRejectedValue(unreachable);
  const claims = { claim, withdraw: () => Promise.resolve() } as unknown as NonNullable<ContainerImages['claims']>;
  const images = imagesWith({ claims });
  expect(await images.whileClaimed(release, () => Promise.resolve('done'))).toBe('done');
  expect(claim).toHaveBeenCalledTimes(1);
  expect(await images.whileClaimed({ ...release, kind: 'rollback' }, () => Promise.resolve('back'))).toBe('back');
  expect(claim).toHaveBeenCalledTimes(1);
  // What fails inside is not done a second time.
  claim.mockResolvedValue(undefined);
  const failing = vi.fn().mockRejectedValue(unreachable);
  await expect(images.whileClaimed(release, failing)).rejects.toBe(unreachable);
  expect(failing).toHaveBeenCalledTimes(1);
});

it('lets go of what a release that was cut off has left', async () => {
  const withdraw = vi.fn().mockResolvedValue(undefined);
  const images = imagesWith({ claims: { withdraw } as unknown as NonNullable<ContainerImages['claims']> });
  await images.make([proposed], work);
  await images.make([proposed], { ...work, release: 'r2' });
  await images.letGo('r1');
  expect(withdraw.mock.calls).toEqual([[{ id: 'demo-r1' }]]);
  expect(await readdir(folder)).toEqual(['r2']);
  await images.removeLeftovers();
  expect(existsSync(folder)).toBe(false);
  await images.removeLeftovers();
});
