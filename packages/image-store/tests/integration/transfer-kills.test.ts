import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { loadRelease, saveRelease } from '../../src/embedded.ts';
import { copyImage, type ImageContent } from '../../src/index.ts';
import { openOciImageContent } from '../../src/oci.ts';
import { MemoryImageContent, sampleRelease } from '../../src/testing.ts';
import { tagSampleImage } from '../../src/testing/sample-content.ts';
import { RegistryFront } from './registry-front.ts';
import { newNamespace, repository } from './registry-images.ts';
import { startTransfer } from './run-transfer.ts';
import type { RegistryPlace, TransferTask } from './transfer-child.ts';

const tag = 'production-abc1234';

interface Scene extends AsyncDisposable {
  readonly address: string;
  readonly front: RegistryFront;
  /** Called at each request that the front gets. */
  onRequest: () => void;
  readonly from: RegistryPlace;
  readonly source: ImageContent;
  readonly digest: string;
}

/** Runs a copier that is killed at its nth request; false when it came to its end before. */
async function killedAt(request: number, scene: Scene, task: TransferTask): Promise<boolean> {
  const { child, ended } = startTransfer({ from: scene.from, ...task });
  scene.front.requests.length = 0;
  scene.onRequest = () => {
    if (scene.front.requests.length === request) child.kill('SIGKILL');
  };
  const { code } = await ended;
  scene.onRequest = () => undefined;
  expect(['SIGKILL', 0]).toContain(code);
  return code === 'SIGKILL';
}

/** Nothing under the tag, or the image with every byte of it. */
async function expectNothingOrWhole(content: ImageContent, digest: string): Promise<void> {
  const found = await content.manifest({ repository, reference: tag });
  if (found === undefined) return;
  expect(found.digest).toBe(digest);
  const { copiedBytes } = await copyImage({
    from: content,
    to: new MemoryImageContent(),
    repository,
    digest,
    tags: [],
  });
  expect(copiedBytes).toBeGreaterThan(400_000);
}

/** Each was looked at before and after it was done again. */
function recordKills(fault: string, kills: number): void {
  recordFaults({
    promised: 'nothing is torn or lost',
    fault,
    times: kills,
    checked: { images: 2 * kills },
    wrong: { 'torn images': 0 },
  });
}

describeWith('a copier that is killed at any request', ['image-repository'], (parts) => {
  const openScene = async (): Promise<Scene> => {
    const { address, prefix } = parts()['image-repository'];
    const watched: Pick<Scene, 'onRequest'> = { onRequest: () => undefined };
    const front = await RegistryFront.open(address, () => {
      watched.onRequest();
      return undefined;
    });
    const from = { registry: front.origin, namespace: newNamespace(prefix) };
    const source = openOciImageContent({ registry: address, namespace: from.namespace });
    const { digest } = await tagSampleImage(source, { texts: ['kill base', 'kill own'], tags: ['latest'] });
    const end = () => front[Symbol.asyncDispose]();
    return Object.assign(watched, { address, front, from, source, digest, [Symbol.asyncDispose]: end });
  };

  it('leaves no tag without its image, and copying again ends well', { timeout: 300_000 }, async () => {
    await using scene = await openScene();
    const { address, front, source, digest } = scene;
    const { prefix } = parts()['image-repository'];
    let kills = 0;
    for (let request = 1; ; request += 1) {
      const to = { registry: front.origin, namespace: newNamespace(prefix) };
      const killed = await killedAt(request, scene, { to, copy: { digest, tags: [tag] } });
      const target = openOciImageContent({ registry: address, namespace: to.namespace });
      await expectNothingOrWhole(target, digest);
      await copyImage({ from: source, to: target, repository, digest, tags: [tag] });
      expect((await target.manifest({ repository, reference: tag }))?.digest).toBe(digest);
      await expectNothingOrWhole(target, digest);
      if (!killed) break;
      kills += 1;
    }
    recordKills('copier of an image killed (SIGKILL) at a request', kills);
    // The manifest, four requests for each of three blobs, then the guard and the tag.
    expect(kills).toBeGreaterThanOrEqual(15);
  });

  it('leaves no release that can be loaded in half, and saving again ends well', { timeout: 120_000 }, async () => {
    await using scene = await openScene();
    const { source, digest } = scene;
    const common = { configHash: 'f00d', secretVersions: {} };
    const services = [{ ...common, name: 'api', image: `${repository}:${tag}`, digest }];
    const release = sampleRelease(1, { services });
    let kills = 0;
    for (let request = 1; ; request += 1) {
      const folder = join(await mkdtemp(join(tmpdir(), 'maestro-kills-')), 'release');
      const killed = await killedAt(request, scene, { save: { release, folder } });
      if (!killed) break;
      kills += 1;
      const to = new MemoryImageContent();
      const loading = loadRelease({ folder, to });
      await expect(loading).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_INVALID_LAYOUT'));
      expect(await to.manifest({ repository, reference: tag })).toBeUndefined();
      await saveRelease({ from: source, release, folder });
      expect(await loadRelease({ folder, to })).toEqual(release);
      const names = await readdir(join(folder, 'blobs', 'sha256'));
      expect(names.filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([]);
    }
    recordKills('saver of a release to a folder killed (SIGKILL) at a request', kills);
    expect(kills).toBeGreaterThanOrEqual(4);
  });
});
