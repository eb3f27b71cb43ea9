import { once } from 'node:events';
import { request } from 'node:http';
import { readFileSync } from 'node:fs';

import { ensureBaseImage } from '@maestro/base-images';
import { poll, systemClock } from '@maestro/core';
import type { SuiteOf } from '@maestro/services';

/** The one that Dockerfiles of this repository copy. */
const entrypoint = readFileSync(new URL('../../../../dockerfiles/secrets-entrypoint.sh', import.meta.url), 'utf8');

type Answer = Readonly<Record<string, unknown>>;

export interface StartOptions {
  readonly name: string;
  readonly command: readonly string[];
  /** The volume with its secrets. */
  readonly volume: string;
}

/** Containers of a suite that get their secrets as those of a project do, asked for over the engine's interface. */
export class EngineContainers {
  readonly #docker: SuiteOf<'docker'>;

  constructor(docker: SuiteOf<'docker'>) {
    this.#docker = docker;
  }

  async start({ name, command, volume }: StartOptions): Promise<string> {
    const { reference } = await ensureBaseImage({ engine: this.#docker.engine, name: 'node' });
    const container = `${this.#docker.suite}-${name}`;
    const mount = { Type: 'volume', Source: volume, Target: '/run/secrets', ReadOnly: true };
    await this.ask('POST', `/containers/create?name=${container}`, {
      Image: reference,
      Entrypoint: ['sh', '-c', entrypoint, 'entrypoint'],
      Cmd: command,
      User: '1000:1000',
      Labels: this.#docker.labels,
      HostConfig: {
        Mounts: [{ ...mount, VolumeOptions: { NoCopy: true } }],
        NetworkMode: 'none',
        RestartPolicy: { Name: 'always' },
      },
    });
    await this.ask('POST', `/containers/${container}/start`);
    return container;
  }

  /** What it has printed, once that holds a text so many times. */
  async printed(container: string, text: string, times = 1): Promise<string> {
    const { accepted, value = '' } = await poll({
      probe: async () => (await this.ask('GET', `/containers/${container}/logs?stdout=true&stderr=true`)).toString(),
      accept: (printed) => printed.split(text).length > times,
      intervalMs: 200,
      deadlineMs: 60_000,
      clock: systemClock,
    });
    if (!accepted) throw new Error(`${container} did not print ${text} ${times} times: ${value}`);
    return value;
  }

  async json(path: string): Promise<Answer> {
    return JSON.parse((await this.ask('GET', path)).toString()) as Answer;
  }

  async ask(method: string, path: string, json?: object): Promise<Buffer> {
    const headers = json === undefined ? {} : { 'content-type': 'application/json' };
    const { socketPath } = this.#docker.engine as { readonly socketPath: string };
    const sent = request({ socketPath, method, path, headers }).end(json && JSON.stringify(json));
    const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { readonly statusCode: number }];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (response.statusCode >= 400) throw new Error(`${method} ${path}: ${body.toString()}`);
    return body;
  }
}
