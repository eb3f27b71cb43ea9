import { type Logger, messageOf } from '@maestro/core';

import type { InstanceSpec } from '../../ports/runtime.ts';
import type { MountSecrets, SecretsMount } from '../../ports/secrets-mount.ts';
import { slotName } from '../../slots.ts';
import type { AddressBook, Reach } from './address-book.ts';
import { containerName, labels, type Scope } from './container-labels.ts';
import { defaultPort, type ImageFacts, replicaContainer } from './container-spec.ts';
import type { EngineAddress } from './engine-address.ts';
import type { EngineContainers } from './engine-containers.ts';
import type { EngineImages } from './engine-images.ts';
import type { EnvironmentNetwork } from './environment-network.ts';
import { engineFailed, notStarted, secretsUnwanted } from './errors.ts';
import type { FoundReplica } from './observed-instances.ts';

export interface ReplicaStarterOptions {
  readonly scope: Scope;
  readonly engine: EngineAddress;
  readonly containers: EngineContainers;
  readonly images: EngineImages;
  readonly network: EnvironmentNetwork;
  readonly addresses: AddressBook;
  readonly reach: () => Promise<Reach>;
  readonly mountSecrets: MountSecrets | undefined;
  readonly logger: Logger;
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/** Starts the containers of an instance. */
export class ReplicaStarter {
  readonly #options: ReplicaStarterOptions;

  constructor(options: ReplicaStarterOptions) {
    this.#options = options;
  }

  /**
   * Starts what does not run yet of an instance, in place of what was there; all of it or nothing. What runs is left alone. Throws
   * `BLUEGREEN_START_FAILED`.
   */
  async complete(
    spec: InstanceSpec,
    { found, signal }: Cancellable & { readonly found: readonly FoundReplica[] },
  ): Promise<void> {
    const running = found.filter(({ state }) => state === 'running').map(({ replica }) => replica);
    const missing = Array.from({ length: spec.replicas ?? 1 }, (_, replica) => replica).filter(
      (replica) => !running.includes(replica),
    );
    if (missing.length === 0) return;
    const name = slotName(spec);
    const { images, network, engine, mountSecrets } = this.#options;
    const secrets = Object.keys(spec.secrets);
    if (secrets.length > 0 && mountSecrets === undefined) throw secretsUnwanted(name, secrets);
    const image = await images.resolve(spec, { name, signal });
    await network.ensure({ signal });
    // Only now, when most of what can be wrong is known: what was there may be what a rollback would start.
    const ended = found.filter(({ state }) => state !== 'running').map(({ id }) => id);
    await this.#remove(ended, { signal }).catch((error: unknown) => {
      throw engineFailed(engine, `remove what was in ${name}`, error);
    });
    const { service, slot } = spec;
    const mount =
      secrets.length === 0
        ? undefined
        : await mountSecrets?.({ service, slot, release: spec.release, secrets: spec.secrets, signal });
    await this.#start(spec, missing, { image, mount, signal });
  }

  async #start(
    spec: InstanceSpec,
    replicas: readonly number[],
    { image, mount, signal }: Cancellable & { readonly image: ImageFacts; readonly mount: SecretsMount | undefined },
  ): Promise<void> {
    const { scope, addresses, network, reach } = this.#options;
    const { service, slot, port = defaultPort } = spec;
    const given = await addresses.addressesOf(replicas.map((replica) => ({ service, slot, replica, port })));
    const common = { scope, spec, network: network.name, image, secrets: mount, reach: await reach() };
    const outcomes = await Promise.allSettled(
      replicas.map((replica, index) => {
        const address = given[index] ?? { host: '', port };
        return this.#startOne(spec, containerName(scope, spec, replica), {
          image,
          json: replicaContainer({ ...common, replica, address }),
          signal,
        });
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return;
    await this.#takeBack(spec, replicas);
    throw failed.reason;
  }

  async #startOne(
    spec: InstanceSpec,
    container: string,
    { image, json, signal }: Cancellable & { readonly image: ImageFacts; readonly json: object },
  ): Promise<void> {
    const { containers, engine } = this.#options;
    try {
      const id = await containers.create(container, json, { signal });
      for (const network of spec.container?.networks ?? []) await containers.join(id, network, { signal });
      await containers.start(id, { signal });
    } catch (error) {
      throw notStarted(engine, { name: slotName(spec), container, image: image.reference }, error);
    }
  }

  /** Not by the signal of the start: whoever aborted it wants nothing left of it. Also finds what is not known to be made. */
  async #takeBack({ service, slot }: InstanceSpec, replicas: readonly number[]): Promise<void> {
    const { containers, logger } = this.#options;
    try {
      const listed = await containers.list('instance', { key: { service, slot } });
      const begun = listed.filter(({ Labels: of }) => replicas.includes(Number(of[labels.replica])));
      await this.#remove(begun.map(({ Id }) => Id));
    } catch (error) {
      logger.warn('what was begun is left over until the next start', {
        instance: slotName({ service, slot }),
        error: messageOf(error),
      });
    }
  }

  async #remove(ids: readonly string[], options: Cancellable = {}): Promise<void> {
    await Promise.all(ids.map((id) => this.#options.containers.remove(id, options)));
  }
}
