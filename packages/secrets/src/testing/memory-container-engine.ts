import { type Clock, createEmitter, type Observer, silentLogger, systemClock } from '@maestro/core';

import { volumeInUse } from '../adapters/docker/errors.ts';
import type {
  ContainerSecrets,
  InjectSecretsOptions,
  ListedSecrets,
  ReinjectSecretsOptions,
  SecretsMount,
  SecretsPlace,
  SecretsVerdict,
  VerifySecretsOptions,
} from '../containers/container-secrets.ts';
import type { ContainerSecretsEvent } from '../containers/events.ts';
import { reinjectEmptied } from '../containers/reinject-emptied.ts';
import { differences, environmentFile, type SecretFiles, secretFiles } from '../containers/secret-files.ts';
import { checkedName, placeOf, toldOf, volumeName } from '../containers/secrets-place.ts';
import type { Owner } from '../containers/tar-archive.ts';
import { bytesNeeded, fileVariables, secretsFolder } from '../containers/volume-layout.ts';

export interface MemoryContainerSecretsOptions {
  readonly project: string;
  readonly environment: string;
  readonly onEvent?: Observer<ContainerSecretsEvent> | undefined;
  readonly clock?: Clock | undefined;
}

interface Scope {
  readonly project: string;
  readonly environment: string;
}

interface Volume extends SecretsPlace, Scope {
  readonly name: string;
  readonly owner: Owner;
  readonly sizeBytes: number;
  /** Undefined in one that a reboot has emptied. */
  files: SecretFiles | undefined;
}

/** A container engine in memory, as far as secrets go: its volumes, and which containers have them. */
export class MemoryContainerEngine {
  readonly #volumes = new Map<string, Volume>();
  /** Names of volumes by container. */
  readonly #users = new Map<string, string>();

  /** The secrets of one environment in this engine; no two environments see one another's. */
  open(options: MemoryContainerSecretsOptions): ContainerSecrets {
    return new MemoryContainerSecrets(this.#volumes, this.#users, options);
  }

  /** What a container that mounts a volume finds there, by name; undefined where it is empty or not there. */
  filesIn(volume: string): ReadonlyMap<string, Uint8Array> | undefined {
    return this.#volumes.get(volume)?.files;
  }

  /** Has a container take a volume. */
  run(container: string, volume: string): void {
    this.#users.set(container, volume);
  }

  removeContainer(container: string): void {
    this.#users.delete(container);
  }

  /** Empties a volume, or all of them, as a reboot of the host does. */
  empty(name?: string): void {
    for (const volume of this.#volumes.values()) if ((name ?? volume.name) === volume.name) volume.files = undefined;
  }
}

class MemoryContainerSecrets implements ContainerSecrets {
  readonly #volumes: Map<string, Volume>;
  readonly #users: ReadonlyMap<string, string>;
  readonly #scope: Scope;
  readonly #clock: Clock;
  readonly #emit: (event: ContainerSecretsEvent) => void;

  constructor(
    volumes: Map<string, Volume>,
    users: ReadonlyMap<string, string>,
    { project, environment, onEvent, clock = systemClock }: MemoryContainerSecretsOptions,
  ) {
    this.#volumes = volumes;
    this.#users = users;
    this.#scope = { project: checkedName(project), environment: checkedName(environment) };
    this.#clock = clock;
    this.#emit = createEmitter({ onEvent, clock, logger: silentLogger });
  }

  inject({ secrets, owner, signal, ...rest }: InjectSecretsOptions): Promise<SecretsMount> {
    return this.#doing(signal, () => {
      const start = this.#clock.monotonic();
      const place = placeOf(rest);
      const files = secretFiles(secrets);
      const volume = this.#ensure(place, owner, bytesNeeded(files));
      const changed = volume.files === undefined || differences(files, volume.files).length > 0;
      volume.files = files;
      this.#emit({
        type: 'secrets-injected',
        ...toldOf(place),
        volume: volume.name,
        names: Object.keys(secrets),
        changed,
        swappable: false,
        durationMs: this.#clock.monotonic() - start,
      });
      return {
        volume: volume.name,
        target: secretsFolder,
        readOnly: true,
        noCopy: true,
        fileVariables: fileVariables(files),
      };
    });
  }

  verify({ secrets, signal, ...rest }: VerifySecretsOptions): Promise<SecretsVerdict> {
    return this.#doing(signal, () => {
      const wanted = secretFiles(secrets);
      const volume = this.#find(placeOf(rest));
      if (volume?.files === undefined) {
        return { state: volume === undefined ? 'absent' : 'empty', names: Object.keys(secrets) };
      }
      const names = differences(wanted, volume.files).filter((name) => name !== environmentFile);
      return names.length === 0 ? { state: 'current' } : { state: 'different', names };
    });
  }

  list({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<readonly ListedSecrets[]> {
    return this.#doing(signal, () =>
      [...this.#volumes.values()]
        .filter((volume) => this.#isOwn(volume))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((volume): ListedSecrets => {
          const { service, slot, name, owner, files } = volume;
          const state = files === undefined ? 'empty' : 'filled';
          return { service, ...(slot === undefined ? {} : { slot }), volume: name, owner, state };
        }),
    );
  }

  reinject(options: ReinjectSecretsOptions): Promise<readonly ListedSecrets[]> {
    return reinjectEmptied(this, options);
  }

  remove({ signal, ...rest }: SecretsPlace & { readonly signal?: AbortSignal | undefined }): Promise<void> {
    return this.#doing(signal, () => {
      const place = placeOf(rest);
      const volume = this.#find(place);
      if (volume === undefined) return;
      this.#discard(volume, 'cannot be removed');
      this.#emit({ type: 'secrets-removed', ...toldOf(place), volume: volume.name });
    });
  }

  #ensure(place: SecretsPlace, owner: Owner, sizeBytes: number): Volume {
    const found = this.#find(place);
    const { uid, gid } = owner;
    if (found?.owner.uid === uid && found.owner.gid === gid && found.sizeBytes >= sizeBytes) return found;
    if (found !== undefined) this.#discard(found, 'has another owner or is too small');
    const name = volumeName(this.#scope, place);
    const volume: Volume = { ...place, ...this.#scope, name, owner, sizeBytes, files: undefined };
    this.#volumes.set(name, volume);
    return volume;
  }

  #discard({ name }: Volume, why: string): void {
    const users = [...this.#users].filter(([, volume]) => volume === name).map(([container]) => container);
    if (users.length > 0) throw volumeInUse({ shown: 'memory' }, name, why, users);
    this.#volumes.delete(name);
  }

  #find(place: SecretsPlace): Volume | undefined {
    const found = this.#volumes.get(volumeName(this.#scope, place));
    return found !== undefined && this.#isOwn(found) ? found : undefined;
  }

  #isOwn({ project, environment }: Volume): boolean {
    return project === this.#scope.project && environment === this.#scope.environment;
  }

  /** Rejects where an engine would, and not before. */
  async #doing<T>(signal: AbortSignal | undefined, work: () => T): Promise<T> {
    await Promise.resolve();
    signal?.throwIfAborted();
    return work();
  }
}
