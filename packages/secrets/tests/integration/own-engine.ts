import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { poll, systemClock } from '@maestro/core';

const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

/** Whether this user may start an engine, and there is one to be started. */
export const isOwnEnginePossible =
  process.geteuid?.() === 0 && spawnSync('dockerd', ['--version'], { env: { PATH: path } }).status === 0;

/** An engine without any network, so that it does not meddle with another one of this machine. */
export class OwnEngine {
  /** The folder's name, which also names its control group. */
  readonly suite: string;
  readonly labels = {};
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    this.suite = basename(folder).toLowerCase();
  }

  static async start(): Promise<OwnEngine> {
    const folder = await mkdtemp(join(tmpdir(), 'engine-'));
    await writeFile(join(folder, 'daemon.json'), '{}');
    const engine = new OwnEngine(folder);
    engine.start();
    return engine;
  }

  get address(): string {
    return `unix://${this.engine.socketPath}`;
  }

  get engine(): { readonly socketPath: string } {
    return { socketPath: join(this.#folder, 'docker.sock') };
  }

  start(): void {
    const options = {
      host: this.address,
      'config-file': join(this.#folder, 'daemon.json'),
      'data-root': join(this.#folder, 'data'),
      'exec-root': join(this.#folder, 'exec'),
      pidfile: join(this.#folder, 'docker.pid'),
      'cgroup-parent': `/${this.suite}`,
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

  /** What a loss of power leaves: no process, no mount and nothing of what is kept in memory; files stay. */
  async losePower(): Promise<void> {
    await this.end('SIGKILL');
    const { accepted, value } = await poll({
      probe: () => {
        const left = this.#processes();
        for (const pid of left) killAtOnce(pid);
        return Promise.resolve(left);
      },
      accept: (left) => left.length === 0,
      intervalMs: 50,
      deadlineMs: 20_000,
      clock: systemClock,
    });
    if (!accepted) throw new Error(`processes of the engine do not end: ${String(value)}`);
    for (const mounted of this.#mounts()) spawnSync('umount', ['--lazy', mounted]);
    await rm(join(this.#folder, 'exec'), { recursive: true, force: true });
    await rm(join(this.#folder, 'docker.pid'), { force: true });
  }

  removeCgroups(): void {
    const folders = this.#cgroups().toSorted((a, b) => b.length - a.length);
    for (const folder of folders) rmdirSync(folder);
  }

  /** Its containers' by their control group; containerd and what watches containers by their command line. */
  #processes(): readonly number[] {
    const contained = this.#cgroups().flatMap((folder) => numbersIn(join(folder, 'cgroup.procs')));
    const own = globSync('/proc/[0-9]*/cmdline')
      .filter((file) => readOrNothing(file).includes(this.#folder))
      .map((file) => Number(file.split('/')[2]))
      .filter((pid) => pid !== process.pid);
    return [...new Set([...contained, ...own])];
  }

  #cgroups(): readonly string[] {
    return globSync(
      [`/sys/fs/cgroup/*/${this.suite}`, `/sys/fs/cgroup/${this.suite}`].flatMap((folder) => [folder, `${folder}/*`]),
    ).filter((folder) => globSync(join(folder, 'cgroup.procs')).length > 0);
  }

  /** The innermost first. */
  #mounts(): readonly string[] {
    return readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((mounted) => mounted.startsWith(`${this.#folder}/`))
      .reverse();
  }
}

function killAtOnce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
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
