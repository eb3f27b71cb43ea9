import type { RoutedService } from '../ports/router.ts';

export interface RequestLine {
  /** The Host header, with or without a port. */
  readonly host: string | undefined;
  /** The request target, such as `/api/items?page=2`. */
  readonly url: string | undefined;
}

/** Finds the service a request is for: a named host before any host, then the longest path prefix. */
export function matchRoute(services: readonly RoutedService[], request: RequestLine): string | undefined {
  const host = hostName(request.host);
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  return byRank(services, host, (prefix) => hasPrefix(path, prefix))[0];
}

/** A prefix of paths, and who wants requests below it, the first one first. */
export interface RoutePrefix {
  readonly path: string;
  readonly services: readonly string[];
}

/** The prefixes that tell requests of a host apart, the longest first; null stands for every host that no route names. */
export function prefixesOf(services: readonly RoutedService[], host: string | null): readonly RoutePrefix[] {
  const routes = services.flatMap(({ route }) => (route !== null && answersTo(route.host, host) ? [route] : []));
  const paths = [...new Set(routes.map(({ path }) => stemOf(path)))].sort((a, b) => b.length - a.length);
  return paths.map((path) => ({ path, services: byRank(services, host, (prefix) => hasPrefix(path, prefix)) }));
}

/** Those whose route covers a host and path, best first; of equals the one named first. */
function byRank(
  services: readonly RoutedService[],
  host: string | null,
  covers: (prefix: string) => boolean,
): readonly string[] {
  const rank = (route: { readonly host: string | null; readonly path: string }) =>
    (route.host === null ? 0 : 1_000_000) + route.path.length;
  return services
    .flatMap(({ name, route }) =>
      route !== null && answersTo(route.host, host) && covers(route.path) ? [{ name, rank: rank(route) }] : [],
    )
    .sort((a, b) => b.rank - a.rank)
    .map(({ name }) => name);
}

function answersTo(wanted: string | null, host: string | null): boolean {
  return wanted === null || wanted.toLowerCase() === host;
}

function hostName(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:\d+$/, '');
}

function hasPrefix(path: string, prefix: string): boolean {
  const stem = stemOf(prefix);
  return path === stem || path.startsWith(`${stem}/`);
}

function stemOf(prefix: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}
