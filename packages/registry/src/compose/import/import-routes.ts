import type { Report } from './compose-finding.ts';
import type { ImportedService } from './import-service.ts';

type Route = NonNullable<ImportedService['route']>;

export interface ImportedRoutes {
  readonly of: ReadonlyMap<string, Route>;
  /** Where the environment is reached. */
  readonly proxy: Readonly<Record<string, unknown>>;
}

const defaultPort = 8080;

/**
 * Who gets which requests: where each published service had a port of its own, the environment has one for all. The first one
 * gets what no other wants, further ones have a host each.
 */
export function routesOf({
  services,
  proxy,
  report,
}: {
  readonly services: ReadonlyMap<string, ImportedService>;
  /** Of a rendered file's own proxy. */
  readonly proxy: Readonly<Record<string, unknown>> | null;
  readonly report: Report;
}): ImportedRoutes {
  const routes = new Map<string, Route>();
  for (const [name, { route }] of services) if (route !== null) routes.set(name, route);
  const published = [...services].flatMap(([name, service]) =>
    service.published === null ? [] : [{ name, ...service.published }],
  );
  const [first] = published;
  const port = first?.port ?? defaultPort;
  let isTaken = [...routes.values()].some(({ host, path }) => host === undefined && path === '/');
  for (const { name, port: own } of published) {
    if (routes.has(name)) continue;
    const host = `${name.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-')}.localhost`;
    routes.set(name, isTaken ? { host, path: '/' } : { path: '/' });
    if (isTaken) {
      const where = own === null ? 'a port of its own' : `port ${own}`;
      report(
        ['services', name, 'ports'],
        `published at ${where}; an environment has one port`,
        `it answers at http://${host}${port === 80 ? '' : `:${port}`}/ now; give its route a host or a path`,
      );
    }
    isTaken = true;
  }
  return { of: routes, proxy: proxy ?? { ...(typeof first?.host === 'string' ? { host: first.host } : {}), port } };
}
