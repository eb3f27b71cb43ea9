// No service of a registry can have the names here: theirs have no underscores.

/** The compose service that passes requests on. */
export const proxyName = 'maestro_proxy';

/** What it is an image of, where the registry names none. */
export const defaultProxyImage = 'nginx:stable-bookworm';

/** What compose services that build base images are called, before the name of the base. */
export const basePrefix = 'maestro_base_';

// What a compose file has no word for.
export const routeLabel = 'maestro.route';
export const strategyLabel = 'maestro.strategy';

/** What the image of a service is called that compose builds. */
export function composeImage(project: string, environment: string, service: string): string {
  return `${project}-${service}:compose-${environment}`;
}
