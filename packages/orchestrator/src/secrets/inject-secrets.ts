import type { Observer } from '@maestro/core';
import { type ContainerUser, type ResolvedService, selectServices } from '@maestro/registry';
import { type PreparedSecrets, prepareSecrets, type SecretsEvent } from '@maestro/secrets';
import type { ContainerSecrets, ContainerSecretsEvent } from '@maestro/secrets/docker';

import type {
  InjectedService,
  InjectionResult,
  InjectOptions,
  PreparedService,
  ReinjectionResult,
  ReinjectOptions,
} from './environment-secrets.ts';
import type { ReleasedPlace } from '../release/released-secrets.ts';
import { noContainers, noContainerUser } from './errors.ts';
import { type SecretParts, storeOf } from './secret-parts.ts';

interface Receiver {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly owner: ContainerUser;
}

/** Fetches everything, and then fills one volume after the other. */
export async function injectSecrets(parts: SecretParts, options: InjectOptions): Promise<InjectionResult> {
  const { environment, clock, logger } = parts;
  const { services: names, slot, onEvent, signal } = options;
  const containers = await openContainers(parts, onEvent);
  const services = receiversOf(parts, names);
  const store = storeOf(parts);
  if (services.length === 0) return { store: store.name, services: [] };
  return parts.alone(`inject secrets of ${environment.name}`, async () => {
    const prepared = await prepareSecrets({ store, services, onEvent, clock, logger, signal });
    const injected: InjectedService[] = [];
    for (const { name: service, owner } of services) {
      const mount = await containers.inject({ service, slot, owner, secrets: prepared.forContainer(service), signal });
      injected.push({ ...preparedFor(service, prepared), slot: slot ?? null, ...mount });
    }
    return { store: store.name, services: injected };
  });
}

/** Fetches the secrets of each service by themselves, so that what one lacks is not missed by the others. */
export async function reinjectSecrets(parts: SecretParts, options: ReinjectOptions): Promise<ReinjectionResult> {
  const { onEvent, signal } = options;
  const containers = await openContainers(parts, onEvent);
  return parts.alone(`inject secrets of ${parts.environment.name}`, async () => {
    const emptied = (await containers.list({ signal })).filter(({ state }) => state !== 'filled');
    if (emptied.length === 0) return { filled: [], left: [] };
    const released = await parts.releasedSecrets(signal);
    const stopped = new Set<string>();
    const filled = await containers.reinject({
      secretsFor: async ({ service, slot = null }) => {
        const found = await released({ service, slot });
        if (found.state === 'stopped') stopped.add(placeName({ service, slot }));
        if (found.state === 'running') return found.prepared?.forContainer(service);
        return found.state === 'stopped' ? undefined : currentSecrets(service, parts, options);
      },
      signal,
    });
    const told = emptied.map(({ service, slot = null, volume }) => ({ service, slot, volume }));
    const isFilled = (one: string) => filled.some(({ volume }) => volume === one);
    const left = told.filter(({ volume }) => !isFilled(volume));
    return {
      filled: told.filter(({ volume }) => isFilled(volume)),
      left: left.map((one) => ({ ...one, reason: stopped.has(placeName(one)) ? 'stopped' : 'not-needed' })),
    };
  });
}

/** For containers that no release of Maestro has started. */
async function currentSecrets(service: string, parts: SecretParts, { onEvent, signal }: ReinjectOptions) {
  const { environment, clock, logger } = parts;
  const secrets = environment.services.find(({ name }) => name === service)?.secrets ?? [];
  if (secrets.length === 0) return undefined;
  const services = [{ name: service, secrets }];
  const prepared = await prepareSecrets({ store: storeOf(parts), services, onEvent, clock, logger, signal });
  return prepared.forContainer(service);
}

function placeName({ service, slot }: ReleasedPlace): string {
  return JSON.stringify([service, slot]);
}

async function openContainers(
  { environment, clock, logger }: SecretParts,
  onEvent: Observer<ContainerSecretsEvent | SecretsEvent> | undefined,
): Promise<ContainerSecrets> {
  const { project, name, images } = environment;
  if (images === null) throw noContainers(name);
  const { openContainerSecrets } = await import('@maestro/secrets/docker');
  return openContainerSecrets({ engine: images.engine, project, environment: name, onEvent, clock, logger });
}

/** A service's container gets what the service names; what a database is reached with is for whoever migrates it. */
function receiversOf({ environment }: SecretParts, names: readonly string[] | undefined): readonly Receiver[] {
  const needing = selectServices(environment.services, names).filter(({ secrets }) => secrets.length > 0);
  const unknown = needing.filter(({ containerUser }) => containerUser === null);
  if (unknown.length > 0)
    throw noContainerUser(
      environment.name,
      unknown.map(({ name }) => name),
    );
  return needing.flatMap(({ name, secrets, containerUser: owner }: ResolvedService) =>
    owner === null ? [] : [{ name, secrets, owner }],
  );
}

function preparedFor(service: string, { versions }: PreparedSecrets): PreparedService {
  const own = Object.entries(versions[service] ?? {});
  return { service, secrets: own.map(([name, version]) => ({ name, version })) };
}
