import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { type Agent, request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { poll, processIdentity, systemClock } from '@maestro/core';
import { onTestFinished } from 'vitest';

import { layoutOf } from '../../src/adapters/embedded/state-layout.ts';
import { type EmbeddedEnvironment, openEmbedded } from '../../src/embedded.ts';
import type { RouterAddresses, Switched } from '../../src/ports/router.ts';
import type { Instance, InstanceKey, InstanceSpec } from '../../src/ports/runtime.ts';
import type { Slot } from '../../src/slots.ts';

export const serviceFile = fileURLToPath(new URL('../fixtures/service.mjs', import.meta.url));

/** An embedded environment in a folder of its own; whatever it started ends with `dispose`, also after a failed test. */
export class TestEnvironment {
  readonly folder: string;
  readonly embedded: EmbeddedEnvironment;
  readonly #temporary: string;

  private constructor(temporary: string, folder: string) {
    this.#temporary = temporary;
    this.folder = folder;
    this.embedded = openEmbedded({ stateFolder: folder, unpack: () => Promise.resolve(temporary) });
  }

  /** Opens one without starting its daemon; `below` names the state folder inside the temporary one. */
  static async open({ below = 'state' } = {}): Promise<TestEnvironment> {
    const temporary = await mkdtemp(join(tmpdir(), 'maestro-bluegreen-'));
    return new TestEnvironment(temporary, join(temporary, below));
  }

  /** Starts the daemon with services that anybody reaches under `/<name>`; `api` gets everything else. */
  async listen(services: readonly string[] = ['api']): Promise<RouterAddresses> {
    await this.embedded.ensureRunning();
    return this.embedded.router.apply({
      listen: { host: '127.0.0.1', port: 0 },
      services: services.map((name) => ({ name, route: { host: null, path: name === 'api' ? '/' : `/${name}` } })),
    });
  }

  /** Starts the fixture service and waits until it answers. */
  async start(key: InstanceKey, environment: Readonly<Record<string, string>> = {}): Promise<Instance> {
    const instance = await this.embedded.runtime.start(specOf(key, { environment }));
    const url = `${urlOf(instance)}/health`;
    await until(() =>
      ask(url).then(
        () => true,
        () => false,
      ),
    );
    return instance;
  }

  /** Starts and makes live a version of `api` in each slot named, the last one live. */
  async live(...slots: readonly Slot[]): Promise<void> {
    for (const slot of slots) await this.start({ service: 'api', slot });
    const last = slots.at(-1);
    if (last !== undefined) await this.switchTo({ api: last });
  }

  async switchTo(slots: Readonly<Record<string, Slot>>): Promise<Switched> {
    const { router } = this.embedded;
    const expected = (await router.generation())?.number ?? null;
    return router.switchTo({ release: 'a release', slots, expected });
  }

  async daemonPid(): Promise<number> {
    return pidOf(JSON.parse(await callDaemon(this.folder, '/state')));
  }

  /** The processes of instances, as the daemon wrote them down. */
  async pids(): Promise<readonly number[]> {
    const records = await readFile(layoutOf(this.folder).instances, 'utf8').catch(() => '[]');
    const parsed: unknown = JSON.parse(records);
    return Array.isArray(parsed) ? parsed.map(pidOf).filter((pid) => pid > 0) : [];
  }

  async dispose(): Promise<void> {
    const pids = await this.pids();
    try {
      await this.embedded.shutdown();
    } finally {
      // Services outlive a daemon that was killed: nobody else would end them.
      for (const pid of pids) kill(-pid);
      await rm(this.#temporary, { recursive: true, force: true });
    }
  }
}

/** An environment that ends with the test that asked for it. */
export async function openForTest(options: { readonly below?: string } = {}): Promise<TestEnvironment> {
  const environment = await TestEnvironment.open(options);
  onTestFinished(() => environment.dispose());
  return environment;
}

/** Where an instance answers directly. */
export function urlOf({ addresses: [address] }: Pick<Instance, 'addresses'>): string {
  return address === undefined ? 'http://127.0.0.1:0' : `http://${address.host}:${address.port}`;
}

export function specOf(key: InstanceKey, overrides: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    ...key,
    release: 'a release',
    image: 'a-project-api:demo-abc1234',
    digest: `sha256:${key.slot}`,
    configHash: 'one',
    command: [process.execPath, serviceFile],
    secrets: {},
    ...overrides,
    environment: { VERSION: key.slot, ...overrides.environment },
  };
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** One request, sent once: what fails on the way is an error. */
export function ask(url: string, { method = 'GET', headers = {}, body, agent }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: agent ?? false }, (response) => {
      text(response).then((said) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: said });
      }, reject);
    });
    request.once('error', reject);
    request.end(body);
  });
}

export async function until(condition: () => Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const outcome = await poll({ probe: condition, accept: Boolean, intervalMs: 10, deadlineMs, clock: systemClock });
  if (!outcome.accepted) throw new Error(`not within ${deadlineMs} ms: ${condition.toString()}`);
}

export async function isRunning(pid: number): Promise<boolean> {
  return (await processIdentity(pid)) !== undefined;
}

/** Ends a process, or with a negative number its whole group, the way a crash would. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** The processes whose command line holds a text. */
export async function processesWith(needle: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => lines[index]?.includes(needle) === true);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function callDaemon(folder: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: layoutOf(folder).socket, path, method: 'POST', agent: false };
    const request = httpRequest(options, (response) => {
      text(response).then(resolve, reject);
    });
    request.once('error', reject);
    request.end('{}');
  });
}

function pidOf(holder: unknown): number {
  return typeof holder === 'object' && holder !== null && 'pid' in holder ? Number(holder.pid) : 0;
}
