import { readFile, writeFile } from 'node:fs/promises';

import { type Clock, poll } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import type { Scope } from '../docker/container-labels.ts';
import { engineAddress, type EngineCertificates } from '../docker/engine-address.ts';
import { EngineClient } from '../docker/engine-client.ts';
import { EngineRefusal } from '../docker/engine-refusal.ts';
import type { NginxLayout } from './nginx-layout.ts';
import { type NginxProgram, type Stoppable, takingWorkers } from './nginx-program.ts';
import { type NginxVersion, parseVersion } from './nginx-version.ts';
import { privateFolder, ProxyContainers } from './proxy-containers.ts';

export interface ContainerNginxOptions extends Scope {
  /** Its name, tag or digest in the engine, such as `nginx@sha256:…`; it is not pulled. */
  readonly image: string;
  /** `unix:///…` or `tcp://<host>:<port>` on this machine; by default `DOCKER_HOST`, else the usual socket. */
  readonly engine?: string | undefined;
  readonly certificates?: EngineCertificates | undefined;
}

// Each container has this folder for itself, so that one does not remove the file of another.
const pid = `pid ${privateFolder}/nginx.pid;`;
const foreground = `daemon off; ${pid}`;
const takeOverMs = 30_000;
const intervalMs = 20;
const migration = '/proc/sys/net/ipv4/tcp_migrate_req';

/** Runs nginx in a container of this machine's engine, in the machine's own network; it starts with the engine. */
export function containerNginx(
  options: ContainerNginxOptions,
): (place: { readonly layout: NginxLayout; readonly clock: Clock }) => NginxProgram {
  return ({ layout, clock }) => {
    const client = new EngineClient({ address: engineAddress(options), clock });
    const { project, environment, image } = options;
    const containers = new ProxyContainers({ client, scope: { project, environment }, layout, image });
    return new ContainerNginx({ containers, layout, image, clock });
  };
}

class ContainerNginx implements NginxProgram {
  readonly sharesPorts = true;
  readonly #containers: ProxyContainers;
  readonly #layout: NginxLayout;
  readonly #image: string;
  readonly #clock: Clock;
  #version: NginxVersion | undefined;

  constructor(options: {
    readonly containers: ProxyContainers;
    readonly layout: NginxLayout;
    readonly image: string;
    readonly clock: Clock;
  }) {
    this.#containers = options.containers;
    this.#layout = options.layout;
    this.#image = options.image;
    this.#clock = options.clock;
  }

  async version({ signal }: Stoppable = {}): Promise<NginxVersion> {
    if (this.#version === undefined) {
      const { text } = await this.#told('say its version', this.#containers.once(['-v'], { signal }));
      this.#version = parseVersion(text);
      if (this.#version === undefined) throw this.#failed(`${this.#image} has no nginx`, text);
    }
    return this.#version;
  }

  async check(file: string, { signal }: Stoppable = {}): Promise<string | null> {
    const args = ['-t', '-q', '-e', 'stderr', '-p', this.#layout.folder, '-c', file, '-g', pid];
    const { ok, text } = await this.#told('check a configuration', this.#containers.once(args, { signal }));
    return ok ? null : text;
  }

  async start({ signal }: Stoppable = {}): Promise<void> {
    await this.#told('start', this.#startAnew(signal));
  }

  master(): Promise<number | null> {
    return this.#told('be looked at', this.#containers.pid(this.#containers.name));
  }

  async reload(): Promise<void> {
    await this.#send('reload');
  }

  async reopenLogs(): Promise<void> {
    await this.#send('reopen');
  }

  async stop(options: Stoppable & { readonly timeoutMs: number }): Promise<void> {
    const { name } = this.#containers;
    await this.#told('stop', this.#containers.stop(name, options));
    // Its next start makes another one, and an environment that is shut down leaves none behind.
    await this.#told('be removed', this.#containers.remove(name));
  }

  /** A second container listens beside the first, which then takes nothing more and ends when it has answered all it has. */
  async replace({ signal }: Stoppable = {}): Promise<void> {
    await this.#told('be replaced', this.#replace(signal));
  }

  async #startAnew(signal: AbortSignal | undefined): Promise<void> {
    const { name } = this.#containers;
    const found = await this.#tidyUp();
    if (found.some((one) => one.name === name)) await this.#containers.remove(name);
    await this.#containers.run(name, this.#args(foreground), { signal });
    await this.#clock.sleep(intervalMs, signal);
    if ((await this.#containers.pid(name)) === null) {
      throw this.#failed('it did not start', await this.#containers.output(name));
    }
  }

  async #replace(signal: AbortSignal | undefined): Promise<void> {
    const { name } = this.#containers;
    const old = (await this.#tidyUp()).find((one) => one.name === name && one.running);
    if (old === undefined) return this.#startAnew(signal);
    const id = await this.#containers.run(`${name}-next`, this.#args(foreground), { signal });
    try {
      await this.#until('the new nginx does not take requests', signal, async () => {
        const pid = await this.#containers.pid(id);
        return pid !== null && (await takingWorkers(pid)).length > 0;
      });
    } catch (error) {
      const said = await this.#containers.output(id);
      await this.#containers.remove(id);
      throw said === '' ? error : this.#failed('the new nginx does not take requests', said);
    }
    const oldPid = await this.#containers.pid(old.id);
    await this.#containers.retire(old.id);
    await this.#containers.rename(id, name);
    await withMigration(async () => {
      await this.#containers.within(old.id, ['nginx', '-s', 'quit', ...this.#args()]);
      await this.#until('the old nginx goes on taking requests', signal, async () => {
        return oldPid === null || (await takingWorkers(oldPid)).length === 0;
      });
    });
  }

  /** Removes what has retired and ended, and ends a replacement that was cut off; returns what is there. */
  async #tidyUp() {
    const { name } = this.#containers;
    const found = await this.#containers.list();
    for (const one of found) {
      const left = one.name === `${name}-next` || (one.name !== name && !one.running);
      if (left) await this.#containers.remove(one.id);
    }
    return found.filter((one) => one.name === name);
  }

  async #send(order: 'reload' | 'reopen'): Promise<void> {
    const { name } = this.#containers;
    if ((await this.master()) === null) return;
    // Not by a signal of the engine's: after one it would not start the container again by itself.
    const { ok, text } = await this.#told(
      order,
      this.#containers.within(name, ['nginx', '-s', order, ...this.#args()]),
    );
    if (!ok) throw this.#failed(`it did not ${order}`, text);
  }

  #args(directives = pid): readonly string[] {
    const { folder, config, errorLog } = this.#layout;
    return ['-p', folder, '-c', config, '-e', errorLog, '-g', directives];
  }

  async #until(what: string, signal: AbortSignal | undefined, condition: () => Promise<boolean>): Promise<void> {
    const { accepted } = await poll({
      probe: condition,
      accept: Boolean,
      intervalMs,
      deadlineMs: takeOverMs,
      clock: this.#clock,
      signal,
    });
    if (!accepted) throw this.#failed(`${what} within ${takeOverMs} ms`, '');
  }

  async #told<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof EngineRefusal)) throw error;
      throw this.#failed(`the engine did not let it ${what}`, error.message);
    }
  }

  #failed(what: string, said: string): BlueGreenError {
    return new BlueGreenError('BLUEGREEN_PROXY_FAILED', `nginx failed: ${[what, said].filter(Boolean).join(': ')}`, {
      hint: `docker logs ${this.#containers.name}; tail ${this.#layout.errorLog}`,
      details: { said, image: this.#image },
    });
  }
}

/**
 * Connections that wait to be taken go over to the sockets of the new nginx when those of the old one are closed; by default the kernel
 * resets them. Only root may say so; who is not has it set for the machine, or loses the few that wait at that moment.
 */
async function withMigration(work: () => Promise<void>): Promise<void> {
  const before = await readFile(migration, 'utf8').catch(() => '1');
  const change = before.trim() === '0' && (await set('1'));
  try {
    await work();
  } finally {
    if (change) await set(before);
  }
}

function set(value: string): Promise<boolean> {
  return writeFile(migration, value).then(
    () => true,
    () => false,
  );
}
