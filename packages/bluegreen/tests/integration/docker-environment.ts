import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { ensureBaseImage } from '@maestro/base-images';
import { isMaestroError, systemClock } from '@maestro/core';
import type { SuiteOf } from '@maestro/services';

import { openContainers, type ContainersOptions, type Containers } from '../../src/adapters/docker/open-containers.ts';
import { GenerationFolder } from '../../src/adapters/files/generation-folder.ts';
import type { JobSpec } from '../../src/ports/job-runner.ts';
import type { InstanceKey, InstanceSpec } from '../../src/ports/runtime.ts';
import type { Slot } from '../../src/slots.ts';
import { serviceFile, urlOf } from './environment.ts';

/** Making the base image takes a minute where nobody has done so before. */
export const imageMs = 5 * 60_000;

export interface EngineAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** One request to the suite's engine, as somebody with a client of their own would send it. */
export async function askEngine(
  { engine }: Pick<SuiteOf<'docker'>, 'engine'>,
  method: string,
  path: string,
  body?: Buffer | object,
): Promise<EngineAnswer> {
  const isTar = Buffer.isBuffer(body);
  const type = isTar ? 'application/x-tar' : 'application/json';
  const headers = body === undefined ? {} : { 'content-type': type };
  return await new Promise((resolve, reject) => {
    const request = httpRequest({ ...engine, method, path, headers, agent: false }, (response) => {
      buffer(response).then((answer) => {
        resolve({ status: response.statusCode ?? 0, body: answer });
      }, reject);
    });
    request.once('error', reject);
    request.end(isTar || body === undefined ? body : JSON.stringify(body));
  });
}

/** What the engine says of one container; fields are read by name. */
export async function inspect(docker: SuiteOf<'docker'>, container: string): Promise<unknown> {
  return JSON.parse(String((await askEngine(docker, 'GET', `/containers/${container}/json`)).body));
}

/** The fixture service as an image of the suite's own; returns its name. */
export async function buildServiceImage(docker: SuiteOf<'docker'>): Promise<string> {
  const { reference } = await ensureBaseImage({ engine: docker.engine, name: 'node' });
  const image = `${docker.suite}-api:test`;
  const folder = await mkdtemp(join(tmpdir(), 'maestro-image-'));
  try {
    await writeFile(join(folder, 'Dockerfile'), `FROM ${reference}\nCOPY service.mjs /\n`);
    await copyFile(serviceFile, join(folder, 'service.mjs'));
    const tar = await promisify(execFile)('tar', ['-C', folder, '-cf', '-', '.'], { encoding: 'buffer' });
    const labels = encodeURIComponent(JSON.stringify(docker.labels));
    const answer = await askEngine(docker, 'POST', `/build?t=${image}&labels=${labels}`, tar.stdout);
    if (answer.body.includes('errorDetail')) throw new Error(String(answer.body));
  } finally {
    await rm(folder, { recursive: true });
  }
  return image;
}

interface ListedContainer {
  readonly Id: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** The containers of an environment of its own on the suite's engine, and the generations that say what is live. */
export class DockerEnvironment implements AsyncDisposable {
  readonly containers: Containers;
  readonly project: string;
  readonly environment: string;
  readonly folder: string;
  readonly #docker: Pick<SuiteOf<'docker'>, 'engine'>;
  readonly #generations: GenerationFolder;

  private constructor(
    docker: Pick<SuiteOf<'docker'>, 'engine'>,
    folder: string,
    options: Omit<ContainersOptions, 'stateFolder'>,
  ) {
    this.#docker = docker;
    this.folder = folder;
    this.project = options.project;
    this.environment = options.environment;
    this.#generations = new GenerationFolder({ folder, clock: systemClock });
    this.containers = openContainers({
      ...options,
      stateFolder: folder,
      generation: () => Promise.resolve(this.#generations.live()),
    });
  }

  static async open(
    docker: SuiteOf<'docker'>,
    image: string,
    options: Partial<ContainersOptions> = {},
  ): Promise<DockerEnvironment> {
    const folder = options.stateFolder ?? (await mkdtemp(join(tmpdir(), 'maestro-docker-')));
    return new DockerEnvironment(docker, folder, {
      engine: docker.address,
      project: docker.suite,
      environment: `e${randomBytes(3).toString('hex')}`,
      fetchImage: () => Promise.resolve(image),
      ...options,
    });
  }

  async makeLive(key: InstanceKey): Promise<void> {
    const expected = this.#generations.live()?.number ?? null;
    await this.#generations.switchTo({ release: 'a release', slots: { [key.service]: key.slot }, expected });
  }

  name(service: string, slot: Slot): string {
    return `${this.project}-${this.environment}-${service}-${slot}`;
  }

  async url({ service, slot }: InstanceKey): Promise<string> {
    const instances = await this.containers.runtime.observe();
    return urlOf({
      addresses: instances.find((one) => one.service === service && one.slot === slot)?.addresses ?? [],
    });
  }

  /** The containers of its jobs. */
  async jobs(): Promise<readonly ListedContainer[]> {
    return (await this.#list()).filter(({ Labels: of }) => of['maestro.role'] === 'job');
  }

  /** At once, as somebody would who does not care for them. */
  async removeContainers(): Promise<void> {
    const listed = await this.#list();
    await Promise.all(listed.map(({ Id }) => askEngine(this.#docker, 'DELETE', `/containers/${Id}?force=true&v=true`)));
  }

  async #list(): Promise<readonly ListedContainer[]> {
    const label = [`maestro.project=${this.project}`, `maestro.environment=${this.environment}`];
    const filters = encodeURIComponent(JSON.stringify({ label }));
    const { body } = await askEngine(this.#docker, 'GET', `/containers/json?all=true&filters=${filters}`);
    return JSON.parse(String(body)) as readonly ListedContainer[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.removeContainers();
    await this.containers.remove().catch(whileAway);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The first process of a container has no default for SIGTERM: the shell has its own before the service has begun. */
export const serviceCommand = ['/bin/sh', '-c', "trap 'exit 0' TERM; node /service.mjs & wait $!"];

export function containerSpec(key: InstanceKey, overrides: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    ...key,
    release: 'a release',
    image: 'shop-api:demo-abc1234',
    digest: `sha256:${key.slot}`,
    configHash: 'one',
    command: serviceCommand,
    environment: { VERSION: key.slot },
    secrets: {},
    ...overrides,
  };
}
/** A job that is a script of the shell. */
export function jobSpec(script: string, overrides: Partial<JobSpec> = {}): JobSpec {
  return {
    service: 'api',
    job: 'import',
    release: 'a release',
    image: 'shop-api:demo-abc1234',
    digest: 'sha256:blue',
    configHash: 'one',
    command: ['/bin/sh', '-c', script],
    environment: { NAME: 'rows' },
    secrets: {},
    ...overrides,
  };
}

function whileAway(error: unknown): void {
  if (!isMaestroError(error, 'BLUEGREEN_ENGINE_UNREACHABLE')) throw error;
}
