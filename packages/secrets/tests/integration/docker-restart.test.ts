import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { isMaestroError, poll, Redacted, systemClock } from '@maestro/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openContainerSecrets } from '../../src/docker.ts';
import { owner } from './docker-apps.ts';

const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
const isPossible =
  process.geteuid?.() === 0 && spawnSync('dockerd', ['--version'], { env: { PATH: path } }).status === 0;

/** An engine without any network, so that it does not meddle with another one of this machine. */
class OwnEngine {
  readonly #folder: string;
  readonly #cgroup: string;
  #process: ChildProcess | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.#cgroup = basename(folder);
  }

  get address(): string {
    return `unix://${join(this.#folder, 'docker.sock')}`;
  }

  start(): void {
    const options = {
      host: this.address,
      'config-file': join(this.#folder, 'daemon.json'),
      'data-root': join(this.#folder, 'data'),
      'exec-root': join(this.#folder, 'exec'),
      pidfile: join(this.#folder, 'docker.pid'),
      'cgroup-parent': `/${this.#cgroup}`,
      'exec-opt': 'native.cgroupdriver=cgroupfs',
      bridge: 'none',
      iptables: 'false',
      ip6tables: 'false',
      'ip-forward': 'false',
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    this.#process = spawn('unshare', ['--net', 'dockerd', ...args], { env: { PATH: path }, stdio: 'ignore' });
  }

  /** Its containers end with it where it is asked to; where it is killed they live until it is back. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const exit = this.#process === undefined ? undefined : once(this.#process, 'exit');
    this.#process?.kill(signal);
    await exit;
    // Where nobody waits for its containerd the next engine takes what is left of it for one that runs.
    await rm(join(this.#folder, 'exec', 'containerd', 'containerd.pid'), { force: true });
  }

  removeCgroups(): void {
    for (const folder of globSync([`/sys/fs/cgroup/*/${this.#cgroup}`, `/sys/fs/cgroup/${this.#cgroup}`]))
      rmdirSync(folder);
  }
}

describe.skipIf(!isPossible)('secrets in an engine that starts anew', () => {
  let engine: OwnEngine;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'engine-'));
    await writeFile(join(folder, 'daemon.json'), '{}');
    engine = new OwnEngine(folder);
    engine.start();
  });
  afterAll(async () => {
    await engine.end('SIGTERM');
    engine.removeCgroups();
  });

  const secrets = { TOKEN: new Redacted('one') };
  const place = { service: 'api', slot: 'blue' };
  const open = () => openContainerSecrets({ engine: engine.address, project: 'shop', environment: 'test' });

  const untilListed = async (state: string | undefined) => {
    const { accepted, value } = await poll({
      probe: () =>
        open()
          .list()
          .catch((error: unknown) => {
            if (isMaestroError(error, 'SECRETS_ENGINE_UNREACHABLE')) return undefined;
            throw error;
          }),
      accept: (listed) => listed !== undefined && listed[0]?.state === state,
      intervalMs: 200,
      deadlineMs: 60_000,
      clock: systemClock,
    });
    expect(accepted, JSON.stringify(value)).toBe(true);
  };

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'are missed, with a keeper that is back by itself, and filled again after %s',
    { timeout: 180_000 },
    async (signal) => {
      await untilListed(signal === 'SIGTERM' ? undefined : 'filled');
      await open().inject({ ...place, owner, secrets });
      await engine.end(signal);
      engine.start();
      await untilListed('empty');
      expect(await open().verify({ ...place, secrets })).toEqual({ state: 'empty', names: ['TOKEN'] });
      await open().reinject({ secretsFor: () => Promise.resolve(secrets) });
      expect(await open().verify({ ...place, secrets })).toEqual({ state: 'current' });
    },
  );

  it('leaves nothing when they are removed', async () => {
    await open().remove(place);
    expect(await open().list()).toEqual([]);
  });
});
