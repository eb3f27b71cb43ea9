import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { isMaestroError } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { recordFaults } from '@maestro/services/faults';
import { describe, expect, it } from 'vitest';

import { openEmbeddedImageStore } from '../../src/embedded.ts';
import { assembleImage } from '../../src/index.ts';
import { sampleSource } from '../../src/testing.ts';

const repository = 'shop-api';
const temporaryFolder = () => mkdtemp(join(tmpdir(), 'maestro-writers-'));

function imageOf(text: string) {
  return assembleImage({ source: sampleSource({ 'main.js': text }), repository, environment: 'production' });
}

describe('several processes', () => {
  const program = fileURLToPath(new URL('put-images.ts', import.meta.url));
  const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
  const startWriter = (folder: string, name: string, count: number): ChildProcess =>
    spawn(process.execPath, [...flags, program, folder, name, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });

  it('lose none of the tags they write at the same time', async () => {
    const folder = await temporaryFolder();
    const writers = ['one', 'two', 'three', 'four'].map((name) => startWriter(folder, name, 5));
    const codes = await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0] as unknown));
    expect(codes).toEqual([0, 0, 0, 0]);
    const images = await openEmbeddedImageStore({ folder }).list({ repository });
    const tags = images.flatMap((image) => image.tags).filter((tag) => tag !== 'latest');
    expect(images).toHaveLength(20);
    expect(new Set(tags.map((tag) => tag.split('-')[0]))).toEqual(new Set(['one', 'two', 'three', 'four']));
    recordFaults({
      promised: 'nothing is torn or lost',
      fault: 'four processes write images into one folder at once',
      times: 1,
      checked: { images: 20 },
      wrong: { 'lost images': 20 - new Set(tags).size },
    });
    expect(new Set(tags).size).toBe(20);
  });

  it('may be killed at any time: what was acknowledged stays whole, and nobody is locked out', async () => {
    const folder = await temporaryFolder();
    const store = openEmbeddedImageStore({ folder });
    const acknowledged: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      const writer = startWriter(folder, `round${round}`, 1000);
      let said = '';
      writer.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
      while (!said.includes('\n')) await delay(5);
      await delay(round * 7);
      writer.kill('SIGKILL');
      await once(writer, 'close');
      acknowledged.push(...said.split('\n').slice(0, -1));

      const images = await store.list({ repository });
      const tags = new Set(images.flatMap((image) => image.tags));
      expect(acknowledged.filter((tag) => !tags.has(tag))).toEqual([]);
      const { digest } = await store.put(await imageOf(`after ${round}`));
      await store.unpack({ repository, digest, folder: join(folder, 'unpacked', String(round)) });
    }
    for (const { digest } of await store.list({ repository })) {
      await store.unpack({ repository, digest, folder: join(folder, 'all', digest.slice(-12)) });
    }
    recordFaults({
      promised: 'nothing is torn or lost',
      fault: 'writer of images into a folder killed (SIGKILL) at any time',
      times: 8,
      checked: { 'acknowledged images': acknowledged.length },
      wrong: { 'lost or torn images': 0 },
    });
    expect(acknowledged.length).toBeGreaterThanOrEqual(8);
  }, 60_000);

  it('do not wait for ever for one that hangs, and stop waiting on request', async () => {
    const folder = await temporaryFolder();
    const clock = new ManualClock();
    const store = openEmbeddedImageStore({ folder, clock });
    await mkdir(join(folder, repository), { recursive: true });
    const holder = new DatabaseSync(join(folder, repository, '.lock'));
    holder.exec('BEGIN EXCLUSIVE');
    const waiting = expect(store.put(await imageOf('one'))).rejects.toSatisfy((error) =>
      isMaestroError(error, 'IMAGE_STORE_LOCKED'),
    );
    await delay(20);
    await clock.advance(30_000);
    await waiting;

    const controller = new AbortController();
    const impatient = store.put(await imageOf('one'), { signal: controller.signal });
    await delay(20);
    controller.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    holder.close();
    await expect(store.put(await imageOf('one'))).resolves.toMatchObject({ alreadyStored: false });
  });
});
