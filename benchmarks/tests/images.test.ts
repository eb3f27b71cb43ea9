import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ensureBaseImage } from '@maestro/base-images';
import { isMaestroError } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openCountingFront } from '../src/benchmarks/images/counting-front.ts';
import { prepareBuilds } from '../src/benchmarks/images/parallel-builds.ts';
import { prepareMemory } from '../src/benchmarks/images/peak-memory.ts';
import { peakBytes } from '../src/benchmarks/images/peak-of-process.ts';
import { type Place, placeOf } from '../src/benchmarks/images/place.ts';
import { prepareRetagging } from '../src/benchmarks/images/retag.ts';
import { prepareSkipping } from '../src/benchmarks/images/skip-unchanged.ts';
import { prepareRollbacks } from '../src/benchmarks/images/warm-rollback.ts';

const slowMs = 120_000;

describeWith('what is measured of images', ['docker', 'image-repository'], (parts) => {
  let place: Place;
  let stack: AsyncDisposableStack;

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    place = await placeOf(parts(), { signal: new AbortController().signal, stack });
  });
  afterEach(() => stack.disposeAsync());

  const digestOf = async (tag: string) => {
    const accept = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';
    const url = `${place.registry}/v2/${place.suite}/retag/${place.suite}-api/manifests/${tag}`;
    return (await fetch(url, { method: 'HEAD', headers: { accept } })).headers.get('docker-content-digest');
  };
  const imagesOf = (pattern: string) => place.api.listImages({ filters: { reference: [pattern] } });
  const containers = async () =>
    (await place.api.listContainers({ all: true })).filter(({ Names }) => Names[0]?.includes(place.suite));

  it('is a tag that moves, by ours and by docker', { timeout: slowMs }, async () => {
    const { ours, docker, dockerElsewhere } = await prepareRetagging(place, { imageBytes: 1_000, releases: 2 });
    for (const tag of ['one', 'two', 'one']) {
      for (const measure of [ours, docker, dockerElsewhere]) expect(await measure()).toBeGreaterThan(0);
      const moved = await Promise.all(['ours', 'docker', 'elsewhere'].map(digestOf));
      expect(new Set(moved)).toEqual(new Set([await digestOf(tag)]));
    }
    expect(await digestOf('one')).not.toBe(await digestOf('two'));
  });

  it('is a container of the release before, without asking the repository', { timeout: slowMs }, async () => {
    const { ours, docker, engine, requests } = await prepareRollbacks(place, { stack });
    for (const measure of [ours, docker, engine]) expect(await measure()).toBeGreaterThan(0);
    expect(requests()).toBe(0);
    expect(await containers()).toEqual([]);
  });

  it('counts what the repository is asked', async () => {
    const front = stack.use(await openCountingFront(place.registry));
    for (const expected of [1, 2]) {
      expect((await fetch(`${front.origin}/v2/`)).status).toBe(200);
      expect(front.requests()).toBe(expected);
    }
  });

  it('is an unchanged service, and fails for a changed one', { timeout: slowMs }, async () => {
    const { workingTree, commit, docker } = await prepareSkipping(place, { files: 20, fileBytes: 100 });
    for (const measure of [workingTree, commit, docker]) expect(await measure()).toBeGreaterThan(0);
    const [repository = ''] = readdirSync(place.folder).filter((name) => name.startsWith('repository-'));
    const root = join(place.folder, repository);
    writeFileSync(join(root, 'services/api/main.js'), 'new');
    await expect(workingTree()).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_DIRTY'));
    expect(await commit()).toBeGreaterThan(0);
    await expect(docker()).rejects.toSatisfy((error) => isMaestroError(error, 'BENCH_WRONG_RESULT'));
    const person = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org'];
    execFileSync('git', ['add', '--all'], { cwd: root });
    execFileSync('git', [...person, 'commit', '--quiet', '--message', 'change'], { cwd: root });
    await expect(commit()).rejects.toSatisfy((error) => isMaestroError(error, 'BENCH_WRONG_RESULT'));
  });

  it('is all services of a graph, made anew in each round', { timeout: 2 * slowMs }, async () => {
    const { reference: from } = await ensureBaseImage({ engine: place.engineAddress, name: 'node' });
    const graph = {
      bases: ['runtime'],
      services: [
        { name: 'api', base: 'runtime', dependsOn: [] },
        { name: 'web', base: 'runtime', dependsOn: ['api'] },
      ],
      chain: ['runtime', 'api', 'web'],
    };
    const { ours, docker, criticalPath, remove } = await prepareBuilds(place, { graph, from, sleepSeconds: 0 });
    const seen = new Set<string>();
    const expectImages = async (pattern: string, count: number) => {
      const ids = (await imagesOf(pattern)).map(({ Id }) => Id);
      expect(ids).toHaveLength(count);
      for (const id of ids) {
        // The layer of its RUN; the files that are copied make the last one.
        const layer = (await place.api.getImage(id).inspect()).RootFS.Layers?.at(-2) ?? '';
        expect(seen.has(layer)).toBe(false);
        seen.add(layer);
      }
      await remove();
      expect(await imagesOf(pattern)).toEqual([]);
    };
    const own = `${new URL(place.registry).host}/${place.suite}/parallel/*:latest`;
    for (let round = 0; round < 2; round += 1) {
      expect(await ours()).toBeGreaterThan(0);
      await expectImages(own, 3);
      expect(await criticalPath()).toBeGreaterThan(0);
      await expectImages(own, 3);
      expect(await docker()).toBeGreaterThan(0);
      await expectImages(`${place.suite}-*:latest`, 3);
    }
  });

  it('is the memory of all steps, as in the command line and in a script', { timeout: slowMs }, async () => {
    const options = { files: 20, fileBytes: 100, layerBytes: 1_000_000 };
    const { ours, oursInScript, docker } = await prepareMemory(place, options);
    // No program of Node or Go has less.
    for (const measure of [ours, oursInScript, docker]) expect(await measure()).toBeGreaterThan(5);
    expect(readdirSync(place.folder)).not.toContain('saved.tar');
    // Each copied the large image to a repository of its own.
    const copies = `${new URL(place.registry).host}/${place.suite}/copy-*/*`;
    expect(await imagesOf(copies)).toHaveLength(1);
  });

  it('says which command of docker failed', async () => {
    await expect(place.docker.run(['image', 'inspect', 'nowhere'])).rejects.toMatchObject({
      code: 'BENCH_PEER_FAILED',
      message: expect.stringMatching(/^docker image inspect nowhere failed: .*nowhere/i) as string,
    });
  });
});

it('knows the most memory that a process has had', async () => {
  const large = Buffer.alloc(200_000_000, 1);
  expect(await peakBytes('self')).toBeGreaterThan(large.byteLength);
});
