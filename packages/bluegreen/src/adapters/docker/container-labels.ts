import type { InstanceKey, InstanceLabels } from '../../ports/runtime.ts';
import type { Slot } from '../../slots.ts';

/** Whose containers and network these are. */
export interface Scope {
  readonly project: string;
  readonly environment: string;
}

/** What containers carry with them, so that all that is known of them can be read from the engine. */
export const labels = {
  project: 'maestro.project',
  environment: 'maestro.environment',
  /** `instance`, `job` or `network`; other parts of Maestro have roles of their own. */
  role: 'maestro.role',
  service: 'maestro.service',
  slot: 'maestro.slot',
  replica: 'maestro.replica',
  /** How many there are of them. */
  replicas: 'maestro.replicas',
  release: 'maestro.release',
  image: 'maestro.image',
  digest: 'maestro.digest',
  config: 'maestro.config',
  /** Where it answers, as seen from the router: `10.200.4.2:8080`. */
  address: 'maestro.address',
  job: 'maestro.job',
} as const;

export type Role = 'instance' | 'job' | 'network';

export function scopeLabels({ project, environment }: Scope, role: Role): Record<string, string> {
  return { [labels.project]: project, [labels.environment]: environment, [labels.role]: role };
}

/** A filter of the engine's lists; with a key for one slot alone. */
export function scopeFilter(scope: Scope, role: Role, key?: InstanceKey): { readonly label: readonly string[] } {
  const ofSlot = key === undefined ? {} : { [labels.service]: key.service, [labels.slot]: key.slot };
  const wanted = { ...scopeLabels(scope, role), ...ofSlot };
  return { label: Object.entries(wanted).map(([name, value]) => `${name}=${value}`) };
}

export function releaseLabels({ release, image, digest, configHash }: InstanceLabels): Record<string, string> {
  return {
    [labels.release]: release,
    [labels.image]: image,
    [labels.digest]: digest,
    [labels.config]: configHash,
  };
}

export function networkName({ project, environment }: Scope): string {
  return `${project}-${environment}`;
}

/** `shop-production-api-green`; further replicas have their number behind it. */
export function containerName(scope: Scope, { service, slot }: InstanceKey, replica: number): string {
  return `${networkName(scope)}-${service}-${slot}${replica === 0 ? '' : `-${replica}`}`;
}

export function jobName(scope: Scope, { service, job }: { readonly service: string; readonly job: string }): string {
  return `${networkName(scope)}-${service}-job-${job}`;
}

/** One place of a slot, as it is named in the address book: `api.green.0`. */
export function placeName({ service, slot, replica }: InstanceKey & { readonly replica: number }): string {
  return `${service}.${slot}.${replica}`;
}

export function slotOf(text: string | undefined): Slot | undefined {
  return text === 'blue' || text === 'green' ? text : undefined;
}
