import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { type Clock, messageOf, poll } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import type { NginxLayout } from './nginx-layout.ts';
import { type NginxProgram, type Stoppable, takingWorkers } from './nginx-program.ts';
import { type NginxVersion, parseVersion } from './nginx-version.ts';

const deadlineMs = { command: 30_000, takeOver: 30_000 };
const intervalMs = 20;

/** The nginx that is installed on this machine, with a master of its own; the system's service is not touched. */
export class HostNginx implements NginxProgram {
  readonly sharesPorts = false;
  readonly #program: string;
  readonly #layout: NginxLayout;
  readonly #clock: Clock;
  #version: NginxVersion | undefined;

  constructor(options: { readonly program: string; readonly layout: NginxLayout; readonly clock: Clock }) {
    this.#program = options.program;
    this.#layout = options.layout;
    this.#clock = options.clock;
  }

  async version(options: Stoppable = {}): Promise<NginxVersion> {
    if (this.#version === undefined) {
      const said = await this.#run(['-v'], options);
      this.#version = parseVersion(said.text);
      if (this.#version === undefined) throw this.#failed(`${this.#program} -v`, said.text);
    }
    return this.#version;
  }

  async check(file: string, options: Stoppable = {}): Promise<string | null> {
    const { ok, text } = await this.#run(['-t', '-q', '-e', 'stderr', ...this.#place(file)], options);
    return ok ? null : text;
  }

  async start(options: Stoppable = {}): Promise<void> {
    await this.#endOrphans(options);
    const args = ['-e', this.#layout.errorLog, ...this.#place(this.#layout.config)];
    const { ok, text } = await this.#run(args, options);
    if (!ok) throw this.#failed('it did not start', text);
  }

  async master(): Promise<number | null> {
    const pid = Number(await readFile(this.#layout.pidFile, 'utf8').catch(() => '0'));
    return pid > 0 && (await this.#isMaster(pid)) ? pid : null;
  }

  async reload(): Promise<void> {
    await this.#send('SIGHUP');
  }

  async reopenLogs(): Promise<void> {
    await this.#send('SIGUSR1');
  }

  async stop({ timeoutMs, signal }: Stoppable & { readonly timeoutMs: number }): Promise<void> {
    const ends = async () => (await this.master()) === null;
    await this.#send('SIGQUIT');
    if (await this.#comes(ends, timeoutMs, signal)) return;
    await this.#send('SIGTERM');
    await this.#until('it does not end', signal, ends);
  }

  /** The new program gets the open sockets of the old one, which then finishes what it has. */
  async replace({ signal }: Stoppable = {}): Promise<void> {
    // It may be another one by now.
    this.#version = undefined;
    const old = await this.master();
    if (old === null) return this.start({ signal });
    process.kill(old, 'SIGUSR2');
    await this.#until('the new nginx did not take over', signal, async () => {
      const master = await this.master();
      return master !== null && master !== old && (await takingWorkers(master)).length > 0;
    });
    process.kill(old, 'SIGQUIT');
    await this.#until(
      'the old nginx goes on taking requests',
      signal,
      async () => (await takingWorkers(old)).length === 0,
    );
  }

  /** Workers whose master was killed serve on, but take no orders and hold the ports. */
  async #endOrphans({ signal }: Stoppable): Promise<void> {
    await this.#until('workers of a killed nginx do not end', signal, async () => {
      // Each time: one that was made right before its master was killed is a worker a little later.
      const orphans = await this.#workers();
      for (const pid of orphans) process.kill(pid, 'SIGQUIT');
      return orphans.length === 0;
    });
  }

  /** Workers of this folder that take requests. */
  async #workers(): Promise<readonly number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const found = await Promise.all(
      pids.map(async (pid) => {
        const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
        const title = cwd === this.#layout.folder ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
        return /^nginx: worker process\0*$/.test(title.trim());
      }),
    );
    return pids.filter((_, index) => found[index]);
  }

  /** Not another process that happens to have its number. */
  async #isMaster(pid: number): Promise<boolean> {
    const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return title.startsWith('nginx: master process') && title.includes(this.#layout.config);
  }

  async #send(signal: NodeJS.Signals): Promise<void> {
    const master = await this.master();
    if (master !== null) process.kill(master, signal);
  }

  async #until(what: string, signal: AbortSignal | undefined, condition: () => Promise<boolean>): Promise<void> {
    if (await this.#comes(condition, deadlineMs.takeOver, signal)) return;
    throw this.#failed(`${what} within ${deadlineMs.takeOver} ms`, '');
  }

  async #comes(
    condition: () => Promise<boolean>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const options = { intervalMs, deadlineMs: timeoutMs, clock: this.#clock, signal };
    return (await poll({ probe: condition, accept: Boolean, ...options })).accepted;
  }

  #place(file: string): readonly string[] {
    return ['-p', this.#layout.folder, '-c', file];
  }

  async #run(args: readonly string[], { signal }: Stoppable): Promise<{ readonly ok: boolean; readonly text: string }> {
    const cwd = (await stat(this.#layout.folder).catch(() => undefined)) === undefined ? '/' : this.#layout.folder;
    try {
      const options = { cwd, env: { PATH: process.env.PATH }, timeout: deadlineMs.command, signal };
      const { stdout, stderr } = await promisify(execFile)(await pathOf(this.#program), args, options);
      return { ok: true, text: `${stdout}${stderr}`.trim() };
    } catch (error) {
      signal?.throwIfAborted();
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw notInstalled(this.#program, error);
      const { stderr = '' } = error as { readonly stderr?: string };
      return { ok: false, text: stderr.trim() || messageOf(error) };
    }
  }

  #failed(what: string, said: string): BlueGreenError {
    return new BlueGreenError('BLUEGREEN_PROXY_FAILED', `nginx failed: ${[what, said].filter(Boolean).join(': ')}`, {
      hint: `tail ${this.#layout.errorLog}`,
      details: { said },
    });
  }
}

/** Where a program is: an nginx that is to start its successor must have been started by its path. */
async function pathOf(program: string): Promise<string> {
  if (program.includes('/')) return program;
  const paths = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  for (const path of [...paths, join('/usr/sbin', program)]) {
    if (await isFile(path)) return path;
  }
  return program;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

function notInstalled(program: string, cause: unknown): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_PROXY_FAILED', `there is no program ${program}`, {
    hint: 'install nginx 1.22 or newer on this machine: apt install nginx',
    cause,
  });
}
