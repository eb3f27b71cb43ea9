import { ensureBaseImage } from '@maestro/base-images';
import { poll, systemClock } from '@maestro/core';
import type { SuiteOf } from '@maestro/services';

import { engineAddress } from '../../src/adapters/docker/engine-address.ts';
import { type Answered, objectOf, parsed, textOf } from '../../src/adapters/docker/engine-answers.ts';
import { EngineClient } from '../../src/adapters/docker/engine-client.ts';
import { packTar } from '../../src/containers/tar-archive.ts';
import { type SecretsMount, secretsEntrypoint } from '../../src/docker.ts';

/** Making the base image takes a minute where nobody has done so before. */
export const appImageMs = 5 * 60_000;

/** The user that containers of tests run as. */
export const owner = { uid: 1000, gid: 1000 };

export interface AppOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly mount?: SecretsMount | undefined;
  readonly env?: readonly string[];
  readonly restart?: 'no' | 'always';
}

type Engine = Pick<SuiteOf<'docker'>, 'address' | 'engine' | 'labels' | 'suite'>;

/** Containers of a suite, whose image has the entry point that exports secrets. */
export class DockerApps {
  readonly client: EngineClient;
  readonly #docker: Engine;

  constructor(docker: Engine) {
    this.#docker = docker;
    this.client = new EngineClient({ address: engineAddress(docker.address), clock: systemClock });
  }

  get image(): string {
    return `${this.#docker.suite}-app:latest`;
  }

  async build(): Promise<void> {
    const { reference } = await ensureBaseImage({ engine: this.#docker.engine, name: 'node' });
    const dockerfile = [
      `FROM ${reference}`,
      'COPY secrets-entrypoint.sh suite.txt /',
      'ENTRYPOINT ["/secrets-entrypoint.sh"]',
    ];
    const files = {
      Dockerfile: dockerfile.join('\n'),
      'secrets-entrypoint.sh': secretsEntrypoint,
      'suite.txt': this.#docker.suite,
    };
    const entries = Object.entries(files).map(
      ([path, text]) => ({ type: 'file', path, mode: 0o755, content: Buffer.from(text) }) as const,
    );
    const query = { t: this.image, labels: JSON.stringify(this.#docker.labels) };
    const body = { tar: packTar(entries, { uid: 0, gid: 0 }) };
    const answer = await this.client.ask({ method: 'POST', path: '/build', query, body });
    if (answer.body.includes('errorDetail')) throw new Error(answer.body.toString());
  }

  /** Creates and starts one; its name is the container's. */
  async start({ name, command, mount, env = [], restart = 'no' }: AppOptions): Promise<string> {
    const mounts = mount === undefined ? [] : [mountOf(mount)];
    const json = {
      Image: this.image,
      Cmd: command,
      Env: env,
      User: `${owner.uid}:${owner.gid}`,
      Labels: this.#docker.labels,
      // The entry point lets nothing start without secrets.
      ...(mount === undefined ? { Entrypoint: [] } : {}),
      HostConfig: { Mounts: mounts, NetworkMode: 'none', RestartPolicy: { Name: restart } },
    };
    const container = `${this.#docker.suite}-${name}`;
    await this.client.ask({ method: 'POST', path: '/containers/create', query: { name: container }, body: { json } });
    await this.client.ask({ method: 'POST', path: `/containers/${container}/start` });
    return container;
  }

  /** Runs one to its end and gives back what it printed. */
  async run(options: AppOptions): Promise<{ readonly code: unknown; readonly printed: string }> {
    const container = await this.start(options);
    const { body } = await this.client.ask({ method: 'POST', path: `/containers/${container}/wait` });
    const printed = await this.printed(container);
    await this.remove(container);
    return { code: parsed(body).StatusCode, printed };
  }

  async printed(container: string): Promise<string> {
    const query = { stdout: 'true', stderr: 'true' };
    const { body } = await this.client.ask({ method: 'GET', path: `/containers/${container}/logs`, query });
    return withoutFrames(body);
  }

  async untilPrinted(container: string, text: string, times = 1): Promise<void> {
    const { accepted, value } = await poll({
      probe: () => this.printed(container),
      accept: (printed) => printed.split(text).length > times,
      intervalMs: 100,
      deadlineMs: 30_000,
      clock: systemClock,
    });
    if (!accepted) throw new Error(`${container} did not print ${text} ${times} times: ${value ?? ''}`);
  }

  async inspect(container: string): Promise<Answered> {
    return parsed((await this.client.ask({ method: 'GET', path: `/containers/${container}/json` })).body);
  }

  /** Ends its process, which sees nothing of it coming. */
  async kill(container: string): Promise<void> {
    process.kill(Number(objectOf((await this.inspect(container)).State).Pid), 'SIGKILL');
  }

  async untilStatus(container: string, accept: (state: Answered) => boolean): Promise<void> {
    const { accepted, value } = await poll({
      probe: async () => objectOf((await this.inspect(container)).State),
      accept,
      intervalMs: 50,
      deadlineMs: 30_000,
      clock: systemClock,
    });
    if (!accepted) throw new Error(`${container} is ${textOf(value ?? {}, 'Status')}`);
  }

  async post(container: string, what: 'restart' | 'stop' | 'start'): Promise<void> {
    const query: Record<string, string> = what === 'start' ? {} : { t: '0' };
    await this.client.ask({ method: 'POST', path: `/containers/${container}/${what}`, query });
  }

  async remove(container: string): Promise<void> {
    await this.client.find({ method: 'DELETE', path: `/containers/${container}`, query: { force: 'true' } });
  }
}

function mountOf({ volume, target, readOnly, noCopy }: SecretsMount) {
  return { Type: 'volume', Source: volume, Target: target, ReadOnly: readOnly, VolumeOptions: { NoCopy: noCopy } };
}

/** Each piece of output has 8 bytes before it: the stream, and its length at the end. */
function withoutFrames(log: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length;) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    pieces.push(log.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(pieces).toString('utf8');
}
