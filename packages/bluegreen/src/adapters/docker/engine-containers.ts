import { isMaestroError } from '@maestro/core';

import type { InstanceKey } from '../../ports/runtime.ts';
import { type Role, type Scope, scopeFilter } from './container-labels.ts';
import { lastLines, linesOf, readOutput } from './container-output.ts';
import {
  createdContainer,
  type InspectedContainer,
  inspectedContainer,
  inspectedExec,
  type ListedContainer,
  listedContainers,
} from './engine-answers.ts';
import { type EngineClient, unlessMissing } from './engine-client.ts';
import { EngineRefusal } from './engine-refusal.ts';

export interface ExecOptions extends Cancellable {
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

export interface ExecOutcome {
  readonly exitCode: number | null;
  readonly lines: readonly string[];
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

interface ListOptions extends Cancellable {
  readonly key?: InstanceKey | undefined;
}

export interface StopOptions extends Cancellable {
  readonly timeoutMs: number;
}

/** For the engine itself, beyond what a container is given. */
const answerMs = 60_000;

/** What is done with single containers; it throws `EngineRefusal` where the engine does not do it. */
export class EngineContainers {
  readonly #client: EngineClient;
  readonly #scope: Scope;

  constructor({ client, scope }: { readonly client: EngineClient; readonly scope: Scope }) {
    this.#client = client;
    this.#scope = scope;
  }

  /** Those of the environment, or of one slot, running or not. */
  list(role: Role, { key, signal }: ListOptions = {}): Promise<readonly ListedContainer[]> {
    const query = { all: 'true', filters: scopeFilter(this.#scope, role, key) };
    return this.#client.read({ method: 'GET', path: '/containers/json', query, signal }, listedContainers);
  }

  /** Undefined for one that is not there. */
  inspect(container: string, { signal }: Cancellable = {}): Promise<InspectedContainer | undefined> {
    return this.#client.find({ method: 'GET', path: `/containers/${container}/json`, signal }, inspectedContainer);
  }

  /** The same; one that goes while they are looked at is left out. */
  async inspectAll(role: Role, options: ListOptions = {}): Promise<readonly InspectedContainer[]> {
    const listed = await this.list(role, options);
    const inspected = await Promise.all(listed.map(({ Id }) => this.inspect(Id, options)));
    return inspected.filter((container) => container !== undefined);
  }

  /** Returns its id. */
  async create(name: string, json: object, { signal }: Cancellable = {}): Promise<string> {
    const request = { method: 'POST', path: '/containers/create', query: { name }, json, signal } as const;
    return (await this.#client.read(request, createdContainer)).Id;
  }

  async join(container: string, network: string, { signal }: Cancellable = {}): Promise<void> {
    const json = { Container: container };
    await this.#client.send({ method: 'POST', path: `/networks/${network}/connect`, json, signal });
  }

  async start(container: string, { signal }: Cancellable = {}): Promise<void> {
    await this.#client.send({ method: 'POST', path: `/containers/${container}/start`, signal });
  }

  /** Changes what happens when it ends by itself. */
  async setRestart(
    container: string,
    policy: 'always' | 'unless-stopped',
    { signal }: Cancellable = {},
  ): Promise<void> {
    const json = { RestartPolicy: { Name: policy } };
    const request = { method: 'POST', path: `/containers/${container}/update`, json, signal } as const;
    await unlessMissing(this.#client.send(request));
  }

  /** Sends its stop signal, and SIGKILL after the time, which the engine knows in whole seconds only. */
  async stop(container: string, { timeoutMs, signal }: StopOptions): Promise<void> {
    const query = { t: Math.ceil(timeoutMs / 1000) };
    const path = `/containers/${container}/stop`;
    const deadlineMs = timeoutMs + answerMs;
    await unlessMissing(this.#client.send({ method: 'POST', path, query, deadlineMs, signal }));
  }

  /** With the volumes that have no name; also one that runs. Another one may be removing it just now. */
  async remove(container: string, { signal }: Cancellable = {}): Promise<void> {
    const query = { force: 'true', v: 'true' };
    try {
      await unlessMissing(this.#client.send({ method: 'DELETE', path: `/containers/${container}`, query, signal }));
    } catch (error) {
      if (!(error instanceof EngineRefusal && /already in progress/i.test(error.message))) throw error;
    }
  }

  /** Of several containers together; none of one whose output goes where nobody can read it. */
  async logs(containers: readonly string[], lines: number, { signal }: Cancellable = {}): Promise<readonly string[]> {
    if (lines === 0) return [];
    const query = { stdout: 'true', stderr: 'true', timestamps: 'true', tail: lines };
    const outputs = await Promise.all(
      containers.map(async (container) => {
        const request = { method: 'GET', path: `/containers/${container}/logs`, query, signal } as const;
        return readOutput((await unlessMissing(this.#client.bytes(request).catch(unreadable))) ?? Buffer.alloc(0));
      }),
    );
    return lastLines(outputs, lines);
  }
  /** Runs a program in one that runs; the code is null where it did not end in time, and then it goes on. */
  async exec(container: string, { command, timeoutMs, signal }: ExecOptions): Promise<ExecOutcome> {
    const json = { Cmd: command, AttachStdout: true, AttachStderr: true };
    const made = { method: 'POST', path: `/containers/${container}/exec`, json, signal } as const;
    const { Id } = await this.#client.read(made, createdContainer);
    const begun = { method: 'POST', path: `/exec/${Id}/start`, json: { Detach: false, Tty: false }, signal } as const;
    const output = await this.#client.bytes({ ...begun, deadlineMs: timeoutMs }).catch((error: unknown) => {
      if (isMaestroError(error, 'BLUEGREEN_ENGINE_UNREACHABLE') && !(signal?.aborted ?? false)) return undefined;
      throw error;
    });
    if (output === undefined) return { exitCode: null, lines: [] };
    const { ExitCode } = await this.#client.read({ method: 'GET', path: `/exec/${Id}/json`, signal }, inspectedExec);
    return { exitCode: ExitCode, lines: linesOf(output) };
  }
}

function unreadable(error: unknown): undefined {
  if (error instanceof EngineRefusal && /does not support reading/i.test(error.message)) return undefined;
  throw error;
}
