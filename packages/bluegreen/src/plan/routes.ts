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
  let best: { readonly name: string; readonly rank: number } | undefined;
  for (const { name, route } of services) {
    if (route === null) continue;
    if (route.host !== null && route.host.toLowerCase() !== host) continue;
    if (!hasPrefix(path, route.path)) continue;
    const rank = (route.host === null ? 0 : 1_000_000) + route.path.length;
    if (best === undefined || rank > best.rank) best = { name, rank };
  }
  return best?.name;
}

function hostName(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:\d+$/, '');
}

function hasPrefix(path: string, prefix: string): boolean {
  const stem = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  return path === stem || path.startsWith(`${stem}/`);
}
