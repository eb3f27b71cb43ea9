import { createHash } from 'node:crypto';
import { posix } from 'node:path';

import { type Clock, poll } from '@maestro/core';

import type { SecretFiles } from '../../containers/secret-files.ts';
import { type Owner, packTar, type TarEntry, unpackTar } from '../../containers/tar-archive.ts';
import {
  currentLink,
  type Rotation,
  secretsFolder,
  switchEntries,
  type VolumeContent,
} from '../../containers/volume-layout.ts';
import { objectOf, parsed, textOf } from './engine-answers.ts';
import type { EngineClient } from './engine-client.ts';
import type { KeeperImage } from './keeper-image.ts';
import { labelsOf, type SecretsScope, type SecretsVolume } from './secrets-volume.ts';

const configLabel = 'maestro.secrets.keeper';
const startMs = 5_000;
const switchMs = 3_000;

function keeperName(volume: string): string {
  return `${volume}-keeper`;
}

/**
 * The container that keeps one volume mounted, and through which its files are written and read: without one that runs, the
 * memory is given back when the service's own container stops.
 */
export class Keeper {
  readonly name: string;
  readonly #client: EngineClient;
  readonly #path: string;
  readonly #clock: Clock;

  constructor({
    client,
    volume,
    clock,
  }: {
    readonly client: EngineClient;
    readonly volume: string;
    readonly clock: Clock;
  }) {
    this.name = keeperName(volume);
    this.#client = client;
    this.#path = `/containers/${this.name}`;
    this.#clock = clock;
  }

  /** Makes it run as it should be, whatever there is. */
  async ensure(scope: SecretsScope, volume: SecretsVolume, image: KeeperImage, signal: AbortSignal): Promise<void> {
    const body = containerOf(scope, volume, image.reference);
    const found = await this.#client.find({ method: 'GET', path: `${this.#path}/json`, signal });
    const container = parsed(found?.body ?? Buffer.alloc(0));
    const isWanted = textOf(objectOf(objectOf(container.Config).Labels), configLabel) === body.Labels[configLabel];
    if (isWanted && isRunning(objectOf(container.State))) return;
    if (found !== undefined && !isWanted) await this.remove(signal);
    if (!isWanted) await this.#create(body, image, signal);
    await this.#start(signal);
  }

  /** How it is, in words: `running`, `restarting with exit code 1`. */
  async state(signal: AbortSignal): Promise<string> {
    const found = await this.#client.find({ method: 'GET', path: `${this.#path}/json`, signal });
    if (found === undefined) return 'gone';
    const state = objectOf(parsed(found.body).State);
    return isRunning(state) ? 'running' : `${textOf(state, 'Status')} with exit code ${String(state.ExitCode)}`;
  }

  async restart(signal: AbortSignal): Promise<void> {
    await this.#client.ask({ method: 'POST', path: `${this.#path}/restart`, query: { t: '0' }, signal });
  }

  async remove(signal: AbortSignal): Promise<void> {
    await this.#client.find({ method: 'DELETE', path: this.#path, query: { force: 'true' }, signal });
  }

  /** The folder that holds, by its link; undefined in an empty volume. */
  async version(signal: AbortSignal): Promise<string | undefined> {
    const query = { path: posix.join(secretsFolder, currentLink) };
    const answer = await this.#client.find({ method: 'HEAD', path: `${this.#path}/archive`, query, signal });
    const stat = answer?.headers['x-docker-container-path-stat'];
    if (typeof stat !== 'string') return undefined;
    const version = posix.basename(textOf(parsed(Buffer.from(stat, 'base64')), 'linkTarget'));
    return /^v\d$/.test(version) ? version : undefined;
  }

  async read(signal: AbortSignal): Promise<VolumeContent | undefined> {
    const version = await this.version(signal);
    if (version === undefined) return undefined;
    const query = { path: posix.join(secretsFolder, version) };
    const answer = await this.#client.find({ method: 'GET', path: `${this.#path}/archive`, query, signal });
    const found = answer === undefined ? undefined : unpackTar(answer.body);
    const files: SecretFiles = new Map([...(found ?? [])].map(([path, content]) => [posix.basename(path), content]));
    return { version, files };
  }

  /** Writes everything in one request; whether the keeper has switched by the end of a few seconds. */
  async write({ version, entries }: Rotation, owner: Owner, signal: AbortSignal): Promise<boolean> {
    await this.#put(entries, owner, signal);
    const { accepted } = await poll({
      probe: async (probing) => {
        const current = await this.version(probing);
        // A keeper that has just started may have missed the first sign.
        if (current !== version) await this.#put(switchEntries, owner, probing);
        return current;
      },
      accept: (current) => current === version,
      intervalMs: 20,
      deadlineMs: switchMs,
      clock: this.#clock,
      signal,
    });
    return accepted;
  }

  async #put(entries: readonly TarEntry[], owner: Owner, signal: AbortSignal): Promise<void> {
    const body = { tar: packTar(entries, owner) };
    const query = { path: secretsFolder };
    await this.#client.ask({ method: 'PUT', path: `${this.#path}/archive`, query, body, signal });
  }

  /** Of two that create it at once one is told that it is there, which is as good. */
  async #create(body: ReturnType<typeof containerOf>, image: KeeperImage, signal: AbortSignal): Promise<void> {
    const request = {
      method: 'POST',
      path: '/containers/create',
      query: { name: this.name },
      body: { json: body },
      signal,
    } as const;
    if ((await this.#client.ask(request, [404, 409])).status !== 404) return;
    const load = {
      method: 'POST',
      path: '/images/load',
      query: { quiet: 'true' },
      body: { tar: image.archive },
    } as const;
    await this.#client.ask({ ...load, signal });
    await this.#client.ask(request, [409]);
  }

  /** What is written into one that is between two runs would be gone with the next. */
  async #start(signal: AbortSignal): Promise<void> {
    await this.#client.ask({ method: 'POST', path: `${this.#path}/start`, signal });
    const probe = (probing: AbortSignal) => this.state(probing);
    const accept = (state: string) => state === 'running';
    await poll({ probe, accept, intervalMs: 50, deadlineMs: startMs, clock: this.#clock, signal });
  }
}

function isRunning(state: Readonly<Record<string, unknown>>): boolean {
  return state.Running === true && state.Restarting !== true && state.Paused !== true;
}

/** As little as a container can be and do; its user is the volume's owner, who may rename in it. */
function containerOf(scope: SecretsScope, volume: SecretsVolume, image: string) {
  const { uid, gid } = volume.owner;
  const container = {
    Image: image,
    Cmd: ['/keeper'],
    User: `${uid}:${gid}`,
    WorkingDir: secretsFolder,
    // As the first process of a container it would not notice SIGTERM.
    StopSignal: 'SIGKILL',
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      // With "unless-stopped" Engine 20.10 leaves it stopped after it was itself killed.
      RestartPolicy: { Name: 'always' },
      LogConfig: { Type: 'none' },
      Mounts: [{ Type: 'volume', Source: volume.name, Target: secretsFolder, VolumeOptions: { NoCopy: true } }],
    },
  };
  const hash = createHash('sha256').update(JSON.stringify(container)).digest('hex').slice(0, 12);
  return { ...container, Labels: { ...labelsOf(scope, volume, 'secrets-keeper'), [configLabel]: hash } };
}
