import type { Instance } from '../ports/runtime.ts';
import type { Slot } from '../slots.ts';
import { type Generation, liveSlot, receivesTraffic } from './generation.ts';
import type { Strategy } from './move.ts';

/**
 * What is not as the last release left it. `missing`, `stopped`, `crashed`: so is what should answer or work. `running`: an
 * instance without traffic runs that no release keeps warm. `unknown`: the service is not in the registry.
 */
export interface Drift {
  readonly kind: 'missing' | 'stopped' | 'crashed' | 'running' | 'unknown';
  readonly service: string;
  readonly slot: Slot;
  /** In words, such as `api is live in blue, but nothing is there`. */
  readonly detail: string;
  /** The command that mends it. */
  readonly next: string;
}

export interface DriftInput {
  readonly generation: Generation | null;
  readonly instances: readonly Instance[];
  /** Those of the registry. */
  readonly services: readonly { readonly service: string; readonly strategy?: Strategy | undefined }[];
}

/** Finds what somebody, or a crash, has changed since the last release. */
export function findDrift({ generation, instances, services }: DriftInput): readonly Drift[] {
  const inSlots = [...new Set([...Object.keys(generation?.slots ?? {}), ...instances.map(({ service }) => service)])];
  const known = new Map(services.map(({ service, strategy }) => [service, strategy?.kind ?? 'blue-green']));
  return inSlots.sort().flatMap((service) => {
    const own = instances.filter((instance) => instance.service === service);
    const live = liveSlot(generation, service);
    const kind = known.get(service);
    if (kind === undefined) return unknownService(service, live, own);
    if (kind === 'worker' && live === undefined) return workerDrift(service, own);
    return [...(live === undefined ? [] : liveDrift(service, live, own)), ...idleDrift(generation, own)];
  });
}

function unknownService(service: string, live: Slot | undefined, own: readonly Instance[]): readonly Drift[] {
  const slot = live ?? own.find(isRunning)?.slot;
  if (slot === undefined) return [];
  const does = live === undefined ? 'runs' : 'receives traffic';
  const detail = `${service} ${does} in ${slot}, but is not in the registry`;
  return [{ kind: 'unknown', service, slot, detail, next: 'maestro deploy' }];
}

function liveDrift(service: string, live: Slot, own: readonly Instance[]): readonly Drift[] {
  const instance = own.find(({ slot }) => slot === live);
  if (instance === undefined) {
    const detail = `${service} is live in ${live}, but nothing is there`;
    return [{ kind: 'missing', service, slot: live, detail, next: deploy(service) }];
  }
  return isRunning(instance) ? [] : [ended(instance, `${service} is live in ${live}, but`)];
}

/** What was live before a switch stays warm for a while; what started after it was started by somebody else. */
function idleDrift(generation: Generation | null, own: readonly Instance[]): readonly Drift[] {
  return own.flatMap((instance) => {
    const { service, slot, startedAt } = instance;
    if (!isRunning(instance) || receivesTraffic(generation, instance)) return [];
    if (generation !== null && startedAt <= generation.at) return [];
    const detail = `${service} runs in ${slot} without traffic, and no release keeps it warm`;
    return [{ kind: 'running', service, slot, detail, next: deploy(service) }];
  });
}

function workerDrift(service: string, own: readonly Instance[]): readonly Drift[] {
  const [first, second] = own.filter(isRunning);
  if (first !== undefined && second !== undefined) {
    const detail = `${service} runs in both slots`;
    return [{ kind: 'running', service, slot: second.slot, detail, next: deploy(service) }];
  }
  const last = [...own].sort((one, two) => (one.startedAt < two.startedAt ? 1 : -1))[0];
  return first !== undefined || last === undefined ? [] : [ended(last, `${service} does not run:`)];
}

function ended(instance: Instance, beginning: string): Drift {
  const { service, slot, state, exit } = instance;
  const kind = state === 'crashed' ? 'crashed' : 'stopped';
  const detail = `${beginning} its instance ${kind === 'crashed' ? 'crashed' : 'was stopped'} (${exit ?? 'no reason given'})`;
  return { kind, service, slot, detail, next: deploy(service) };
}

function isRunning({ state }: Instance): boolean {
  return state === 'running';
}

function deploy(service: string): string {
  return `maestro deploy ${service}`;
}
