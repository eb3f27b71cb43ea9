import { type ChildProcess, type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';

import { poll, systemClock } from '@maestro/core';

import { kill } from './environment.ts';

const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

/** Whether this user may start an engine, and there is one to be started. */
export const isOwnEnginePossible =
  process.geteuid?.() === 0 && spawnSync('dockerd', ['--version'], { env: { PATH: path } }).status === 0;

/** An engine in a network namespace of its own, as on a machine of its own, so that it does not meddle with another one of this machine. */
export class OwnEngine {
  readonly folder: string;
  readonly #cgroup: string;
  #network: ChildProcess | undefined;
  #process: ChildProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
    this.#cgroup = basename(folder);
  }

  static async start(): Promise<OwnEngine> {
    const folder = await mkdtemp(join(tmpdir(), 'engine-'));
    await writeFile(join(folder, 'daemon.json'), '{}');
    const engine = new OwnEngine(folder);
    await engine.start();
    return engine;
  }

  get address(): string {
    return `unix://${this.engine.socketPath}`;
  }

  get engine(): { readonly socketPath: string } {
    return { socketPath: join(this.folder, 'docker.sock') };
  }

  async start(): Promise<void> {
    this.#network ??= await startNetwork();
    const options = {
      host: this.address,
      'config-file': join(this.folder, 'daemon.json'),
      'data-root': join(this.folder, 'data'),
      'exec-root': join(this.folder, 'exec'),
      pidfile: join(this.folder, 'docker.pid'),
      'cgroup-parent': `/${this.#cgroup}`,
      'exec-opt': 'native.cgroupdriver=cgroupfs',
      iptables: 'false',
      ip6tables: 'false',
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    this.#process = this.spawn('dockerd', args);
    this.#process.stdout?.resume();
  }

  /** Starts a program where the engine's network is. */
  spawn(program: string, args: readonly string[]): ChildProcessByStdio<null, Readable, null> {
    const network = `--net=/proc/${this.#network?.pid ?? 0}/ns/net`;
    return spawn('nsenter', [network, program, ...args], { env: { PATH: path }, stdio: ['ignore', 'pipe', 'ignore'] });
  }

  /** Its containers end with it where it is asked to; where it is killed they live until it is back. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#process !== undefined) {
      const exit = once(this.#process, 'exit');
      this.#process.kill(signal);
      await exit;
      this.#process = undefined;
    }
    // What is left of its containerd the next engine would take for one that runs, and so its own number.
    for (const left of ['docker.pid', join('exec', 'containerd', 'containerd.pid')]) {
      await rm(join(this.folder, left), { force: true });
    }
  }

  /** What a loss of power leaves: no process, no network, no mount and nothing of what is kept in memory; files stay. */
  async losePower(): Promise<void> {
    await this.end('SIGKILL');
    const { accepted, value } = await poll({
      probe: () => {
        const left = this.#processes();
        for (const pid of left) kill(pid);
        return Promise.resolve(left);
      },
      accept: (left) => left.length === 0,
      intervalMs: 50,
      deadlineMs: 60_000,
      clock: systemClock,
    });
    if (!accepted) throw new Error(`processes of the engine do not end: ${String(value)}`);
    this.#endNetwork();
    for (const mounted of this.#mounts()) spawnSync('umount', ['--lazy', mounted]);
    await rm(join(this.folder, 'exec'), { recursive: true, force: true });
  }

  /** Ends it for good, with whatever it has left. */
  async remove(): Promise<void> {
    await this.end('SIGTERM');
    await this.losePower();
    const cgroups = this.#cgroups().toSorted((a, b) => b.length - a.length);
    for (const folder of cgroups) rmdirSync(folder);
    await rm(this.folder, { recursive: true, force: true });
  }

  #endNetwork(): void {
    this.#network?.kill('SIGKILL');
    this.#network = undefined;
  }

  /** Its containers' by their control group; containerd and what watches containers by their command line. */
  #processes(): readonly number[] {
    const contained = this.#cgroups().flatMap((folder) => numbersIn(join(folder, 'cgroup.procs')));
    const own = globSync('/proc/[0-9]*/cmdline')
      .filter((file) => readOrNothing(file).includes(this.folder))
      .map((file) => Number(file.split('/')[2]))
      .filter((pid) => pid !== process.pid);
    return [...new Set([...contained, ...own])];
  }

  #cgroups(): readonly string[] {
    return globSync(
      [`/sys/fs/cgroup/*/${this.#cgroup}`, `/sys/fs/cgroup/${this.#cgroup}`].flatMap((folder) => [
        folder,
        `${folder}/*`,
      ]),
    ).filter((folder) => globSync(join(folder, 'cgroup.procs')).length > 0);
  }

  /** The innermost first. */
  #mounts(): readonly string[] {
    return readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((mounted) => mounted.startsWith(`${this.folder}/`))
      .reverse();
  }
}

/** A process that holds a network with nothing but its own loopback. */
async function startNetwork(): Promise<ChildProcess> {
  const script = 'ip link set lo up && echo up && exec sleep infinity';
  const holder = spawn('unshare', ['--net', 'sh', '-c', script], {
    env: { PATH: path },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // Before that its network is still that of this machine.
  await Promise.race([once(holder.stdout, 'data'), failed(holder)]);
  return holder;
}

async function failed(holder: ChildProcess): Promise<never> {
  await once(holder, 'exit');
  throw new Error('this machine gives no network namespace');
}

function numbersIn(file: string): readonly number[] {
  return readOrNothing(file)
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** Processes and their files go at any time. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
