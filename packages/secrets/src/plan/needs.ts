import type { SecretFailure, SecretFailureReason, SecretPin } from '../ports/secret-store.ts';
import type { ExpansionFailure } from './references.ts';
import { parseSecretId } from './secret-id.ts';

export interface ServiceSecrets {
  readonly name: string;
  /** What it needs, `name` or `name#key`; by the name of a variable where that is another one. */
  readonly secrets: readonly string[] | Readonly<Record<string, string>>;
}

/** Versions by service, then by name of the secret; a release records these. */
export type SecretVersions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** An id that is wanted for a service, by itself or through another one that refers to it. */
export interface Want {
  /** Undefined where it is a program that reads for itself. */
  readonly service?: string | undefined;
  readonly id: string;
  readonly through?: string | undefined;
}

/** One thing to fetch, and who needs it. */
export interface Need {
  readonly name: string;
  /** Undefined for the current version. */
  readonly pin: SecretPin | undefined;
  readonly services: readonly string[];
  /** Ids that refer to it. */
  readonly through: readonly string[];
}

/** A need that was not met. An empty value meets none: the service would start with it and fail elsewhere. */
export interface NeedFailure extends Omit<SecretFailure, 'reason'> {
  readonly need: Pick<Need, 'name' | 'services' | 'through'>;
  readonly reason: SecretFailureReason | ExpansionFailure['reason'];
}

/** @param service - undefined where a program reads for itself */
export function needFailure({ id, reason, through }: ExpansionFailure, service?: string): NeedFailure {
  const services = service === undefined ? [] : [service];
  return { need: { name: id, services, through: through === undefined ? [] : [through] }, reason };
}

/** Which id each variable of a service has; a list names variables after their ids. */
export function variablesOf({ secrets }: ServiceSecrets): readonly (readonly [variable: string, id: string])[] {
  return isList(secrets) ? [...new Set(secrets)].map((id) => [id, id]) : Object.entries(secrets);
}

export function wantsOf(services: readonly ServiceSecrets[]): readonly Want[] {
  return services.flatMap((service) => variablesOf(service).map(([, id]) => ({ service: service.name, id })));
}

/** Which version of a secret is for whom; undefined for the current one. */
export type PinFor = (service: string | undefined, name: string) => SecretPin | undefined;

/** The versions that a rollback brings back, and the current ones of everything else. */
export function pinsOf(versions: SecretVersions): PinFor {
  const byService = new Map(Object.entries(versions).map(([name, own]) => [name, new Map(Object.entries(own))]));
  return (service = '', name) => {
    const version = byService.get(service)?.get(name);
    return version === undefined ? undefined : { version };
  };
}

/** What identifies a secret in a version. */
export function pinnedKey(name: string, pin: SecretPin | undefined): string {
  return `${name}\0${pin?.stage ?? ''}\0${pin?.version ?? ''}`;
}

/** What is wanted together, each distinct name and version once, in the order first asked for. */
export function needsOf(wants: readonly Want[], pinFor: PinFor = () => undefined): readonly Need[] {
  const needs = new Map<string, { name: string; pin: SecretPin | undefined; by: Set<string>; via: Set<string> }>();
  for (const { service, id, through } of wants) {
    const { name } = parseSecretId(id);
    const pin = pinFor(service, name);
    const key = pinnedKey(name, pin);
    const need = needs.get(key) ?? { name, pin, by: new Set(), via: new Set() };
    if (service !== undefined) need.by.add(service);
    if (through !== undefined) need.via.add(through);
    needs.set(key, need);
  }
  return [...needs.values()].map(({ name, pin, by, via }) => ({ name, pin, services: [...by], through: [...via] }));
}

/**
 * Needs that one call to a store can answer, which has one version a name. There is one batch, unless a rollback brings
 * back services that were released with different versions of a secret they share.
 */
export function batchesOf<T extends { readonly name: string }>(needs: readonly T[]): readonly (readonly T[])[] {
  const batches: { needs: T[]; names: Set<string> }[] = [];
  for (const need of needs) {
    const free = batches.find(({ names }) => !names.has(need.name));
    if (free === undefined) batches.push({ needs: [need], names: new Set([need.name]) });
    else {
      free.needs.push(need);
      free.names.add(need.name);
    }
  }
  return batches.map((batch) => batch.needs);
}

function isList(secrets: ServiceSecrets['secrets']): secrets is readonly string[] {
  return Array.isArray(secrets);
}
