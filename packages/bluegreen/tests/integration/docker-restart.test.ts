import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { ensureBaseImage } from '@maestro/base-images';
import { isMaestroError } from '@maestro/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openContainers } from '../../src/adapters/docker/open-containers.ts';
import type { Slot } from '../../src/slots.ts';
import { containerSpec, imageMs } from './docker-environment.ts';
import { until } from './environment.ts';

const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
const isPossible =
  process.geteuid?.() === 0 && spawnSync('dockerd', ['--version'], { env: { PATH: path } }).status === 0;
const command = ['/bin/sh', '-c', "trap 'exit 0' TERM; sleep 1000000 & wait"];

/** An engine in a network namespace of its own, so that it does not meddle with another one of this machine. */
class OwnEngine {
  readonly #folder: string;
  readonly #cgroup: string;
  #process: ChildProcess | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.#cgroup = basename(folder);
  }

  get socket(): string {
    return join(this.#folder, 'docker.sock');
  }

  start(): void {
    const options = {
      host: `unix://${this.socket}`,
      'config-file': join(this.#folder, 'daemon.json'),
      'data-root': join(this.#folder, 'data'),
      'exec-root': join(this.#folder, 'exec'),
      pidfile: join(this.#folder, 'docker.pid'),
      'cgroup-parent': `/${this.#cgroup}`,
      'exec-opt': 'native.cgroupdriver=cgroupfs',
      iptables: 'false',
      ip6tables: 'false',
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    this.#process = spawn('unshare', ['--net', 'dockerd', ...args], { env: { PATH: path }, stdio: 'ignore' });
  }

  /** Its containers end with it where it is asked to; where it is killed they live until it is back. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const exit = this.#process === undefined ? undefined : once(this.#process, 'exit');
    this.#process?.kill(signal);
    await exit;
    // What is left of its containerd the next engine would take for one that runs, and so its own number.
    for (const left of ['docker.pid', join('exec', 'containerd', 'containerd.pid')]) {
      await rm(join(this.#folder, left), { force: true });
    }
  }

  removeCgroups(): void {
    for (const folder of globSync([`/sys/fs/cgroup/*/${this.#cgroup}`, `/sys/fs/cgroup/${this.#cgroup}`]))
      rmdirSync(folder);
  }
}

describe.skipIf(!isPossible)('an engine that starts anew', () => {
  let engine: OwnEngine;
  let stateFolder = '';
  let image = '';
  const open = () =>
    openContainers({
      engine: `unix://${engine.socket}`,
      project: 'shop',
      environment: 'test',
      stateFolder,
      fetchImage: () => Promise.resolve(image),
      generation: () => Promise.resolve(null),
    });

  const answers = () =>
    open()
      .runtime.observe()
      .then(
        () => true,
        (error: unknown) => {
          if (isMaestroError(error, 'BLUEGREEN_ENGINE_UNREACHABLE')) return false;
          throw error;
        },
      );

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'engine-'));
    await writeFile(join(folder, 'daemon.json'), '{}');
    stateFolder = join(folder, 'state');
    engine = new OwnEngine(folder);
    engine.start();
    await until(answers, 60_000);
    image = (await ensureBaseImage({ engine: { socketPath: engine.socket }, name: 'node' })).reference;
  }, imageMs);
  afterAll(async () => {
    await open().remove();
    await engine.end('SIGTERM');
    engine.removeCgroups();
  }, 120_000);

  const stateOf = async (service: string, slot: Slot) => {
    const found = (await open().runtime.observe()).find((one) => one.service === service && one.slot === slot);
    return found && { state: found.state, addresses: found.addresses };
  };

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'has what was to run running again, at its addresses, and what was stopped still stopped, after %s',
    { timeout: 240_000 },
    async (signal) => {
      const { runtime } = open();
      const start = async (service: string, slot: Slot, replicas = 1) =>
        (await runtime.start(containerSpec({ service, slot }, { command, replicas }))).addresses;
      const live = await start('api', 'blue', 2);
      await runtime.keepRunning({ service: 'api', slot: 'blue' });
      await start('api', 'green');
      await runtime.keepRunning({ service: 'api', slot: 'green' });
      await runtime.stop({ service: 'api', slot: 'green', timeoutMs: 5_000 });
      const probed = await start('web', 'blue');

      await engine.end(signal);
      engine.start();
      await until(answers, 60_000);
      await until(async () => (await stateOf('api', 'blue'))?.state === 'running', 60_000);
      expect(await stateOf('api', 'blue')).toEqual({ state: 'running', addresses: live });
      expect((await stateOf('api', 'green'))?.state).toBe('stopped');
      // Nobody had said yet that it is any good.
      expect((await stateOf('web', 'blue'))?.state).toBe('crashed');
      expect(await start('web', 'blue')).toEqual(probed);
    },
  );
});
