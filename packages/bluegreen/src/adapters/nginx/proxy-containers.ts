import { z } from 'zod';

import { linesOf } from '../docker/container-output.ts';
import { createdContainer } from '../docker/engine-answers.ts';
import { type EngineClient, unlessMissing } from '../docker/engine-client.ts';
import { labels, networkName, type Scope } from '../docker/container-labels.ts';
import type { NginxLayout } from './nginx-layout.ts';

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

export interface Said {
  readonly ok: boolean;
  readonly text: string;
}

const stateSchema = z.object({ Id: z.string(), State: z.object({ Running: z.boolean(), Pid: z.int() }) });
const exitSchema = z.object({ StatusCode: z.int() });
const execSchema = z.object({ ExitCode: z.int().nullable() });
const listedSchema = z.array(z.object({ Id: z.string(), State: z.string(), Names: z.array(z.string()) }));

// What a master needs that is root's and has workers of another user: their ports, files and signals.
const capabilities = ['CHOWN', 'DAC_OVERRIDE', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'];

/** A folder in memory that each container has of its own. */
export const privateFolder = '/run/maestro';

export interface ProxyContainersOptions {
  readonly client: EngineClient;
  readonly scope: Scope;
  readonly layout: NginxLayout;
  readonly image: string;
}

/** The containers that an environment's nginx runs in, in the network of the machine. */
export class ProxyContainers {
  readonly name: string;
  readonly #options: ProxyContainersOptions;

  constructor(options: ProxyContainersOptions) {
    this.name = `${networkName(options.scope)}-proxy`;
    this.#options = options;
  }

  /** The number of the first process in a container; null where it does not run. */
  async pid(container: string, { signal }: Cancellable = {}): Promise<number | null> {
    const found = await this.#inspect(container, signal);
    return found?.State.Running === true ? found.State.Pid : null;
  }

  /** Makes and starts one that comes back after a restart of the machine; returns its id. */
  async run(name: string, args: readonly string[], { signal }: Cancellable = {}): Promise<string> {
    // With `unless-stopped` the engine leaves it down where it was itself killed, or the power was lost.
    const id = await this.#create(args, { name, restart: 'always', signal });
    await this.#options.client.send({ method: 'POST', path: `/containers/${id}/start`, signal });
    return id;
  }

  /** Runs the image's nginx once, and waits for its end. */
  async once(args: readonly string[], { signal }: Cancellable = {}): Promise<Said> {
    const { client } = this.#options;
    const id = await this.#create(args, { name: null, restart: 'no', signal });
    try {
      await client.send({ method: 'POST', path: `/containers/${id}/start`, signal });
      const { StatusCode } = await client.read({ method: 'POST', path: `/containers/${id}/wait`, signal }, exitSchema);
      return { ok: StatusCode === 0, text: await this.output(id) };
    } finally {
      await this.remove(id);
    }
  }

  /** Runs something in a container, and waits for its end. */
  async within(container: string, command: readonly string[]): Promise<Said> {
    const { client } = this.#options;
    const json = { Cmd: command, AttachStdout: true, AttachStderr: true };
    const { Id } = await client.read({ method: 'POST', path: `/containers/${container}/exec`, json }, createdContainer);
    const output = await client.bytes({
      method: 'POST',
      path: `/exec/${Id}/start`,
      json: { Detach: false, Tty: false },
    });
    const { ExitCode } = await client.read({ method: 'GET', path: `/exec/${Id}/json` }, execSchema);
    return { ok: ExitCode === 0, text: linesOf(output).join('\n') };
  }

  /** What it printed last. */
  async output(container: string): Promise<string> {
    const query = { stdout: 'true', stderr: 'true', tail: 20 };
    const path = `/containers/${container}/logs`;
    return linesOf(await this.#options.client.bytes({ method: 'GET', path, query })).join('\n');
  }

  /** Lets it end what it does, and then stay down. */
  async stop(container: string, { timeoutMs, signal }: Cancellable & { readonly timeoutMs: number }): Promise<void> {
    const query = { t: Math.ceil(timeoutMs / 1_000) };
    const deadlineMs = timeoutMs + 60_000;
    const path = `/containers/${container}/stop`;
    await unlessMissing(this.#options.client.send({ method: 'POST', path, query, deadlineMs, signal }));
  }

  /** It ends for good when it ends. */
  async retire(container: string): Promise<void> {
    const { client } = this.#options;
    const json = { RestartPolicy: { Name: 'no' } };
    await client.send({ method: 'POST', path: `/containers/${container}/update`, json });
    await this.rename(container, `${this.name}-retired-${container.slice(0, 12)}`);
  }

  async rename(container: string, name: string): Promise<void> {
    const path = `/containers/${container}/rename`;
    await this.#options.client.send({ method: 'POST', path, query: { name } });
  }

  async remove(container: string): Promise<void> {
    const query = { force: 'true', v: 'true' };
    const path = `/containers/${container}`;
    await unlessMissing(this.#options.client.send({ method: 'DELETE', path, query }));
  }

  /** All of this environment's proxy, running or not. */
  async list(): Promise<readonly { readonly id: string; readonly name: string; readonly running: boolean }[]> {
    const query = {
      all: 'true',
      filters: { label: Object.entries(this.#labels()).map(([name, value]) => `${name}=${value}`) },
    };
    const listed = await this.#options.client.read({ method: 'GET', path: '/containers/json', query }, listedSchema);
    return listed.map(({ Id, State, Names }) => ({
      id: Id,
      name: (Names[0] ?? '').replace(/^\//, ''),
      running: State === 'running',
    }));
  }

  #inspect(container: string, signal: AbortSignal | undefined) {
    const path = `/containers/${container}/json`;
    return this.#options.client.find({ method: 'GET', path, signal }, stateSchema);
  }

  async #create(
    args: readonly string[],
    { name, restart, signal }: Cancellable & { readonly name: string | null; readonly restart: string },
  ): Promise<string> {
    const { client, layout, image } = this.#options;
    const json = {
      Image: image,
      Entrypoint: ['nginx'],
      Cmd: args,
      User: '0:0',
      Labels: this.#labels(),
      StopSignal: 'SIGQUIT',
      HostConfig: {
        // It connects to the slots' addresses, and listens at those of the machine, without anything in between.
        NetworkMode: 'host',
        RestartPolicy: { Name: restart },
        Binds: [`${layout.stateFolder}:${layout.stateFolder}`],
        ReadonlyRootfs: true,
        Tmpfs: { [privateFolder]: 'size=1m' },
        CapDrop: ['ALL'],
        CapAdd: capabilities,
        SecurityOpt: ['no-new-privileges'],
        LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      },
    };
    const query = name === null ? {} : { name };
    const request = { method: 'POST', path: '/containers/create', query, json, signal } as const;
    return (await client.read(request, createdContainer)).Id;
  }

  #labels(): Readonly<Record<string, string>> {
    const { project, environment } = this.#options.scope;
    return { [labels.project]: project, [labels.environment]: environment, [labels.role]: 'proxy' };
  }
}
