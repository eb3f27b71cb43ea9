import {
  type Clock,
  createEmitter,
  type Logger,
  type Observer,
  silentLogger,
  systemClock,
  withDeadline,
} from '@maestro/core';

import type {
  ContainerSecrets,
  InjectSecretsOptions,
  ListedSecrets,
  ReinjectSecretsOptions,
  SecretsMount,
  SecretsPlace,
  SecretsVerdict,
  VerifySecretsOptions,
} from '../../containers/container-secrets.ts';
import type { ContainerSecretsEvent } from '../../containers/events.ts';
import { reinjectEmptied } from '../../containers/reinject-emptied.ts';
import { differences, environmentFile, type SecretFiles, secretFiles } from '../../containers/secret-files.ts';
import { checkedName, placeOf, toldOf } from '../../containers/secrets-place.ts';
import { bytesNeeded, fileVariables, rotation, secretsFolder } from '../../containers/volume-layout.ts';
import { engineAddress } from './engine-address.ts';
import { EngineClient } from './engine-client.ts';
import { engineFacts, type EngineFacts } from './engine-facts.ts';
import { engineUnreachable, notArrived } from './errors.ts';
import { Keeper } from './keeper.ts';
import { keeperImage } from './keeper-image.ts';
import { listed, type SecretsScope, type SecretsVolume, SecretsVolumes } from './secrets-volume.ts';

export interface ContainerSecretsOptions {
  /** `unix:///…` or `tcp://…`; what Docker's own client goes by, by default. */
  readonly engine?: string | undefined;
  readonly project: string;
  readonly environment: string;
  /** Time for one volume; 60 000 by default. */
  readonly deadlineMs?: number | undefined;
  readonly onEvent?: Observer<ContainerSecretsEvent> | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** How often a volume is written before that is given up. */
const attempts = 3;

/**
 * The secrets of one environment in the memory of a Docker Engine's host, in a volume for each service and slot.
 * Throws SECRETS_ENGINE_UNREACHABLE for an address that cannot be read. Its methods throw that as well, for an engine that
 * does not answer; SECRETS_ENGINE_FAILED; SECRETS_REJECTED and SECRETS_UNFIT_FOR_ENVIRONMENT for names and values that a
 * container cannot take; SECRETS_CONFLICT for a volume of somebody else's; SECRETS_VOLUME_IN_USE.
 */
export function openContainerSecrets(options: ContainerSecretsOptions): ContainerSecrets {
  return new DockerContainerSecrets(options);
}

class DockerContainerSecrets implements ContainerSecrets {
  readonly #scope: SecretsScope;
  readonly #client: EngineClient;
  readonly #volumes: SecretsVolumes;
  readonly #deadlineMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #emit: (event: ContainerSecretsEvent) => void;
  #facts: EngineFacts | undefined;

  constructor(options: ContainerSecretsOptions) {
    const { project, environment, deadlineMs = 60_000, clock = systemClock, logger = silentLogger } = options;
    this.#scope = { project: checkedName(project), environment: checkedName(environment) };
    this.#client = new EngineClient({ address: engineAddress(options.engine), clock });
    this.#volumes = new SecretsVolumes(this.#client, this.#scope);
    this.#deadlineMs = deadlineMs;
    this.#clock = clock;
    this.#logger = logger;
    this.#emit = createEmitter({ onEvent: options.onEvent, clock, logger });
  }

  async inject({ secrets, owner, signal: outer, ...rest }: InjectSecretsOptions): Promise<SecretsMount> {
    const start = this.#clock.monotonic();
    const place = placeOf(rest);
    const files = secretFiles(secrets);
    const wanted = this.#volumes.wanted(place, owner, bytesNeeded(files));
    const { changed, swappable } = await this.#inTime(outer, async (signal) => {
      const facts = await this.#engine(signal);
      const volume = await this.#ensureVolume(wanted, facts, signal);
      return { changed: await this.#fill(volume, files, facts, signal), swappable: !facts.noswap };
    });
    if (swappable) this.#logger.warn('the host may write secrets to its swap space: its kernel is too old', place);
    this.#emit({
      type: 'secrets-injected',
      ...toldOf(place),
      volume: wanted.name,
      names: Object.keys(secrets),
      changed,
      swappable,
      durationMs: this.#clock.monotonic() - start,
    });
    return {
      volume: wanted.name,
      target: secretsFolder,
      readOnly: true,
      noCopy: true,
      fileVariables: fileVariables(files),
    };
  }

  async verify({ secrets, signal: outer, ...rest }: VerifySecretsOptions): Promise<SecretsVerdict> {
    const place = placeOf(rest);
    const files = secretFiles(secrets);
    const names = Object.keys(secrets);
    return this.#inTime(outer, async (signal) => {
      const volume = await this.#volumes.find(place, signal);
      if (volume === undefined) return { state: 'absent', names };
      const keeper = this.#keeperOf(volume.name);
      if ((await keeper.state(signal)) !== 'running') return { state: 'keeper-stopped', names };
      const content = await keeper.read(signal);
      if (content === undefined) return { state: 'empty', names };
      const differing = differences(files, content.files).filter((name) => name !== environmentFile);
      return differing.length === 0 ? { state: 'current' } : { state: 'different', names: differing };
    });
  }

  async list({ signal: outer }: { readonly signal?: AbortSignal | undefined } = {}): Promise<readonly ListedSecrets[]> {
    return this.#inTime(outer, async (signal) => {
      const volumes = await this.#volumes.list(signal);
      return Promise.all(volumes.map(async (volume) => listed(volume, await this.#stateOf(volume, signal))));
    });
  }

  async reinject(options: ReinjectSecretsOptions): Promise<readonly ListedSecrets[]> {
    return reinjectEmptied(this, options);
  }

  async remove({
    signal: outer,
    ...rest
  }: SecretsPlace & { readonly signal?: AbortSignal | undefined }): Promise<void> {
    const place = placeOf(rest);
    const removed = await this.#inTime(outer, async (signal) => {
      const volume = await this.#volumes.find(place, signal);
      if (volume !== undefined) await this.#discard(volume.name, 'cannot be removed', signal);
      return volume;
    });
    if (removed !== undefined) this.#emit({ type: 'secrets-removed', ...toldOf(place), volume: removed.name });
  }

  async #ensureVolume(wanted: SecretsVolume, { noswap }: EngineFacts, signal: AbortSignal): Promise<SecretsVolume> {
    const found = await this.#volumes.find(wanted, signal);
    const { uid, gid } = wanted.owner;
    if (found?.owner.uid === uid && found.owner.gid === gid && found.sizeBytes >= wanted.sizeBytes) return found;
    if (found !== undefined) await this.#discard(found.name, 'has another owner or is too small', signal);
    await this.#volumes.create(wanted, noswap, signal);
    return wanted;
  }

  /** Looks, writes what is missing and looks again, so that it ends with what was read back; whether it wrote. */
  async #fill(volume: SecretsVolume, files: SecretFiles, facts: EngineFacts, signal: AbortSignal): Promise<boolean> {
    const keeper = this.#keeperOf(volume.name);
    const image = keeperImage({ project: this.#scope.project, architecture: facts.architecture });
    for (let attempt = 1; ; attempt += 1) {
      await keeper.ensure(this.#scope, volume, image, signal);
      const current = await keeper.read(signal);
      if (current !== undefined && differences(files, current.files).length === 0) return attempt > 1;
      if (attempt > attempts) {
        throw notArrived(this.#client.address, volume.name, keeper.name, await keeper.state(signal));
      }
      const switched = await keeper.write(rotation(current, files), volume.owner, signal);
      if (!switched) await keeper.restart(signal);
    }
  }

  async #stateOf({ name }: SecretsVolume, signal: AbortSignal): Promise<ListedSecrets['state']> {
    const keeper = this.#keeperOf(name);
    if ((await keeper.state(signal)) !== 'running') return 'keeper-stopped';
    return (await keeper.version(signal)) === undefined ? 'empty' : 'filled';
  }

  async #discard(volume: string, why: string, signal: AbortSignal): Promise<void> {
    const keeper = this.#keeperOf(volume);
    await this.#volumes.refuseWhileInUse(volume, keeper.name, why, signal);
    await keeper.remove(signal);
    await this.#volumes.remove(volume, signal);
  }

  #keeperOf(volume: string): Keeper {
    return new Keeper({ client: this.#client, volume, clock: this.#clock });
  }

  async #engine(signal: AbortSignal): Promise<EngineFacts> {
    this.#facts ??= await engineFacts(this.#client, signal);
    return this.#facts;
  }

  #inTime<T>(outer: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadlineMs = this.#deadlineMs;
    return withDeadline(work, {
      deadlineMs,
      clock: this.#clock,
      signal: outer,
      onExpired: () => engineUnreachable(this.#client.address, new Error(`it was not done within ${deadlineMs} ms`)),
    });
  }
}
