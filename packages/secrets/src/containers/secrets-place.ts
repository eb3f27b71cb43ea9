import { rejected } from '../errors.ts';
import type { SecretsPlace } from './container-secrets.ts';

// Names of volumes and containers: https://docs.docker.com/reference/api/engine/
const nameGrammar = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/** A name that volumes and containers can be named after; throws SECRETS_REJECTED for another one. */
export function checkedName(name: string): string {
  if (nameGrammar.test(name)) return name;
  throw rejected('a container', `"${name}"`, 'expected at most 63 letters, digits, dots, underscores and hyphens');
}

/** The place alone, its names checked. */
export function placeOf({ service, slot }: SecretsPlace): SecretsPlace & Readonly<Record<string, string>> {
  return { service: checkedName(service), ...(slot === undefined ? {} : { slot: checkedName(slot) }) };
}

/** The same as events tell it. */
export function toldOf({ service, slot }: SecretsPlace): { readonly service: string; readonly slot: string | null } {
  return { service, slot: slot ?? null };
}

/** `shop.production.api.blue.secrets` */
export function volumeName(
  { project, environment }: { readonly project: string; readonly environment: string },
  { service, slot }: SecretsPlace,
): string {
  return [project, environment, service, ...(slot === undefined ? [] : [slot]), 'secrets'].join('.');
}
